//! Both codecs: what is written is read as the same, and nothing that a stranger sends makes them panic.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use protocol::ids::Boot;
use protocol::message::{ResetReason, Resume};
use protocol::*;
use std::net::SocketAddr;

const CODECS: [Codec; 2] = [Codec::Postcard, Codec::Json];

fn bytes() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..64).prop_map(Bytes)
}

fn address() -> impl Strategy<Value = Address> {
    prop_oneof![any::<SocketAddr>().prop_map(plain).prop_map(Address::Inet), option::of(".*").prop_map(Address::Unix),]
}

/// Without scope and flow label: the textual form in JSON does not carry a flow label, and no loopback address has one.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), address.port())
}

fn family() -> impl Strategy<Value = Family> {
    select(vec![Family::Ipv4, Family::Ipv6, Family::Unix])
}

fn transport() -> impl Strategy<Value = Transport> {
    select(vec![Transport::Tcp, Transport::Udp, Transport::UnixStream, Transport::UnixDatagram])
}

fn direction() -> impl Strategy<Value = Direction> {
    select(vec![Direction::In, Direction::Out, Direction::Both])
}

fn rule() -> impl Strategy<Value = LoopRule> {
    select(vec![LoopRule::Once, LoopRule::UntilShort, LoopRule::UntilLen, LoopRule::UntilEof, LoopRule::Framed])
}

fn option_() -> impl Strategy<Value = SocketOption> {
    prop_oneof![
        any::<bool>().prop_map(SocketOption::ReuseAddress),
        any::<bool>().prop_map(SocketOption::NoDelay),
        any::<u32>().prop_map(SocketOption::SendBuffer),
        any::<u32>().prop_map(SocketOption::RecvBuffer),
        any::<bool>().prop_map(SocketOption::KeepAlive),
        any::<bool>().prop_map(SocketOption::V6Only),
    ]
}

fn setting() -> impl Strategy<Value = Setting> {
    prop_oneof![
        select(vec![TcpMode::OneAtATime, TcpMode::TaskPerClient, TcpMode::TutorialExactly]).prop_map(Setting::TcpMode),
        any::<u32>().prop_map(Setting::RecvSize),
        any::<u32>().prop_map(Setting::Backlog),
        rule().prop_map(Setting::Rule),
        any::<u64>().prop_map(|time| Setting::Think(Nanos(time))),
        any::<bool>().prop_map(Setting::Reading),
        any::<bool>().prop_map(Setting::Accepting),
        any::<bool>().prop_map(Setting::NoDelay),
        any::<Option<u32>>().prop_map(Setting::SendBuffer),
        any::<Option<u32>>().prop_map(Setting::RecvBuffer),
        any::<bool>().prop_map(Setting::ReuseAddress),
    ]
}

fn target() -> impl Strategy<Value = Target> {
    prop_oneof![
        any::<u32>().prop_map(|id| Target::Server(ServerId(id))),
        any::<u16>().prop_map(Target::Named),
        (transport(), family()).prop_map(|(transport, family)| Target::Nobody { transport, family }),
    ]
}

fn spec() -> impl Strategy<Value = ClientSpec> {
    (target(), any::<u32>(), rule(), any::<bool>(), vec(option_(), 0..4)).prop_map(
        |(target, recv_size, rule, connected, options)| ClientSpec { target, recv_size, rule, connected, options },
    )
}

fn action() -> impl Strategy<Value = ClientAction> {
    prop_oneof![
        Just(ClientAction::Connect),
        (bytes(), any::<u32>()).prop_map(|(data, repeat)| ClientAction::Send { data, repeat }),
        Just(ClientAction::Recv),
        any::<bool>().prop_map(ClientAction::Reading),
        option_().prop_map(ClientAction::Option),
        (any::<u32>(), rule()).prop_map(|(recv_size, rule)| ClientAction::Program { recv_size, rule }),
        direction().prop_map(ClientAction::Shutdown),
        Just(ClientAction::Close),
        Just(ClientAction::Abort),
    ]
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![
        spec().prop_map(Command::Open),
        (any::<u32>(), action()).prop_map(|(id, action)| Command::Client { client: ProgramId(id), action }),
        setting().prop_map(|setting| Command::Server(ServerAction::Set(setting))),
        any::<u32>().prop_map(|id| Command::Server(ServerAction::Rebind(ServerId(id)))),
        any::<u32>().prop_map(|id| Command::Server(ServerAction::HangUp(SocketId(id)))),
        Just(Command::World(WorldAction::Clear)),
        Just(Command::World(WorldAction::Switch(WorldKind::TwoHosts))),
    ]
}

