//! HTTP and the WebSocket handshake, byte by byte.
#![allow(clippy::unwrap_used, reason = "a test that panics has failed, which is its job")]

mod common;

use bridge::site::Site;
use common::{bare, closed, exchange, get, open, soon, start, start_with, status};
use protocol::trace::Bounds;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const UPGRADE: &str = "upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\n\
    sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n";

#[tokio::test]
async fn handshakes_get_their_status() {
    let bridge = start().await;
    let json = "sec-websocket-protocol: socketscope.v1.json\r\n";
    let cases = [
        ("no upgrade", "/ws", String::new(), 426),
        ("another upgrade", "/ws", UPGRADE.replace("websocket\r", "h2c\r"), 426),
        ("another version", "/ws", UPGRADE.replace("version: 13", "version: 8") + json, 426),
        ("no key", "/ws", UPGRADE.replace("sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n", "") + json, 400),
        ("a short key", "/ws", UPGRADE.replace("dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNh") + json, 400),
        ("a key of 17 bytes", "/ws", UPGRADE.replace("jZQ==", "jZQA=") + json, 400),
        ("two keys", "/ws", format!("{UPGRADE}sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n{json}"), 400),
        ("no subprotocol", "/ws", UPGRADE.to_owned(), 400),
        ("a foreign subprotocol", "/ws", format!("{UPGRADE}sec-websocket-protocol: graphql-ws\r\n"), 400),
        ("a foreign host", "/ws", format!("{UPGRADE}{json}origin: http://evil.example\r\n"), 403),
        ("too many headers", "/ws", (0..100).map(|n| format!("x-{n}: 1\r\n")).collect(), 431),
        ("too long a header", "/ws", format!("x: {}\r\n", "x".repeat(100_000)), 431),
        ("nothing there", "/nothing", String::new(), 404),
        ("up and out", "/../secret", String::new(), 404),
        ("health", "/healthz", String::new(), 200),
        ("the trace", "/trace.json", String::new(), 200),
        ("no page built", "/", String::new(), 503),
    ];
    for (what, path, headers, wanted) in cases {
        let answer = get(&bridge, path, &headers).await;
        assert_eq!(status(&answer), wanted, "{what}: {answer}");
        if wanted == 426 {
            assert!(answer.to_lowercase().contains("sec-websocket-version: 13"), "{what}: {answer}");
        }
    }
    let address = bridge.address;
    for (path, wanted) in [("/ws", 405), ("/relay/tcp", 405), ("/", 405), ("/healthz", 405)] {
        let request =
            format!("POST {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n");
        let answer = exchange(address, &request).await;
        assert_eq!(status(&answer), wanted, "{path}");
        assert!(answer.to_lowercase().contains("allow: get"), "{answer}");
    }
    let old = exchange(address, &format!("GET /ws HTTP/1.0\r\nhost: {address}\r\n{UPGRADE}{json}\r\n")).await;
    assert_eq!(status(&old), 400, "{old}");
    assert_eq!(status(&exchange(address, "nonsense\r\n\r\n").await), 400);
    assert_eq!(status(&exchange(address, "GET / HTTP/1.1\r\n\r\n").await), 400, "no Host");
    let twice = format!("host: {address}\r\n");
    assert_eq!(status(&get(&bridge, "/ws", &twice).await), 400, "two Hosts, though both are ours");
    let origin = format!("origin: http://{address}\r\n");
    assert_eq!(status(&get(&bridge, "/healthz", &origin).await), 200);
    assert_eq!(status(&get(&bridge, "/healthz", &(origin.clone() + &origin)).await), 400, "two Origins");
    let whole =
        |host: &str| format!("GET http://{host}/healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    assert_eq!(status(&exchange(address, &whole(&address.to_string())).await), 200);
    assert_eq!(status(&exchange(address, &whole("rebind.example")).await), 403, "a whole URL wins over Host");
}

#[tokio::test]
async fn one_connection_too_many_is_told_so_and_the_others_go_on() {
    let bridge = start().await;
    let mut held = Vec::new();
    for _ in 0..bridge::limits::HTTP_CONNECTIONS {
        held.push(TcpStream::connect(bridge.address).await.unwrap());
    }
    let refused = exchange(bridge.address, "").await;
    assert_eq!(status(&refused), 503);
    assert!(refused.contains("512 HTTP connections") && refused.contains("retry-after"), "{refused}");
    let mut first = held.swap_remove(0);
    let address = bridge.address;
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n");
    first.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon("the answer", first.read_to_string(&mut answer)).await.unwrap();
    assert_eq!(status(&answer), 200);
    soon("a free place", async { while status(&get(&bridge, "/healthz", "").await) != 200 {} }).await;
}

#[tokio::test]
async fn every_path_is_guarded_first() {
    let bridge = start().await;
    let address = bridge.address;
    for path in ["/", "/ws", "/relay/tcp", "/relay/udp", "/relay/unix", "/healthz", "/trace.json", "/nothing"] {
        let request = format!("GET {path} HTTP/1.1\r\nhost: rebind.example\r\nconnection: close\r\n\r\n");
        let answer = exchange(address, &request).await;
        assert_eq!(status(&answer), 403, "{path}");
        assert!(answer.contains("--allow-host rebind.example"), "{answer}");
        let answer = get(&bridge, path, "origin: null\r\n").await;
        assert_eq!(status(&answer), 403, "{path}");
        assert!(answer.contains("--allow-origin"), "{answer}");
    }
}

#[tokio::test]
async fn files_come_with_their_type_and_policy() {
    let folder = std::env::temp_dir().join(format!("socketscope-{:032x}", bridge::random()));
    std::fs::create_dir_all(folder.join("pkg")).unwrap();
    std::fs::write(folder.join("index.html"), "<p>page</p>").unwrap();
    std::fs::write(folder.join("pkg/page_bg.wasm"), b"\0asm").unwrap();
    let mut config = bare();
    config.site = Site::Folder(folder.clone());
    let bridge = start_with(config, Bounds::default()).await;
    let page = get(&bridge, "/", "").await;
    assert_eq!(status(&page), 200);
    assert!(page.ends_with("<p>page</p>"), "{page}");
    for header in [
        "content-type: text/html; charset=utf-8",
        &format!("connect-src 'self' ws://{};", bridge.address),
        "default-src 'none'",
        "x-content-type-options: nosniff",
        "cross-origin-resource-policy: same-origin",
        "cross-origin-opener-policy: same-origin",
        "cache-control: no-cache",
    ] {
        assert!(page.contains(header), "{header} is missing in {page}");
    }
    assert!(!page.to_lowercase().contains("access-control"), "{page}");
    let wasm = get(&bridge, "/pkg/page_bg.wasm", "").await;
    assert!(wasm.contains("content-type: application/wasm"), "{wasm}");
    let tag = wasm.lines().find_map(|line| line.strip_prefix("etag: ")).unwrap();
    let again = get(&bridge, "/pkg/page_bg.wasm", &format!("if-none-match: {tag}\r\n")).await;
    assert_eq!(status(&again), 304);
    let address = bridge.address;
    let head = exchange(address, &format!("HEAD / HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\r\n")).await;
    assert_eq!(status(&head), 200);
    assert!(head.contains("content-length: 11") && head.ends_with("\r\n\r\n"), "{head}");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn half_a_request_times_out() {
    let mut config = bare();
    config.head_time = std::time::Duration::from_millis(200);
    let bridge = start_with(config, Bounds::default()).await;
    let mut socket = TcpStream::connect(bridge.address).await.unwrap();
    socket.write_all(b"GET /ws HTTP/1.1\r\nhost: loc").await.unwrap();
    let mut answer = Vec::new();
    soon("the answer", socket.read_to_end(&mut answer)).await.unwrap();
    assert_eq!(status(&String::from_utf8_lossy(&answer)), 408);
    // Whoever has said nothing is not asked for more: the connection is closed without a word.
    let mut socket = TcpStream::connect(bridge.address).await.unwrap();
    let mut answer = Vec::new();
    soon("the close", socket.read_to_end(&mut answer)).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&answer), "");
}

