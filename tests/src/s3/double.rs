//! The double itself: its options, and the look into it without the protocol.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Result, anyhow};
use hyper::body::Incoming;
use hyper::{Request, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;

use super::access::{ACCESS_KEY, SECRET_KEY};
use super::control::{Call, Control, Fate};
use super::faults::{FaultRule, Operation};
use super::state::State;
use crate::http::{AnswerFuture, Handler};
use crate::scratch::Scratch;

/// What the double starts with. Default: no bucket, owner `123456789012`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct S3Options {
    /// The buckets there are; clients cannot create any.
    pub buckets: Vec<String>,
    /// The account that owns them.
    pub owner: String,
    /// How many objects one answer of a listing holds at most; as S3, 1000.
    pub list_page: i32,
    /// Access keys and their secrets that are let in beside [`ACCESS_KEY`], as those of
    /// another double which the same client talks to. Default: none.
    pub more_keys: Vec<(String, String)>,
}

impl Default for S3Options {
    fn default() -> Self {
        Self {
            buckets: Vec::new(),
            owner: "123456789012".to_owned(),
            list_page: 1000,
            more_keys: Vec::new(),
        }
    }
}

impl S3Options {
    /// The defaults with these buckets.
    #[must_use]
    pub fn with_buckets(buckets: &[&str]) -> Self {
        Self {
            buckets: buckets.iter().map(ToString::to_string).collect(),
            ..Self::default()
        }
    }
}

/// An object as it lies in the store.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct StoredObject {
    /// The file with its bytes.
    pub path: PathBuf,
    /// How many they are.
    pub size: u64,
    /// Without quotes.
    pub etag: String,
    /// In base64, if that is the checksum the object has.
    pub crc64nvme: Option<String>,
    /// `None` is STANDARD.
    pub storage_class: Option<String>,
    /// `AES256` or `aws:kms`.
    pub encryption: String,
    /// The KMS key as an ARN.
    pub kms_key_arn: Option<String>,
    /// The object's tags.
    pub tags: BTreeMap<String, String>,
    /// The user's metadata; names without `x-amz-meta-`.
    pub metadata: BTreeMap<String, String>,
    /// As given at the upload.
    pub content_type: Option<String>,
    /// As given at the upload.
    pub content_encoding: Option<String>,
}

impl StoredObject {
    /// Its bytes.
    ///
    /// # Errors
    ///
    /// When the object was deleted meanwhile.
    pub fn bytes(&self) -> io::Result<Vec<u8>> {
        fs::read(&self.path)
    }
}

/// A multipart upload neither completed nor aborted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OpenUpload {
    /// The bucket it is for.
    pub bucket: String,
    /// The key it is for.
    pub key: String,
    /// Its id.
    pub upload_id: String,
    /// How many parts it has.
    pub parts: usize,
}

/// A strict S3 in process, without a port; see [`S3Server`](super::S3Server).
pub struct S3Double {
    pub(super) inner: Arc<Inner>,
    service: S3Service,
}

/// A double and the directory of its objects. The directory goes with this, not
/// with the last request that still holds the double.
#[derive(Debug)]
pub(crate) struct OwnedDouble {
    pub(crate) double: Arc<S3Double>,
    _objects: Scratch,
}

impl OwnedDouble {
    pub(crate) fn new(options: S3Options) -> Result<Self> {
        let objects = Scratch::new("datatransit-s3-")?;
        let double = Arc::new(S3Double::new(options, objects.path())?);
        Ok(Self {
            double,
            _objects: objects,
        })
    }
}

/// What the operations share.
pub(super) struct Inner {
    pub(super) files: FileSystem,
    pub(super) control: Control,
    /// Held over the check of a condition and the write it allows.
    pub(super) commit: tokio::sync::Mutex<()>,
    root: PathBuf,
    state: Mutex<State>,
    buckets: Mutex<BTreeSet<String>>,
    owner: String,
    pub(super) list_page: i32,
}

impl Inner {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn has_bucket(&self, bucket: &str) -> bool {
        self.buckets
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(bucket)
    }

    pub(super) fn owner(&self) -> &str {
        &self.owner
    }
}

