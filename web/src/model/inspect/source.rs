//! The programs as a learner would write them: which file, with which values in it, and which of its lines runs.
//!
//! The files themselves are real programs, served beside the page (`source/`); the tests compile and run them.

use protocol::{Address, TcpMode, Transport};

/// A language of the listings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tongue {
    /// Python.
    #[default]
    Python,
    /// Rust.
    Rust,
    /// C.
    C,
}

impl Tongue {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Python, Self::Rust, Self::C];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        ["Python", "Rust", "C"][self as usize]
    }

    /// What its files end with.
    #[must_use]
    pub fn extension(self) -> &'static str {
        [".py", ".rs", ".c"][self as usize]
    }
}

/// Which program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// A stream server in one of its modes.
    StreamServer(TcpMode),
    /// A server of datagrams.
    DatagramServer,
    /// A client of a stream.
    StreamClient,
    /// A client that sends datagrams.
    DatagramClient,
}

/// A program of the story, as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Shown {
    /// Which.
    pub listing: Listing,
    /// What it speaks.
    pub transport: Transport,
    /// Where it listens, or whom it calls; `None` before it says so.
    pub address: Option<Address>,
    /// The argument of `recv`.
    pub recv_size: u32,
    /// The argument of `listen`, if it has listened.
    pub backlog: Option<u32>,
}

impl Shown {
    /// The name of its file.
    #[must_use]
    pub fn file(&self, tongue: Tongue) -> String {
        let name = match self.listing {
            Listing::StreamServer(TcpMode::OneAtATime) => "tcp_server",
            Listing::StreamServer(TcpMode::TaskPerClient) => "tcp_server_tasks",
            Listing::StreamServer(TcpMode::TutorialExactly) => "tcp_server_tutorial",
            Listing::DatagramServer => "udp_server",
            Listing::StreamClient => "tcp_client",
            Listing::DatagramClient => "udp_client",
        };
        [name, tongue.extension()].concat()
    }

    /// The program with its own address and sizes in place of those in the file.
    #[must_use]
    pub fn fill(&self, file: &str) -> String {
        let mut text = file.to_owned();
        let mut put = |from: &str, to: &str| text = text.replace(from, to);
        let rules: &[(&str, &str)] = match &self.address {
            _ if !self.transport.is_inet() => &UNIX,
            Some(Address::Inet(address)) if address.is_ipv6() => &IPV6,
            _ => &[],
        };
        rules.iter().for_each(|(from, to)| put(from, to));
        // Marks first: a number that was put in is not a number of the file.
        for (from, to) in [("8808", "\u{1}"), ("8080", "\u{1}"), ("1024", "\u{2}"), ("127.0.0.1", "\u{3}")] {
            put(from, to);
        }
        let datagrams = !self.transport.is_stream();
        let port = self.address.as_ref().and_then(Address::port).unwrap_or(if datagrams { 8080 } else { 8808 });
        put("\u{1}", &port.to_string());
        put("\u{2}", &self.recv_size.to_string());
        let host = match &self.address {
            Some(Address::Inet(address)) => address.ip().to_string(),
            Some(Address::Unix(Some(path))) => path.clone(),
            _ => if self.transport.is_inet() { "127.0.0.1" } else { "echo.sock" }.into(),
        };
        put("\u{3}", &host);
        if let Some(backlog) = self.backlog {
            let backlog = backlog.to_string();
            put("listen(5)", &["listen(", &backlog, ")"].concat());
            put("listen(server, 5)", &["listen(server, ", &backlog, ")"].concat());
        }
        text
    }
}

