//! What the example binaries share: the wiring that every cron job needs and
//! that no library crate should have.
//!
//! A binary says what it makes of which arguments ([`Program`]) and hands itself to
//! [`launch`](launch::launch): arguments ([`config`]), log ([`logs`]), signals
//! ([`signals`]), deadline ([`deadline`]), then a run ([`run`]), a look ahead
//! ([`dry_run`]) or the doctor ([`check`]), those who are told ([`operations`]), and one
//! [`ExitCode`]. This package is
//! unpublished and no published crate depends on it.

pub mod activity;
pub mod args;
pub mod aws;
pub mod check;
pub mod config;
pub mod credentials;
pub mod deadline;
pub mod destination;
pub mod dry_run;
pub mod exit;
pub mod failure;
pub mod gates;
pub mod input;
pub mod job;
pub mod launch;
pub mod lock;
pub mod logs;
pub mod metrics;
pub mod notify;
pub mod object;
pub mod operations;
pub mod output;
pub mod program;
pub mod progress;
mod publish;
pub mod run;
pub mod run_args;
pub mod run_id;
pub mod signals;
mod size;
mod source;
pub mod stop;
pub mod summary;
pub mod tail;
pub mod targets;
pub mod tls;
pub mod tool;
pub mod units;
pub mod when;

pub use exit::ExitCode;
pub use failure::Failure;
pub use job::{Job, Source};
pub use program::{Product, Program};
pub use run_id::RunId;
pub use stop::{Stop, StopCause};
pub use units::ByteSize;
