//! Refreshes SPICE data sets.

fn main() {}
