//! The native program of Socketscope.

pub mod capture;
pub mod cli;
pub mod client;
pub mod doctor;
pub mod doors;
pub mod echo;
pub mod export;
pub mod guard;
pub mod hosts;
pub mod http;
pub mod kernel;
pub mod limits;
pub mod members;
pub mod packets;
pub mod probe;
pub mod recorder;
pub mod relay;
pub mod serve;
pub mod session;
pub mod site;
pub mod sockets;
pub mod sys;
pub mod trace_file;
pub mod world;

/// 128 random bits from the system, for tokens and names that nobody may guess.
#[must_use]
pub fn random() -> u128 {
    let mut bytes = [0; 16];
    // Without randomness no token is safe, and no system we run on lacks it.
    getrandom::fill(&mut bytes).expect("the system has a random number generator");
    u128::from_ne_bytes(bytes)
}
