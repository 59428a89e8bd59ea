//! The programs as a learner would write them, in Python, Rust and C, and which line makes which call.

use protocol::{TcpMode, Transport};

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
        match self {
            Self::Python => "Python",
            Self::Rust => "Rust",
            Self::C => "C",
        }
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

/// One line of a listing.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceLine {
    /// The line, with its indentation.
    pub text: String,
    /// The calls it makes, by name.
    pub calls: &'static str,
}

impl SourceLine {
    /// Whether it makes a call of this name.
    #[must_use]
    pub fn makes(&self, call: &str) -> bool {
        self.calls.split(' ').any(|name| name == call)
    }
}

/// A program's listing; `port` and the argument of `recv` are filled in.
#[must_use]
pub fn lines(listing: Listing, tongue: Tongue, transport: Transport, port: &str, recv_size: u32) -> Vec<SourceLine> {
    let text = text(listing, tongue);
    let unix = !transport.is_inet();
    let size = recv_size.to_string();
    let line = |line: &'static str| {
        let (text, calls) = line.split_once('\t').unwrap_or((line, ""));
        let mut text = text.replace("SIZE", &size);
        if unix {
            for (inet, path) in UNIX {
                text = text.replace(inet, path);
            }
        }
        SourceLine { text: text.replace("PORT", port), calls }
    };
    text.lines().map(line).collect()
}

/// What is different for a Unix-domain socket.
const UNIX: [(&str, &str); 8] = [
    ("AF_INET", "AF_UNIX"),
    ("(\"127.0.0.1\", PORT)", "\"PORT\""),
    ("\"127.0.0.1:PORT\"", "\"PORT\""),
    ("TcpListener", "UnixListener"),
    ("TcpStream", "UnixStream"),
    ("UdpSocket", "UnixDatagram"),
    ("(\"127.0.0.1:0\")", "(\"CLIENT\")"),
    ("in_at(PORT)", "un_at(\"PORT\")"),
];

fn text(listing: Listing, tongue: Tongue) -> &'static str {
    use TcpMode::{OneAtATime, TaskPerClient, TutorialExactly};
    match (listing, tongue) {
        (Listing::StreamServer(OneAtATime), Tongue::Python) => PY_ONE,
        (Listing::StreamServer(TaskPerClient), Tongue::Python) => PY_TASKS,
        (Listing::StreamServer(TutorialExactly), Tongue::Python) => PY_TUTORIAL,
        (Listing::DatagramServer, Tongue::Python) => PY_DATAGRAMS,
        (Listing::StreamClient, Tongue::Python) => PY_CLIENT,
        (Listing::DatagramClient, Tongue::Python) => PY_SENDER,
        (Listing::StreamServer(OneAtATime), Tongue::Rust) => RS_ONE,
        (Listing::StreamServer(TaskPerClient), Tongue::Rust) => RS_TASKS,
        (Listing::StreamServer(TutorialExactly), Tongue::Rust) => RS_TUTORIAL,
        (Listing::DatagramServer, Tongue::Rust) => RS_DATAGRAMS,
        (Listing::StreamClient, Tongue::Rust) => RS_CLIENT,
        (Listing::DatagramClient, Tongue::Rust) => RS_SENDER,
        (Listing::StreamServer(OneAtATime), Tongue::C) => C_ONE,
        (Listing::StreamServer(TaskPerClient), Tongue::C) => C_TASKS,
        (Listing::StreamServer(TutorialExactly), Tongue::C) => C_TUTORIAL,
        (Listing::DatagramServer, Tongue::C) => C_DATAGRAMS,
        (Listing::StreamClient, Tongue::C) => C_CLIENT,
        (Listing::DatagramClient, Tongue::C) => C_SENDER,
    }
}

// Behind the tab: the calls that the line makes.

