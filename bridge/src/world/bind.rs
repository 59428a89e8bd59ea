//! Binding the echo servers of *This computer*: which addresses, and what to do when one cannot be had.

use super::options::{StartError, WorldOptions};
use crate::echo::{Server, ServerSpec, Shared};
use crate::kernel::processes;
use crate::probe::{GateKeeper, Story};
use crate::sockets::{SocketFactory, errno};
use protocol::{Ability, Address, Arg, Errno, NoteId, Reason, ServerId, SysError, Transport, Unavailable};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;

/// The tutorial's own port.
const TUTORIAL_PORT: u16 = 808;
/// How often a port is looked for that is free for both IPv4 and IPv6.
const TRIES: u32 = 16;

/// What servers are made of.
pub struct Makes<'a> {
    /// Where they are written down.
    pub story: &'a Arc<Story>,
    /// What makes their sockets.
    pub factory: &'a Arc<dyn SocketFactory>,
    /// What they share.
    pub shared: &'a Arc<Shared>,
    /// Before each `recv`.
    pub reading: &'a GateKeeper,
    /// Before each `accept`.
    pub accepting: &'a GateKeeper,
}

/// The servers that run, and what cannot be had here.
#[derive(Default)]
pub struct Bound {
    /// In the order of their numbers.
    pub servers: Vec<Arc<Server>>,
    /// Missing abilities, with reasons.
    pub missing: Vec<(Ability, Unavailable)>,
}

/// Binds all servers that were asked for.
///
/// # Errors
/// [`StartError`]; the sockets bound before are closed as the servers are dropped with their tasks.
pub async fn bind(makes: &Makes<'_>, options: &WorldOptions) -> Result<Bound, StartError> {
    let mut bound = Bound::default();
    let result = bound.bind_all(makes, options).await;
    if let Err(error) = result {
        for server in &bound.servers {
            server.stop(None).await;
        }
        return Err(error);
    }
    Ok(bound)
}

