//! What Two hosts export: each tap as tshark reads it, against our own decoding and the kernel's count.

use crate::two_hosts::{host, one_loss, until};
use protocol::header::{Carries, Summary, summary};
use protocol::{Event, GaugeKey, Kind, Nanos, Packet, Stage};
use std::collections::BTreeMap;
use support::running::Running;
use support::session::Session;

const FIELDS: [&str; 18] = [
    "ip.src",
    "ip.dst",
    "ipv6.src",
    "ipv6.dst",
    "tcp.srcport",
    "tcp.dstport",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.flags",
    "tcp.len",
    "frame.len",
    "frame.cap_len",
    "frame.time_epoch",
    "frame.comment",
    "tcp.analysis.retransmission",
    "tcp.checksum.status",
    "ip.checksum.status",
    "_ws.malformed",
];

/// A packet as tshark tells it: its fields by their names.
type Row = BTreeMap<&'static str, String>;

/// One tap of a bridge as a file, through tshark, which must not complain.
async fn tap(bridge: &Running, name: &str) -> Vec<Row> {
    let answer = support::http::get(&bridge.address, &format!("/trace.pcapng?tap={name}"), "").await;
    assert_eq!(answer.status, 200, "{name}: {}", answer.head);
    let file = bridge.folder().join(format!("{name}.pcapng"));
    std::fs::write(&file, &answer.body).unwrap();
    let mut tshark = tokio::process::Command::new("tshark");
    tshark.arg("-r").arg(&file).args(["-n", "-T", "fields", "-E", "separator=|"]);
    // tshark believes checksums unless it is told to look.
    tshark.args(["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]);
    tshark.args(FIELDS.iter().flat_map(|field| ["-e", field])).kill_on_drop(true);
    let output = support::soon("tshark's reading", tshark.output()).await.unwrap_or_else(|error| {
        panic!("tshark: {error}; `cargo xtask test` says what is missing");
    });
    let complaints = String::from_utf8_lossy(&output.stderr);
    let complaints: Vec<_> = complaints.lines().filter(|line| !line.starts_with("Running as user")).collect();
    assert!(output.status.success() && complaints.is_empty(), "{name}: {complaints:?}");
    let row = |line: &str| -> Row {
        let values: Vec<_> = line.split('|').map(str::to_owned).collect();
        assert_eq!(values.len(), FIELDS.len(), "{line}");
        FIELDS.into_iter().zip(values).collect()
    };
    String::from_utf8(output.stdout).unwrap().lines().map(row).collect()
}

/// Source and destination, ports, sequence and acknowledgement number, flags, payload, whole length and bytes kept.
fn as_we_read(packet: &Packet) -> String {
    let header = header(packet);
    let (src, dst) = (header.src, header.dst);
    let kept = packet.data.len();
    match &header.carries {
        Carries::Tcp(tcp) => format!(
            "{src} {dst} {} {} {} {} {:#06x} {} {} {kept}",
            tcp.src_port, tcp.dst_port, tcp.seq, tcp.ack, tcp.flags.0, header.payload_len, packet.true_len
        ),
        _ => format!("{src} {dst}       {} {kept}", packet.true_len),
    }
}

fn as_tshark_reads(row: &Row) -> String {
    let [src, dst] = if row["ip.src"].is_empty() { ["ipv6.src", "ipv6.dst"] } else { ["ip.src", "ip.dst"] };
    let rest = ["tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.len"];
    let all = [src, dst].into_iter().chain(rest).chain(["frame.len", "frame.cap_len"]);
    all.map(|name| row[name].as_str()).collect::<Vec<_>>().join(" ")
}

fn header(packet: &Packet) -> Summary {
    summary(&packet.data, packet.true_len as usize).expect("an IP packet")
}

fn nanos(row: &Row) -> u64 {
    let (seconds, fraction) = row["frame.time_epoch"].split_once('.').unwrap();
    assert_eq!(fraction.len(), 9, "nanoseconds: {fraction}");
    seconds.parse::<u64>().unwrap() * 1_000_000_000 + fraction.parse::<u64>().unwrap()
}

/// Packets as they were given to the wire, in the order of time.
fn sent(events: &[Event]) -> Vec<(Nanos, &Event, &Packet)> {
    let mut all: Vec<_> = events
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Packet(packet) if packet.stage == Stage::Sent => Some((event.at, event, packet)),
            _ => None,
        })
        .collect();
    all.sort_by_key(|(at, event, _)| (*at, event.seq));
    all
}

