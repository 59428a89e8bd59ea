use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let server = UdpSocket::bind("127.0.0.1:8080")?;
    let mut buf = [0; 1024];
    loop {
        let (n, from) = server.recv_from(&mut buf)?;
        buf[..n].make_ascii_uppercase();
        server.send_to(&buf[..n], from)?;
    }
}
