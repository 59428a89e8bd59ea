//! Who may speak to the bridge: decided from `Host`, `Origin` and the request's target, before anything is touched.
//!
//! The browser is the danger: any web page can make it send requests here, also under a name that its owner points at
//! 127.0.0.1 (DNS rebinding). Such requests carry a foreign `Host` or `Origin`, which the page cannot forge.

use hyper::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use hyper::{StatusCode, Uri};
use std::net::{IpAddr, SocketAddr};

/// The rule.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    hosts: Vec<Authority>,
    origins: Vec<Origin>,
}

/// Why a request is turned away.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// RFC 9112, 3.2: exactly one `Host` is required.
    #[error("a request needs exactly one Host header, and this one has {0}")]
    HostCount(usize),
    /// Not a name or address with a port.
    #[error("the Host header is not HOST or HOST:PORT")]
    HostMalformed,
    /// Some other name or address.
    #[error(
        "this request is addressed to {0:?}, which is not an address of this Socketscope program. If it should be, \
         start it with --allow-host {0}"
    )]
    HostForeign(String),
    /// More than one `Origin`.
    #[error("a request has at most one Origin header, and this one has {0}")]
    OriginCount(usize),
    /// A page from elsewhere.
    #[error(
        "this request comes from a page of {0:?}, which is not this Socketscope program's own. If you trust that page, \
         start it with --allow-origin {0}"
    )]
    OriginForeign(String),
    /// The target is a whole URL with another scheme.
    #[error("only http is spoken here")]
    Scheme,
}

impl Denied {
    /// The HTTP status that says it.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::HostCount(_) | Self::HostMalformed | Self::OriginCount(_) | Self::Scheme => StatusCode::BAD_REQUEST,
            Self::HostForeign(_) | Self::OriginForeign(_) => StatusCode::FORBIDDEN,
        }
    }
}

/// A host and port that passed, as it may be written into a security policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validated(String);

impl Validated {
    /// `host` or `host:port`, lower case, nothing in it but letters, digits and `.-:[]`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A flag's value that cannot be a host or an origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlagError {
    /// `--allow-host`.
    #[error("--allow-host {0:?} is not NAME or NAME:PORT (an IPv6 address goes in brackets)")]
    Host(String),
    /// `--allow-origin`.
    #[error("--allow-origin {0:?} is not an origin such as https://example.org or http://example.org:8000")]
    Origin(String),
}

impl Guard {
    /// A guard that allows, besides the bridge's own addresses, these hosts and origins.
    ///
    /// # Errors
    /// [`FlagError`] names the value that is no host or no origin.
    pub fn new(hosts: &[String], origins: &[String]) -> Result<Self, FlagError> {
        let host = |text: &String| Authority::parse(text).ok_or_else(|| FlagError::Host(text.clone()));
        let origin = |text: &String| Origin::parse(text).ok_or_else(|| FlagError::Origin(text.clone()));
        Ok(Self {
            hosts: hosts.iter().map(host).collect::<Result<_, _>>()?,
            origins: origins.iter().map(origin).collect::<Result<_, _>>()?,
        })
    }

    /// Whether a request that arrived at `local` (this end of its connection) may be answered.
    ///
    /// # Errors
    /// [`Denied`] says why not, for the person to read.
    pub fn check(&self, local: SocketAddr, target: &Uri, headers: &HeaderMap) -> Result<Validated, Denied> {
        let host = one(headers, &HOST).map_err(Denied::HostCount)?.ok_or(Denied::HostCount(0))?;
        let host = self.host(local, host)?;
        // RFC 9112, 3.2.2: a target that is a whole URL wins over Host. Both must be ours.
        if let Some(authority) = target.authority() {
            self.host(local, authority.as_str().as_bytes())?;
        }
        if target.scheme_str().is_some_and(|scheme| !scheme.eq_ignore_ascii_case("http")) {
            return Err(Denied::Scheme);
        }
        if let Some(origin) = one(headers, &ORIGIN).map_err(Denied::OriginCount)? {
            self.origin(local, origin)?;
        }
        Ok(host)
    }

