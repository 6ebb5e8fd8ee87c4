//! What ends a run early: the first reason wins and cancels one token.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

use crate::ExitCode;

/// Why a run was asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StopCause {
    /// SIGINT, as from Ctrl-C.
    Interrupted,
    /// SIGTERM, as from a deploy or a reboot.
    Terminated,
    /// The deadline passed.
    Deadline,
}

impl StopCause {
    /// Returns the exit code that says so.
    #[must_use]
    pub const fn exit(self) -> ExitCode {
        match self {
            Self::Interrupted => ExitCode::Interrupted,
            Self::Terminated => ExitCode::Terminated,
            Self::Deadline => ExitCode::Deadline,
        }
    }

    /// Says it in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted by SIGINT",
            Self::Terminated => "ended by SIGTERM",
            Self::Deadline => "the deadline passed",
        }
    }
}

/// One stop order, shared by the signal handler, the deadline and the work.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    token: CancellationToken,
    cause: Arc<OnceLock<StopCause>>,
}

impl Stop {
    /// Makes one that nobody has asked for yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop. Returns whether this was the first request.
    pub fn request(&self, cause: StopCause) -> bool {
        let first = self.cause.set(cause).is_ok();
        self.token.cancel();
        first
    }

    /// Returns the first cause, if any.
    #[must_use]
    pub fn cause(&self) -> Option<StopCause> {
        self.cause.get().copied()
    }

    /// Returns the token to hand to the libraries.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_cause_wins() {
        let stop = Stop::new();
        assert_eq!(stop.cause(), None);
        assert!(!stop.token().is_cancelled());
        assert!(stop.request(StopCause::Deadline));
        assert!(!stop.request(StopCause::Terminated));
        assert_eq!(stop.cause(), Some(StopCause::Deadline));
        assert!(stop.token().is_cancelled());
    }
}
