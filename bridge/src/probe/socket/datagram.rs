//! Speaking with anybody: `sendto` and `recvfrom`.

use super::{Socket, UNPOISONED, copy, saturated, whole_datagram};
use crate::probe::{OutcomeOf, cancelled, is_bound};
use crate::sockets::gate::is_closed;
use crate::sockets::{from_system, to_system};
use protocol::{About, Address, Cause, DatagramId, FlowId, Op, Outcome, Span};
use std::io;

/// What `recvfrom` gave.
#[derive(Debug)]
pub struct Received {
    /// The bytes that reached the program.
    pub data: Vec<u8>,
    /// Bytes of the whole datagram, where the system tells.
    pub true_len: Option<usize>,
    /// Who sent it.
    pub from: Address,
    /// In which conversation.
    pub flow: Option<FlowId>,
}

impl Socket {
    /// `sendto(bytes, address)`.
    ///
    /// # Errors
    /// The system's own, such as `EMSGSIZE`.
    pub async fn send_to(&self, data: &[u8], to: &Address, cause: Option<Cause>) -> io::Result<()> {
        let address = to_system(to)?;
        let io = self.io().await?;
        let story = &self.program.story;
        let mut local = self.ends().local.filter(is_bound);
        let began = local.is_none() || !self.serves();
        let known = local.as_ref().map(|local| story.as_seen_by(local, to));
        let flow = known.as_ref().and_then(|local| story.table.flow(self.id, local, to, began));
        // Before the first `sendto` the socket has no port; the datagram is told afterwards then.
        let id = known.as_ref().map(|local| story.table.datagram_sent(local, to, data));
        let about = About { flow, ..self.about() };
        let len = data.len() as u64;
        let mut call =
            story.enter(about, Op::SendTo { len, to: to.clone() }, Some(whole_datagram(id, data.len())), data, cause);
        let mut tries = 0;
        let result = tokio::select! {
            biased;
            () = self.hung_up.cancelled() => Err(cancelled()),
            result = story.watch(&call, io.send_to(data, &address, &mut tries)) => result,
        };
        if let (Err(_), Some(id), Some(known)) = (&result, id, &known) {
            story.table.datagram_failed(known, to, id);
        }
        if local.is_none() {
            local = io.with(socket2::Socket::local_addr).ok().map(|address| from_system(&address));
            self.ends.lock().expect(UNPOISONED).local.clone_from(&local);
            if let Some(local) = local {
                story.table.bound(self.id, local.clone());
                let flow = story.table.flow(self.id, &story.as_seen_by(&local, to), to, true);
                call.is_about(About { flow, ..self.about() });
            }
        }
        let span = whole_datagram(id, data.len());
        story.leave(call, Outcome::of(&result, Outcome::Bytes(len)), Some(span), &[], tries);
        result.map(drop)
    }

    /// A datagram socket that was bound before it spoke to anybody is a server's.
    fn serves(&self) -> bool {
        self.program.serves()
    }

    /// `recvfrom(max)`. `max` is asked for when the program may read.
    ///
    /// # Errors
    /// As [`recv`](Self::recv).
    pub async fn recv_from(&self, mut max: impl FnMut() -> u32, cause: Option<Cause>) -> io::Result<Received> {
        let story = &self.program.story;
        loop {
            self.unless_hung_up(self.program.reading.opened()).await?;
            let io = self.io().await?;
            let max = max();
            let mut buffer = vec![0; max as usize];
            let mut tries = 0;
            let mut call = story.enter(self.about(), Op::RecvFrom { max }, None, &[], cause);
            let received = tokio::select! {
                biased;
                () = self.hung_up.cancelled() => Some(Err(cancelled())),
                () = self.program.reading.closed() => None,
                received = story.watch(&call, io.recv_from(&mut buffer, &self.program.reading, &mut tries)) => Some(received),
            };
            match received.filter(|result| !result.as_ref().is_err_and(is_closed)) {
                Some(Ok(datagram)) => {
                    buffer.truncate(datagram.len);
                    let (from, true_len) = (datagram.from, datagram.true_len);
                    let (id, flow) = self.arrived(&from, &buffer, true_len);
                    call.is_about(About { flow, ..self.about() });
                    let len = saturated(buffer.len());
                    let span = Span::Datagram { id, len, true_len: true_len.map(saturated) };
                    let outcome = Outcome::From(buffer.len() as u64, from.clone());
                    story.leave(call, outcome, Some(span), &buffer, tries);
                    return Ok(Received { data: buffer, true_len, from, flow });
                }
                Some(Err(error)) => {
                    story.leave(call, Outcome::of(&Err::<(), _>(copy(&error)), Outcome::Done), None, &[], tries);
                    return Err(error);
                }
                None => story.leave(call, Outcome::Cancelled, None, &[], tries),
            }
        }
    }

    fn arrived(&self, from: &Address, data: &[u8], true_len: Option<usize>) -> (Option<DatagramId>, Option<FlowId>) {
        let Some(local) = self.ends().local else { return (None, None) };
        let local = self.program.story.as_seen_by(&local, from);
        let table = &self.program.story.table;
        let id = table.datagram_received(from, &local, data, true_len);
        // Clients without a name cannot be told apart.
        let flow = is_bound(from).then(|| table.flow(self.id, &local, from, !self.serves())).flatten();
        (id, flow)
    }
}
