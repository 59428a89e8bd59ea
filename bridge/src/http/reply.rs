//! Responses: in words, with the headers that keep a page what it is.

use crate::guard::Validated;
use crate::site::File;
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use std::convert::Infallible;

/// A body of any sort.
pub type Body = UnsyncBoxBody<Bytes, Infallible>;

/// A body of these bytes.
pub fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into()).boxed_unsync()
}

/// No body.
pub fn empty() -> Body {
    Empty::new().boxed_unsync()
}

/// A sentence, as plain text.
pub fn words(status: StatusCode, text: impl std::fmt::Display) -> Response<Body> {
    let mut response = Response::new(full(format!("{text}\n")));
    *response.status_mut() = status;
    set(&mut response, header::CONTENT_TYPE, "text/plain; charset=utf-8");
    set(&mut response, header::CACHE_CONTROL, "no-store");
    response
}

/// A file of the page; 304 when the browser has it already.
pub fn file(file: File, known: Option<&HeaderValue>) -> Response<Body> {
    let unchanged = known.and_then(|known| known.to_str().ok()).is_some_and(|known| {
        known.split(',').any(|tag| matches!(tag.trim(), tag if tag == "*" || tag.trim_start_matches("W/") == file.etag))
    });
    let mut response = Response::new(if unchanged { empty() } else { full(file.body) });
    if unchanged {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    } else {
        set(&mut response, header::CONTENT_TYPE, file.mime);
        if file.gzip {
            set(&mut response, header::CONTENT_ENCODING, "gzip");
        }
    }
    // The browser keeps it, and asks every time: after an update it must never run an old page.
    set(&mut response, header::CACHE_CONTROL, "no-cache");
    set(&mut response, header::VARY, "accept-encoding");
    set(&mut response, header::ETAG, &file.etag);
    response
}

/// Adds the headers of DESIGN section 7. `host` is the validated `Host`, in which alone a page may open WebSockets.
pub fn secure(response: &mut Response<Body>, host: Option<&Validated>, loopback: bool) {
    let connect = host.map_or_else(|| "'self'".to_owned(), |host| format!("'self' ws://{}", host.as_str()));
    let policy = format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob: data:; \
         connect-src {connect}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    set(response, header::CONTENT_SECURITY_POLICY, &policy);
    set(response, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(response, header::REFERRER_POLICY, "no-referrer");
    set(response, HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    if loopback {
        // Elsewhere plain HTTP is no secure context, and browsers complain about the header instead of obeying it.
        set(response, HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    }
}

/// Sets a header to a value that is made of visible ASCII.
pub fn set(response: &mut Response<Body>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}

/// What stands in the page's place when no page was built.
pub const NO_PAGE: &str = "<!doctype html>
<html lang=\"en\"><meta charset=\"utf-8\"><title>Socketscope</title>
<h1>Socketscope is running, but its page has not been built.</h1>
<p>The echo servers and the WebSocket work. To build the page and start again, run this in the project's folder:</p>
<pre>cargo xtask</pre>
<p>A page that was built elsewhere is served from the folder that the variable <code>SOCKETSCOPE_SITE</code> names.</p>
";
