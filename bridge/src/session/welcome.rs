//! What a page must know to begin.

use crate::members::Seat;
use crate::world::World;
use protocol::{Epoch, Nanos, Welcome};

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
        worlds: world.worlds(),
        servers: world.servers(),
        settings: world.settings(),
        targets: world.targets(),
        system: system(),
    }
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
