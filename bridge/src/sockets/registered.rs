//! A socket that the runtime waits for: each method is one call of the program, tried again when the system would block.
//!
//! `tries` counts the system calls. Every method may be dropped while it waits, and then no byte has been taken.

use super::gate::Gate;
use protocol::Address;
use socket2::{SockAddr, Socket};
use std::io;

/// What `recvfrom` gave.
#[derive(Debug)]
pub struct Datagram {
    /// Bytes in the buffer.
    pub len: usize,
    /// Bytes of the whole datagram, where the system tells (`MSG_TRUNC` on Linux).
    pub true_len: Option<usize>,
    /// Who sent it.
    pub from: Address,
}

#[cfg(unix)]
pub use unix::Registered;
#[cfg(windows)]
pub use windows::Registered;

#[cfg(unix)]
mod unix {
    use super::*;
    use std::io::Read;
    use std::sync::OnceLock;
    use tokio::io::Interest;
    use tokio::io::unix::AsyncFd;

    /// A socket, and its place in the runtime's poll set from the first call that may wait.
    ///
    /// Not before: a fresh TCP socket reports itself hung up and writable, which would be taken for a connection.
    #[derive(Debug)]
    pub struct Registered {
        socket: OnceLock<AsyncFd<Socket>>,
        fresh: std::sync::Mutex<Option<Socket>>,
    }

    impl Registered {
        /// Takes a socket that does not block.
        #[must_use]
        pub fn new(socket: Socket) -> Self {
            Self { socket: OnceLock::new(), fresh: std::sync::Mutex::new(Some(socket)) }
        }

        /// Does something that never waits with the socket itself.
        pub fn with<T>(&self, act: impl FnOnce(&Socket) -> T) -> T {
            if let Some(registered) = self.socket.get() {
                return act(registered.get_ref());
            }
            let fresh = self.fresh.lock().expect("no call panics while it holds the socket");
            match fresh.as_ref() {
                Some(socket) => act(socket),
                None => act(self.socket.get().expect("a socket that is not fresh is registered").get_ref()),
            }
        }

        fn registered(&self) -> io::Result<&AsyncFd<Socket>> {
            if let Some(registered) = self.socket.get() {
                return Ok(registered);
            }
            let mut fresh = self.fresh.lock().expect("no call panics while it holds the socket");
            if let Some(socket) = fresh.take() {
                match crate::sys::register::register(socket) {
                    Ok(registered) => {
                        let _ = self.socket.set(registered);
                    }
                    Err((socket, error)) => {
                        *fresh = Some(socket);
                        return Err(error);
                    }
                }
            }
            Ok(self.socket.get().expect("it was registered above, or by somebody else before"))
        }

        async fn call<T>(
            &self,
            interest: Interest,
            tries: &mut u32,
            mut act: impl FnMut(&Socket) -> io::Result<T>,
        ) -> io::Result<T> {
            // An ICMP error for a connected UDP socket makes it neither readable nor writable, only erroneous.
            self.registered()?
                .async_io(interest | Interest::ERROR, |socket| {
                    loop {
                        *tries += 1;
                        match act(socket) {
                            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                            result => return result,
                        }
                    }
                })
                .await
        }

        /// `accept`, if the gate is open at that moment.
        pub async fn accept(&self, gate: &Gate, tries: &mut u32) -> io::Result<(Socket, SockAddr)> {
            self.call(Interest::READABLE, tries, |socket| {
                let (connection, peer) = gate.pass(|| socket.accept())?;
                connection.set_nonblocking(true)?;
                Ok((connection, peer))
            })
            .await
        }

        /// Waits until a connection that was begun is there, or has failed.
        pub async fn connected(&self) -> io::Result<()> {
            drop(self.registered()?.ready(Interest::WRITABLE).await?);
            self.with(Socket::take_error)?.map_or(Ok(()), Err)
        }

