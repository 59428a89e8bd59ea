//! What is shown, written for other programs and other people: text, Mermaid, a log of calls.

mod log;
mod mermaid;
mod text;

pub use log::log;
pub use mermaid::mermaid;
pub use text::text;

use super::filter::Filter;
use super::ladder::{Cast, Shown};
use super::letter::Share;
use super::say::Say;
use super::story::{PacketRecord, Place, Sort, Story};
use super::{named, wording};
use protocol::header::Carries;
use protocol::{Address, Kind, Nanos, ProgramId, SocketId};

/// Turns what there is to say into words.
pub type Speak<'a> = &'a dyn Fn(&Say) -> String;

/// A vertical line of the picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The program of the so many-th client.
    Client(usize),
    /// Its socket.
    ClientSocket(usize),
    /// The server's sockets.
    ServerSocket,
    /// The server's program.
    Server,
}

/// What happened between two lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A program called.
    Called,
    /// A call returned.
    Returned,
    /// A packet left its host; whether it is still under way.
    Sent(bool),
    /// A packet arrived; whether that was in the moment of its sending.
    Arrived(bool),
    /// A packet was lost.
    Lost,
    /// A socket is in another state.
    State,
    /// A sentence across all lanes.
    Sentence,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// When.
    pub at: Nanos,
    /// What.
    pub what: What,
    /// From here.
    pub from: Lane,
    /// To there; the same where it stays in one lane.
    pub to: Lane,
    /// In words.
    pub words: String,
}

/// What happened to those who are shown until now and what a filter takes, in the order of time; no more than the last
/// `most` of it, and whether there was more.
#[must_use]
pub fn steps(
    story: &Story,
    (cast, filter): (&Cast, Filter),
    now: Nanos,
    most: usize,
    say: Speak<'_>,
) -> (Vec<Step>, bool) {
    let mut shown = Shown::new(story, cast, filter);
    let mut steps = Vec::new();
    for place in story.in_order().iter().rev().copied() {
        if story.at(place) > now || !shown.event(place) {
            continue;
        }
        if steps.len() == most {
            steps.reverse();
            return (steps, true);
        }
        steps.extend(step(story, cast, place, say));
    }
    steps.reverse();
    (steps, false)
}

fn step(story: &Story, cast: &Cast, place: Place, say: Speak<'_>) -> Option<Step> {
    let tag = story.tag(place);
    let at = story.at(place);
    match tag.sort {
        Sort::Entered | Sort::Returned => {
            let call = &story.calls()[tag.at as usize];
            let (program, socket) = lanes_of(cast, call.program);
            let said = wording::op(&call.op);
            // What has no return of its own, or no entry, is one line.
            if tag.sort == Sort::Entered {
                return Some(Step { at, what: What::Called, from: program, to: socket, words: said });
            }
            let outcome = call.outcome.as_ref()?;
            let shares: Vec<String> = story.shares(call).iter().map(Share::name).filter(|it| !it.is_empty()).collect();
            let mut words = ["= ", &wording::outcome(outcome)].concat();
            if !shares.is_empty() {
                words = [&words, "  ", &shares.join(" ")].concat();
            }
            if call.entered.is_none() {
                words = [&said, " ", &words].concat();
            }
            Some(Step { at, what: What::Returned, from: socket, to: program, words })
        }
        Sort::Sent | Sort::Delivered | Sort::Broken => {
            let packet = &story.packets()[tag.at as usize];
            let (from, to) = way(story, cast, packet);
            let mut words = said(story, packet, say);
            let what = match (tag.sort, packet.lost) {
                // One line for both where nothing lies between.
                (Sort::Sent, None) if packet.end == Some(at) => return None,
                (Sort::Sent, _) => What::Sent(packet.end.is_none()),
                (Sort::Broken, Some(why)) => {
                    words = [&words, " ✗ ", &say(&Say::Dropped(why))].concat();
                    What::Lost
                }
                // Cut up: its fragments are packets of their own.
                (Sort::Broken, None) => return None,
                _ => What::Arrived(packet.start == at),
            };
            Some(Step { at, what, from, to, words })
        }
        Sort::State | Sort::Derived => {
            let event = story.event_at(place);
            let Kind::State { to, .. } = event.kind else { return None };
            let lane = socket_lane(story, cast, event.about.socket?);
            Some(Step { at, what: What::State, from: lane, to: lane, words: to.name().into() })
        }
        Sort::Sentence => {
            let words = say(&named::mark(story, story.seq(place))?);
            Some(Step { at, what: What::Sentence, from: Lane::Client(0), to: Lane::Server, words })
        }
        _ => None,
    }
}

