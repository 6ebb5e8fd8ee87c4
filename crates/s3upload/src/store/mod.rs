//! The edge of the world: what an upload needs from a place that keeps objects.
//!
//! A store does one request per call and does not retry: waiting, counting
//! attempts and deciding what an unanswered request means is the uploader's
//! business, the same for every store.

mod directory;
mod fault;
mod memory;
#[cfg(feature = "aws")]
mod s3;

use std::{fmt::Debug, time::SystemTime};

use async_trait::async_trait;
use bytes::Bytes;

#[cfg(feature = "aws")]
pub use self::s3::S3Store;
pub use self::{
    directory::DirectoryStore,
    fault::{StoreError, StoreErrorKind},
    memory::MemoryStore,
};
use crate::{
    checksum::Crc64,
    spec::{Guard, ObjectAddress, ObjectSpec},
};

/// A place that keeps objects and takes them in parts.
///
/// The contract that every implementation must keep is executable: feature
/// `testing`, `testing::contract::run_all`.
///
/// # Cancel safety
///
/// A dropped future may or may not have had its effect, as with any request over
/// a network.
#[async_trait]
pub trait ObjectStore: Send + Sync + Debug {
    /// Limits and habits of this store.
    fn profile(&self) -> StoreProfile;

    /// Opens a multipart upload. Nothing is visible at the key.
    async fn create_upload(&self, spec: &ObjectSpec) -> Result<MultipartUpload, StoreError>;

    /// Stores one part; sending a number again replaces what it held.
    async fn upload_part(
        &self,
        upload: &MultipartUpload,
        part: PartBody,
    ) -> Result<PartAck, StoreError>;

    /// Publishes the parts as one object, all at once, or changes nothing at the
    /// key.
    async fn complete_upload(
        &self,
        upload: &MultipartUpload,
        parts: &[PartAck],
        proof: &Proof,
        guard: &Guard,
    ) -> Result<Published, StoreError>;

    /// Discards an upload and its parts. Fails with
    /// [`StoreErrorKind::NoSuchUpload`] when there is none (any more).
    async fn abort_upload(&self, upload: &MultipartUpload) -> Result<(), StoreError>;

    /// Publishes an object in one request, or changes nothing at the key.
    async fn put_object(
        &self,
        spec: &ObjectSpec,
        body: Bytes,
        crc64nvme: Crc64,
        guard: &Guard,
    ) -> Result<Published, StoreError>;

    /// Describes the object at an address (one version of it, if given), or
    /// `None` if there is none.
    async fn head_object(
        &self,
        address: &ObjectAddress,
        version_id: Option<String>,
        checksum: ChecksumMode,
    ) -> Result<Option<ObjectInfo>, StoreError>;

    /// Lists the parts that an open upload holds, by number. Fails with
    /// [`StoreErrorKind::NoSuchUpload`] when the upload is gone.
    async fn list_parts(&self, upload: &MultipartUpload) -> Result<Vec<PartAck>, StoreError>;

    /// Lists the open uploads whose keys start with the address's key.
    async fn list_uploads(
        &self,
        prefix: &ObjectAddress,
    ) -> Result<Vec<MultipartUpload>, StoreError>;

    /// Replaces all tags of the object.
    async fn put_tags(
        &self,
        address: &ObjectAddress,
        tags: &[(String, String)],
    ) -> Result<(), StoreError>;
}

/// Limits and habits of a store.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoreProfile {
    /// Smallest size of any part but the last, in bytes.
    pub min_part_bytes: u64,
    /// Largest size of a part, in bytes.
    pub max_part_bytes: u64,
    /// Most parts of one upload.
    pub max_parts: u32,
    /// Whether the store keeps content type, encoding and encryption, so that
    /// they can be compared after publishing.
    pub keeps_attributes: bool,
}

impl StoreProfile {
    /// Amazon S3: parts of 5 MiB to 5 GiB, 10,000 of them.
    pub const fn s3() -> Self {
        Self {
            min_part_bytes: 5 * 1024 * 1024,
            max_part_bytes: 5 * 1024 * 1024 * 1024,
            max_parts: 10_000,
            keeps_attributes: true,
        }
    }

    /// Sets the smallest part.
    #[must_use]
    pub const fn with_min_part_bytes(mut self, bytes: u64) -> Self {
        self.min_part_bytes = bytes;
        self
    }

    /// Sets the number of parts.
    #[must_use]
    pub const fn with_max_parts(mut self, parts: u32) -> Self {
        self.max_parts = parts;
        self
    }

