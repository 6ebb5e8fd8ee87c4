//! The `dashboards` program as people and CI jobs run it: the real binary against a
//! double of the service.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod bench;
mod ci;
mod commands;
mod complaints;
mod errors;
mod faults;
mod kill;
mod large;
mod locks;
mod plans;
mod proxy;
