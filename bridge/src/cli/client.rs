//! `socketscope client`: the client of every sockets tutorial, with errors in words.

use super::{Failure, target};
use clap::Subcommand;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, UdpSocket};
use std::process::ExitCode;
use std::thread;
use std::time::Duration;

/// What can be said to `client`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    to: To,
}

#[derive(Subcommand, Debug)]
enum To {
    /// Connect to a TCP server.
    Tcp {
        /// HOST:PORT, such as 127.0.0.1:8808.
        #[arg(value_name = "ADDR")]
        address: String,
    },
    /// Send datagrams to a UDP server.
    Udp {
        /// HOST:PORT, such as 127.0.0.1:8080.
        #[arg(value_name = "ADDR")]
        address: String,
    },
    /// Connect to a Unix-domain stream server.
    #[cfg(unix)]
    Unix {
        /// The socket file.
        #[arg(value_name = "PATH")]
        path: std::path::PathBuf,
    },
}

/// Long enough for a slow server, short enough for a person who mistyped.
const CONNECT_TIME: Duration = Duration::from_secs(10);

/// A datagram may be lost: after so long the client says so and asks for the next line.
const DATAGRAM_TIME: Duration = Duration::from_secs(3);

/// Talks until the input ends.
///
/// # Errors
/// [`Failure`] in words.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    match &args.to {
        To::Tcp { address } => {
            let to = target::resolve(address).map_err(Failure::Usage)?;
            let socket = TcpStream::connect_timeout(&to, CONNECT_TIME).map_err(|error| unreachable(&to, &error))?;
            let reader = socket.try_clone().map_err(Failure::other)?;
            let end = socket.try_clone().map_err(Failure::other)?;
            stream(reader, socket, move || end.shutdown(Shutdown::Write))
        }
        To::Udp { address } => {
            let to = target::resolve(address).map_err(Failure::Usage)?;
            datagrams(to)
        }
        #[cfg(unix)]
        To::Unix { path } => {
            let socket =
                std::os::unix::net::UnixStream::connect(path).map_err(|error| unreachable(&path.display(), &error))?;
            let reader = socket.try_clone().map_err(Failure::other)?;
            let end = socket.try_clone().map_err(Failure::other)?;
            stream(reader, socket, move || end.shutdown(Shutdown::Write))
        }
    }
    .map(|()| ExitCode::SUCCESS)
}

/// Prints what comes as it comes, in a thread of its own: a server may answer late, in pieces, or without being asked.
fn stream<R, W>(reader: R, mut writer: W, end: impl FnOnce() -> io::Result<()>) -> Result<(), Failure>
where
    R: Read + Send + 'static,
    W: Write,
{
    let prompt = Prompt::new();
    let answers = thread::spawn(move || print_answers(reader, prompt));
    prompt.show();
    let mut input = BufReader::new(io::stdin());
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Failure::other)? == 0 {
            break;
        }
        // The person meant what they typed; the newline is only how they said that it was complete.
        if prompt.0 && line.last() == Some(&b'\n') {
            line.pop();
        }
        if line.is_empty() {
            prompt.show();
            continue;
        }
        if let Err(error) = writer.write_all(&line) {
            // The answers thread has said that the server closed, if it did.
            let _ = answers.join();
            return Err(Failure::Other(format!("cannot send: {}", words(&error))));
        }
    }
    // Ctrl-D: nothing more comes from us, and the rest of the answer is still printed.
    if let Err(error) = end()
        && error.kind() != io::ErrorKind::NotConnected
    {
        return Err(Failure::other(words(&error)));
    }
    match answers.join() {
        Ok(result) => result.map_err(|error| Failure::Other(format!("cannot receive: {}", words(&error)))),
        Err(_) => Err(Failure::Other("the receiving thread ended unexpectedly".to_owned())),
    }
}

fn print_answers(mut reader: impl Read, prompt: Prompt) -> io::Result<()> {
    let mut buffer = [0; 1024];
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => {
                if prompt.0 {
                    eprintln!("\nthe server closed the connection; Ctrl-D ends");
                }
                return Ok(());
            }
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        print(&buffer[..count], prompt)?;
        if prompt.0 {
            prompt.show();
        }
    }
}

/// One line, one datagram, one answer; a lost one is said to be lost.
fn datagrams(to: SocketAddr) -> Result<(), Failure> {
    let any: SocketAddr = if to.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any).map_err(Failure::other)?;
    socket.connect(to).map_err(|error| unreachable(&to, &error))?;
    socket.set_read_timeout(Some(DATAGRAM_TIME)).map_err(Failure::other)?;
    let prompt = Prompt::new();
    let mut input = BufReader::new(io::stdin());
    let (mut line, mut buffer) = (Vec::new(), vec![0; 65_536]);
    loop {
        prompt.show();
        line.clear();
        if input.read_until(b'\n', &mut line).map_err(Failure::other)? == 0 {
            return Ok(());
        }
        if line.last() == Some(&b'\n') {
            line.pop();
        }
        socket.send(&line).map_err(|error| Failure::Other(format!("cannot send: {}", words(&error))))?;
        match socket.recv(&mut buffer) {
            Ok(count) => {
                print(&buffer[..count], prompt).map_err(Failure::other)?;
                if !prompt.0 {
                    print(b"\n", prompt).map_err(Failure::other)?;
                }
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                eprintln!("no answer within {} s: the datagram, or its answer, is lost", DATAGRAM_TIME.as_secs());
            }
            Err(error) => return Err(Failure::Other(format!("{to}: {}", words(&error)))),
        }
    }
}

/// To a person, a line of its own; into a pipe, exactly the bytes.
fn print(bytes: &[u8], prompt: Prompt) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(bytes)?;
    if prompt.0 && bytes.last() != Some(&b'\n') {
        output.write_all(b"\n")?;
    }
    output.flush()
}

/// `>>> `, when a person sits there.
#[derive(Clone, Copy)]
struct Prompt(bool);

impl Prompt {
    fn new() -> Self {
        Self(io::stdin().is_terminal() && io::stdout().is_terminal())
    }

    fn show(self) {
        if self.0 {
            let mut output = io::stdout().lock();
            let _ = output.write_all(b">>> ").and_then(|()| output.flush());
        }
    }
}

fn unreachable(to: &dyn std::fmt::Display, error: &io::Error) -> Failure {
    Failure::Other(format!("cannot connect to {to}: {}", words(error)))
}

/// What the error means to whoever made it.
fn words(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused: nobody listens there; is the server running?".into(),
        io::ErrorKind::ConnectionReset => "connection reset: the server closed with bytes unread, or was killed".into(),
        io::ErrorKind::BrokenPipe => "broken pipe: the server had closed the connection".into(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "no answer in time; is the address right?".into(),
        io::ErrorKind::NotFound => "there is no such socket file; is the server running?".into(),
        io::ErrorKind::PermissionDenied => format!("permission denied ({error})"),
        _ => error.to_string(),
    }
}
