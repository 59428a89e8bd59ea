//! A trace that is written is read as the same, and whatever happens to its bytes is said, never a panic.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use expect_test::expect;
use proptest::prelude::*;
use protocol::ids::Boot;
use protocol::*;
use replay::trace::{Head, Reader, Writer};
use replay::{Fault, Sort, What, sort};

fn head() -> Head {
    Head {
        epoch: Epoch { boot: Boot(7), run: 1 },
        world: Some(WorldKind::ThisComputer),
        by: Some("Socketscope 0.1.0".into()),
        system: Some("Linux \"6.18\"".into()),
        now: Some(Nanos(9_000)),
        servers: Some(Vec::new()),
        settings: Some(SettingsInfo::default()),
    }
}

fn event(seq: u64, kind: Kind) -> Event {
    Event {
        seq: Seq(seq),
        at: Nanos(seq * 10),
        uncertainty: Nanos(0),
        about: About { socket: Some(SocketId(2)), ..About::default() },
        provenance: Provenance::OBSERVED,
        cause: Some(Cause::Event(Seq(1))),
        kind,
    }
}

fn events() -> Vec<Event> {
    let packet = Packet {
        id: PacketId(3),
        tap: Tap::Wire,
        stage: Stage::Sent,
        copy_of: None,
        data: Bytes::from("hello"),
        true_len: 5,
    };
    vec![
        event(1, Kind::Note(NoteId::OtherProgram, vec![Arg::Text("nc \u{1f600}".into()), Arg::Count(7)])),
        event(2, Kind::Packet(packet)),
        event(5, Kind::Gauge(vec![(GaugeKey::Srtt, 40), (GaugeKey::Cwnd, 10)])),
        event(6, Kind::Closed),
    ]
}

fn gaps() -> Vec<Gap> {
    vec![Gap { first: Seq(3), last: Seq(4), reason: GapReason::Budget }]
}

fn written() -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Writer::begin(&head(), &mut out);
    events().iter().for_each(|event| writer.event(event, &mut out));
    writer.end(&gaps(), &mut out);
    out
}

fn read(text: &[u8]) -> Result<(Head, Vec<Event>, Vec<Gap>), Fault> {
    let mut reader = Reader::open(text.to_vec())?;
    let mut events = Vec::new();
    while let Some(event) = reader.next_event()? {
        events.push(event);
    }
    let (done, of) = reader.progress();
    assert_eq!(done, of);
    Ok((reader.head().clone(), events, reader.gaps().to_vec()))
}

