//! What a page must know to begin.

use crate::members::Seat;
use crate::world::World;
use protocol::{Epoch, Nanos, Reason, Unavailable, Welcome, WorldInfo, WorldKind};

/// The answer to `Hello`.
#[must_use]
pub fn welcome(world: &dyn World, seat: &Seat, epoch: Epoch, now: Nanos) -> Welcome {
    Welcome {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        epoch,
        now,
        member: seat.id(),
        token: seat.token().to_owned(),
        world: world.kind(),
        worlds: worlds(world),
        servers: world.servers(),
        settings: world.settings(),
        targets: world.targets(),
        system: system(),
    }
}

/// Every world one could wish to be in, with the reason where one cannot.
#[must_use]
pub fn worlds(world: &dyn World) -> Vec<WorldInfo> {
    let all = [WorldKind::ThisComputer, WorldKind::TwoHosts, WorldKind::InThisPage];
    all.into_iter().map(|kind| if kind == world.kind() { world.info() } else { coming(kind) }).collect()
}

fn coming(kind: WorldKind) -> WorldInfo {
    WorldInfo { kind, unavailable: Some(unavailable(kind)), capabilities: Vec::new() }
}

/// Why one cannot go there.
#[must_use]
pub fn unavailable(kind: WorldKind) -> Unavailable {
    let detail = match kind {
        WorldKind::ThisComputer => "this computer's own TCP/IP is not running",
        WorldKind::TwoHosts => "two hosts, joined by a wire of ours, come in a later version",
        WorldKind::InThisPage => "two hosts simulated in the page come in a later version",
        WorldKind::Replay => "a recorded trace is opened by the page itself",
    };
    Unavailable { reason: Reason::ComingLater, detail: detail.to_owned(), remedy: String::new() }
}

/// The operating system: `Linux 6.18`.
#[must_use]
pub fn system() -> String {
    #[cfg(target_os = "linux")]
    if let Ok(release) = std::fs::read_to_string("/proc/sys/kernel/osrelease") {
        let short: Vec<&str> = release.trim().splitn(3, ['.', '-']).take(2).collect();
        return format!("Linux {}", short.join("."));
    }
    match std::env::consts::OS {
        "linux" => "Linux",
        "macos" => "macOS",
        "windows" => "Windows",
        other => other,
    }
    .to_owned()
}
