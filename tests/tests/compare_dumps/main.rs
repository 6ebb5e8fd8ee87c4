//! `compare-dumps OLD NEW` as cron runs it: the real binary, files, and a double of S3.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod bench;
mod configuration;
mod reading;
mod real_jobs;
mod reports;
mod stops;
mod verdicts;
