//! `socketscope serve`: everything up, printed, opened, and taken down again.

use super::signals::Signals;
use super::{Failure, browser, descriptors, target, worlds};
use crate::capture::{self, Choice};
use crate::guard::Guard;
use crate::hosts::Starting;
use crate::limits;
use crate::recorder::Recorder;
use crate::serve::{self, Config};
use crate::world::World;
use crate::world::this_computer::WorldOptions;
use clap::ValueEnum;
use protocol::ids::Boot;
use protocol::message::TargetInfo;
use protocol::trace::Bounds;
use protocol::{Ability, Capability, Reason, ServerInfo, Unavailable};
use serde::Serialize;
use std::io::{self, Write};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;

/// What can be said to `serve`.
#[derive(clap::Args, Debug)]
pub struct Args {
    /// Where the page and its WebSocket are served; port 0 takes any free one.
    #[arg(long, env = "SOCKETSCOPE_LISTEN", value_name = "ADDR:PORT", default_value = "127.0.0.1:7700")]
    listen: SocketAddr,

    /// The TCP echo server's port, 0 for any free one [default: 8808, and the tutorial's 808 where the system allows it].
    #[arg(long, env = "SOCKETSCOPE_TCP", value_name = "PORT")]
    tcp: Option<u16>,

    /// The UDP echo server's port, 0 for any free one.
    #[arg(long, env = "SOCKETSCOPE_UDP", value_name = "PORT", default_value_t = 8080)]
    udp: u16,

    /// The Unix-domain echo server's socket file [default: one in the temporary folder].
    #[cfg(unix)]
    #[arg(long, env = "SOCKETSCOPE_UNIX", value_name = "PATH")]
    unix: Option<std::path::PathBuf>,

    /// Do not open the browser.
    #[arg(long, env = "SOCKETSCOPE_NO_OPEN")]
    no_open: bool,

    /// Let pages open clients to this server as well, such as tcp://127.0.0.1:9000; may be repeated.
    #[arg(long, env = "SOCKETSCOPE_ALLOW_TARGET", value_name = "ADDR", value_delimiter = ',', value_parser = target::parse)]
    allow_target: Vec<TargetInfo>,

    /// Answer requests that are addressed to this NAME or NAME:PORT as well; may be repeated.
    #[arg(long, env = "SOCKETSCOPE_ALLOW_HOST", value_name = "HOST", value_delimiter = ',')]
    allow_host: Vec<String>,

    /// Answer requests of pages from this origin as well, such as `https://example.org`; may be repeated.
    #[arg(long, env = "SOCKETSCOPE_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Vec<String>,

    /// See the packets of this computer's echo servers: always, never, or where it is allowed.
    #[arg(long, env = "SOCKETSCOPE_CAPTURE", value_enum, default_value_t = Choice::Auto)]
    capture: Choice,

    #[command(flatten)]
    worlds: worlds::Args,

    /// How to report.
    #[arg(long, env = "SOCKETSCOPE_LOG", value_enum, default_value_t = Log::Text)]
    log: Log,
}

/// How to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Log {
    /// Lines for people.
    Text,
    /// Lines of JSON, for scripts.
    Json,
}

/// Serves until it is told to stop.
///
/// # Errors
/// [`Failure`], when something cannot be had.
pub fn run(args: &Args) -> Result<ExitCode, Failure> {
    log_to_stderr(args.log);
    let guard = Guard::new(&args.allow_host, &args.allow_origin).map_err(|error| Failure::Usage(error.to_string()))?;
    let descriptors = descriptors::raise();
    let hosts = args.worlds.hosts()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Failure::other)?;
    let result = runtime.block_on(until_told(args, guard, descriptors, hosts));
    // Whatever still runs is abandoned: everybody who was to be told has been told.
    runtime.shutdown_background();
    result
}

async fn until_told(
    args: &Args,
    guard: Guard,
    descriptors: u64,
    hosts: Result<Starting, Unavailable>,
) -> Result<ExitCode, Failure> {
    let signals = Signals::listen().map_err(Failure::other)?;
    let listener = TcpListener::bind(args.listen).await.map_err(|error| not_bound(args.listen, &error))?;
    let local = listener.local_addr().map_err(Failure::other)?;
    let recorder = Recorder::new(Boot(crate::random()), Bounds::default());
    let standing = args.worlds.start(&recorder, hosts, options(args)).await?;
    let here = &standing.this_computer;

    let page = format!("http://{}/", reachable(local));
    let packets = packets(&here.capabilities());
    if let Some(why) = packets.as_ref().filter(|_| args.capture == Choice::On) {
        let remedy = if why.remedy.is_empty() { String::new() } else { format!("; to have it: {}", why.remedy) };
        standing.shutdown().await;
        return Err(Failure::Usage(format!("--capture on: {why}{remedy}")));
    }
    announce(args.log, &page, &here.servers(), standing.no_hosts.as_ref(), args.capture, packets.as_ref());
    if !args.no_open {
        browser::open(&page);
    }
    let config = Config { guard, relays: limits::relays(descriptors), ..Config::default() };
    let leave = async {
        let stop = signals.first.clone().cancelled_owned();
        let served: Arc<dyn World> = Arc::clone(&standing.worlds) as Arc<dyn World>;
        let result = serve::serve(listener, served, recorder, config, stop).await;
        standing.shutdown().await;
        result
    };
    tokio::select! {
        result = leave => result.map(|()| ExitCode::SUCCESS).map_err(Failure::other),
        () = signals.second.cancelled() => Err(Failure::Interrupted),
    }
}