impl Bound {
    async fn bind_all(&mut self, makes: &Makes<'_>, options: &WorldOptions) -> Result<(), StartError> {
        for port in &options.tcp {
            self.both(makes, Transport::Tcp, *port, "--tcp").await?;
        }
        if options.tutorial_port && !options.tcp.contains(&TUTORIAL_PORT) {
            for ip in [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)] {
                // It is an extra: where the system keeps low ports for itself, nothing is missing.
                if let Ok(server) = self.one(makes, Transport::Tcp, inet(ip, TUTORIAL_PORT)).await {
                    self.servers.push(server);
                }
            }
        }
        for port in &options.udp {
            self.both(makes, Transport::Udp, *port, "--udp").await?;
        }
        match &options.unix {
            Some(path) if cfg!(unix) => self.unix(makes, path).await,
            _ => {
                for ability in [Ability::UnixStream, Ability::UnixDatagram] {
                    self.missing.push((ability, no_unix()));
                }
                Ok(())
            }
        }
    }

    /// Binds one port on 127.0.0.1 and on ::1.
    async fn both(
        &mut self,
        makes: &Makes<'_>,
        transport: Transport,
        port: u16,
        flag: &'static str,
    ) -> Result<(), StartError> {
        let four = if transport == Transport::Tcp { Ability::Tcp4 } else { Ability::Udp4 };
        let six = if transport == Transport::Tcp { Ability::Tcp6 } else { Ability::Udp6 };
        let (ip4, ip6) = (IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST));
        let port = if port == 0 { free_on_both(transport) } else { port };
        for (ip, ability) in [(ip4, four), (ip6, six)] {
            let at = SocketAddr::new(ip, port);
            let added = self.add(makes, ability, transport, at).await;
            added.map_err(|error| failed(transport, Address::Inet(at), &error, flag))?;
        }
        Ok(())
    }

    async fn unix(&mut self, makes: &Makes<'_>, path: &Path) -> Result<(), StartError> {
        let mut beside = path.as_os_str().to_owned();
        beside.push(".dgram");
        for (transport, path) in [(Transport::UnixStream, path), (Transport::UnixDatagram, Path::new(&beside))] {
            let address = Address::Unix(Some(path.to_string_lossy().into_owned()));
            let mut result = self.one(makes, transport, address.clone()).await;
            if result.as_ref().is_err_and(is_taken) && is_stale(path, transport) {
                let server = self.make(makes, transport, address.clone());
                let program = server.program();
                program.note(program.about(), NoteId::StaleSocketFile, vec![Arg::Text(address.to_string())]);
                result = match program.unlink(&address.to_string(), None) {
                    Ok(()) => server.start(None, || ()).await.map(|()| server),
                    Err(error) => Err(error),
                };
            }
            match result {
                Ok(server) => self.servers.push(server),
                Err(error) => return Err(failed(transport, address, &error, "--unix")),
            }
        }
        Ok(())
    }

    /// Binds one server; an address that this system has not is missing and no error.
    ///
    /// # Errors
    /// The system's own.
    pub async fn add(
        &mut self,
        makes: &Makes<'_>,
        ability: Ability,
        transport: Transport,
        at: SocketAddr,
    ) -> io::Result<()> {
        let address = Address::Inet(at);
        match self.one(makes, transport, address.clone()).await {
            Ok(server) => self.servers.push(server),
            Err(error) if is_missing(&error) => {
                self.missing.push((ability, no_address(&address, errno::named(&error))));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn make(&self, makes: &Makes<'_>, transport: Transport, address: Address) -> Arc<Server> {
        let id = ServerId(self.servers.len() as u32 + 1);
        let spec = ServerSpec { id, transport, address };
        let gates = (makes.reading.gate(), makes.accepting.gate());
        Server::new(spec, Arc::clone(makes.story), Arc::clone(makes.factory), Arc::clone(makes.shared), gates)
    }

    async fn one(&self, makes: &Makes<'_>, transport: Transport, address: Address) -> io::Result<Arc<Server>> {
        let server = self.make(makes, transport, address);
        match server.start(None, || ()).await {
            Ok(()) => Ok(server),
            Err(error) => {
                server.program().ended(None);
                Err(error)
            }
        }
    }
}

fn inet(ip: IpAddr, port: u16) -> Address {
    Address::Inet(SocketAddr::new(ip, port))
}

/// A port that is free on 127.0.0.1 and ::1 at this moment, or any if none is found.
fn free_on_both(transport: Transport) -> u16 {
    let free = |ip: IpAddr, port: u16| {
        let address = SocketAddr::new(ip, port);
        match transport {
            Transport::Tcp => std::net::TcpListener::bind(address)?.local_addr(),
            _ => std::net::UdpSocket::bind(address)?.local_addr(),
        }
    };
    for _ in 0..TRIES {
        let Ok(found) = free(IpAddr::V4(Ipv4Addr::LOCALHOST), 0) else { break };
        match free(IpAddr::V6(Ipv6Addr::LOCALHOST), found.port()) {
            Err(error) if is_taken(&error) => {}
            _ => return found.port(),
        }
    }
    0
}

fn is_taken(error: &io::Error) -> bool {
    errno::named(error).name == Errno::Eaddrinuse
}

fn is_missing(error: &io::Error) -> bool {
    matches!(errno::named(error).name, Errno::Eaddrnotavail | Errno::Eafnosupport)
}

fn failed(transport: Transport, address: Address, error: &io::Error, flag: &'static str) -> StartError {
    if is_taken(error) {
        let holder = processes::holder(transport, &address);
        return StartError::AddressTaken { address, holder, flag };
    }
    StartError::Refused { address, error: errno::named(error), flag }
}

/// Whether the file is a socket that nobody listens on any more, so that it may be removed.
fn is_stale(path: &Path, transport: Transport) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        use std::os::unix::net::{UnixDatagram, UnixStream};
        // Never a file of another kind, whoever put it there.
        if !std::fs::symlink_metadata(path).is_ok_and(|file| file.file_type().is_socket()) {
            return false;
        }
        let answer = match transport {
            Transport::UnixStream => UnixStream::connect(path).map(drop),
            _ => UnixDatagram::unbound().and_then(|socket| socket.connect(path)),
        };
        answer.is_err_and(|error| errno::named(&error).name == Errno::Econnrefused)
    }
    #[cfg(not(unix))]
    {
        let _ = (path, transport);
        false
    }
}

fn no_address(address: &Address, error: SysError) -> Unavailable {
    Unavailable {
        reason: Reason::NoSuchAddress,
        detail: format!("this system has no address for {address}: {error}"),
        remedy: String::new(),
    }
}

fn no_unix() -> Unavailable {
    let (reason, detail) = if cfg!(unix) {
        (Reason::SwitchedOff, "no path for a Unix-domain socket was given")
    } else {
        (Reason::NeedsUnix, "Unix-domain sockets are served on Unix systems only")
    };
    Unavailable { reason, detail: detail.into(), remedy: String::new() }
}
