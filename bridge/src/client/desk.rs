//! Where commands to clients arrive: whose they are, whether now is the moment, and how much may wait.

use super::reader::Reading;
use super::run::{Life, Order, Run, Stage};
use crate::limits::{CLIENT_INBOX, CLIENTS, CLIENTS_EACH, MOST_REPEAT, PENDING_BYTES};
use crate::probe::{Face, Gate, GateKeeper, Program, Story};
use crate::sockets::SocketFactory;
use protocol::message::{Limit, Moment};
use protocol::program::OutOfRange;
use protocol::{
    Address, Cause, ClientAction, ClientSpec, CommandId, MemberId, Owner, ProgramId, Refusal, Role, ServerSettings,
    Transport,
};
use std::collections::HashMap;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;

/// All clients of a world.
pub struct Clients {
    story: Arc<Story>,
    factory: Arc<dyn SocketFactory>,
    tasks: TaskTracker,
    seats: Mutex<HashMap<ProgramId, Seat>>,
}

struct Seat {
    owner: MemberId,
    inbox: mpsc::Sender<Order>,
    life: Arc<Life>,
    gate: GateKeeper,
    program: Arc<Program>,
    transport: Transport,
}

/// Whom a client is for.
#[derive(Clone, Debug)]
pub struct Whom {
    /// What it speaks.
    pub transport: Transport,
    /// The other end.
    pub address: Address,
}

/// A client that may be told something: nothing has been done yet.
pub struct Permit {
    client: ProgramId,
    order: Accepted,
}

enum Accepted {
    Reading(bool),
    Queue(mpsc::OwnedPermit<Order>),
}

impl Clients {
    /// Nobody yet.
    #[must_use]
    pub fn new(story: Arc<Story>, factory: Arc<dyn SocketFactory>, tasks: TaskTracker) -> Self {
        Self { story, factory, tasks, seats: Mutex::default() }
    }

    /// Whether one more client may be opened.
    ///
    /// # Errors
    /// [`Refusal`] says what is out of range, or which cap is reached.
    pub fn may_open(&self, owner: MemberId, spec: &ClientSpec) -> Result<(), Refusal> {
        spec.check()?;
        let seats = self.seats();
        if seats.len() >= CLIENTS {
            return Err(Refusal::Limit { what: Limit::Sockets, most: CLIENTS as u64 });
        }
        if seats.values().filter(|seat| seat.owner == owner).count() >= CLIENTS_EACH {
            return Err(Refusal::Limit { what: Limit::Clients, most: CLIENTS_EACH as u64 });
        }
        Ok(())
    }

    /// Opens a client.
    pub fn open(self: &Arc<Self>, id: CommandId, spec: ClientSpec, whom: Whom) -> ProgramId {
        let cause = Cause::Command(id);
        let gate = GateKeeper::new(true);
        let face = Face {
            name: format!("{} client", name_of(whom.transport)),
            role: Role::Client,
            owner: Owner::Member(id.by),
            transport: whom.transport,
            recv_size: spec.recv_size,
            rule: spec.rule,
        };
        let (story, factory) = (Arc::clone(&self.story), Arc::clone(&self.factory));
        let program = Program::start(story, factory, face, gate.gate(), Gate::always_open(), Some(cause));
        let client = program.id();
        let (inbox, orders) = mpsc::channel(CLIENT_INBOX);
        let life = Life::new();
        let run = Run {
            program: Arc::clone(&program),
            reading: Reading::new(spec.recv_size, spec.rule),
            to: (whom.transport, whom.address),
            life: Arc::clone(&life),
            spec,
        };
        let seat = Seat { owner: id.by, inbox, life, gate, program, transport: whom.transport };
        self.seats().insert(client, seat);
        let desk = Arc::clone(self);
        self.tasks.spawn(async move {
            run.run(cause, orders).await;
            desk.seats().remove(&client);
        });
        client
    }

