//! Small stories, word for word.

mod support;

use expect_test::{Expect, expect};
use protocol::script::Play;
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{ClientAction, Command, Direction, Family, LoopRule, Nanos, Setting, SocketOption, Transport};
use support::Person;

/// A person with a wire of 10 ms each way, and the introduction behind them.
fn person() -> Person {
    let mut person = Person::new(1);
    person.ms(1);
    delay(&mut person, 10);
    person.forget();
    person
}

fn delay(person: &mut Person, millis: u64) {
    for way in [Way::ToServer, Way::ToClient] {
        wire(
            person,
            WireAction::Conditions(way, Conditions { delay: Nanos::from_millis(millis), ..Conditions::default() }),
        );
    }
}

fn wire(person: &mut Person, action: WireAction) {
    person.order(Command::Wire(action)).expect("it is in range");
}

/// The story without what is the same in all of them.
fn is(person: &Person, expected: &Expect) {
    let dull = |line: &&str| {
        let words = ["Queue=", "Delivered", "Scheduled", "program ", "socket fd 3 - ", "Socket {", "flow ", "command "];
        !words.iter().any(|word| line.contains(word)) || line.contains(" <- command")
    };
    let seen = person.seen();
    let told: Vec<_> = seen.lines().filter(dull).map(str::trim_end).collect();
    expected.assert_eq(&(told.join("\n") + "\n"));
}

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

