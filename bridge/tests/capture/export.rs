//! The export, as tshark reads it.

use crate::theatre::*;
use bridge::recorder::Recorder;
use protocol::header::{Carries, Summary};
use protocol::{ClientAction, Op, Transport, WorldKind};

/// The file that `/trace.pcapng` gives.
async fn pcapng(recorder: &Recorder) -> Vec<u8> {
    use http_body_util::BodyExt;
    let response = bridge::export::response(recorder, WorldKind::ThisComputer, None);
    assert_eq!(response.status(), 200);
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

/// A packet in numbers, as tshark and we ourselves read it: source, destination, ports, sequence and acknowledgement
/// number, flags, payload, whole length.
fn numbers(header: &Summary, true_len: u32) -> String {
    let (src, dst) = (header.src, header.dst);
    match &header.carries {
        Carries::Tcp(tcp) => format!(
            "{src} {dst} {} {} {} {} {:#06x} {} {true_len}",
            tcp.src_port, tcp.dst_port, tcp.seq, tcp.ack, tcp.flags.0, header.payload_len
        ),
        Carries::Udp(udp) => format!("{src} {dst} {} {} {} {true_len}", udp.src_port, udp.dst_port, udp.len + 8),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tshark_reads_the_export_without_a_complaint_and_as_we_do() {
    let Some(stage) = Theatre::new().await else { return };
    for v6 in [false, true] {
        stage.hello(v6).await;
        let client = stage.client(Transport::Udp, v6);
        stage.tell(client, ClientAction::Connect);
        stage.tell(client, ClientAction::Send { data: vec![b'x'; 5_000].into(), repeat: 1 });
        stage.returned(client, |op| matches!(op, Op::Recv { .. })).await;
    }
    stage
        .until("the answers' packets", |events| {
            let datagrams = sent(events).iter().filter(|(_, _, header, _)| header.udp().is_some()).count();
            (datagrams == 4).then_some(())
        })
        .await;
    stage.world.shutdown().await;
    let events = stage.events();
    let mut ours = sent(&events);
    ours.sort_by_key(|(at, ..)| *at);

    let file = std::env::temp_dir().join(format!("socketscope-{:032x}.pcapng", bridge::random()));
    std::fs::write(&file, pcapng(&stage.recorder).await).unwrap();
    let fields = "ip.src ipv6.src ip.dst ipv6.dst tcp.srcport tcp.dstport tcp.seq_raw tcp.ack_raw tcp.flags tcp.len \
                  udp.srcport udp.dstport udp.length frame.len frame.cap_len frame.time_epoch _ws.malformed";
    let fields: Vec<&str> = fields.split_whitespace().collect();
    let mut tshark = std::process::Command::new("tshark");
    tshark.arg("-r").arg(&file).args(["-n", "-T", "fields", "-E", "separator=|"]);
    tshark.args(["-o", "tcp.desegment_tcp_streams:FALSE"]);
    for field in &fields {
        tshark.args(["-e", field]);
    }
    let output = tshark.output().expect("tshark is there: `cargo xtask test` installs it");
    std::fs::remove_file(&file).unwrap();
    let complaints = String::from_utf8(output.stderr).unwrap();
    let complaints: Vec<_> = complaints.lines().filter(|line| !line.starts_with("Running as user")).collect();
    assert!(output.status.success() && complaints.is_empty(), "{complaints:?}");
    let told = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), ours.len(), "{told}");
    assert!(ours.len() > 20);
    let mut zero = None;
    for (line, (at, _, header, packet)) in lines.iter().zip(&ours) {
        let columns: Vec<_> = line.split('|').collect();
        let value = |name: &str| columns[fields.iter().position(|field| *field == name).unwrap()];
        let names: &[&str] = if header.tcp().is_some() {
            &["tcp.srcport", "tcp.dstport", "tcp.seq_raw", "tcp.ack_raw", "tcp.flags", "tcp.len", "frame.len"]
        } else {
            &["udp.srcport", "udp.dstport", "udp.length", "frame.len"]
        };
        let (src, dst) = if header.src.is_ipv4() { ("ip.src", "ip.dst") } else { ("ipv6.src", "ipv6.dst") };
        let theirs: Vec<_> = [src, dst].iter().chain(names).map(|name| value(name)).collect();
        assert_eq!(theirs.join(" "), numbers(header, packet.true_len), "{line}");
        assert_eq!(value("_ws.malformed"), "");
        assert_eq!(value("frame.cap_len"), packet.data.len().to_string());
        // To the nanosecond, from one beginning.
        let (seconds, fraction) = value("frame.time_epoch").split_once('.').unwrap();
        let time = seconds.parse::<u64>().unwrap() * 1_000_000_000 + fraction.parse::<u64>().unwrap();
        assert_eq!(*zero.get_or_insert(time - at.0), time - at.0, "{line}");
    }
}
