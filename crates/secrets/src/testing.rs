//! Test doubles of [`SecretSource`], for this crate and for those that use it.
//!
//! Use [`FixedSource`] where a login is just needed, [`FailingSource`] to see
//! what an outage does, and [`MockSecretSource`] to state what must be called.

use std::{
    borrow::Cow,
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    error::{Error, ErrorKind},
    id::{SecretId, Stage},
    raw::{Location, Origin, RawSecret},
    source::SecretSource,
};

mockall::mock! {
    /// A `mockall` mock of [`SecretSource`].
    #[derive(Debug)]
    pub SecretSource {}

    #[async_trait]
    impl SecretSource for SecretSource {
        async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error>;
    }
}

/// Answers with texts given beforehand, under any identifier, and counts.
///
/// A stage without a text is [`ErrorKind::NotFound`]. Versions are numbered
/// from 1 in the order in which the texts were set.
#[derive(Debug, Default)]
pub struct FixedSource {
    texts: Mutex<HashMap<Stage, (SecretString, usize)>>,
    set: AtomicUsize,
    calls: AtomicUsize,
}

impl FixedSource {
    /// A source whose current version is this text.
    pub fn new(text: impl Into<String>) -> Self {
        let source = Self::default();
        source.set(Stage::Current, text);
        source
    }

    /// A source without any secret.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Sets or replaces the text of a stage.
    pub fn set(&self, stage: Stage, text: impl Into<String>) {
        let version = self.set.fetch_add(1, Ordering::SeqCst) + 1;
        self.texts()
            .insert(stage, (SecretString::from(text.into()), version));
    }

    /// Takes the text of a stage away.
    pub fn remove(&self, stage: &Stage) {
        self.texts().remove(stage);
    }

    /// How often it was asked, for whatever stage.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    fn texts(&self) -> std::sync::MutexGuard<'_, HashMap<Stage, (SecretString, usize)>> {
        self.texts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SecretSource for FixedSource {
    async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        // As a real source does: lets others run before it answers.
        tokio::task::yield_now().await;
        let location = Location::Other(Cow::Borrowed("a fixed text"));
        match self.texts().get(stage) {
            Some((text, version)) => {
                let origin = Origin::new(id.clone(), location, stage.clone())
                    .with_version(Some(version.to_string()));
                Ok(RawSecret::from_text(
                    text.expose_secret().to_owned(),
                    origin,
                ))
            }
            None => Err(Error::fetch(ErrorKind::NotFound, location, id, stage)),
        }
    }
}

/// Fails its first calls, or those in a later outage, then asks another source;
/// counts.
#[derive(Debug)]
pub struct FailingSource<S> {
    inner: S,
    kind: Mutex<ErrorKind>,
    remaining: AtomicUsize,
    calls: AtomicUsize,
}

impl<S: SecretSource> FailingSource<S> {
    /// Fails the first `failures` calls with the kind, then asks `inner`.
    pub fn new(inner: S, failures: usize, kind: ErrorKind) -> Self {
        Self {
            inner,
            kind: Mutex::new(kind),
            remaining: AtomicUsize::new(failures),
            calls: AtomicUsize::new(0),
        }
    }

    /// Makes the next `failures` calls fail with the kind; zero ends the outage.
    pub fn fail_next(&self, failures: usize, kind: ErrorKind) {
        *self.kind.lock().unwrap_or_else(PoisonError::into_inner) = kind;
        self.remaining.store(failures, Ordering::SeqCst);
    }

    /// How often it was asked, failures included.
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// The source that answers when this one does not fail.
    pub fn inner(&self) -> &S {
        &self.inner
    }
}

#[async_trait]
impl<S: SecretSource> SecretSource for FailingSource<S> {
    async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error> {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let left = self
            .remaining
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |n| n.checked_sub(1));
        if left.is_err() {
            return self.inner.fetch(id, stage).await;
        }
        tokio::task::yield_now().await;
        let kind = *self.kind.lock().unwrap_or_else(PoisonError::into_inner);
        let location = Location::Other(Cow::Borrowed("a failing double"));
        Err(Error::fetch(kind, location, id, stage))
    }
}
