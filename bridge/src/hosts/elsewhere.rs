//! Two hosts where there is no Linux kernel to play them.

use protocol::{Reason, Unavailable};
use std::convert::Infallible;
use std::process::ExitCode;

/// Two hosts, of which there are none here.
#[derive(Debug)]
pub struct Hosts(Infallible);

/// Two hosts that do not stand yet, and never will.
#[derive(Debug)]
pub struct Starting(Infallible);

impl Starting {
    /// Never called, because nobody has one.
    ///
    /// # Errors
    /// None.
    pub fn stand(self) -> Result<Hosts, Unavailable> {
        match self.0 {}
    }
}

impl Hosts {
    /// Says why not.
    ///
    /// # Errors
    /// Always: [`Reason::NeedsLinux`].
    pub fn begin() -> Result<Starting, Unavailable> {
        Err(Unavailable {
            reason: Reason::NeedsLinux,
            detail: "Two hosts needs the network namespaces of Linux".to_owned(),
            remedy: String::new(),
        })
    }
}

/// Never the helper, because nobody starts one here.
#[must_use]
pub fn helper() -> Option<ExitCode> {
    None
}
