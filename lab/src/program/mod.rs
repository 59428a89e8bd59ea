//! The echo programs as state machines: the same calls, settings and loop rules as the programs of the bridge.
//!
//! A program here is a task that is run when something it may wait for has happened, goes as far as it can, and says
//! when it wants to be run again. There is no queue of wakings: a task is due at a time or it is not.

pub(crate) mod client;
mod connection;
mod datagram;
pub(crate) mod probe;
pub(crate) mod server;

use crate::agenda::Agenda;
use crate::net::Net;
use crate::table::Table;
use client::Client;
use connection::Connection;
use datagram::DatagramServer;
use protocol::{
    About, Cause, Errno, HostId, Kind, LoopRule, Nanos, Owner, ProgramId, Reads, Role, ServerSettings, SocketId,
    Transport,
};
use server::Acceptor;

/// A task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskId(u32);

/// What runs.
pub(crate) enum Task {
    /// A TCP server's loop around `accept`.
    Acceptor(Acceptor),
    /// One connection of a TCP server.
    Connection(Box<Connection>),
    /// A UDP server.
    Datagrams(DatagramServer),
    /// A client.
    Client(Box<Client>),
}

/// When a task wants to be run again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// When something happens to its socket, or then.
    Until(Option<Nanos>),
    /// Never.
    Ended,
}

/// What the page is told of a program.
#[derive(Clone, Debug)]
pub(crate) struct Face {
    pub(crate) host: HostId,
    pub(crate) name: String,
    pub(crate) role: Role,
    pub(crate) owner: Owner,
    pub(crate) transport: Transport,
    pub(crate) recv_size: u32,
    pub(crate) rule: LoopRule,
}

/// All programs.
pub(crate) struct Crew {
    pub(crate) settings: ServerSettings,
    /// How often servers were bound.
    pub(crate) times_bound: u64,
    faces: Table<ProgramId, Face>,
    tasks: Table<TaskId, Task>,
    agenda: Agenda<TaskId>,
    /// Each socket is served by one task.
    at: Table<SocketId, TaskId>,
    last_task: u32,
    /// Listening sockets whose program ended by an error.
    pub(crate) failed: Vec<(SocketId, Errno)>,
}

/// What a task can reach while it runs.
pub(crate) struct Reach<'a> {
    pub(crate) net: &'a mut Net,
    pub(crate) settings: &'a ServerSettings,
    pub(crate) times_bound: u64,
    faces: &'a mut Table<ProgramId, Face>,
    last_task: &'a mut u32,
    spawned: Vec<(TaskId, Task)>,
    /// A connection is served: which acceptor waits for that, and how it ended.
    served: Option<(TaskId, Option<Errno>)>,
    failed: Option<(SocketId, Errno)>,
}

impl Crew {
    pub(crate) fn new() -> Self {
        Self {
            settings: ServerSettings::default(),
            times_bound: 0,
            faces: Table::default(),
            tasks: Table::default(),
            agenda: Agenda::new(),
            at: Table::default(),
            last_task: 0,
            failed: Vec::new(),
        }
    }

    /// A program takes part.
    pub(crate) fn start(&mut self, net: &mut Net, face: Face, cause: Option<Cause>) -> ProgramId {
        let id = net.story.new_program();
        tell(net, id, &face, cause);
        self.faces.insert(id, face);
        id
    }

    /// A program reads otherwise from now on.
    pub(crate) fn reads(&mut self, net: &mut Net, id: ProgramId, recv_size: u32, rule: LoopRule) {
        reads(&mut self.faces, net, id, recv_size, rule);
    }

    /// Tells every program again, for a new epoch.
    pub(crate) fn tell_again(&self, net: &mut Net) {
        self.faces.iter().for_each(|(id, face)| tell(net, *id, face, None));
    }

    /// Starts a task.
    pub(crate) fn spawn(&mut self, now: Nanos, task: Task) -> TaskId {
        self.last_task += 1;
        let id = TaskId(self.last_task);
        self.put(id, task);
        self.agenda.set(id, Some(now));
        id
    }

    fn put(&mut self, id: TaskId, task: Task) {
        if let Some(socket) = task.socket() {
            self.at.insert(socket, id);
        }
        self.tasks.insert(id, task);
    }

    /// When a task is due.
    pub(crate) fn due(&self) -> Option<Nanos> {
        self.agenda.first().map(|(at, _)| at)
    }

    /// Runs the task that is due first, if its time has come.
    pub(crate) fn work(&mut self, net: &mut Net) {
        let now = net.story.now();
        if let Some((due, id)) = self.agenda.first()
            && due <= now
        {
            self.agenda.set(id, None);
            self.run(net, id);
        }
    }

    /// Something happened to these sockets.
    pub(crate) fn wake(&mut self, now: Nanos, sockets: impl IntoIterator<Item = SocketId>) {
        for socket in sockets {
            if let Some(task) = self.at.get(&socket) {
                self.agenda.hasten(*task, now);
            }
        }
    }

