//! The table of whole exchanges, which two stacks and two Linux kernels told, word for word as it is read.

use super::*;
use crate::i18n::Lang;
use crate::model::played::Person;
use crate::model::story::tell_packets::{loopback_hello, lost_segment};
use expect_test::Expect;
use protocol::script::Play;
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{ClientAction, Command, Event, Transport};

/// A person with a wire of 10 ms each way, and the introduction behind them.
fn person() -> Person {
    let mut person = Person::new(1);
    person.ms(1);
    let delay = Conditions { delay: Nanos::from_millis(10), ..Conditions::default() };
    for way in [Way::ToServer, Way::ToClient] {
        person.order(Command::Wire(WireAction::Conditions(way, delay.clone()))).unwrap();
    }
    person
}

fn story(events: &[Event]) -> Story {
    let mut story = Story::new();
    events.iter().for_each(|event| story.push(event));
    story
}

/// The rows from a time on, as they are read.
fn is(story: &Story, from: Nanos, expected: &Expect) {
    let say = Lang::En.words().ladder.say;
    let (rows, ..) = rows(story, Filter::default(), None, 1_000, story.latest());
    let line = |row: &Row| {
        let result = row.result.as_ref().map(say).unwrap_or_default().replace('\n', " ");
        let bad = if row.bad { " !" } else { "" };
        let line = [wording::moment(row.at), row.who.clone(), say(&row.what), result + bad].join(" | ");
        line.trim_end_matches([' ', '|']).to_owned() + "\n"
    };
    expected.assert_eq(&rows.iter().filter(|row| row.at >= from).map(line).collect::<String>());
}

const INTRODUCED: Nanos = Nanos::from_micros(1_010);

