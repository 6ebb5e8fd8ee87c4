//! Whether a run still moves: the no-progress time-out.
//!
//! Rows read and blocks taken by the output are marked; a watch asks for a stop when
//! neither came for a while. It differs from `--read-timeout`, which is about the
//! server alone: a store that takes nothing any more holds up a run as well.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::{Stop, StopCause};

/// When something moved last; clones share it.
#[derive(Clone, Debug)]
pub struct Activity(Arc<Mutex<Instant>>);

impl Default for Activity {
    fn default() -> Self {
        Self::new()
    }
}

impl Activity {
    /// Begins now.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    /// Something moved.
    pub fn mark(&self) {
        // A poisoned lock holds a time all the same.
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Asks for a stop ([`StopCause::Idle`]) once nothing was marked for `limit`, from
    /// now on.
    #[must_use]
    pub fn watch(&self, limit: Duration, stop: &Stop) -> IdleWatch {
        self.mark();
        let (activity, stop) = (self.clone(), stop.clone());
        IdleWatch(tokio::spawn(async move {
            loop {
                let due = activity.last() + limit;
                if due <= Instant::now() {
                    break;
                }
                tokio::time::sleep_until(due).await;
            }
            let reason = format!("no row and no byte moved for {limit:?} (--idle-timeout)");
            if stop.request_because(StopCause::Idle, reason.clone()) {
                tracing::warn!("{reason}, stopping");
            }
        }))
    }

    fn last(&self) -> Instant {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running watch; dropping it calls it off.
#[derive(Debug)]
pub struct IdleWatch(JoinHandle<()>);

impl Drop for IdleWatch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(600);

    #[tokio::test(start_paused = true)]
    async fn what_moves_now_and_then_is_left_alone_until_it_does_not() {
        let (activity, stop) = (Activity::new(), Stop::new());
        let _watch = activity.watch(LIMIT, &stop);
        for _ in 0..10 {
            tokio::time::sleep(LIMIT - Duration::from_secs(1)).await;
            activity.mark();
        }
        assert_eq!(stop.cause(), None);
        let before = Instant::now();
        stop.token().cancelled().await;
        assert_eq!(stop.cause(), Some(StopCause::Idle));
        assert!(before.elapsed() >= LIMIT);
        let failure = stop.failure("dump").unwrap();
        assert_eq!(failure.exit(), crate::ExitCode::Deadline);
        assert!(failure.reason().contains("600s"), "{}", failure.reason());
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_it_never_comes() {
        let (activity, stop) = (Activity::new(), Stop::new());
        drop(activity.watch(LIMIT, &stop));
        tokio::time::sleep(LIMIT * 2).await;
        assert_eq!(stop.cause(), None);
    }
}
