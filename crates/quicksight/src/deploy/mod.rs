//! Deploy: a transaction for each asset, in dependency order.
//!
//! Of a dashboard: the version that readers see is noted; a new one is made, or one
//! that a run before this one made is found; exactly that number is waited for, then
//! published; rights, tags, folders and links are made as the file says; all is read
//! back and compared. Whatever fails, the old version is published again and the new
//! one removed. Assets that do not depend on a failed one go on; the others are
//! skipped and named.
//!
//! A deploy that ends anywhere, even by a kill, is gone on with by the next one.

mod access;
mod content;
mod context;
mod deployer;
mod live;
mod lock;
mod options;
mod parts;
mod problems;
mod report;
mod schedule;
mod settle;
mod target;
mod transaction;
mod undo;

pub(crate) use self::{
    context::{Context, Stop},
    deployer::order,
    live::Live,
    target::Target,
};
pub use self::{
    deployer::Deployer,
    lock::{DeployLock, HeldLock, LockError, NoLock},
    options::{DeployOptions, OnMismatch},
    report::{
        AssetReport, AuditReport, Interruption, Origin, Outcome, Problem, Step, StepReport,
        StepResult,
    },
};
