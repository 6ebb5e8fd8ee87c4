//! The long-lived half: store, settings, and the registry of what may be open.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    cleanup::{abort_and_confirm, clean, clean_claimed},
    config::UploadConfig,
    error::{Error, Stage},
    registry::{Entry, EntryId, Registry, State},
    retry::{Answered, Exhausted, with_retries},
    spec::{Guard, ObjectAddress, ObjectSpec},
    store::{ChecksumMode, MultipartUpload, ObjectInfo, ObjectStore, StoreError, StoreProfile},
    upload::Upload,
};

/// How far a listing's clock may differ from ours when looking for an upload
/// whose creation was never answered.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(15 * 60);

/// Starts uploads to one store and knows every one of them that may be open.
///
/// Cheap to clone; clones share store, settings and registry.
#[derive(Debug, Clone)]
pub struct Uploader {
    core: Arc<Core>,
}

/// What an uploader and its uploads share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) store: Arc<dyn ObjectStore>,
    pub(crate) config: UploadConfig,
    pub(crate) profile: StoreProfile,
    pub(crate) registry: Registry,
    /// Cancelled by [`Uploader::drain`]: no upload may go on.
    pub(crate) closing: CancellationToken,
}

impl Uploader {
    /// Checks the settings against the store's limits. Sends nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) if the memory budget does
    /// not hold two parts of the store's smallest size, or another setting is
    /// impossible.
    pub fn new(store: Arc<dyn ObjectStore>, config: UploadConfig) -> Result<Self, Error> {
        let profile = store.profile();
        config.check(&profile)?;
        Ok(Self {
            core: Arc::new(Core {
                store,
                config,
                profile,
                registry: Registry::new(),
                closing: CancellationToken::new(),
            }),
        })
    }

    /// The largest object, in bytes, that an upload of unknown length can become
    /// with this memory budget: the sum of the part-size schedule.
    pub fn reachable_bytes(&self) -> u64 {
        self.core
            .config
            .schedule(None, &self.core.profile)
            .reachable_bytes()
    }

    /// Begins an upload. Sends nothing until the first part is full.
    pub fn begin(&self, spec: ObjectSpec, guard: Guard) -> Upload {
        Upload::new(Arc::clone(&self.core), spec, guard)
    }

    /// Ends everything: uploads still being written fail with
    /// [`ErrorKind::Aborted`](crate::ErrorKind::Aborted), and all that may be
    /// open is aborted and confirmed to be gone, for at most `grace`. To be
    /// called on SIGTERM, and at the end of any run that had a failure.
    ///
    /// An upload that is being completed is waited for. What could not be
    /// confirmed is in the report and goes on in the background; calling `drain`
    /// again tries again. New uploads of this uploader fail.
    ///
    /// # Cancel safety
    ///
    /// Safe: aborting goes on in the background.
    pub async fn drain(&self, grace: Duration) -> DrainReport {
        let deadline = Instant::now() + grace;
        let core = &self.core;
        core.closing.cancel();
        let mut tried = Vec::new();
        let mut changes = core.registry.changes();
        loop {
            changes.mark_unchanged();
            for (id, entry) in core.registry.snapshot() {
                if entry.state == State::Live {
                    core.registry.abandon(id);
                }
                // Once per drain: a store that refuses would be asked for ever.
                if !tried.contains(&id)
                    && let Some(upload) = core.registry.start_cleaning(id)
                {
                    tried.push(id);
                    tokio::spawn(clean_claimed(Arc::clone(core), id, upload));
                }
            }
            let busy = core
                .registry
                .snapshot()
                .iter()
                .any(|(id, entry)| is_busy(*id, entry, &tried));
            if !busy
                || tokio::time::timeout_at(deadline, changes.changed())
                    .await
                    .is_err()
            {
                break;
            }
        }
        let mut unconfirmed = Vec::new();
        for (id, entry) in core.registry.snapshot() {
            if entry.state == State::Lost {
                unconfirmed.extend(self.search_lost(id, &entry, deadline).await);
            } else {
                unconfirmed.push(UnconfirmedUpload {
                    address: entry.address,
                    upload_id: entry.upload.map(|upload| upload.upload_id),
                    reason: entry
                        .trouble
                        .unwrap_or_else(|| "not confirmed in time".to_owned()),
                });
            }
        }
        DrainReport {
            aborted: core.registry.take_confirmed(),
            unconfirmed,
        }
    }

