//! What the example binaries share: the wiring that every cron job needs and
//! that no library crate should have.
//!
//! A binary parses its arguments ([`config`]), installs the log ([`logs`]),
//! takes the lock ([`lock`]), listens for signals ([`signals`]) and its deadline
//! ([`deadline`]), does its work, and reports one [`ExitCode`]. This package is
//! unpublished and no published crate depends on it.

pub mod aws;
pub mod config;
pub mod credentials;
pub mod deadline;
pub mod destination;
pub mod exit;
pub mod failure;
pub mod lock;
pub mod logs;
pub mod object;
pub mod output;
pub mod progress;
pub mod run_args;
pub mod run_id;
pub mod signals;
mod source;
pub mod stop;
pub mod targets;
pub mod tls;
pub mod units;
pub mod when;

pub use exit::ExitCode;
pub use failure::Failure;
pub use run_id::RunId;
pub use stop::{Stop, StopCause};
pub use units::ByteSize;
