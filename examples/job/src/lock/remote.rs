//! A lock for runs on different hosts: an object in S3, changed only by conditional writes.
//!
//! The object is never deleted: it says `held` with a time after which nobody believes
//! it any more, or `free`. Every change of it names the state that it replaces
//! (`If-None-Match`, `If-Match`), so that of two runs one loses. Giving it back is such a
//! write too: it is as safe on every store, and needs no right to delete.
//!
//! What decides is in the object's metadata, read by one HEAD; its body tells people the
//! same as JSON.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use datatransit_s3upload::store::{ChecksumMode, StoreError, StoreErrorKind};
use datatransit_s3upload::{Crc64, Guard, ObjectAddress, ObjectInfo, ObjectSpec, ObjectStore};
use jiff::Timestamp;
use serde_json::json;
use thiserror::Error;
use tokio::time::Instant;

use crate::{ExitCode, Failure, RunId};

const STATE: &str = "lock-state";
const HOLDER: &str = "lock-holder";
const UNTIL: &str = "lock-until";
const RUN: &str = "lock-run";
/// Made by chance for each holder: a scheduler may give two runs the same name.
const TOKEN: &str = "lock-token";

/// How often a write is tried that the store did not answer.
const ATTEMPTS: u32 = 5;
/// How often the object is looked at anew after somebody else changed it.
const ROUNDS: u32 = 5;

/// Why the lock is not to be had, or not held any more.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LockError {
    /// Somebody else holds it.
    #[error("another run holds the lock {place}: {holder}, run {run}, until {until} at the latest")]
    #[non_exhaustive]
    Held {
        /// The object.
        place: String,
        /// Who holds it: host and process, or a name.
        holder: String,
        /// Its run.
        run: String,
        /// When nobody believes it any more.
        until: String,
    },
    /// The object cannot be used as a lock.
    #[error("the lock {place}: {reason}")]
    #[non_exhaustive]
    Unusable {
        /// The object.
        place: String,
        /// What is wrong.
        reason: String,
        /// What the store said.
        #[source]
        source: Option<StoreError>,
    },
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Held { .. } => Self::new(ExitCode::Locked, "lock", error).with_remedy(
                "wait for that run, or end it on its host; a dead one's lock runs out by itself",
            ),
            LockError::Unusable { .. } => Self::new(ExitCode::Upload, "lock", error).with_remedy(
                "grant s3:GetObject, s3:PutObject and s3:ListBucket on the lock's key",
            ),
        }
    }
}

/// A lock that is not held yet.
#[derive(Clone, Debug)]
pub struct RemoteLock {
    store: Arc<dyn ObjectStore>,
    address: ObjectAddress,
    holder: String,
    run_id: RunId,
    lease: Duration,
}

impl RemoteLock {
    /// Describes a lock that is believed for `lease` after it was last written. Asks for
    /// nothing yet.
    #[must_use]
    pub fn new(
        store: Arc<dyn ObjectStore>,
        address: ObjectAddress,
        holder: &str,
        run_id: RunId,
        lease: Duration,
    ) -> Self {
        // Metadata travel in headers: visible ASCII only.
        let holder = holder
            .chars()
            .map(|c| if c.is_ascii_graphic() { c } else { '_' })
            .take(200)
            .collect();
        Self {
            store,
            address,
            holder,
            run_id,
            lease,
        }
    }

