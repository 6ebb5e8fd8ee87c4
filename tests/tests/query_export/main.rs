//! The query jobs as cron runs them: the real binary, a private database server, and
//! doubles of Secrets Manager and S3.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod bench;
mod canary;
mod checks;
mod faults;
mod formats;
mod gates;
mod jobs;
mod memory;
mod parameters;
mod refusals;
mod runs;
mod stop;
