//! Where two deploys meet: a locked file on one host, or an object in S3. Both are the
//! jobs' own locks, put in the words of a deploy.

use std::path::PathBuf;

use async_trait::async_trait;
use datatransit_job::RunId;
use datatransit_job::lock::{self, Lock, RemoteLock};
use datatransit_quicksight::deploy::{DeployLock, HeldLock, LockError};

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

/// An object in S3, for runs on different hosts. It is not renewed: its lease is longer
/// than a deploy can take.
#[derive(Debug)]
pub(crate) struct S3Lock(pub(crate) RemoteLock);

#[async_trait]
impl DeployLock for S3Lock {
    async fn acquire(&self) -> Result<Box<dyn HeldLock>, LockError> {
        match self.0.clone().acquire().await {
            Ok(held) => Ok(Box::new(HeldObject(held))),
            Err(error) => Err(told(error)),
        }
    }
}

#[derive(Debug)]
struct HeldObject(lock::Held);

#[async_trait]
impl HeldLock for HeldObject {
    async fn release(self: Box<Self>) -> Result<(), LockError> {
        self.0.release().await.map_err(told)
    }
}

fn told(error: lock::LockError) -> LockError {
    let is_held = matches!(error, lock::LockError::Held { .. });
    // With the store's words, which are its cause.
    let text = format!("{:#}", anyhow::Error::new(error));
    if is_held {
        LockError::held(text)
    } else {
        LockError::unusable(text)
    }
}