const PY_ONE: &str = "\
server = socket.socket(AF_INET, SOCK_STREAM)\tsocket
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)\tsetsockopt
server.bind((\"127.0.0.1\", PORT))\tbind
server.listen(5)\tlisten
while True:
    conn, addr = server.accept()\taccept
    while True:
        data = conn.recv(SIZE)\trecv
        if not data: break
        conn.sendall(data.upper())\tsend
    conn.close()\tclose";

const PY_TASKS: &str = "\
def serve(conn):
    while data := conn.recv(SIZE):\trecv
        conn.sendall(data.upper())\tsend
    conn.close()\tclose

server = socket.socket(AF_INET, SOCK_STREAM)\tsocket
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)\tsetsockopt
server.bind((\"127.0.0.1\", PORT))\tbind
server.listen(5)\tlisten
while True:
    conn, addr = server.accept()\taccept
    Thread(target=serve, args=(conn,)).start()";

const PY_TUTORIAL: &str = "\
server = socket.socket(AF_INET, SOCK_STREAM)\tsocket
server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)\tsetsockopt
server.bind((\"127.0.0.1\", PORT))\tbind
server.listen(5)\tlisten
while True:
    conn, addr = server.accept()\taccept
    while True:
        try:
            data = conn.recv(SIZE)\trecv
            conn.send(data.upper())\tsend
        except ConnectionError:
            break
    conn.close()\tclose";

const PY_DATAGRAMS: &str = "\
server = socket.socket(AF_INET, SOCK_DGRAM)\tsocket
server.bind((\"127.0.0.1\", PORT))\tbind
while True:
    data, addr = server.recvfrom(SIZE)\trecvfrom recv
    server.sendto(data.upper(), addr)\tsendto send";

const PY_CLIENT: &str = "\
client = socket.socket(AF_INET, SOCK_STREAM)\tsocket setsockopt
client.connect((\"127.0.0.1\", PORT))\tconnect
while msg := input(\">>> \").encode():
    client.sendall(msg)\tsend
    left = len(msg)
    while left and (data := client.recv(SIZE)):\trecv
        print(data.decode())
        left -= len(data)
client.shutdown(SHUT_WR)\tshutdown
client.close()\tclose";

const PY_SENDER: &str = "\
client = socket.socket(AF_INET, SOCK_DGRAM)\tsocket bind connect setsockopt
while msg := input(\">>> \").encode():
    client.sendto(msg, (\"127.0.0.1\", PORT))\tsendto send
    data, addr = client.recvfrom(SIZE)\trecvfrom recv
    print(data.decode())
client.close()\tclose";

const RS_ONE: &str = "\
let server = TcpListener::bind(\"127.0.0.1:PORT\")?;\tsocket setsockopt bind listen
loop {
    let (mut conn, _) = server.accept()?;\taccept
    let mut buf = [0; SIZE];
    loop {
        let n = conn.read(&mut buf)?;\trecv
        if n == 0 { break }
        buf[..n].make_ascii_uppercase();
        conn.write_all(&buf[..n])?;\tsend
    }
}                     // drop closes conn\tclose";

const RS_TASKS: &str = "\
let server = TcpListener::bind(\"127.0.0.1:PORT\")?;\tsocket setsockopt bind listen
loop {
    let (mut conn, _) = server.accept()?;\taccept
    thread::spawn(move || -> io::Result<()> {
        let mut buf = [0; SIZE];
        loop {
            let n = conn.read(&mut buf)?;\trecv
            if n == 0 { return Ok(()) }\tclose
            buf[..n].make_ascii_uppercase();
            conn.write_all(&buf[..n])?;\tsend
        }
    });
}";

const RS_TUTORIAL: &str = "\
let server = TcpListener::bind(\"127.0.0.1:PORT\")?;\tsocket setsockopt bind listen
loop {
    let (mut conn, _) = server.accept()?;\taccept
    let mut buf = [0; SIZE];
    while let Ok(n) = conn.read(&mut buf) {   // 0 is Ok too\trecv
        buf[..n].make_ascii_uppercase();
        if conn.write_all(&buf[..n]).is_err() { break }\tsend
    }
}\tclose";

const RS_DATAGRAMS: &str = "\
let server = UdpSocket::bind(\"127.0.0.1:PORT\")?;\tsocket bind
let mut buf = [0; SIZE];
loop {
    let (n, from) = server.recv_from(&mut buf)?;\trecvfrom recv
    buf[..n].make_ascii_uppercase();
    server.send_to(&buf[..n], from)?;\tsendto send
}";

const RS_CLIENT: &str = "\
let mut client = TcpStream::connect(\"127.0.0.1:PORT\")?;\tsocket setsockopt connect
let mut buf = [0; SIZE];
for msg in io::stdin().lines() {
    let msg = msg?;
    client.write_all(msg.as_bytes())?;\tsend
    let mut left = msg.len();
    while left > 0 {
        let n = client.read(&mut buf)?;\trecv
        if n == 0 { break }
        left -= n;
    }
}
client.shutdown(Shutdown::Write)?;\tshutdown
drop(client);\tclose";

const RS_SENDER: &str = "\
let client = UdpSocket::bind(\"127.0.0.1:0\")?;\tsocket bind setsockopt
client.connect(\"127.0.0.1:PORT\")?;\tconnect
let mut buf = [0; SIZE];
for msg in io::stdin().lines() {
    client.send(msg?.as_bytes())?;\tsendto send
    let n = client.recv(&mut buf)?;\trecvfrom recv
}
drop(client);\tclose";

const C_ONE: &str = "\
int server = socket(AF_INET, SOCK_STREAM, 0);\tsocket
setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);\tsetsockopt
bind(server, in_at(PORT), sizeof addr);\tbind
listen(server, 5);\tlisten
for (;;) {
    int conn = accept(server, NULL, NULL);\taccept
    char buf[SIZE];
    ssize_t n;
    while ((n = recv(conn, buf, sizeof buf, 0)) > 0) {\trecv
        upper(buf, n);
        send_all(conn, buf, n);\tsend
    }
    close(conn);\tclose
}";

const C_TASKS: &str = "\
void *serve(void *arg) {
    int conn = *(int *)arg;
    char buf[SIZE];
    ssize_t n;
    while ((n = recv(conn, buf, sizeof buf, 0)) > 0) {\trecv
        upper(buf, n);
        send_all(conn, buf, n);\tsend
    }
    close(conn);\tclose
    return NULL;
}

int server = socket(AF_INET, SOCK_STREAM, 0);\tsocket
setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);\tsetsockopt
bind(server, in_at(PORT), sizeof addr);\tbind
listen(server, 5);\tlisten
for (;;) {
    int *conn = malloc(sizeof *conn);
    *conn = accept(server, NULL, NULL);\taccept
    pthread_create(&thread, NULL, serve, conn);
}";

const C_TUTORIAL: &str = "\
int server = socket(AF_INET, SOCK_STREAM, 0);\tsocket
setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);\tsetsockopt
bind(server, in_at(PORT), sizeof addr);\tbind
listen(server, 5);\tlisten
for (;;) {
    int conn = accept(server, NULL, NULL);\taccept
    char buf[SIZE];
    for (;;) {
        ssize_t n = recv(conn, buf, sizeof buf, 0);\trecv
        if (n < 0) break;          /* and n == 0 ? */
        upper(buf, n);
        if (send(conn, buf, n, 0) < 0) break;\tsend
    }
    close(conn);\tclose
}";

const C_DATAGRAMS: &str = "\
int server = socket(AF_INET, SOCK_DGRAM, 0);\tsocket
bind(server, in_at(PORT), sizeof addr);\tbind
for (;;) {
    char buf[SIZE];
    socklen_t len = sizeof from;
    ssize_t n = recvfrom(server, buf, sizeof buf, 0, &from, &len);\trecvfrom recv
    upper(buf, n);
    sendto(server, buf, n, 0, &from, len);\tsendto send
}";

const C_CLIENT: &str = "\
int client = socket(AF_INET, SOCK_STREAM, 0);\tsocket setsockopt
connect(client, in_at(PORT), sizeof addr);\tconnect
while (fgets(msg, sizeof msg, stdin)) {
    size_t left = strlen(msg);
    send_all(client, msg, left);\tsend
    while (left > 0) {
        ssize_t n = recv(client, buf, SIZE, 0);\trecv
        if (n <= 0) break;
        left -= n;
    }
}
shutdown(client, SHUT_WR);\tshutdown
close(client);\tclose";

const C_SENDER: &str = "\
int client = socket(AF_INET, SOCK_DGRAM, 0);\tsocket bind setsockopt
connect(client, in_at(PORT), sizeof addr);\tconnect
while (fgets(msg, sizeof msg, stdin)) {
    send(client, msg, strlen(msg), 0);\tsendto send
    ssize_t n = recv(client, buf, SIZE, 0);\trecvfrom recv
}
close(client);\tclose";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_of_a_program_has_its_line() {
        let stream: &[&str] = &["socket", "bind", "listen", "accept", "recv", "send", "close"];
        let cases: [(Listing, &[&str]); 6] = [
            (Listing::StreamServer(TcpMode::OneAtATime), stream),
            (Listing::StreamServer(TcpMode::TaskPerClient), stream),
            (Listing::StreamServer(TcpMode::TutorialExactly), stream),
            (Listing::DatagramServer, &["socket", "bind", "recvfrom", "sendto"]),
            (Listing::StreamClient, &["socket", "connect", "send", "recv", "shutdown", "close"]),
            (Listing::DatagramClient, &["socket", "send", "sendto", "recv", "recvfrom", "close"]),
        ];
        for (listing, calls) in cases {
            for tongue in Tongue::ALL {
                let lines = lines(listing, tongue, Transport::Tcp, "8808", 1024);
                for call in calls {
                    assert!(lines.iter().any(|line| line.makes(call)), "{listing:?} {tongue:?} {call}");
                }
                assert!(!lines.iter().any(|line| line.text.contains("PORT") || line.text.contains("SIZE")));
            }
        }
    }

    #[test]
    fn unix_servers_have_a_path() {
        let shown =
            lines(Listing::StreamServer(TcpMode::OneAtATime), Tongue::Python, Transport::UnixStream, "/tmp/e", 64);
        assert_eq!(shown[2].text, "server.bind(\"/tmp/e\")");
        assert_eq!(shown[0].text, "server = socket.socket(AF_UNIX, SOCK_STREAM)");
    }
}
