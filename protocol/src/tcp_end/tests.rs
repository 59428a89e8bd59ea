use super::*;
use crate::header::SackBlocks;

const FIN: TcpFlags = TcpFlags::FIN;
const SYN: TcpFlags = TcpFlags::SYN;
const RST: TcpFlags = TcpFlags::RST;
const ACK: TcpFlags = TcpFlags::ACK;

/// Our numbers begin at 100, the peer's near the end of the sequence space, so that they wrap.
const OURS: u32 = 100;
const THEIRS: u32 = u32::MAX - 2;

#[derive(Clone, Copy, Debug)]
enum Does {
    /// Flags, offset from the first number, acknowledged offset of the peer's, payload.
    Sends(TcpFlags, u32, u32, u32),
    Receives(TcpFlags, u32, u32, u32),
}
use Does::{Receives, Sends};

fn segment(flags: TcpFlags, seq: u32, ack: u32) -> Segment {
    Segment {
        src_port: 1,
        dst_port: 2,
        seq,
        ack,
        flags,
        window: 64_000,
        mss: None,
        window_scale: flags.has(SYN).then_some(7),
        sack_permitted: false,
        sack: SackBlocks::default(),
        timestamps: None,
    }
}

fn feed(end: &mut TcpEnd, does: Does) -> Vec<TcpState> {
    let steps = match does {
        Sends(flags, seq, ack, len) => end.sent(&segment(flags, OURS.wrapping_add(seq), THEIRS.wrapping_add(ack)), len),
        Receives(flags, seq, ack, len) => {
            end.received(&segment(flags, THEIRS.wrapping_add(seq), OURS.wrapping_add(ack)), len)
        }
    };
    steps.into_iter().flatten().map(|(_, to)| to).collect()
}

/// Plays `story`, whose last packet shall lead through exactly `states`.
fn check(what: &str, story: &[Does], states: &[TcpState]) {
    let mut end = TcpEnd::new();
    let (last, before) = story.split_last().unwrap();
    for does in before {
        feed(&mut end, *does);
    }
    let from = end.state();
    assert_eq!(feed(&mut end, *last), states, "{what}: from {from:?} by {last:?}");
    assert_eq!(end.state(), states.last().copied().or(from), "{what}");
}

fn after(begin: &[Does], then: &[Does]) -> Vec<Does> {
    [begin, then].concat()
}