/// How often tshark says that a segment was sent again.
fn retransmissions(rows: &[Row]) -> usize {
    rows.iter().filter(|row| !row["tcp.analysis.retransmission"].is_empty()).count()
}

/// How often the client sent a sequence number with data again.
fn again(session: &Session) -> usize {
    let client = host(session.events(), "client");
    let mut seen = std::collections::BTreeSet::new();
    let sent = sent(session.events()).into_iter().filter(|(_, event, _)| event.about.host == client);
    let headers = sent.map(|(.., packet)| header(packet)).filter(|header| header.payload_len > 0);
    headers.filter(|header| header.tcp().is_some_and(|tcp| !seen.insert(tcp.seq))).count()
}

/// The client's `TotalRetrans` as last reported.
fn reported(session: &Session) -> u64 {
    let client = session.witness.client("a");
    let gauges = session.events().iter().filter(|event| event.about.program == client && client.is_some());
    let mut values = gauges.filter_map(|event| match &event.kind {
        Kind::Gauge(values) => values.iter().find(|(key, _)| *key == GaugeKey::TotalRetrans),
        _ => None,
    });
    values.next_back().expect("TCP_INFO is reported").1
}

#[tokio::test]
async fn tshark_the_trace_and_the_kernel_agree_about_one_loss() {
    let bridge = Running::two_hosts().await;
    let mut session = one_loss(&bridge).await;
    let before = sent(session.events()).len();
    let (client, server, wire) =
        (tap(&bridge, "client").await, tap(&bridge, "server").await, tap(&bridge, "wire").await);

    // One retransmission, whoever counts.
    assert_eq!((retransmissions(&client), again(&session), reported(&session)), (1, 1, 1), "{client:#?}");
    // The server never saw the first of the two.
    let carrying =
        |rows: &[Row]| rows.iter().filter(|row| row["tcp.dstport"] == "808" && row["tcp.len"] != "0").count();
    assert_eq!((carrying(&client), carrying(&wire), carrying(&server)), (4, 4, 3));

    // The session may still be behind what was recorded when the file was made.
    until(&mut session, "all packets of the file", |events| (sent(events).len() >= wire.len()).then_some(())).await;
    assert!(wire.len() >= 12, "a handshake, four data segments, their ACKs and the answers: {}", wire.len());
    assert!(wire.len() >= before, "nothing is missing in the file: {before} packets, {} in it", wire.len());
    let mut zero = None;
    for (row, (at, _, packet)) in wire.iter().zip(sent(session.events())) {
        assert_eq!(as_tshark_reads(row), as_we_read(packet), "{row:?}");
        assert_eq!(row["_ws.malformed"], "", "{row:?}");
        // 1 is "good". What is no TCP, or no IPv4, has no such field.
        let good = |there: bool| if there { "1" } else { "" };
        assert_eq!(row["tcp.checksum.status"], good(header(packet).tcp().is_some()), "{row:?}");
        assert_eq!(row["ip.checksum.status"], good(header(packet).src.is_ipv4()), "{row:?}");
        assert_eq!(*zero.get_or_insert(nanos(row) - at.0), nanos(row) - at.0, "to the nanosecond, from one beginning");
    }

    // The drop is a comment, at the packet that was dropped and at no other.
    let dropped = |rows: &[Row]| -> Vec<String> {
        let with = rows.iter().filter(|row| row["frame.comment"].contains("dropped: by you"));
        with.map(|row| row["tcp.seq_raw"].clone()).collect()
    };
    let lost: Vec<String> = session
        .events()
        .iter()
        .filter_map(|event| match &event.kind {
            Kind::Packet(packet) if matches!(packet.stage, Stage::Dropped(_)) => Some(packet.id),
            _ => None,
        })
        .map(|id| {
            let all = sent(session.events());
            let (.., packet) = all.iter().find(|(.., packet)| packet.id == id).expect("it was sent");
            header(packet).tcp().expect("a segment").seq.to_string()
        })
        .collect();
    assert_eq!(lost.len(), 1);
    assert_eq!(dropped(&wire), lost);
    assert_eq!(dropped(&client), lost);
    assert!(dropped(&server).is_empty(), "it never came there");
}
