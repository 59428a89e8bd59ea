//! A world on free ports, and a way to wait for what must be seen.

use crate::recorder::{Recorder, Watching};
use crate::world::World;
use crate::world::this_computer::{ThisComputer, WorldOptions};
use protocol::ids::Boot;
use protocol::trace::Bounds;
use protocol::{
    Call, ClientAction, ClientSpec, Command, CommandId, Event, Interest, Kind, MemberId, Op, Outcome, Phase, ProgramId,
    Refusal, Reply, Seq, ServerAction, ServerInfo, ServerSettings, Setting, SocketId, Target, Transport,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Far more than anything takes on a busy machine.
const DEADLINE: Duration = Duration::from_secs(20);

/// The member most tests speak as.
pub const ME: MemberId = MemberId(1);

pub struct Stage {
    pub world: Arc<ThisComputer>,
    pub recorder: Recorder,
    number: AtomicU32,
    _watching: Watching,
}

impl Stage {
    pub async fn new(settings: ServerSettings) -> Self {
        Self::with(WorldOptions {
            tcp: vec![0],
            tutorial_port: false,
            udp: vec![0],
            unix: cfg!(unix).then(|| path("echo")),
            targets: Vec::new(),
            settings,
            capture: crate::capture::Wanted::default(),
        })
        .await
    }

    pub async fn with(options: WorldOptions) -> Self {
        let recorder = Recorder::new(Boot(1), Bounds::default());
        let watching = recorder.watch();
        let world = ThisComputer::start(recorder.clone(), options).await.unwrap();
        Self { world, recorder, number: AtomicU32::new(0), _watching: watching }
    }

    pub fn server(&self, transport: Transport) -> ServerInfo {
        self.world.servers().into_iter().find(|server| server.transport == transport).unwrap()
    }

    pub fn perform(&self, by: MemberId, what: Command) -> Result<Reply, Refusal> {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        self.world.perform(CommandId { by, number }, what)
    }

    pub fn open(&self, spec: ClientSpec) -> ProgramId {
        match self.perform(ME, Command::Open(spec)).unwrap() {
            Reply::Opened(client) => client,
            Reply::Done => panic!("an open is answered with the client"),
        }
    }

    pub fn client(&self, transport: Transport) -> ProgramId {
        self.open(ClientSpec::new(Target::Server(self.server(transport).id)))
    }

    pub fn tell(&self, client: ProgramId, action: ClientAction) {
        assert_eq!(self.perform(ME, Command::Client { client, action }), Ok(Reply::Done));
    }

    pub fn send(&self, client: ProgramId, data: &[u8]) {
        self.tell(client, ClientAction::Send { data: data.into(), repeat: 1 });
    }

    pub fn set(&self, setting: Setting) {
        assert_eq!(self.perform(ME, Command::Server(ServerAction::Set(setting))), Ok(Reply::Done));
    }

    /// Connects, and waits until the call returned.
    pub async fn connected(&self, client: ProgramId) {
        self.tell(client, ClientAction::Connect);
        self.returned(client, |op| matches!(op, Op::Connect { .. })).await;
    }

    pub fn events(&self) -> Vec<Event> {
        let read = self.recorder.read(Seq(0), &Interest::default(), usize::MAX / 2).read;
        read.batch.map_or_else(Vec::new, |batch| batch.events)
    }

    /// Waits until `find` finds something in all events so far.
    pub async fn until<T>(&self, what: &str, find: impl Fn(&[Event]) -> Option<T>) -> T {
        let mut changes = self.recorder.changes();
        let waiting = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = find(&self.events()) {
                    return found;
                }
                changes.changed().await.unwrap();
            }
        };
        match tokio::time::timeout(DEADLINE, waiting).await {
            Ok(found) => found,
            Err(_) => {
                let story: Vec<_> =
                    self.events().iter().map(|event| format!("{:?} {:?}", event.about, event.kind)).collect();
                panic!("waited in vain for {what}:\n{}", story.join("\n"))
            }
        }
    }

    /// The first call of the program that matches, once it has returned.
    pub async fn returned(&self, program: ProgramId, op: impl Fn(&Op) -> bool) -> Call {
        self.until("a call to return", |events| {
            calls(events, program).find(|call| call.phase == Phase::Returned && op(&call.op)).cloned()
        })
        .await
    }

    /// Waits until the program has received these bytes of a stream, and gives the length of each recv.
    pub async fn received(&self, program: ProgramId, bytes: &[u8]) -> Vec<usize> {
        self.until(&format!("{} bytes", bytes.len()), |events| {
            let pieces: Vec<_> = received(events, program);
            (pieces.concat() == bytes).then(|| pieces.iter().map(Vec::len).filter(|len| *len > 0).collect())
        })
        .await
    }
}

/// The calls of a program, both ends.
pub fn calls(events: &[Event], program: ProgramId) -> impl Iterator<Item = &Call> {
    events.iter().filter(move |event| event.about.program == Some(program)).filter_map(|event| match &event.kind {
        Kind::Call(call) => Some(call),
        _ => None,
    })
}

/// What each recv and recvfrom of a program returned.
pub fn received(events: &[Event], program: ProgramId) -> Vec<Vec<u8>> {
    calls(events, program)
        .filter(|call| matches!(call.op, Op::Recv { .. } | Op::RecvFrom { .. }))
        .filter(|call| matches!(call.outcome, Some(Outcome::Bytes(_) | Outcome::From(..))))
        .map(|call| call.data.to_vec())
        .collect()
}

/// The sockets a server has accepted, in order.
pub fn accepted(events: &[Event], server: ProgramId) -> Vec<SocketId> {
    calls(events, server)
        .filter_map(|call| match call.outcome {
            Some(Outcome::Accepted { socket, .. }) => Some(socket),
            _ => None,
        })
        .collect()
}

/// A path of its own.
pub fn path(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("socketscope-test-{:016x}-{name}", crate::random() as u64))
}
