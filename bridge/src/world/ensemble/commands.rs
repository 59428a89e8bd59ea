//! Commands to the programs of a world.

use super::{Ensemble, bump};
use crate::client::Whom;
use crate::echo::Server;
use crate::sockets::errno;
use protocol::{
    Ability, About, Bytes, Cause, ClientAction, ClientSpec, Command, CommandId, Holds, Kind, NoteId, ProgramId,
    Provenance, Reason, Refusal, Reply, ServerAction, ServerId, Setting, Target, Unavailable,
};
use std::sync::Arc;

/// Bytes of a send that its command event repeats: the call has them all.
const COMMAND_SNAP: usize = 64;

impl Ensemble {
    /// Does a command that is about clients or servers.
    ///
    /// # Errors
    /// [`Refusal`], and then nothing was done.
    pub fn perform(&self, id: CommandId, what: Command) -> Result<Reply, Refusal> {
        match what {
            Command::Open(spec) => self.open(id, spec),
            Command::Client { client, action } => self.tell_client(id, client, action),
            Command::Server(action) => self.tell_server(id, action),
            // What is about the world is done by the world, and which world it is above the worlds.
            Command::Wire(_) | Command::World(_) => Err(Refusal::Unavailable(
                Ability::Wire,
                Unavailable {
                    reason: Reason::NotInThisWorld,
                    detail: "the programs of a world cannot do that".into(),
                    remedy: String::new(),
                },
            )),
        }
    }

    fn open(&self, id: CommandId, spec: ClientSpec) -> Result<Reply, Refusal> {
        self.clients.may_open(id.by, &spec)?;
        let whom = self.whom(spec.target)?;
        self.record(id, About::default(), Command::Open(spec.clone()));
        Ok(Reply::Opened(self.clients.open(id, spec, whom)))
    }

    fn whom(&self, target: Target) -> Result<Whom, Refusal> {
        match target {
            Target::Server(id) => {
                let info = self.server(id)?.info();
                Ok(Whom { transport: info.transport, address: info.address })
            }
            Target::Named(place) => {
                let target = self.targets.get(usize::from(place)).ok_or(Refusal::NoSuchTarget(place))?;
                Ok(Whom { transport: target.transport, address: target.address.clone() })
            }
            Target::Nobody { transport, family } => {
                let address =
                    (self.nobody)(transport, family).map_err(|error| Refusal::System(errno::named(&error)))?;
                Ok(Whom { transport, address })
            }
        }
    }

    fn tell_client(&self, id: CommandId, client: ProgramId, action: ClientAction) -> Result<Reply, Refusal> {
        let permit = self.clients.may_tell(id.by, client, &action)?;
        let shown = match &action {
            ClientAction::Send { data, repeat } => {
                ClientAction::Send { data: Bytes::snap(data, COMMAND_SNAP), repeat: *repeat }
            }
            other => other.clone(),
        };
        let about = About { program: Some(client), ..About::default() };
        self.record(id, about, Command::Client { client, action: shown });
        self.clients.tell(permit, id, action);
        Ok(Reply::Done)
    }

    fn tell_server(&self, id: CommandId, action: ServerAction) -> Result<Reply, Refusal> {
        let cause = Some(Cause::Command(id));
        let about = About::default();
        match action {
            ServerAction::Set(setting) => return self.set(id, &setting),
            ServerAction::Rebind(which) | ServerAction::Stop(which) | ServerAction::Start(which) => {
                let server = Arc::clone(self.server(which)?);
                let about = About { program: Some(server.program().id()), ..about };
                self.record(id, about, Command::Server(action.clone()));
                let (again, changed) = (Arc::clone(&self.changed), Arc::clone(&self.changed));
                let stopped = move || bump(&again);
                self.tasks.spawn(async move {
                    // An error is in the record and in what the server says of itself.
                    let _ = match action {
                        ServerAction::Rebind(_) => server.rebind(cause, stopped).await,
                        ServerAction::Start(_) => server.start(cause, stopped).await,
                        _ => {
                            server.stop(cause).await;
                            Ok(())
                        }
                    };
                    bump(&changed);
                });
            }
            ServerAction::HangUp(socket) => {
                let connection = self.shared.connection(socket).ok_or(Refusal::NoSuchSocket(socket))?;
                self.record(id, connection.about(), Command::Server(action));
                connection.hang_up(cause);
            }
        }
        Ok(Reply::Done)
    }

    fn set(&self, id: CommandId, setting: &Setting) -> Result<Reply, Refusal> {
        let _one_at_a_time = self.changing.lock().expect("nothing panics while it holds the settings");
        let mut wanted = self.settings.borrow().clone();
        let holds = wanted.apply(setting)?;
        self.record(id, About::default(), Command::Server(ServerAction::Set(setting.clone())));
        self.settings.send_replace(wanted.clone());
        match *setting {
            Setting::Reading(reading) => {
                self.reading.set(reading);
                self.held_back(&wanted);
            }
            Setting::Accepting(accepting) => {
                self.accepting.set(accepting);
                self.held_back(&wanted);
            }
            Setting::Backlog(backlog) => {
                for server in self.servers.iter().map(Arc::clone) {
                    self.tasks.spawn(async move { server.listen_again(backlog, Some(Cause::Command(id))).await });
                }
            }
            Setting::RecvSize(_) | Setting::Rule(_) => {
                for server in &self.servers {
                    server.program().reads(wanted.recv_size, wanted.rule);
                }
            }
            _ => {}
        }
        if holds == Holds::Rebind && self.servers.iter().any(|server| !server.waiting(&wanted).is_empty()) {
            let about = About { host: self.story.host, ..About::default() };
            let note = Kind::Note(NoteId::WaitsForRebind, Vec::new());
            self.story.recorder.record(about, Provenance::OBSERVED, Some(Cause::Command(id)), note);
        }
        self.stories().for_each(|story| story.stir());
        bump(&self.changed);
        Ok(Reply::Done)
    }

    fn server(&self, id: ServerId) -> Result<&Arc<Server>, Refusal> {
        self.servers.iter().find(|server| server.id() == id).ok_or(Refusal::NoSuchServer(id))
    }

    /// Records a command that was accepted.
    pub fn record(&self, id: CommandId, about: About, what: Command) {
        let about = About { host: self.story.host, ..about };
        self.story.recorder.record(about, Provenance::OBSERVED, None, Kind::Command { id, what });
    }
}
