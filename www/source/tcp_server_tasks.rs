use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::thread;

fn main() -> io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:8808")?;
    loop {
        let (mut conn, _) = server.accept()?;
        thread::spawn(move || -> io::Result<()> {
            let mut buf = [0; 1024];
            loop {
                let n = conn.read(&mut buf)?;
                if n == 0 { return Ok(()) }
                buf[..n].make_ascii_uppercase();
                conn.write_all(&buf[..n])?;
            }
        }); // conn is closed here
    }
}
