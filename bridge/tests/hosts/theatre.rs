//! Two hosts on a stage: the wire between them, and all that it tells.

use bridge::hosts::{HostRole, Hosts, Pump, Want, WireHandle};
use protocol::header::{Segment, summary};
use protocol::wire::{Conditions, Way, WireAction};
use protocol::{PacketId, Stage};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::net::{TcpListener, TcpSocket, TcpStream, UdpSocket};
use wire::{Report, Wire};

/// How long anything may take.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Two hosts, the wire between them, and all it told.
pub struct Theatre {
    pub hosts: Hosts,
    pub wire: WireHandle,
    pub told: Arc<Mutex<Vec<Report>>>,
}

impl Theatre {
    pub fn new() -> Self {
        let hosts = Hosts::start_with(&program()).unwrap_or_else(|missing| panic!("{missing:?}"));
        let told = Arc::new(Mutex::new(Vec::new()));
        let listener = Arc::clone(&told);
        let sink = move |report| listener.lock().unwrap().push(report);
        let (pump, wire) = Pump::new(&hosts, Wire::new(1), sink).unwrap();
        tokio::spawn(pump.run());
        Self { hosts, wire, told }
    }

    pub async fn act(&self, action: WireAction) {
        self.wire.act(action, None, || ()).unwrap();
    }

    pub async fn conditions(&self, conditions: Conditions) {
        for way in [Way::ToServer, Way::ToClient] {
            self.act(WireAction::Conditions(way, conditions.clone())).await;
        }
    }

    /// What `look` finds in the story, as soon as it finds something.
    pub async fn until<T>(&self, what: &str, look: impl Fn(&[Report]) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look(&self.told.lock().unwrap()) {
                return found;
            }
            assert!(Instant::now() < deadline, "waited for {what}:\n{}", self.story());
            tokio::task::yield_now().await;
        }
    }

    pub fn segments(&self) -> Vec<(PacketId, Way, Segment, u32)> {
        segments(&self.told.lock().unwrap())
    }

    pub fn story(&self) -> String {
        let told = self.told.lock().unwrap();
        let line = |report: &Report| {
            let about =
                summary(&report.packet.data, report.packet.true_len as usize).map(|found| (found.src, found.carries));
            format!(
                "{} {:?} {} {:?} {about:?}\n",
                report.at.as_millis(),
                report.way,
                report.packet.id,
                report.packet.stage
            )
        };
        told.iter().map(line).collect()
    }

    pub fn tcp(&self, role: HostRole, at: IpAddr) -> TcpSocket {
        let want = if at.is_ipv4() { Want::Tcp4 } else { Want::Tcp6 };
        TcpSocket::from_std_stream(self.hosts.get(role).open(want).unwrap().into())
    }

    pub fn udp(&self, role: HostRole, port: u16, at: IpAddr) -> UdpSocket {
        let want = if at.is_ipv4() { Want::Udp4 } else { Want::Udp6 };
        let descriptor = self.hosts.get(role).open(want).unwrap();
        let address = rustix::net::SocketAddrAny::from(SocketAddr::new(at, port));
        rustix::net::bind(&descriptor, &address).unwrap();
        UdpSocket::from_std(descriptor.into()).unwrap()
    }

    /// A listening socket in the server host.
    pub fn listen(&self, at: SocketAddr) -> TcpListener {
        let socket = self.tcp(HostRole::Server, at.ip());
        socket.set_reuseaddr(true).unwrap();
        socket.bind(at).unwrap_or_else(|error| panic!("{at}: {error}"));
        socket.listen(16).unwrap()
    }

    /// A connection from the client host to port 808 of the server host.
    pub async fn connect(&self, at: IpAddr) -> (TcpStream, TcpStream) {
        let address = SocketAddr::new(at, 808);
        let listener = self.listen(address);
        let client = in_time("connect", self.tcp(HostRole::Client, at).connect(address)).await.unwrap();
        let (server, _) = in_time("accept", listener.accept()).await.unwrap();
        (client, server)
    }
}

pub async fn in_time<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("waited for: {what}"))
}

/// The bridge's program; elsewhere for an actor that could not read it where it was built.
pub fn program() -> PathBuf {
    std::env::var_os("SOCKETSCOPE_TEST_PROGRAM")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_socketscope")), PathBuf::from)
}

/// The segments that were sent, in order, with the length of their data.
pub fn segments(told: &[Report]) -> Vec<(PacketId, Way, Segment, u32)> {
    let sent = told.iter().filter(|report| report.packet.stage == Stage::Sent);
    sent.filter_map(|report| {
        let found = summary(&report.packet.data, report.packet.true_len as usize)?;
        Some((report.packet.id, report.way, *found.tcp()?, found.payload_len))
    })
    .collect()
}