    /// Declares that the store keeps only bytes.
    #[must_use]
    pub const fn without_attributes(mut self) -> Self {
        self.keeps_attributes = false;
        self
    }
}

/// An open multipart upload: what is needed to continue or to abort it by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MultipartUpload {
    /// The object it would become.
    pub address: ObjectAddress,
    /// The store's id of the upload.
    pub upload_id: String,
    /// When it was opened, where the store tells (listings only).
    pub initiated: Option<SystemTime>,
}

impl MultipartUpload {
    /// Names an upload.
    pub fn new(address: ObjectAddress, upload_id: impl Into<String>) -> Self {
        Self {
            address,
            upload_id: upload_id.into(),
            initiated: None,
        }
    }

    /// Sets when the upload was opened.
    #[must_use]
    pub fn with_initiated(mut self, at: SystemTime) -> Self {
        self.initiated = Some(at);
        self
    }
}

/// One part on its way to a store.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PartBody {
    /// Part number, from 1.
    pub number: u32,
    /// Where the part starts within the object, for stores that write in place.
    pub offset: u64,
    /// The part's bytes.
    pub bytes: Bytes,
    /// Their checksum; a store that can must refuse other bytes.
    pub crc64nvme: Crc64,
}

impl PartBody {
    /// Makes a part out of bytes, computing their checksum.
    pub fn new(number: u32, offset: u64, bytes: Bytes) -> Self {
        let crc64nvme = Crc64::of(&bytes);
        Self {
            number,
            offset,
            bytes,
            crc64nvme,
        }
    }
}

/// A part as its store acknowledged or lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartAck {
    /// Part number, from 1.
    pub number: u32,
    /// The store's `ETag` of the part.
    pub etag: String,
    /// Length in bytes.
    pub size_bytes: u64,
    /// Checksum, where the store tells.
    pub crc64nvme: Option<Crc64>,
}

impl PartAck {
    /// Acknowledges a part.
    pub fn new(number: u32, etag: impl Into<String>, size_bytes: u64) -> Self {
        Self {
            number,
            etag: etag.into(),
            size_bytes,
            crc64nvme: None,
        }
    }

    /// Adds the checksum that the store answered with.
    #[must_use]
    pub fn with_crc64nvme(mut self, crc: Option<Crc64>) -> Self {
        self.crc64nvme = crc;
        self
    }
}

/// What the object must turn out to be; a store that can must refuse to publish
/// anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Proof {
    /// Length of the object in bytes.
    pub size_bytes: u64,
    /// Checksum over all of its bytes.
    pub crc64nvme: Crc64,
}

impl Proof {
    /// States length and checksum.
    pub const fn new(size_bytes: u64, crc64nvme: Crc64) -> Self {
        Self {
            size_bytes,
            crc64nvme,
        }
    }
}

/// The store's answer to a publication.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Published {
    /// The object's `ETag`.
    pub etag: Option<String>,
    /// The version that was made, in a versioned bucket.
    pub version_id: Option<String>,
}

impl Published {
    /// Answers with an `ETag`.
    pub fn new(etag: impl Into<String>) -> Self {
        Self {
            etag: Some(etag.into()),
            version_id: None,
        }
    }
}

/// Whether a description should carry the object's checksum.
///
/// On S3 it costs nothing but, for KMS keys, the permission to decrypt; the
/// directory store reads the whole file for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChecksumMode {
    /// Wanted.
    Enabled,
    /// Not needed.
    Disabled,
}

/// An object as its store describes it. What the store does not tell is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// Length in bytes.
    pub size_bytes: u64,
    /// The object's `ETag`.
    pub etag: Option<String>,
    /// The version described, in a versioned bucket.
    pub version_id: Option<String>,
    /// Checksum over all bytes.
    pub crc64nvme: Option<Crc64>,
    /// `Content-Type`.
    pub content_type: Option<String>,
    /// `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// Encryption applied, by S3's name: `AES256`, `aws:kms`, …
    pub encryption: Option<String>,
    /// ARN or id of the KMS key applied.
    pub kms_key_id: Option<String>,
    /// Storage class by S3's name; S3 leaves it out for `STANDARD`.
    pub storage_class: Option<String>,
    /// User metadata.
    pub metadata: Vec<(String, String)>,
    /// When the object was last written.
    pub last_modified: Option<SystemTime>,
}

impl ObjectInfo {
    /// Describes an object of this length and nothing more.
    pub fn new(size_bytes: u64) -> Self {
        Self {
            size_bytes,
            ..Self::default()
        }
    }
}