#[test]
fn every_transition_of_figure_5() {
    let active = [Sends(SYN, 0, 0, 0)];
    let passive = [Receives(SYN, 0, 0, 0), Sends(SYN | ACK, 0, 1, 0)];
    let both = [Sends(SYN, 0, 0, 0), Receives(SYN, 0, 0, 0)];
    let open = [Sends(SYN, 0, 0, 0), Receives(SYN | ACK, 0, 1, 0), Sends(ACK, 1, 1, 0)];
    let fin_wait_1 = after(&open, &[Sends(FIN | ACK, 1, 1, 0)]);
    let fin_wait_2 = after(&fin_wait_1, &[Receives(ACK, 1, 2, 0)]);
    let closing = after(&fin_wait_1, &[Receives(FIN | ACK, 1, 1, 0)]);
    let close_wait = after(&open, &[Receives(FIN | ACK, 1, 1, 0)]);
    let last_ack = after(&close_wait, &[Sends(FIN | ACK, 1, 2, 0)]);
    let time_wait = after(&fin_wait_2, &[Receives(FIN | ACK, 1, 2, 0)]);
    let table: &[(&str, &[Does], Does, &[TcpState])] = &[
        ("CLOSED, active open", &[], Sends(SYN, 0, 0, 0), &[SynSent]),
        ("LISTEN, SYN answered", &passive[..1], passive[1], &[SynReceived]),
        ("LISTEN, SYN not answered", &[], passive[0], &[]),
        ("SYN-SENT, SYN,ACK", &active, Receives(SYN | ACK, 0, 1, 0), &[Established]),
        ("SYN-SENT, SYN", &active, Receives(SYN, 0, 0, 0), &[SynReceived]),
        ("SYN-RECEIVED, ACK of SYN", &passive, Receives(ACK, 1, 1, 0), &[Established]),
        ("SYN-RECEIVED, ACK of SYN with data", &passive, Receives(ACK, 1, 1, 5), &[Established]),
        ("SYN-RECEIVED, FIN", &passive, Receives(FIN | ACK, 1, 1, 0), &[Established, CloseWait]),
        ("SYN-RECEIVED, close", &passive, Sends(FIN | ACK, 1, 1, 0), &[FinWait1]),
        ("SYN-RECEIVED, RST", &passive, Receives(RST, 1, 0, 0), &[Closed]),
        ("SYN-RECEIVED, simultaneous open", &both, Receives(SYN | ACK, 0, 1, 0), &[Established]),
        ("SYN-RECEIVED, SYN again", &passive, Receives(SYN, 0, 0, 0), &[]),
        ("SYN-RECEIVED, gives up", &passive, Sends(RST, 1, 0, 0), &[Closed]),
        ("SYN-RECEIVED, resets a wrong ACK", &passive, Sends(RST, 77, 0, 0), &[]),
        ("ESTABLISHED, close", &open, Sends(FIN | ACK, 1, 1, 0), &[FinWait1]),
        ("ESTABLISHED, close behind data", &open, Sends(FIN | ACK, 1, 1, 9), &[FinWait1]),
        ("ESTABLISHED, FIN", &open, Receives(FIN | ACK, 1, 1, 0), &[CloseWait]),
        ("ESTABLISHED, FIN behind data", &open, Receives(FIN | ACK, 1, 1, 9), &[CloseWait]),
        ("ESTABLISHED, data", &open, Receives(ACK, 1, 1, 9), &[]),
        ("ESTABLISHED, abort", &open, Sends(RST | ACK, 1, 1, 0), &[Closed]),
        ("ESTABLISHED, RST", &open, Receives(RST, 1, 0, 0), &[Closed]),
        ("FIN-WAIT-1, ACK of FIN", &fin_wait_1, Receives(ACK, 1, 2, 0), &[FinWait2]),
        ("FIN-WAIT-1, ACK of less", &fin_wait_1, Receives(ACK, 1, 1, 3), &[]),
        ("FIN-WAIT-1, FIN", &fin_wait_1, Receives(FIN | ACK, 1, 1, 0), &[Closing]),
        ("FIN-WAIT-1, FIN and ACK of FIN", &fin_wait_1, Receives(FIN | ACK, 1, 2, 0), &[TimeWait]),
        ("FIN-WAIT-1, RST", &fin_wait_1, Receives(RST, 1, 0, 0), &[Closed]),
        ("FIN-WAIT-2, data of a half-closed peer", &fin_wait_2, Receives(ACK, 1, 2, 9), &[]),
        ("FIN-WAIT-2, FIN", &fin_wait_2, Receives(FIN | ACK, 1, 2, 0), &[TimeWait]),
        ("FIN-WAIT-2, nobody is left to read", &fin_wait_2, Sends(RST, 2, 0, 0), &[Closed]),
        ("CLOSING, ACK of FIN", &closing, Receives(ACK, 2, 2, 0), &[TimeWait]),
        ("CLOSING, ACK of less", &closing, Receives(ACK, 2, 1, 0), &[]),
        ("CLOSING, RST", &closing, Receives(RST, 2, 0, 0), &[Closed]),
        ("CLOSE-WAIT, data goes on", &close_wait, Sends(ACK, 1, 2, 9), &[]),
        ("CLOSE-WAIT, close", &close_wait, Sends(FIN | ACK, 1, 2, 0), &[LastAck]),
        ("CLOSE-WAIT, RST", &close_wait, Receives(RST, 2, 0, 0), &[Closed]),
        ("LAST-ACK, ACK of FIN", &last_ack, Receives(ACK, 2, 2, 0), &[Closed]),
        ("LAST-ACK, ACK of less", &last_ack, Receives(ACK, 2, 1, 0), &[]),
        ("TIME-WAIT, FIN again", &time_wait, Receives(FIN | ACK, 1, 2, 0), &[]),
        ("TIME-WAIT, RST", &time_wait, Receives(RST, 2, 0, 0), &[Closed]),
        ("TIME-WAIT, a new connection", &time_wait, Sends(SYN | ACK, 9_000, 9_001, 0), &[SynReceived]),
    ];
    for (what, story, last, states) in table {
        check(what, &after(story, &[*last]), states);
    }
}

#[test]
fn what_is_sent_again_changes_nothing() {
    let open = [Sends(SYN, 0, 0, 0), Receives(SYN | ACK, 0, 1, 0), Sends(ACK, 1, 1, 0)];
    let fin = after(&open, &[Sends(FIN | ACK, 1, 1, 0)]);
    let table: &[(&str, &[Does], Does)] = &[
        ("SYN", &open[..1], Sends(SYN, 0, 0, 0)),
        ("SYN, ACK", &[Sends(SYN | ACK, 0, 1, 0)], Sends(SYN | ACK, 0, 1, 0)),
        ("SYN, ACK received", &open, Receives(SYN | ACK, 0, 1, 0)),
        ("FIN", &fin, Sends(FIN | ACK, 1, 1, 0)),
        ("FIN received", &after(&open, &[Receives(FIN | ACK, 1, 1, 0)]), Receives(FIN | ACK, 1, 1, 0)),
    ];
    for (what, story, last) in table {
        check(what, &after(story, &[*last]), &[]);
    }
}

