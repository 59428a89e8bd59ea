//! What captured packets are: events about conversations, and the states that follow from them.

use super::Ports;
use crate::packets::{Allowance, Conversations};
use crate::probe::Story;
use protocol::header::{Carries, Headers, Summary};
use protocol::{About, Bytes, Epoch, Kind, Nanos, Packet, Provenance, Stage, Tap};
use std::sync::Arc;
use std::time::Instant;

/// A packet is two events: it is sent, and it arrives.
const EACH: u32 = 2;

/// Tells packets.
pub(super) struct Teller {
    story: Arc<Story>,
    ports: Ports,
    conversations: Conversations,
    allowance: Allowance,
    epoch: Epoch,
    /// Something came since the last tick.
    busy: bool,
}

impl Teller {
    pub fn new(story: Arc<Story>, ports: Ports) -> Self {
        Self {
            epoch: story.recorder.epoch(),
            conversations: Conversations::new(vec![Arc::clone(&story)]),
            story,
            ports,
            allowance: Allowance::new(EACH),
            busy: false,
        }
    }

    /// Somebody watches again; what happened meanwhile is unknown.
    pub fn begin(&mut self) {
        self.conversations.forget();
    }

    /// Whether there may be something to tell though no packet comes.
    pub fn is_busy(&self) -> bool {
        self.busy || self.allowance.owes() || self.conversations.is_waiting()
    }

    /// A packet of which these bytes were captured.
    pub fn packet(&mut self, bytes: &[u8], true_len: u32, moment: Instant) {
        self.busy = true;
        let Some(headers) = Headers::read(bytes, true_len as usize) else { return };
        let Some(summary) = headers.summary() else { return };
        let (host, back) = (self.story.host, self.is_answer(&summary));
        let Some(flow) = self.conversations.find(host, &headers, &summary, back, moment) else { return };
        self.new_epoch();
        // What was captured before the present epoch belongs to no story any more, but to the state of its ends.
        let recorded = self.story.recorder.time_of(moment) > Nanos(0) && self.allowance.afford(moment);
        let id = self.story.recorder.new_packet();
        let about = About { host, flow: Some(flow), ..About::default() };
        let mut packet = Packet {
            id,
            tap: Tap::Loopback,
            stage: Stage::Sent,
            copy_of: None,
            data: if recorded { Bytes::from(bytes) } else { Bytes::default() },
            true_len,
        };
        for stage in [Stage::Sent, Stage::Delivered] {
            packet.stage = stage;
            let changes = self.conversations.follow(flow, &packet, Some(&summary));
            let seq = recorded.then(|| {
                let kind = Kind::Packet(packet.clone());
                self.story.recorder.record_at(moment, Nanos(0), about, Provenance::OBSERVED, None, kind)
            });
            packet.data = Bytes::default();
            self.conversations.learn(changes, moment, seq);
        }
    }

    /// Tells the states whose sockets are known now.
    pub fn settle(&mut self) {
        self.new_epoch();
        self.conversations.settle();
    }

    /// Some time passed; the kernel had no room for `lost` packets since the last time.
    pub fn tick(&mut self, lost: u32) {
        self.busy = false;
        self.allowance.lost(lost);
        let about = About { host: self.story.host, ..About::default() };
        self.allowance.tell(&self.story.recorder, about);
    }

    /// Whether a packet comes from one of our servers.
    fn is_answer(&self, summary: &Summary) -> bool {
        let ports = match summary.carries {
            Carries::Tcp(_) => &self.ports.tcp,
            Carries::Udp(_) => &self.ports.udp,
            _ => return false,
        };
        summary.ends().is_some_and(|(from, _)| ports.contains(&from.port()))
    }

    /// A cause must be an event of the same story.
    fn new_epoch(&mut self) {
        let epoch = self.story.recorder.epoch();
        if std::mem::replace(&mut self.epoch, epoch) != epoch {
            self.conversations.new_epoch();
        }
    }
}
