//! The steps of scripts in few words.

use protocol::script::{Action, Compare, Condition, Pattern, Play, Step, Verb, What, Who};
use protocol::{ClientAction, Family, GaugeKey, Nanos, Setting, TcpState, Transport};

/// Longer than anything takes on a busy machine, the kernels' own timeouts included.
const SOON: Nanos = Nanos::from_millis(30_000);

pub const SERVER: Who = Who::Server(Transport::Tcp, Family::Ipv4);

pub fn client(name: &str) -> Who {
    Who::Client(name.into())
}

pub fn peer(name: &str) -> Who {
    Who::PeerOf(name.into())
}

pub fn tcp() -> Play {
    Play::new(Transport::Tcp)
}

pub fn udp() -> Play {
    Play::new(Transport::Udp)
}

pub fn act(action: Action) -> Step {
    Step::Do(action)
}

pub fn open(name: &str, play: Play) -> Step {
    act(Action::Open(name.into(), play))
}

pub fn tell(name: &str, action: ClientAction) -> Step {
    act(Action::Client(name.into(), action))
}

pub fn send(name: &str, data: &[u8]) -> Step {
    tell(name, ClientAction::Send { data: data.into(), repeat: 1 })
}

pub fn set(setting: Setting) -> Step {
    act(Action::Set(setting))
}

pub fn wait(condition: Condition) -> Step {
    Step::Wait(condition, SOON)
}

/// Waits until it was seen so many times.
pub fn times(who: &Who, what: What, times: u32) -> Step {
    wait(Condition::Seen(who.does(what), times))
}

/// Waits until it was seen.
pub fn seen(who: &Who, what: What) -> Step {
    times(who, what, 1)
}

/// Waits until a `recv` gave so many bytes.
pub fn gives(who: &Who, bytes: u64) -> Step {
    seen(who, What::Gives(Verb::Recv, bytes))
}

/// Waits until the call returned, however.
pub fn returns(who: &Who, verb: Verb) -> Step {
    seen(who, What::Returns(verb))
}

/// It must not have happened by now.
pub fn never(pattern: Pattern) -> Step {
    Step::Check(Condition::Exactly(pattern, 0))
}

pub fn is_in(who: &Who, state: TcpState) -> Step {
    wait(Condition::IsIn(who.clone(), state))
}

pub fn value(who: &Who, key: GaugeKey, is: u64) -> Step {
    wait(Condition::Value(who.clone(), key, Compare::Is, is))
}

/// Waits until so many bytes lie in its receive buffer: then nothing is left to chance in how `recv` cuts them.
pub fn holds(who: &Who, bytes: u64) -> Step {
    value(who, GaugeKey::RecvQueue, bytes)
}

/// Opens a client and connects it.
pub fn connect(name: &str, play: Play) -> Vec<Step> {
    let connects = play.transport.is_stream() || play.connected;
    let mut steps = vec![open(name, play)];
    if connects {
        steps.extend([tell(name, ClientAction::Connect), returns(&client(name), Verb::Connect)]);
    }
    steps
}

/// Sends a word and waits until it came back.
pub fn echo(name: &str, word: &[u8]) -> Vec<Step> {
    vec![send(name, word), gives(&client(name), word.len() as u64)]
}

/// The client closes first. The server does not read until the client's FIN is acknowledged: otherwise the server's own
/// FIN may come with that acknowledgement, and FIN_WAIT_2 is never.
pub fn close(name: &str) -> Vec<Step> {
    vec![
        set(Setting::Reading(false)),
        tell(name, ClientAction::Close),
        is_in(&client(name), TcpState::FinWait2),
        is_in(&peer(name), TcpState::CloseWait),
        set(Setting::Reading(true)),
        is_in(&client(name), TcpState::TimeWait),
        seen(&peer(name), What::Closes),
    ]
}
