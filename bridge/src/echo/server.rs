//! One echo server: binds, serves, stops, and binds again.

use super::shared::Shared;
use super::{datagram, stream};
use crate::probe::{Face, Gate, Program, Socket, Story};
use crate::sockets::{SocketFactory, errno, family_of};
use protocol::{
    Address, Cause, NoteId, Owner, Role, ServerId, ServerInfo, ServerSettings, Setting, SocketOption, SysError,
    Transport,
};
use std::io;
use std::sync::{Arc, Mutex};
use tokio::task::JoinHandle;

const UNPOISONED: &str = "nothing panics while it holds the lock";

/// What a server is to be.
#[derive(Clone, Debug)]
pub struct ServerSpec {
    /// How commands name it.
    pub id: ServerId,
    /// What it speaks.
    pub transport: Transport,
    /// Where it binds; port 0 lets the system choose, once and for all.
    pub address: Address,
}

/// An echo server.
pub struct Server {
    id: ServerId,
    transport: Transport,
    program: Arc<Program>,
    shared: Arc<Shared>,
    state: Mutex<State>,
    /// One thing at a time: binding takes a while.
    busy: tokio::sync::Mutex<()>,
}

struct State {
    address: Address,
    running: Option<Running>,
    error: Option<SysError>,
}

struct Running {
    socket: Arc<Socket>,
    /// Sees connections arrive in the queue while the program does not accept.
    lookout: Option<JoinHandle<()>>,
    bound_with: ServerSettings,
}

impl Server {
    /// A server that is not bound yet.
    pub fn new(
        spec: ServerSpec,
        story: Arc<Story>,
        factory: Arc<dyn SocketFactory>,
        shared: Arc<Shared>,
        gates: (Gate, Gate),
    ) -> Arc<Self> {
        let face = {
            let settings = shared.now();
            Face {
                name: name_of(spec.transport).into(),
                role: Role::Server,
                owner: Owner::Ours,
                transport: spec.transport,
                recv_size: settings.recv_size,
                rule: settings.rule,
            }
        };
        let program = Program::start(story, factory, face, gates.0, gates.1, None);
        Arc::new(Self {
            id: spec.id,
            transport: spec.transport,
            program,
            shared,
            state: Mutex::new(State { address: spec.address, running: None, error: None }),
            busy: tokio::sync::Mutex::new(()),
        })
    }

    /// How commands name it.
    #[must_use]
    pub fn id(&self) -> ServerId {
        self.id
    }

    /// Its program.
    #[must_use]
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Its listening or datagram socket, while it runs.
    #[must_use]
    pub fn socket(&self) -> Option<Arc<Socket>> {
        self.state().running.as_ref().map(|running| Arc::clone(&running.socket))
    }

    /// As the page is told.
    #[must_use]
    pub fn info(&self) -> ServerInfo {
        let state = self.state();
        ServerInfo {
            id: self.id,
            transport: self.transport,
            address: state.address.clone(),
            program: state.running.is_some().then(|| self.program.id()),
            socket: state.running.as_ref().map(|running| running.socket.id()),
            error: state.error,
        }
    }

    /// The settings that hold for it only after a rebind.
    #[must_use]
    pub fn waiting(&self, wanted: &ServerSettings) -> Vec<Setting> {
        let state = self.state();
        let Some(running) = &state.running else { return Vec::new() };
        let had = &running.bound_with;
        let buffers = self.transport.is_inet();
        let differs = [
            (buffers && had.send_buffer != wanted.send_buffer).then_some(Setting::SendBuffer(wanted.send_buffer)),
            (buffers && had.recv_buffer != wanted.recv_buffer).then_some(Setting::RecvBuffer(wanted.recv_buffer)),
            (buffers && had.reuse_address != wanted.reuse_address)
                .then_some(Setting::ReuseAddress(wanted.reuse_address)),
        ];
        differs.into_iter().flatten().collect()
    }

    /// Binds and serves; a server that runs is left alone. `stopped` is called when it ends by itself.
    ///
    /// # Errors
    /// The system's own; it is also in [`info`](Self::info) from then on.
    pub async fn start(
        self: &Arc<Self>,
        cause: Option<Cause>,
        stopped: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let _busy = self.busy.lock().await;
        self.bind(cause, stopped).await
    }

    /// Closes the socket; accepted connections live on.
    pub async fn stop(&self, cause: Option<Cause>) {
        let _busy = self.busy.lock().await;
        self.close(cause).await;
    }

