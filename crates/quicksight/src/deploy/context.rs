//! What every step needs: the service, the deadline, the wish to stop; and how a
//! call is repeated.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, ApiErrorKind, QuickSight};
use crate::wait;

use super::report::{Interruption, Problem};

/// A call under way.
pub(crate) type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, ApiError>> + Send + 'a>>;

/// Why a step did not end well.
#[derive(Debug)]
pub(crate) enum Stop {
    /// The run is to end; the asset can be gone on with by the next one.
    Interrupted(Interruption),
    /// The service refused or failed.
    Api(Box<ApiError>),
    /// What the service made is not what was asked for.
    Refused {
        reason: String,
        problems: Vec<Problem>,
    },
}

impl Stop {
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
            problems: Vec::new(),
        }
    }
}

impl From<ApiError> for Stop {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

impl std::fmt::Display for Stop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Interrupted(Interruption::Deadline) => f.write_str("the deadline passed"),
            Self::Interrupted(Interruption::Cancelled) => f.write_str("the run was cancelled"),
            Self::Api(error) => error.fmt(f),
            Self::Refused { reason, .. } => f.write_str(reason),
        }
    }
}

/// How long something that passes is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Between the first two attempts; doubles up to `longest`.
    pub(crate) first: Duration,
    pub(crate) longest: Duration,
    /// From the first attempt on.
    pub(crate) in_all: Duration,
}

/// The world of one deploy. Cheap to copy.
#[derive(Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) api: &'a dyn QuickSight,
    pub(crate) patience: Patience,
    deadline: Instant,
    cancel: Option<&'a CancellationToken>,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(
        api: &'a dyn QuickSight,
        patience: Patience,
        deadline: Instant,
        cancel: &'a CancellationToken,
    ) -> Self {
        Self {
            api,
            patience,
            deadline,
            cancel: Some(cancel),
        }
    }

    /// The same for what must be ended once it is begun: no wish to stop is heard,
    /// and there is `grace` beyond the deadline.
    pub(crate) fn unstoppable(self, grace: Duration) -> Self {
        Self {
            deadline: self.deadline.max(Instant::now()) + grace,
            cancel: None,
            ..self
        }
    }

    /// Whether the run is to end now.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        if self.cancel.is_some_and(CancellationToken::is_cancelled) {
            return Err(Stop::Interrupted(Interruption::Cancelled));
        }
        if Instant::now() >= self.deadline {
            return Err(Stop::Interrupted(Interruption::Deadline));
        }
        Ok(())
    }

    /// How long and how often a wait of [`wait`](crate::wait) asks within this run.
    pub(crate) fn waits(&self) -> wait::Patience {
        wait::Patience::until(self.deadline)
            .with_pauses(self.patience.first, self.patience.longest)
            .with_unseen_for(self.patience.in_all)
    }

    /// Awaits something that may be dropped anywhere: a read, a wait, a pause.
    pub(crate) async fn interruptible<T>(&self, work: impl Future<Output = T>) -> Result<T, Stop> {
        let cancelled = async {
            match self.cancel {
                Some(cancel) => cancel.cancelled().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            () = cancelled => Err(Stop::Interrupted(Interruption::Cancelled)),
            done = timeout_at(self.deadline, work) => {
                done.map_err(|_| Stop::Interrupted(Interruption::Deadline))
            }
        }
    }

    /// Reads; what was just made may take a moment to be found.
    pub(crate) async fn read<T>(
        &self,
        just_made: bool,
        call: impl Fn() -> Call<'a, T>,
    ) -> Result<T, Stop> {
        self.repeat(call, |error| {
            error.kind == ApiErrorKind::Conflict || (just_made && error.is_not_found())
        })
        .await
    }

    /// Writes; another change of the same asset that is in progress is waited for,
    /// within a bound. Every other error is final at once.
    pub(crate) async fn write<T>(&self, call: impl Fn() -> Call<'a, T>) -> Result<T, Stop> {
        self.repeat(call, |error| error.kind == ApiErrorKind::Conflict)
            .await
    }

    /// Writes to what was just made.
    pub(crate) async fn write_new<T>(&self, call: impl Fn() -> Call<'a, T>) -> Result<T, Stop> {
        self.repeat(call, |error| {
            error.kind == ApiErrorKind::Conflict || error.is_not_found()
        })
        .await
    }

    /// Makes one attempt, whatever it ends with.
    pub(crate) async fn once<T>(&self, call: impl Fn() -> Call<'a, T>) -> Result<T, Stop> {
        self.repeat(call, |_| false).await
    }

    async fn repeat<T>(
        &self,
        call: impl Fn() -> Call<'a, T>,
        passes: impl Fn(&ApiError) -> bool,
    ) -> Result<T, Stop> {
        let started = Instant::now();
        let mut pause = self.patience.first;
        loop {
            // A call under way is never dropped for a wish to stop: nobody would
            // know what it did. It has the deadline and a little more.
            let answer = timeout_at(self.deadline + self.patience.in_all, call())
                .await
                .map_err(|_| Stop::Interrupted(Interruption::Deadline))?;
            match answer {
                Ok(answer) => return Ok(answer),
                Err(error) if passes(&error) && started.elapsed() < self.patience.in_all => {
                    tracing::debug!(%error, "it passes: trying again");
                }
                Err(error) => return Err(error.into()),
            }
            self.pause(pause).await?;
            pause = (pause * 2).min(self.patience.longest);
        }
    }

    /// Waits about this long.
    pub(crate) async fn pause(&self, about: Duration) -> Result<(), Stop> {
        let jittered = about.mul_f64(0.75 + fastrand::f64() / 2.0);
        self.interruptible(sleep(jittered)).await
    }
}
