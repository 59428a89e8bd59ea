//! How to join in with a program of one's own: real lines with the real address, ready to copy.

use super::parts::{El, Said, button, el, labelled, select};
use super::{abilities, outside};
use crate::live::Live;
use crate::source::station::ADDRESS;
use crate::store::Store;
use protocol::address::{Address, Transport};
use protocol::capability::{Ability, Unavailable, WorldKind};
use protocol::message::ServerInfo;

/// The word before a command that makes it run inside the client host.
const INSIDE: &str = "socketscope run --in client -- ";

/// The panel.
#[must_use]
pub fn panel() -> El {
    let store = Store::get();
    let chosen = Live::new(0_usize);
    let running = move || {
        let servers = store.servers.get();
        servers.into_iter().filter(|server| server.socket.is_some()).collect::<Vec<_>>()
    };
    let names = move || {
        let words = &store.words().tools;
        running().iter().map(|one| (words.server)(one.transport, &one.address.to_string())).collect()
    };
    let body = move || {
        if let Some(why) = why_not(store) {
            let words = store.words();
            let page = el("a").attr("href", ADDRESS).text(ADDRESS);
            return vec![abilities::reason(words, el("p"), &why).text(" ").child(page)];
        }
        let servers = running();
        match servers.get(chosen.get()).or(servers.first()) {
            None => vec![el("p").say(|words| words.tools.program_none)],
            Some(server) => ways(store, server),
        }
    };
    el("div")
        .class("program")
        .child(el("p").say(|words| words.tools.program_lead))
        .child(labelled(
            |words| words.tools.program_server,
            select(
                names,
                move || chosen.get(),
                move |at| {
                    chosen.set(at);
                },
            ),
        ))
        .child(el("div").region(body))
}

/// Why no other program can join in here.
fn why_not(store: Store) -> Option<Unavailable> {
    let world = store.world()?;
    world.capabilities.into_iter().find(|one| one.ability == Ability::OtherPrograms)?.unavailable
}

fn ways(store: Store, server: &ServerInfo) -> Vec<El> {
    let world = store.welcome.with(|welcome| welcome.as_ref().map(|welcome| welcome.world));
    let before = if world == Some(WorldKind::TwoHosts) { INSIDE } else { "" };
    let words = &store.words().tools;
    let mut all = Vec::new();
    if !before.is_empty() {
        all.push(el("p").text(words.inside));
    }
    all.push(listing(&(words.python)("client.py"), &python(server)));
    if !before.is_empty() {
        all.push(listing(words.run, &[before, "python3 client.py"].concat()));
    }
    all.push(listing(words.netcat, &[before, &netcat(server)].concat()));
    if let Some(ours) = ours(server) {
        all.push(listing(words.ours, &[before, &ours].concat()));
    }
    all.push(el("p").class("aside").text(words.program_seen));
    all
}

/// Five lines that connect, send and receive, as a tutorial would write them.
fn python(server: &ServerInfo) -> String {
    let (family, place) = match &server.address {
        Address::Inet(address) => {
            let family = if address.is_ipv6() { "AF_INET6" } else { "AF_INET" };
            (family, format!("(\"{}\", {})", address.ip(), address.port()))
        }
        Address::Unix(path) => ("AF_UNIX", ["\"", path.as_deref().unwrap_or_default(), "\""].concat()),
    };
    let kind = if server.transport.is_stream() { "SOCK_STREAM" } else { "SOCK_DGRAM" };
    let begin = format!("import socket\ns = socket.socket(socket.{family}, socket.{kind})");
    let talk = match server.transport {
        Transport::Tcp | Transport::UnixStream => {
            format!("s.connect({place})\ns.sendall(b\"hello\")\nprint(s.recv(1024))")
        }
        Transport::Udp => format!("s.sendto(b\"hello\", {place})\nprint(s.recvfrom(1024))\ns.close()"),
        // Without a name of its own nobody could answer it; Linux gives it one.
        Transport::UnixDatagram => {
            format!("s.bind(\"\")\ns.sendto(b\"hello\", {place})\nprint(s.recvfrom(1024))")
        }
    };
    [begin, talk].join("\n")
}

fn netcat(server: &ServerInfo) -> String {
    let place = match &server.address {
        Address::Inet(address) => [&address.ip().to_string(), " ", &address.port().to_string()].concat(),
        Address::Unix(path) => path.clone().unwrap_or_default(),
    };
    let flags = match server.transport {
        Transport::Tcp => "",
        Transport::Udp => "-u ",
        Transport::UnixStream => "-U ",
        Transport::UnixDatagram => "-uU ",
    };
    ["nc ", flags, &place].concat()
}

/// Our own client speaks everything but Unix datagrams.
fn ours(server: &ServerInfo) -> Option<String> {
    let word = match server.transport {
        Transport::Tcp => "tcp",
        Transport::Udp => "udp",
        Transport::UnixStream => "unix",
        Transport::UnixDatagram => return None,
    };
    Some(["socketscope client ", word, " ", &server.address.to_string()].concat())
}

/// Lines with a button that copies them.
fn listing(title: &str, lines: &str) -> El {
    let store = Store::get();
    let copied = Live::new(0_usize);
    let text = lines.to_owned();
    let label: Said = |words| words.tools.copy;
    let said = move || {
        let words = store.words();
        match copied.get() {
            0 => label(words),
            1 => words.tools.copied,
            _ => words.tools.not_copied,
        }
        .to_owned()
    };
    let copy = button("btn small").text_as(said).attr("aria-live", "polite").press(move || {
        outside::copy(text.clone(), move |done| {
            // The panel may have closed meanwhile.
            if copied.is_there() {
                copied.set(if done { 1 } else { 2 });
            }
        });
    });
    el("section")
        .class("listing")
        .child(el("header").child(el("h3").text(title)).child(copy))
        .child(el("pre").attr("tabindex", "0").child(el("code").text(lines)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use protocol::ids::ServerId;

    fn server(transport: Transport, address: &str) -> ServerInfo {
        let address = match address.parse() {
            Ok(inet) => Address::Inet(inet),
            Err(_) => Address::Unix(Some(address.into())),
        };
        ServerInfo { id: ServerId(1), transport, address, program: None, socket: None, error: None }
    }

    #[test]
    fn every_server_has_its_lines() {
        let tcp = server(Transport::Tcp, "127.0.0.1:8808");
        assert!(python(&tcp).contains("s.connect((\"127.0.0.1\", 8808))"), "{}", python(&tcp));
        assert_eq!(python(&tcp).lines().count(), 5);
        assert_eq!(netcat(&tcp), "nc 127.0.0.1 8808");
        assert_eq!(ours(&tcp).as_deref(), Some("socketscope client tcp 127.0.0.1:8808"));
        let udp = server(Transport::Udp, "[::1]:8080");
        assert!(python(&udp).contains("AF_INET6"));
        assert_eq!(netcat(&udp), "nc -u ::1 8080");
        assert_eq!(ours(&udp).as_deref(), Some("socketscope client udp [::1]:8080"));
        let unix = server(Transport::UnixDatagram, "/run/echo.sock.dgram");
        assert!(python(&unix).contains("s.sendto(b\"hello\", \"/run/echo.sock.dgram\")"));
        assert_eq!(ours(&unix), None);
    }
}
