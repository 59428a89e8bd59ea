use super::*;
use protocol::{About, Provenance, Seq};

const CLIENT: HostId = HostId(2);
const SERVER: HostId = HostId(3);

fn event(seq: u64, micros: u64, host: HostId, kind: Kind) -> Event {
    let about = About { host, ..About::default() };
    let at = Nanos::from_micros(micros);
    Event { seq: Seq(seq), at, uncertainty: Nanos(0), about, provenance: Provenance::OBSERVED, cause: None, kind }
}

fn packet(id: u32, tap: Tap, stage: Stage, copy_of: Option<u32>) -> Kind {
    let data = if stage == Stage::Sent { Bytes(vec![id as u8; 4]) } else { Bytes::default() };
    Kind::Packet(Packet { id: PacketId(id), tap, stage, copy_of: copy_of.map(PacketId), data, true_len: 4 })
}

fn story() -> Vec<Event> {
    let host = |name: &str| Kind::Host { name: name.into(), world: WorldKind::TwoHosts, stack: "Linux".into() };
    let dropped = Stage::Dropped(DropReason::ByYou);
    let kinds = [
        (0, CLIENT, host("client host")),
        (0, SERVER, host("server host")),
        (10, CLIENT, packet(1, Tap::Wire, Stage::Sent, None)),
        (20, CLIENT, packet(2, Tap::Wire, Stage::Sent, None)),
        // Recorded late.
        (15, SERVER, packet(3, Tap::Wire, Stage::Sent, None)),
        (21, CLIENT, packet(2, Tap::Wire, Stage::Held(Hold::Caught), None)),
        (22, CLIENT, packet(2, Tap::Wire, dropped, None)),
        (23, CLIENT, packet(4, Tap::Wire, Stage::Duplicated, Some(1))),
        (30, CLIENT, packet(1, Tap::Wire, Stage::Delivered, None)),
        (31, CLIENT, packet(4, Tap::Wire, Stage::Delivered, Some(1))),
        (32, SERVER, packet(3, Tap::Wire, Stage::Delivered, None)),
        (40, HostId(1), packet(9, Tap::Loopback, Stage::Sent, None)),
    ];
    kinds.into_iter().enumerate().map(|(seq, (at, host, kind))| event(seq as u64 + 1, at, host, kind)).collect()
}

/// First byte and time of each packet, in the order of the file, and its comments.
fn seen(place: Where) -> Vec<(u8, u64, String)> {
    let mut fates = Fates::default();
    story().iter().for_each(|event| fates.take(event));
    let mut writer = Writer::new(place, fates, 1_000_000);
    story().iter().for_each(|event| writer.take(event));
    assert!(writer.ready().is_empty(), "everything is recent");
    writer
        .waiting
        .iter()
        .map(|((at, _), block)| {
            let text = String::from_utf8_lossy(&block[32..block.len() - 4]);
            let words: String =
                text.chars().filter(|letter| letter.is_ascii_alphanumeric() || *letter == ' ').collect();
            let micros = u32::from_le_bytes(block[16..20].try_into().unwrap());
            assert_eq!(u64::from(micros), 1_000_000 + at.0);
            (block[28], at.0 / 1_000, words)
        })
        .collect()
}

#[test]
fn each_place_sees_its_own() {
    let ids = |place| seen(place).into_iter().map(|(id, at, _)| (id, at)).collect::<Vec<_>>();
    assert_eq!(ids(Where::Wire), [(1, 10), (3, 15), (2, 20), (1, 23)]);
    assert_eq!(ids(Where::Client), [(1, 10), (2, 20), (3, 32)]);
    assert_eq!(ids(Where::Server), [(3, 15), (1, 30), (1, 31)]);
    assert_eq!(ids(Where::Loopback), [(9, 40)]);
}

#[test]
fn fates_are_comments() {
    let wire = seen(Where::Wire);
    assert!(wire[2].2.contains("caught dropped by you"), "{wire:?}");
    assert!(wire[3].2.contains("copied by the wire"), "{wire:?}");
    assert!(!wire[0].2.contains("dropped"), "{wire:?}");
}
