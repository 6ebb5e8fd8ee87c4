//! Noticing that a server has fallen silent: the driver has no read timeout.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::error::Error;

/// The connection's sign of life, watched from outside: the driver has no read timeout.
#[derive(Debug, Default)]
pub(crate) struct Heartbeat {
    /// Counts answers and rows.
    beats: AtomicU64,
    /// How many waits for the server are open: 0 while the dump waits for its own sink.
    waiting: AtomicU64,
    step: Mutex<String>,
}

impl Heartbeat {
    /// Marks the time until the guard is dropped as waiting for the server.
    pub(crate) fn wait_for(&self, step: &str) -> Waiting<'_> {
        step.clone_into(&mut self.step.lock().unwrap_or_else(PoisonError::into_inner));
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    /// Something came from the server.
    pub(crate) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// Does the work, unless the server falls silent under it.
    pub(crate) async fn watch<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        tokio::select! {
            biased;
            stalled = self.stalled(limit) => Err(stalled),
            result = work => result,
        }
    }

    /// Resolves when the server was waited for, and sent nothing, for `limit`.
    pub(crate) async fn stalled(&self, limit: Duration) -> Error {
        let tick = (limit / 8).clamp(Duration::from_millis(5), Duration::from_secs(5));
        let mut seen = self.beats.load(Ordering::Relaxed);
        let mut quiet = Duration::ZERO;
        loop {
            tokio::time::sleep(tick).await;
            let beats = self.beats.load(Ordering::Relaxed);
            if beats != seen || self.waiting.load(Ordering::Relaxed) == 0 {
                seen = beats;
                quiet = Duration::ZERO;
                continue;
            }
            quiet += tick;
            if quiet >= limit {
                let step = self
                    .step
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                return Error::Stalled {
                    step,
                    waited: limit,
                };
            }
        }
    }
}

/// While it lives, the server is being waited for.
#[derive(Debug)]
pub(crate) struct Waiting<'a>(&'a Heartbeat);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.beat();
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_a_stall_only_while_the_server_is_waited_for() {
        let heartbeat = Heartbeat::default();
        let limit = Duration::from_secs(60);
        let idle = tokio::time::timeout(limit * 10, heartbeat.stalled(limit)).await;
        assert!(idle.is_err(), "nobody waits: no stall");

        let _waiting = heartbeat.wait_for("read t");
        let error = heartbeat.stalled(limit).await;
        assert_eq!(
            error.to_string(),
            "read t: the server sent nothing for 60 s"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn beats_put_the_stall_off() {
        let heartbeat = Heartbeat::default();
        let limit = Duration::from_secs(60);
        let _waiting = heartbeat.wait_for("read t");
        let beating = async {
            for _ in 0..20 {
                tokio::time::sleep(limit / 2).await;
                heartbeat.beat();
            }
        };
        tokio::select! {
            error = heartbeat.stalled(limit) => panic!("stalled: {error}"),
            () = beating => {}
        }
    }
}
