//! Which path answers what. The guard comes first, whatever the path.

use super::Ends;
use super::reply::{self, Body};
use super::upgrade;
use crate::relay::{self, Wire};
use crate::serve::Bridge;
use crate::{export, session, trace_file};
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap};
use hyper::{Method, Request, Response, StatusCode};
use protocol::Codec;
use std::sync::Arc;

/// Answers one request.
pub fn answer(bridge: &Arc<Bridge>, ends: Ends, mut request: Request<Incoming>) -> Response<Body> {
    let loopback = ends.local.ip().to_canonical().is_loopback();
    let host = bridge.guard.check(ends.local, request.uri(), request.headers());
    let (mut response, host) = match host {
        Ok(host) => (route(bridge, ends, &mut request), Some(host)),
        Err(denied) => {
            tracing::debug!(peer = %ends.peer, %denied, "turned away");
            let mut response = reply::words(denied.status(), denied);
            // Whoever it was has nothing more to ask.
            reply::set(&mut response, header::CONNECTION, "close");
            (response, None)
        }
    };
    reply::secure(&mut response, host.as_ref(), loopback);
    response
}

fn route(bridge: &Arc<Bridge>, ends: Ends, request: &mut Request<Incoming>) -> Response<Body> {
    match request.uri().path() {
        "/ws" => websocket(bridge, ends, request),
        "/relay/tcp" => relay(bridge, ends, request, Wire::Tcp),
        "/relay/udp" => relay(bridge, ends, request, Wire::Udp),
        "/relay/unix" => relay(bridge, ends, request, Wire::Unix),
        _ if request.method() != Method::GET && request.method() != Method::HEAD => {
            let mut response =
                reply::words(StatusCode::METHOD_NOT_ALLOWED, "this address can be read: use GET or HEAD");
            reply::set(&mut response, header::ALLOW, "GET, HEAD");
            response
        }
        "/healthz" => reply::words(StatusCode::OK, "ok"),
        "/trace.json" => trace_file::response(&bridge.recorder, &*bridge.world),
        "/trace.pcapng" => export::response(&bridge.recorder, bridge.world.kind(), request.uri().query()),
        path => file(bridge, path, request.headers()),
    }
}

fn file(bridge: &Bridge, path: &str, headers: &HeaderMap) -> Response<Body> {
    let accepts = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let plain = !accepts.split(',').any(|coding| coding.split(';').next().is_some_and(|name| name.trim() == "gzip"));
    match bridge.site.file(path, plain) {
        Some(file) => reply::file(file, headers.get(header::IF_NONE_MATCH)),
        None if path == "/" => {
            let mut response = reply::words(StatusCode::SERVICE_UNAVAILABLE, "");
            *response.body_mut() = reply::full(reply::NO_PAGE);
            reply::set(&mut response, header::CONTENT_TYPE, "text/html; charset=utf-8");
            response
        }
        None => reply::words(StatusCode::NOT_FOUND, format_args!("there is nothing at {path}; the page is at /")),
    }
}

fn websocket(bridge: &Arc<Bridge>, ends: Ends, request: &mut Request<Incoming>) -> Response<Body> {
    let handshake = match upgrade::check(request) {
        Ok(handshake) => handshake,
        Err(bad) => return bad.response(),
    };
    let Some(codec) = upgrade::offered(request.headers()).find_map(Codec::named) else {
        return reply::words(
            StatusCode::BAD_REQUEST,
            format_args!(
                "/ws needs one of the WebSocket subprotocols {} and {}",
                protocol::message::POSTCARD,
                protocol::message::JSON
            ),
        );
    };
    let (response, upgrade) = handshake.accept(Some(codec.name()));
    bridge.tasks.spawn(session::serve(Arc::clone(bridge), ends.peer.ip(), codec, upgrade));
    response
}

fn relay(bridge: &Arc<Bridge>, ends: Ends, request: &mut Request<Incoming>, wire: Wire) -> Response<Body> {
    let handshake = match upgrade::check(request) {
        Ok(handshake) => handshake,
        Err(bad) => return bad.response(),
    };
    let pass = match bridge.relays.admit(wire, ends.peer.ip()) {
        Ok(pass) => pass,
        Err(why) => return reply::words(StatusCode::SERVICE_UNAVAILABLE, why),
    };
    let (response, upgrade) = handshake.accept(None);
    bridge.tasks.spawn(relay::serve(Arc::clone(bridge), wire, pass, upgrade));
    response
}
