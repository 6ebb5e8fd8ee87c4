//! The exit codes: as of diff, and one more.

use datatransit_job::{ExitCode, Failure};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The same; go; recorded; accepted.
    Good,
    /// Different; not yet; not accepted.
    Bad,
    /// Roll back.
    RollBack,
}

impl Exit {
    /// The number for the operating system.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Good => 0,
            Self::Bad => 1,
            Self::RollBack => 3,
        }
    }
}

/// The number of a failed run: trouble, unless a signal ended it.
pub(crate) const fn trouble(failure: &Failure) -> u8 {
    match failure.exit() {
        ExitCode::Interrupted | ExitCode::Terminated => failure.exit().code(),
        _ => 2,
    }
}
