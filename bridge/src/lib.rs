//! The native program of Socketscope.

pub mod recorder;
pub mod world;
