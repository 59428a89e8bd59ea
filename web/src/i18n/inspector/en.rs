//! English for the inspector.

use super::*;

/// English.
pub const EN: Inspector = Inspector {
    nothing: "Choose a mark on the ladder: a call, a state, a seat.",
    following: "Latest. Choose a mark to stay with it.",
    pinned: "Chosen. Esc follows the story again.",
    header: |layer, bytes| [layer_name(layer), ", ", &bytes_en(bytes as u64)].concat(),
    headers: "Header",
    checksum: en_checksum,
    choose_field: "Point at a field, or at a byte.",
    sentence: en_sentence,
    program: "Program",
    no_source: "Somebody's own program: its source is not known here.",
    kernel: "From the kernel",
    no_values: "Nothing reported about this socket yet.",
    value: en_value,
    amount: |value, unit| match unit {
        Unit::Bytes => [value.to_string().as_str(), if value == 1 { " byte" } else { " bytes" }].concat(),
        Unit::Micros => time(Nanos::from_micros(value)),
        Unit::Count => value.to_string(),
    },
    state: "state",
    state_means: en_state,
    bytes: "Bytes",
    before: "before upper()",
    after: "after upper()",
    more_bytes: |count| ["… and ", &count.to_string(), " more"].concat(),
    how: |how| match how {
        How::Observed => "observed: we made or saw it ourselves",
        How::Reported => "reported by the kernel",
        How::Derived => "derived from other events",
    },
    simulated: "simulated",
    times: |began, took, uncertain| {
        let mut said = ["at ", began].concat();
        if let Some(took) = took {
            said = [&said, ", took ", took].concat();
        }
        if let Some(uncertain) = uncertain {
            said = [&said, ", up to ", uncertain, " earlier"].concat();
        }
        said
    },
    windows: |number| ["On Windows: WinError ", &number.to_string()].concat(),
    language: "Language of the source",
};

fn en_checksum(verdict: Checksum, loopback: bool) -> String {
    match verdict {
        Checksum::Correct => "Checksum: right.".into(),
        Checksum::Wrong { found, expected } => {
            ["Checksum: wrong. It is ", &hex4(found), ", it should be ", &hex4(expected), "."].concat()
        }
        Checksum::NotFilledIn if loopback => {
            "Checksum: not filled in. The kernel leaves it to the interface, and loopback computes none.".into()
        }
        Checksum::NotFilledIn => "Checksum: not filled in; the kernel left it to the interface.".into(),
        Checksum::None => "Checksum: the sender chose to send none.".into(),
        Checksum::Fragmented => "Checksum: it covers all fragments together.".into(),
        Checksum::Truncated => "Checksum: not all the bytes it covers were recorded.".into(),
    }
}

fn bytes_en(count: u64) -> String {
    [count.to_string().as_str(), if count == 1 { " byte" } else { " bytes" }].concat()
}

