//! Doing one request until it succeeds, attempts run out, or it makes no sense.

use std::{future::Future, time::Duration};

use crate::{
    config::UploadConfig,
    store::{StoreError, StoreErrorKind},
};

/// The end of a request that failed for good.
#[derive(Debug)]
pub(crate) struct Exhausted {
    pub(crate) error: StoreError,
    pub(crate) attempts: u32,
    /// Whether any attempt, not only the last, may have had its effect.
    pub(crate) may_have_applied: bool,
}

/// A request that succeeded.
#[derive(Debug)]
pub(crate) struct Answered<T> {
    pub(crate) value: T,
    pub(crate) attempts: u32,
    pub(crate) may_have_applied_before: bool,
}

/// Runs `request` until it succeeds or fails for good, each attempt within
/// `timeout`, with full jitter between attempts.
pub(crate) async fn with_retries<T, F>(
    config: &UploadConfig,
    timeout: Duration,
    operation: &'static str,
    mut request: impl FnMut() -> F,
) -> Result<Answered<T>, Exhausted>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut attempts = 0;
    let mut may_have_applied = false;
    loop {
        attempts += 1;
        let outcome = match tokio::time::timeout(timeout, request()).await {
            Ok(outcome) => outcome,
            Err(_) => Err(StoreError::new(StoreErrorKind::Timeout)
                .with_detail(format!("gave up after {} s", timeout.as_secs()))),
        };
        let error = match outcome {
            Ok(value) => {
                return Ok(Answered {
                    value,
                    attempts,
                    may_have_applied_before: may_have_applied,
                });
            }
            Err(error) => error,
        };
        may_have_applied |= error.may_have_applied();
        if !error.is_retryable() || attempts >= config.max_attempts {
            return Err(Exhausted {
                error,
                attempts,
                may_have_applied,
            });
        }
        let wait = wait_before(config, attempts, &error);
        tracing::debug!(
            operation,
            attempt = attempts,
            wait_ms = wait.as_millis(),
            error = %error,
            "request failed, trying again"
        );
        tokio::time::sleep(wait).await;
    }
}

/// A wait drawn evenly from zero to a bound that doubles with each attempt.
fn wait_before(config: &UploadConfig, attempts: u32, error: &StoreError) -> Duration {
    // A store that asks for fewer requests gets four times the peace.
    let eased = if error.kind == StoreErrorKind::Throttled {
        config.retry_base * 4
    } else {
        config.retry_base
    };
    let bound = eased
        .saturating_mul(1 << (attempts - 1).min(20))
        .min(config.retry_cap);
    bound.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    fn fails_with(kind: StoreErrorKind) -> Result<(), StoreError> {
        Err(StoreError::new(kind))
    }

    #[tokio::test(start_paused = true)]
    async fn retryable_errors_are_tried_until_attempts_run_out() {
        let calls = Cell::new(0);
        let config = UploadConfig::default().with_max_attempts(3);
        let end = with_retries(&config, Duration::from_secs(1), "test", || {
            calls.set(calls.get() + 1);
            async { fails_with(StoreErrorKind::Throttled) }
        })
        .await
        .unwrap_err();
        assert_eq!((calls.get(), end.attempts), (3, 3));
        assert_eq!(end.error.kind, StoreErrorKind::Throttled);
    }

    #[tokio::test(start_paused = true)]
    async fn a_denial_is_final_and_remembers_that_an_earlier_attempt_was_lost() {
        let calls = Cell::new(0);
        let config = UploadConfig::default();
        let end = with_retries(&config, Duration::from_secs(1), "test", || {
            calls.set(calls.get() + 1);
            let first = calls.get() == 1;
            async move {
                if first {
                    std::future::pending::<()>().await;
                }
                fails_with(StoreErrorKind::PreconditionFailed)
            }
        })
        .await
        .unwrap_err();
        assert_eq!(end.attempts, 2);
        assert!(end.may_have_applied);
    }

    #[test]
    fn waits_stay_below_their_bound() {
        let config = UploadConfig::default();
        for attempts in 1..40 {
            let wait = wait_before(&config, attempts, &StoreError::new(StoreErrorKind::Server));
            assert!(wait <= config.retry_cap);
        }
    }
}
