//! A target named on the command line: `tcp://127.0.0.1:9000`, `udp://[::1]:9000`, `unix:///tmp/x.sock`.

use protocol::message::TargetInfo;
use protocol::{Address, Transport};
use std::net::{SocketAddr, ToSocketAddrs};

/// Reads a target; a name is looked up once, now.
///
/// # Errors
/// A sentence that says what is wrong and how it should look.
pub fn parse(text: &str) -> Result<TargetInfo, String> {
    let (scheme, rest) = text
        .split_once("://")
        .ok_or_else(|| "a target is written tcp://HOST:PORT, udp://HOST:PORT or unix:///PATH".to_owned())?;
    let (transport, address) = match scheme {
        "tcp" => (Transport::Tcp, Address::Inet(resolve(rest)?)),
        "udp" => (Transport::Udp, Address::Inet(resolve(rest)?)),
        "unix" if cfg!(unix) => (Transport::UnixStream, Address::Unix(Some(rest.to_owned()))),
        other => return Err(format!("{other:?} is not tcp or udp (or unix, where the system has it)")),
    };
    Ok(TargetInfo { transport, address })
}

/// The first address of HOST:PORT.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn resolve(text: &str) -> Result<SocketAddr, String> {
    let mut found = text.to_socket_addrs().map_err(|error| format!("{text:?} is not HOST:PORT: {error}"))?;
    found.next().ok_or_else(|| format!("{text:?} has no address"))
}

#[cfg(test)]
mod tests {
    use super::parse;
    use protocol::{Address, Transport};

    #[test]
    fn targets() {
        let target = parse("tcp://127.0.0.1:9000").unwrap();
        assert_eq!((target.transport, target.address.port()), (Transport::Tcp, Some(9000)));
        assert_eq!(parse("udp://[::1]:53").unwrap().address, Address::Inet("[::1]:53".parse().unwrap()));
        for wrong in ["127.0.0.1:9000", "http://127.0.0.1:80", "tcp://127.0.0.1", "tcp://", "udp://:x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
