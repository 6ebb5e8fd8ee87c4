//! What is known of a published object.

use std::time::Duration;

use crate::checksum::Crc64;

/// Proof of a published object: what was sent, and what the store said of it
/// afterwards.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Receipt {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The version that was made, in a versioned bucket.
    pub version_id: Option<String>,
    /// The object's `ETag`.
    pub etag: Option<String>,
    /// Length of the object in bytes.
    pub size_bytes: u64,
    /// Number of parts; 0 if the object was sent by one request.
    pub parts: u32,
    /// Id of the multipart upload; `None` if the object was sent by one request.
    pub upload_id: Option<String>,
    /// Checksum over all bytes, as computed while they were taken in.
    pub crc64nvme: Crc64,
    /// How the published object was compared.
    pub verification: Verification,
    /// How it was learnt that the object is published.
    pub publication: Publication,
    /// Encryption the store applied, by S3's name, where it tells.
    pub encryption: Option<String>,
    /// KMS key the store applied, where it tells.
    pub kms_key_id: Option<String>,
    /// Time from the first byte to the end of the comparison.
    pub elapsed: Duration,
    /// Attempts beyond the first, over all requests.
    pub retries: u64,
}

/// How the published object was compared with what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verification {
    /// The store's own checksum over the whole object and its length are equal
    /// to ours.
    Checksum,
    /// The store returns no whole-object checksum: its length, and the `ETag` it
    /// answered publishing with, are equal. Every byte was covered by a checksum
    /// on its way, but what is stored is taken on the store's word.
    SizeAndEtag,
    /// The store returns neither checksum nor `ETag`: only the length is equal.
    SizeOnly,
}

/// How it was learnt that the object is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Publication {
    /// The store answered the request.
    Answered,
    /// The answer was lost; the object was then found with equal length and
    /// checksum.
    FoundAfterLostAnswer,
}
