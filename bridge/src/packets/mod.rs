//! What packets say, wherever they were seen: whose conversation they belong to, and the states that follow.

mod allowance;
mod conversations;

pub use allowance::Allowance;
pub use conversations::Conversations;
