//! A store in memory, as strict as S3 is documented to be: for tests and dry
//! runs.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};

use super::{
    ChecksumMode, MultipartUpload, ObjectInfo, ObjectStore, PartAck, PartBody, Proof, Published,
    StoreError, StoreErrorKind, StoreProfile,
};
use crate::{
    checksum::Crc64,
    spec::{Encryption, Guard, ObjectAddress, ObjectSpec},
};

/// Keeps objects in memory. Every bucket exists.
///
/// Parts, lists of parts, lengths, checksums, `ETag`s and guards are checked as
/// strictly as S3 checks them, so what succeeds here is well-formed there. Cheap
/// to clone; clones share the objects.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    profile: StoreProfile,
    checksums: bool,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    objects: BTreeMap<(String, String), Stored>,
    uploads: HashMap<String, Open>,
    serial: u64,
}

#[derive(Debug, Clone)]
struct Stored {
    body: Bytes,
    etag: String,
    spec: ObjectSpec,
    tags: Vec<(String, String)>,
    written: SystemTime,
}

#[derive(Debug)]
struct Open {
    spec: ObjectSpec,
    initiated: SystemTime,
    parts: BTreeMap<u32, (PartAck, Bytes)>,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryStore {
    /// An empty store with S3's limits.
    pub fn new() -> Self {
        Self {
            profile: StoreProfile::s3(),
            checksums: true,
            state: Arc::default(),
        }
    }

    /// Sets other limits, for instance tiny parts in tests.
    #[must_use]
    pub fn with_profile(mut self, profile: StoreProfile) -> Self {
        self.profile = profile;
        self
    }

    /// Describes objects without their checksums, as some stores do.
    #[must_use]
    pub fn without_checksums(mut self) -> Self {
        self.checksums = false;
        self
    }

    /// The bytes of an object.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Bytes> {
        let state = self.lock();
        let stored = state.objects.get(&(bucket.to_owned(), key.to_owned()))?;
        Some(stored.body.clone())
    }

    /// The tags of an object.
    pub fn tags(&self, bucket: &str, key: &str) -> Option<Vec<(String, String)>> {
        let state = self.lock();
        let stored = state.objects.get(&(bucket.to_owned(), key.to_owned()))?;
        Some(stored.tags.clone())
    }

    /// All keys of a bucket, in order.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        self.lock()
            .objects
            .keys()
            .filter(|(of, _)| of == bucket)
            .map(|(_, key)| key.clone())
            .collect()
    }

    /// How many multipart uploads are open.
    pub fn open_uploads(&self) -> usize {
        self.lock().uploads.len()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_part_list(&self, open: &Open, parts: &[PartAck]) -> Result<(), StoreError> {
        if parts.is_empty() {
            return Err(invalid("MalformedXML", "no parts"));
        }
        if !parts.is_sorted_by(|a, b| a.number < b.number) {
            return Err(invalid("InvalidPartOrder", "parts out of order"));
        }
        for (at, part) in parts.iter().enumerate() {
            let Some((held, _)) = open.parts.get(&part.number) else {
                return Err(invalid("InvalidPart", "a part was not sent"));
            };
            if held.etag != part.etag
                || part
                    .crc64nvme
                    .is_some_and(|crc| held.crc64nvme != Some(crc))
            {
                return Err(invalid("InvalidPart", "a part is not the one sent"));
            }
            if at + 1 < parts.len() && held.size_bytes < self.profile.min_part_bytes {
                return Err(invalid(
                    "EntityTooSmall",
                    "a part before the last is too small",
                ));
            }
        }
        Ok(())
    }
}

impl State {
    fn publish(
        &mut self,
        spec: ObjectSpec,
        body: Bytes,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        let at = (spec.address.bucket.clone(), spec.address.key.clone());
        let holds = match (guard, self.objects.get(&at)) {
            (Guard::Overwrite, _) | (Guard::CreateOnly, None) => true,
            (Guard::CreateOnly, Some(_)) => false,
            (Guard::Replace { etag }, Some(there)) => there.etag == *etag,
            (Guard::Replace { .. }, None) => {
                return Err(StoreError::new(StoreErrorKind::NotFound)
                    .with_code("NoSuchKey")
                    .with_http_status(404));
            }
        };
        if !holds {
            return Err(StoreError::new(StoreErrorKind::PreconditionFailed)
                .with_code("PreconditionFailed")
                .with_http_status(412));
        }
        self.serial += 1;
        let etag = format!("memory-{}", self.serial);
        self.objects.insert(
            at,
            Stored {
                body,
                etag: etag.clone(),
                tags: spec.tags.clone(),
                spec,
                written: SystemTime::now(),
            },
        );
        Ok(Published::new(etag))
    }

    fn upload(&mut self, upload: &MultipartUpload) -> Result<&mut Open, StoreError> {
        self.uploads
            .get_mut(&upload.upload_id)
            .filter(|open| {
                open.spec.address.bucket == upload.address.bucket
                    && open.spec.address.key == upload.address.key
            })
            .ok_or_else(|| {
                StoreError::new(StoreErrorKind::NoSuchUpload)
                    .with_code("NoSuchUpload")
                    .with_http_status(404)
            })
    }
}

fn invalid(code: &str, detail: &str) -> StoreError {
    StoreError::new(StoreErrorKind::InvalidRequest)
        .with_code(code)
        .with_http_status(400)
        .with_detail(detail)
}

fn bad_digest() -> StoreError {
    StoreError::new(StoreErrorKind::BadDigest)
        .with_code("BadDigest")
        .with_http_status(400)
}

#[async_trait]
impl ObjectStore for MemoryStore {
    fn profile(&self) -> StoreProfile {
        self.profile.clone()
    }

