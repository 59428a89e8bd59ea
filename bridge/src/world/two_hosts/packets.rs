//! What the wire tells, as events: packets of conversations, and the states of TCP that follow from them.

use crate::packets::{Allowance, Conversations};
use crate::probe::Story;
use ::wire::{Report, Why};
use protocol::header::{Headers, Summary};
use protocol::wire::Way;
use protocol::{About, Bytes, Cause, Epoch, Kind, Nanos, Packet, PacketId, Provenance, Seq, Stage};
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

/// A packet is three events: it is sent, scheduled and delivered.
const EACH: u32 = 3;
/// Packets under way that are remembered: the wire holds no more.
const MOST_UNDER_WAY: usize = 16_384;

/// The packets on the wire.
pub(super) struct Packets {
    /// The client host's and the server host's.
    stories: [Arc<Story>; 2],
    /// The wire's time 0.
    origin: Instant,
    conversations: Conversations,
    allowance: Allowance,
    under_way: HashMap<PacketId, UnderWay>,
    /// Those that wait for a decision, with what was told of them: they live on in a new epoch.
    held: BTreeMap<PacketId, Held>,
    epoch: Epoch,
}

#[derive(Clone)]
struct UnderWay {
    about: About,
    /// Its [`Stage::Sent`]; none if it was too much to record.
    sent: Option<Seq>,
    data: Bytes,
}

struct Held {
    about: About,
    moment: Instant,
    /// As it was sent, and as it was held.
    stages: [Packet; 2],
}

/// The packets, for as long as it takes to tell one.
pub(super) fn locked(packets: &Mutex<Packets>) -> MutexGuard<'_, Packets> {
    packets.lock().expect("nothing panics while it holds the packets")
}

impl Packets {
    /// No packet yet, between these hosts.
    pub fn new(stories: [Arc<Story>; 2]) -> Arc<Mutex<Self>> {
        Arc::new(Mutex::new(Self {
            epoch: stories[0].recorder.epoch(),
            conversations: Conversations::new(stories.to_vec()),
            allowance: Allowance::new(EACH),
            stories,
            origin: Instant::now(),
            under_way: HashMap::new(),
            held: BTreeMap::new(),
        }))
    }

    /// From which moment the wire counts its time.
    pub fn begins(&mut self, origin: Instant) {
        self.origin = origin;
    }

    /// The wire tells a stage of a packet's life.
    pub fn report(&mut self, report: Report) {
        self.new_epoch();
        let Report { at, way, mut packet, why } = report;
        let moment = self.origin + Duration::from_nanos(at.0);
        let headers =
            if packet.stage == Stage::Sent { Headers::read(&packet.data, packet.true_len as usize) } else { None };
        let summary = headers.as_ref().and_then(Headers::summary);
        let cause = self.cause(why);
        let known = match packet.stage {
            Stage::Sent => Some(self.sent(way, &packet, headers.as_ref(), summary.as_ref(), moment)),
            Stage::Duplicated => packet.copy_of.and_then(|id| self.under_way.get(&id)).cloned(),
            _ => self.under_way.get(&packet.id).cloned(),
        };
        // What nobody watched from its beginning has no bytes, and nobody could say what it is.
        let Some(mut life) = known else { return };
        if let Stage::Scheduled(due) = &mut packet.stage {
            *due = self.recorder().time_of(self.origin + Duration::from_nanos(due.0));
        }
        let begins = matches!(packet.stage, Stage::Sent | Stage::Duplicated);
        let recorded = if begins { self.allowance.afford(moment) } else { life.sent.is_some() };
        let changes = match life.about.flow {
            Some(flow) => self.conversations.follow(flow, &packet, summary.as_ref()),
            None => Vec::new(),
        };
        let seq = recorded.then(|| {
            let kind = Kind::Packet(packet.clone());
            self.recorder().record_at(moment, Nanos(0), life.about, Provenance::OBSERVED, cause, kind)
        });
        self.conversations.learn(changes, moment, seq);
        if begins {
            life.sent = seq;
        }
        self.remember(life, &packet, moment);
        self.conversations.settle();
        self.allowance.tell(&self.stories[0].recorder, About::default());
        self.stories.iter().for_each(|story| story.stir());
    }

    fn sent(
        &mut self,
        way: Way,
        packet: &Packet,
        headers: Option<&Headers<'_>>,
        summary: Option<&Summary>,
        moment: Instant,
    ) -> UnderWay {
        let host = self.stories[sender(way)].host;
        let (back, read) = (way == Way::ToClient, headers.zip(summary));
        let flow = read.and_then(|(headers, summary)| self.conversations.find(host, headers, summary, back, moment));
        UnderWay { about: About { host, flow, ..About::default() }, sent: None, data: packet.data.clone() }
    }

    /// Follows a packet until its end.
    fn remember(&mut self, life: UnderWay, packet: &Packet, moment: Instant) {
        if let Stage::Held(_) = packet.stage {
            let sent = Packet { stage: Stage::Sent, data: life.data.clone(), ..packet.clone() };
            self.held.insert(packet.id, Held { about: life.about, moment, stages: [sent, packet.clone()] });
        } else {
            self.held.remove(&packet.id);
        }
        match packet.stage {
            Stage::Delivered | Stage::Dropped(_) => {
                self.under_way.remove(&packet.id);
            }
            _ if self.under_way.len() < MOST_UNDER_WAY => {
                self.under_way.insert(packet.id, life);
            }
            _ => {}
        }
    }

    /// Tells the states whose sockets are known now.
    pub fn settle(&mut self) {
        self.conversations.settle();
    }

    /// Tells again which packets wait for a decision, for a new epoch.
    pub fn tell_held(&mut self) {
        self.new_epoch();
        for held in self.held.values() {
            for stage in &held.stages {
                let kind = Kind::Packet(stage.clone());
                let seq =
                    self.recorder().record_at(held.moment, Nanos(0), held.about, Provenance::OBSERVED, None, kind);
                if stage.stage == Stage::Sent
                    && let Some(life) = self.under_way.get(&stage.id).cloned()
                {
                    self.under_way.insert(stage.id, UnderWay { sent: Some(seq), ..life });
                }
            }
        }
    }

    fn cause(&self, why: Option<Why>) -> Option<Cause> {
        match why? {
            Why::Command(id) => Some(Cause::Command(id)),
            Why::Packet(id) => {
                self.under_way.get(&id).and_then(|life| life.sent).filter(|sent| sent.0 > 0).map(Cause::Event)
            }
        }
    }

    fn recorder(&self) -> &crate::recorder::Recorder {
        &self.stories[0].recorder
    }

    /// A cause must be an event of the same story.
    fn new_epoch(&mut self) {
        let epoch = self.recorder().epoch();
        if std::mem::replace(&mut self.epoch, epoch) != epoch {
            self.conversations.new_epoch();
            // What is under way was told in another story; those that are held are told again in this one.
            self.under_way.values_mut().for_each(|life| life.sent = None);
        }
    }
}

/// Whose packets go this way: the client's, or the server's.
fn sender(way: Way) -> usize {
    match way {
        Way::ToServer => 0,
        Way::ToClient => 1,
    }
}
