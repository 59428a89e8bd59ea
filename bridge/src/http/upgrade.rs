//! From HTTP to WebSocket (RFC 6455, section 4.2): what a handshake must have, and the socket that comes out of it.

use super::reply::{self, Body};
use hyper::header::{self, HeaderMap, HeaderValue};
use hyper::upgrade::OnUpgrade;
use hyper::{Method, Request, Response, StatusCode, Version};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

/// Why a request does not become a WebSocket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadHandshake {
    /// Not GET.
    #[error("a WebSocket handshake is a GET request")]
    Method,
    /// HTTP/1.0.
    #[error("a WebSocket handshake needs HTTP/1.1")]
    HttpVersion,
    /// An ordinary request.
    #[error("this address speaks WebSocket: open it with `new WebSocket(…)` or another WebSocket client")]
    NoUpgrade,
    /// Another version.
    #[error("only version 13 of the WebSocket protocol is spoken here (RFC 6455)")]
    WebSocketVersion,
    /// No key, or not 16 bytes in base64.
    #[error("Sec-WebSocket-Key must be there once: 16 bytes in base64")]
    Key,
}

impl BadHandshake {
    /// The response that says so.
    pub fn response(self) -> Response<Body> {
        let status = match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::HttpVersion | Self::Key => StatusCode::BAD_REQUEST,
            Self::NoUpgrade | Self::WebSocketVersion => StatusCode::UPGRADE_REQUIRED,
        };
        let mut response = reply::words(status, self);
        match self {
            Self::Method => reply::set(&mut response, header::ALLOW, "GET"),
            Self::NoUpgrade | Self::WebSocketVersion => {
                reply::set(&mut response, header::UPGRADE, "websocket");
                reply::set(&mut response, header::CONNECTION, "upgrade");
                reply::set(&mut response, header::SEC_WEBSOCKET_VERSION, "13");
            }
            Self::HttpVersion | Self::Key => {}
        }
        response
    }
}

/// A handshake that is in order.
pub struct Handshake {
    accept: String,
    upgrade: OnUpgrade,
}

/// Checks a request.
///
/// # Errors
/// [`BadHandshake`] says what is missing.
pub fn check<B>(request: &mut Request<B>) -> Result<Handshake, BadHandshake> {
    if request.method() != Method::GET {
        return Err(BadHandshake::Method);
    }
    let headers = request.headers();
    if !has_token(headers, &header::UPGRADE, "websocket") || !has_token(headers, &header::CONNECTION, "upgrade") {
        return Err(BadHandshake::NoUpgrade);
    }
    if request.version() != Version::HTTP_11 {
        return Err(BadHandshake::HttpVersion);
    }
    if single(headers, &header::SEC_WEBSOCKET_VERSION).is_none_or(|version| version != "13") {
        return Err(BadHandshake::WebSocketVersion);
    }
    let key = single(headers, &header::SEC_WEBSOCKET_KEY).filter(|key| is_key(key)).ok_or(BadHandshake::Key)?;
    let accept = derive_accept_key(key.as_bytes());
    Ok(Handshake { accept, upgrade: hyper::upgrade::on(request) })
}

impl Handshake {
    /// The 101 response, naming the subprotocol if one was chosen, and the socket to be.
    #[must_use]
    pub fn accept(self, subprotocol: Option<&'static str>) -> (Response<Body>, OnUpgrade) {
        let mut response = Response::new(reply::empty());
        *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        reply::set(&mut response, header::UPGRADE, "websocket");
        reply::set(&mut response, header::CONNECTION, "upgrade");
        reply::set(&mut response, header::SEC_WEBSOCKET_ACCEPT, &self.accept);
        if let Some(name) = subprotocol {
            reply::set(&mut response, header::SEC_WEBSOCKET_PROTOCOL, name);
        }
        (response, self.upgrade)
    }
}

/// The TCP socket under an upgraded connection, with the bytes that came behind the handshake.
///
/// `None` if the connection broke before the handshake was over.
pub async fn socket(upgrade: OnUpgrade) -> Option<(TcpStream, bytes::Bytes)> {
    let upgraded = upgrade.await.ok()?;
    let parts = upgraded.downcast::<TokioIo<TcpStream>>().ok()?;
    let socket = parts.io.into_inner();
    // Without it Nagle's algorithm holds a small frame back until the one before it is acknowledged.
    socket.set_nodelay(true).ok()?;
    Some((socket, parts.read_buf))
}

/// A WebSocket on a socket whose handshake is over.
pub async fn websocket(
    socket: TcpStream,
    read_ahead: &bytes::Bytes,
    config: WebSocketConfig,
) -> WebSocketStream<TcpStream> {
    WebSocketStream::from_partially_read(socket, read_ahead.to_vec(), Role::Server, Some(config)).await
}

/// The subprotocols that the client offers, in its order.
pub fn offered(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    tokens(headers, &header::SEC_WEBSOCKET_PROTOCOL)
}

fn has_token(headers: &HeaderMap, name: &header::HeaderName, token: &str) -> bool {
    tokens(headers, name).any(|other| other.eq_ignore_ascii_case(token))
}

fn tokens<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|token| !token.is_empty())
}

fn single<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a HeaderValue> {
    let mut values = headers.get_all(name).iter();
    values.next().filter(|_| values.next().is_none())
}

/// 16 bytes in base64: 22 letters, of which the last carries four bits that count, and two equal signs.
fn is_key(key: &HeaderValue) -> bool {
    let letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/".contains(byte);
    match key.as_bytes() {
        [letters @ .., b'=', b'='] if letters.len() == 22 => {
            letters.iter().all(letter) && letters.last().is_some_and(|last| b"AQgw".contains(last))
        }
        _ => false,
    }
}