    /// Closes the socket and binds it again.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub async fn rebind(
        self: &Arc<Self>,
        cause: Option<Cause>,
        stopped: impl FnOnce() + Send + 'static,
    ) -> io::Result<()> {
        let _busy = self.busy.lock().await;
        self.close(cause).await;
        self.bind(cause, stopped).await?;
        self.program.note(self.socket().map_or(self.program.about(), |socket| socket.about()), NoteId::Rebound, vec![]);
        Ok(())
    }

    /// Another `listen` on the listening socket, for a new backlog.
    pub async fn listen_again(&self, backlog: u32, cause: Option<Cause>) {
        if let Some(socket) = self.socket().filter(|_| self.transport.is_stream()) {
            // What the system says is in the record.
            let _ = socket.listen(backlog, cause).await;
        }
    }

    async fn bind(self: &Arc<Self>, cause: Option<Cause>, stopped: impl FnOnce() + Send + 'static) -> io::Result<()> {
        if self.state().running.is_some() {
            return Ok(());
        }
        let address = self.state().address.clone();
        let settings = self.shared.now();
        let bound = if self.transport.is_stream() {
            stream::listen(&self.program, self.transport, &address, &settings, cause).await
        } else {
            bound_socket(&self.program, self.transport, &address, &settings, cause).await
        };
        let socket = match bound {
            Ok(socket) => Arc::new(socket),
            Err(error) => {
                self.state().error = Some(errno::named(&error));
                return Err(error);
            }
        };
        {
            let mut state = self.state();
            state.address = socket.local().unwrap_or(address);
            state.error = None;
            state.running = Some(Running { socket: Arc::clone(&socket), lookout: None, bound_with: settings });
        }
        let lookout = self.lookout(&socket).await;
        if let Some(running) = &mut self.state().running {
            running.lookout = lookout;
        }
        self.shared.was_bound();
        let server = Arc::clone(self);
        self.shared.spawn(async move {
            server.serve(socket).await;
            stopped();
        });
        Ok(())
    }

    /// A connection in the queue makes its listening socket readable: that is how it is noticed without a timer, whether
    /// or not the program accepts. It needs a descriptor of its own, because readiness is consumed by whoever waits for it.
    async fn lookout(&self, socket: &Socket) -> Option<JoinHandle<()>> {
        if !self.transport.is_stream() {
            return None;
        }
        let second = socket.duplicate().await.ok()?;
        let story = Arc::clone(self.program.story());
        Some(self.shared.spawn(async move {
            while second.arrival().await.is_ok() {
                story.stir();
            }
        }))
    }

    async fn serve(&self, socket: Arc<Socket>) {
        let (program, shared) = (Arc::clone(&self.program), Arc::clone(&self.shared));
        if !self.transport.is_stream() {
            return datagram::serve(program, socket, shared).await;
        }
        if let Err(error) = stream::serve(program, socket, shared).await {
            self.close(None).await;
            self.state().error = Some(errno::named(&error));
        }
    }

    async fn close(&self, cause: Option<Cause>) {
        let running = self.state().running.take();
        if let Some(running) = running {
            if let Some(lookout) = running.lookout {
                // It must have let go of its descriptor before ours is closed, or the kernel would go on listening.
                lookout.abort();
                let _ = lookout.await;
            }
            running.socket.close(cause).await;
            self.remove_file(cause);
        }
    }

    /// A Unix-domain socket leaves its file behind.
    fn remove_file(&self, cause: Option<Cause>) {
        let address = self.state().address.clone();
        if let Address::Unix(Some(path)) = address {
            // Somebody may have removed it already, and that is as good.
            let _ = self.program.unlink(&path, cause);
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect(UNPOISONED)
    }
}

/// `socket`, `setsockopt`, `bind`: what servers of every kind begin with.
pub(super) async fn bound_socket(
    program: &Arc<Program>,
    transport: Transport,
    address: &Address,
    settings: &ServerSettings,
    cause: Option<Cause>,
) -> io::Result<Socket> {
    let socket = program.socket(family_of(address), transport, cause).await?;
    let mut options = Vec::new();
    if transport == Transport::Tcp && settings.reuse_address {
        options.push(SocketOption::ReuseAddress(true));
    }
    if matches!(address, Address::Inet(inet) if inet.is_ipv6()) {
        // Otherwise the IPv6 socket would take the port for IPv4 too on some systems.
        options.push(SocketOption::V6Only(true));
    }
    if transport.is_inet() {
        options.extend(settings.send_buffer.map(SocketOption::SendBuffer));
        options.extend(settings.recv_buffer.map(SocketOption::RecvBuffer));
    }
    let prepared = async {
        for option in options {
            socket.set(option, cause).await?;
        }
        socket.bind(address, cause).await
    };
    match prepared.await {
        Ok(()) => Ok(socket),
        Err(error) => {
            socket.close(cause).await;
            Err(error)
        }
    }
}

fn name_of(transport: Transport) -> &'static str {
    match transport {
        Transport::Tcp => "TCP echo server",
        Transport::Udp => "UDP echo server",
        Transport::UnixStream => "Unix stream echo server",
        Transport::UnixDatagram => "Unix datagram echo server",
    }
}