    /// The settings or the gates changed: everybody looks.
    pub(crate) fn wake_all(&mut self, now: Nanos) {
        for task in self.tasks.keys() {
            self.agenda.hasten(*task, now);
        }
    }

    /// Runs a task at once.
    pub(crate) fn run(&mut self, net: &mut Net, id: TaskId) {
        let Some(mut task) = self.tasks.remove(&id) else { return };
        let mut reach = Reach {
            net,
            settings: &self.settings,
            times_bound: self.times_bound,
            faces: &mut self.faces,
            last_task: &mut self.last_task,
            spawned: Vec::new(),
            served: None,
            failed: None,
        };
        let rest = task.run(id, &mut reach);
        let Reach { spawned, served, failed, .. } = reach;
        let now = net.story.now();
        match rest {
            Rest::Until(due) => {
                self.put(id, task);
                self.agenda.set(id, due);
            }
            Rest::Ended => {
                self.agenda.set(id, None);
                self.at.retain(|task| *task != id);
            }
        }
        for (id, task) in spawned {
            self.put(id, task);
            self.agenda.set(id, Some(now));
        }
        self.failed.extend(failed);
        if let Some((acceptor, error)) = served
            && let Some(Task::Acceptor(task)) = self.tasks.get_mut(&acceptor)
        {
            task.served(id, error);
            self.agenda.hasten(acceptor, now);
        }
    }

    /// The client with this number.
    pub(crate) fn client(&mut self, id: ProgramId) -> Option<(TaskId, &mut Client)> {
        self.tasks.iter_mut().find_map(|(task, what)| match what {
            Task::Client(client) if client.program() == id => Some((*task, &mut **client)),
            _ => None,
        })
    }

    /// All clients.
    pub(crate) fn clients(&self) -> impl Iterator<Item = &Client> {
        self.tasks.values().filter_map(|task| match task {
            Task::Client(client) => Some(&**client),
            _ => None,
        })
    }

    /// Whether an accepted connection has this socket.
    pub(crate) fn has_connection(&self, socket: SocketId) -> bool {
        self.at.get(&socket).is_some_and(|task| matches!(self.tasks.get(task), Some(Task::Connection(_))))
    }

    /// The task that serves this socket, at once.
    pub(crate) fn run_at(&mut self, net: &mut Net, socket: SocketId) {
        if let Some(task) = self.at.get(&socket).copied() {
            self.run(net, task);
        }
    }

    /// A task is to be run soon.
    pub(crate) fn hasten(&mut self, task: TaskId, now: Nanos) {
        self.agenda.hasten(task, now);
    }
}

impl Task {
    fn run(&mut self, id: TaskId, reach: &mut Reach<'_>) -> Rest {
        match self {
            Self::Acceptor(task) => task.run(id, reach),
            Self::Connection(task) => task.run(reach),
            Self::Datagrams(task) => task.run(reach),
            Self::Client(task) => task.run(reach),
        }
    }

    fn socket(&self) -> Option<SocketId> {
        match self {
            Self::Acceptor(task) => Some(task.socket()),
            Self::Connection(task) => Some(task.socket()),
            Self::Datagrams(task) => Some(task.socket()),
            Self::Client(task) => task.socket(),
        }
    }
}

impl Reach<'_> {
    /// Starts a task.
    fn spawn(&mut self, task: Task) -> TaskId {
        *self.last_task += 1;
        let id = TaskId(*self.last_task);
        self.spawned.push((id, task));
        id
    }

    fn now(&self) -> Nanos {
        self.net.story.now()
    }

    /// A program reads otherwise from now on.
    fn reads(&mut self, id: ProgramId, recv_size: u32, rule: LoopRule) {
        reads(self.faces, self.net, id, recv_size, rule);
    }

    /// A program takes part no longer.
    fn ended(&mut self, id: ProgramId, cause: Option<Cause>) {
        if let Some(face) = self.faces.remove(&id) {
            let about = About { host: face.host, program: Some(id), ..About::default() };
            self.net.story.record(about, cause, Kind::Ended);
        }
    }
}

fn reads(faces: &mut Table<ProgramId, Face>, net: &mut Net, id: ProgramId, recv_size: u32, rule: LoopRule) {
    if let Some(face) = faces.get_mut(&id)
        && (face.recv_size, face.rule) != (recv_size, rule)
    {
        (face.recv_size, face.rule) = (recv_size, rule);
        tell(net, id, face, None);
    }
}

fn tell(net: &mut Net, id: ProgramId, face: &Face, cause: Option<Cause>) {
    let kind = Kind::Program {
        pid: None,
        name: face.name.clone(),
        role: face.role,
        owner: face.owner,
        transport: Some(face.transport),
        reads: Some(Reads { recv_size: face.recv_size, rule: face.rule }),
        calls_visible: true,
    };
    net.story.record(About { host: face.host, program: Some(id), ..About::default() }, cause, kind);
}
