//! The `spice-refresh` program as cron jobs and people run it: the real binary against
//! doubles of QuickSight and S3.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod bench;
mod errors;
mod gate;
mod nights;
mod schedules;
mod stops;
