//! Who is who, and when: the identities every event carries, and the clock it carries them with.
//!
//! All numbers are dense and small, and mean something only inside one [`Epoch`].

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// One unbroken story: new on restart, world switch, clear and fork.
///
/// Two events can be compared, and a viewer can resume, only within one epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Epoch {
    /// Which start of the producer; random, so that two bridges never share one.
    pub boot: Boot,
    /// Which story of that start, from 0.
    pub run: u32,
}

/// A random 128-bit number that names one start of a producer.
///
/// In JSON it is 32 hexadecimal digits, because no JavaScript number holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Boot(pub u128);

impl Serialize for Boot {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if to.is_human_readable() { to.collect_str(self) } else { self.0.serialize(to) }
    }
}

impl<'de> Deserialize<'de> for Boot {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        if !from.is_human_readable() {
            return u128::deserialize(from).map(Self);
        }
        let digits = String::deserialize(from)?;
        u128::from_str_radix(&digits, 16)
            .map(Self)
            .map_err(|_| de::Error::custom("a boot is up to 32 hexadecimal digits"))
    }
}

impl fmt::Display for Boot {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{:032x}", self.0)
    }
}

/// The place of an event in its epoch's record: dense, from 1, in **recording order, not time order**.
///
/// 0 is "before the first". Sort by [`Nanos`] to draw, by `Seq` to resume.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Seq(pub u64);

impl Seq {
    /// The one after this.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

impl fmt::Display for Seq {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(to)
    }
}

/// Nanoseconds since the epoch began, on `CLOCK_MONOTONIC` or in virtual time; or a length of time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Nanos(pub u64);

impl Nanos {
    /// So many microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros * 1_000)
    }

    /// So many milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis * 1_000_000)
    }

    /// In milliseconds, with the fraction.
    #[must_use]
    pub fn as_millis(self) -> f64 {
        // Exact up to 104 days, which no epoch reaches.
        self.0 as f64 / 1e6
    }

    /// The time from `earlier` to this, 0 if `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Self {
        Self(self.0.saturating_sub(earlier.0))
    }

    /// This much later.
    #[must_use]
    pub fn after(self, span: Self) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub struct $name(pub u32);

        impl fmt::Display for $name {
            fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(to)
            }
        }
    };
}

id!(
    /// A TCP/IP stack: this computer, the client host, the server host.
    HostId
);
id!(
    /// A program with calls of its own: a server, a client, somebody's `nc`.
    ProgramId
);
id!(
    /// A socket. Keyed on the socket cookie where the system has one, so a reused descriptor is another socket.
    SocketId
);
id!(
    /// A conversation between two ends: a connection, or two addresses that exchange datagrams.
    FlowId
);
id!(
    /// One call of one program, from [`Entered`](crate::call::Phase::Entered) to `Returned`.
    CallId
);
id!(
    /// One packet on one wire; a copy made by the wire has an identity of its own.
    PacketId
);
id!(
    /// One datagram as the sending program gave it, however many packets carry it.
    DatagramId
);
id!(
    /// One of the echo servers of a world.
    ServerId
);
id!(
    /// A person at a page. Owns clients, and keeps them a while after the last session ends.
    MemberId
);

/// A command's name in the story, given when it is answered.
///
/// A session numbers its commands as it likes; this number is the member's, so two sessions of one member never share it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommandId {
    /// Who gave it.
    pub by: MemberId,
    /// The member's own count.
    pub number: u32,
}
