//! Doubles for tests of this crate and of what is built on it.

pub mod double;