    /// Replaces all tags of an object, e.g. with facts that were only known once
    /// it was written.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Unsupported`](crate::ErrorKind::Unsupported) for a store
    /// without tags, otherwise as the store answers.
    pub async fn put_tags<K, V>(
        &self,
        bucket: &str,
        key: &str,
        tags: &[(K, V)],
    ) -> Result<(), Error>
    where
        K: AsRef<str> + Sync,
        V: AsRef<str> + Sync,
    {
        let address = ObjectAddress::new(bucket, key);
        let tags: Vec<(String, String)> = tags
            .iter()
            .map(|(key, value)| (key.as_ref().to_owned(), value.as_ref().to_owned()))
            .collect();
        self.request(Stage::Tag, &address, "put_tags", || {
            self.core.store.put_tags(&address, &tags)
        })
        .await
    }

    /// Describes an object, or `None` if there is none. The checksum is not
    /// asked for.
    ///
    /// # Errors
    ///
    /// As the store answers. S3 denies access, instead of saying that there is
    /// no object, to who may not list the bucket.
    pub async fn head(&self, bucket: &str, key: &str) -> Result<Option<ObjectInfo>, Error> {
        let address = ObjectAddress::new(bucket, key);
        self.request(Stage::Head, &address, "head", || {
            self.core
                .store
                .head_object(&address, None, ChecksumMode::Disabled)
        })
        .await
    }

    /// Lists open multipart uploads, whoever began them, whose keys start with
    /// `prefix`.
    ///
    /// # Errors
    ///
    /// As the store answers.
    pub async fn list_uploads(
        &self,
        bucket: &str,
        prefix: &str,
    ) -> Result<Vec<MultipartUpload>, Error> {
        let address = ObjectAddress::new(bucket, prefix);
        self.request(Stage::List, &address, "list_uploads", || {
            self.core.store.list_uploads(&address)
        })
        .await
    }

    /// Aborts a multipart upload, whoever began it, and confirms that it is
    /// gone.
    ///
    /// # Errors
    ///
    /// As the store answers.
    pub async fn abort_upload(&self, upload: &MultipartUpload) -> Result<(), Error> {
        abort_and_confirm(&self.core, upload).await
    }

    async fn request<T, F>(
        &self,
        stage: Stage,
        address: &ObjectAddress,
        operation: &'static str,
        request: impl FnMut() -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let config = &self.core.config;
        with_retries(config, config.attempt_timeout, operation, request)
            .await
            .map(|answered| answered.value)
            .map_err(|end| Error::from_store(stage, end.attempts, end.error).with_address(address))
    }

    /// Looks for an upload whose creation was not answered. What is found may
    /// be somebody else's with the same key: it is reported, not aborted.
    async fn search_lost(
        &self,
        id: EntryId,
        entry: &Entry,
        deadline: Instant,
    ) -> Vec<UnconfirmedUpload> {
        let report = |upload_id: Option<String>, reason: &str| UnconfirmedUpload {
            address: entry.address.clone(),
            upload_id,
            reason: reason.to_owned(),
        };
        // One more second if all the grace is spent: the answer saves a search
        // by hand.
        let until = deadline.max(Instant::now() + Duration::from_secs(1));
        let search = self.request(Stage::List, &entry.address, "list_uploads", || {
            self.core.store.list_uploads(&entry.address)
        });
        let listed = tokio::time::timeout_at(until, search).await;
        let Ok(Ok(listed)) = listed else {
            return vec![report(
                None,
                "opening it was not answered, and open uploads could not be listed",
            )];
        };
        let ours: Vec<String> = self
            .core
            .registry
            .snapshot()
            .into_iter()
            .filter_map(|(_, entry)| entry.upload.map(|upload| upload.upload_id))
            .collect();
        let earliest = entry.since.checked_sub(CLOCK_TOLERANCE);
        let found: Vec<UnconfirmedUpload> = listed
            .into_iter()
            .filter(|upload| upload.address.key == entry.address.key)
            .filter(|upload| !ours.contains(&upload.upload_id))
            .filter(|upload| upload.initiated.is_none() || upload.initiated >= earliest)
            .map(|upload| {
                report(
                    Some(upload.upload_id),
                    "opening an upload was not answered; this one was opened about then and may be ours",
                )
            })
            .collect();
        if found.is_empty() {
            self.core.registry.remove(id);
        }
        found
    }
}

