use std::io;
use std::net::UdpSocket;

fn main() -> io::Result<()> {
    let client = UdpSocket::bind("127.0.0.1:0")?;
    client.connect("127.0.0.1:8080")?;
    let mut buf = [0; 1024];
    for line in io::stdin().lines() {
        client.send(line?.as_bytes())?;
        let n = client.recv(&mut buf)?;
        println!("{}", String::from_utf8_lossy(&buf[..n]));
    }
    Ok(())
} // client is closed here
