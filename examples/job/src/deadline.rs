//! The whole run's deadline: a hung read must not meet tomorrow's run.

use std::time::Duration;

use tokio::task::JoinHandle;

use crate::{Stop, StopCause};

/// A running deadline; dropping it calls it off.
#[derive(Debug)]
pub struct Deadline(JoinHandle<()>);

impl Deadline {
    /// Requests a stop after `timeout`, measured from now.
    #[must_use]
    pub fn start(timeout: Duration, stop: &Stop) -> Self {
        let stop = stop.clone();
        Self(tokio::spawn(async move {
            tokio::time::sleep(timeout).await;
            if stop.request(StopCause::Deadline) {
                tracing::warn!(
                    timeout_seconds = timeout.as_secs_f64(),
                    "the deadline passed, stopping"
                );
            }
        }))
    }
}

impl Drop for Deadline {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_stops_the_run_and_says_why() {
        let stop = Stop::new();
        let _deadline = Deadline::start(Duration::from_secs(3_600), &stop);
        stop.token().cancelled().await;
        assert_eq!(stop.cause(), Some(StopCause::Deadline));
    }

    #[tokio::test(start_paused = true)]
    async fn dropped_it_never_comes() {
        let stop = Stop::new();
        drop(Deadline::start(Duration::from_secs(1), &stop));
        tokio::time::sleep(Duration::from_secs(10)).await;
        assert_eq!(stop.cause(), None);
    }
}
