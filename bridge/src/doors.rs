//! Counts who is inside, in all and from each address.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard};

/// A door that lets so many in.
#[derive(Clone)]
pub struct Door(Arc<Shared>);

struct Shared {
    most: usize,
    most_each: usize,
    inside: Mutex<Inside>,
}

#[derive(Default)]
struct Inside {
    all: usize,
    each: HashMap<IpAddr, usize>,
}

/// Somebody is inside, as long as this lives.
pub struct Pass {
    door: Arc<Shared>,
    from: IpAddr,
}

/// The door is full.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// In all: the most there can be.
    All(usize),
    /// For this address: the most one address can have.
    Each(usize),
}

impl Door {
    /// A door for `most` in all and `most_each` from one address.
    #[must_use]
    pub fn new(most: usize, most_each: usize) -> Self {
        Self(Arc::new(Shared { most, most_each, inside: Mutex::default() }))
    }

    /// Lets somebody in.
    ///
    /// # Errors
    /// [`Full`] says which count is reached.
    pub fn enter(&self, from: IpAddr) -> Result<Pass, Full> {
        let mut inside = self.0.locked();
        if inside.all >= self.0.most {
            return Err(Full::All(self.0.most));
        }
        let each = inside.each.entry(from).or_default();
        if *each >= self.0.most_each {
            return Err(Full::Each(self.0.most_each));
        }
        *each += 1;
        inside.all += 1;
        Ok(Pass { door: Arc::clone(&self.0), from })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        let mut inside = self.door.locked();
        inside.all -= 1;
        if let Some(each) = inside.each.get_mut(&self.from) {
            *each -= 1;
            if *each == 0 {
                inside.each.remove(&self.from);
            }
        }
    }
}

impl Shared {
    fn locked(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("nothing panics while it counts")
    }
}

#[cfg(test)]
mod tests {
    use super::{Door, Full};

    #[test]
    fn a_door_counts_all_and_each() {
        let (a, b) = ("127.0.0.1".parse().unwrap(), "127.0.0.2".parse().unwrap());
        let door = Door::new(3, 2);
        let first = door.enter(a).unwrap();
        let _second = door.enter(a).unwrap();
        assert_eq!(door.enter(a).err(), Some(Full::Each(2)));
        let _third = door.enter(b).unwrap();
        assert_eq!(door.enter(b).err(), Some(Full::All(3)));
        drop(first);
        assert!(door.enter(a).is_ok());
    }
}