/// The packet, and whether it was sent before.
fn said(story: &Story, packet: &PacketRecord, say: Speak<'_>) -> String {
    let words = say(&named::packet(story, packet));
    let more = match (story.repeats(packet), packet.copy_of) {
        (Some(_), _) => say(&Say::SentAgain),
        (_, Some(_)) => say(&Say::Copied),
        _ => return words,
    };
    [&words, ", ", &more].concat()
}

fn lanes_of(cast: &Cast, program: ProgramId) -> (Lane, Lane) {
    match cast.clients.iter().position(|client| *client == program) {
        Some(at) => (Lane::Client(at), Lane::ClientSocket(at)),
        None => (Lane::Server, Lane::ServerSocket),
    }
}

fn socket_lane(story: &Story, cast: &Cast, socket: SocketId) -> Lane {
    let program = story.socket(socket).and_then(|socket| socket.program);
    program.map_or(Lane::ServerSocket, |program| lanes_of(cast, program).1)
}

/// From which socket to which a packet goes.
fn way(story: &Story, cast: &Cast, packet: &PacketRecord) -> (Lane, Lane) {
    let about = || match story.header(packet)?.carries {
        // An error goes back to who sent what it is about.
        Carries::Icmp(message) => message.about.map(|(src, dst)| (dst, src)),
        _ => None,
    };
    let Some((src, dst)) = story.ends_of(packet).or_else(about) else {
        return (Lane::ClientSocket(0), Lane::ServerSocket);
    };
    let client = |ends| {
        let program = story.sender(ends)?.program?;
        cast.clients.iter().position(|client| *client == program)
    };
    match (client((src, dst)), client((dst, src))) {
        (Some(at), _) => (Lane::ClientSocket(at), Lane::ServerSocket),
        (None, Some(at)) => (Lane::ServerSocket, Lane::ClientSocket(at)),
        (None, None) => {
            let listener = cast.listener.and_then(|id| story.socket(id)?.local.as_ref()?.inet());
            let comes = listener.is_some_and(|listener| src.port() == listener.port());
            let lanes = (Lane::ClientSocket(0), Lane::ServerSocket);
            if comes { (lanes.1, lanes.0) } else { lanes }
        }
    }
}

/// The title of a lane: what it is, and whose.
fn title(story: &Story, cast: &Cast, lane: Lane, say: Speak<'_>) -> (String, String) {
    let name = |program: Option<ProgramId>| program.map_or(String::new(), |id| named::who(story, id));
    let end = |address: Option<&Address>| address.map_or(String::new(), wording::place);
    match lane {
        Lane::Client(at) => (say(&Say::ClientProgram), name(cast.clients.get(at).copied())),
        Lane::ClientSocket(at) => {
            let socket = cast.clients.get(at).and_then(|client| story.last_socket(*client));
            (say(&Say::ClientSocket), end(socket.and_then(|socket| socket.local.as_ref())))
        }
        Lane::ServerSocket => {
            let listener = cast.listener.and_then(|id| story.socket(id));
            (say(&Say::ServerSockets), end(listener.and_then(|socket| socket.local.as_ref())))
        }
        Lane::Server => (say(&Say::ServerProgram), name(cast.server)),
    }
}

/// All lanes of a cast, from left to right.
fn lanes(cast: &Cast) -> Vec<Lane> {
    let clients = (0..cast.clients.len()).flat_map(|at| [Lane::Client(at), Lane::ClientSocket(at)]);
    clients.chain([Lane::ServerSocket, Lane::Server]).collect()
}

#[cfg(test)]
mod tests;