    fn host(&self, local: SocketAddr, value: &[u8]) -> Result<Validated, Denied> {
        let text = std::str::from_utf8(value).map_err(|_| Denied::HostMalformed)?;
        let host = Authority::parse(text).ok_or(Denied::HostMalformed)?;
        if !self.ours(local, &host, 80) {
            return Err(Denied::HostForeign(text.to_owned()));
        }
        Ok(Validated(text.to_ascii_lowercase()))
    }

    fn origin(&self, local: SocketAddr, value: &[u8]) -> Result<(), Denied> {
        let foreign = || Denied::OriginForeign(String::from_utf8_lossy(value).into_owned());
        let origin = std::str::from_utf8(value).ok().and_then(Origin::parse).ok_or_else(foreign)?;
        let own = origin.scheme == Scheme::Http && self.ours(local, &origin.authority, 80);
        if own || self.origins.contains(&origin) { Ok(()) } else { Err(foreign()) }
    }

    /// Whether it names the bridge: the address the connection came to, `localhost`, or an allowed host.
    fn ours(&self, local: SocketAddr, host: &Authority, default_port: u16) -> bool {
        let port = host.port.unwrap_or(default_port);
        let own_name = match &host.name {
            Name::Address(address) => address.to_canonical() == local.ip().to_canonical(),
            Name::Domain(domain) => domain == "localhost",
        };
        if own_name && port == local.port() {
            return true;
        }
        self.hosts.iter().any(|allowed| {
            let port_fits = match allowed.port {
                // A proxy on a default port leaves the port away, with http and with https.
                Some(80 | 443) => host.port.is_none() || host.port == allowed.port,
                Some(wanted) => port == wanted,
                None => port == local.port(),
            };
            allowed.name == host.name && port_fits
        })
    }
}

/// The value of a header that may stand there once; how many there are if more.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a [u8]>, usize> {
    let mut values = headers.get_all(name).iter();
    let first = values.next();
    match values.count() {
        0 => Ok(first.map(hyper::header::HeaderValue::as_bytes)),
        more => Err(more + 1),
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Name {
    Address(IpAddr),
    /// In lower case.
    Domain(String),
}

/// HOST or HOST:PORT.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Authority {
    name: Name,
    port: Option<u16>,
}

impl Authority {
    /// Reads what a browser writes, and nothing looser: no user, no zone, no trailing dot, no shortened address.
    fn parse(text: &str) -> Option<Self> {
        let (name, port) = if let Some(rest) = text.strip_prefix('[') {
            let (address, rest) = rest.split_once(']')?;
            let port = if rest.is_empty() { None } else { Some(rest.strip_prefix(':')?) };
            (Name::Address(IpAddr::V6(address.parse().ok()?)), port)
        } else {
            let (name, port) = text.split_once(':').map_or((text, None), |(name, port)| (name, Some(port)));
            let name = match name.parse() {
                Ok(address) => Name::Address(IpAddr::V4(address)),
                Err(_) => Name::Domain(domain(name)?),
            };
            (name, port)
        };
        let port = match port {
            // `parse` alone would take "+80".
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => Some(digits.parse().ok()?),
            Some(_) => return None,
            None => None,
        };
        Some(Self { name, port })
    }
}

fn domain(name: &str) -> Option<String> {
    let label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    (name.len() <= 253 && name.split('.').all(label)).then(|| name.to_ascii_lowercase())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

/// A page's origin (RFC 6454); its port is filled in.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    scheme: Scheme,
    authority: Authority,
}

impl Origin {
    /// `null`, `file://` and anything with a path are no origins that could be allowed.
    fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://")?;
        let (scheme, port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Scheme::Http, 80),
            "https" => (Scheme::Https, 443),
            _ => return None,
        };
        let mut authority = Authority::parse(rest)?;
        authority.port.get_or_insert(port);
        Some(Self { scheme, authority })
    }
}

#[cfg(test)]
mod tests;
