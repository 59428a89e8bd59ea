//! The right to capture: missing, and given to the file.

use crate::theatre::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// Nobody's number, everywhere.
const NOBODY: u32 = 65_534;

/// A bridge of its own, as another user.
struct Bridge {
    child: Child,
    folder: PathBuf,
    ready: serde_json::Value,
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A copy of the program where anybody may run it: a checkout may be in root's own folder.
fn copied() -> (PathBuf, PathBuf) {
    use std::os::unix::fs::PermissionsExt;
    let folder = std::env::temp_dir().join(format!("socketscope-capture-{:032x}", bridge::random()));
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
    let program = folder.join("socketscope");
    std::fs::copy(PROGRAM, &program).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (folder, program)
}

fn as_nobody(program: &Path, folder: &Path, args: &[&str]) -> std::process::Command {
    let mut command = std::process::Command::new(program);
    command.args(["--listen", "127.0.0.1:0", "--tcp", "0", "--udp", "0", "--no-open", "--unix"]);
    command.arg(folder.join(format!("{:08x}.sock", bridge::random() as u32))).args(args).current_dir(folder);
    if is_root() {
        command.uid(NOBODY).gid(NOBODY);
    }
    command
}

fn start(folder: PathBuf, program: &Path) -> Bridge {
    let mut child =
        as_nobody(program, &folder, &["--log", "json"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    Bridge { child, folder, ready: serde_json::from_str(&line).unwrap() }
}

fn echo(ready: &serde_json::Value) -> String {
    let servers = ready["servers"].as_array().unwrap();
    let tcp = servers.iter().find(|server| server["transport"] == "Tcp").unwrap();
    let mut stream = std::net::TcpStream::connect(tcp["address"]["Inet"].as_str().unwrap()).unwrap();
    stream.set_read_timeout(Some(crate::common::PATIENCE)).unwrap();
    stream.write_all(b"hello").unwrap();
    let mut answer = [0; 5];
    stream.read_exact(&mut answer).unwrap();
    String::from_utf8(answer.to_vec()).unwrap()
}

#[test]
fn without_the_right_calls_work_and_one_line_says_how_to_allow_it() {
    let (folder, program) = copied();
    let bridge = start(folder, &program);
    assert_eq!(echo(&bridge.ready), "HELLO");
    let why = &bridge.ready["no_packets"];
    assert_eq!(why["reason"], "NeedsPermission", "{why}");
    assert_eq!(why["remedy"], format!("sudo setcap cap_net_raw+ep {}", program.display()));

    let refused = as_nobody(&program, &bridge.folder, &["--capture", "on"]).output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.lines().count() == 1 && said.contains("CAP_NET_RAW") && said.contains("sudo setcap"), "{said}");

    let mut doctor = std::process::Command::new(&program);
    doctor.arg("doctor");
    if is_root() {
        doctor.uid(NOBODY).gid(NOBODY);
    }
    let told = String::from_utf8(doctor.output().unwrap().stdout).unwrap();
    let mut lines = told.lines().skip_while(|line| !line.contains("(capture)"));
    assert!(lines.next().unwrap().starts_with("no"), "{told}");
    assert!(lines.next().unwrap().contains("to have it: sudo setcap cap_net_raw+ep "), "{told}");
}

#[test]
fn with_the_remedy_an_ordinary_user_sees_packets_and_the_bridge_has_no_right_left() {
    if !is_root() {
        // Only root gives a file rights; the other test shows what happens without.
        return;
    }
    let (folder, program) = copied();
    // What `setcap cap_net_raw+ep` writes: version 2, effective; CAP_NET_RAW is number 13.
    let words: [u32; 5] = [0x0200_0001, 1 << 13, 0, 0, 0];
    let value: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    rustix::fs::setxattr(&program, "security.capability", &value, rustix::fs::XattrFlags::empty()).unwrap();
    let bridge = start(folder, &program);
    assert_eq!(bridge.ready["no_packets"], serde_json::Value::Null);
    assert_eq!(echo(&bridge.ready), "HELLO");
    let status = std::fs::read_to_string(format!("/proc/{}/status", bridge.child.id())).unwrap();
    for set in ["CapPrm", "CapEff", "CapInh", "CapAmb"] {
        let rights = status.lines().find_map(|line| line.strip_prefix(set)).unwrap();
        assert_eq!(rights.trim_start_matches([':', '\t']), "0000000000000000", "{set}");
    }
}
