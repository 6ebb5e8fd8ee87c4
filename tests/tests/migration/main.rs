//! The runbook of the migration, carried out: every command in it runs here, or says that it
//! needs a real account.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod carried_out;
mod world;
