//! What works on this computer; for what does not, why, and the exact remedy.

mod machine;
mod sockets;

use serde::Serialize;

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What.
    pub name: &'static str,
    /// Whether it works.
    pub ok: bool,
    /// Why not, or what was found.
    pub why: String,
    /// What would help: a command or a flag; empty if nothing is needed or nothing helps.
    pub remedy: String,
}

impl Check {
    fn yes(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, ok: true, why: found.into(), remedy: String::new() }
    }

    fn no(name: &'static str, why: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, ok: false, why: why.into(), remedy: remedy.into() }
    }
}

/// Tries everything. Nothing is changed, and nothing is sent beyond the loopback interface.
#[must_use]
pub fn examine() -> Vec<Check> {
    let mut checks = sockets::checks();
    checks.extend(machine::checks());
    checks
}
