//! A stage: a world in which a script is played, and what was seen there.

use super::account::{Account, Cast, account};
use super::page::Page;
use protocol::script::{Action, Script, Step};
use protocol::{Ability, ServerInfo, Unavailable, Witness, WorldKind};
use std::time::Duration;
use support::running::Running;
use support::session::Session;

/// How long an account may take to become what it is to be, once the script is over.
const PATIENCE: Duration = Duration::from_secs(10);

/// Where a script can be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum World {
    /// This computer, with the packets of its loopback interface.
    ThisComputer,
    /// This computer, where nobody may see packets.
    Unseen,
    /// Two hosts.
    TwoHosts,
    /// In this page.
    InThisPage,
}

impl World {
    /// Whether it has a wire in one's hand.
    pub fn has_wire(self) -> bool {
        matches!(self, Self::TwoHosts | Self::InThisPage)
    }
}

/// A world that has just begun.
pub struct Stage {
    servers: Vec<ServerInfo>,
    place: Place,
}

enum Place {
    Bridge { session: Box<Session>, _running: Box<Running> },
    Page(Box<Page>),
}

impl Stage {
    /// Builds it.
    pub async fn build(world: World) -> Self {
        let running = match world {
            World::InThisPage => {
                let page = Page::new();
                return Self { servers: page.lab.servers(), place: Place::Page(Box::new(page)) };
            }
            World::TwoHosts => Running::two_hosts().await,
            World::ThisComputer => Running::start().await,
            World::Unseen => Running::with(&["--capture", "off"]).await,
        };
        let session = running.session().await;
        let servers = session.welcome.servers.clone();
        Self { servers, place: Place::Bridge { session: Box::new(session), _running: Box::new(running) } }
    }

    /// Why no packets are seen, if so.
    pub fn sees_no_packets(&self) -> Option<&Unavailable> {
        let Place::Bridge { session, .. } = &self.place else { return None };
        let here = session.welcome.worlds.iter().find(|info| info.kind == WorldKind::ThisComputer)?;
        here.capabilities.iter().find(|known| known.ability == Ability::Packets)?.unavailable.as_ref()
    }

    /// Plays a script to its end, and goes on until the account is as it is to be, or patience ends.
    pub async fn play(&mut self, script: &Script, is_right: impl Fn(&Account) -> bool) -> Account {
        match &mut self.place {
            Place::Bridge { session, .. } => session.play(script).await,
            Place::Page(page) => page.play(script),
        }
        let cast = self.cast(script);
        match &mut self.place {
            Place::Page(page) => page.settle(),
            Place::Bridge { session, .. } => {
                // What is not right yet may be on its way.
                let settled =
                    async { while !is_right(&account(&cast, session.events())) && session.next().await.is_some() {} };
                let _ = tokio::time::timeout(PATIENCE, settled).await;
            }
        }
        account(&cast, self.witness().events())
    }

    /// Everything seen, a line for each event.
    pub fn seen(&self) -> String {
        self.witness().events().iter().map(|event| support::session::line(event) + "\n").collect()
    }

    fn cast(&self, script: &Script) -> Cast {
        let mut cast = Cast::default();
        for step in &script.steps {
            if let Step::Do(Action::Open(name, play)) = step
                && let Some(client) = self.witness().client(name)
            {
                cast.plays(name, client, play, &self.servers);
            }
        }
        cast
    }

    fn witness(&self) -> &Witness {
        match &self.place {
            Place::Bridge { session, .. } => &session.witness,
            Place::Page(page) => &page.witness,
        }
    }
}