/// What is different for a Unix-domain socket.
const UNIX: [(&str, &str); 22] = [
    ("(\"127.0.0.1\", 8808)", "\"127.0.0.1\""),
    ("(\"127.0.0.1\", 8080)", "\"127.0.0.1\""),
    ("\"127.0.0.1:0\"", "\"client.sock\""),
    ("127.0.0.1:8808", "127.0.0.1"),
    ("127.0.0.1:8080", "127.0.0.1"),
    ("std::net::{Shutdown, TcpStream}", "std::net::Shutdown;\nuse std::os::unix::net::UnixStream"),
    ("std::net::TcpListener", "std::os::unix::net::UnixListener"),
    ("std::net::UdpSocket", "std::os::unix::net::UnixDatagram"),
    ("TcpListener", "UnixListener"),
    ("TcpStream", "UnixStream"),
    ("UdpSocket", "UnixDatagram"),
    ("send_to(&buf[..n], from)", "send_to_addr(&buf[..n], &from)"),
    ("        .sin_port = htons(8808),\n", ""),
    ("        .sin_port = htons(8080),\n", ""),
    (".sin_addr.s_addr = inet_addr(\"127.0.0.1\")", ".sun_path = \"127.0.0.1\""),
    (".sin_family = AF_INET", ".sun_family = AF_UNIX"),
    ("struct sockaddr_in ", "struct sockaddr_un "),
    // An answer needs an address to go to, and a Unix datagram socket has none by itself.
    ("client = socket(AF_INET, SOCK_DGRAM)\n", "client = socket(AF_INET, SOCK_DGRAM)\nclient.bind(\"client.sock\")\n"),
    (
        "    int client = socket(AF_INET, SOCK_DGRAM, 0);\n",
        "    struct sockaddr_un own = {\n        .sun_family = AF_UNIX,\n        .sun_path = \"client.sock\",\n    };\n    \
         int client = socket(AF_INET, SOCK_DGRAM, 0);\n    bind(client, (void *)&own, sizeof own);\n",
    ),
    ("AF_INET,", "AF_UNIX,"),
    ("server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)\n", ""),
    ("    setsockopt(server, SOL_SOCKET, SO_REUSEADDR,\n               &on, sizeof on);\n", ""),
];

/// What is different for IPv6.
const IPV6: [(&str, &str); 8] = [
    ("127.0.0.1:0", "[::]:0"),
    ("127.0.0.1:8808", "[127.0.0.1]:8808"),
    ("127.0.0.1:8080", "[127.0.0.1]:8080"),
    ("struct sockaddr_in ", "struct sockaddr_in6 "),
    (".sin_family = AF_INET", ".sin6_family = AF_INET6"),
    (".sin_port", ".sin6_port"),
    (".sin_addr.s_addr = inet_addr(\"127.0.0.1\")", ".sin6_addr = in6(\"127.0.0.1\")"),
    ("socket(AF_INET,", "socket(AF_INET6,"),
];

/// What a line has in it when it makes these calls. What is never behind a space is a call of C.
const MAKES: [(&str, &str); 28] = [
    ("socket(AF_", "socket"),
    ("setsockopt(", "setsockopt"),
    ("Listener::bind(", "socket setsockopt bind listen"),
    ("Socket::bind(", "socket setsockopt bind"),
    ("Datagram::bind(", "socket setsockopt bind"),
    ("Stream::connect(", "socket setsockopt connect"),
    ("bind(server", "bind"),
    ("bind(client", "bind"),
    (".bind(", "bind"),
    ("listen(", "listen"),
    ("accept(", "accept"),
    ("connect(client", "connect"),
    (".connect(", "connect"),
    ("send_all(", "send"),
    (".sendall(", "send"),
    (".write_all(&buf[..n])", "send"),
    (".write_all(line", "send"),
    ("send(c", "send sendto"),
    (".send(", "send sendto"),
    ("sendto(", "sendto send"),
    (".send_to", "sendto send"),
    ("recv(", "recv recvfrom"),
    ("conn.read(", "recv"),
    ("client.read(", "recv"),
    ("recvfrom(", "recvfrom recv"),
    (".recv_from(", "recvfrom recv"),
    ("shutdown(", "shutdown"),
    ("close(", "close"),
];

/// Whether a line makes a call of this name.
fn makes(line: &str, call: &str) -> bool {
    let calls = |(has, calls): &(&str, &str)| line.contains(has) && calls.split(' ').any(|name| name == call);
    // `stdout` and the like are written to as well; that is no call on a socket.
    let closes = call == "close" && line.contains("is closed here");
    !line.contains("stdout()") && (closes || MAKES.iter().any(calls))
}

/// Which lines of a program make a call; what no line makes happens where the socket is made, as options do.
#[must_use]
pub fn lit(text: &str, call: &str) -> Vec<bool> {
    let lines = |call: &str| text.lines().map(|line| makes(line, call)).collect::<Vec<_>>();
    let found = lines(call);
    if found.contains(&true) || !matches!(call, "setsockopt" | "bind" | "connect") { found } else { lines("socket") }
}
