//! What the network tells: packets, states, values, and where the stack differs from a kernel.

use super::{Alarm, Net, UnderWay};
use crate::host::Side;
use crate::socket::{Body, Life};
use crate::story::SNAP;
use protocol::{About, Arg, Cause, DropReason, GaugeKey, Kind, Nanos, NoteId, Seq, SocketId, Stage, TcpState};
use wire::{Report, Why};

/// Between two reports of a socket's values at the least: a bulk transfer changes them with every packet.
const GAUGES_EVERY: Nanos = Nanos::from_millis(10);

impl Net {
    /// A stage of a packet's life, told when it is noticed: a host that is busy takes a packet a few microseconds late.
    pub(super) fn tell_packet(&mut self, report: Report) -> Seq {
        let Report { way, mut packet, why, .. } = report;
        let id = packet.id;
        let origin = match why {
            Some(Why::Packet(original)) => Some(original),
            _ => packet.copy_of,
        };
        let known = self.packets.get(&id).copied();
        let UnderWay { about, cause } = known.unwrap_or_else(|| {
            // The wire made it: a copy, a fragment, or ICMP about another one.
            let original = origin.and_then(|origin| self.packets.get(&origin)).copied();
            let sender = Side::at_end_of(way.back()).host();
            let original = original.unwrap_or(UnderWay { about: About::default(), cause: None });
            let own = packet.copy_of.is_some();
            let about = if own {
                original.about
            } else {
                About { host: sender, program: None, socket: None, ..original.about }
            };
            UnderWay { about, cause: original.cause }
        });
        let cause = match why {
            Some(Why::Command(by)) => Some(Cause::Command(by)),
            _ => cause,
        };
        if let Stage::Scheduled(due) = packet.stage {
            packet.stage = Stage::Scheduled(self.story.told(due));
        }
        packet.data.0.truncate(SNAP);
        let stage = packet.stage;
        // Who receives it is a matter of the other host.
        let told = match stage {
            Stage::Delivered | Stage::Dropped(DropReason::AcceptQueueFull) => {
                About { host: Side::at_end_of(way).host(), program: None, socket: None, ..about }
            }
            _ => about,
        };
        let seq = self.story.record(told, cause, Kind::Packet(packet));
        self.packets.insert(id, UnderWay { about, cause: Some(Cause::Event(seq)) });
        if matches!(stage, Stage::Delivered | Stage::Dropped(_) | Stage::Fragmented) {
            self.finished.push(id);
        }
        seq
    }

    /// The state of a connection or listener.
    pub(super) fn tell_state(&mut self, id: SocketId, to: TcpState, cause: Option<Cause>) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        if socket.told.state == Some(to) {
            return;
        }
        let from = socket.told.state.replace(to);
        self.story.record(socket.about(), cause, Kind::State { from, to });
        if to == TcpState::TimeWait {
            self.differs(socket_about(self, id), "TIME_WAIT = 10 s");
        }
    }

    /// The values of a socket: those that changed, now or soon.
    pub(super) fn tell_gauges(&mut self, id: SocketId, at_once: bool) {
        let now = self.story.now();
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        let mut timer = socket.told.timer;
        let mut values: Vec<(GaugeKey, u64)> = match &socket.body {
            Body::Fresh => return,
            Body::Listener(listener) => {
                let (half_open, ready) = listener.lengths();
                vec![
                    (GaugeKey::AcceptQueue, ready),
                    (GaugeKey::AcceptLimit, listener.backlog.into()),
                    (GaugeKey::SynQueue, half_open),
                ]
            }
            // Nobody can read what an orphan has.
            Body::Stream(_) if socket.life == Life::Orphan => return,
            Body::Stream(stream) => {
                let tcp = stream.tcp();
                timer = stream.timer;
                vec![
                    (GaugeKey::RecvQueue, tcp.recv_queue() as u64),
                    (GaugeKey::SendQueue, tcp.send_queue() as u64),
                    (GaugeKey::RecvBuffer, tcp.recv_capacity() as u64),
                    (GaugeKey::SendBuffer, tcp.send_capacity() as u64),
                ]
            }
            Body::Datagram(datagram) => vec![
                (GaugeKey::RecvQueue, datagram.queue.iter().map(|arrived| arrived.data.len() as u64).sum()),
                (GaugeKey::PacketsQueued, datagram.queue.len() as u64),
                (GaugeKey::Drops, datagram.drops),
            ],
        };
        let told = &mut socket.told;
        if timer != told.timer {
            values.push((GaugeKey::Timer, timer.0));
            // In how long, as a kernel says it; so it is told again only when the moment is another.
            values.extend(timer.1.map(|fires| (GaugeKey::TimerExpires, fires.since(now).0 / 1_000)));
        }
        let changed: Vec<_> = values.into_iter().filter(|(key, value)| told.gauges.get(key) != Some(value)).collect();
        if changed.is_empty() {
            return;
        }
        let listens = matches!(socket.body, Body::Listener(_));
        if let Some(last) = told.at.filter(|_| !at_once && !listens)
            && now < last.after(GAUGES_EVERY)
        {
            self.alarms.hasten(Alarm::Gauges(id), last.after(GAUGES_EVERY));
            return;
        }
        (told.at, told.timer) = (Some(now), timer);
        changed.iter().for_each(|(key, value)| told.gauges.insert(*key, *value));
        self.story.record(socket.about(), None, Kind::Gauge(changed));
    }

    /// Says once where the stack in the page differs from a kernel.
    pub(super) fn differs(&mut self, about: About, what: &'static str) {
        if !self.said.contains(&what) {
            self.said.push(what);
            self.story.note(about, None, NoteId::StackDiffers, vec![Arg::Text(what.into())]);
        }
    }

    /// A new epoch has heard nothing yet.
    pub(crate) fn unsaid(&mut self) {
        self.said.clear();
    }
}

fn socket_about(net: &Net, id: SocketId) -> About {
    net.about(id)
}
