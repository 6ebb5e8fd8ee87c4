//! What the double knows beside the bytes.

use std::collections::BTreeMap;
use std::time::SystemTime;

use s3s::dto::Checksum;

use super::digests::Digests;

#[derive(Debug, Default)]
pub(super) struct State {
    /// Open uploads by id.
    pub(super) uploads: BTreeMap<String, UploadState>,
    /// Objects by bucket and key.
    pub(super) objects: BTreeMap<(String, String), ObjectState>,
}

impl State {
    pub(super) fn object(&self, bucket: &str, key: &str) -> Option<&ObjectState> {
        self.objects.get(&(bucket.to_owned(), key.to_owned()))
    }
}

#[derive(Debug, Clone)]
pub(super) struct UploadState {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) initiated: SystemTime,
    /// The checksum algorithm named at creation.
    pub(super) algorithm: Option<String>,
    pub(super) attributes: Attributes,
    pub(super) parts: BTreeMap<i32, PartState>,
}

#[derive(Debug, Clone)]
pub(super) struct PartState {
    pub(super) etag: String,
    pub(super) digests: Digests,
    pub(super) received: SystemTime,
}

#[derive(Debug, Clone)]
pub(super) struct ObjectState {
    pub(super) size: u64,
    pub(super) etag: String,
    pub(super) checksum: Checksum,
    pub(super) attributes: Attributes,
}

/// What a client says about an object.
#[derive(Debug, Clone, Default)]
pub(super) struct Attributes {
    pub(super) storage_class: Option<String>,
    pub(super) encryption: Encryption,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) content_type: Option<String>,
    pub(super) content_encoding: Option<String>,
}

/// As applied, not as requested.
#[derive(Debug, Clone, Default)]
pub(super) struct Encryption {
    pub(super) algorithm: String,
    pub(super) kms_key_arn: Option<String>,
    pub(super) bucket_key_enabled: Option<bool>,
}
