//! A store that fails where a test wants it to.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;

use crate::{
    checksum::Crc64,
    spec::{Guard, ObjectAddress, ObjectSpec},
    store::{
        ChecksumMode, MultipartUpload, ObjectInfo, ObjectStore, PartAck, PartBody, Proof,
        Published, StoreError, StoreErrorKind, StoreProfile,
    },
};

/// Wraps a store and injects faults into calls chosen by their number.
///
/// Calls are numbered from 0 in the order in which they are made. Cheap to
/// clone; clones share script, log and store.
#[derive(Debug, Clone)]
pub struct FaultyStore<S> {
    inner: S,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    calls: Vec<Operation>,
    faults: HashMap<usize, Fault>,
    always: HashMap<Operation, Fault>,
    opened: HashSet<String>,
}

/// What happens to one call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Fault {
    /// It fails with this error.
    Fail {
        /// Before or after it has had its effect.
        point: FaultPoint,
        /// What the caller gets to see.
        error: StoreError,
    },
    /// It has its effect, but the answer never comes.
    Hang,
    /// It takes this long and then happens as usual.
    Delay(Duration),
}

impl Fault {
    /// Fails without effect.
    pub fn before(kind: StoreErrorKind) -> Self {
        Self::Fail {
            point: FaultPoint::BeforeEffect,
            error: StoreError::new(kind),
        }
    }

    /// Has its effect; the answer is lost.
    pub fn after(kind: StoreErrorKind) -> Self {
        Self::Fail {
            point: FaultPoint::AfterEffect,
            error: StoreError::new(kind),
        }
    }
}

/// Whether a failing call has its effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultPoint {
    /// It has none.
    BeforeEffect,
    /// It has; only the answer is lost.
    AfterEffect,
}

/// The operations of a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// `create_upload`
    Create,
    /// `upload_part`
    UploadPart,
    /// `complete_upload`
    Complete,
    /// `abort_upload`
    Abort,
    /// `put_object`
    Put,
    /// `head_object`
    Head,
    /// `list_parts`
    ListParts,
    /// `list_uploads`
    ListUploads,
    /// `put_tags`
    PutTags,
}

impl<S: ObjectStore> FaultyStore<S> {
    /// Wraps a store; without a script it changes nothing.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            state: Arc::default(),
        }
    }

    /// Injects a fault into the call of this number.
    #[must_use]
    pub fn with_fault_at(self, call: usize, fault: Fault) -> Self {
        self.lock().faults.insert(call, fault);
        self
    }

    /// Injects a fault into every call of an operation.
    #[must_use]
    pub fn with_fault_on(self, operation: Operation, fault: Fault) -> Self {
        self.lock().always.insert(operation, fault);
        self
    }

    /// Injects no further faults.
    pub fn heal(&self) {
        let mut state = self.lock();
        state.faults.clear();
        state.always.clear();
    }

    /// The calls made so far.
    pub fn calls(&self) -> Vec<Operation> {
        self.lock().calls.clone()
    }

    /// How many calls of this operation were made.
    pub fn count(&self, operation: Operation) -> usize {
        let state = self.lock();
        state
            .calls
            .iter()
            .filter(|&&made| made == operation)
            .count()
    }

    /// How many multipart uploads were opened through this store and are neither
    /// completed nor aborted.
    pub fn open_uploads(&self) -> usize {
        self.lock().opened.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call<T>(
        &self,
        operation: Operation,
        effect: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let fault = {
            let mut state = self.lock();
            let number = state.calls.len();
            state.calls.push(operation);
            state
                .faults
                .remove(&number)
                .or_else(|| state.always.get(&operation).cloned())
        };
        match fault {
            None => effect.await,
            Some(Fault::Delay(time)) => {
                tokio::time::sleep(time).await;
                effect.await
            }
            Some(Fault::Hang) => {
                let _unheard = effect.await;
                std::future::pending().await
            }
            Some(Fault::Fail {
                point: FaultPoint::BeforeEffect,
                error,
            }) => Err(error),
            Some(Fault::Fail {
                point: FaultPoint::AfterEffect,
                error,
            }) => {
                let _unheard = effect.await;
                Err(error)
            }
        }
    }

    fn closed<T>(&self, upload: &MultipartUpload, outcome: &Result<T, StoreError>) {
        let gone = match outcome {
            Ok(_) => true,
            Err(error) => error.kind == StoreErrorKind::NoSuchUpload,
        };
        if gone {
            self.lock().opened.remove(&upload.upload_id);
        }
    }
}

#[async_trait]
impl<S: ObjectStore> ObjectStore for FaultyStore<S> {
    fn profile(&self) -> StoreProfile {
        self.inner.profile()
    }

    async fn create_upload(&self, spec: &ObjectSpec) -> Result<MultipartUpload, StoreError> {
        self.call(Operation::Create, async {
            let upload = self.inner.create_upload(spec).await?;
            self.lock().opened.insert(upload.upload_id.clone());
            Ok(upload)
        })
        .await
    }

    async fn upload_part(
        &self,
        upload: &MultipartUpload,
        part: PartBody,
    ) -> Result<PartAck, StoreError> {
        self.call(Operation::UploadPart, self.inner.upload_part(upload, part))
            .await
    }

    async fn complete_upload(
        &self,
        upload: &MultipartUpload,
        parts: &[PartAck],
        proof: &Proof,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        self.call(Operation::Complete, async {
            let outcome = self
                .inner
                .complete_upload(upload, parts, proof, guard)
                .await;
            self.closed(upload, &outcome);
            outcome
        })
        .await
    }

    async fn abort_upload(&self, upload: &MultipartUpload) -> Result<(), StoreError> {
        self.call(Operation::Abort, async {
            let outcome = self.inner.abort_upload(upload).await;
            self.closed(upload, &outcome);
            outcome
        })
        .await
    }

    async fn put_object(
        &self,
        spec: &ObjectSpec,
        body: Bytes,
        crc64nvme: Crc64,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        self.call(
            Operation::Put,
            self.inner.put_object(spec, body, crc64nvme, guard),
        )
        .await
    }

    async fn head_object(
        &self,
        address: &ObjectAddress,
        version_id: Option<String>,
        checksum: ChecksumMode,
    ) -> Result<Option<ObjectInfo>, StoreError> {
        self.call(
            Operation::Head,
            self.inner.head_object(address, version_id, checksum),
        )
        .await
    }

    async fn list_parts(&self, upload: &MultipartUpload) -> Result<Vec<PartAck>, StoreError> {
        self.call(Operation::ListParts, self.inner.list_parts(upload))
            .await
    }

    async fn list_uploads(
        &self,
        prefix: &ObjectAddress,
    ) -> Result<Vec<MultipartUpload>, StoreError> {
        self.call(Operation::ListUploads, self.inner.list_uploads(prefix))
            .await
    }

    async fn put_tags(
        &self,
        address: &ObjectAddress,
        tags: &[(String, String)],
    ) -> Result<(), StoreError> {
        self.call(Operation::PutTags, self.inner.put_tags(address, tags))
            .await
    }
}
