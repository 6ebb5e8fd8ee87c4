//! What surrounds a run: alerts, pings, metrics, the lock across hosts, the no-progress
//! time-out and the gate on the size, by the real binaries.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod alerts;
mod bench;
mod canary;
mod ends;
mod failing;
mod idle;
mod locks;
mod metrics;
mod moto;
mod plans;
mod sizes;