fn fault(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_is_written_is_read_as_the_same() {
    let text = written();
    assert_eq!(sort(&text), Ok(Sort::Trace));
    assert_eq!(read(&text).unwrap(), (head(), events(), gaps()));
    // Any program can read it.
    let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
    assert_eq!(value["socketscope"], 1);
    assert_eq!(value["events"][1]["kind"]["Packet"]["data"], "68656c6c6f");
    assert_eq!(serde_json::from_value::<Event>(value["events"][2].clone()).unwrap(), events()[2]);
}

#[test]
fn one_event_is_one_line() {
    let text = String::from_utf8(written()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    expect![[r#"
        {"socketscope":1,"about":{"epoch":{"boot":"00000000000000000000000000000007","run":1},"world":"ThisComputer","by":"Socketscope 0.1.0","system":"Linux \"6.18\"","now":9000,"servers":[],"settings":{"wanted":{"tcp_mode":"OneAtATime","recv_size":1024,"backlog":5,"rule":"Once","think":0,"reading":true,"accepting":true,"no_delay":false,"send_buffer":null,"recv_buffer":null,"reuse_address":true},"waiting":[]}},
        "events":[
        {"seq":1,"at":10,"uncertainty":0,"about":{"host":0,"program":null,"socket":2,"flow":null},"provenance":{"how":"Observed","simulated":false},"cause":{"Event":1},"kind":{"Note":["OtherProgram",[{"Text":"nc 😀"},{"Count":7}]]}},"#]]
    .assert_eq(&lines[..3].join("\n"));
    expect![[r#"
        {"seq":6,"at":60,"uncertainty":0,"about":{"host":0,"program":null,"socket":2,"flow":null},"provenance":{"how":"Observed","simulated":false},"cause":{"Event":1},"kind":"Closed"}
        ],
        "gaps":[{"first":3,"last":4,"reason":"Budget"}]}"#]]
    .assert_eq(&lines[5..].join("\n"));
}

#[test]
fn a_trace_by_hand_needs_little() {
    let text = r#" { "socketscope": 1, "mood": ["good"], "events": [
        { "kind": "Closed", "seq": 4, "at": 5, "uncertainty": 0, "about": { "host": 1 },
          "provenance": { "how": "Reported", "simulated": true } }
    ] } "#;
    let (head, events, gaps) = read(text.as_bytes()).unwrap();
    assert_eq!((head, events.len(), gaps.len()), (Head::default(), 1, 0));
    assert_eq!(events[0].about.host, HostId(1));
}

#[test]
fn faults_say_where_and_what() {
    let cases = [
        "",
        "[1]",
        r#"{"socketscop":1}"#,
        r#"{"socketscope":2,"events":[]}"#,
        "{\"socketscope\":1,\n\"events\":[\n{\"seq\":0}]}",
        "{\"socketscope\":1,\n\"events\":[\n5]}",
        r#"{"socketscope":1,"events":[]} x"#,
        r#"{"socketscope":1,"events":[]"#,
        r#"{"socketscope":1,"gaps":[{"first":5,"last":4,"reason":"Budget"}]}"#,
    ];
    let all: Vec<String> = cases.iter().map(|text| fault(text)).collect();
    expect![[r#"
        line 1, byte 0: the file ends in the middle of something; it was cut
        line 1, byte 0: a trace in JSON should stand here
        line 1, byte 1: neither a .socketscope trace nor a pcap or pcapng capture
        line 1, byte 15: a trace of version 2; this program reads version 1
        event 1, line 3, byte 38: `at` is missing
        event 1, line 3, byte 29: `{` should stand here
        line 1, byte 30: the end of the file should stand here
        line 1, byte 28: the file ends in the middle of something; it was cut
        line 1, byte 25: the numbers of events must grow"#]]
    .assert_eq(&all.join("\n"));
    let text = String::from_utf8(written()).unwrap();
    assert_eq!(
        fault(&text.replace("\"seq\":5", "\"seq\":2")),
        format!("event 3, line 5, byte {}: the numbers of events must grow", text.find("{\"seq\":5").unwrap())
    );
    assert!(fault(&text.replace("\"at\":50", "\"at\":18446744073709551615")).ends_with("not a possible time"));
    assert!(fault(&text.replace("\"true_len\":5", "\"true_len\":4")).ends_with("not a possible length of a packet"));
}

#[test]
fn events_before_a_fault_are_good() {
    let text = written();
    let mut reader = Reader::open(text[..text.len() - 90].to_vec()).unwrap();
    let mut count = 0;
    let fault = loop {
        match reader.next_event() {
            Ok(Some(_)) => count += 1,
            Ok(None) => panic!("it was cut"),
            Err(fault) => break fault,
        }
    };
    assert_eq!((count, fault.number, fault.what), (3, 4, What::Ends));
    assert_eq!(reader.next_event(), Ok(None), "and nothing after it");
}

#[test]
fn other_files_are_told_apart() {
    let what = |bytes: &[u8]| sort(bytes).map_err(|fault| fault.what);
    assert_eq!(what(b""), Err(What::Empty));
    assert_eq!(what(b"\x1f\x8b\x08\x00"), Err(What::Compressed));
    assert_eq!(what(b"GIF89a"), Err(What::Strange));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_damage_is_survived(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>()) {
        let mut text = written();
        let at = at.index(text.len());
        text[at] = byte;
        let cut = cut.index(text.len());
        for text in [&text[..], &text[..cut]] {
            if let Err(fault) = read(text) {
                prop_assert!(fault.at <= text.len() && fault.line > 0, "{}", fault);
            }
        }
    }
}
