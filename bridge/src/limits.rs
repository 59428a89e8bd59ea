//! Every cap of the program's edge, with its reason. Reaching one gives a typed answer that says which, and nobody
//! else notices.

use std::time::Duration;

/// HTTP connections that have not become a WebSocket. A page takes six at most; the rest is room for a class.
pub const HTTP_CONNECTIONS: usize = 512;

/// The whole head of a request, bytes. Browsers stay below 4 KiB; hyper's least buffer is 8 KiB.
pub const HTTP_HEAD: usize = 16 * 1024;

/// Header lines of one request. Browsers send about 20.
pub const HTTP_HEADERS: usize = 64;

/// How long a request's head may take to come, and how long an idle HTTP connection is kept.
pub const HTTP_HEAD_TIME: Duration = Duration::from_secs(10);

/// Sessions in all: more pages than one laptop's screen and a projector ever show.
pub const SESSIONS: usize = 64;

/// Sessions from one address, so that one machine cannot take every seat.
pub const SESSIONS_EACH: usize = 48;

/// Relay connections in all. Each costs three descriptors: the WebSocket, the client and its echo.
pub const RELAYS: usize = 8_192;

/// Relay connections from one address, so that one machine cannot take them all.
pub const RELAYS_EACH: usize = 6_144;

/// Descriptors kept back for the servers, their clients and files, when relays are counted out.
pub const DESCRIPTORS_KEPT: u64 = 512;

/// How long `Hello` may take to come: a page sends it at once.
pub const HELLO_TIME: Duration = Duration::from_secs(10);

/// A session that is silent for so long gets a WebSocket ping.
pub const PING_AFTER: Duration = Duration::from_secs(20);

/// A session that is silent for so long, pings notwithstanding, is gone: a laptop was closed, a network left.
pub const IDLE_TIME: Duration = Duration::from_secs(60);

/// A viewer that takes nothing for so long is closed.
pub const STUCK_TIME: Duration = Duration::from_secs(15);

/// How long the last words of a connection may take: farewell, close, and the other side's close.
pub const PARTING_TIME: Duration = Duration::from_secs(1);

/// How long a member keeps its clients after its last session: a reload, a closed lid, a walk to the next room.
pub const MEMBER_GRACE: Duration = Duration::from_secs(600);

/// A message to the bridge, bytes: the largest `Send` that a person pastes, in hexadecimal.
pub const SESSION_MESSAGE: usize = 1 << 20;

/// Bytes waiting to be written to a session: one message at a time, whatever it holds.
pub const SESSION_WRITE_BUFFER: usize = 64 << 20;

/// A batch, bytes: above it the next batches take fewer events, so that answers never wait long behind one.
pub const BATCH_BYTES: usize = 256 * 1024;

/// Events in a batch.
pub const BATCH_EVENTS: usize = 1_000;

/// Time between batches while much happens: 60 pictures a second need no more, and a message for every event would cost
/// ten times as much.
pub const BATCH_INTERVAL: Duration = Duration::from_millis(8);

/// Time between batches while little happens: what a person does shows at once, with all that follows from it.
pub const BATCH_INTERVAL_LEAST: Duration = Duration::from_millis(1);

/// How long to wait after a batch with so many events: as long as 4,000 events a second take to come.
#[must_use]
pub fn pause_after(events: usize) -> Duration {
    let each = Duration::from_micros(250);
    let events = u32::try_from(events).unwrap_or(u32::MAX);
    each.saturating_mul(events).clamp(BATCH_INTERVAL_LEAST, BATCH_INTERVAL)
}

/// Events a second to one viewer, in the long run. Twice what is recorded of calls, so states and values fit as well.
pub const VIEWER_EVENTS: u32 = 20_000;

/// A viewer whose network was blocked and who is so many events behind is brought to the present, with a gap.
pub const SLOW_LAG: u64 = 20_000;

/// Answers waiting for one session; above it nothing more is read from it, so it waits for itself.
pub const ANSWERS_WAITING: usize = 32;

/// Commands a second of one session, in the long run: faster than anybody types, slow enough for the others.
pub const COMMANDS: u32 = 200;

/// Commands of one session in one burst: a script that begins.
pub const COMMANDS_BURST: u32 = 400;

/// Clients of one member: sixteen fit on the screen as strips, and a burst of hundreds is a lesson of its own.
pub const CLIENTS_EACH: usize = 256;

/// Sockets of all clients together: a class of two hundred with a few each.
pub const CLIENTS: usize = 2_048;

/// Orders that wait in one client's inbox: more than a person gives while a call waits.
pub const CLIENT_INBOX: usize = 256;

/// Bytes that wait to be sent by one client: eight of the largest messages.
pub const PENDING_BYTES: u64 = 8 << 20;

/// The most repetitions of one send: a flood that still ends.
pub const MOST_REPEAT: u32 = 10_000;

/// A message through a relay, bytes. Stream clients may cut theirs anywhere; no datagram is longer than 64 KiB.
pub const RELAY_MESSAGE: usize = 1 << 20;

/// What a relay reads at once, bytes: on a stream, the most that one message to the page holds.
pub const RELAY_CHUNK: usize = 64 * 1024;

/// Read buffer of a relay's WebSocket, bytes. It is allocated at once and filled with zeros before every read, so a
/// large one costs time and memory at many connections; at 4 to 16 KiB bulk is no slower.
pub const RELAY_READ_BUFFER: usize = 8 * 1024;

/// Bytes waiting to be written to a relay's WebSocket: one chunk, its frame, and a pong.
pub const RELAY_WRITE_BUFFER: usize = RELAY_CHUNK * 2;

/// Read buffer of a session's WebSocket, bytes. Commands are short.
pub const SESSION_READ_BUFFER: usize = 4 * 1024;

/// The backlog of the relays' own echo listener: all pages of a class may connect in the same second.
pub const RELAY_BACKLOG: i32 = 4_096;

/// How long leaving may take in all; after it, connections that are left are dropped.
pub const LEAVE_TIME: Duration = Duration::from_secs(2);

/// How many relay connections there can be with so many descriptors.
#[must_use]
pub fn relays(descriptors: u64) -> usize {
    let fit = descriptors.saturating_sub(DESCRIPTORS_KEPT) / 3;
    RELAYS.min(usize::try_from(fit).unwrap_or(RELAYS))
}