    /// Takes the lock, or fails at once when somebody else holds it.
    ///
    /// # Errors
    /// [`LockError::Held`], [`LockError::Unusable`].
    ///
    /// # Cancel safety
    /// A drop may leave the lock taken, with nobody to renew it: it runs out after its lease.
    pub async fn acquire(self) -> Result<Held, LockError> {
        let token = format!("{:032x}", fastrand::u128(..));
        let taken_at = Timestamp::now();
        let mut refused = None;
        for _ in 0..ROUNDS {
            let there = self.look().await?;
            let guard = match &there {
                // Written by ourselves just now.
                Some(info) if entry(info, TOKEN) == Some(&token) => {
                    return Ok(Held::new(self, token, taken_at, info.etag.clone()));
                }
                None => Guard::CreateOnly,
                Some(info) if may_be_taken(info, Timestamp::now()) => Guard::Replace {
                    etag: info.etag.clone().unwrap_or_default(),
                },
                Some(info) => return Err(self.held(info)),
            };
            match self.write("held", &token, taken_at, &guard).await {
                // Looked at once more: a store that ignores conditions shows itself.
                Ok(_) => {}
                // Whoever lost the race reads who holds it.
                Err(error) if is_refused(&error) => refused = Some(error),
                Err(error) => return Err(self.unusable("it cannot be written", Some(error))),
            }
        }
        Err(self.unusable("it changes whenever it is written", refused))
    }

    /// Says whether a run could take the lock now. Changes nothing.
    ///
    /// # Errors
    /// As [`acquire`](Self::acquire); a lock that may be read but not written is not noticed.
    pub async fn probe(&self) -> Result<(), LockError> {
        match self.look().await? {
            Some(info) if !may_be_taken(&info, Timestamp::now()) => Err(self.held(&info)),
            _ => Ok(()),
        }
    }

    /// Writes a state over the one that the guard names; returns the new one's ETag.
    async fn write(
        &self,
        state: &str,
        token: &str,
        taken_at: Timestamp,
        guard: &Guard,
    ) -> Result<String, StoreError> {
        let until = Timestamp::now()
            .checked_add(self.lease)
            .unwrap_or(Timestamp::MAX)
            .to_string();
        let body = json!({
            "state": state,
            "holder": self.holder,
            "run_id": self.run_id,
            "taken_at": taken_at.to_string(),
            "expires_at": until,
        });
        let body = Bytes::from(format!("{body}\n"));
        let crc = Crc64::of(&body);
        let spec = ObjectSpec::new(&self.address.bucket, &self.address.key)
            .with_content_type("application/json")
            .with_metadata(STATE, state)
            .with_metadata(HOLDER, &self.holder)
            .with_metadata(RUN, self.run_id.as_str())
            .with_metadata(TOKEN, token)
            .with_metadata(UNTIL, until);
        let mut attempts = 0;
        loop {
            let sent = self.store.put_object(&spec, body.clone(), crc, guard).await;
            attempts += 1;
            match sent {
                Ok(published) => return Ok(published.etag.unwrap_or_default()),
                Err(error) if error.is_retryable() && attempts < ATTEMPTS => {
                    tokio::time::sleep(Duration::from_millis(200 << attempts)).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    async fn look(&self) -> Result<Option<ObjectInfo>, LockError> {
        self.store
            .head_object(&self.address, None, ChecksumMode::Disabled)
            .await
            .map_err(|error| self.unusable("it cannot be read", Some(error)))
    }

    fn unusable(&self, reason: &str, source: Option<StoreError>) -> LockError {
        LockError::Unusable {
            place: self.to_string(),
            reason: reason.to_owned(),
            source,
        }
    }

    fn held(&self, info: &ObjectInfo) -> LockError {
        let of = |key| entry(info, key).unwrap_or("unknown").to_owned();
        if entry(info, STATE).is_none() {
            return self.unusable("the object at its key is no lock; name another key", None);
        }
        LockError::Held {
            place: self.to_string(),
            holder: of(HOLDER),
            run: of(RUN),
            until: of(UNTIL),
        }
    }
}

/// Prints the URI.
impl std::fmt::Display for RemoteLock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}", self.address)
    }
}

/// A lock that is held until it is released, or until its lease is over.
#[derive(Debug)]
pub struct Held {
    lock: RemoteLock,
    token: String,
    taken_at: Timestamp,
    etag: String,
    /// When the write that holds it was begun, by this host's own clock.
    confirmed: Instant,
}

impl Held {
    fn new(lock: RemoteLock, token: String, taken_at: Timestamp, etag: Option<String>) -> Self {
        Self {
            lock,
            token,
            taken_at,
            etag: etag.unwrap_or_default(),
            confirmed: Instant::now(),
        }
    }

