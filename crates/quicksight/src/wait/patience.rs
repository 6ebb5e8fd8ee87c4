//! How long, and how often.

use std::{fmt, future::Future, time::Duration};

use tokio::time::{Instant, sleep_until, timeout_at};

use super::WaitError;
use crate::api::{ApiError, ApiErrorKind};

/// How long to wait, and how often to ask.
///
/// The deadline is a point in time, so one value bounds a whole chain of waits.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Patience {
    /// When to give up.
    pub deadline: Instant,
    /// Pause after the first question; the following grow by half each.
    pub first_pause: Duration,
    /// Longest pause between two questions.
    pub longest_pause: Duration,
    /// How long "not found" is taken for "not yet seen", from the start of the wait.
    pub unseen_for: Duration,
}

impl Patience {
    /// Waits for this long from now on; asks after half a second, then more and more
    /// seldom, at least every ten seconds; takes "not found" for "not yet" for thirty
    /// seconds.
    pub fn within(time: Duration) -> Self {
        let now = Instant::now();
        // So far away that nobody lives to see it, where the clock does not reach.
        let far = || now + Duration::from_secs(10 * 365 * 24 * 3600);
        Self::until(now.checked_add(time).unwrap_or_else(far))
    }

    /// Waits until a point in time; otherwise as [`Patience::within`].
    pub fn until(deadline: Instant) -> Self {
        Self {
            deadline,
            first_pause: Duration::from_millis(500),
            longest_pause: Duration::from_secs(10),
            unseen_for: Duration::from_secs(30),
        }
    }

    /// Sets the first and the longest pause.
    #[must_use]
    pub fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }

    /// Sets how long "not found" is taken for "not yet seen".
    #[must_use]
    pub fn with_unseen_for(mut self, time: Duration) -> Self {
        self.unseen_for = time;
        self
    }
}

/// Makes a call again while it fails in a way that passes, until the deadline.
///
/// What passes is for `again` to say; throttling, lost connections and failures of the
/// service always do. Pauses grow and are spread by chance, so that many callers do not
/// come back together.
///
/// ```
/// # use datatransit_quicksight::{ApiError, ApiErrorKind, AssetId, QuickSight, wait::{Patience, WaitError, retry}};
/// # async fn example(api: &dyn QuickSight, id: &AssetId, patience: &Patience) -> Result<(), WaitError> {
/// // The service refuses to publish while it still works on the dashboard.
/// retry(patience, "publish", |error| error.kind == ApiErrorKind::Conflict, || api.publish(id, 7)).await?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// [`WaitError::Api`] at once for an error that does not pass, [`WaitError::Deadline`]
/// with the last error when time ran out.
pub async fn retry<T, F, Fut>(
    patience: &Patience,
    subject: impl fmt::Display,
    again: impl Fn(&ApiError) -> bool,
    mut call: F,
) -> Result<T, WaitError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, ApiError>>,
{
    let mut pace = Pace::new(patience);
    loop {
        let Ok(answer) = timeout_at(patience.deadline, call()).await else {
            return Err(pace.run_out(subject));
        };
        match answer {
            Ok(value) => return Ok(value),
            Err(error) if passes(&error) || again(&error) => pace.failed(error),
            Err(error) => return Err(Pace::refused(subject, error)),
        }
        if !pace.pause().await {
            return Err(pace.run_out(subject));
        }
    }
}

/// Whether a failure goes by of itself, whatever was asked.
fn passes(error: &ApiError) -> bool {
    matches!(
        error.kind,
        ApiErrorKind::Throttled | ApiErrorKind::Unreachable | ApiErrorKind::Service
    )
}

/// The course of one wait.
pub(super) struct Pace<'a> {
    patience: &'a Patience,
    began: Instant,
    next_pause: Duration,
    last_status: Option<String>,
    last_error: Option<Box<ApiError>>,
}

impl<'a> Pace<'a> {
    pub(super) fn new(patience: &'a Patience) -> Self {
        Self {
            patience,
            began: Instant::now(),
            next_pause: patience.first_pause,
            last_status: None,
            last_error: None,
        }
    }

    /// Notes a state that is not final. A change of state is a sign that the next may
    /// be near: pauses begin small again.
    pub(super) fn saw(&mut self, status: &str) {
        if self.last_status.as_deref() != Some(status) {
            self.next_pause = self.patience.first_pause;
            self.last_status = Some(status.to_owned());
        }
        self.last_error = None;
    }

    fn failed(&mut self, error: ApiError) {
        tracing::debug!(%error, "asking again");
        self.last_error = Some(Box::new(error));
    }

    /// Notes an error, and gives it back if it will not pass.
    pub(super) fn bear(&mut self, error: ApiError) -> Result<(), ApiError> {
        let unseen = error.is_not_found() && self.began.elapsed() < self.patience.unseen_for;
        if unseen || passes(&error) || error.kind == ApiErrorKind::Conflict {
            self.failed(error);
            Ok(())
        } else {
            Err(error)
        }
    }

    /// Sleeps before the next question; `false` when there is no time for another.
    pub(super) async fn pause(&mut self) -> bool {
        // Between three quarters and the whole.
        let pause = self.next_pause.mul_f64(0.75 + fastrand::f64() / 4.0);
        self.next_pause = self
            .next_pause
            .mul_f64(1.5)
            .min(self.patience.longest_pause);
        let now = Instant::now();
        if now >= self.patience.deadline {
            return false;
        }
        // The last question is asked close before the deadline.
        sleep_until((now + pause).min(self.patience.deadline)).await;
        true
    }

    pub(super) fn run_out(self, subject: impl fmt::Display) -> WaitError {
        WaitError::Deadline {
            subject: subject.to_string(),
            waited: self.began.elapsed(),
            last_status: self.last_status,
            last_error: self.last_error,
        }
    }

    pub(super) fn refused(subject: impl fmt::Display, error: ApiError) -> WaitError {
        WaitError::Api {
            subject: subject.to_string(),
            source: Box::new(error),
        }
    }
}