#[test]
fn what_is_out_of_place_changes_nothing() {
    let open = [Sends(SYN, 0, 0, 0), Receives(SYN | ACK, 0, 1, 0), Sends(ACK, 1, 1, 0)];
    let table: &[(&str, &[Does], Does)] = &[
        ("an ACK of what was not sent, in SYN-SENT", &open[..1], Receives(SYN | ACK, 0, 50, 0)),
        ("the RST that answers it", &open[..1], Sends(RST, 50, 0, 0)),
        ("a RST without ACK, in SYN-SENT", &open[..1], Receives(RST, 0, 0, 0)),
        ("a RST of another connection, in SYN-SENT", &open[..1], Receives(RST | ACK, 0, 50, 0)),
        ("a RST beside the next number", &open, Receives(RST, 5, 0, 0)),
        ("an ACK of what was not sent", &open, Receives(FIN | ACK, 1, 50, 0)),
        ("a FIN behind a hole", &open, Receives(FIN | ACK, 5, 1, 4)),
        ("data and FIN behind the window", &open, Receives(FIN | ACK, 1 + (64_000 << 7), 1, 1)),
        ("a RST to nobody", &[], Sends(RST | ACK, 0, 1, 0)),
        ("a segment of an unknown connection", &[], Receives(ACK, 1, 1, 5)),
    ];
    for (what, story, last) in table {
        check(what, &after(story, &[*last]), &[]);
    }
}

#[test]
fn refused() {
    check("SYN-SENT, RST,ACK", &[Sends(SYN, 0, 0, 0), Receives(RST | ACK, 0, 1, 0)], &[Closed]);
}

#[test]
fn a_fin_counts_when_everything_before_it_has_come() {
    let story = [
        Sends(SYN, 0, 0, 0),
        Receives(SYN | ACK, 0, 1, 0),
        Sends(ACK, 1, 1, 0),
        Receives(ACK, 11, 1, 10),
        Receives(FIN | ACK, 21, 1, 0),
        Sends(ACK, 1, 1, 0),
    ];
    check("the hole is open", &story, &[]);
    check("and filled", &after(&story, &[Receives(ACK, 1, 1, 10)]), &[CloseWait]);
    check("in two pieces", &after(&story, &[Receives(ACK, 1, 1, 4), Receives(ACK, 5, 1, 6)]), &[CloseWait]);
}

#[test]
fn a_reset_is_taken_at_the_edge_of_what_came_early() {
    let open = [Sends(SYN, 0, 0, 0), Receives(SYN | ACK, 0, 1, 0), Sends(ACK, 1, 1, 0)];
    let early = after(&open, &[Receives(ACK, 11, 1, 10)]);
    let two = after(&early, &[Receives(ACK, 31, 1, 10)]);
    let fin = after(&open, &[Receives(FIN | ACK, 11, 1, 0)]);
    let table: &[(&str, &[Does], Does, &[TcpState])] = &[
        ("behind data behind a hole", &early, Receives(RST, 21, 0, 0), &[Closed]),
        ("inside of it", &early, Receives(RST, 15, 0, 0), &[]),
        ("behind the last of two", &two, Receives(RST, 41, 0, 0), &[Closed]),
        ("between the two", &two, Receives(RST, 21, 0, 0), &[]),
        ("behind a FIN behind a hole", &fin, Receives(RST, 12, 0, 0), &[Closed]),
        // An ACK says where its sender is, but it brought nothing that could be acknowledged.
        ("behind a hole, at an ACK", &after(&open, &[Receives(ACK, 11, 1, 0)]), Receives(RST, 11, 0, 0), &[]),
    ];
    for (what, story, last, states) in table {
        check(what, &after(story, &[*last]), states);
    }
}

#[test]
fn an_end_met_in_the_middle_goes_on_from_where_it_is() {
    let mut end = TcpEnd::resumed(Established);
    assert!(feed(&mut end, Receives(ACK, 5_000, 900, 10)).is_empty());
    assert!(feed(&mut end, Sends(ACK, 900, 5_010, 0)).is_empty());
    assert_eq!(feed(&mut end, Receives(FIN | ACK, 5_010, 900, 0)), [CloseWait]);
    assert_eq!(feed(&mut end, Sends(FIN | ACK, 900, 5_011, 0)), [LastAck]);
    assert_eq!(feed(&mut end, Receives(ACK, 5_011, 901, 0)), [Closed]);
}
