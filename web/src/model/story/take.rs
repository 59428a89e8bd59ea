//! Taking one event into the indexes.

use super::records::{CallRecord, FlowRecord, HostRecord, Place, ProgramRecord, SocketRecord};
use super::{Sort, Story, Tag};
use crate::model::letter::Letter;
use protocol::{Call, Event, How, Kind, Nanos, Op, Outcome, Owner, Phase, ProgramId, SocketId, Span, Stage};

impl Story {
    /// Takes what an event tells. Returns what it is.
    pub(super) fn take(&mut self, place: Place, event: &Event) -> Tag {
        let mut tag = Tag { sort: sort(event), at: 0 };
        let (about, at) = (event.about, event.at);
        if let Some(id) = about.program {
            self.know_program(id, at);
        }
        if let Some(id) = about.socket {
            let socket = self.know_socket(id, place, at);
            if about.flow.is_some() {
                socket.flow = about.flow;
            }
            if let Some(program) = about.program {
                self.own(program, id);
            }
        }
        match &event.kind {
            Kind::Host { name, world, stack } => {
                self.hosts.retain(|host| host.id != about.host);
                let (name, stack) = (name.clone(), stack.clone());
                self.hosts.push(HostRecord { id: about.host, name, world: *world, stack });
            }
            Kind::Program { pid, name, role, owner, transport, reads, calls_visible } => {
                let Some(id) = about.program else { return tag };
                let program = self.know_program(id, at);
                (program.pid, program.name, program.role) = (*pid, name.clone(), Some(*role));
                (program.owner, program.transport, program.reads) = (*owner, *transport, *reads);
                program.calls_visible = *calls_visible;
            }
            Kind::Socket { transport, fd, cookie, parent, local, peer } => {
                let Some(id) = about.socket else { return tag };
                let socket = self.know_socket(id, place, at);
                socket.transport = Some(*transport);
                socket.fd = fd.or(socket.fd);
                socket.cookie = cookie.or(socket.cookie);
                socket.parent = parent.or(socket.parent);
                if parent.is_some() && socket.queued.is_none_or(|_| socket.first == place) {
                    socket.queued = Some(place);
                }
                socket.local = local.clone().or(socket.local.take());
                socket.peer = peer.clone().or(socket.peer.take());
                // What lives is told again after a clear: a connection that a program has was accepted before.
                if socket.parent.is_some() && about.program.is_some() {
                    socket.accepted = socket.accepted.or(Some(at));
                }
                self.adopt(*parent, id);
                self.know_address(id);
            }
            Kind::Flow { transport, a, b, incarnation } => {
                let Some(id) = about.flow else { return tag };
                let (transport, incarnation) = (*transport, *incarnation);
                let flow = FlowRecord { id, transport, a: a.clone(), b: b.clone(), incarnation };
                for socket in [a.socket, b.socket].into_iter().flatten() {
                    self.know_socket(socket, place, at).flow = Some(id);
                }
                match self.by_flow.get(id.0.into()) {
                    Some(known) => self.flows[known as usize] = flow,
                    None => {
                        self.by_flow.insert(id.0.into(), self.flows.len() as u32);
                        self.flows.push(flow);
                    }
                }
            }
            Kind::Call(call) => match self.take_call(place, event, call) {
                Some(at) => tag.at = at,
                // Nobody called it.
                None => tag.sort = Sort::Other,
            },
            Kind::Packet(packet) => tag.at = self.take_packet(place, event, packet),
            Kind::State { .. } => {
                if let Some(id) = about.socket {
                    let mut states = std::mem::take(&mut self.know_socket(id, place, at).states);
                    let later = |other: &Place| self.key(*other) > (event.at, event.seq);
                    let keep = states.iter().rposition(|other| !later(other)).map_or(0, |last| last + 1);
                    states.insert(keep, place);
                    self.know_socket(id, place, at).states = states;
                }
            }
            Kind::Gauge(values) => {
                if let Some(id) = about.socket {
                    let socket = self.know_socket(id, place, at);
                    socket.gauges.push(place);
                    for (key, value) in values {
                        socket.reported(*key, event.at, *value);
                    }
                }
            }
            Kind::Closed => {
                if let Some(id) = about.socket {
                    let socket = self.know_socket(id, place, at);
                    (socket.closed, socket.gone) = (Some(at), true);
                }
            }
            Kind::Ended => {
                if let Some(id) = about.program {
                    self.know_program(id, at).ended = Some(at);
                }
            }
            Kind::Command { .. } | Kind::Dropped { .. } | Kind::Note(..) => {}
        }
        tag
    }