#[test]
fn nobody_listening() {
    let mut person = person();
    person.open("a", &Play { to_nobody: true, ..Play::new(Transport::Tcp) });
    person.tell("a", ClientAction::Connect);
    person.ms(50);
    person.open("u", &Play { to_nobody: true, ..Play::new(Transport::Udp) });
    person.tell("u", ClientAction::Connect);
    person.tell("u", ClientAction::Reading(false));
    person.send("u", "x");
    person.ms(50);
    person.send("u", "y");
    person.ms(50);
    let six = Play { to_nobody: true, family: Family::Ipv6, connected: false, ..Play::new(Transport::Udp) };
    person.open("v", &six);
    person.send("v", "x");
    person.ms(50);
    person.send("v", "y");
    person.ms(50);
    is(
        &person,
        &expect![[r#"
            56       1.014 client  program TCP client  <- command 3
            58       1.015 client  Socket { family: Ipv4, transport: Tcp }  <- command 3
            61       1.016 client s5  connect(10.0.0.2:9)  <- command 4
            62       1.016 client s5  socket fd 3 10.0.0.1:42545 -> 10.0.0.2:9
            64       1.016 client s5  SYN_SENT  <- 61
            65       1.018 client s5  packet 1 Sent SYN len 0  <- 61
            69      11.022 server  packet 2 Sent RST,ACK len 0  <- 68
            72      21.024 client s5  SYN_SENT -> CLOSED  <- 71
            73      21.024 client s5  Timer=0
            74      21.024 client s5  connect(10.0.0.2:9) = ECONNREFUSED  <- 71
            76      51.014 client  program UDP client  <- command 5
            80      51.015 client  Socket { family: Ipv4, transport: Udp }  <- command 5
            83      51.016 client s6  connect(10.0.0.2:9)  <- command 6
            84      51.016 client s6  socket fd 3 10.0.0.1:42546 -> 10.0.0.2:9
            86      51.016 client s6  connect(10.0.0.2:9) = Done
            87      51.017 client s6  send(1)  <- command 8
            88      51.019 client s6  packet 3 Sent UDP len 1 of 1  <- 87
            90      51.019 client s6  send(1) = Bytes(1) datagram 1
            92      61.023 server  packet 4 Sent ICMP 3/3  <- 91
            96     101.015 client s6  send(1)  <- command 9
            97     101.015 client s6  send(1) = ECONNREFUSED datagram 2
            99     151.014 client  program UDP client  <- command 10
            101    151.015 client  Socket { family: Ipv6, transport: Udp }  <- command 10
            104    151.015 client s7  socket fd 3 [fd00::1]:42547 -> -
            106    151.016 client s7  sendto(1, [fd00::2]:9)  <- command 11
            107    151.018 client s7  packet 5 Sent UDP len 1 of 1  <- 106
            109    151.018 client s7  sendto(1, [fd00::2]:9) = Bytes(1) datagram 3
            110    151.019 client s7  recvfrom(1024)
            112    161.022 server  packet 6 Sent ICMP 1/4  <- 111
            116    201.015 client s7  sendto(1, [fd00::2]:9)  <- command 12
            117    201.017 client s7  packet 7 Sent UDP len 1 of 1  <- 116
            119    201.017 client s7  sendto(1, [fd00::2]:9) = Bytes(1) datagram 4
            121    211.021 server  packet 8 Sent ICMP 1/4  <- 120
        "#]],
    );
}

#[test]
fn a_connect_without_an_answer_is_given_up() {
    let mut person = person();
    wire(&mut person, WireAction::Cut(true));
    person.open("a", &Play::new(Transport::Tcp));
    person.tell("a", ClientAction::Connect);
    person.ms(10_000);
    is(
        &person,
        &expect![[r#"
            57       1.014 client  program TCP client  <- command 4
            59       1.015 client  Socket { family: Ipv4, transport: Tcp }  <- command 4
            62       1.016 client s5  connect(10.0.0.2:808)  <- command 5
            63       1.016 client s5  socket fd 3 10.0.0.1:42545 -> 10.0.0.2:808
            65       1.016 client s5  SYN_SENT  <- 62
            66       1.018 client s5  packet 1 Sent SYN len 0  <- 62
            67       1.018 client s5  packet 1 Dropped(Cut)  <- 66
            69    1001.018 client s5  packet 2 Sent SYN len 0  <- Retransmission
            70    1001.018 client s5  packet 2 Dropped(Cut)  <- 69
            71    1001.018 client s5  note SynRetriesShortened []
            72    1001.018 client s5  TimerExpires=1999998
            73    3001.018 client s5  packet 3 Sent SYN len 0  <- Retransmission
            74    3001.018 client s5  packet 3 Dropped(Cut)  <- 73
            75    3001.018 client s5  TimerExpires=3999998
            76    7001.016 client s5  SYN_SENT -> CLOSED  <- Retransmission
            77    7001.016 client s5  connect(10.0.0.2:808) = ETIMEDOUT  <- Retransmission
        "#]],
    );
}

#[test]
fn a_long_datagram_goes_in_fragments_and_is_cut_by_recvfrom() {
    let mut person = person();
    person.open("u", &Play::new(Transport::Udp));
    person.tell("u", ClientAction::Connect);
    person.send("u", vec![b'a'; 2_000]);
    person.ms(50);
    is(
        &person,
        &expect![[r#"
            56       1.014 client  program UDP client  <- command 3
            59       1.015 client  Socket { family: Ipv4, transport: Udp }  <- command 3
            62       1.016 client s5  connect(10.0.0.2:8080)  <- command 4
            63       1.016 client s5  socket fd 3 10.0.0.1:42545 -> 10.0.0.2:8080
            65       1.016 client s5  connect(10.0.0.2:8080) = Done
            66       1.017 client s5  send(2000)  <- command 5
            67       1.019 client s5  packet 1 Sent UDP len 1472 of 2000  <- 66
            69       1.021 client s5  packet 2 Sent fragment len 528  <- 66
            71       1.021 client s5  send(2000) = Bytes(2000) datagram 1
            72       1.022 client s5  recv(1024)
            77      11.023 server s3  recvfrom(1024) = From(1024, Inet(10.0.0.1:42545)) datagram 1  <- 74
            78      11.023 server s3  note DatagramCut [Count(1024), Count(976)]
            79      11.024 server s3  sendto(1024, 10.0.0.1:42545)
            80      11.026 server s3  packet 3 Sent UDP len 1024 of 1024  <- 79
            82      11.026 server s3  sendto(1024, 10.0.0.1:42545) = Bytes(1024) datagram 2
            83      11.027 server s3  recvfrom(1024)
            87      21.028 client s5  recv(1024) = Bytes(1024) datagram 2  <- 85
        "#]],
    );
}

#[test]
fn an_abort_resets_and_the_server_hears_of_it() {
    let mut person = person();
    person.open("a", &Play::new(Transport::Tcp));
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    person.forget();
    person.tell("a", ClientAction::Abort);
    person.ms(100);
    is(
        &person,
        &expect![[r#"
            91     101.015 client s5  Abort  <- command 5
            92     101.015 client s5  Abort = Done
            93     101.015 client s5  ESTABLISHED -> CLOSED  <- 91
            94     101.017 client s5  packet 4 Sent RST,ACK len 0  <- 91
            96     101.017 client s5  Closed  <- 91
            97     101.017 client  Ended  <- command 5
            99     111.019 server s6  ESTABLISHED -> CLOSED  <- 98
            100    111.019 server s6  recv(1024) = ECONNRESET  <- 98
            101    111.020 server s6  Close
            102    111.020 server s6  Close = Done
            103    111.020 server s6  Closed  <- 101
            104    111.021 server s1  Accept
        "#]],
    );
}

#[test]
fn writing_after_the_peer_closed_ends_in_a_broken_pipe() {
    let mut person = person();
    person.open("a", &Play { rule: LoopRule::Once, ..Play::new(Transport::Tcp) });
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    person.forget();
    let socket = person.witness.peer_socket("a").expect("it was accepted");
    person.server(protocol::ServerAction::HangUp(socket));
    person.ms(100);
    person.send("a", "one");
    person.ms(100);
    person.send("a", "two");
    person.ms(100);
    is(
        &person,
        &expect![[r#"
            91     101.014 server s6  recv(1024) = Cancelled
            92     101.015 server s6  Close  <- command 5
            93     101.015 server s6  Close = Done
            94     101.015 server s6  ESTABLISHED -> FIN_WAIT_1  <- 92
            95     101.017 server s6  packet 4 Sent FIN,ACK len 0  <- 92
            97     101.018 server s1  Accept
            99     111.019 client s5  ESTABLISHED -> CLOSE_WAIT  <- 98
            100    111.021 client s5  packet 5 Sent ACK len 0  <- 98
            103    121.023 server s6  FIN_WAIT_1 -> FIN_WAIT_2  <- 102
            105    201.015 client s5  send(3)  <- command 6
            106    201.017 client s5  packet 6 Sent ACK,PSH len 3  <- 105
            109    201.017 client s5  send(3) = Bytes(3) bytes 0..3
            110    201.018 client s5  recv(1024)
            111    201.018 client s5  recv(1024) = Bytes(0)
            113    211.019 server s6  FIN_WAIT_2 -> CLOSED  <- 112
            114    211.021 server s6  packet 7 Sent RST,ACK len 0  <- 112
            116    211.021 server s6  Closed  <- 112
            118    221.023 client s5  CLOSE_WAIT -> CLOSED  <- 117
            120    301.015 client s5  send(3)  <- command 7
            121    301.015 client s5  send(3) = EPIPE
        "#]],
    );
}

#[test]
fn a_half_closed_client_still_receives() {
    let mut person = person();
    person.set(Setting::Think(Nanos::from_millis(300)));
    person.open("a", &Play { rule: LoopRule::UntilEof, ..Play::new(Transport::Tcp) });
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    person.forget();
    person.send("a", "late");
    person.tell("a", ClientAction::Shutdown(Direction::Out));
    person.ms(1_000);
    is(
        &person,
        &expect![[r#"
            94     101.015 client s5  send(4)  <- command 6
            95     101.017 client s5  packet 4 Sent ACK,PSH len 4  <- 94
            98     101.017 client s5  send(4) = Bytes(4) bytes 0..4
            99     101.018 client s5  Shutdown { how: Out }  <- command 7
            100    101.018 client s5  ESTABLISHED -> FIN_WAIT_1  <- 99
            101    101.020 client s5  packet 5 Sent FIN,ACK len 0  <- 99
            103    101.020 client s5  Shutdown { how: Out } = Done
            106    111.019 server s6  recv(1024) = Bytes(4) bytes 0..4 b"late"  <- 104
            107    111.020 server s6  Think { time: Nanos(300000000) }
            109    111.022 server s6  ESTABLISHED -> CLOSE_WAIT  <- 108
            111    151.021 server s6  packet 6 Sent ACK len 0  <- DelayedAck
            114    161.023 client s5  FIN_WAIT_1 -> FIN_WAIT_2  <- 113
            116    411.020 server s6  Think { time: Nanos(300000000) } = Done
            117    411.021 server s6  send(4)
            118    411.023 server s6  packet 7 Sent ACK,PSH len 4  <- 117
            121    411.023 server s6  send(4) = Bytes(4) bytes 0..4
            122    411.024 server s6  recv(1024)
            123    411.024 server s6  recv(1024) = Bytes(0)
            124    411.025 server s6  Close
            125    411.025 server s6  Close = Done
            126    411.025 server s6  CLOSE_WAIT -> LAST_ACK  <- 124
            127    411.027 server s6  packet 8 Sent FIN,ACK len 0  <- 124
            129    411.028 server s1  Accept
            132    421.025 client s5  recv(1024) = Bytes(4) bytes 0..4 b"LATE"  <- 130
            133    421.026 client s5  recv(1024)
            135    421.029 client s5  FIN_WAIT_2 -> TIME_WAIT  <- 134
            136    421.029 client s5  note StackDiffers [Text("TIME_WAIT = 10 s")]
            137    421.029 client s5  recv(1024) = Bytes(0)  <- 134
            139    461.027 client s5  packet 9 Sent ACK len 0  <- DelayedAck
            142    471.029 server s6  LAST_ACK -> CLOSED  <- 141
            143    471.029 server s6  Closed  <- 141
        "#]],
    );
}
