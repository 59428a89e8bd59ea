//! What is written, of stories told by hand and of stories that two stacks told.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::*;
use crate::i18n::Lang;
use crate::model::story::tell::three_in_one;
use crate::model::story::tell_packets::{fragments, loopback_hello, lost_segment};
use expect_test::expect;

fn with<R>(story: &Story, lang: Lang, write: impl Fn(&Cast, Speak<'_>) -> R) -> R {
    let say = |what: &Say| (lang.words().ladder.say)(what);
    write(&Cast::around(story, None, false), &say)
}

fn drawn(story: &Story, lang: Lang) -> String {
    with(story, lang, |cast, say| mermaid(story, cast, Filter::default(), story.latest(), say))
}

/// Checks a sequence diagram by the rules of Mermaid's own grammar, as far as they concern what is used of it.
fn check(diagram: &str) {
    let mut lines = diagram.lines();
    assert_eq!(lines.next(), Some("sequenceDiagram"));
    let mut known: Vec<&str> = Vec::new();
    let text = |text: &str| {
        // A text goes to the end of its line; `;` would end it, except at the end of an entity, and `#` begins one.
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('#') {
            let (entity, after) = after.split_once(';').unwrap_or_else(|| panic!("a bare # in {text}"));
            assert!(!before.contains(';'), "a bare ; in {text}");
            assert!(entity.parse::<u32>().is_ok_and(|code| char::from_u32(code).is_some()), "#{entity}; in {text}");
            rest = after;
        }
        assert!(!rest.contains(';') && !text.contains("%%"), "{text}");
        assert!(!text.trim().is_empty(), "an empty text");
        assert!(!text.trim().eq_ignore_ascii_case("end"), "{text} would end a block");
    };
    for line in lines {
        let line = line.strip_prefix("    ").unwrap_or_else(|| panic!("not indented: {line}"));
        if let Some(rest) = line.strip_prefix("participant ") {
            let (id, title) = rest.split_once(" as ").unwrap();
            assert!(id.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !known.contains(&id), "{id}");
            text(&title.replace("<br/>", " "));
            known.push(id);
            continue;
        }
        let is_known = |id: &str| assert!(known.contains(&id), "{id} is no participant: {line}");
        let (head, said) = line.split_once(": ").unwrap_or_else(|| panic!("no text: {line}"));
        text(said);
        if let Some(over) = head.strip_prefix("Note over ") {
            over.split(',').for_each(is_known);
            continue;
        }
        let arrow = ["-->>", "->>", "-x", "-)"].into_iter().find(|arrow| head.contains(arrow)).unwrap();
        let (from, to) = head.split_once(arrow).unwrap();
        is_known(from);
        is_known(to);
    }
}

#[test]
fn a_lost_segment_as_mermaid() {
    let story = lost_segment(20, false).story();
    let diagram = drawn(&story, Lang::En);
    check(&diagram);
    expect![[r#"
        sequenceDiagram
            participant C1 as client program<br/>TCP client
            participant CS1 as client socket<br/>10.0.0.1:41022
            participant SS as server sockets<br/>10.0.0.2:808
            participant S as server program<br/>TCP server
            S->>SS: socket(AF_INET, SOCK_STREAM)
            SS-->>S: = fd 3
            S->>SS: bind(10.0.0.2:808)
            SS-->>S: = 0
            S->>SS: listen(5)
            SS-->>S: = 0
            S->>SS: accept()
            C1->>CS1: connect(10.0.0.2:808)
            Note over CS1: SYN_SENT
            CS1->>SS: SYN
            Note over SS: SYN_RECV
            SS->>CS1: SYN, ACK
            Note over CS1: ESTABLISHED
            CS1-->>C1: = 0
            C1->>CS1: send(3000)
            CS1-->>C1: = 3000  A
            C1->>CS1: recv(1024)
            CS1-xSS: 1448 bytes, 1449–2896 ✗ dropped by you
            CS1->>SS: ACK 1
            Note over SS: ESTABLISHED
            SS-->>S: = conn :41022
            S->>SS: recv(1024)
            CS1->>SS: 1448 bytes, 1–1448
            CS1->>SS: 104 bytes, 2897–3000
            SS-->>S: = 1024  A
            S->>SS: send(1024)
            SS-->>S: = 1024  A′
            S->>SS: recv(1024)
            SS-->>S: = 424  A
            S->>SS: send(424)
            SS-->>S: = 424  A′
            S->>SS: recv(1024)
            SS->>CS1: ACK 1449
            SS->>CS1: ACK 1449, SACK 2897–3000
            SS->>CS1: 1024 bytes, 1–1024
            SS->>CS1: 424 bytes, 1025–1448
            CS1-->>C1: = 1024  A′
            C1->>CS1: recv(1024)
            CS1-->>C1: = 424  A′
            C1->>CS1: recv(1024)
            CS1->>SS: ACK 1025
            CS1->>SS: ACK 1449
            CS1->>SS: 1448 bytes, 1449–2896, sent again
            SS-->>S: = 1024  A
            S->>SS: send(1024)
            SS-->>S: = 1024  A′
            S->>SS: recv(1024)
            SS-->>S: = 528  A
            S->>SS: send(528)
            SS-->>S: = 528  A′
            SS->>CS1: ACK 3001
            SS->>CS1: 1024 bytes, 1449–2472
            CS1-->>C1: = 1024  A′
            C1->>CS1: recv(1024)
            CS1-->>C1: = 528  A′
            SS->>CS1: 528 bytes, 2473–3000
            Note over CS1: FIN_WAIT_1
            CS1->>SS: ACK 3001
            CS1->>SS: FIN, ACK
            Note over SS: CLOSE_WAIT
            SS->>CS1: FIN, ACK
            CS1->>SS: ACK 3002
    "#]]
    .assert_eq(&diagram);
}

#[test]
fn every_story_is_a_diagram_in_every_language() {
    for story in [three_in_one(), loopback_hello(), fragments(), lost_segment(8, true)].map(|tell| tell.story()) {
        for lang in [Lang::En, Lang::Zh] {
            check(&drawn(&story, lang));
        }
    }
    check(&drawn(&Story::new(), Lang::En));
}

#[test]
fn signs_of_the_language_are_entities() {
    let mut tell = three_in_one();
    tell.program(30_000, ProgramId(2), protocol::Role::Client, "end; #1 %% <b>\nParticipant");
    let diagram = drawn(&tell.story(), Lang::En);
    check(&diagram);
    assert!(diagram.contains("<br/>end#59; #35;1 #37;#37; #60;b#62; Participant\n"), "{diagram}");
}

/// With its left edge: a snapshot does not keep what all its lines begin with.
fn edged(text: &str) -> String {
    text.lines().map(|line| ["|", line, "\n"].concat()).collect()
}

#[test]
fn a_lost_segment_as_text() {
    let story = lost_segment(20, false).story();
    let text = with(&story, Lang::En, |cast, say| text(&story, cast, Filter::default(), story.latest(), say));
    expect![[r#"
        |            client program                client socket                        server sockets server program
        |            TCP client                    10.0.0.1:41022                         10.0.0.2:808 TCP server
        |   6.30 ms                                │                                                 │ socket(AF_INET, SOCK_STREAM)
        |   6.31 ms                                │                                                 │ = fd 3
        |   6.32 ms                                │                                                 │ bind(10.0.0.2:808)
        |   6.33 ms                                │                                                 │ = 0
        |   6.34 ms                                │                                                 │ listen(5)
        |   6.35 ms                                │                                                 │ = 0
        |   6.51 ms                                │                                                 │ accept()
        |  16.72 ms  connect(10.0.0.2:808)         │                                                 │
        |  16.98 ms                                │ ─── SYN ──                                      │
        |  16.98 ms                                │  SYN_SENT                                       │
        |  37.22 ms                                │                                       ┄── SYN ─▶│
        |  37.22 ms                                │                                        SYN_RECV │
        |  37.40 ms                                │                                  ─── SYN, ACK ──│
        |  57.62 ms                                │ ◀── SYN, ACK ─┄                                 │
        |  57.62 ms                                │  ESTABLISHED                                    │
        |  57.82 ms                                │ ─── ACK 1 ──                                    │
        |  57.89 ms  = 0                           │                                                 │
        |  57.96 ms  send(3000)                    │                                                 │
        |  58.02 ms  = 3000  A                     │                                                 │
        |  58.04 ms  recv(1024)                    │                                                 │
        |  58.11 ms                                │ ─── 1448 bytes, 1–1448 ──                       │
        |  58.15 ms                                │ ─── 1448 bytes, 1449–2896 ──                    │
        |  58.15 ms                                │ ─── 1448 bytes, 1449–2896 ✗ dropped by you ─✗   │
        |  58.19 ms                                │ ─── 104 bytes, 2897–3000 ──                     │
        |  77.99 ms                                │                                     ┄── ACK 1 ─▶│
        |  77.99 ms                                │                                     ESTABLISHED │
        |  78.29 ms                                │                                                 │ = conn :41022
        |  78.34 ms                                │                                                 │ recv(1024)
        |  78.38 ms                                │                        ┄── 1448 bytes, 1–1448 ─▶│
        |  78.43 ms                                │                      ┄── 104 bytes, 2897–3000 ─▶│
        |  78.48 ms                                │                                  ─── ACK 1449 ──│
        |  78.52 ms                                │                  ─── ACK 1449, SACK 2897–3000 ──│
        |  78.54 ms                                │                                                 │ = 1024  A
        |  78.58 ms                                │                                                 │ send(1024)
        |  78.62 ms                                │                                                 │ = 1024  A′
        |  78.63 ms                                │                                                 │ recv(1024)
        |  78.64 ms                                │                                                 │ = 424  A
        |  78.65 ms                                │                                                 │ send(424)
        |  78.65 ms                                │                                                 │ = 424  A′
        |  78.66 ms                                │                                                 │ recv(1024)
        |  78.69 ms                                │                        ─── 1024 bytes, 1–1024 ──│
        |  78.71 ms                                │                      ─── 424 bytes, 1025–1448 ──│
        |  98.65 ms                                │ ◀── ACK 1449 ─┄                                 │
        |  98.73 ms                                │ ◀── ACK 1449, SACK 2897–3000 ─┄                 │
        |  98.75 ms                                │ ◀── 1024 bytes, 1–1024 ─┄                       │
        |  98.79 ms                                │ ◀── 424 bytes, 1025–1448 ─┄                     │
        |  98.86 ms                                │ ─── ACK 1025 ──                                 │
        |  98.89 ms                                │ ─── ACK 1449 ──                                 │
        |  98.91 ms  = 1024  A′                    │                                                 │
        |  98.95 ms  recv(1024)                    │                                                 │
        |  98.96 ms  = 424  A′                     │                                                 │
        |  98.97 ms  recv(1024)                    │                                                 │
        | 119.01 ms                                │                                  ┄── ACK 1025 ─▶│
        | 119.07 ms                                │                                  ┄── ACK 1449 ─▶│
        | 122.32 ms                                │ ─── 1448 bytes, 1449–2896, sent again ──        │
        | 142.51 ms                                │         ┄── 1448 bytes, 1449–2896, sent again ─▶│
        | 142.67 ms                                │                                  ─── ACK 3001 ──│
        | 142.71 ms                                │                                                 │ = 1024  A
        | 142.74 ms                                │                                                 │ send(1024)
        | 142.78 ms                                │                                                 │ = 1024  A′
        | 142.79 ms                                │                                                 │ recv(1024)
        | 142.79 ms                                │                                                 │ = 528  A
        | 142.80 ms                                │                                                 │ send(528)
        | 142.81 ms                                │                                                 │ = 528  A′
        | 142.84 ms                                │                     ─── 1024 bytes, 1449–2472 ──│
        | 142.85 ms                                │                      ─── 528 bytes, 2473–3000 ──│
        | 162.83 ms                                │ ◀── ACK 3001 ─┄                                 │
        | 162.91 ms                                │ ◀── 1024 bytes, 1449–2472 ─┄                    │
        | 162.95 ms  = 1024  A′                    │                                                 │
        | 163.00 ms  recv(1024)                    │                                                 │
        | 163.01 ms  = 528  A′                     │                                                 │
        | 163.02 ms                                │ ◀── 528 bytes, 2473–3000 ─┄                     │
        | 163.10 ms                                │ ─── ACK 3001 ──                                 │
        | 163.23 ms                                │ ─── FIN, ACK ──                                 │
        | 163.23 ms                                │  FIN_WAIT_1                                     │
        | 183.24 ms                                │                                  ┄── ACK 3001 ─▶│
        | 183.31 ms                                │                                  ┄── FIN, ACK ─▶│
        | 183.31 ms                                │                                      CLOSE_WAIT │
        | 183.48 ms                                │                                  ─── FIN, ACK ──│
        | 203.65 ms                                │ ◀── FIN, ACK ─┄                                 │
        | 203.82 ms                                │ ─── ACK 3002 ──                                 │
        | 223.97 ms                                │                                  ┄── ACK 3002 ─▶│
    "#]].assert_eq(&edged(&text));
}

#[test]
fn on_the_loopback_interface_an_arrow_is_one_line() {
    let story = loopback_hello().story();
    let text = with(&story, Lang::Zh, |cast, say| text(&story, cast, Filter::default(), story.latest(), say));
    expect![[r#"
        |            客户端程序                    客户端套接字                           服务器套接字 服务器程序
        |            client 1                      127.0.0.1:41022                      127.0.0.1:8808 TCP echo server
        |   0.00 ms                                │                                                 │ socket(AF_INET, SOCK_STREAM)
        |   0.00 ms                                │                                                 │ = fd 3
        |   0.00 ms                                │                                                 │ bind(127.0.0.1:8808)
        |   0.00 ms                                │                                                 │ = 0
        |   0.00 ms                                │                                                 │ listen(5)
        |   0.00 ms                                │                                                 │ = 0
        |   1.00 ms  socket(AF_INET, SOCK_STREAM)  │                                                 │
        |   1.01 ms  = fd 9                        │                                                 │
        |   1.02 ms                                │                                                 │ accept()
        |   1.10 ms  connect(127.0.0.1:8808)       │                                                 │
        |   1.11 ms                                │ ────────────────────── SYN ────────────────────▶│
        |   1.12 ms                                │ ◀────────────────── SYN，ACK ───────────────────│
        |   1.12 ms                                │ ───────────────────── ACK 1 ───────────────────▶│
        |   1.15 ms                                │  ESTABLISHED                                    │
        |   1.16 ms  = 0                           │                                                 │
        |   1.20 ms                                │                                                 │ = conn :41022
        |   1.20 ms                                │                                     ESTABLISHED │
        |   1.21 ms                                │                                                 │ recv(1024)
        |   2.00 ms  send(5)                       │                                                 │
        |   2.01 ms                                │ ────────────────── 5 字节，1–5 ────────────────▶│
        |   2.01 ms                                │ ◀──────────────────── ACK 6 ────────────────────│
        |   2.03 ms  = 5  A                        │                                                 │
        |   2.04 ms  recv(1024)                    │                                                 │
        |   2.06 ms                                │                                                 │ = 5  A
        |   2.07 ms                                │                                                 │ send(5)
        |   2.08 ms                                │ ◀───────────────── 5 字节，1–5 ─────────────────│
        |   2.08 ms                                │ ───────────────────── ACK 6 ───────────────────▶│
        |   2.09 ms                                │                                                 │ = 5  A′
        |   2.12 ms  = 5  A′                       │                                                 │
    "#]].assert_eq(&edged(&text));
}

#[test]
fn calls_as_a_log() {
    let story = lost_segment(20, false).story();
    let log = with(&story, Lang::En, |cast, _| log(&story, cast, story.latest(), "program calls"));
    expect![[r##"
        # program calls
        [TCP server] 0.006300 socket(AF_INET, SOCK_STREAM) = 3 <0.000010>
        [TCP server] 0.006320 bind(10.0.0.2:808) = 0 <0.000010>
        [TCP server] 0.006340 listen(5) = 0 <0.000010>
        [TCP server] 0.006510 accept() = conn /* 10.0.0.1:41022 */ <0.071780>
        [TCP client] 0.016720 connect(10.0.0.2:808) = 0 <0.041170>
        [TCP client] 0.057960 send("hello hello hello hello hello he"..., 3000) = 3000 <0.000060>
        [TCP client] 0.058040 recv("HELLO HELLO HELLO HELLO HELLO HE"..., 1024) = 1024 <0.040870>
        [TCP server] 0.078340 recv("hello hello hello hello hello he"..., 1024) = 1024 <0.000200>
        [TCP server] 0.078580 send("HELLO HELLO HELLO HELLO HELLO HE"..., 1024) = 1024 <0.000040>
        [TCP server] 0.078630 recv("o hello hello hello hello hello "..., 1024) = 424 <0.000010>
        [TCP server] 0.078650 send("O HELLO HELLO HELLO HELLO HELLO "..., 424) = 424 <0.000005>
        [TCP server] 0.078660 recv("llo hello hello hello hello hell"..., 1024) = 1024 <0.064050>
        [TCP client] 0.098950 recv("O HELLO HELLO HELLO HELLO HELLO "..., 1024) = 424 <0.000010>
        [TCP client] 0.098970 recv("LLO HELLO HELLO HELLO HELLO HELL"..., 1024) = 1024 <0.063980>
        [TCP server] 0.142740 send("LLO HELLO HELLO HELLO HELLO HELL"..., 1024) = 1024 <0.000040>
        [TCP server] 0.142790 recv("hello hello hello hello hello he"..., 1024) = 528 <0.000003>
        [TCP server] 0.142800 send("HELLO HELLO HELLO HELLO HELLO HE"..., 528) = 528 <0.000010>
        [TCP client] 0.163000 recv("HELLO HELLO HELLO HELLO HELLO HE"..., 1024) = 528 <0.000010>
    "##]]
    .assert_eq(&log);
    // What has not returned yet at that time.
    let log = with(&story, Lang::En, |cast, _| super::log(&story, cast, Nanos::from_millis(20), "program calls"));
    expect![[r#"
        # program calls
        [TCP server] 0.006300 socket(AF_INET, SOCK_STREAM) = 3 <0.000010>
        [TCP server] 0.006320 bind(10.0.0.2:808) = 0 <0.000010>
        [TCP server] 0.006340 listen(5) = 0 <0.000010>
        [TCP server] 0.006510 accept( <unfinished ...>
        [TCP client] 0.016720 connect(10.0.0.2:808 <unfinished ...>
    "#]]
    .assert_eq(&log);
}