impl S3Double {
    /// Keeps the objects below `root`, which must be there.
    fn new(options: S3Options, root: &Path) -> Result<Self> {
        let files =
            FileSystem::new(root).map_err(|error| anyhow!("the object store: {error:?}"))?;
        let inner = Arc::new(Inner {
            files,
            control: Control::new(),
            commit: tokio::sync::Mutex::new(()),
            root: root.to_owned(),
            state: Mutex::default(),
            buckets: Mutex::default(),
            owner: options.owner,
            list_page: options.list_page,
        });
        let mut builder = S3ServiceBuilder::new(super::service::Strict::new(Arc::clone(&inner)));
        let mut auth = SimpleAuth::from_single(ACCESS_KEY, SECRET_KEY);
        for (key, secret) in options.more_keys {
            auth.register(key, secret.into());
        }
        builder.set_auth(auth);
        let double = Self {
            inner,
            service: builder.build(),
        };
        for bucket in &options.buckets {
            double.create_bucket(bucket)?;
        }
        Ok(double)
    }

    /// Adds a bucket.
    ///
    /// # Errors
    ///
    /// When its directory cannot be made.
    pub fn create_bucket(&self, name: &str) -> io::Result<()> {
        fs::create_dir_all(self.inner.root.join(name))?;
        let mut buckets = self
            .inner
            .buckets
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        buckets.insert(name.to_owned());
        Ok(())
    }

    /// The object under a key.
    #[must_use]
    pub fn object(&self, bucket: &str, key: &str) -> Option<StoredObject> {
        let state = self.inner.state();
        let object = state.object(bucket, key)?.clone();
        Some(StoredObject {
            path: self.path(bucket, key),
            size: object.size,
            etag: object.etag,
            crc64nvme: object.checksum.checksum_crc64nvme,
            storage_class: object.attributes.storage_class,
            encryption: object.attributes.encryption.algorithm,
            kms_key_arn: object.attributes.encryption.kms_key_arn,
            tags: object.attributes.tags,
            metadata: object.attributes.metadata,
            content_type: object.attributes.content_type,
            content_encoding: object.attributes.content_encoding,
        })
    }

    /// The tags of an object; `None` without the object.
    #[must_use]
    pub fn tags(&self, bucket: &str, key: &str) -> Option<BTreeMap<String, String>> {
        self.object(bucket, key).map(|object| object.tags)
    }

    /// The keys of all objects of a bucket, sorted.
    #[must_use]
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let state = self.inner.state();
        state
            .objects
            .keys()
            .filter(|(owner, _)| owner == bucket)
            .map(|(_, key)| key.clone())
            .collect()
    }

    /// The uploads neither completed nor aborted: after a job there shall be none.
    #[must_use]
    pub fn open_uploads(&self) -> Vec<OpenUpload> {
        let state = self.inner.state();
        let uploads = state.uploads.iter().map(|(id, upload)| OpenUpload {
            bucket: upload.bucket.clone(),
            key: upload.key.clone(),
            upload_id: id.clone(),
            parts: upload.parts.len(),
        });
        uploads.collect()
    }

    /// All calls so far, in the order they began. Calls with a wrong signature or
    /// of operations that the double does not know are not among them.
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.inner.control.calls().clone()
    }

    /// How many calls of an operation have begun.
    #[must_use]
    pub fn call_count(&self, operation: Operation) -> usize {
        self.inner.control.count(operation)
    }

    /// The operations called so far: what a policy for the caller must allow.
    #[must_use]
    pub fn operations(&self) -> BTreeSet<Operation> {
        self.inner
            .control
            .calls()
            .iter()
            .map(|call| call.operation)
            .collect()
    }

    /// Waits until that many calls of an operation have begun, for ever if need be.
    pub async fn wait_for_calls(&self, operation: Operation, count: usize) {
        self.inner.control.wait_for_calls(operation, count).await;
    }

    /// Adds a fault. Of several rules that befall one call the first added wins.
    pub fn add_fault(&self, rule: FaultRule) {
        self.inner.control.rules().push(rule);
    }

    /// Forgets all faults. Calls that are held stay held.
    pub fn clear_faults(&self) {
        self.inner.control.rules().clear();
    }

    /// Lets go all calls that [`Effect::Hold`](super::Effect::Hold) holds now.
    pub fn release_held(&self) {
        self.inner.control.release_held();
    }

    fn path(&self, bucket: &str, key: &str) -> PathBuf {
        self.inner.root.join(bucket).join(key)
    }
}

impl Handler for S3Double {
    fn handle(self: Arc<Self>, request: Request<Incoming>) -> AnswerFuture {
        let service = self.service.clone();
        Box::pin(async move {
            let fate = Fate::default();
            let mut request = request.map(s3s::Body::from);
            request.extensions_mut().insert(fate.clone());
            let response: Response<s3s::Body> = service.call(request).await.ok()?;
            (!fate.severed()).then_some(response)
        })
    }
}

impl fmt::Debug for S3Double {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Double")
            .field("root", &self.inner.root)
            .finish_non_exhaustive()
    }
}