#[tokio::test]
async fn bad_frames_get_their_code() {
    let bridge = start().await;
    let cases: [(&str, &[u8], u16); 6] = [
        ("unmasked", b"\x82\x01x", 1002),
        ("a reserved bit", b"\xf2\x81\0\0\0\0x", 1002),
        ("a reserved opcode", b"\x83\x81\0\0\0\0x", 1002),
        ("a control frame in pieces", b"\x09\x80\0\0\0\0", 1002),
        ("text that is no UTF-8", b"\x81\x82\0\0\0\0\xc3\x28", 1007),
        ("two mebibytes announced", b"\x82\xff\0\0\0\0\0\x20\0\0\0\0\0\0", 1009),
    ];
    for path in ["/ws", "/relay/tcp", "/relay/udp"] {
        for (what, frame, code) in cases {
            let protocol = (path == "/ws").then_some(protocol::message::JSON);
            let mut socket = open(bridge.address, path, protocol).await.unwrap();
            socket.get_mut().write_all(frame).await.unwrap();
            let close = closed(&mut socket).await.unwrap_or_else(|| panic!("{path}: {what}: no close frame"));
            assert_eq!(u16::from(close.code), code, "{path}: {what}");
        }
    }
}

#[tokio::test]
async fn leaving_tells_everybody_and_frees_the_port() {
    let mut bridge = start().await;
    let mut relay = open(bridge.address, "/relay/tcp", None).await.unwrap();
    let (mut session, _) = common::Session::begin(bridge.address, protocol::Codec::Json, None).await;
    bridge.stop.cancel();
    assert_eq!(u16::from(closed(&mut relay).await.unwrap().code), 1001);
    let mut told = None;
    while told.is_none() {
        if let protocol::ToPage::Bye(why) = session.next().await.expect("a farewell comes before the close") {
            told = Some(why);
        }
    }
    assert_eq!(told, Some(protocol::Farewell::Stopped));
    let served = bridge.served.take().unwrap();
    soon("the end", served).await.unwrap().unwrap();
    assert!(std::net::TcpListener::bind(bridge.address).is_ok());
}
