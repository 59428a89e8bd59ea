//! Programs of one's own inside the hosts, ordinary users, and the end of a killed bridge.

use super::*;

/// `socketscope run --in HOST -- COMMAND` in this bridge's hosts.
fn inside(bridge: &Running, host: &str, command: &[&str]) -> tokio::process::Command {
    let mut run = tokio::process::Command::new(support::running::binary());
    run.args(["run", "--control"]).arg(bridge.folder().join("control")).args(["--in", host, "--"]).args(command);
    run.stdin(std::process::Stdio::null()).kill_on_drop(true);
    run
}

#[tokio::test]
async fn a_persons_own_program_runs_inside() {
    let bridge = Running::two_hosts().await;
    let mut session = bridge.session().await;
    let program = "import socket\ns = socket.create_connection(('10.0.0.2', 808))\ns.sendall(b'hello')\n\
                   print(s.recv(1024).decode(), flush=True)\ninput()";
    let mut run = inside(&bridge, "client", &["python3", "-c", program]);
    let mut child = run.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let python = until(&mut session, "the program", |events| {
        events.iter().find_map(|event| match &event.kind {
            Kind::Program { name, pid: Some(_), role: protocol::Role::Other, .. } if name.starts_with("python") => {
                Some((event.about.host, event.about.program))
            }
            _ => None,
        })
    })
    .await;
    let client = host(session.events(), "client");
    assert_eq!(python.0, client, "it is on the host where it runs");
    until(&mut session, "its packets", |events| (data_segments(events, client).len() == 1).then_some(())).await;
    drop(child.stdin.take());
    let output = support::soon("the program's end", child.wait_with_output()).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "HELLO");
    // `input()` met the end of its input, and that is an error.
    assert_eq!(output.status.code(), Some(1), "the program's exit code is passed on");
    let ended = |event: &Event| event.about.program == python.1 && event.kind == Kind::Ended;
    until(&mut session, "its end", |events| events.iter().any(ended).then_some(())).await;

    let code =
        support::soon("an exit code", inside(&bridge, "server", &["sh", "-c", "exit 7"]).status()).await.unwrap();
    assert_eq!(code.code(), Some(7));
    let signal =
        support::soon("a signal", inside(&bridge, "server", &["sh", "-c", "kill -9 $$"]).status()).await.unwrap();
    assert_eq!(signal.code(), Some(128 + 9));
    let missing = support::soon("nothing", inside(&bridge, "server", &["no-such-program"]).output()).await.unwrap();
    assert_eq!(missing.status.code(), Some(127));
}

/// Someone at a terminal: starts a shell inside a host, stops a program with Ctrl-Z, finds it among the jobs, and goes
/// on with it until Ctrl-C. Waits for each answer of the terminal.
const AT_A_TERMINAL: &str = r"
import os, pty, signal, sys
pid, terminal = pty.fork()
if pid == 0:
    # Who starts the tests in the background has them ignore Ctrl-C, and what they start would too. A terminal does not.
    for one in (signal.SIGINT, signal.SIGQUIT):
        signal.signal(one, signal.SIG_DFL)
    os.environ['PS1'] = '> '
    os.execv(sys.argv[1], sys.argv[1:])
seen = b''
def gives_up(*_):
    processes = os.popen('ps -e -o pid,ppid,pgid,tpgid,stat,wchan:20,tty,args').read()
    sys.exit(f'waiting for {wanted}, it has said {seen}\n{processes}')
signal.signal(signal.SIGALRM, gives_up)
signal.alarm(15)
def answers(words):
    global seen, wanted
    wanted = words
    while words not in seen:
        seen += os.read(terminal, 4096)
    seen = seen.split(words, 1)[1]
def types(line):
    os.write(terminal, line)
# Keys that are typed before the shell asks for them may be lost while it sets up the terminal.
def asks():
    answers(b'> ')