fn en_sentence(sentence: &Sentence) -> String {
    let Sentence { who, call, fact } = sentence;
    let subject = [who, ": ", call].concat();
    match fact {
        Fact::Waits(length) => [&subject, " has been waiting for ", &time(*length), "."].concat(),
        Fact::Listens(length) => [
            &subject,
            " has been waiting for ",
            &time(*length),
            ". That is normal: a server waits until somebody connects.",
        ]
        .concat(),
        Fact::Failed(error) => [&subject, " failed with ", &error.to_string(), "."].concat(),
        Fact::Cancelled => [&subject, " never came back: the program ended or closed the socket under it."].concat(),
        Fact::Sent { bytes, letter, tries } => {
            let letter = letter.map_or(String::new(), |letter| [" (", &letter.to_string(), ")"].concat());
            let tries =
                if *tries > 1 { [", in ", &tries.to_string(), " system calls"].concat() } else { String::new() };
            [
                &subject,
                " gave ",
                &bytes_en(*bytes),
                &letter,
                " to the kernel",
                &tries,
                ". That does not say that they arrived.",
            ]
            .concat()
        }
        Fact::Answered { bytes, letters } => {
            // Nobody saw whose bytes it answers where the other program's calls are not visible.
            let space = if letters.is_empty() { "" } else { " " };
            let to = " to the kernel: the answer";
            [&subject, " gave ", &bytes_en(*bytes), to, space, letters, ", a stream of its own."].concat()
        }
        Fact::Received { bytes, most, letters, sends, waited, cut, transport } => {
            let mut said = [&subject, " returned ", &bytes_en(*bytes)].concat();
            if !letters.is_empty() {
                said = [&said, " (", letters, ")"].concat();
            }
            said += &match waited {
                Some(waited) => [" after waiting ", &time(*waited), "."].concat(),
                None => " at once: they were already here.".into(),
            };
            match (!transport.is_stream(), *sends) {
                (true, _) if *cut > 0 => {
                    said += &[" The datagram was longer than ", &most.to_string(), ": ", &bytes_en(*cut), " are gone."]
                        .concat();
                }
                (true, _) => said += " One recvfrom(), one datagram.",
                (false, 2..) => {
                    let what = if transport.is_inet() { "TCP" } else { "a Unix stream" };
                    let sends = sends.to_string();
                    said += &[" They come from ", &sends, " sends: ", what, " keeps bytes, not edges."].concat();
                }
                (false, _) if bytes == &u64::from(*most) => {
                    said += " It could not take more; the rest waits for the next one.";
                }
                _ => {}
            }
            said
        }
        Fact::End => {
            [&subject, " returned 0 bytes: the other side will send no more. A program should stop reading here."]
                .concat()
        }
        Fact::Accepted { peer, sat } => [
            &subject,
            " returned a new socket: the connection with ",
            &peer.to_string(),
            ", which had waited in its seat for ",
            &time(*sat),
            ".",
        ]
        .concat(),
        Fact::Connected(took) => [
            &subject,
            " returned after ",
            &time(*took),
            ": the kernels have shaken hands. The server's program need not have accepted yet.",
        ]
        .concat(),
        Fact::Listening { backlog } => [
            &subject,
            ": from now on the kernel takes connections by itself and keeps up to ",
            &(backlog + 1).to_string(),
            " of them (Linux: backlog plus one) until accept().",
        ]
        .concat(),
        Fact::Done => [&subject, " returned at once."].concat(),
        Fact::State { state, address } => [who, " ", address, " is ", state.name(), ": ", en_state(*state)].concat(),
        Fact::Queued { peer, taken, seats, accepted } => {
            let after = if *accepted { "" } else { " No accept() has taken it since." };
            [
                "The connection from ",
                peer,
                " is established and sits in the accept queue: ",
                &taken.to_string(),
                " of ",
                &seats.to_string(),
                " seats taken.",
                after,
            ]
            .concat()
        }
        Fact::Holds { address, unread, unacknowledged } => [
            "The kernel's buffers of ",
            address,
            ": ",
            &bytes_en(*unread),
            " arrived and not yet read by the program, ",
            &bytes_en(*unacknowledged),
            " sent and not yet acknowledged by the other side.",
        ]
        .concat(),
        Fact::Packet { what, flew, lost, held, again, fragment } => {
            let mut said = en_packet(what, *fragment);
            if *again {
                said += " It was sent before: a retransmission.";
            }
            if *held {
                said += " It is stopped in mid-wire, until you decide.";
            }
            match (lost, flew) {
                (Some(why), _) => {
                    said = [&said, " It never arrived: ", &(crate::i18n::ladder::EN.say)(&Say::Dropped(*why)), "."]
                        .concat();
                }
                (None, Some(Nanos(0))) => said += " Sent and received in the same moment.",
                (None, Some(flew)) => said = [&said, " It was on its way for ", &time(*flew), "."].concat(),
                (None, None) if !*held => said += " It is on its way.",
                (None, None) => {}
            }
            said
        }
        Fact::Said(say) => (crate::i18n::ladder::EN.say)(say),
    }
}

