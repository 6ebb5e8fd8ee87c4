//! Where two deploys meet: a locked file on one host, or an object in S3.
//!
//! The object is never deleted: it says `held` with a time after which nobody
//! believes it any more, or `free`. Every change of it names the state that it
//! replaces (`If-None-Match`, `If-Match`), so that of two runs one loses.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use async_trait::async_trait;
use bytes::Bytes;
use datatransit_job::RunId;
use datatransit_job::lock::Lock;
use datatransit_quicksight::deploy::{DeployLock, HeldLock, LockError};
use datatransit_s3upload::store::{ChecksumMode, StoreError, StoreErrorKind};
use datatransit_s3upload::{Crc64, Guard, ObjectAddress, ObjectInfo, ObjectSpec, ObjectStore};
use jiff::Timestamp;

/// A locked file: a second run on this host is refused at once.
#[derive(Debug)]
pub(crate) struct FileLock {
    path: PathBuf,
    run_id: RunId,
}

impl FileLock {
    pub(crate) const fn new(path: PathBuf, run_id: RunId) -> Self {
        Self { path, run_id }
    }
}

#[async_trait]
impl DeployLock for FileLock {
    async fn acquire(&self) -> Result<Box<dyn HeldLock>, LockError> {
        Lock::acquire(&self.path, &self.run_id)
            .map(|lock| Box::new(HeldFile(lock)) as Box<dyn HeldLock>)
            .map_err(|failure| match failure.exit() {
                datatransit_job::ExitCode::Locked => LockError::held(failure.reason()),
                _ => LockError::unusable(failure.reason()),
            })
    }
}

#[derive(Debug)]
struct HeldFile(Lock);

#[async_trait]
impl HeldLock for HeldFile {
    async fn release(self: Box<Self>) -> Result<(), LockError> {
        // The kernel releases it with the file.
        drop(self.0);
        Ok(())
    }
}

/// An object in S3, for runs on different hosts.
#[derive(Debug)]
pub(crate) struct S3Lock {
    store: Arc<dyn ObjectStore>,
    address: ObjectAddress,
    holder: String,
    run_id: RunId,
    lease: Duration,
}

const STATE: &str = "lock-state";
const HOLDER: &str = "lock-holder";
const UNTIL: &str = "lock-until";
const RUN: &str = "lock-run";

