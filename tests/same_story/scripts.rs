//! The scripts. Where two things race in a real kernel, a script waits in between: what it then tells is no accident.

use super::words::{
    SERVER, act, client, close, connect, echo, gives, holds, is_in, never, open, peer, returns, seen, send, set, tcp,
    tell, times, udp, value,
};
use protocol::script::{Action, Condition, Play, Script, Step, Verb, What, Who};
use protocol::wire::{Conditions, Filter, Matches, Verdict, Way, WireAction};
use protocol::{
    ClientAction, Direction, Errno, Family, GaugeKey, LoopRule, Nanos, NoteId, Setting, TcpMode, TcpState, Transport,
};

/// A script and its name.
pub struct Named {
    /// As its account is called.
    pub name: &'static str,
    /// It does something to the wire, so This computer cannot play it.
    pub needs_wire: bool,
    pub script: Script,
}

/// All of them.
pub fn all() -> Vec<Named> {
    let mut scripts = Vec::new();
    let mut add = |name, steps: Vec<Vec<Step>>| {
        let steps = steps.concat();
        let needs_wire = steps.iter().any(|step| matches!(step, Step::Do(Action::Wire(_))));
        scripts.push(Named { name, needs_wire, script: Script { steps } });
    };
    add("hello", vec![connect("a", tcp()), echo("a", b"hello"), close("a")]);
    add("hello_over_ipv6", hello_over_ipv6());
    add("three_thousand_bytes", three_thousand_bytes());
    add("three_sends_are_one_recv", three_sends_are_one_recv());
    add("the_second_client_waits", the_second_client_waits());
    add("the_tutorial_exactly", the_tutorial_exactly());
    add("half_close", half_close());
    add("the_server_closes_first", the_server_closes_first());
    add("an_abort", an_abort());
    add("nobody_listens", nobody_listens());
    add("three_datagrams", three_datagrams());
    add("long_and_empty_datagrams", long_and_empty_datagrams());
    add("nobody_receives", nobody_receives());
    add("an_address_in_use", an_address_in_use());
    add("a_full_backlog", a_full_backlog());
    add("a_lost_segment", a_lost_segment());
    scripts
}

fn hello_over_ipv6() -> Vec<Vec<Step>> {
    let (tcp, udp) = (Play { family: Family::Ipv6, ..tcp() }, Play { family: Family::Ipv6, ..udp() });
    vec![connect("a", tcp), echo("a", b"hello"), close("a"), connect("u", udp), echo("u", b"six")]
}

fn three_thousand_bytes() -> Vec<Vec<Step>> {
    vec![
        vec![set(Setting::Reading(false))],
        connect("a", tcp()),
        vec![
            tell("a", ClientAction::Reading(false)),
            send("a", &pattern(3_000)),
            holds(&peer("a"), 3_000),
            set(Setting::Reading(true)),
            holds(&client("a"), 3_000),
            tell("a", ClientAction::Reading(true)),
            times(&client("a"), What::Returns(Verb::Recv), 3),
        ],
    ]
}

fn three_sends_are_one_recv() -> Vec<Vec<Step>> {
    let word = |word: &[u8], in_all| vec![send("a", word), holds(&peer("a"), in_all)];
    vec![
        vec![set(Setting::Reading(false))],
        connect("a", tcp()),
        word(b"one", 3),
        word(b"two", 6),
        word(b"three", 11),
        vec![set(Setting::Reading(true)), gives(&client("a"), 11)],
    ]
}

fn the_second_client_waits() -> Vec<Vec<Step>> {
    vec![
        connect("a", tcp()),
        echo("a", b"first"),
        connect("b", tcp()),
        vec![
            send("b", b"second"),
            seen(&peer("b"), What::Queues),
            is_in(&peer("b"), TcpState::Established),
            holds(&peer("b"), 6),
            value(&SERVER, GaugeKey::AcceptQueue, 1),
            Step::Check(Condition::Exactly(SERVER.does(What::Returns(Verb::Accept)), 1)),
            never(client("b").does(What::Returns(Verb::Recv))),
        ],
        close("a"),
        vec![gives(&client("b"), 6), value(&SERVER, GaugeKey::AcceptQueue, 0)],
    ]
}

fn the_tutorial_exactly() -> Vec<Vec<Step>> {
    vec![
        vec![set(Setting::TcpMode(TcpMode::TutorialExactly))],
        connect("a", tcp()),
        echo("a", b"first"),
        vec![
            tell("a", ClientAction::Close),
            is_in(&peer("a"), TcpState::CloseWait),
            seen(&SERVER, What::Notes(NoteId::EmptyRecvs)),
        ],
        connect("b", tcp()),
        vec![
            send("b", b"hello?"),
            holds(&peer("b"), 6),
            times(&SERVER, What::Notes(NoteId::EmptyRecvs), 3),
            Step::Check(Condition::Exactly(SERVER.does(What::Returns(Verb::Accept)), 1)),
            never(client("b").does(What::Returns(Verb::Recv))),
        ],
    ]
}

fn half_close() -> Vec<Vec<Step>> {
    vec![
        connect("a", Play { rule: LoopRule::UntilEof, ..tcp() }),
        vec![
            set(Setting::Reading(false)),
            send("a", b"last words"),
            holds(&peer("a"), 10),
            tell("a", ClientAction::Shutdown(Direction::Out)),
            is_in(&client("a"), TcpState::FinWait2),
            is_in(&peer("a"), TcpState::CloseWait),
            // The answer waits for the end, which has its time too.
            tell("a", ClientAction::Reading(false)),
            set(Setting::Reading(true)),
            is_in(&client("a"), TcpState::TimeWait),
            tell("a", ClientAction::Reading(true)),
            gives(&client("a"), 0),
            tell("a", ClientAction::Close),
            returns(&client("a"), Verb::Close),
            seen(&peer("a"), What::Closes),
        ],
    ]
}

