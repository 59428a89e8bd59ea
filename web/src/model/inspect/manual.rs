//! A call as the manual page has it: its arguments by name, with the values of this one, and what it returned.

use crate::model::story::{CallRecord, Story};
use crate::model::wording;
use protocol::{Op, Outcome};

/// The arguments of a call and what came back, by the names of the manual page.
#[must_use]
pub fn arguments(story: &Story, call: &CallRecord) -> Vec<(&'static str, String)> {
    let mut said: Vec<(&'static str, String)> = Vec::new();
    let fd = call.socket.and_then(|id| story.socket(id)?.fd);
    if !matches!(call.op, Op::Socket { .. } | Op::Think { .. } | Op::Unlink { .. })
        && let Some(fd) = fd
    {
        said.push(("sockfd", fd.to_string()));
    }
    // The text of the call has its arguments already, between the brackets.
    let text = wording::op(&call.op);
    let inside = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("", |(inside, _)| inside);
    let names: &[&'static str] = match &call.op {
        Op::Socket { .. } => &["domain", "type"],
        Op::SetOption(_) => &["optname", "optval"],
        Op::Bind { .. } | Op::Connect { .. } => &["addr"],
        Op::Listen { .. } => &["backlog"],
        Op::Send { .. } | Op::Recv { .. } | Op::RecvFrom { .. } => &["len"],
        Op::SendTo { .. } => &["len", "dest_addr"],
        Op::Shutdown { .. } => &["how"],
        Op::Think { .. } => &["seconds"],
        Op::Unlink { .. } => &["path"],
        Op::Accept | Op::Close => &[],
        Op::Abort => &["SO_LINGER"],
    };
    match &call.op {
        Op::Abort => said.push(("SO_LINGER", "0".into())),
        _ => said.extend(names.iter().copied().zip(inside.split(", ").map(str::to_owned))),
    }
    match &call.outcome {
        Some(Outcome::Failed(error)) => {
            said.push(("=", "-1".into()));
            said.push(("errno", [&error.to_string(), " (", &error.number.to_string(), ")"].concat()));
        }
        Some(Outcome::From(count, from)) => {
            said.push(("src_addr", from.to_string()));
            said.push(("=", count.to_string()));
        }
        Some(Outcome::Accepted { socket, peer }) => {
            said.push(("addr", peer.to_string()));
            let fd = story.socket(*socket).and_then(|socket| socket.fd);
            said.extend(fd.map(|fd| ("=", fd.to_string())));
        }
        Some(Outcome::Fd(fd)) => said.push(("=", fd.to_string())),
        Some(Outcome::Cancelled) | None => {}
        Some(outcome) => said.push(("=", wording::outcome(outcome))),
    }
    said
}

/// The signature of a call in a file of them: each line has the call, the language and the signature.
#[must_use]
pub fn signature<'a>(file: &'a str, call: &str, tongue: &str) -> Option<&'a str> {
    file.lines().find_map(|line| line.strip_prefix(call)?.strip_prefix(' ')?.strip_prefix(tongue)?.strip_prefix(' '))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests fail by panicking")]

    use super::*;
    use crate::model::inspect::Tongue;
    use crate::model::story::tell_packets::lost_segment;
    use expect_test::expect;

    #[test]
    fn arguments_have_the_names_of_the_manual_page() {
        let story = lost_segment(20, false).story();
        let mut said = String::new();
        for call in story.calls().iter().take(7) {
            let arguments = arguments(&story, call);
            let arguments: Vec<String> = arguments.iter().map(|(name, value)| format!("{name} {value}")).collect();
            said += &format!("{}: {}\n", wording::op_name(&call.op), arguments.join(" | "));
        }
        expect![[r#"
            socket: domain AF_INET | type SOCK_STREAM | = 3
            bind: addr 10.0.0.2:808 | = 0
            listen: backlog 5 | = 0
            accept: addr 10.0.0.1:41022
            connect: addr 10.0.0.2:808 | = 0
            send: len 3000 | = 3000
            recv: len 1024 | = 1024
        "#]]
        .assert_eq(&said);
    }

    #[test]
    fn every_call_has_its_signature_in_every_language() {
        let file = include_str!("../../../../www/source/manual.txt");
        let calls =
            "socket setsockopt bind listen accept connect send sendto recv recvfrom shutdown close unlink sleep";
        for call in calls.split(' ') {
            for tongue in Tongue::ALL {
                assert!(signature(file, call, tongue.name()).is_some(), "{call} in {tongue:?}");
            }
        }
        assert_eq!(signature(file, "recv", "C"), Some("ssize_t recv(int sockfd, void *buf, size_t len, int flags);"));
    }
}