impl S3Lock {
    /// A lock that is believed for `lease`: longer than the run can take.
    pub(crate) fn new(
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

    fn spec(&self, state: &str, until: Timestamp) -> ObjectSpec {
        ObjectSpec::new(&self.address.bucket, &self.address.key)
            .with_content_type("text/plain")
            .with_metadata(STATE, state)
            .with_metadata(HOLDER, &self.holder)
            .with_metadata(RUN, self.run_id.as_str())
            .with_metadata(UNTIL, until.to_string())
    }

    /// Writes a state over the one that the guard names.
    async fn write(&self, state: &str, guard: &Guard) -> Result<(), StoreError> {
        let until = Timestamp::now()
            .checked_add(self.lease)
            .unwrap_or(Timestamp::MAX);
        let mut text = format!("{state}\n");
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{} run {} until {until}", self.holder, self.run_id);
        let body = Bytes::from(text);
        let crc = Crc64::of(&body);
        let spec = self.spec(state, until);
        let mut attempts = 0;
        loop {
            let sent = self.store.put_object(&spec, body.clone(), crc, guard).await;
            attempts += 1;
            match sent {
                Ok(_) => return Ok(()),
                Err(error) if error.is_retryable() && attempts < 5 => {
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
            .map_err(|error| self.unusable(&error))
    }

    fn unusable(&self, error: &StoreError) -> LockError {
        LockError::unusable(format!("the lock s3://{}: {error}", self.address))
    }

    fn is_ours(&self, info: &ObjectInfo) -> bool {
        entry(info, STATE) == Some("held") && entry(info, RUN) == Some(self.run_id.as_str())
    }
}

#[async_trait]
impl DeployLock for S3Lock {
    async fn acquire(&self) -> Result<Box<dyn HeldLock>, LockError> {
        let guard = match self.look().await? {
            None => Guard::CreateOnly,
            Some(info) if may_be_taken(&info, Timestamp::now()) => Guard::Replace {
                etag: info.etag.unwrap_or_default(),
            },
            Some(info) => return Err(held(&info)),
        };
        let written = self.write("held", &guard).await;
        // Whoever lost the race, or an answer, reads who holds it.
        let there = self.look().await?;
        match (written, there) {
            (Ok(()), Some(info)) if self.is_ours(&info) => Ok(self.taken(&info)),
            (Err(error), Some(info)) if is_refused(&error) => {
                if self.is_ours(&info) {
                    Ok(self.taken(&info))
                } else {
                    Err(held(&info))
                }
            }
            (Err(error), _) => Err(self.unusable(&error)),
            (Ok(()), Some(info)) => Err(held(&info)),
            (Ok(()), None) => Err(LockError::unusable(format!(
                "the lock s3://{} is gone as soon as it is written",
                self.address
            ))),
        }
    }
}

impl S3Lock {
    fn taken(&self, info: &ObjectInfo) -> Box<dyn HeldLock> {
        Box::new(HeldObject {
            lock: Self {
                store: Arc::clone(&self.store),
                address: self.address.clone(),
                holder: self.holder.clone(),
                run_id: self.run_id.clone(),
                lease: self.lease,
            },
            etag: info.etag.clone().unwrap_or_default(),
        })
    }
}

#[derive(Debug)]
struct HeldObject {
    lock: S3Lock,
    etag: String,
}

#[async_trait]
impl HeldLock for HeldObject {
    async fn release(self: Box<Self>) -> Result<(), LockError> {
        let guard = Guard::Replace { etag: self.etag };
        match self.lock.write("free", &guard).await {
            Ok(()) => Ok(()),
            // It ran out and somebody else took it: theirs to release.
            Err(error) if is_refused(&error) => Ok(()),
            Err(error) => Err(self.lock.unusable(&error)),
        }
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

fn held(info: &ObjectInfo) -> LockError {
    let of = |key| entry(info, key).unwrap_or("unknown").to_owned();
    if entry(info, STATE).is_none() {
        return LockError::unusable("the object at the lock's key is no lock");
    }
    LockError::held(format!(
        "another deploy holds the lock: {} run {}, until {} at the latest",
        of(HOLDER),
        of(RUN),
        of(UNTIL)
    ))
}

/// Takes `s3://BUCKET/KEY` apart; `None` is a path.
pub(crate) fn s3_address(text: &str) -> anyhow::Result<Option<ObjectAddress>> {
    let Some(rest) = text.strip_prefix("s3://") else {
        return Ok(None);
    };
    let (bucket, key) = rest
        .split_once('/')
        .with_context(|| format!("--lock {text}: use s3://BUCKET/KEY"))?;
    if bucket.is_empty() || key.is_empty() || key.ends_with('/') {
        return Err(anyhow!("--lock {text}: use s3://BUCKET/KEY"));
    }
    Ok(Some(ObjectAddress::new(bucket, key)))
}

#[cfg(test)]
mod tests {
    use datatransit_s3upload::MemoryStore;

    use super::*;

    fn lock(store: &Arc<MemoryStore>, run_id: &str, lease: Duration) -> S3Lock {
        let store: Arc<dyn ObjectStore> = Arc::<MemoryStore>::clone(store);
        let address = ObjectAddress::new("bucket", "prod.lock");
        S3Lock::new(store, address, "somebody", run_id.parse().unwrap(), lease)
    }

    const LONG: Duration = Duration::from_secs(600);

    #[tokio::test]
    async fn one_holds_it_and_gives_it_back() {
        let store = Arc::new(MemoryStore::new());
        let held = lock(&store, "first", LONG).acquire().await.unwrap();
        let refused = lock(&store, "second", LONG).acquire().await.unwrap_err();
        assert!(
            refused.to_string().contains("somebody run first"),
            "{refused}"
        );
        held.release().await.unwrap();
        lock(&store, "second", LONG).acquire().await.unwrap();
    }

    #[tokio::test]
    async fn one_that_ran_out_is_taken_and_its_holder_frees_nothing() {
        let store = Arc::new(MemoryStore::new());
        let late = lock(&store, "first", Duration::ZERO)
            .acquire()
            .await
            .unwrap();
        let held = lock(&store, "second", LONG).acquire().await.unwrap();
        late.release().await.unwrap();
        assert!(lock(&store, "third", LONG).acquire().await.is_err());
        held.release().await.unwrap();
        lock(&store, "third", LONG).acquire().await.unwrap();
    }

    #[tokio::test]
    async fn an_object_that_is_no_lock_is_left_alone() {
        let store = Arc::new(MemoryStore::new());
        let body = Bytes::from_static(b"a dump");
        let spec = ObjectSpec::new("bucket", "prod.lock");
        let crc = Crc64::of(&body);
        store
            .put_object(&spec, body, crc, &Guard::CreateOnly)
            .await
            .unwrap();
        let refused = lock(&store, "first", LONG).acquire().await.unwrap_err();
        assert!(refused.to_string().contains("no lock"), "{refused}");
    }
}