    async fn create_upload(&self, spec: &ObjectSpec) -> Result<MultipartUpload, StoreError> {
        let mut state = self.lock();
        state.serial += 1;
        let upload = MultipartUpload::new(spec.address.clone(), format!("upload-{}", state.serial));
        state.uploads.insert(
            upload.upload_id.clone(),
            Open {
                spec: spec.clone(),
                initiated: SystemTime::now(),
                parts: BTreeMap::new(),
            },
        );
        Ok(upload)
    }

    async fn upload_part(
        &self,
        upload: &MultipartUpload,
        part: PartBody,
    ) -> Result<PartAck, StoreError> {
        if part.number == 0 || part.number > self.profile.max_parts {
            return Err(invalid("InvalidArgument", "part number out of range"));
        }
        let size_bytes = part.bytes.len() as u64;
        if size_bytes > self.profile.max_part_bytes {
            return Err(invalid("EntityTooLarge", "part too large"));
        }
        if Crc64::of(&part.bytes) != part.crc64nvme {
            return Err(bad_digest());
        }
        let mut state = self.lock();
        let ack = PartAck::new(
            part.number,
            format!("part-{:016x}", part.crc64nvme.value()),
            size_bytes,
        )
        .with_crc64nvme(Some(part.crc64nvme));
        state
            .upload(upload)?
            .parts
            .insert(part.number, (ack.clone(), part.bytes));
        Ok(ack)
    }

    async fn complete_upload(
        &self,
        upload: &MultipartUpload,
        parts: &[PartAck],
        proof: &Proof,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        let mut state = self.lock();
        let open = state.upload(upload)?;
        self.check_part_list(open, parts)?;
        let mut body = BytesMut::new();
        for part in parts {
            if let Some((_, bytes)) = open.parts.get(&part.number) {
                body.extend_from_slice(bytes);
            }
        }
        if body.len() as u64 != proof.size_bytes {
            return Err(invalid(
                "InvalidRequest",
                "the parts do not have the length stated",
            ));
        }
        if Crc64::of(&body) != proof.crc64nvme {
            return Err(bad_digest());
        }
        let spec = open.spec.clone();
        let published = state.publish(spec, body.freeze(), guard)?;
        state.uploads.remove(&upload.upload_id);
        Ok(published)
    }

    async fn abort_upload(&self, upload: &MultipartUpload) -> Result<(), StoreError> {
        let mut state = self.lock();
        state.upload(upload)?;
        state.uploads.remove(&upload.upload_id);
        Ok(())
    }

    async fn put_object(
        &self,
        spec: &ObjectSpec,
        body: Bytes,
        crc64nvme: Crc64,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        if body.len() as u64 > self.profile.max_part_bytes {
            return Err(invalid(
                "EntityTooLarge",
                "object too large for one request",
            ));
        }
        if Crc64::of(&body) != crc64nvme {
            return Err(bad_digest());
        }
        self.lock().publish(spec.clone(), body, guard)
    }

    async fn head_object(
        &self,
        address: &ObjectAddress,
        _version_id: Option<String>,
        checksum: ChecksumMode,
    ) -> Result<Option<ObjectInfo>, StoreError> {
        let state = self.lock();
        let Some(stored) = state
            .objects
            .get(&(address.bucket.clone(), address.key.clone()))
        else {
            return Ok(None);
        };
        let wanted = self.checksums && checksum == ChecksumMode::Enabled;
        let (encryption, kms_key_id) = match &stored.spec.encryption {
            Encryption::BucketDefault => (None, None),
            Encryption::S3 => (Some("AES256".to_owned()), None),
            Encryption::Kms { key_id } => (Some("aws:kms".to_owned()), Some(key_id.clone())),
        };
        Ok(Some(ObjectInfo {
            size_bytes: stored.body.len() as u64,
            etag: Some(stored.etag.clone()),
            version_id: None,
            crc64nvme: wanted.then(|| Crc64::of(&stored.body)),
            content_type: stored.spec.content_type.clone(),
            content_encoding: stored.spec.content_encoding.clone(),
            encryption,
            kms_key_id,
            storage_class: stored.spec.storage_class.clone(),
            metadata: stored.spec.metadata.clone(),
            last_modified: Some(stored.written),
        }))
    }

    async fn list_parts(&self, upload: &MultipartUpload) -> Result<Vec<PartAck>, StoreError> {
        let mut state = self.lock();
        let open = state.upload(upload)?;
        Ok(open.parts.values().map(|(ack, _)| ack.clone()).collect())
    }

    async fn list_uploads(
        &self,
        prefix: &ObjectAddress,
    ) -> Result<Vec<MultipartUpload>, StoreError> {
        let state = self.lock();
        Ok(state
            .uploads
            .iter()
            .filter(|(_, open)| {
                open.spec.address.bucket == prefix.bucket
                    && open.spec.address.key.starts_with(&prefix.key)
            })
            .map(|(id, open)| {
                MultipartUpload::new(open.spec.address.clone(), id.clone())
                    .with_initiated(open.initiated)
            })
            .collect())
    }

    async fn put_tags(
        &self,
        address: &ObjectAddress,
        tags: &[(String, String)],
    ) -> Result<(), StoreError> {
        let mut state = self.lock();
        let stored = state
            .objects
            .get_mut(&(address.bucket.clone(), address.key.clone()))
            .ok_or_else(|| {
                StoreError::new(StoreErrorKind::NotFound)
                    .with_code("NoSuchKey")
                    .with_http_status(404)
            })?;
        stored.tags = tags.to_vec();
        Ok(())
    }
}