fn epoch() -> impl Strategy<Value = Epoch> {
    (any::<u128>(), any::<u32>()).prop_map(|(boot, run)| Epoch { boot: Boot(boot), run })
}

fn interest() -> impl Strategy<Value = Interest> {
    (any::<u32>(), vec(any::<u32>(), 0..4), vec(any::<u32>(), 0..4), any::<u32>(), any::<u32>()).prop_map(
        |(kinds, hosts, programs, data, budget)| Interest {
            kinds: KindSet(kinds),
            hosts: hosts.into_iter().map(HostId).collect(),
            programs: programs.into_iter().map(ProgramId).collect(),
            data,
            budget,
        },
    )
}

fn to_bridge() -> impl Strategy<Value = ToBridge> {
    prop_oneof![
        (option::of(".*"), option::of((epoch(), any::<u64>())), interest()).prop_map(|(token, resume, interest)| {
            let resume = resume.map(|(epoch, after)| Resume { epoch, after: Seq(after) });
            ToBridge::Hello { token, resume, interest }
        }),
        interest().prop_map(ToBridge::Interest),
        (any::<u32>(), command()).prop_map(|(number, what)| ToBridge::Do { number, what }),
        any::<u64>().prop_map(ToBridge::Ping),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    prop_oneof![
        (family(), transport()).prop_map(|(family, transport)| Op::Socket { family, transport }),
        option_().prop_map(Op::SetOption),
        address().prop_map(|to| Op::Bind { to }),
        any::<u32>().prop_map(|backlog| Op::Listen { backlog }),
        Just(Op::Accept),
        address().prop_map(|to| Op::Connect { to }),
        any::<u64>().prop_map(|len| Op::Send { len }),
        (any::<u64>(), address()).prop_map(|(len, to)| Op::SendTo { len, to }),
        any::<u32>().prop_map(|max| Op::Recv { max }),
        direction().prop_map(|how| Op::Shutdown { how }),
        ".*".prop_map(|path| Op::Unlink { path }),
    ]
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(Outcome::Done),
        any::<i32>().prop_map(Outcome::Fd),
        any::<u64>().prop_map(Outcome::Bytes),
        (any::<u64>(), address()).prop_map(|(len, from)| Outcome::From(len, from)),
        (any::<u32>(), address()).prop_map(|(id, peer)| Outcome::Accepted { socket: SocketId(id), peer }),
        (select(Errno::ALL.to_vec()), any::<i32>())
            .prop_map(|(name, number)| Outcome::Failed(SysError { name, number })),
        Just(Outcome::Cancelled),
    ]
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        (direction(), any::<u64>(), any::<u64>()).prop_map(|(direction, start, len)| Span::Stream {
            direction,
            start,
            len
        }),
        (any::<Option<u32>>(), any::<u32>(), any::<Option<u32>>()).prop_map(|(id, len, true_len)| Span::Datagram {
            id: id.map(DatagramId),
            len,
            true_len
        }),
    ]
}

