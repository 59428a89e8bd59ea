//! Every listing in every language, as it is shown.
#![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

use super::source::{Listing, Shown, Tongue, lit};
use protocol::{Address, TcpMode, Transport};
use std::path::{Path, PathBuf};
use std::process::Command;

const LISTINGS: [(Listing, &[&str]); 6] = [
    (Listing::StreamServer(TcpMode::OneAtATime), STREAM),
    (Listing::StreamServer(TcpMode::TaskPerClient), STREAM),
    (Listing::StreamServer(TcpMode::TutorialExactly), STREAM),
    (Listing::DatagramServer, &["socket", "bind", "recvfrom", "sendto"]),
    (Listing::StreamClient, &["socket", "setsockopt", "connect", "send", "recv", "shutdown", "close"]),
    (Listing::DatagramClient, &["socket", "bind", "connect", "send", "sendto", "recv", "recvfrom", "close"]),
];
const STREAM: &[&str] = &["socket", "setsockopt", "bind", "listen", "accept", "recv", "send", "close"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../www/source")
}

fn addresses(listing: Listing) -> [(Transport, Address); 3] {
    let stream = matches!(listing, Listing::StreamServer(_) | Listing::StreamClient);
    let (inet, unix) =
        if stream { (Transport::Tcp, Transport::UnixStream) } else { (Transport::Udp, Transport::UnixDatagram) };
    let at = |text: &str| Address::Inet(text.parse().unwrap());
    [(inet, at("10.0.0.2:809")), (inet, at("[fd00::2]:809")), (unix, Address::Unix(Some("/tmp/e.sock".into())))]
}

fn each(mut look: impl FnMut(&Shown, Tongue, &str)) {
    for (listing, _) in LISTINGS {
        for (transport, address) in addresses(listing) {
            let shown = Shown { listing, transport, address: Some(address), recv_size: 777, backlog: Some(3) };
            for tongue in Tongue::ALL {
                let file = std::fs::read_to_string(folder().join(shown.file(tongue))).unwrap();
                look(&shown, tongue, &shown.fill(&file));
            }
        }
    }
}

#[test]
fn every_call_of_a_program_has_its_line() {
    each(|shown, tongue, text| {
        let (_, calls) = LISTINGS.iter().find(|(listing, _)| *listing == shown.listing).unwrap();
        for call in *calls {
            let lines = lit(text, call).iter().filter(|lit| **lit).count();
            assert!((1..=2).contains(&lines), "{lines} lines make {call} in {tongue:?}:\n{text}");
        }
    });
}

#[test]
fn the_values_of_the_file_give_way_to_the_programs_own() {
    each(|shown, _, text| {
        for old in ["127.0.0.1", "8808", "8080", "1024"] {
            // A client of our own binds to no address in particular.
            assert!(!text.replace("127.0.0.1:0", "").contains(old), "{shown:?} still has {old}:\n{text}");
        }
        let wanted = if shown.transport.is_inet() { "809" } else { "/tmp/e.sock" };
        assert!(text.contains(wanted), "{text}");
    });
}

#[test]
fn what_is_shown_compiles_in_every_family() {
    let folder = std::env::temp_dir().join(format!("socketscope-sources-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::copy(self::folder().join("plain.h"), folder.join("plain.h")).unwrap();
    each(|shown, tongue, text| {
        // IPv4 is run by the end-to-end tests, which compiles it too.
        if shown.address.as_ref().unwrap().inet().is_some_and(|address| address.is_ipv4()) {
            return;
        }
        let file = folder.join(shown.file(tongue));
        std::fs::write(&file, text).unwrap();
        let mut compiler = match tongue {
            Tongue::Python => {
                let mut python = Command::new("python3");
                python.args(["-m", "py_compile"]);
                python
            }
            Tongue::Rust => {
                let mut rustc = Command::new("rustc");
                rustc.args(["--edition=2024", "--emit=metadata", "--out-dir"]).arg(&folder);
                rustc
            }
            Tongue::C => {
                let mut cc = Command::new("cc");
                cc.args(["-std=c11", "-D_GNU_SOURCE", "-fsyntax-only"]);
                cc
            }
        };
        let output = compiler.arg(&file).output().expect("a compiler is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{shown:?} in {tongue:?}: {said}\n{text}");
    });
    std::fs::remove_dir_all(folder).unwrap();
}