asks()
types(b'sh -c \'echo rea\'\'\'\'dy; exec sed -u y/helo/HELO/\'\n')
answers(b'ready')
types(b'\x1a')
answers(b'Stopped')
asks()
types(b'jobs; echo listed $((40 + 2))\n')
answers(b'Stopped')
answers(b'listed 42')
asks()
types(b'fg\n')
answers(b'exec sed')
types(b'hello\n')
answers(b'HELLO')
types(b'\x03')
asks()
types(b'echo ended with $?\n')
answers(b'ended with 130')
asks()
types(b'exit 3\n')
print('the shell ended with', os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";

#[tokio::test]
async fn a_shell_inside_a_host_has_job_control() {
    let bridge = Running::two_hosts().await;
    for host in ["client", "server"] {
        let shell = inside(&bridge, host, &["bash", "--norc", "-i"]);
        let shell = shell.as_std();
        let mut person = tokio::process::Command::new("python3");
        person.args(["-c", AT_A_TERMINAL]).arg(shell.get_program()).args(shell.get_args()).kill_on_drop(true);
        let output = support::soon("the shell's end", person.output()).await.unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(said.trim(), "the shell ended with 3", "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[tokio::test]
async fn without_hosts_run_says_what_to_do() {
    let bridge = Running::start().await;
    let output = support::soon("the refusal", inside(&bridge, "client", &["true"]).output()).await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.lines().count() == 1 && said.contains("--hosts on"), "{said}");
}

/// The processes that are children of children of `parent`, and their children.
pub fn descendants(parent: u32) -> Vec<u32> {
    let children = std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap_or_default();
    let children: Vec<u32> = children.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    children.iter().flat_map(|child| std::iter::once(*child).chain(descendants(*child))).collect()
}

#[tokio::test]
async fn a_killed_bridge_leaves_no_process() {
    let mut bridge = Running::two_hosts().await;
    let mut sleeper = inside(&bridge, "server", &["sleep", "1000"]).spawn().unwrap();
    let processes = descendants(bridge.pid());
    assert_eq!(processes.len(), 4, "two hosts, and the parent of each");
    bridge.signal(rustix::process::Signal::KILL);
    bridge.ended().await;
    support::soon("the hosts' end", async {
        while processes.iter().any(|process| std::path::Path::new(&format!("/proc/{process}")).exists()) {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let ended = support::soon("the program inside", sleeper.wait()).await.unwrap();
    assert!(!ended.success(), "it ended with its host: {ended}");
}

/// The same as an ordinary user, who has no rights at all but a TUN that everybody may open, as distributions have it.
#[tokio::test]
async fn an_ordinary_user_has_two_hosts_too() {
    use std::os::unix::fs::PermissionsExt as _;
    const NOBODY: u32 = 65_534;
    if !rustix::process::geteuid().is_root() {
        // Then all the other tests are this one.
        return;
    }
    let folder = support::running::fresh_folder();
    let (tun, program) = (folder.join("tun"), folder.join("socketscope"));
    let mut made = tokio::process::Command::new("mknod");
    assert!(made.args(["-m", "666"]).arg(&tun).args(["c", "10", "200"]).status().await.unwrap().success());
    std::fs::copy(support::running::binary(), &program).unwrap();
    for (path, mode) in [(&folder, 0o777), (&program, 0o755)] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut command = tokio::process::Command::new(&program);
    command.args(["serve", "--no-open", "--listen", "127.0.0.1:0", "--tcp", "0", "--udp", "0", "--capture", "off"]);
    command.args(["--world", "two-hosts", "--unix"]).arg(folder.join("echo.sock"));
    command.arg("--control").arg(folder.join("control"));
    command.env("SOCKETSCOPE_TUN", &tun).current_dir("/").uid(NOBODY).gid(NOBODY);
    let bridge = Running::spawn(command, folder).await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", bridge.pid())).unwrap();
    assert!(status.contains("CapEff:\t0000000000000000"), "{status}");
    one_loss(&bridge).await;
    let mut run = tokio::process::Command::new(&program);
    run.args(["run", "--control"]).arg(bridge.folder().join("control")).args(["--in", "client", "--", "sh", "-c"]);
    run.arg("exit 5").current_dir("/").uid(NOBODY).gid(NOBODY);
    let status = support::soon("a program inside", run.status()).await.unwrap();
    assert_eq!(status.code(), Some(5));
}