fn kind() -> impl Strategy<Value = Kind> {
    let call = (any::<u32>(), any::<bool>(), op(), option::of(outcome()), option::of(span()), bytes(), any::<u32>());
    prop_oneof![
        call.prop_map(|(id, entered, op, outcome, span, data, tries)| Kind::Call(Call {
            id: CallId(id),
            phase: if entered { Phase::Entered } else { Phase::Returned },
            op,
            outcome,
            span,
            data,
            line: None,
            tries,
        })),
        (any::<u32>(), any::<u32>(), command())
            .prop_map(|(by, number, what)| Kind::Command { id: CommandId { by: MemberId(by), number }, what }),
        (select(TcpState::ALL.to_vec()), option::of(select(TcpState::ALL.to_vec())))
            .prop_map(|(to, from)| Kind::State { from, to }),
        vec((select(vec![GaugeKey::RecvQueue, GaugeKey::Cwnd, GaugeKey::PacketsQueued]), any::<u64>()), 0..4)
            .prop_map(Kind::Gauge),
        (".*", any::<u64>(), address()).prop_map(|(text, count, at)| {
            Kind::Note(NoteId::OtherProgram, vec![Arg::Text(text), Arg::Count(count), Arg::At(at)])
        }),
        (bytes(), any::<u32>(), any::<u64>()).prop_map(|(data, true_len, at)| Kind::Packet(Packet {
            id: PacketId(1),
            tap: Tap::Wire,
            stage: Stage::Scheduled(Nanos(at)),
            copy_of: None,
            data,
            true_len,
        })),
        Just(Kind::Closed),
        Just(Kind::Ended),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    (any::<u64>(), any::<u64>(), any::<[Option<u32>; 3]>(), any::<bool>(), kind()).prop_map(
        |(seq, at, [program, socket, flow], simulated, kind)| Event {
            seq: Seq(seq),
            at: Nanos(at),
            uncertainty: Nanos(at / 2),
            about: About {
                host: HostId(1),
                program: program.map(ProgramId),
                socket: socket.map(SocketId),
                flow: flow.map(FlowId),
            },
            provenance: Provenance { how: How::Derived, simulated },
            cause: Some(Cause::Event(Seq(seq / 2))),
            kind,
        },
    )
}

fn to_page() -> impl Strategy<Value = ToPage> {
    prop_oneof![
        4 => (epoch(), any::<u64>(), any::<u64>(), vec(event(), 0..4)).prop_map(|(epoch, after, through, events)| {
            ToPage::Batch(Batch { epoch, after: Seq(after), through: Seq(through), events })
        }),
        1 => (any::<u64>(), any::<u64>()).prop_map(|(first, last)| {
            ToPage::Gap(Gap { first: Seq(first), last: Seq(last), reason: GapReason::SlowViewer })
        }),
        1 => epoch().prop_map(|epoch| ToPage::Reset { epoch, why: ResetReason::Cleared }),
        1 => (any::<u32>(), any::<u32>()).prop_map(|(number, id)| {
            ToPage::Answer { number, id: CommandId { by: MemberId(id), number }, result: Err(Refusal::NotYours(ProgramId(id))) }
        }),
        1 => ".*".prop_map(|why| ToPage::Bye(Farewell::Malformed(why))),
    ]
}

proptest! {
    #[test]
    fn what_a_page_says_is_read_as_it_was_said(message in to_bridge()) {
        for codec in CODECS {
            prop_assert_eq!(&codec.decode::<ToBridge>(&codec.encode(&message)).unwrap(), &message);
        }
    }

    #[test]
    fn what_a_bridge_says_is_read_as_it_was_said(message in to_page()) {
        for codec in CODECS {
            prop_assert_eq!(&codec.decode::<ToPage>(&codec.encode(&message)).unwrap(), &message);
        }
    }

    #[test]
    fn a_message_cut_short_or_continued_is_no_message(message in to_bridge(), cut in any::<proptest::sample::Index>()) {
        for codec in CODECS {
            let mut whole = codec.encode(&message);
            let cut = cut.index(whole.len());
            prop_assert!(codec.decode::<ToBridge>(&whole[..cut]).is_err());
            whole.push(b'1');
            prop_assert!(codec.decode::<ToBridge>(&whole).is_err());
        }
    }

    #[test]
    fn nonsense_is_an_error_and_never_a_panic(nonsense in vec(any::<u8>(), 0..200)) {
        for codec in CODECS {
            // Some nonsense is a message by chance; then it survives being written again.
            if let Ok(message) = codec.decode::<ToBridge>(&nonsense) {
                prop_assert_eq!(codec.decode::<ToBridge>(&codec.encode(&message)).unwrap(), message);
            }
            if let Ok(message) = codec.decode::<ToPage>(&nonsense) {
                prop_assert_eq!(codec.decode::<ToPage>(&codec.encode(&message)).unwrap(), message);
            }
        }
    }

    #[test]
    fn one_flipped_bit_never_panics(message in to_bridge(), at in any::<proptest::sample::Index>(), bit in 0..8_u32) {
        for codec in CODECS {
            let mut damaged = codec.encode(&message);
            let at = at.index(damaged.len());
            damaged[at] ^= 1 << bit;
            let _ = codec.decode::<ToBridge>(&damaged);
        }
    }
}

/// A length of four thousand million in a message of ten bytes must not be believed.
#[test]
fn announced_lengths_are_not_allocated() {
    const LENGTH: [u8; 5] = [0xff, 0xff, 0xff, 0xff, 0x0f];
    // ToPage::Servers is a list; ToPage::Batch is epoch (two numbers), after, through and a list.
    let heads: [&[u8]; 2] = [&[5], &[1, 0, 0, 0, 0]];
    for head in heads {
        let lie = [head, &LENGTH].concat();
        assert!(Codec::Postcard.decode::<ToPage>(&lie).is_err(), "{head:?}");
        let honest = [head, &[0]].concat();
        assert!(Codec::Postcard.decode::<ToPage>(&honest).is_ok(), "{head:?}");
    }
}
