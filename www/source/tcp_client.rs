use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};

fn main() -> io::Result<()> {
    let mut client = TcpStream::connect("127.0.0.1:8808")?;
    let mut buf = [0; 1024];
    for line in io::stdin().lines() {
        let line = line?;
        client.write_all(line.as_bytes())?;
        let mut left = line.len();
        while left > 0 {
            let n = client.read(&mut buf)?;
            if n == 0 { return Ok(()) }
            io::stdout().write_all(&buf[..n])?;
            left -= n;
        }
        println!();
    }
    client.shutdown(Shutdown::Write)
} // client is closed here
