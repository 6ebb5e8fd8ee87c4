//! Holding a lock while a run lasts: renewed now and then, and given up in time.
//!
//! The holder stops at two thirds of a lease without a confirmed renewal. The last third
//! is for the clocks of two hosts, which differ, and for what is under way to end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use super::remote::{Held, LockError};
use crate::{ExitCode, Failure, Stop, StopCause};

/// How long giving the lock back may take.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(10);

/// A lock that is renewed until it is released. Dropped without that it runs out by itself.
#[derive(Debug)]
pub struct Lease {
    held: Arc<Mutex<Held>>,
    duration: Duration,
    renewing: JoinHandle<()>,
}

impl Lease {
    /// Renews the lock from now on, four times per lease; asks for a stop
    /// ([`StopCause::LockLost`]) when it is lost.
    #[must_use]
    pub fn keep(held: Held, stop: &Stop) -> Self {
        let duration = held.lease();
        let held = Arc::new(Mutex::new(held));
        let renewing = tokio::spawn(renew(Arc::clone(&held), duration, stop.clone()));
        Self {
            held,
            duration,
            renewing,
        }
    }

    /// Makes sure, by a renewal, that the lock is still held: just before something is
    /// published.
    ///
    /// # Errors
    /// [`ExitCode::Locked`] when somebody else holds it, or when it cannot be known.
    pub async fn confirm(&self) -> Result<(), Failure> {
        let renewed = async { self.held.lock().await.renew().await };
        match tokio::time::timeout(self.duration / 2, renewed).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(lost(error.into())),
            Err(_) => Err(lost(anyhow!(SILENT))),
        }
    }

    /// Gives the lock back, within ten seconds. What cannot be given back is logged, and
    /// runs out by itself.
    pub async fn release(self) {
        let releasing = async {
            // Not amid a renewal, whose answer would be lost.
            let held = self.held.lock().await;
            self.renewing.abort();
            held.release().await
        };
        match tokio::time::timeout(RELEASE_TIMEOUT, releasing).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "{NOT_RELEASED}");
            }
            Err(_) => tracing::warn!("{NOT_RELEASED}"),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.renewing.abort();
    }
}

const NOT_RELEASED: &str = "the lock was not given back: it runs out by itself";

const SILENT: &str = "the store does not answer";

async fn renew(held: Arc<Mutex<Held>>, lease: Duration, stop: Stop) {
    let mut pause = lease / 4;
    loop {
        tokio::time::sleep(pause).await;
        let mut held = held.lock().await;
        let left = (lease * 2 / 3).saturating_sub(held.age());
        let error = match tokio::time::timeout(left, held.renew()).await {
            Ok(Ok(())) => {
                pause = lease / 4;
                continue;
            }
            Ok(Err(error @ LockError::Unusable { .. })) if held.age() < lease * 2 / 3 => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the lock was not renewed"
                );
                pause = lease / 12;
                continue;
            }
            Ok(Err(error)) => error.into(),
            Err(_) => anyhow!(SILENT),
        };
        let reason = lost(error).reason();
        if stop.request_because(StopCause::LockLost, reason.clone()) {
            tracing::warn!("{reason}, stopping");
        }
        return;
    }
}

fn lost(error: anyhow::Error) -> Failure {
    Failure::new(ExitCode::Locked, "lock", error.context("the lock was lost"))
        .with_remedy("see what the other run did; raise --lock-lease if the store was slow")
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use datatransit_s3upload::{Crc64, Guard, MemoryStore, ObjectAddress, ObjectSpec, ObjectStore};

    use super::*;
    use crate::lock::RemoteLock;

    const LEASE: Duration = Duration::from_secs(60);

    fn lock(store: &Arc<MemoryStore>, run_id: &str) -> RemoteLock {
        let store: Arc<dyn ObjectStore> = Arc::<MemoryStore>::clone(store);
        let address = ObjectAddress::new("bucket", "x.lock");
        RemoteLock::new(store, address, "host", run_id.parse().unwrap(), LEASE)
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_taken_over_stops_the_run() {
        let store = Arc::new(MemoryStore::new());
        let stop = Stop::new();
        let lease = Lease::keep(lock(&store, "first").acquire().await.unwrap(), &stop);
        lease.confirm().await.unwrap();
        // Somebody who asks for no condition.
        let body = Bytes::from_static(b"mine");
        let spec = ObjectSpec::new("bucket", "x.lock")
            .with_metadata("lock-state", "held")
            .with_metadata("lock-run", "second");
        let crc = Crc64::of(&body);
        store
            .put_object(&spec, body, crc, &Guard::Overwrite)
            .await
            .unwrap();
        assert_eq!(lease.confirm().await.unwrap_err().exit(), ExitCode::Locked);
        stop.token().cancelled().await;
        let failure = stop.failure("publish").unwrap();
        assert_eq!(failure.exit(), ExitCode::Locked);
        assert!(
            failure.reason().contains("run second"),
            "{}",
            failure.reason()
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_lock_released_is_not_renewed_again() {
        let store = Arc::new(MemoryStore::new());
        let stop = Stop::new();
        let lease = Lease::keep(lock(&store, "first").acquire().await.unwrap(), &stop);
        lease.release().await;
        let _other = lock(&store, "second").acquire().await.unwrap();
        tokio::time::sleep(LEASE * 2).await;
        assert_eq!(stop.cause(), None);
    }
}