fn the_server_closes_first() -> Vec<Vec<Step>> {
    vec![connect("a", tcp()), echo("a", b"hello"), hang_up("a")]
}

fn hang_up(name: &str) -> Vec<Step> {
    vec![
        act(Action::HangUp(name.into())),
        is_in(&peer(name), TcpState::FinWait2),
        is_in(&client(name), TcpState::CloseWait),
        tell(name, ClientAction::Recv),
        gives(&client(name), 0),
        tell(name, ClientAction::Close),
        is_in(&peer(name), TcpState::TimeWait),
        seen(&client(name), What::Closes),
    ]
}

fn an_abort() -> Vec<Vec<Step>> {
    vec![
        connect("a", tcp()),
        echo("a", b"x"),
        vec![
            tell("a", ClientAction::Abort),
            seen(&peer("a"), What::Fails(Verb::Recv, Errno::Econnreset)),
            seen(&peer("a"), What::Closes),
            seen(&client("a"), What::Closes),
        ],
        connect("b", tcp()),
        echo("b", b"still here"),
    ]
}

fn nobody_listens() -> Vec<Vec<Step>> {
    let play = Play { to_nobody: true, ..tcp() };
    vec![vec![
        open("a", play),
        tell("a", ClientAction::Connect),
        seen(&client("a"), What::Fails(Verb::Connect, Errno::Econnrefused)),
    ]]
}

fn three_datagrams() -> Vec<Vec<Step>> {
    let three = |name: &str| -> Vec<Step> {
        let mut steps = vec![set(Setting::Reading(false))];
        steps.extend([b"one".as_slice(), b"two", b"three"].map(|word| send(name, word)));
        steps.extend([
            times(&client(name), What::Returns(Verb::Send), 3),
            set(Setting::Reading(true)),
            times(&client(name), What::Returns(Verb::Recv), 3),
        ]);
        steps
    };
    // `u` is connected and receives what its peer sends; `v` is not, and is told who sent it.
    vec![connect("u", udp()), three("u"), connect("v", Play { connected: false, ..udp() }), three("v")]
}

fn long_and_empty_datagrams() -> Vec<Vec<Step>> {
    vec![
        connect("u", udp()),
        vec![send("u", &pattern(2_000)), gives(&client("u"), 1_024)],
        vec![send("u", b""), gives(&client("u"), 0)],
        echo("u", b"still here"),
    ]
}

fn nobody_receives() -> Vec<Vec<Step>> {
    let play = Play { to_nobody: true, ..udp() };
    let refused = seen(&client("u"), What::Fails(Verb::Recv, Errno::Econnrefused));
    vec![connect("u", play), vec![send("u", b"anybody?"), refused]]
}

fn an_address_in_use() -> Vec<Vec<Step>> {
    let rebind = || act(Action::Rebind(Transport::Tcp, Family::Ipv4));
    vec![
        vec![
            // The kernel must have been asked about the first listener before it is closed.
            is_in(&SERVER, TcpState::Listen),
            set(Setting::ReuseAddress(false)),
            rebind(),
            times(&SERVER, What::Reaches(TcpState::Listen), 2),
        ],
        connect("a", tcp()),
        echo("a", b"hello"),
        hang_up("a"),
        vec![rebind(), seen(&SERVER, What::Fails(Verb::Bind, Errno::Eaddrinuse))],
    ]
}

fn a_full_backlog() -> Vec<Vec<Step>> {
    vec![
        vec![set(Setting::Accepting(false)), set(Setting::Backlog(1)), times(&SERVER, What::Returns(Verb::Listen), 2)],
        connect("a", tcp()),
        connect("b", tcp()),
        vec![
            value(&SERVER, GaugeKey::AcceptQueue, 2),
            open("c", tcp()),
            tell("c", ClientAction::Connect),
            is_in(&client("c"), TcpState::SynSent),
            never(client("c").does(What::Returns(Verb::Connect))),
            set(Setting::Accepting(true)),
            returns(&client("c"), Verb::Connect),
            is_in(&peer("c"), TcpState::Established),
        ],
    ]
}

fn a_lost_segment() -> Vec<Vec<Step>> {
    let slow = Conditions { delay: Nanos::from_millis(20), ..Conditions::default() };
    let second = Filter { way: Some(Way::ToServer), what: Matches::DataSegment, nth: 2 };
    let wire = |action| act(Action::Wire(action));
    vec![
        vec![
            wire(WireAction::Conditions(Way::ToServer, slow.clone())),
            wire(WireAction::Conditions(Way::ToClient, slow)),
            set(Setting::Reading(false)),
        ],
        connect("a", tcp()),
        vec![
            wire(WireAction::Catch(Some(second))),
            send("a", &pattern(3_000)),
            seen(&Who::Anyone, What::Holds),
            act(Action::Decide(Verdict::Drop)),
            holds(&peer("a"), 3_000),
            tell("a", ClientAction::Reading(false)),
            set(Setting::Reading(true)),
            holds(&client("a"), 3_000),
            tell("a", ClientAction::Reading(true)),
            times(&client("a"), What::Returns(Verb::Recv), 3),
        ],
    ]
}

/// Bytes that tell their place.
fn pattern(len: usize) -> Vec<u8> {
    (0..len).map(|place| b"abcdefghijklmnopqrstuvwxyz0123456789"[place * 7 % 36]).collect()
}
