//! Sockets on the loopback interface, tried out, and the ports we would like.

use super::Check;
use std::io::{self, Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
/// Loopback answers in microseconds; a second without an answer is a filter that drops.
const PATIENCE: Duration = Duration::from_secs(1);

pub fn checks() -> Vec<Check> {
    let mut checks = vec![
        tried("TCP over IPv4", tcp(V4), "allow loopback (lo) in the firewall"),
        tried("TCP over IPv6", tcp(V6), "sudo sysctl net.ipv6.conf.lo.disable_ipv6=0"),
        tried("UDP over IPv4", udp(V4), "allow loopback (lo) in the firewall"),
        tried("UDP over IPv6", udp(V6), "sudo sysctl net.ipv6.conf.lo.disable_ipv6=0"),
        unix(),
    ];
    checks.push(port("port of the page", 7700, TcpListener::bind((V4, 7700)).map(drop), "--listen 127.0.0.1:PORT"));
    checks.push(port("port of the TCP echo", 8808, TcpListener::bind((V4, 8808)).map(drop), "--tcp PORT"));
    checks.push(port("port of the UDP echo", 8080, UdpSocket::bind((V4, 8080)).map(drop), "--udp PORT"));
    let tutorials = TcpListener::bind((V4, 808)).map(drop);
    checks.push(port("the tutorial's own TCP port", 808, tutorials, "nothing is needed: 8808 serves the same"));
    checks
}

fn tried(name: &'static str, result: io::Result<()>, remedy: &str) -> Check {
    match result {
        Ok(()) => Check::yes(name, ""),
        Err(error) => Check::no(name, error.to_string(), remedy),
    }
}

fn tcp(ip: IpAddr) -> io::Result<()> {
    let listener = TcpListener::bind((ip, 0))?;
    let mut client = TcpStream::connect_timeout(&listener.local_addr()?, PATIENCE)?;
    let (mut served, _) = listener.accept()?;
    client.write_all(b"x")?;
    served.set_read_timeout(Some(PATIENCE))?;
    served.read_exact(&mut [0])
}

fn udp(ip: IpAddr) -> io::Result<()> {
    let (a, b) = (UdpSocket::bind((ip, 0))?, UdpSocket::bind((ip, 0))?);
    let to: SocketAddr = b.local_addr()?;
    a.send_to(b"x", to)?;
    b.set_read_timeout(Some(PATIENCE))?;
    b.recv(&mut [0]).map(drop)
}

#[cfg(unix)]
fn unix() -> Check {
    use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
    let name = "Unix-domain sockets";
    let folder = std::env::temp_dir().join(format!("socketscope-{:016x}", crate::random() as u64));
    let attempt = || {
        std::fs::create_dir(&folder)?;
        let listener = UnixListener::bind(folder.join("s"))?;
        let _client = UnixStream::connect(folder.join("s"))?;
        listener.accept()?;
        UnixDatagram::bind(folder.join("d")).map(drop)
    };
    let result: io::Result<()> = attempt();
    // Left over only where it could not be made either.
    let _ = std::fs::remove_dir_all(&folder);
    tried(name, result, "choose a folder you may write, with a path below 100 bytes: --unix PATH, TMPDIR=FOLDER")
}

#[cfg(not(unix))]
fn unix() -> Check {
    Check::no("Unix-domain sockets", "the servers use those of Linux and macOS only", "")
}

fn port(name: &'static str, port: u16, result: io::Result<()>, remedy: &str) -> Check {
    match result {
        Ok(()) => Check::yes(name, format!("{port} is free")),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            Check::no(name, format!("{port} is taken{}", crate::cli::held_by(port)), remedy)
        }
        Err(error) => Check::no(name, format!("{port}: {error}"), remedy),
    }
}
