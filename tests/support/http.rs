//! Single requests, also ill-formed ones, byte by byte.

use crate::soon;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// Such as 200.
    pub status: u16,
    /// Status line and headers.
    pub head: String,
    /// The rest.
    pub body: Vec<u8>,
}

impl Answer {
    /// A header's value.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The body as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// `GET path` with further header lines (each ends in `\r\n`); `Host` is the address unless given among them.
pub async fn get(address: &str, path: &str, headers: &str) -> Answer {
    let host =
        if headers.to_ascii_lowercase().contains("host:") { String::new() } else { format!("Host: {address}\r\n") };
    raw(address, format!("GET {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n\r\n").as_bytes()).await
}

/// The header lines of a WebSocket handshake.
pub const UPGRADE: &str = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

/// Sends these bytes and takes the answer, up to the end of its body or of the connection.
///
/// # Panics
/// When nothing like HTTP comes back.
pub async fn raw(address: &str, request: &[u8]) -> Answer {
    soon("the HTTP answer", async {
        let mut stream = TcpStream::connect(address).await.expect("the bridge listens");
        // A refusal may come, and the connection end, before all of a long request is written.
        let _ = stream.write_all(request).await;
        read(&mut stream).await
    })
    .await
}

/// Takes an answer from a connection.
///
/// # Panics
/// When nothing like HTTP comes.
pub async fn read(stream: &mut TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let head_end = bytes.windows(4).position(|four: &[u8]| four == b"\r\n\r\n");
        if let Some(end) = head_end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a status line");
            let mut answer = Answer { status, head, body: bytes[end + 4..].to_vec() };
            let length = answer.header("content-length").and_then(|text| text.parse::<usize>().ok());
            if status == 101 || length.is_some_and(|length| answer.body.len() >= length) {
                answer.body.truncate(length.unwrap_or(0));
                return answer;
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => break,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let status = status.unwrap_or_else(|| panic!("no HTTP answer, but {head:?}"));
    let mut answer = Answer { status, head, body: bytes.split_off((end + 4).min(bytes.len())) };
    if answer.header("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) {
        answer.body = joined(&answer.body);
    }
    answer
}

/// The body that came in chunks (RFC 9112, 7.1).
///
/// # Panics
/// When the last chunk is missing: the answer was cut.
fn joined(mut chunks: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = chunks.windows(2).position(|two| two == b"\r\n").expect("a chunk's length ends its line");
        let line = String::from_utf8_lossy(&chunks[..end]);
        let digits = line.split(';').next().unwrap_or_default().trim();
        let length = usize::from_str_radix(digits, 16).expect("a chunk's length is hexadecimal");
        if length == 0 {
            return body;
        }
        let data = &chunks[end + 2..];
        body.extend_from_slice(data.get(..length).expect("a chunk is as long as it says"));
        chunks = data.get(length + 2..).expect("a chunk ends its line");
    }
}
