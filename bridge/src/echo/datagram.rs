//! The UDP echo server, and the same one on a Unix-domain path: one socket and one queue for everyone.

use super::refuse::{Guard, Verdict};
use super::shared::Shared;
use super::upper;
use crate::probe::{Program, Socket, is_cancelled};
use protocol::{Arg, NoteId};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A pause after an error, so that one that does not go away does not take a processor.
const AFTER_ERROR: Duration = Duration::from_millis(1);

/// Receives and answers until the socket is closed under it.
pub async fn serve(program: Arc<Program>, socket: Arc<Socket>, shared: Arc<Shared>) {
    let mut guard = Guard::new(Instant::now());
    loop {
        let received = match socket.recv_from(|| shared.now().recv_size, None).await {
            Ok(received) => received,
            Err(error) if is_cancelled(&error) => return,
            // On Windows a datagram that was cut, or an answer that reached nobody, is an error of the next call.
            Err(_) => {
                tokio::time::sleep(AFTER_ERROR).await;
                continue;
            }
        };
        let about = protocol::About { flow: received.flow, ..socket.about() };
        if let Some(lost) =
            received.true_len.map(|len| len.saturating_sub(received.data.len())).filter(|lost| *lost > 0)
        {
            let args = vec![Arg::Count(received.data.len() as u64), Arg::Count(lost as u64)];
            program.note(about, NoteId::DatagramCut, args);
        }
        match guard.judge(&received.from, &shared.udp_ports(), Instant::now()) {
            Verdict::Answer => {}
            Verdict::Refuse => {
                program.note(about, NoteId::DatagramRefused, vec![Arg::At(received.from)]);
                continue;
            }
            Verdict::TooMany { told } => {
                if let Some(count) = told {
                    program.note(about, NoteId::DatagramsLimited, vec![Arg::Count(count)]);
                }
                continue;
            }
        }
        socket.think(shared.now().think, received.flow).await;
        // As long as what came, never longer. That it failed is in the record, and the next one is served all the same.
        let _ = socket.send_to(&upper(&received.data), &received.from, None).await;
    }
}
