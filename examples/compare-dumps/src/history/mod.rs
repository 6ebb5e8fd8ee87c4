//! What the days so far say about the cutover.
//!
//! [`rules`] is the configuration, [`day`] what one day is to them, [`decide`] the
//! answer. None of the three reads a clock, a file or the network.

pub(crate) mod day;
pub(crate) mod decide;
pub(crate) mod rules;
#[cfg(test)]
mod tests;

pub(crate) use day::{Day, Side, State};
pub(crate) use decide::{Answer, Check, Decision, Effect};
pub(crate) use rules::{Rules, SizeOf};
