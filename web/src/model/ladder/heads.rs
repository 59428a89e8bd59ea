//! The titles of the lanes.

use super::cast::{Cast, Lanes};
use super::labels::width;
use super::shape::{Anchor, Shape, text};
use crate::model::say::Say;
use crate::model::story::{SocketRecord, Story};
use protocol::{Role, WorldKind};

/// How high the titles are, CSS pixels.
pub const HEIGHT: f64 = 42.0;

/// What else the titles tell.
#[derive(Clone, Copy, Default)]
pub struct Told<'a> {
    /// How the server treats its clients.
    pub mode: &'a str,
    /// What the run is called, where two are shown: it stands in the middle.
    pub run: Option<&'a str>,
}

/// Draws them.
#[must_use]
pub fn heads(story: &Story, cast: &Cast, width: f64, told: Told<'_>, say: &dyn Fn(&Say) -> String) -> Vec<Shape> {
    let lanes = Lanes::of(cast, width);
    let name = |program: Option<protocol::ProgramId>| {
        let program = program.and_then(|id| story.program(id));
        program.map_or(String::new(), |program| say(&Say::Program(program.name.clone())))
    };
    let local = |socket: Option<protocol::SocketId>| {
        let address = socket.and_then(|id| story.socket(id)).and_then(|socket| socket.local.as_ref());
        // An unnamed Unix socket has no address to show.
        let named = address.filter(|address| **address != protocol::Address::Unix(None));
        named.map_or(String::new(), crate::model::wording::place)
    };
    let unix = cast.transport.is_some_and(|transport| !transport.is_inet());
    let simulated = story.hosts().iter().any(|host| host.world == WorldKind::InThisPage);
    let (between, under_it) = match (unix, cast.packets) {
        (true, _) => (Say::Path, Say::KernelCopies),
        (_, true) if cast.loopback => (Say::Loopback, Say::InsideKernel),
        (_, true) if cast.captured => (Say::Wire, Say::OnePlace),
        (_, true) if simulated => (Say::Wire, Say::Simulated),
        (_, true) => (Say::Wire, Say::Code(String::new())),
        _ => (Say::Kernel, Say::NotVisibleHere),
    };
    let (left, right) = lanes.wire();
    let mut heads = Vec::new();
    let mut head = |middle: f64, title: String, under: String, class: &'static str| {
        heads.push(Head { middle, title, under, class });
    };
    let client = cast.clients.first().copied();
    let socket = client.and_then(|id| story.last_socket(id));
    let port = |socket: Option<&SocketRecord>| {
        let port = socket.and_then(|socket| socket.local.as_ref()?.port());
        port.map_or(String::new(), |port| [":", &port.to_string()].concat())
    };
    if cast.narrow {
        let who = if !cast.crowd.is_empty() || cast.captured { short_name(story, client) } else { say(&Say::You) };
        head(left / 2.0, who, port(socket), "head client");
        head(f64::midpoint(left, right), say(&Say::WireShort), told.run.unwrap_or_default().to_owned(), "head kernel");
        let listener = cast.listener.and_then(|id| story.socket(id));
        head(f64::midpoint(right, lanes.width), say(&Say::Server), port(listener), "head server");
        return drawn(heads, lanes.width);
    }
    if cast.clients.len() < 2 {
        let under = local(socket.map(|socket| socket.id));
        head(lanes.programs[0], say(&Say::ClientProgram), name(client), "head client");
        // To the left of its line where the middle is narrow.
        let title = say(&Say::ClientSocket);
        let middle = if cast.packets { left } else { left + 4.0 - half(&title, &under) };
        head(middle, title, under, "head client");
    } else {
        // With several clients each lane has the client's own name, and the sockets stand close together.
        let near = lanes.programs.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
        for (client, x) in cast.clients.iter().zip(&lanes.programs) {
            let short = short_name(story, Some(*client));
            let name = name(Some(*client));
            let title = [&name, " ", short.trim_start_matches('C')].concat();
            let fits = !name.is_empty() && half(&title, "") * 2.0 + 12.0 < near && half(&title, "") < *x;
            head(*x, if fits { title } else { short }, port(story.last_socket(*client)), "head client");
        }
    }
    let (title, under) = (say(&between), told.run.map_or_else(|| say(&under_it), str::to_owned));
    if cast.packets || told.run.is_some() || right - left > half(&title, &under) * 2.0 {
        head(f64::midpoint(left, right), title, under, "head kernel");
    }
    let datagrams = cast.transport.is_some_and(|transport| !transport.is_stream());
    let title = say(if datagrams { &Say::ServerSocket } else { &Say::ServerSockets });
    let under = local(cast.listener);
    let middle = if cast.packets { right } else { right - 4.0 + half(&title, &under) };
    head(middle, title, under, "head server");
    // How it treats its clients is known of our own server.
    let ours = cast.server.and_then(|id| story.program(id)).is_none_or(|server| server.role == Some(Role::Server));
    let under = if ours { told.mode.to_owned() } else { name(cast.server) };
    head(lanes.server, say(&Say::ServerProgram), under, "head server");
    drawn(heads, lanes.width)
}

/// `C2`: the second client of the story.
#[must_use]
pub fn short_name(story: &Story, client: Option<protocol::ProgramId>) -> String {
    let place = story.client_ids().position(|other| Some(other) == client).unwrap_or(0);
    ["C", &(place + 1).to_string()].concat()
}

/// A title and what stands under it.
struct Head {
    middle: f64,
    title: String,
    under: String,
    class: &'static str,
}

/// Half the width of a title with what stands under it.
fn half(title: &str, under: &str) -> f64 {
    (width(title, false) * 1.12).max(width(under, false)) / 2.0
}

/// Titles beside each other, inside the picture: they never touch.
fn drawn(mut heads: Vec<Head>, all: f64) -> Vec<Shape> {
    const APART: f64 = 8.0;
    let wide = |heads: &[Head]| heads.iter().map(|head| half(&head.title, &head.under) * 2.0 + APART).sum::<f64>();
    if wide(&heads) > all {
        heads.iter_mut().for_each(|head| head.under.clear());
    }
    let mut free = 2.0;
    for head in &mut heads {
        let half = half(&head.title, &head.under);
        head.middle = head.middle.max(free + half);
        free = head.middle + half + APART;
    }
    let mut free = all - 2.0;
    for head in heads.iter_mut().rev() {
        let half = half(&head.title, &head.under);
        head.middle = head.middle.min(free - half);
        free = head.middle - half - APART;
    }
    let lines = |head: Head| {
        let line = |y: f64, said: String, class: &'static str| text(head.middle, y, Anchor::Middle, said, class);
        [line(18.0, head.title, head.class), line(34.0, head.under, "sub")]
    };
    heads.into_iter().flat_map(lines).collect()
}
