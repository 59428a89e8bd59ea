use super::*;
use crate::recorder::Recorder;
use protocol::ids::Boot;
use protocol::trace::Bounds;
use protocol::{Event, Interest, Kind, Nanos, Seq};
use std::time::Instant;

const HOST: HostId = HostId(1);

fn at(port: u16) -> Address {
    Address::Inet(([10, 0, 0, 1], port).into())
}

fn events(recorder: &Recorder) -> Vec<Event> {
    recorder.read(Seq(0), &Interest::default(), 1_000).read.batch.map_or_else(Vec::new, |batch| batch.events)
}

fn table() -> (Table, Recorder) {
    let recorder = Recorder::new(Boot(1), Bounds::default());
    (Table::new(recorder.clone()), recorder)
}

fn queued(table: &Table, listener: SocketId, cookie: u64) -> SocketId {
    queued_from(table, listener, cookie, 50_000)
}

fn queued_from(table: &Table, listener: SocketId, cookie: u64, port: u16) -> SocketId {
    let appears = Appearance::new(HOST, Transport::Tcp, Some(cookie));
    let (local, peer) = (Some(at(808)), Some(at(port)));
    let id = table.found(Appearance { parent: Some(listener), local, peer, ..appears });
    table.joined(id, &at(808), &at(port), false);
    id
}

fn accepted(table: &Table, listener: SocketId, cookie: u64) -> SocketId {
    let appears = Appearance::new(HOST, Transport::Tcp, Some(cookie));
    let (local, peer) = (Some(at(808)), Some(at(50_000)));
    let program = Some(ProgramId(7));
    table.accepted(Appearance { parent: Some(listener), program, local, peer, ..appears }, &at(50_000), false)
}

fn look() -> Look {
    let now = Instant::now();
    Look { before: None, asked: now, answered: now }
}

#[test]
fn a_connection_that_gets_another_number_when_it_is_established_is_the_same() {
    let (table, recorder) = table();
    let listener = table.opened(Appearance::new(HOST, Transport::Tcp, Some(1)));
    let half_open = queued(&table, listener, 2);
    table.state(half_open, TcpState::SynReceived, &look());
    assert_eq!(accepted(&table, listener, 3), half_open);
    assert_eq!(table.by_cookie(HOST, 3).map(|row| row.id), Some(half_open));
    assert!(table.by_cookie(HOST, 2).is_none());
    let flows = events(&recorder).iter().filter(|event| matches!(event.kind, Kind::Flow { .. })).count();
    assert_eq!(flows, 1, "it is one conversation");
    // The kernel was asked before it was accepted, and did not know it by its present number.
    table.forgotten(half_open, &look());
    assert!(table.get(half_open).is_some_and(|row| row.open));
}

#[test]
fn a_connection_that_is_reset_in_the_queue_keeps_its_place_until_it_is_accepted_or_the_listener_goes() {
    let (table, recorder) = table();
    let listener = table.opened(Appearance::new(HOST, Transport::Tcp, Some(1)));
    let [first, other, third] =
        [(2, 50_000), (3, 50_001), (4, 50_002)].map(|(cookie, port)| queued_from(&table, listener, cookie, port));
    table.state(first, TcpState::Established, &look());
    table.forgotten(first, &look());
    table.forgotten(first, &look());
    // One that never was established is gone with its last word.
    table.state(other, TcpState::SynReceived, &look());
    table.forgotten(other, &look());
    assert!(table.get(other).is_none());
    let ends = |event: &Event| matches!(event.kind, Kind::State { to: TcpState::Closed, .. });
    let closed: Vec<_> = events(&recorder).into_iter().filter(ends).filter_map(|event| event.about.socket).collect();
    assert_eq!(closed, [first, other], "each end is told once");
    table.state(third, TcpState::Established, &look());
    table.forgotten(third, &look());
    assert_eq!(accepted(&table, listener, 2), first);
    table.closed(listener, false, None);
    table.forgotten(third, &look());
    assert!(table.get(third).is_none() && table.get(first).is_some_and(|row| row.open));
}

#[test]
fn a_connection_after_the_end_of_another_is_another() {
    let (table, _recorder) = table();
    let listener = table.opened(Appearance::new(HOST, Transport::Tcp, Some(1)));
    let first = accepted(&table, listener, 2);
    table.closed(first, true, None);
    table.state(first, TcpState::TimeWait, &look());
    assert_ne!(queued(&table, listener, 3), first);
}

#[test]
fn what_ends_in_silence_is_told_at_once() {
    use TcpState::{Closed, Established, LastAck, SynSent, TimeWait};
    let table_of = [
        (SynSent, false, true),
        (SynSent, true, true),
        (Established, true, false),
        (LastAck, false, false),
        (LastAck, true, true),
        (TimeWait, true, false),
    ];
    for (state, aborts, silent) in table_of {
        let (table, recorder) = table();
        let id = table.opened(Appearance::new(HOST, Transport::Tcp, Some(1)));
        table.state(id, state, &look());
        table.ends_in_silence(id, aborts, None);
        let closed = |event: &Event| matches!(event.kind, Kind::State { to: Closed, .. });
        assert_eq!(events(&recorder).iter().any(closed), silent, "{state}, {aborts}");
    }
}

#[test]
fn a_connection_does_not_end_in_silence_though_the_last_report_is_older() {
    let (table, recorder) = table();
    let id = table.opened(Appearance::new(HOST, Transport::Tcp, Some(1)));
    table.state(id, TcpState::SynSent, &look());
    table.connected_now(id);
    table.ends_in_silence(id, false, None);
    let ends = |event: &Event| matches!(event.kind, Kind::State { to: TcpState::Closed, .. });
    assert!(!events(&recorder).iter().any(ends), "its FIN is on its way");
}

#[test]
fn a_report_is_as_uncertain_as_the_time_since_the_last_question() {
    let asked = Instant::now();
    let after = |millis| asked + std::time::Duration::from_millis(millis);
    let look = Look { before: Some(asked), asked: after(10), answered: after(13) };
    assert_eq!(look.uncertainty(), Nanos::from_millis(13));
}
