//! Sending a file: read and given to the client piece by piece, with progress, until done or cancelled.

use crate::live::Live;
use crate::source::Trouble;
use crate::store::Store;
use leptos::prelude::*;
use leptos::task::spawn_local;
use protocol::bytes::Bytes;
use protocol::command::{ClientAction, Command};
use protocol::ids::ProgramId;
use protocol::message::{Limit, Moment, Refusal};
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;
use web_sys::File;

/// Bytes in one send of a stream.
const PIECE: u64 = 32 * 1024;
/// The most a UDP datagram over IPv4 carries: 65,535 less 20 for IP and 8 for UDP (RFC 768).
pub const DATAGRAM: u64 = 65_507;
/// How long to wait when the client has enough to do already.
const PATIENCE: Duration = Duration::from_millis(50);

/// How far a file is.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// So many bytes were given to the client, of so many.
    Going(u64, u64),
    /// All of them.
    Done(u64),
    /// The browser cannot read it.
    Unreadable,
    /// The Socketscope program took no more.
    Refused(Trouble),
}

/// Sends it. Setting `progress` to `None` cancels.
pub fn send(store: Store, client: ProgramId, file: File, stream: bool, progress: Live<Option<Progress>>) {
    let size = file.size() as u64;
    progress.set(Some(Progress::Going(0, size)));
    step(store, client, file, if stream { PIECE } else { size.max(1) }, 0, progress);
}

/// Sends one piece, and the next when this one was accepted.
fn step(store: Store, client: ProgramId, file: File, piece: u64, from: u64, progress: Live<Option<Progress>>) {
    spawn_local(async move {
        let size = file.size() as u64;
        let to = (from + piece).min(size);
        let Some(data) = read(&file, from, to).await else {
            progress.set(Some(Progress::Unreadable));
            return;
        };
        offer(store, client, file, piece, (from, to), data, progress);
    });
}

fn offer(
    store: Store,
    client: ProgramId,
    file: File,
    piece: u64,
    (from, to): (u64, u64),
    data: Bytes,
    progress: Live<Option<Progress>>,
) {
    if progress.get_untracked().is_none() {
        return;
    }
    let size = file.size() as u64;
    let action = ClientAction::Send { data: data.clone(), repeat: 1 };
    store.command(Command::Client { client, action }, move |answer| match answer {
        _ if progress.get_untracked().is_none() => {}
        Ok(_) if to >= size => progress.set(Some(Progress::Done(size))),
        Ok(_) => {
            progress.set(Some(Progress::Going(to, size)));
            step(store, client, file, piece, to, progress);
        }
        // The other side reads slower than we give: that is backpressure, not an error.
        Err(Trouble::Refused(
            Refusal::WrongMoment(Moment::Busy) | Refusal::Limit { what: Limit::PendingBytes | Limit::Commands, .. },
        )) => set_timeout(move || offer(store, client, file, piece, (from, to), data, progress), PATIENCE),
        Err(trouble) => progress.set(Some(Progress::Refused(trouble))),
    });
}

/// Bytes of a file, if the browser can read it.
pub async fn read(file: &File, from: u64, to: u64) -> Option<Bytes> {
    let slice = file.slice_with_f64_and_f64(from as f64, to as f64).ok()?;
    let buffer = JsFuture::from(slice.array_buffer()).await.ok()?;
    Some(Bytes(js_sys::Uint8Array::new(&buffer).to_vec()))
}