    /// Returns how long it is believed after each write.
    #[must_use]
    pub const fn lease(&self) -> Duration {
        self.lock.lease
    }

    /// Returns how long ago it was last known to be held.
    #[must_use]
    pub fn age(&self) -> Duration {
        self.confirmed.elapsed()
    }

    /// Holds it for another lease from now.
    ///
    /// # Errors
    /// [`LockError::Held`] when somebody else took it; [`LockError::Unusable`] when the
    /// store cannot be asked, after which it may still be held.
    ///
    /// # Cancel safety
    /// A drop may leave it renewed or not; the next call finds out.
    pub async fn renew(&mut self) -> Result<(), LockError> {
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            match self.write("held").await {
                Ok(etag) => {
                    self.etag = etag;
                    self.confirmed = begun;
                    return Ok(());
                }
                Err(error) if is_refused(&error) => {}
                Err(error) => return Err(self.lock.unusable("it cannot be renewed", Some(error))),
            }
            let Some(info) = self.lock.look().await? else {
                return Err(self.lock.unusable("it is gone: somebody deleted it", None));
            };
            if entry(&info, TOKEN) != Some(&self.token) {
                return Err(self.lock.held(&info));
            }
            // An older write of ours, whose answer was lost: once more, over that.
            self.etag = info.etag.unwrap_or_default();
        }
        Err(self
            .lock
            .unusable("it changes whenever it is renewed", None))
    }

    /// Gives it back.
    ///
    /// # Errors
    /// [`LockError::Unusable`]: it runs out by itself.
    pub async fn release(&self) -> Result<(), LockError> {
        match self.write("free").await {
            Ok(_) => Ok(()),
            // It ran out and somebody else took it: theirs to release.
            Err(error) if is_refused(&error) => Ok(()),
            Err(error) => Err(self.lock.unusable("it cannot be given back", Some(error))),
        }
    }

    async fn write(&self, state: &str) -> Result<String, StoreError> {
        let guard = Guard::Replace {
            etag: self.etag.clone(),
        };
        self.lock
            .write(state, &self.token, self.taken_at, &guard)
            .await
    }
}

fn is_refused(error: &StoreError) -> bool {
    matches!(
        error.kind,
        StoreErrorKind::PreconditionFailed | StoreErrorKind::Conflict
    )
}

fn entry<'a>(info: &'a ObjectInfo, key: &str) -> Option<&'a str> {
    info.metadata
        .iter()
        .find_map(|(name, value)| (name == key).then_some(value.as_str()))
}

/// Whether nobody holds it, or nobody believes the holder any more.
fn may_be_taken(info: &ObjectInfo, now: Timestamp) -> bool {
    match (entry(info, STATE), entry(info, UNTIL)) {
        (Some("free"), _) => true,
        (Some("held"), Some(until)) => until.parse::<Timestamp>().is_ok_and(|until| until < now),
        // Not an object of ours: not to be overwritten.
        _ => false,
    }
}

/// Takes `s3://BUCKET/KEY` apart; `None` is a path. `option` names it in an error.
///
/// # Errors
/// When bucket or key is missing.
pub fn s3_address(text: &str, option: &str) -> anyhow::Result<Option<ObjectAddress>> {
    let Some(rest) = text.strip_prefix("s3://") else {
        return Ok(None);
    };
    rest.split_once('/')
        .filter(|(bucket, key)| !bucket.is_empty() && !key.is_empty() && !key.ends_with('/'))
        .map(|(bucket, key)| Some(ObjectAddress::new(bucket, key)))
        .with_context(|| format!("{option} {text}: use s3://BUCKET/KEY"))
}

#[cfg(test)]
mod tests;
