//! What is refused, given up, cut or reset.

use crate::{is, person, wire};
use expect_test::expect;
use protocol::script::Play;
use protocol::wire::WireAction;
use protocol::{ClientAction, Direction, Family, LoopRule, Nanos, Setting, Transport};

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