        /// Waits until there is something to receive or accept, and says so once per arrival.
        pub async fn arrival(&self) -> io::Result<()> {
            let mut ready = self.registered()?.readable().await?;
            ready.clear_ready();
            Ok(())
        }

        /// `recv`, if the gate is open at that moment.
        pub async fn recv(&self, buffer: &mut [u8], gate: &Gate, tries: &mut u32) -> io::Result<usize> {
            self.call(Interest::READABLE, tries, |socket| gate.pass(|| (&*socket).read(buffer))).await
        }

        /// `recvfrom`, if the gate is open at that moment.
        pub async fn recv_from(&self, buffer: &mut [u8], gate: &Gate, tries: &mut u32) -> io::Result<Datagram> {
            self.call(Interest::READABLE, tries, |socket| gate.pass(|| recv_from(socket, buffer))).await
        }

        /// `send`, of what the system takes at once.
        pub async fn send(&self, data: &[u8], tries: &mut u32) -> io::Result<usize> {
            self.call(Interest::WRITABLE, tries, |socket| socket.send(data)).await
        }

        /// `sendto`.
        pub async fn send_to(&self, data: &[u8], to: &SockAddr, tries: &mut u32) -> io::Result<usize> {
            self.call(Interest::WRITABLE, tries, |socket| socket.send_to(data, to)).await
        }
    }

    fn recv_from(socket: &Socket, buffer: &mut [u8]) -> io::Result<Datagram> {
        // Only Linux answers MSG_TRUNC with the length of the whole datagram.
        #[cfg(target_os = "linux")]
        let flags = rustix::net::RecvFlags::TRUNC;
        #[cfg(not(target_os = "linux"))]
        let flags = rustix::net::RecvFlags::empty();
        let (len, whole, from) = rustix::net::recvfrom(socket, buffer, flags)?;
        let from = from.map_or(Address::Unix(None), ours);
        Ok(Datagram { len, true_len: cfg!(target_os = "linux").then_some(whole), from })
    }

    fn ours(address: rustix::net::SocketAddrAny) -> Address {
        if let Ok(inet) = std::net::SocketAddr::try_from(address.clone()) {
            return Address::Inet(inet);
        }
        let path = rustix::net::SocketAddrUnix::try_from(address).ok();
        Address::Unix(path.and_then(|unix| Some(unix.path()?.to_string_lossy().into_owned())))
    }
}

#[cfg(windows)]
mod windows {
    use super::*;
    use socket2::{SockRef, Type};
    use std::sync::OnceLock;
    use tokio::io::Interest;
    use tokio::net::{TcpListener, TcpStream, UdpSocket};

    /// A socket, and its place in the runtime from the first call that may wait.
    ///
    /// On Windows the runtime wants to know what sort of socket it is, and the first waiting call tells.
    #[derive(Debug)]
    pub struct Registered {
        fresh: std::sync::Mutex<Option<Socket>>,
        known: OnceLock<Known>,
    }

    #[derive(Debug)]
    enum Known {
        Listener(TcpListener),
        Stream(TcpStream),
        Datagram(UdpSocket),
    }

    impl Registered {
        /// Takes a socket that does not block.
        #[must_use]
        pub fn new(socket: Socket) -> Self {
            Self { fresh: std::sync::Mutex::new(Some(socket)), known: OnceLock::new() }
        }

        /// Does something that never waits with the socket itself.
        pub fn with<T>(&self, act: impl FnOnce(&Socket) -> T) -> T {
            if let Some(known) = self.known.get() {
                return with_known(known, act);
            }
            let fresh = self.fresh.lock().expect("no call panics while it holds the socket");
            match fresh.as_ref() {
                Some(socket) => act(socket),
                None => with_known(self.known.get().expect("a socket that is not fresh is known"), act),
            }
        }

