//! Which worlds there are, and with which one the page begins.

use super::Failure;
use crate::hosts::{Hosts, Starting};
use crate::recorder::Recorder;
use crate::world::this_computer::{ThisComputer, WorldOptions};
use crate::world::worlds::{Place, Worlds};
use crate::world::{Changed, World};
use clap::ValueEnum;
use protocol::{Reason, Unavailable, WorldKind};
use std::sync::Arc;

/// What can be said about worlds.
#[derive(clap::Args, Debug)]
#[group(id = "worlds")]
pub struct Args {
    /// Two hosts, joined by a wire that you control: it has to be possible, never, or where it is allowed.
    #[arg(long, env = "SOCKETSCOPE_HOSTS", value_enum, default_value_t = Choice::Auto)]
    hosts: Choice,

    /// The world that the page begins with. In this one, whatever program connects to the servers appears at once.
    #[arg(long, env = "SOCKETSCOPE_WORLD", value_enum, default_value_t = First::ThisComputer)]
    world: First,

    /// The socket file where `socketscope run` asks for the hosts [default: the user's own].
    #[cfg(unix)]
    #[arg(long, env = "SOCKETSCOPE_CONTROL", value_name = "PATH")]
    control: Option<std::path::PathBuf>,
}

/// Whether to have two hosts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// It has to be possible.
    On,
    /// Never.
    Off,
    /// Where it is allowed.
    Auto,
}

/// The world to begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum First {
    /// The operating system's own TCP/IP.
    ThisComputer,
    /// Two hosts and the wire between them.
    TwoHosts,
}

/// The worlds that run.
pub struct Standing {
    /// All of them.
    pub worlds: Arc<Worlds>,
    /// The one that is always there.
    pub this_computer: Arc<ThisComputer>,
    #[cfg(target_os = "linux")]
    two_hosts: Option<Arc<crate::world::two_hosts::TwoHosts>>,
    /// Why there are no two hosts.
    pub no_hosts: Option<Unavailable>,
}

impl Args {
    /// Starts the hosts and does not wait for them. To be called before there are other threads: a host ends with the
    /// thread that started it.
    ///
    /// # Errors
    /// [`Failure`], if the words contradict each other.
    pub fn hosts(&self) -> Result<Result<Starting, Unavailable>, Failure> {
        if self.hosts != Choice::Off {
            return Ok(Hosts::begin());
        }
        if self.needs_hosts() {
            return Err(Failure::Usage("--world two-hosts needs hosts; leave --hosts off out".into()));
        }
        Ok(Err(Unavailable {
            reason: Reason::SwitchedOff,
            detail: "two hosts are switched off".into(),
            remedy: "start with --hosts auto".into(),
        }))
    }

    fn needs_hosts(&self) -> bool {
        self.hosts == Choice::On || self.world == First::TwoHosts
    }

    /// Starts the worlds; the one the page begins with writes from its first call on. This computer serves before the
    /// hosts stand, unless there have to be hosts.
    ///
    /// # Errors
    /// [`Failure`], if servers cannot be bound, or if there have to be hosts and cannot be.
    pub async fn start(
        &self,
        recorder: &Recorder,
        hosts: Result<Starting, Unavailable>,
        options: WorldOptions,
    ) -> Result<Standing, Failure> {
        let hosts = if self.needs_hosts() {
            let hosts = stand(hosts).map_err(|why| {
                let remedy =
                    if why.remedy.is_empty() { String::new() } else { format!("; to have them: {}", why.remedy) };
                Failure::Usage(format!("there can be no two hosts here: {why}{remedy}"))
            })?;
            Later::There(hosts)
        } else {
            Later::Starting(hosts)
        };
        let first = match self.world {
            First::ThisComputer => WorldKind::ThisComputer,
            First::TwoHosts => WorldKind::TwoHosts,
        };
        let changed = Changed::default();
        let (here, between) = (recorder.voice(), recorder.voice());
        if first == WorldKind::TwoHosts {
            between.take_floor()
        } else {
            here.take_floor()
        };
        let settings = options.settings.clone();
        let this_computer = ThisComputer::beside(here.clone(), options, Arc::clone(&changed)).await;
        let this_computer = this_computer.map_err(|error| Failure::Usage(error.to_string()))?;
        #[cfg_attr(not(target_os = "linux"), expect(unused_mut, reason = "only Linux has a second place"))]
        let mut places = vec![Place { world: Arc::clone(&this_computer) as Arc<dyn World>, recorder: here }];
        #[cfg(target_os = "linux")]
        let (two_hosts, no_hosts) = match hosts.stand() {
            Ok(hosts) => {
                let settled =
                    crate::world::two_hosts::TwoHosts::start(between.clone(), hosts, settings, changed.clone());
                let two_hosts = settled.await.map_err(Failure::other)?;
                places.push(Place { world: Arc::clone(&two_hosts) as Arc<dyn World>, recorder: between });
                self.open_door(&two_hosts);
                (Some(two_hosts), None)
            }
            Err(why) => (None, Some(why)),
        };
        #[cfg(not(target_os = "linux"))]
        let no_hosts = {
            let _ = (settings, between);
            hosts.stand().err()
        };
        let missing = no_hosts.iter().map(|why| (WorldKind::TwoHosts, why.clone())).collect();
        let worlds = Worlds::new(places, missing, first, changed);
        Ok(Standing {
            worlds,
            this_computer,
            #[cfg(target_os = "linux")]
            two_hosts,
            no_hosts,
        })
    }

    #[cfg(target_os = "linux")]
    fn open_door(&self, two_hosts: &crate::world::two_hosts::TwoHosts) {
        let path = self.control.clone().unwrap_or_else(crate::hosts::default_control);
        match crate::hosts::Door::open(path.clone(), two_hosts.hosts()) {
            Ok(door) => two_hosts.serve(door),
            Err(error) => tracing::warn!(
                path = %path.display(), %error,
                "`socketscope run --in` will not find these hosts; choose another file with --control PATH"
            ),
        }
    }
}

/// Hosts that stand already, or will in a moment.
enum Later {
    There(Hosts),
    Starting(Result<Starting, Unavailable>),
}

impl Later {
    fn stand(self) -> Result<Hosts, Unavailable> {
        match self {
            Self::There(hosts) => Ok(hosts),
            Self::Starting(hosts) => stand(hosts),
        }
    }
}

/// Waits for the hosts; whatever else runs goes on.
fn stand(hosts: Result<Starting, Unavailable>) -> Result<Hosts, Unavailable> {
    hosts.and_then(|starting| tokio::task::block_in_place(|| starting.stand()))
}

impl Standing {
    /// Closes everything.
    pub async fn shutdown(&self) {
        #[cfg(target_os = "linux")]
        if let Some(two_hosts) = &self.two_hosts {
            tokio::join!(two_hosts.shutdown(), self.this_computer.shutdown());
            return;
        }
        self.this_computer.shutdown().await;
    }
}
