//! How hosts begin and end: for an ordinary user, without a device, and when the bridge is killed.

use crate::everything;
use crate::theatre::{PATIENCE, program};
use bridge::hosts::Hosts;
use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Instant;

/// The user `nobody` of every Linux system.
const NOBODY: u32 = 65534;

/// When the hosts are dropped they are gone, and when the bridge is killed they go with it.
#[test]
fn nothing_is_left_behind() {
    let hosts = Hosts::start_with(&program()).unwrap();
    let (processes, namespaces) = traces_of(&hosts);
    drop(hosts);
    assert_gone(&processes, &namespaces);

    let mut bridge = actor("life::stands_until_it_is_killed").stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(bridge.stdout.take().unwrap()).lines();
    let mut words = |wanted: &str| -> Vec<String> {
        let line = said.by_ref().map(Result::unwrap).find(|line| line.starts_with(wanted)).unwrap();
        line.split_whitespace().skip(1).map(str::to_owned).collect()
    };
    let processes: Vec<u32> = words("processes").iter().map(|word| word.parse().unwrap()).collect();
    let namespaces: Vec<PathBuf> = words("namespaces").into_iter().map(PathBuf::from).collect();
    assert!(processes.iter().all(|process| exists(*process)) && processes.len() == 4);
    bridge.kill().unwrap();
    bridge.wait().unwrap();
    assert_gone(&processes, &namespaces);
}

/// Plays the bridge that is killed.
#[test]
#[ignore = "is started by nothing_is_left_behind"]
fn stands_until_it_is_killed() {
    let hosts = Hosts::start_with(&program()).unwrap();
    let (processes, namespaces) = traces_of(&hosts);
    let join = |words: Vec<String>| words.join(" ");
    println!("\nprocesses {}", join(processes.iter().map(u32::to_string).collect()));
    println!("namespaces {}", join(namespaces.iter().map(|name| name.display().to_string()).collect()));
    std::io::stdin().lines().for_each(drop);
    panic!("nobody killed this");
}

fn traces_of(hosts: &Hosts) -> (Vec<u32>, Vec<PathBuf>) {
    let both = [&hosts.client, &hosts.server];
    let namespace = |process: u32, kind| std::fs::read_link(format!("/proc/{process}/ns/{kind}")).unwrap();
    let names = both.iter().flat_map(|host| ["net", "pid"].map(|kind| namespace(host.process(), kind))).collect();
    (both.iter().flat_map(|host| host.processes()).collect(), names)
}

fn exists(process: u32) -> bool {
    Path::new(&format!("/proc/{process}")).exists()
}

/// No process is left, and nobody is in the namespaces; a TUN without process and namespace cannot be.
fn assert_gone(processes: &[u32], namespaces: &[PathBuf]) {
    let inhabited = || {
        let all = std::fs::read_dir("/proc").unwrap().flatten();
        let mut links = all.flat_map(|entry| ["net", "pid"].map(|kind| entry.path().join("ns").join(kind)));
        links.any(|link| std::fs::read_link(link).is_ok_and(|name| namespaces.contains(&name)))
    };
    eventually("the hosts to end", || !processes.iter().any(|process| exists(*process)) && !inhabited());
}

fn eventually(what: &str, done: impl Fn() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !done() {
        assert!(Instant::now() < deadline, "waited for {what}");
        std::thread::yield_now();
    }
}

/// This test program again, for one of the actors.
fn actor(name: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--ignored", "--exact", "--nocapture", name]).stdin(Stdio::piped());
    command
}

/// The same as an ordinary user: no rights at all, but a TUN that everybody may open, as distributions have it.
#[test]
fn tcp_over_the_wire_as_an_ordinary_user() {
    if !rustix::process::geteuid().is_root() {
        // Then all the other tests are this one.
        return;
    }
    let folder = Folder::new();
    let tun = folder.0.join("tun");
    run(Command::new("mknod").args(["-m", "666"]).arg(&tun).args(["c", "10", "200"]));
    let (program_copy, test_copy) = (folder.0.join("socketscope"), folder.0.join("test"));
    std::fs::copy(program(), &program_copy).unwrap();
    std::fs::copy(std::env::current_exe().unwrap(), &test_copy).unwrap();
    run(Command::new("chmod").arg("755").args([&folder.0, &program_copy, &test_copy]));
    let outcome = Command::new(&test_copy)
        .args(["--ignored", "--exact", "--nocapture", "life::plays_the_ordinary_user"])
        .env("SOCKETSCOPE_TUN", &tun)
        .env("SOCKETSCOPE_TEST_PROGRAM", &program_copy)
        .current_dir("/")
        .uid(NOBODY)
        .gid(NOBODY)
        .output()
        .unwrap();
    assert!(outcome.status.success(), "{}", said(&outcome));
    assert!(String::from_utf8_lossy(&outcome.stdout).contains("1 passed"), "the actor did not play");
}

#[tokio::test]
#[ignore = "is started by tcp_over_the_wire_as_an_ordinary_user"]
async fn plays_the_ordinary_user() {
    assert_eq!(rustix::process::geteuid().as_raw(), NOBODY);
    let rights = std::fs::read_to_string("/proc/self/status").unwrap();
    assert!(rights.contains("CapEff:\t0000000000000000"), "{rights}");
    everything().await;
}

/// A missing device is named, with the remedy.
#[test]
fn a_missing_device_is_named() {
    let outcome = actor("life::finds_no_device").env("SOCKETSCOPE_TUN", "/nowhere/tun").output().unwrap();
    assert!(outcome.status.success(), "{}", said(&outcome));
}

#[test]
#[ignore = "is started by a_missing_device_is_named"]
fn finds_no_device() {
    let missing = Hosts::start_with(&program()).unwrap_err();
    assert_eq!(missing.reason, protocol::Reason::NeedsTunDevice);
    assert!(missing.detail.contains("/nowhere/tun") && missing.remedy.contains("mknod"), "{missing:?}");
}

fn said(outcome: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&outcome.stdout), String::from_utf8_lossy(&outcome.stderr))
}

fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(status.success(), "{command:?}: {status}");
}

/// A folder that goes when the test does.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        let made = Command::new("mktemp").arg("-d").output().unwrap();
        Self(PathBuf::from(String::from_utf8(made.stdout).unwrap().trim()))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}
