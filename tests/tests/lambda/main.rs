//! The Lambda function, as the service runs it: the emulator of the Runtime API starts
//! the real bootstrap, which talks to a double of QuickSight and a strict S3.
//!
//! `LAMBDA_COMMAND` names another bootstrap, by absolute paths: that of a zip, or
//! `…/target/arm64/bin/qemu-aarch64 …/bootstrap` for that of the other architecture.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod bench;
mod contract;
mod deadlines;
mod emulator;
mod events;
