//! What ends a run early: the first reason wins and cancels one token.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::anyhow;
use tokio_util::sync::CancellationToken;

use crate::{ExitCode, Failure};

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
    /// Nothing moved any more.
    Idle,
    /// Somebody else may hold the lock.
    LockLost,
}

impl StopCause {
    /// Returns the exit code that says so.
    #[must_use]
    pub const fn exit(self) -> ExitCode {
        match self {
            Self::Interrupted => ExitCode::Interrupted,
            Self::Terminated => ExitCode::Terminated,
            Self::Deadline | Self::Idle => ExitCode::Deadline,
            Self::LockLost => ExitCode::Locked,
        }
    }

    /// Says it in words.
    #[must_use]
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted by SIGINT",
            Self::Terminated => "ended by SIGTERM",
            Self::Deadline => "the deadline passed",
            Self::Idle => "nothing moved any more",
            Self::LockLost => "the lock was lost",
        }
    }
}

/// One stop order, shared by the signal handler, the deadline and the work.
#[derive(Clone, Debug, Default)]
pub struct Stop {
    token: CancellationToken,
    cause: Arc<OnceLock<(StopCause, Option<String>)>>,
}

impl Stop {
    /// Makes one that nobody has asked for yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks the run to stop. Returns whether this was the first request.
    pub fn request(&self, cause: StopCause) -> bool {
        self.set(cause, None)
    }

    /// As [`request`](Self::request), with a sentence that says more than the cause.
    pub fn request_because(&self, cause: StopCause, reason: String) -> bool {
        self.set(cause, Some(reason))
    }

    fn set(&self, cause: StopCause, reason: Option<String>) -> bool {
        let first = self.cause.set((cause, reason)).is_ok();
        self.token.cancel();
        first
    }

    /// Returns the first cause, if any.
    #[must_use]
    pub fn cause(&self) -> Option<StopCause> {
        self.cause.get().map(|(cause, _)| *cause)
    }

    /// Returns the token to hand to the libraries.
    #[must_use]
    pub fn token(&self) -> CancellationToken {
        self.token.clone()
    }

    /// Returns the failure of a run that was asked to stop during `stage`, if it was.
    #[must_use]
    pub fn failure(&self, stage: &'static str) -> Option<Failure> {
        let (cause, reason) = self.cause.get()?;
        let reason = reason.as_deref().unwrap_or_else(|| cause.reason());
        Some(Failure::new(
            cause.exit(),
            stage,
            anyhow!(reason.to_owned()),
        ))
    }

    /// Does the work of a stage unless a stop is asked for first.
    ///
    /// A stop gives the work `grace` to end by itself, then drops it: give time to
    /// what cleans up, and none to what may be dropped anywhere.
    ///
    /// # Errors
    /// The work's own failure; the stop's when the work was dropped, or failed
    /// after a stop was asked for.
    pub async fn guard<T>(
        &self,
        stage: &'static str,
        grace: Duration,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let over = async {
            self.token.cancelled().await;
            tokio::time::sleep(grace).await;
        };
        let result = tokio::select! {
            result = work => result,
            () = over => Err(Failure::new(ExitCode::Other, stage, anyhow!("dropped"))),
        };
        result.map_err(|failure| self.failure(stage).unwrap_or(failure))
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

    #[tokio::test(start_paused = true)]
    async fn work_in_its_grace_still_counts_and_hung_work_is_dropped() {
        let stop = Stop::new();
        stop.request(StopCause::Terminated);
        let grace = Duration::from_secs(30);
        let work = |seconds| async move {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            Ok(7)
        };
        assert_eq!(stop.guard("publish", grace, work(20)).await.unwrap(), 7);
        let failure = stop.guard("publish", grace, work(40)).await.unwrap_err();
        assert_eq!(
            (failure.exit(), failure.stage()),
            (ExitCode::Terminated, "publish")
        );
    }

    #[tokio::test]
    async fn a_failure_of_its_own_stays_unless_a_stop_caused_it() {
        let stop = Stop::new();
        let work = || async { Err::<(), _>(Failure::usage(anyhow!("x"))) };
        let failure = stop
            .guard("read", Duration::ZERO, work())
            .await
            .unwrap_err();
        assert_eq!(failure.exit(), ExitCode::Usage);
        stop.request(StopCause::Deadline);
        let failure = stop
            .guard("read", Duration::ZERO, work())
            .await
            .unwrap_err();
        assert_eq!(failure.exit(), ExitCode::Deadline);
    }
}
