//! The titles of the lanes.

use super::cast::{Cast, Lanes};
use super::labels::width;
use super::shape::{Anchor, Shape, text};
use crate::model::say::Say;
use crate::model::story::Story;

/// How high the titles are, CSS pixels.
pub const HEIGHT: f64 = 42.0;

/// Draws them; `mode` says how the server treats its clients.
#[must_use]
pub fn heads(story: &Story, cast: &Cast, width: f64, mode: &str, say: &dyn Fn(&Say) -> String) -> Vec<Shape> {
    let lanes = Lanes::of(cast, width);
    let mut shapes = Vec::new();
    let name = |program: Option<protocol::ProgramId>| {
        program.and_then(|id| story.program(id)).map_or(String::new(), |program| program.name.clone())
    };
    let local = |socket: Option<protocol::SocketId>| {
        let address = socket.and_then(|id| story.socket(id)).and_then(|socket| socket.local.as_ref());
        // An unnamed Unix socket has no address to show.
        let named = address.filter(|address| **address != protocol::Address::Unix(None));
        named.map_or(String::new(), crate::model::wording::place)
    };
    let unix = cast.transport.is_some_and(|transport| !transport.is_inet());
    let (between, under_it) = match (unix, cast.packets) {
        (true, _) => (Say::Path, Say::KernelCopies),
        (_, true) => (Say::Wire, Say::Code(String::new())),
        _ => (Say::Kernel, Say::NotVisibleHere),
    };
    let (left, right) = lanes.wire();
    // From here on the middle has room.
    let mut free = left + 4.0;
    if cast.clients.len() < 2 {
        let client = cast.clients.first().copied();
        let socket = client.and_then(|id| story.last_socket(id)).map(|socket| socket.id);
        head(&mut shapes, lanes.width, lanes.programs[0], &say(&Say::ClientProgram), &name(client), "head client");
        // To the left of its line, because the middle needs the room on the right.
        let (title, under) = (say(&Say::ClientSocket), local(socket));
        let half = half(&title, &under);
        free = left + 4.0;
        head(&mut shapes, lanes.width, free - half, &title, &under, "head client");
    } else {
        // With several clients each lane has the client's own name, and the sockets stand close together.
        for (client, x) in cast.clients.iter().zip(&lanes.programs) {
            let socket = story.last_socket(*client).and_then(|socket| socket.local.as_ref()?.port());
            let port = socket.map_or(String::new(), |port| [":", &port.to_string()].concat());
            let place = story.clients().iter().position(|other| other.program == *client).unwrap_or(0);
            let title = [&name(Some(*client)), " ", &(place + 1).to_string()].concat();
            head(&mut shapes, lanes.width, *x, &title, &port, "head client");
        }
    }
    let (title, under) = (say(&Say::ServerSockets), local(cast.listener));
    let until = right - 4.0;
    let middle = until + half(&title, &under);
    head(&mut shapes, lanes.width, middle, &title, &under, "head server");
    let (title, under) = (say(&between), say(&under_it));
    if until - free > half(&title, &under) * 2.0 {
        head(&mut shapes, lanes.width, f64::midpoint(free, until), &title, &under, "head kernel");
    }
    head(&mut shapes, lanes.width, lanes.server, &say(&Say::ServerProgram), mode, "head server");
    shapes
}

/// Half the width of a title with what stands under it.
fn half(title: &str, under: &str) -> f64 {
    (width(title, false) * 1.1).max(width(under, false)) / 2.0
}

/// A title and what stands under it, kept inside the picture.
fn head(shapes: &mut Vec<Shape>, all: f64, x: f64, title: &str, under: &str, class: &'static str) {
    for (line, y, class, wider) in [(title, 18.0, class, 1.2), (under, 34.0, "sub", 1.0)] {
        let half = width(line, false) * wider / 2.0 + 4.0;
        let x = x.min(all - half).max(half);
        shapes.push(text(x, y, Anchor::Middle, line.to_string(), class));
    }
}
