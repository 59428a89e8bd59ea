//! `socketscope`.

fn main() {}