    fn know_program(&mut self, id: ProgramId, at: Nanos) -> &mut ProgramRecord {
        let next = self.programs.len() as u32;
        let known = self.by_program.place_or(id.0.into(), next);
        if known == next {
            self.programs.push(ProgramRecord {
                id,
                pid: None,
                name: String::new(),
                role: None,
                owner: Owner::System,
                transport: None,
                reads: None,
                calls_visible: true,
                since: at,
                ended: None,
                calls: Vec::new(),
                sockets: Vec::new(),
                moved: (0, 0),
            });
        }
        let program = &mut self.programs[known as usize];
        program.since = program.since.min(at);
        program
    }

    fn know_socket(&mut self, id: SocketId, place: Place, at: Nanos) -> &mut SocketRecord {
        let next = self.sockets.len() as u32;
        let known = self.by_socket.place_or(id.0.into(), next);
        if known == next {
            self.sockets.push(SocketRecord {
                id,
                program: None,
                flow: None,
                transport: None,
                fd: None,
                cookie: None,
                parent: None,
                local: None,
                peer: None,
                first: place,
                queued: None,
                since: at,
                accepted: None,
                accept: None,
                closed: None,
                gone: false,
                listening: None,
                sends: Vec::new(),
                recvs: Vec::new(),
                states: Vec::new(),
                gauges: Vec::new(),
                values: Vec::new(),
                others: Vec::new(),
                children: Vec::new(),
            });
        }
        let socket = &mut self.sockets[known as usize];
        if at < socket.since {
            (socket.since, socket.first) = (at, place);
        }
        socket
    }

    fn own(&mut self, program: ProgramId, socket: SocketId) {
        let Some(at) = self.by_socket.get(socket.0.into()) else { return };
        if self.sockets[at as usize].program.replace(program) == Some(program) {
            return;
        }
        if let Some(at) = self.by_program.get(program.0.into()) {
            let sockets = &mut self.programs[at as usize].sockets;
            if !sockets.contains(&socket) {
                sockets.push(socket);
            }
        }
    }

    /// A socket came from a listening one.
    fn adopt(&mut self, parent: Option<SocketId>, child: SocketId) {
        let parent = parent.and_then(|id| self.by_socket.get(id.0.into()));
        if let Some((parent, child)) = parent.zip(self.by_socket.get(child.0.into())) {
            let children = &mut self.sockets[parent as usize].children;
            // It is told again soon, when it is accepted, or long after as one that lives.
            if !children.iter().rev().take(512).any(|known| *known == child) {
                children.push(child);
            }
        }
    }

