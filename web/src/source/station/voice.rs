//! How a source speaks to the page.

use super::Station;
use crate::source::{Link, Place};
use crate::store::Store;
use protocol::message::Welcome;
use std::rc::Weak;

/// What a source says to the page.
#[derive(Clone)]
pub struct Voice {
    pub(super) station: Weak<Station>,
    pub(super) place: Place,
}

impl Voice {
    /// The store, while this source is heard.
    #[must_use]
    pub fn store(&self) -> Option<Store> {
        let station = self.station.upgrade()?;
        let heard = station.inner.borrow().heard == self.place;
        heard.then_some(station.store)
    }

    /// Who this source is. While it is heard the store knows its servers and settings from then on.
    pub fn welcome(&self, welcome: Welcome) {
        let Some(station) = self.station.upgrade() else { return };
        let heard = self.store();
        if let Some(store) = heard {
            store.servers.set(welcome.servers.clone());
            store.settings.set(welcome.settings.clone());
        }
        let world = welcome.world;
        if let Some(seat) = station.inner.borrow_mut().seat_mut(self.place) {
            seat.welcome = Some(welcome);
        }
        station.publish();
        if heard.is_some() {
            station.arrive(world);
        }
    }

    /// Whether it can be reached.
    pub fn link(&self, link: Link) {
        let Some(station) = self.station.upgrade() else { return };
        let nobody = {
            let mut inner = station.inner.borrow_mut();
            let heard = inner.heard == self.place;
            let Some(seat) = inner.seat_mut(self.place) else { return };
            // Whoever said something at parting is there, and a story that began stays on the screen.
            let nobody = heard && seat.welcome.is_none() && matches!(link, Link::Away { farewell: None, .. });
            seat.link = link;
            let nobody = nobody && self.place == Place::Bridge;
            inner.by_itself |= nobody;
            nobody
        };
        if nobody {
            station.go_to_lab(Box::new(|_| ()));
        } else {
            station.publish();
        }
    }

    /// What was said last about whether it can be reached.
    #[must_use]
    pub fn linked(&self) -> Link {
        let station = self.station.upgrade();
        station.and_then(|station| Some(station.inner.borrow().seat(self.place)?.link.clone())).unwrap_or_default()
    }
}
