//! What S3 refuses before it looks at the bytes.

use std::collections::BTreeMap;

use s3s::dto::{BucketKeyEnabled, ETagCondition, ServerSideEncryption, StorageClass, Tag};
use s3s::{S3Result, s3_error};

use super::access::REGION;
use super::double::Inner;
use super::state::{Encryption, State};

/// S3's limits on tags of an object.
const MAX_TAGS: usize = 10;
const MAX_TAG_KEY: usize = 128;
const MAX_TAG_VALUE: usize = 256;

impl Inner {
    /// The bucket exists and belongs to whom the client thinks.
    pub(super) fn check_bucket(
        &self,
        bucket: &str,
        expected_owner: Option<&String>,
    ) -> S3Result<()> {
        if !self.has_bucket(bucket) {
            return Err(s3_error!(
                NoSuchBucket,
                "the specified bucket does not exist"
            ));
        }
        if expected_owner.is_some_and(|owner| owner != self.owner()) {
            return Err(s3_error!(
                AccessDenied,
                "the bucket belongs to another account"
            ));
        }
        Ok(())
    }

    pub(super) fn encryption(
        &self,
        algorithm: Option<&ServerSideEncryption>,
        kms_key_id: Option<&String>,
        bucket_key_enabled: Option<BucketKeyEnabled>,
    ) -> S3Result<Encryption> {
        let algorithm =
            algorithm.map_or(ServerSideEncryption::AES256, ServerSideEncryption::as_str);
        let kms = algorithm == ServerSideEncryption::AWS_KMS
            || algorithm == ServerSideEncryption::AWS_KMS_DSSE;
        if !kms && algorithm != ServerSideEncryption::AES256 {
            return Err(s3_error!(
                InvalidArgument,
                "the encryption method is not supported"
            ));
        }
        if !kms && kms_key_id.is_some() {
            return Err(s3_error!(
                InvalidArgument,
                "a KMS key without encryption by KMS"
            ));
        }
        // S3 answers with the key's full ARN, however it was named.
        let kms_key_arn = kms.then(|| match kms_key_id {
            Some(id) if id.starts_with("arn:") => id.clone(),
            Some(id) => format!("arn:aws:kms:{REGION}:{}:key/{id}", self.owner()),
            None => format!("arn:aws:kms:{REGION}:{}:key/aws-s3-default", self.owner()),
        });
        Ok(Encryption {
            algorithm: algorithm.to_owned(),
            kms_key_arn,
            bucket_key_enabled,
        })
    }
}

/// The conditions of a write, against what is there now.
pub(super) fn check_conditions(
    state: &State,
    bucket: &str,
    key: &str,
    if_match: Option<&ETagCondition>,
    if_none_match: Option<&ETagCondition>,
) -> S3Result<()> {
    let present = state.object(bucket, key);
    match if_none_match {
        Some(ETagCondition::Any) if present.is_some() => {
            return Err(s3_error!(PreconditionFailed, "the object exists already"));
        }
        Some(ETagCondition::ETag(_)) => {
            return Err(s3_error!(
                NotImplemented,
                "If-None-Match takes only * on a write"
            ));
        }
        _ => {}
    }
    match (if_match, present) {
        (None, _) | (Some(ETagCondition::Any), Some(_)) => Ok(()),
        (Some(_), None) => Err(s3_error!(
            NoSuchKey,
            "the object of If-Match does not exist"
        )),
        (Some(ETagCondition::ETag(etag)), Some(object)) if etag.value() == object.etag => Ok(()),
        (Some(_), Some(_)) => Err(s3_error!(
            PreconditionFailed,
            "the object's ETag is another"
        )),
    }
}

/// `None` stands for STANDARD, which S3 never names in an answer.
pub(super) fn storage_class(class: Option<&StorageClass>) -> S3Result<Option<String>> {
    const KNOWN: [&str; 8] = [
        StorageClass::STANDARD,
        StorageClass::REDUCED_REDUNDANCY,
        StorageClass::STANDARD_IA,
        StorageClass::ONEZONE_IA,
        StorageClass::INTELLIGENT_TIERING,
        StorageClass::GLACIER,
        StorageClass::GLACIER_IR,
        StorageClass::DEEP_ARCHIVE,
    ];
    let Some(class) = class.map(StorageClass::as_str) else {
        return Ok(None);
    };
    if !KNOWN.contains(&class) {
        return Err(s3_error!(
            InvalidStorageClass,
            "the storage class does not exist"
        ));
    }
    Ok((class != StorageClass::STANDARD).then(|| class.to_owned()))
}

/// Tags as in the header `x-amz-tagging`: a query string.
pub(super) fn tags_of_header(header: Option<&String>) -> S3Result<BTreeMap<String, String>> {
    let pairs = header
        .map(String::as_str)
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty());
    let mut tags = Vec::new();
    for pair in pairs {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        tags.push((decode_query(key)?, decode_query(value)?));
    }
    checked_tags(tags)
}

pub(super) fn tags_of_set(set: Vec<Tag>) -> S3Result<BTreeMap<String, String>> {
    let tags = set
        .into_iter()
        .map(|tag| (tag.key.unwrap_or_default(), tag.value.unwrap_or_default()));
    checked_tags(tags.collect())
}

fn checked_tags(tags: Vec<(String, String)>) -> S3Result<BTreeMap<String, String>> {
    if tags.len() > MAX_TAGS {
        return Err(s3_error!(
            InvalidTag,
            "object tags cannot be greater than {MAX_TAGS}"
        ));
    }
    let mut map = BTreeMap::new();
    for (key, value) in tags {
        let allowed = |c: char| c.is_alphanumeric() || " +-=._:/@".contains(c);
        if key.is_empty() || key.chars().count() > MAX_TAG_KEY || !key.chars().all(allowed) {
            return Err(s3_error!(InvalidTag, "the tag's key is invalid"));
        }
        if value.chars().count() > MAX_TAG_VALUE || !value.chars().all(allowed) {
            return Err(s3_error!(InvalidTag, "the tag's value is invalid"));
        }
        if map.insert(key, value).is_some() {
            return Err(s3_error!(
                InvalidTag,
                "cannot provide multiple tags with the same key"
            ));
        }
    }
    Ok(map)
}

fn decode_query(text: &str) -> S3Result<String> {
    let invalid = || {
        s3_error!(
            InvalidArgument,
            "the header x-amz-tagging must be a query string"
        )
    };
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
                let (high, low) = (digit().ok_or_else(invalid)?, digit().ok_or_else(invalid)?);
                u8::try_from(high * 16 + low).map_err(|_| invalid())?
            }
            other => other,
        });
    }
    String::from_utf8(decoded).map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_tagging_header() {
        let tags = tags_of_header(Some(&"a=1&b+c=%E6%B8%8B&d=".to_owned())).unwrap();
        assert_eq!(
            tags.into_iter().collect::<Vec<_>>(),
            [
                ("a".to_owned(), "1".to_owned()),
                ("b c".to_owned(), "渋".to_owned()),
                ("d".to_owned(), String::new()),
            ]
        );
        assert!(tags_of_header(Some(&"a=1&a=2".to_owned())).is_err());
        assert!(tags_of_header(Some(&"a=%zz".to_owned())).is_err());
    }
}
