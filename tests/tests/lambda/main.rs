//! The Lambda function, as the service runs it: the emulator of the Runtime API starts
//! the real bootstrap, which talks to a double of QuickSight and a strict S3.
//!
//! `LAMBDA_COMMAND` names another bootstrap, by absolute paths: that of a zip, or
//! `…/target/arm64/bin/qemu-aarch64 …/bootstrap` for that of the other architecture.

mod bench;
mod contract;
mod deadlines;
mod emulator;
mod events;