/// Whether waiting longer may strike this entry off the registry.
fn is_busy(id: EntryId, entry: &Entry, tried: &[EntryId]) -> bool {
    match entry.state {
        State::Lost => false,
        State::Live | State::Committing | State::Abandoned { cleaning: true } => true,
        // Not yet opened: its creation is under way. Opened and tried: it has
        // failed, and this is how it ends.
        State::Abandoned { cleaning: false } => entry.upload.is_none() || !tried.contains(&id),
    }
}

impl Core {
    /// Opens a multipart upload, in a task of its own so that nobody's dropped
    /// future can lose the id.
    pub(crate) async fn open(
        self: Arc<Self>,
        id: EntryId,
        spec: ObjectSpec,
        retries: RetryCount,
    ) -> Result<MultipartUpload, Error> {
        let answered = with_retries(
            &self.config,
            self.config.attempt_timeout,
            "create_upload",
            || self.store.create_upload(&spec),
        )
        .await;
        retries.count(&answered);
        match answered {
            Ok(answered) => {
                let upload = answered.value;
                tracing::debug!(
                    bucket = spec.address.bucket,
                    key = spec.address.key,
                    upload_id = upload.upload_id,
                    "multipart upload opened"
                );
                if answered.may_have_applied_before {
                    self.registry.remember_lost(&spec.address);
                }
                if self.registry.opened(id, &upload) {
                    // Its outcome is in the registry and in the log.
                    let _ = clean(Arc::clone(&self), id).await;
                }
                Ok(upload)
            }
            Err(end) => {
                if end.may_have_applied {
                    self.registry.lose(id);
                } else {
                    self.registry.remove(id);
                }
                Err(Error::from_store(Stage::Create, end.attempts, end.error)
                    .with_address(&spec.address))
            }
        }
    }
}

/// Counts attempts beyond the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct RetryCount(Arc<AtomicU64>);

impl RetryCount {
    pub(crate) fn count<T>(&self, outcome: &Result<Answered<T>, Exhausted>) {
        let attempts = match outcome {
            Ok(answered) => answered.attempts,
            Err(end) => end.attempts,
        };
        self.0
            .fetch_add(u64::from(attempts.saturating_sub(1)), Ordering::Relaxed);
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What [`Uploader::drain`] found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DrainReport {
    /// Uploads given up since the last report and confirmed to be gone.
    pub aborted: Vec<MultipartUpload>,
    /// Uploads that may still be open and cost money until a lifecycle rule or
    /// somebody's hand removes them.
    pub unconfirmed: Vec<UnconfirmedUpload>,
}

impl DrainReport {
    /// Whether nothing is left open, as far as can be known.
    pub fn is_clean(&self) -> bool {
        self.unconfirmed.is_empty()
    }
}

/// A multipart upload that may be open.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnconfirmedUpload {
    /// The object it would have become.
    pub address: ObjectAddress,
    /// The store's id; `None` if the store never answered with one.
    pub upload_id: Option<String>,
    /// Why it is not known to be gone.
    pub reason: String,
}

/// What became of an aborted upload.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AbortReport {
    /// The object it would have become.
    pub address: ObjectAddress,
    /// The store's id; `None` if nothing had been sent, or the store never
    /// answered.
    pub upload_id: Option<String>,
    /// Whether nothing of it is left on the store, as the store itself says.
    pub confirmed: bool,
    /// Why not.
    pub error: Option<Error>,
}
