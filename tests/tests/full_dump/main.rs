//! The cron job as cron runs it: the real binary, a private database server, and
//! doubles of Secrets Manager and S3.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod bench;
mod canary;
mod configuration;
mod exit_codes;
mod gaps;
mod gates;
mod guards;
mod if_exists;
mod kill;
mod memory;
mod modes;
mod mysql;
mod proxy;
mod publish;
mod splitter;
