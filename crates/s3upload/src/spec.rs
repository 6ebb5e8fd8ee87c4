//! What object is wanted: its address, its attributes, and what may be replaced.

use std::fmt;

/// Where an object lives.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ObjectAddress {
    /// The bucket; a store without buckets ignores it.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The account that must own the bucket; a store refuses the request if
    /// another does.
    pub expected_bucket_owner: Option<String>,
}

impl ObjectAddress {
    /// Addresses `key` in `bucket`, whoever owns the bucket.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            key: key.into(),
            expected_bucket_owner: None,
        }
    }

    /// Requires the bucket to be owned by this account.
    #[must_use]
    pub fn with_expected_bucket_owner(mut self, account: impl Into<String>) -> Self {
        self.expected_bucket_owner = Some(account.into());
        self
    }
}

impl fmt::Display for ObjectAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.bucket, self.key)
    }
}

/// The object to be made: address and attributes, all fixed before the first
/// byte.
///
/// What is only known at the end (row counts, digests) cannot be metadata of a
/// streamed object: set tags after the commit
/// ([`Uploader::put_tags`](crate::Uploader::put_tags)) or write a second object.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectSpec {
    /// Where the object goes.
    pub address: ObjectAddress,
    /// `Content-Type`; the store's default when `None`.
    pub content_type: Option<String>,
    /// `Content-Encoding`. Leave it `None` for a `.sql.gz` that is to be
    /// downloaded as it is: HTTP clients unpack an object marked `gzip`.
    pub content_encoding: Option<String>,
    /// Storage class by S3's name, e.g. `STANDARD_IA`.
    pub storage_class: Option<String>,
    /// Server-side encryption.
    pub encryption: Encryption,
    /// Tags, in the order given.
    pub tags: Vec<(String, String)>,
    /// User metadata, in the order given.
    pub metadata: Vec<(String, String)>,
    /// A guess of the object's size; it may raise the size of the first parts.
    pub expected_bytes: Option<u64>,
}

impl ObjectSpec {
    /// An object without any attribute, encrypted as the bucket's default says.
    pub fn new(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Self {
            address: ObjectAddress::new(bucket, key),
            content_type: None,
            content_encoding: None,
            storage_class: None,
            encryption: Encryption::BucketDefault,
            tags: Vec::new(),
            metadata: Vec::new(),
            expected_bytes: None,
        }
    }

    /// Sets `Content-Type`.
    #[must_use]
    pub fn with_content_type(mut self, value: impl Into<String>) -> Self {
        self.content_type = Some(value.into());
        self
    }

    /// Sets `Content-Encoding`.
    #[must_use]
    pub fn with_content_encoding(mut self, value: impl Into<String>) -> Self {
        self.content_encoding = Some(value.into());
        self
    }

    /// Sets the storage class, by S3's name.
    #[must_use]
    pub fn with_storage_class(mut self, value: impl Into<String>) -> Self {
        self.storage_class = Some(value.into());
        self
    }

    /// Sets server-side encryption.
    #[must_use]
    pub fn with_encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = encryption;
        self
    }

    /// Adds a tag.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// Adds an entry of user metadata.
    #[must_use]
    pub fn with_metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((key.into(), value.into()));
        self
    }

    /// Requires the bucket to be owned by this account, on every request of the
    /// upload.
    #[must_use]
    pub fn with_expected_bucket_owner(mut self, account: impl Into<String>) -> Self {
        self.address.expected_bucket_owner = Some(account.into());
        self
    }

    /// Hints at the object's size in bytes. A wrong hint costs memory or reach,
    /// never correctness.
    #[must_use]
    pub fn with_expected_bytes(mut self, bytes: u64) -> Self {
        self.expected_bytes = Some(bytes);
        self
    }
}

/// Server-side encryption of an object.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Encryption {
    /// As the bucket is configured; nothing is asked for and nothing compared.
    #[default]
    BucketDefault,
    /// S3's own keys (`AES256`).
    S3,
    /// A key in AWS KMS (`aws:kms`).
    Kms {
        /// Key id, ARN or alias.
        key_id: String,
    },
}

/// What may be at the key already when the object is published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Guard {
    /// Whatever is there is replaced.
    #[default]
    Overwrite,
    /// Nothing may be there: [`ErrorKind::AlreadyExists`](crate::ErrorKind) otherwise.
    CreateOnly,
    /// Exactly this version may be there: [`ErrorKind::Conflict`](crate::ErrorKind) otherwise.
    Replace {
        /// The `ETag` of the object to be replaced.
        etag: String,
    },
}