#[test]
fn hello_over_tcp() {
    let mut person = person();
    person.open("a", &Play::new(Transport::Tcp));
    person.tell("a", ClientAction::Connect);
    person.ms(100);
    person.send("a", "hello");
    person.ms(200);
    person.tell("a", ClientAction::Close);
    person.ms(200);
    is(
        &story(person.events()),
        INTRODUCED,
        &expect![[r#"
        1.01 ms |  | you set how the wire behaves
        1.01 ms |  | you set how the wire behaves
        1.01 ms |  | you opened a client
        1.01 ms | TCP client | you chose connect()
        1.01 ms | TCP client | socket(AF_INET, SOCK_STREAM) | fd 3
        1.01 ms | TCP client | connect(10.0.0.2:808)
        1.01 ms | TCP client | SYN_SENT | 10.0.0.1:42545
        1.01 ms | 10.0.0.1:42545 → 10.0.0.2:808 | SYN | sent
        11.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | SYN | arrived
        11.02 ms | TCP echo server | 10.0.0.1:42545, half open: its handshake is under way
        11.02 ms | TCP echo server | SYN_RECV | 10.0.0.2:808
        11.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | SYN, ACK | sent
        21.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | SYN, ACK | arrived
        21.02 ms | TCP client | ESTABLISHED | 10.0.0.1:42545
        21.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 1 | sent
        21.02 ms | TCP client | connect(10.0.0.2:808) | 0, waited 20 ms
        31.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 1 | arrived
        31.02 ms | TCP echo server | ESTABLISHED | 10.0.0.2:808
        31.02 ms | TCP echo server | accept() | conn :42545, waited 31 ms
        31.02 ms | TCP echo server | recv(1024)
        101.01 ms | TCP client | you chose send()
        101.01 ms | TCP client | send(5)
        101.01 ms | 10.0.0.1:42545 → 10.0.0.2:808 | 5 bytes, 1–5 | sent
        101.01 ms | TCP client | send(5) | 5 A
        101.01 ms | TCP client | recv(1024)
        111.01 ms | 10.0.0.1:42545 → 10.0.0.2:808 | 5 bytes, 1–5 | arrived
        111.01 ms | TCP echo server | recv(1024) | 5 A, waited 79 ms
        111.02 ms | TCP echo server | send(5)
        111.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | 5 bytes, 1–5 | sent
        111.02 ms | TCP echo server | send(5) | 5 A′
        111.02 ms | TCP echo server | recv(1024)
        121.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | 5 bytes, 1–5 | arrived
        121.02 ms | TCP client | recv(1024) | 5 A′, waited 20 ms
        161.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 6 | sent
        171.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 6 | arrived
        301.01 ms | TCP client | you chose close()
        301.01 ms | TCP client | close() | 0
        301.01 ms | TCP client | FIN_WAIT_1 | 10.0.0.1:42545
        301.01 ms | 10.0.0.1:42545 → 10.0.0.2:808 | FIN, ACK | sent
        301.01 ms | TCP client | exit
        311.01 ms | 10.0.0.1:42545 → 10.0.0.2:808 | FIN, ACK | arrived
        311.01 ms | TCP echo server | CLOSE_WAIT | 10.0.0.2:808
        311.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | ACK 7 | sent
        311.02 ms | TCP echo server | recv(1024) | 0, waited 199 ms
        311.02 ms | TCP echo server | close() | 0
        311.02 ms | TCP echo server | LAST_ACK | 10.0.0.2:808
        311.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | FIN, ACK | sent
        311.02 ms | TCP echo server | accept() | waiting, which is normal: 20 ms
        321.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | ACK 7 | arrived
        321.02 ms | TCP client | FIN_WAIT_2 | 10.0.0.1:42545
        321.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | FIN, ACK | arrived
        321.02 ms | TCP client | TIME_WAIT | 10.0.0.1:42545
        321.02 ms | TCP client | here the stack in the page differs from a kernel: TIME_WAIT = 10 s
        321.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 7 | sent
        331.03 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 7 | arrived
        331.03 ms | TCP echo server | CLOSED | 10.0.0.2:808
        331.03 ms | TCP echo server | closed
    "#]],
    );
}

#[test]
fn hello_on_the_loopback_interface() {
    is(
        &loopback_hello().story(),
        INTRODUCED,
        &expect![[r#"
        1.02 ms | TCP echo server | accept()
        1.10 ms | client 1 | connect(127.0.0.1:8808)
        1.11 ms | 127.0.0.1:41022 → 127.0.0.1:8808 | SYN | arrived
        1.12 ms | 127.0.0.1:8808 → 127.0.0.1:41022 | SYN, ACK | arrived
        1.12 ms | 127.0.0.1:41022 → 127.0.0.1:8808 | ACK 1 | arrived
        1.15 ms | TCP echo server | 127.0.0.1:41022, waits to be accepted | 1 of 6 waiting
        1.15 ms | client 1 | ESTABLISHED | 127.0.0.1:41022
        1.16 ms | client 1 | connect(127.0.0.1:8808) | 0
        1.20 ms | TCP echo server | accept() | conn :41022
        1.20 ms | TCP echo server | ESTABLISHED | 127.0.0.1:8808
        1.21 ms | TCP echo server | recv(1024)
        2.00 ms | client 1 | send(5)
        2.01 ms | 127.0.0.1:41022 → 127.0.0.1:8808 | 5 bytes, 1–5 | arrived
        2.01 ms | 127.0.0.1:8808 → 127.0.0.1:41022 | ACK 6 | arrived
        2.03 ms | client 1 | send(5) | 5 A
        2.04 ms | client 1 | recv(1024)
        2.06 ms | TCP echo server | recv(1024) | 5 A
        2.07 ms | TCP echo server | send(5)
        2.08 ms | 127.0.0.1:8808 → 127.0.0.1:41022 | 5 bytes, 1–5 | arrived
        2.08 ms | 127.0.0.1:41022 → 127.0.0.1:8808 | ACK 6 | arrived
        2.09 ms | TCP echo server | send(5) | 5 A′
        2.12 ms | client 1 | recv(1024) | 5 A′
    "#]],
    );
}

#[test]
fn a_lost_segment_between_two_linux_kernels() {
    is(
        &lost_segment(20, false).story(),
        Nanos(0),
        &expect![[r#"
        6.30 ms | TCP server | socket(AF_INET, SOCK_STREAM) | fd 3
        6.32 ms | TCP server | bind(10.0.0.2:808) | 0
        6.34 ms | TCP server | listen(5) | 0
        6.51 ms | TCP server | accept()
        16.72 ms | TCP client | connect(10.0.0.2:808)
        16.98 ms | 10.0.0.1:41022 → 10.0.0.2:808 | SYN | sent
        16.98 ms | TCP client | SYN_SENT | 10.0.0.1:41022
        37.22 ms | 10.0.0.1:41022 → 10.0.0.2:808 | SYN | arrived
        37.22 ms | TCP server | SYN_RECV | 10.0.0.2:808
        37.22 ms | TCP server | 10.0.0.1:41022, half open: its handshake is under way
        37.40 ms | 10.0.0.2:808 → 10.0.0.1:41022 | SYN, ACK | sent
        57.62 ms | 10.0.0.2:808 → 10.0.0.1:41022 | SYN, ACK | arrived
        57.62 ms | TCP client | ESTABLISHED | 10.0.0.1:41022
        57.82 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 1 | sent
        57.89 ms | TCP client | connect(10.0.0.2:808) | 0, waited 41 ms
        57.96 ms | TCP client | send(3000) | 3000 A
        58.04 ms | TCP client | recv(1024)
        58.11 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 1448 bytes, 1–1448 | sent
        58.15 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 1448 bytes, 1449–2896 | sent
        58.15 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 1448 bytes, 1449–2896 | held
        58.15 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 1448 bytes, 1449–2896 | dropped by you !
        58.19 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 104 bytes, 2897–3000 | sent
        77.99 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 1 | arrived
        77.99 ms | TCP server | ESTABLISHED | 10.0.0.2:808, waits to be accepted, 1 of 6 waiting
        78.29 ms | TCP server | accept() | conn :41022, waited 71 ms
        78.34 ms | TCP server | recv(1024)
        78.38 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 1448 bytes, 1–1448 | arrived
        78.43 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 104 bytes, 2897–3000 | arrived
        78.48 ms | 10.0.0.2:808 → 10.0.0.1:41022 | ACK 1449 | sent
        78.52 ms | 10.0.0.2:808 → 10.0.0.1:41022 | ACK 1449, SACK 2897–3000 | sent
        78.54 ms | TCP server | recv(1024) | 1024 A
        78.58 ms | TCP server | send(1024) | 1024 A′
        78.63 ms | TCP server | recv(1024) | 424 A
        78.65 ms | TCP server | send(424) | 424 A′
        78.66 ms | TCP server | recv(1024)
        78.69 ms | 10.0.0.2:808 → 10.0.0.1:41022 | 1024 bytes, 1–1024 | sent
        78.71 ms | 10.0.0.2:808 → 10.0.0.1:41022 | 424 bytes, 1025–1448 | sent
        98.65 ms | 10.0.0.2:808 → 10.0.0.1:41022 | ACK 1449 | arrived
        98.73 ms | 10.0.0.2:808 → 10.0.0.1:41022 | ACK 1449, SACK 2897–3000 | arrived
        98.75 ms | 10.0.0.2:808 → 10.0.0.1:41022 | 1024 bytes, 1–1024 | arrived
        98.79 ms | 10.0.0.2:808 → 10.0.0.1:41022 | 424 bytes, 1025–1448 | arrived
        98.86 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 1025 | sent
        98.89 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 1449 | sent
        98.91 ms | TCP client | recv(1024) | 1024 A′, waited 40 ms
        98.95 ms | TCP client | recv(1024) | 424 A′
        98.97 ms | TCP client | recv(1024)
        119.01 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 1025 | arrived
        119.07 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 1449 | arrived
        122.32 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 1448 bytes, 1449–2896 | sent again
        142.51 ms | 10.0.0.1:41022 → 10.0.0.2:808 | 1448 bytes, 1449–2896 | arrived
        142.67 ms | 10.0.0.2:808 → 10.0.0.1:41022 | ACK 3001 | sent
        142.71 ms | TCP server | recv(1024) | 1024 A, waited 64 ms
        142.74 ms | TCP server | send(1024) | 1024 A′
        142.79 ms | TCP server | recv(1024) | 528 A
        142.80 ms | TCP server | send(528) | 528 A′
        142.84 ms | 10.0.0.2:808 → 10.0.0.1:41022 | 1024 bytes, 1449–2472 | sent
        142.85 ms | 10.0.0.2:808 → 10.0.0.1:41022 | 528 bytes, 2473–3000 | sent
        162.83 ms | 10.0.0.2:808 → 10.0.0.1:41022 | ACK 3001 | arrived
        162.91 ms | 10.0.0.2:808 → 10.0.0.1:41022 | 1024 bytes, 1449–2472 | arrived
        162.95 ms | TCP client | recv(1024) | 1024 A′, waited 63 ms
        163.00 ms | TCP client | recv(1024) | 528 A′
        163.02 ms | 10.0.0.2:808 → 10.0.0.1:41022 | 528 bytes, 2473–3000 | arrived
        163.10 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 3001 | sent
        163.23 ms | 10.0.0.1:41022 → 10.0.0.2:808 | FIN, ACK | sent
        163.23 ms | TCP client | FIN_WAIT_1 | 10.0.0.1:41022
        183.24 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 3001 | arrived
        183.31 ms | 10.0.0.1:41022 → 10.0.0.2:808 | FIN, ACK | arrived
        183.31 ms | TCP server | CLOSE_WAIT | 10.0.0.2:808
        183.48 ms | 10.0.0.2:808 → 10.0.0.1:41022 | FIN, ACK | sent
        203.65 ms | 10.0.0.2:808 → 10.0.0.1:41022 | FIN, ACK | arrived
        203.82 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 3002 | sent
        223.97 ms | 10.0.0.1:41022 → 10.0.0.2:808 | ACK 3002 | arrived
    "#]],
    );
}

#[test]
fn a_datagram_that_is_cut() {
    let mut person = person();
    person.open("u", &Play { recv_size: 64, ..Play::new(Transport::Udp) });
    person.tell("u", ClientAction::Connect);
    person.send("u", [b'x'; 100]);
    person.ms(200);
    is(
        &story(person.events()),
        INTRODUCED,
        &expect![[r#"
            1.01 ms |  | you set how the wire behaves
            1.01 ms |  | you set how the wire behaves
            1.01 ms |  | you opened a client
            1.01 ms | UDP client | you chose connect()
            1.01 ms | UDP client | you chose send()
            1.01 ms | UDP client | socket(AF_INET, SOCK_DGRAM) | fd 3
            1.01 ms | UDP client | connect(10.0.0.2:8080) | 0
            1.01 ms | UDP client | send(100)
            1.01 ms | 10.0.0.1:42545 → 10.0.0.2:8080 | UDP, 100 bytes | sent
            1.01 ms | UDP client | send(100) | 100 A
            1.02 ms | UDP client | recv(64)
            11.02 ms | 10.0.0.1:42545 → 10.0.0.2:8080 | UDP, 100 bytes | arrived
            11.02 ms | UDP echo server | recvfrom(1024) | 100, 10.0.0.1:42545 A, waited 11 ms
            11.02 ms | UDP echo server | sendto(100, 10.0.0.1:42545)
            11.02 ms | 10.0.0.2:8080 → 10.0.0.1:42545 | UDP, 100 bytes | sent
            11.02 ms | UDP echo server | sendto(100, 10.0.0.1:42545) | 100 A′
            11.02 ms | UDP echo server | recvfrom(1024) | waiting: 20 ms
            21.02 ms | 10.0.0.2:8080 → 10.0.0.1:42545 | UDP, 100 bytes | arrived
            21.02 ms | UDP client | recv(64) | 64 A′, waited 20 ms, ✂ 36 bytes gone
        "#]],
    );
}

#[test]
fn nobody_listens() {
    let mut person = person();
    person.open("a", &Play { to_nobody: true, ..Play::new(Transport::Tcp) });
    person.tell("a", ClientAction::Connect);
    person.ms(50);
    is(
        &story(person.events()),
        INTRODUCED,
        &expect![[r#"
        1.01 ms |  | you set how the wire behaves
        1.01 ms |  | you set how the wire behaves
        1.01 ms |  | you opened a client
        1.01 ms | TCP client | you chose connect()
        1.01 ms | TCP client | socket(AF_INET, SOCK_STREAM) | fd 3
        1.01 ms | TCP client | connect(10.0.0.2:9)
        1.01 ms | TCP client | SYN_SENT | 10.0.0.1:42545
        1.01 ms | 10.0.0.1:42545 → 10.0.0.2:9 | SYN | sent
        11.02 ms | 10.0.0.1:42545 → 10.0.0.2:9 | SYN | arrived
        11.02 ms | 10.0.0.2:9 → 10.0.0.1:42545 | RST, ACK | sent
        21.02 ms | 10.0.0.2:9 → 10.0.0.1:42545 | RST, ACK | arrived
        21.02 ms | TCP client | CLOSED | 10.0.0.1:42545
        21.02 ms | TCP client | connect(10.0.0.2:9) | ECONNREFUSED, waited 20 ms !
    "#]],
    );
}

#[test]
fn a_second_client_waits_in_its_seat() {
    let mut person = person();
    for name in ["a", "b"] {
        person.open(name, &Play::new(Transport::Tcp));
        person.tell(name, ClientAction::Connect);
        person.ms(50);
    }
    person.send("b", "second");
    person.ms(50);
    person.tell("a", ClientAction::Close);
    person.ms(100);
    is(
        &story(person.events()),
        INTRODUCED,
        &expect![[r#"
            1.01 ms |  | you set how the wire behaves
            1.01 ms |  | you set how the wire behaves
            1.01 ms |  | you opened a client
            1.01 ms | TCP client 1 | you chose connect()
            1.01 ms | TCP client 1 | socket(AF_INET, SOCK_STREAM) | fd 3
            1.01 ms | TCP client 1 | connect(10.0.0.2:808)
            1.01 ms | TCP client 1 | SYN_SENT | 10.0.0.1:42545
            1.01 ms | 10.0.0.1:42545 → 10.0.0.2:808 | SYN | sent
            11.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | SYN | arrived
            11.02 ms | TCP echo server | 10.0.0.1:42545, half open: its handshake is under way
            11.02 ms | TCP echo server | SYN_RECV | 10.0.0.2:808
            11.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | SYN, ACK | sent
            21.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | SYN, ACK | arrived
            21.02 ms | TCP client 1 | ESTABLISHED | 10.0.0.1:42545
            21.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 1 | sent
            21.02 ms | TCP client 1 | connect(10.0.0.2:808) | 0, waited 20 ms
            31.02 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 1 | arrived
            31.02 ms | TCP echo server | ESTABLISHED | 10.0.0.2:808
            31.02 ms | TCP echo server | accept() | conn :42545, waited 31 ms
            31.02 ms | TCP echo server | recv(1024)
            51.01 ms |  | you opened a client
            51.01 ms | TCP client 2 | you chose connect()
            51.01 ms | TCP client 2 | socket(AF_INET, SOCK_STREAM) | fd 3
            51.01 ms | TCP client 2 | connect(10.0.0.2:808)
            51.01 ms | TCP client 2 | SYN_SENT | 10.0.0.1:42546
            51.01 ms | 10.0.0.1:42546 → 10.0.0.2:808 | SYN | sent
            61.02 ms | 10.0.0.1:42546 → 10.0.0.2:808 | SYN | arrived
            61.02 ms | TCP echo server | 10.0.0.1:42546, half open: its handshake is under way
            61.02 ms | TCP echo server | SYN_RECV | 10.0.0.2:808
            61.02 ms | 10.0.0.2:808 → 10.0.0.1:42546 | SYN, ACK | sent
            71.02 ms | 10.0.0.2:808 → 10.0.0.1:42546 | SYN, ACK | arrived
            71.02 ms | TCP client 2 | ESTABLISHED | 10.0.0.1:42546
            71.02 ms | 10.0.0.1:42546 → 10.0.0.2:808 | ACK 1 | sent
            71.02 ms | TCP client 2 | connect(10.0.0.2:808) | 0, waited 20 ms
            81.02 ms | 10.0.0.1:42546 → 10.0.0.2:808 | ACK 1 | arrived
            81.02 ms | TCP echo server | ESTABLISHED | 10.0.0.2:808, waits to be accepted, 1 of 6 waiting
            101.01 ms | TCP client 2 | you chose send()
            101.01 ms | TCP client 2 | send(6)
            101.01 ms | 10.0.0.1:42546 → 10.0.0.2:808 | 6 bytes, 1–6 | sent
            101.01 ms | TCP client 2 | send(6) | 6 A
            101.01 ms | TCP client 2 | recv(1024)
            111.01 ms | 10.0.0.1:42546 → 10.0.0.2:808 | 6 bytes, 1–6 | arrived
            151.01 ms | TCP client 1 | you chose close()
            151.01 ms | TCP client 1 | close() | 0
            151.01 ms | TCP client 1 | FIN_WAIT_1 | 10.0.0.1:42545
            151.01 ms | 10.0.0.1:42545 → 10.0.0.2:808 | FIN, ACK | sent
            151.01 ms | TCP client 1 | exit
            151.02 ms | 10.0.0.2:808 → 10.0.0.1:42546 | ACK 7 | sent
            161.01 ms | 10.0.0.1:42545 → 10.0.0.2:808 | FIN, ACK | arrived
            161.01 ms | TCP echo server | CLOSE_WAIT | 10.0.0.2:808
            161.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | ACK 2 | sent
            161.02 ms | 10.0.0.2:808 → 10.0.0.1:42546 | ACK 7 | arrived
            161.02 ms | TCP echo server | recv(1024) | 0, waited 129 ms
            161.02 ms | TCP echo server | close() | 0
            161.02 ms | TCP echo server | LAST_ACK | 10.0.0.2:808
            161.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | FIN, ACK | sent
            161.02 ms | TCP echo server | accept() | conn :42546
            161.02 ms | TCP echo server | recv(1024) | 6 A
            161.02 ms | TCP echo server | send(6)
            161.03 ms | 10.0.0.2:808 → 10.0.0.1:42546 | 6 bytes, 1–6 | sent
            161.03 ms | TCP echo server | send(6) | 6 A′
            161.03 ms | TCP echo server | recv(1024) | waiting: 60 ms
            171.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | ACK 2 | arrived
            171.02 ms | TCP client 1 | FIN_WAIT_2 | 10.0.0.1:42545
            171.02 ms | 10.0.0.2:808 → 10.0.0.1:42545 | FIN, ACK | arrived
            171.02 ms | TCP client 1 | TIME_WAIT | 10.0.0.1:42545
            171.02 ms | TCP client 1 | here the stack in the page differs from a kernel: TIME_WAIT = 10 s
            171.03 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 2 | sent
            171.03 ms | 10.0.0.2:808 → 10.0.0.1:42546 | 6 bytes, 1–6 | arrived
            171.03 ms | TCP client 2 | recv(1024) | 6 A′, waited 70 ms
            181.03 ms | 10.0.0.1:42545 → 10.0.0.2:808 | ACK 2 | arrived
            181.03 ms | TCP echo server | CLOSED | 10.0.0.2:808
            181.03 ms | TCP echo server | closed
            211.03 ms | 10.0.0.1:42546 → 10.0.0.2:808 | ACK 7 | sent
            221.03 ms | 10.0.0.1:42546 → 10.0.0.2:808 | ACK 7 | arrived
        "#]],
    );
}
