//! The story of each packet, told stage by stage.

use super::Wire;
use crate::link::InFlight;
use crate::report::{Output, Report, Why};
use protocol::wire::Way;
use protocol::{Bytes, DropReason, Nanos, Packet, PacketId, Stage, Tap};

/// Which packet a stage is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subject {
    pub(super) id: PacketId,
    pub(super) way: Way,
    pub(super) copy_of: Option<PacketId>,
    pub(super) len: usize,
}

impl InFlight {
    pub(super) fn subject(&self) -> Subject {
        Subject { id: self.id, way: self.way, copy_of: self.copy_of, len: self.bytes.len() }
    }
}

impl Wire {
    /// Tells that a packet came onto the wire, with its bytes.
    pub(super) fn sent(&mut self, now: Nanos, packet: &InFlight, why: Option<Why>) {
        let Some(snap) = self.snap else { return };
        if let Some(mut report) = self.stage(now, packet.subject(), Stage::Sent, why) {
            report.packet.data = Bytes::snap(&packet.bytes, snap);
            self.outbox.push_back(Output::Report(report));
        }
    }

    /// Tells a later stage.
    pub(super) fn tell(&mut self, now: Nanos, subject: Subject, stage: Stage, why: Option<Why>) {
        if let Some(report) = self.stage(now, subject, stage, why) {
            self.outbox.push_back(Output::Report(report));
        }
    }

    /// A stage as it would be told; `None` if nobody watches.
    pub(super) fn stage(&self, now: Nanos, subject: Subject, stage: Stage, why: Option<Why>) -> Option<Report> {
        self.snap?;
        let Subject { id, way, copy_of, len } = subject;
        let true_len = u32::try_from(len).unwrap_or(u32::MAX);
        let packet = Packet { id, tap: Tap::Wire, stage, copy_of, data: Bytes::default(), true_len };
        Some(Report { at: now, way, packet, why })
    }

    /// Tells that a packet is gone.
    pub(super) fn lose(&mut self, now: Nanos, subject: Subject, reason: DropReason, why: Option<Why>) {
        self.tell(now, subject, Stage::Dropped(reason), why);
    }
}
