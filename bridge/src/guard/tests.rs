//! Who is let in: tables.

use super::{Denied, Guard};
use hyper::header::{HOST, HeaderMap, HeaderValue, ORIGIN};

const LOCAL: &str = "127.0.0.1:7700";

fn ask(guard: &Guard, local: &str, target: &str, hosts: &[&str], origins: &[&str]) -> Result<String, Denied> {
    let mut headers = HeaderMap::new();
    for host in hosts {
        headers.append(HOST, HeaderValue::from_bytes(host.as_bytes()).unwrap());
    }
    for origin in origins {
        headers.append(ORIGIN, HeaderValue::from_bytes(origin.as_bytes()).unwrap());
    }
    let target = target.parse().unwrap();
    guard.check(local.parse().unwrap(), &target, &headers).map(|host| host.as_str().to_owned())
}

fn strict() -> Guard {
    Guard::default()
}

#[test]
fn hosts_that_are_ours() {
    for (local, host) in [
        (LOCAL, "127.0.0.1:7700"),
        (LOCAL, "localhost:7700"),
        (LOCAL, "LocalHost:7700"),
        ("127.0.0.1:80", "127.0.0.1"),
        ("127.0.0.1:80", "localhost"),
        ("127.0.0.1:80", "localhost:80"),
        ("[::1]:7700", "[::1]:7700"),
        ("[::1]:7700", "[0:0:0:0:0:0:0:1]:7700"),
        ("[::1]:80", "[::1]"),
        ("[::1]:7700", "localhost:7700"),
        ("[::ffff:127.0.0.1]:7700", "127.0.0.1:7700"),
        ("192.168.1.20:7700", "192.168.1.20:7700"),
    ] {
        assert_eq!(ask(&strict(), local, "/", &[host], &[]), Ok(host.to_ascii_lowercase()), "{local} {host}");
    }
}

#[test]
fn hosts_that_are_not() {
    for (local, host) in [
        (LOCAL, "rebind.example:7700"),
        (LOCAL, "127.0.0.1.example:7700"),
        (LOCAL, "localhost.example:7700"),
        (LOCAL, "notlocalhost:7700"),
        (LOCAL, "127.0.0.1"),
        (LOCAL, "localhost"),
        (LOCAL, "localhost:80"),
        (LOCAL, "127.0.0.1:7701"),
        (LOCAL, "127.0.0.2:7700"),
        (LOCAL, "[::1]:7700"),
        (LOCAL, "127.1:7700"),
        (LOCAL, "2130706433:7700"),
        (LOCAL, "0x7f.0.0.1:7700"),
        (LOCAL, "0.0.0.0:7700"),
        ("192.168.1.20:7700", "192.168.1.21:7700"),
    ] {
        let denied = ask(&strict(), local, "/", &[host], &[]).unwrap_err();
        assert_eq!(denied, Denied::HostForeign(host.to_owned()), "{local} {host}");
        assert_eq!(denied.status(), 403);
        assert!(denied.to_string().contains("--allow-host"));
    }
}

#[test]
fn hosts_that_are_no_hosts() {
    for host in [
        "",
        ":7700",
        "localhost.:7700",
        "127.0.0.1.:7700",
        "user@localhost:7700",
        "localhost:7700:7700",
        "localhost:+7700",
        "localhost: 7700",
        "localhost:99999",
        "localhost:7700/",
        "[::1:7700",
        "[::1%lo]:7700",
        "::1",
        "[127.0.0.1]:7700",
        "local host:7700",
        "localhost\u{e9}:7700",
        "a;script-src *:7700",
    ] {
        assert_eq!(ask(&strict(), LOCAL, "/", &[host], &[]), Err(Denied::HostMalformed), "{host:?}");
    }
}