        fn known(&self, listener: bool) -> io::Result<&Known> {
            if let Some(known) = self.known.get() {
                return Ok(known);
            }
            let mut fresh = self.fresh.lock().expect("no call panics while it holds the socket");
            if let Some(socket) = fresh.take() {
                let known = if socket.r#type()? == Type::DGRAM {
                    Known::Datagram(UdpSocket::from_std(socket.into())?)
                } else if listener {
                    Known::Listener(TcpListener::from_std(socket.into())?)
                } else {
                    Known::Stream(TcpStream::from_std(socket.into())?)
                };
                let _ = self.known.set(known);
            }
            Ok(self.known.get().expect("it was registered above, or by somebody else before"))
        }

        async fn call<T>(
            &self,
            interest: Interest,
            tries: &mut u32,
            mut act: impl FnMut(&Socket) -> io::Result<T>,
        ) -> io::Result<T> {
            let known = self.known(false)?;
            let mut once = || {
                *tries += 1;
                with_known(known, &mut act)
            };
            match known {
                Known::Stream(stream) => stream.async_io(interest, once).await,
                Known::Datagram(socket) => socket.async_io(interest, once).await,
                Known::Listener(_) => once(),
            }
        }

        /// `accept`, if the gate is open at that moment.
        pub async fn accept(&self, gate: &Gate, tries: &mut u32) -> io::Result<(Socket, SockAddr)> {
            let Known::Listener(listener) = self.known(true)? else { return Err(io::ErrorKind::InvalidInput.into()) };
            let (stream, peer) = std::future::poll_fn(|context| {
                *tries += 1;
                match gate.pass(|| Ok(listener.poll_accept(context))) {
                    Ok(accepted) => accepted,
                    Err(closed) => std::task::Poll::Ready(Err(closed)),
                }
            })
            .await?;
            Ok((Socket::from(stream.into_std()?), SockAddr::from(peer)))
        }

        /// Waits until a connection that was begun is there, or has failed.
        pub async fn connected(&self) -> io::Result<()> {
            if let Known::Stream(stream) = self.known(false)? {
                stream.writable().await?;
            }
            self.with(Socket::take_error)?.map_or(Ok(()), Err)
        }

        /// Waits until there is something to receive; a listener cannot tell here.
        pub async fn arrival(&self) -> io::Result<()> {
            std::future::pending().await
        }

        /// `recv`, if the gate is open at that moment.
        pub async fn recv(&self, buffer: &mut [u8], gate: &Gate, tries: &mut u32) -> io::Result<usize> {
            self.call(Interest::READABLE, tries, |socket| gate.pass(|| io::Read::read(&mut &*socket, buffer))).await
        }

        /// `recvfrom`, if the gate is open at that moment.
        pub async fn recv_from(&self, buffer: &mut [u8], gate: &Gate, tries: &mut u32) -> io::Result<Datagram> {
            let Known::Datagram(socket) = self.known(false)? else { return Err(io::ErrorKind::InvalidInput.into()) };
            let once = || {
                *tries += 1;
                gate.pass(|| socket.try_recv_from(buffer))
            };
            let (len, from) = socket.async_io(Interest::READABLE, once).await?;
            Ok(Datagram { len, true_len: None, from: Address::Inet(from) })
        }

        /// `send`, of what the system takes at once.
        pub async fn send(&self, data: &[u8], tries: &mut u32) -> io::Result<usize> {
            self.call(Interest::WRITABLE, tries, |socket| socket.send(data)).await
        }

        /// `sendto`.
        pub async fn send_to(&self, data: &[u8], to: &SockAddr, tries: &mut u32) -> io::Result<usize> {
            self.call(Interest::WRITABLE, tries, |socket| socket.send_to(data, to)).await
        }
    }

    fn with_known<T>(known: &Known, act: impl FnOnce(&Socket) -> T) -> T {
        match known {
            Known::Listener(socket) => act(&SockRef::from(socket)),
            Known::Stream(socket) => act(&SockRef::from(socket)),
            Known::Datagram(socket) => act(&SockRef::from(socket)),
        }
    }
}