    /// Whether a client may be told this by this member now; it is done by [`tell`](Self::tell).
    ///
    /// # Errors
    /// [`Refusal`], and nothing was done.
    pub fn may_tell(&self, by: MemberId, client: ProgramId, action: &ClientAction) -> Result<Permit, Refusal> {
        let seats = self.seats();
        let seat = seats.get(&client).ok_or(Refusal::NoSuchClient(client))?;
        if seat.owner != by {
            return Err(Refusal::NotYours(client));
        }
        seat.may(action)?;
        if let ClientAction::Reading(reading) = action {
            return Ok(Permit { client, order: Accepted::Reading(*reading) });
        }
        let room = seat.inbox.clone().try_reserve_owned().map_err(|_| Refusal::WrongMoment(Moment::Busy))?;
        Ok(Permit { client, order: Accepted::Queue(room) })
    }

    /// Tells the client.
    pub fn tell(&self, permit: Permit, id: CommandId, action: ClientAction) {
        let seats = self.seats();
        let Some(seat) = seats.get(&permit.client) else { return };
        match permit.order {
            Accepted::Reading(reading) => seat.gate.set(reading),
            Accepted::Queue(room) => {
                seat.begins(&action);
                room.send(Order { cause: Cause::Command(id), action });
            }
        }
    }

    /// Closes the clients of a member.
    pub fn leave(&self, member: MemberId) {
        self.seats().retain(|_, seat| {
            let leaves = seat.owner == member;
            if leaves {
                seat.life.give_up.cancel();
            }
            !leaves
        });
    }

    /// Closes all clients.
    pub fn close_all(&self) {
        for (_, seat) in self.seats().drain() {
            seat.life.give_up.cancel();
        }
    }

    /// Tells every client again, for a new epoch.
    pub fn tell_again(&self) {
        let mut programs: Vec<_> = self.seats().values().map(|seat| Arc::clone(&seat.program)).collect();
        programs.sort_by_key(|program| program.id());
        programs.iter().for_each(|program| program.tell(None));
    }

    fn seats(&self) -> std::sync::MutexGuard<'_, HashMap<ProgramId, Seat>> {
        self.seats.lock().expect("nothing panics while it holds the seats")
    }
}

impl Seat {
    fn may(&self, action: &ClientAction) -> Result<(), Refusal> {
        let stage = self.life.stage();
        if stage == Stage::Closed && *action != ClientAction::Abort {
            return Err(Refusal::WrongMoment(Moment::Closed));
        }
        match action {
            ClientAction::Connect if stage == Stage::Connected => Err(Refusal::WrongMoment(Moment::AlreadyConnected)),
            ClientAction::Send { data, repeat } => {
                let (least, most) = (1, u64::from(MOST_REPEAT));
                let given = u64::from(*repeat);
                if !(least..=most).contains(&given) {
                    return Err(OutOfRange { what: "repeat".into(), least, most, given }.into());
                }
                if stage == Stage::Fresh && self.transport.is_stream() {
                    return Err(Refusal::WrongMoment(Moment::NotConnected));
                }
                if self.life.pending.load(Ordering::Acquire) + data.len() as u64 > PENDING_BYTES {
                    return Err(Refusal::Limit { what: Limit::PendingBytes, most: PENDING_BYTES });
                }
                Ok(())
            }
            ClientAction::Program { recv_size, .. } => {
                let (least, most) = (1, u64::from(ServerSettings::MOST_RECV));
                let given = u64::from(*recv_size);
                if (least..=most).contains(&given) {
                    Ok(())
                } else {
                    Err(OutOfRange { what: "recv size".into(), least, most, given }.into())
                }
            }
            _ => Ok(()),
        }
    }

    /// What the desk must know before the client has got around to it.
    fn begins(&self, action: &ClientAction) {
        match action {
            ClientAction::Connect => self.life.becomes(Stage::Connected),
            ClientAction::Send { data, .. } => {
                self.life.pending.fetch_add(data.len() as u64, Ordering::AcqRel);
            }
            ClientAction::Close => {
                self.life.becomes(Stage::Closed);
                self.life.closing.cancel();
            }
            ClientAction::Abort => {
                self.life.becomes(Stage::Closed);
                self.life.give_up.cancel();
            }
            _ => {}
        }
    }
}

fn name_of(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP",
        Transport::Udp => "UDP",
        Transport::UnixStream => "Unix stream",
        Transport::UnixDatagram => "Unix datagram",
    }
}