#[test]
fn one_host_exactly() {
    assert_eq!(ask(&strict(), LOCAL, "/", &[], &[]), Err(Denied::HostCount(0)));
    let twice = [LOCAL, LOCAL];
    assert_eq!(ask(&strict(), LOCAL, "/", &twice, &[]), Err(Denied::HostCount(2)));
    assert_eq!(ask(&strict(), LOCAL, "/", &[LOCAL, "rebind.example"], &[]), Err(Denied::HostCount(2)));
}

#[test]
fn targets_that_are_whole_urls() {
    assert!(ask(&strict(), LOCAL, "http://127.0.0.1:7700/ws", &[LOCAL], &[]).is_ok());
    assert_eq!(
        ask(&strict(), LOCAL, "http://rebind.example:7700/ws", &[LOCAL], &[]),
        Err(Denied::HostForeign("rebind.example:7700".into()))
    );
    assert_eq!(
        ask(&strict(), LOCAL, "http://127.0.0.1:7700/ws", &["rebind.example:7700"], &[]),
        Err(Denied::HostForeign("rebind.example:7700".into()))
    );
    assert_eq!(ask(&strict(), LOCAL, "ftp://127.0.0.1:7700/", &[LOCAL], &[]), Err(Denied::Scheme));
}

#[test]
fn origins() {
    for origin in ["http://127.0.0.1:7700", "http://localhost:7700", "HTTP://LOCALHOST:7700"] {
        assert!(ask(&strict(), LOCAL, "/", &[LOCAL], &[origin]).is_ok(), "{origin}");
    }
    assert!(ask(&strict(), "127.0.0.1:80", "/", &["localhost"], &["http://localhost"]).is_ok());
    for origin in [
        "null",
        "",
        "file://",
        "https://127.0.0.1:7700",
        "https://localhost:7700",
        "http://localhost",
        "http://localhost:7701",
        "http://localhost:7700/",
        "http://localhost.:7700",
        "http://rebind.example:7700",
        "http://localhost:7700.example",
        "http://127.0.0.1:7700@evil.example",
        "chrome-extension://abcdef",
        "http://[::1]:7700",
    ] {
        let denied = ask(&strict(), LOCAL, "/", &[LOCAL], &[origin]).unwrap_err();
        assert_eq!(denied, Denied::OriginForeign(origin.to_owned()), "{origin}");
        assert_eq!(denied.status(), 403);
        assert!(denied.to_string().contains("--allow-origin"));
    }
    let twice = ["http://localhost:7700", "http://evil.example"];
    assert_eq!(ask(&strict(), LOCAL, "/", &[LOCAL], &twice), Err(Denied::OriginCount(2)));
}

#[test]
fn allowed_by_flag() {
    let hosts = ["Class.Example".to_owned(), "proxy.example:443".to_owned(), "[2001:db8::1]:90".to_owned()];
    let guard = Guard::new(&hosts, &["https://Proxy.example".to_owned()]).unwrap();
    for host in ["class.example:7700", "CLASS.example:7700", "proxy.example", "proxy.example:443"] {
        assert!(ask(&guard, LOCAL, "/", &[host], &[]).is_ok(), "{host}");
    }
    assert!(ask(&guard, LOCAL, "/", &["[2001:db8:0::1]:90"], &[]).is_ok());
    for host in ["class.example", "class.example:80", "proxy.example:7700", "sub.class.example:7700"] {
        assert!(ask(&guard, LOCAL, "/", &[host], &[]).is_err(), "{host}");
    }
    for origin in ["https://proxy.example", "https://proxy.example:443", "http://class.example:7700"] {
        assert!(ask(&guard, LOCAL, "/", &[LOCAL], &[origin]).is_ok(), "{origin}");
    }
    assert!(ask(&guard, LOCAL, "/", &[LOCAL], &["https://class.example:7700"]).is_err());
}

#[test]
fn flags_that_mean_nothing() {
    assert!(Guard::new(&["http://x".to_owned()], &[]).is_err());
    assert!(Guard::new(&[], &["null".to_owned()]).is_err());
    assert!(Guard::new(&[], &["example.org".to_owned()]).is_err());
}