fn options(args: &Args) -> WorldOptions {
    let mut options =
        WorldOptions { udp: vec![args.udp], targets: args.allow_target.clone(), ..WorldOptions::default() };
    options.capture = capture::Wanted { choice: args.capture, ..capture::Wanted::default() };
    if let Some(port) = args.tcp {
        options.tcp = vec![port];
        options.tutorial_port = false;
    }
    #[cfg(unix)]
    if let Some(path) = &args.unix {
        options.unix = Some(path.clone());
    }
    options
}

/// Why packets are not seen, if so.
fn packets(capabilities: &[Capability]) -> Option<Unavailable> {
    capabilities.iter().find(|known| known.ability == Ability::Packets)?.unavailable.clone()
}

/// Where to open a page of a bridge that is bound to every address.
fn reachable(local: SocketAddr) -> SocketAddr {
    match local {
        SocketAddr::V4(any) if any.ip().is_unspecified() => (Ipv4Addr::LOCALHOST, any.port()).into(),
        SocketAddr::V6(any) if any.ip().is_unspecified() => (Ipv6Addr::LOCALHOST, any.port()).into(),
        one => one,
    }
}

fn not_bound(address: SocketAddr, error: &io::Error) -> Failure {
    Failure::Usage(match error.kind() {
        io::ErrorKind::AddrInUse => {
            format!(
                "port {} is taken{}; choose another one with --listen {}:PORT",
                address.port(),
                super::held_by(address.port()),
                host(address)
            )
        }
        io::ErrorKind::AddrNotAvailable => {
            format!("{} is no address of this computer; choose another one with --listen ADDR:PORT", host(address))
        }
        io::ErrorKind::PermissionDenied => format!(
            "the system does not let you have port {}; choose one above 1023 with --listen {}:PORT",
            address.port(),
            host(address)
        ),
        _ => format!("cannot listen at {address} (--listen): {error}"),
    })
}

fn host(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}

/// Prints where everything is: `WHAT ADDRESS`, a line each, or one line of JSON.
fn announce(
    log: Log,
    page: &str,
    servers: &[ServerInfo],
    hosts: Option<&Unavailable>,
    capture: Choice,
    packets: Option<&Unavailable>,
) {
    #[derive(Serialize)]
    struct Ready<'a> {
        ready: &'a str,
        servers: &'a [ServerInfo],
        /// Why there are no two hosts.
        no_hosts: Option<&'a Unavailable>,
        /// Why no packets are seen.
        no_packets: Option<&'a Unavailable>,
    }
    let mut text = String::new();
    match log {
        Log::Json => {
            text = serde_json::to_string(&Ready { ready: page, servers, no_hosts: hosts, no_packets: packets })
                .expect("addresses are text");
            text.push('\n');
        }
        Log::Text => {
            for server in servers {
                let name = match server.transport {
                    protocol::Transport::Tcp => "tcp",
                    protocol::Transport::Udp => "udp",
                    protocol::Transport::UnixStream => "unix",
                    protocol::Transport::UnixDatagram => "unix-datagram",
                };
                match server.error {
                    None => text += &format!("{name:<14} {}\n", server.address),
                    Some(error) => text += &format!("{name:<14} {} (not running: {error})\n", server.address),
                }
            }
            match hosts.filter(|why| !matches!(why.reason, Reason::SwitchedOff | Reason::NeedsLinux)) {
                Some(why) if why.remedy.is_empty() => text += &format!("{:<14} not here: {why}\n", "two hosts"),
                Some(why) => text += &format!("{:<14} not here: {why}; to have them: {}\n", "two hosts", why.remedy),
                None if hosts.is_none() => {
                    text += &format!("{:<14} client 10.0.0.1, server 10.0.0.2: tcp 808, udp 8080\n", "two hosts");
                }
                None => {}
            }
            match packets.filter(|why| capture != Choice::Off && why.reason != Reason::NeedsLinux) {
                Some(why) if why.remedy.is_empty() => text += &format!("{:<14} not seen: {why}\n", "packets"),
                Some(why) => text += &format!("{:<14} not seen: {why}; to see them: {}\n", "packets", why.remedy),
                None => {}
            }
            text += &format!("{:<14} {page}\n", "page");
        }
    }
    // Printed for whoever reads it; nobody has to.
    let _ = io::stdout().write_all(text.as_bytes()).and_then(|()| io::stdout().flush());
}

fn log_to_stderr(log: Log) {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("SOCKETSCOPE_LEVEL").unwrap_or_else(|_| EnvFilter::new("warn"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr).with_target(false);
    // A second subscriber in one process (tests) is not an error worth ending for.
    let _ = match log {
        Log::Text => builder.try_init(),
        Log::Json => builder.json().try_init(),
    };
}
