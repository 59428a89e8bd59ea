use std::io::{self, Read, Write};
use std::net::TcpListener;

fn main() -> io::Result<()> {
    let server = TcpListener::bind("127.0.0.1:8808")?;
    loop {
        let (mut conn, _) = server.accept()?;
        let mut buf = [0; 1024];
        // 0 is Ok too: it never ends
        while let Ok(n) = conn.read(&mut buf) {
            buf[..n].make_ascii_uppercase();
            let sent = conn.write_all(&buf[..n]);
            if sent.is_err() { break }
        }
    } // conn is closed here
}
