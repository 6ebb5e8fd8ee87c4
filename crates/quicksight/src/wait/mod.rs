//! Waiting for what the service goes on with after it has answered.
//!
//! Every wait has a deadline on tokio's clock, knows every final state, and bounds
//! what it does not know by the deadline. A wait that ran out says what it saw
//! last, and the same call can be made again to go on waiting: nothing is started
//! here.

mod error;
mod patience;
mod waiters;

pub use self::{
    error::WaitError,
    patience::{Patience, retry},
    waiters::{wait_for_asset, wait_for_deletion, wait_for_ingestion, wait_for_version},
};
