//! What is sent arrives, or is sent again.

use crate::{is, person, wire};
use expect_test::expect;
use protocol::script::Play;
use protocol::wire::{Filter, Matches, Verdict, Way, WireAction};
use protocol::{ClientAction, Setting, SocketOption, Transport};

#[test]
fn hello() {
    let mut person = person();
    person.open("a", &Play::new(Transport::Tcp));
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    person.send("a", "hello");
    person.ms(100);
    person.tell("a", ClientAction::Close);
    person.ms(20_000);
    is(
        &person,
        &expect![[r#"
            56       1.014 client  program TCP client  <- command 3
            58       1.015 client  Socket { family: Ipv4, transport: Tcp }  <- command 3
            61       1.016 client s5  connect(10.0.0.2:808)  <- command 4
            62       1.016 client s5  socket fd 3 10.0.0.1:42545 -> 10.0.0.2:808
            64       1.016 client s5  SYN_SENT  <- 61
            65       1.018 client s5  packet 1 Sent SYN len 0  <- 61
            69      11.020 server s6  socket fd - of s1 10.0.0.2:808 -> 10.0.0.1:42545
            71      11.020 server s6  SYN_RECV  <- 68
            73      11.022 server s6  packet 2 Sent SYN,ACK len 0  <- 68
            77      21.024 client s5  SYN_SENT -> ESTABLISHED  <- 76
            78      21.026 client s5  packet 3 Sent ACK len 0  <- 76
            80      21.026 client s5  Timer=0
            81      21.026 client s5  connect(10.0.0.2:808) = Done  <- 76
            83      31.028 server s6  SYN_RECV -> ESTABLISHED  <- 82
            85      31.028 server s6  Timer=0
            86      31.028 server s6  socket fd 4 of s1 10.0.0.2:808 -> 10.0.0.1:42545
            88      31.028 server s1  Accept = s6 from 10.0.0.1:42545  <- 82
            89      31.029 server s6  recv(1024)
            91     101.015 client s5  send(5)  <- command 5
            92     101.017 client s5  packet 4 Sent ACK,PSH len 5  <- 91
            95     101.017 client s5  send(5) = Bytes(5) bytes 0..5
            96     101.018 client s5  recv(1024)
            99     111.019 server s6  recv(1024) = Bytes(5) bytes 0..5 b"hello"  <- 97
            100    111.020 server s6  send(5)
            101    111.022 server s6  packet 5 Sent ACK,PSH len 5  <- 100
            103    111.022 server s6  send(5) = Bytes(5) bytes 0..5
            104    111.023 server s6  recv(1024)
            108    121.024 client s5  recv(1024) = Bytes(5) bytes 0..5 b"HELLO"  <- 106
            110    161.026 client s5  packet 6 Sent ACK len 0  <- DelayedAck
            115    201.015 client s5  Close  <- command 6
            116    201.015 client s5  Close = Done
            117    201.015 client s5  ESTABLISHED -> FIN_WAIT_1  <- 115
            118    201.017 client s5  packet 7 Sent FIN,ACK len 0  <- 115
            120    201.017 client  Ended  <- command 6
            122    211.019 server s6  ESTABLISHED -> CLOSE_WAIT  <- 121
            123    211.021 server s6  packet 8 Sent ACK len 0  <- 121
            125    211.021 server s6  recv(1024) = Bytes(0)  <- 121
            126    211.022 server s6  Close
            127    211.022 server s6  Close = Done
            128    211.022 server s6  CLOSE_WAIT -> LAST_ACK  <- 126
            129    211.024 server s6  packet 9 Sent FIN,ACK len 0  <- 126
            131    211.025 server s1  Accept
            133    221.023 client s5  FIN_WAIT_1 -> FIN_WAIT_2  <- 132
            135    221.026 client s5  FIN_WAIT_2 -> TIME_WAIT  <- 134
            136    221.026 client s5  note StackDiffers [Text("TIME_WAIT = 10 s")]
            137    221.028 client s5  packet 10 Sent ACK len 0  <- 134
            140    231.030 server s6  LAST_ACK -> CLOSED  <- 139
            141    231.030 server s6  Closed  <- 139
            142  10221.026 client s5  TIME_WAIT -> CLOSED  <- TimeWait
            143  10221.026 client s5  Closed  <- TimeWait
        "#]],
    );
}

#[test]
fn a_segment_lost_early_is_sent_again_after_a_second() {
    let mut person = person();
    let options = vec![SocketOption::NoDelay(true)];
    person.open("a", &Play { options, ..Play::new(Transport::Tcp) });
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    person.forget();
    let filter = Filter { way: Some(Way::ToServer), what: Matches::DataSegment, nth: 1 };
    wire(&mut person, WireAction::Catch(Some(filter)));
    person.send("a", "lost");
    person.ms(7);
    let (held, ..) = person.lab.wire().held().next().expect("it was caught");
    wire(&mut person, WireAction::Decide(held, Verdict::Drop));
    person.ms(1_200);
    is(
        &person,
        &expect![[r#"
            94     101.015 client s5  send(4)  <- command 6
            95     101.017 client s5  packet 4 Sent ACK,PSH len 4  <- 94
            97     101.017 client s5  send(4) = Bytes(4) bytes 0..4
            98     101.018 client s5  recv(1024)
            99     106.017 client s5  packet 4 Held(Caught)  <- 95
            101    108.014 client s5  packet 4 Dropped(ByYou)  <- command 7
            102   1101.017 client s5  packet 5 Sent ACK,PSH len 4  <- Retransmission
            104   1101.017 client s5  note StackDiffers [Text("RTO ≥ 1 s, go-back-N")]
            105   1101.017 client s5  TimerExpires=1999998
            108   1111.019 server s6  recv(1024) = Bytes(4) bytes 0..4 b"lost"  <- 106
            109   1111.020 server s6  send(4)
            110   1111.022 server s6  packet 6 Sent ACK,PSH len 4  <- 109
            112   1111.022 server s6  send(4) = Bytes(4) bytes 0..4
            113   1111.023 server s6  recv(1024)
            117   1121.024 client s5  recv(1024) = Bytes(4) bytes 0..4 b"LOST"  <- 115
            119   1161.026 client s5  packet 7 Sent ACK len 0  <- DelayedAck
        "#]],
    );
}

#[test]
fn a_segment_lost_among_many_is_sent_again_after_three_duplicate_acks() {
    let mut person = person();
    person.set(Setting::RecvSize(65_536));
    person.open("a", &Play { recv_size: 65_536, ..Play::new(Transport::Tcp) });
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    // The congestion window must be open before four segments can be under way behind the lost one.
    person.send("a", vec![b'x'; 40_000]);
    person.ms(3_000);
    person.forget();
    let filter = Filter { way: Some(Way::ToServer), what: Matches::DataSegment, nth: 2 };
    wire(&mut person, WireAction::Catch(Some(filter)));
    person.send("a", vec![b'y'; 8 * 1_460]);
    person.ms(7);
    let (held, ..) = person.lab.wire().held().next().expect("it was caught");
    wire(&mut person, WireAction::Decide(held, Verdict::Drop));
    person.ms(500);
    is(
        &person,
        &expect![[r#"
            440   3101.015 client s5  send(11680)  <- command 8
            441   3101.017 client s5  packet 76 Sent ACK len 1460  <- 440
            443   3101.019 client s5  packet 77 Sent ACK len 1460  <- 440
            444   3101.021 client s5  packet 78 Sent ACK len 1460  <- 440
            446   3101.023 client s5  packet 79 Sent ACK len 1460  <- 440
            448   3101.025 client s5  packet 80 Sent ACK len 1460  <- 440
            450   3101.027 client s5  packet 81 Sent ACK len 1460  <- 440
            452   3101.029 client s5  packet 82 Sent ACK len 1460  <- 440
            454   3101.031 client s5  packet 83 Sent ACK,PSH len 1460  <- 440
            457   3101.031 client s5  send(11680) = Bytes(11680) bytes 40000..51680
            458   3101.032 client s5  recv(65536)
            459   3106.019 client s5  packet 77 Held(Caught)  <- 443
            461   3108.014 client s5  packet 77 Dropped(ByYou)  <- command 9
            464   3111.019 server s6  recv(65536) = Bytes(1460) bytes 40000..41460  <- 462
            465   3111.020 server s6  send(1460)
            466   3111.022 server s6  packet 84 Sent ACK,PSH len 1460  <- 465
            468   3111.022 server s6  send(1460) = Bytes(1460) bytes 40000..41460
            469   3111.023 server s6  recv(65536)
            471   3111.027 server s6  packet 85 Sent ACK len 0  <- 470
            474   3111.031 server s6  packet 86 Sent ACK len 0  <- 473
            477   3111.035 server s6  packet 87 Sent ACK len 0  <- 476
            480   3111.039 server s6  packet 88 Sent ACK len 0  <- 479
            483   3111.043 server s6  packet 89 Sent ACK len 0  <- 482
            486   3111.047 server s6  packet 90 Sent ACK len 0  <- 485
            491   3121.024 client s5  recv(65536) = Bytes(1460) bytes 40000..41460  <- 489
            492   3121.025 client s5  recv(65536)
            496   3121.039 client s5  packet 91 Sent ACK len 1460  <- 495
            498   3121.039 client s5  note StackDiffers [Text("SACK: sent, not used")]
            504   3131.043 server s6  packet 92 Sent ACK len 0  <- 503
            507   3131.043 server s6  recv(65536) = Bytes(10220) bytes 41460..51680  <- 503
            508   3131.044 server s6  send(10220)
            509   3131.046 server s6  packet 93 Sent ACK len 1460  <- 508
            511   3131.048 server s6  packet 94 Sent ACK len 1460  <- 508
            513   3131.050 server s6  packet 95 Sent ACK len 1460  <- 508
            515   3131.052 server s6  packet 96 Sent ACK len 1460  <- 508
            517   3131.054 server s6  packet 97 Sent ACK len 1460  <- 508
            519   3131.056 server s6  packet 98 Sent ACK len 1460  <- 508
            521   3131.058 server s6  packet 99 Sent ACK,PSH len 1460  <- 508
            523   3131.058 server s6  send(10220) = Bytes(10220) bytes 41460..51680
            524   3131.059 server s6  recv(65536)
            530   3141.052 client s5  packet 100 Sent ACK len 0  <- 529
            532   3141.052 client s5  recv(65536) = Bytes(2920) bytes 41460..44380  <- 529
            535   3141.058 client s5  packet 101 Sent ACK len 0  <- 534
            537   3141.059 client s5  recv(65536)
            538   3141.059 client s5  recv(65536) = Bytes(2920) bytes 44380..47300
            541   3141.065 client s5  packet 102 Sent ACK len 0  <- 540
            544   3141.068 client s5  recv(65536)
            545   3141.068 client s5  recv(65536) = Bytes(4380) bytes 47300..51680
            551   3181.069 client s5  packet 103 Sent ACK len 0  <- DelayedAck
        "#]],
    );
}

#[test]
fn a_backlog_of_one_holds_two() {
    let mut person = person();
    person.set(Setting::Accepting(false));
    person.set(Setting::Backlog(1));
    person.forget();
    for name in ["a", "b", "c"] {
        person.open(name, &Play::new(Transport::Tcp));
        person.tell(name, ClientAction::Connect);
        person.ms(50);
    }
    person.set(Setting::Accepting(true));
    person.ms(1_000);
    is(
        &person,
        &expect![[r#"
            64       1.016 client  program TCP client  <- command 5
            66       1.016 server s1  Accept = Cancelled
            67       1.016 server s2  Accept = Cancelled
            68       1.017 client  Socket { family: Ipv4, transport: Tcp }  <- command 5
            71       1.018 client s5  connect(10.0.0.2:808)  <- command 6
            72       1.018 client s5  socket fd 3 10.0.0.1:42545 -> 10.0.0.2:808
            74       1.018 client s5  SYN_SENT  <- 71
            75       1.020 client s5  packet 1 Sent SYN len 0  <- 71
            79      11.022 server s6  socket fd - of s1 10.0.0.2:808 -> 10.0.0.1:42545
            81      11.022 server s6  SYN_RECV  <- 78
            83      11.024 server s6  packet 2 Sent SYN,ACK len 0  <- 78
            87      21.026 client s5  SYN_SENT -> ESTABLISHED  <- 86
            88      21.028 client s5  packet 3 Sent ACK len 0  <- 86
            90      21.028 client s5  Timer=0
            91      21.028 client s5  connect(10.0.0.2:808) = Done  <- 86
            93      31.030 server s6  SYN_RECV -> ESTABLISHED  <- 92
            95      31.030 server s6  Timer=0
            97      51.016 client  program TCP client  <- command 7
            99      51.017 client  Socket { family: Ipv4, transport: Tcp }  <- command 7
            102     51.018 client s7  connect(10.0.0.2:808)  <- command 8
            103     51.018 client s7  socket fd 3 10.0.0.1:42546 -> 10.0.0.2:808
            105     51.018 client s7  SYN_SENT  <- 102
            106     51.020 client s7  packet 4 Sent SYN len 0  <- 102
            110     61.022 server s8  socket fd - of s1 10.0.0.2:808 -> 10.0.0.1:42546
            112     61.022 server s8  SYN_RECV  <- 109
            114     61.024 server s8  packet 5 Sent SYN,ACK len 0  <- 109
            118     71.026 client s7  SYN_SENT -> ESTABLISHED  <- 117
            119     71.028 client s7  packet 6 Sent ACK len 0  <- 117
            121     71.028 client s7  Timer=0
            122     71.028 client s7  connect(10.0.0.2:808) = Done  <- 117
            124     81.030 server s8  SYN_RECV -> ESTABLISHED  <- 123
            126     81.030 server s8  Timer=0
            128    101.016 client  program TCP client  <- command 9
            130    101.017 client  Socket { family: Ipv4, transport: Tcp }  <- command 9
            133    101.018 client s9  connect(10.0.0.2:808)  <- command 10
            134    101.018 client s9  socket fd 3 10.0.0.1:42547 -> 10.0.0.2:808
            136    101.018 client s9  SYN_SENT  <- 133
            137    101.020 client s9  packet 7 Sent SYN len 0  <- 133
            140    111.022 server  packet 7 Dropped(AcceptQueueFull)  <- 138
            142    151.017 server s1  Accept
            143    151.017 server s6  socket fd 4 of s1 10.0.0.2:808 -> 10.0.0.1:42545
            145    151.017 server s1  Accept = s6 from 10.0.0.1:42545
            146    151.018 server s2  Accept
            147    151.019 server s6  recv(1024)
            148   1101.020 client s9  packet 8 Sent SYN len 0  <- Retransmission
            150   1101.020 client s9  note SynRetriesShortened []
            151   1101.020 client s9  TimerExpires=1999998
            153   1111.022 server s10  socket fd - of s1 10.0.0.2:808 -> 10.0.0.1:42547
            155   1111.022 server s10  SYN_RECV  <- 152
            157   1111.024 server s10  packet 9 Sent SYN,ACK len 0  <- 152
            161   1121.026 client s9  SYN_SENT -> ESTABLISHED  <- 160
            162   1121.028 client s9  packet 10 Sent ACK len 0  <- 160
            164   1121.028 client s9  Timer=0
            165   1121.028 client s9  connect(10.0.0.2:808) = Done  <- 160
            167   1131.030 server s10  SYN_RECV -> ESTABLISHED  <- 166
            169   1131.030 server s10  Timer=0
        "#]],
    );
}