    fn take_call(&mut self, place: Place, event: &Event, call: &Call) -> Option<u32> {
        let program = event.about.program?;
        let next = self.calls.len() as u32;
        let known = self.by_call.place_or(call.id.0.into(), next);
        if known == next {
            self.calls.push(CallRecord {
                id: call.id,
                host: event.about.host,
                program,
                socket: event.about.socket,
                entered: None,
                returned: None,
                start: event.at,
                end: None,
                seq: event.seq,
                op: call.op.clone(),
                outcome: None,
                span: call.span,
                tries: 0,
                letter: None,
                provenance: event.provenance,
                cause: event.cause,
            });
            self.know_program(program, event.at).calls.push(known);
        }
        let record = &mut self.calls[known as usize];
        record.socket = event.about.socket.or(record.socket);
        record.tries = record.tries.max(call.tries);
        record.span = match call.phase {
            Phase::Returned => call.span.or(record.span),
            Phase::Entered => record.span.or(call.span),
        };
        match call.phase {
            Phase::Entered => {
                (record.entered, record.start, record.seq) = (Some(place), event.at, event.seq);
                record.cause = event.cause;
            }
            Phase::Returned => {
                (record.returned, record.end) = (Some(place), Some(event.at));
                record.outcome.clone_from(&call.outcome);
                if record.entered.is_none() {
                    record.start = event.at;
                }
            }
        }
        let (sends, receives, socket, span) = (record.sends(), record.receives(), record.socket, record.span);
        if let Some(id) = socket {
            let mut list = std::mem::take(list_of(self.know_socket(id, place, event.at), sends, receives));
            // Its other end came not long ago, if it came: few calls wait on one socket at once.
            if known == next || !list.iter().rev().take(64).any(|other| *other == known) {
                let when = |at: &u32| (self.calls[*at as usize].start, self.calls[*at as usize].seq);
                let before = list.iter().rposition(|other| when(other) < when(&known)).map_or(0, |last| last + 1);
                list.insert(before, known);
            }
            *list_of(self.know_socket(id, place, event.at), sends, receives) = list;
        }
        if sends {
            if let Some(Span::Datagram { id: Some(id), .. }) = span {
                self.by_datagram.insert(id.0.into(), known);
            }
            if self.calls[known as usize].letter.is_none() && !self.serves(program) {
                self.calls[known as usize].letter = Some(Letter(self.letters));
                self.letters += 1;
            }
        }
        if receives && let Some(Span::Datagram { id: Some(id), .. }) = span {
            self.by_receipt.insert(id.0.into(), known);
        }
        if call.phase == Phase::Returned {
            let bytes = self.calls[known as usize].bytes();
            let moved = &mut self.know_program(program, event.at).moved;
            match (sends, receives) {
                (true, _) => moved.0 += bytes,
                (_, true) => moved.1 += bytes,
                _ => {}
            }
            self.take_return(place, event, call, program);
        }
        Some(known)
    }

    /// What a returned call tells about sockets.
    fn take_return(&mut self, place: Place, event: &Event, call: &Call, program: ProgramId) {
        match (&call.op, &call.outcome) {
            (Op::Accept, Some(Outcome::Accepted { socket, peer })) => {
                let listener = event.about.socket;
                let accepted = self.know_socket(*socket, place, event.at);
                (accepted.accepted, accepted.accept) = (Some(event.at), Some(place));
                accepted.parent = accepted.parent.or(listener);
                accepted.peer.get_or_insert_with(|| peer.clone());
                self.adopt(listener, *socket);
                self.know_address(*socket);
                self.own(program, *socket);
            }
            (Op::Listen { backlog }, Some(Outcome::Done)) => {
                if let Some(id) = event.about.socket {
                    self.know_socket(id, place, event.at).listening = Some((*backlog, event.at));
                }
            }
            (Op::Close | Op::Abort, Some(_)) => {
                if let Some(id) = event.about.socket {
                    let socket = self.know_socket(id, place, event.at);
                    socket.closed = socket.closed.or(Some(event.at));
                }
            }
            _ => {}
        }
    }
}

/// The list that a call belongs to.
fn list_of(socket: &mut SocketRecord, sends: bool, receives: bool) -> &mut Vec<u32> {
    match (sends, receives) {
        (true, _) => &mut socket.sends,
        (_, true) => &mut socket.recvs,
        _ => &mut socket.others,
    }
}

fn sort(event: &Event) -> Sort {
    match &event.kind {
        Kind::Call(call) if call.phase == Phase::Entered => Sort::Entered,
        Kind::Call(_) => Sort::Returned,
        Kind::Packet(packet) => match packet.stage {
            Stage::Sent | Stage::Duplicated => Sort::Sent,
            Stage::Held(_) => Sort::Held,
            Stage::Released => Sort::Released,
            Stage::Delivered => Sort::Delivered,
            Stage::Dropped(_) | Stage::Fragmented => Sort::Broken,
            Stage::Scheduled(_) => Sort::Scheduled,
        },
        Kind::State { .. } if event.provenance.how == How::Derived => Sort::Derived,
        Kind::State { .. } => Sort::State,
        Kind::Socket { .. } => Sort::Socket,
        Kind::Gauge(_) => Sort::Gauge,
        Kind::Note(..) | Kind::Dropped { .. } | Kind::Command { .. } => Sort::Sentence,
        _ => Sort::Other,
    }
}