/// `SYN, ACK from 10.0.0.2:808 to 10.0.0.1:41022.`
fn en_packet(what: &PacketWords, fragment: Option<(u64, u64)>) -> String {
    let mut said = what.flags.clone();
    if what.bytes > 0 {
        let comma = if said.is_empty() { "" } else { ", " };
        said = [&said, comma, &bytes_en(what.bytes)].concat();
    }
    if let Some((first, last)) = what.place {
        said = [&said, " (", &first.to_string(), "–", &last.to_string(), ")"].concat();
    }
    if let Some((src, dst)) = what.ends {
        said = [&said, " from ", &src.to_string(), " to ", &dst.to_string()].concat();
    }
    said += ".";
    if let Some((first, last)) = fragment {
        said = [&said, " A fragment: bytes ", &first.to_string(), "–", &last.to_string(), " of its datagram."].concat();
    }
    said
}

fn en_state(state: TcpState) -> &'static str {
    match state {
        TcpState::Closed => "no connection.",
        TcpState::Listen => "waiting for a SYN.",
        TcpState::SynSent => "a SYN was sent; the answer has not come.",
        TcpState::SynReceived => "a SYN came and was answered; the last step of the handshake is missing.",
        TcpState::Established => "open in both directions.",
        TcpState::FinWait1 => "this side closed first; its FIN is not acknowledged.",
        TcpState::FinWait2 => "this side closed first and that is acknowledged; the other side may still send.",
        TcpState::CloseWait => "the other side has closed; this program has not.",
        TcpState::Closing => "both closed at once.",
        TcpState::LastAck => "both have closed; the last acknowledgement is missing.",
        TcpState::TimeWait => "over; the kernel waits so that old packets die out.",
    }
}

fn en_value(key: GaugeKey) -> &'static str {
    match key {
        GaugeKey::RecvQueue => "received, not yet read",
        GaugeKey::SendQueue => "sent, not yet acknowledged",
        GaugeKey::AcceptQueue => "connections waiting for accept",
        GaugeKey::AcceptLimit => "backlog",
        GaugeKey::SynQueue => "half-open connections",
        GaugeKey::RecvBuffer => "receive buffer",
        GaugeKey::SendBuffer => "send buffer",
        GaugeKey::Drops => "lost because the queue was full",
        GaugeKey::Srtt => "smoothed round trip",
        GaugeKey::RttVar => "round trip variation",
        GaugeKey::Rto => "retransmission timeout",
        GaugeKey::Cwnd => "congestion window, segments",
        GaugeKey::Ssthresh => "slow-start threshold, segments",
        GaugeKey::Unacked => "segments not acknowledged",
        GaugeKey::Sacked => "segments selectively acknowledged",
        GaugeKey::Lost => "segments thought lost",
        GaugeKey::Retrans => "segments of this flight sent again",
        GaugeKey::TotalRetrans => "segments sent again",
        GaugeKey::SndMss => "largest segment to send",
        GaugeKey::RcvMss => "largest segment received",
        GaugeKey::SndWnd => "window the peer offers",
        GaugeKey::RcvWnd => "window offered to the peer",
        GaugeKey::BytesAcked => "acknowledged by the peer",
        GaugeKey::BytesReceived => "received in order",
        GaugeKey::NotSent => "given, not yet sent",
        GaugeKey::SegsOut => "segments sent",
        GaugeKey::SegsIn => "segments received",
        GaugeKey::Timer => "timer that is running",
        GaugeKey::TimerExpires => "timer fires in",
        GaugeKey::Backoff => "timeouts in a row",
        GaugeKey::Probes => "window probes unanswered",
        GaugeKey::PacketsQueued => "datagrams waiting",
    }
}
