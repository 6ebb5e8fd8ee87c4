//! Amazon S3 and what speaks its protocol.

mod fault;
mod signing;

use std::{collections::HashMap, time::SystemTime};

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    config::{StalledStreamProtectionConfig, retry::RetryConfig},
    primitives::{ByteStream, DateTime},
    types::{
        ChecksumAlgorithm, ChecksumMode as SdkChecksumMode, ChecksumType, CompletedMultipartUpload,
        CompletedPart, ServerSideEncryption, StorageClass, Tag, Tagging,
    },
};
use bytes::Bytes;

use self::{
    fault::{malformed, store_error},
    signing::UnsignedOverTls,
};
use super::{
    ChecksumMode, MultipartUpload, ObjectInfo, ObjectStore, PartAck, PartBody, Proof, Published,
    StoreError, StoreErrorKind, StoreProfile,
};
use crate::{
    checksum::Crc64,
    spec::{Encryption, Guard, ObjectAddress, ObjectSpec},
};

/// Keeps objects in Amazon S3, through a client that the caller made.
///
/// Bodies go out as they are (no `aws-chunked`), each with its CRC-64/NVME as a
/// header; over TLS they are not hashed a second time for the signature, over
/// plain HTTP they are.
///
/// # Permissions
///
/// `s3:PutObject`, `s3:AbortMultipartUpload`, `s3:ListMultipartUploadParts`,
/// `s3:GetObject` (for the comparison afterwards) on the objects; with tags
/// `s3:PutObjectTagging`; `s3:ListBucketMultipartUploads` on the bucket to find
/// an upload whose opening was not answered. With a KMS key
/// `kms:GenerateDataKey` and `kms:Decrypt`.
#[derive(Debug, Clone)]
pub struct S3Store {
    client: Client,
    profile: StoreProfile,
}

impl S3Store {
    /// Uses a client's credentials, region, endpoint and HTTP connector.
    ///
    /// Its retries and its stalled-stream protection are not used: the uploader
    /// counts every attempt and gives each a deadline of its own, and only so
    /// knows which answer was lost. This also keeps uploads from using up a
    /// retry quota that is shared with other users of the client.
    pub fn new(client: Client) -> Self {
        let config = client
            .config()
            .to_builder()
            .retry_config(RetryConfig::disabled())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
            .build();
        Self {
            client: Client::from_conf(config),
            profile: StoreProfile::s3(),
        }
    }

    /// Sets other limits, for a service that has them.
    #[must_use]
    pub fn with_profile(mut self, profile: StoreProfile) -> Self {
        self.profile = profile;
        self
    }
}

#[async_trait]
impl ObjectStore for S3Store {
    fn profile(&self) -> StoreProfile {
        self.profile.clone()
    }

    async fn create_upload(&self, spec: &ObjectSpec) -> Result<MultipartUpload, StoreError> {
        let (encryption, kms_key_id) = encryption(spec);
        let output = self
            .client
            .create_multipart_upload()
            .bucket(&spec.address.bucket)
            .key(&spec.address.key)
            .set_expected_bucket_owner(spec.address.expected_bucket_owner.clone())
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .checksum_type(ChecksumType::FullObject)
            .set_content_type(spec.content_type.clone())
            .set_content_encoding(spec.content_encoding.clone())
            .set_storage_class(spec.storage_class.as_deref().map(StorageClass::from))
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(kms_key_id)
            .set_tagging(tagging_header(&spec.tags))
            .set_metadata(metadata(spec))
            .send()
            .await
            .map_err(store_error)?;
        let upload_id = output
            .upload_id()
            .ok_or_else(|| malformed("no upload id in the answer"))?;
        Ok(MultipartUpload::new(spec.address.clone(), upload_id))
    }

    async fn upload_part(
        &self,
        upload: &MultipartUpload,
        part: PartBody,
    ) -> Result<PartAck, StoreError> {
        let size_bytes = part.bytes.len() as u64;
        let output = self
            .client
            .upload_part()
            .bucket(&upload.address.bucket)
            .key(&upload.address.key)
            .set_expected_bucket_owner(upload.address.expected_bucket_owner.clone())
            .upload_id(&upload.upload_id)
            .part_number(part_number(part.number)?)
            .checksum_crc64_nvme(part.crc64nvme.to_base64())
            .body(ByteStream::from(part.bytes))
            .customize()
            .interceptor(UnsignedOverTls)
            .send()
            .await
            .map_err(store_error)?;
        let etag = output
            .e_tag()
            .ok_or_else(|| malformed("no etag in the answer"))?;
        Ok(PartAck::new(part.number, etag, size_bytes)
            .with_crc64nvme(output.checksum_crc64_nvme().and_then(Crc64::from_base64)))
    }

    async fn complete_upload(
        &self,
        upload: &MultipartUpload,
        parts: &[PartAck],
        proof: &Proof,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        let parts = parts
            .iter()
            .map(|part| {
                Ok(CompletedPart::builder()
                    .part_number(part_number(part.number)?)
                    .e_tag(&part.etag)
                    .set_checksum_crc64_nvme(part.crc64nvme.map(Crc64::to_base64))
                    .build())
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let (if_match, if_none_match) = conditions(guard);
        let output = self
            .client
            .complete_multipart_upload()
            .bucket(&upload.address.bucket)
            .key(&upload.address.key)
            .set_expected_bucket_owner(upload.address.expected_bucket_owner.clone())
            .upload_id(&upload.upload_id)
            .multipart_upload(
                CompletedMultipartUpload::builder()
                    .set_parts(Some(parts))
                    .build(),
            )
            .checksum_type(ChecksumType::FullObject)
            .checksum_crc64_nvme(proof.crc64nvme.to_base64())
            .mpu_object_size(i64::try_from(proof.size_bytes).map_err(|_| too_large())?)
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .send()
            .await
            .map_err(store_error)?;
        Ok(Published {
            etag: output.e_tag().map(str::to_owned),
            version_id: output.version_id().map(str::to_owned),
        })
    }

    async fn abort_upload(&self, upload: &MultipartUpload) -> Result<(), StoreError> {
        self.client
            .abort_multipart_upload()
            .bucket(&upload.address.bucket)
            .key(&upload.address.key)
            .set_expected_bucket_owner(upload.address.expected_bucket_owner.clone())
            .upload_id(&upload.upload_id)
            .send()
            .await
            .map(drop)
            .map_err(store_error)
    }

    async fn put_object(
        &self,
        spec: &ObjectSpec,
        body: Bytes,
        crc64nvme: Crc64,
        guard: &Guard,
    ) -> Result<Published, StoreError> {
        let (encryption, kms_key_id) = encryption(spec);
        let (if_match, if_none_match) = conditions(guard);
        let output = self
            .client
            .put_object()
            .bucket(&spec.address.bucket)
            .key(&spec.address.key)
            .set_expected_bucket_owner(spec.address.expected_bucket_owner.clone())
            .checksum_crc64_nvme(crc64nvme.to_base64())
            .set_content_type(spec.content_type.clone())
            .set_content_encoding(spec.content_encoding.clone())
            .set_storage_class(spec.storage_class.as_deref().map(StorageClass::from))
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(kms_key_id)
            .set_tagging(tagging_header(&spec.tags))
            .set_metadata(metadata(spec))
            .set_if_match(if_match)
            .set_if_none_match(if_none_match)
            .body(ByteStream::from(body))
            .customize()
            .interceptor(UnsignedOverTls)
            .send()
            .await
            .map_err(store_error)?;
        Ok(Published {
            etag: output.e_tag().map(str::to_owned),
            version_id: output.version_id().map(str::to_owned),
        })
    }

    async fn head_object(
        &self,
        address: &ObjectAddress,
        version_id: Option<String>,
        checksum: ChecksumMode,
    ) -> Result<Option<ObjectInfo>, StoreError> {
        let wanted = checksum == ChecksumMode::Enabled;
        let answered = self
            .client
            .head_object()
            .bucket(&address.bucket)
            .key(&address.key)
            .set_expected_bucket_owner(address.expected_bucket_owner.clone())
            .set_version_id(version_id)
            .set_checksum_mode(wanted.then_some(SdkChecksumMode::Enabled))
            .send()
            .await
            .map_err(store_error);
        let output = match answered {
            Ok(output) => output,
            Err(error) if error.kind == StoreErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let size_bytes = output
            .content_length()
            .and_then(|length| u64::try_from(length).ok())
            .ok_or_else(|| malformed("no length in the answer"))?;
        let mut metadata: Vec<(String, String)> = output
            .metadata()
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect();
        metadata.sort();
        Ok(Some(ObjectInfo {
            size_bytes,
            etag: output.e_tag().map(str::to_owned),
            version_id: output.version_id().map(str::to_owned),
            crc64nvme: output.checksum_crc64_nvme().and_then(Crc64::from_base64),
            content_type: output.content_type().map(str::to_owned),
            content_encoding: output.content_encoding().map(str::to_owned),
            encryption: output
                .server_side_encryption()
                .map(|applied| applied.as_str().to_owned()),
            kms_key_id: output.ssekms_key_id().map(str::to_owned),
            storage_class: output
                .storage_class()
                .map(|class| class.as_str().to_owned()),
            metadata,
            last_modified: output.last_modified().and_then(system_time),
        }))
    }

    async fn list_parts(&self, upload: &MultipartUpload) -> Result<Vec<PartAck>, StoreError> {
        let mut parts = Vec::new();
        let mut marker = None;
        loop {
            let output = self
                .client
                .list_parts()
                .bucket(&upload.address.bucket)
                .key(&upload.address.key)
                .set_expected_bucket_owner(upload.address.expected_bucket_owner.clone())
                .upload_id(&upload.upload_id)
                .set_part_number_marker(marker.take())
                .send()
                .await
                .map_err(store_error)?;
            for part in output.parts() {
                let number = part
                    .part_number()
                    .and_then(|number| u32::try_from(number).ok());
                let size = part.size().and_then(|size| u64::try_from(size).ok());
                let (Some(number), Some(size)) = (number, size) else {
                    return Err(malformed("a part without number or size in the list"));
                };
                parts.push(
                    PartAck::new(number, part.e_tag().unwrap_or_default(), size)
                        .with_crc64nvme(part.checksum_crc64_nvme().and_then(Crc64::from_base64)),
                );
            }
            marker = output.next_part_number_marker().map(str::to_owned);
            if output.is_truncated() != Some(true) || marker.is_none() {
                break;
            }
        }
        // S3 sorts; others do not.
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }

    async fn list_uploads(
        &self,
        prefix: &ObjectAddress,
    ) -> Result<Vec<MultipartUpload>, StoreError> {
        let mut uploads = Vec::new();
        let (mut key_marker, mut upload_id_marker) = (None, None);
        loop {
            let output = self
                .client
                .list_multipart_uploads()
                .bucket(&prefix.bucket)
                .set_expected_bucket_owner(prefix.expected_bucket_owner.clone())
                .prefix(&prefix.key)
                .set_key_marker(key_marker.take())
                .set_upload_id_marker(upload_id_marker.take())
                .send()
                .await
                .map_err(store_error)?;
            for upload in output.uploads() {
                let (Some(key), Some(upload_id)) = (upload.key(), upload.upload_id()) else {
                    return Err(malformed("an upload without key or id in the list"));
                };
                let mut address = prefix.clone();
                key.clone_into(&mut address.key);
                let mut listed = MultipartUpload::new(address, upload_id);
                listed.initiated = upload.initiated().and_then(system_time);
                uploads.push(listed);
            }
            key_marker = output.next_key_marker().map(str::to_owned);
            upload_id_marker = output.next_upload_id_marker().map(str::to_owned);
            if output.is_truncated() != Some(true) || key_marker.is_none() {
                return Ok(uploads);
            }
        }
    }

    async fn put_tags(
        &self,
        address: &ObjectAddress,
        tags: &[(String, String)],
    ) -> Result<(), StoreError> {
        let built = tags
            .iter()
            .map(|(key, value)| Tag::builder().key(key).value(value).build())
            .collect::<Result<Vec<_>, _>>()
            .and_then(|tags| Tagging::builder().set_tag_set(Some(tags)).build())
            .map_err(|_| {
                StoreError::new(StoreErrorKind::Client).with_detail("the tags are incomplete")
            })?;
        self.client
            .put_object_tagging()
            .bucket(&address.bucket)
            .key(&address.key)
            .set_expected_bucket_owner(address.expected_bucket_owner.clone())
            .tagging(built)
            .send()
            .await
            .map(drop)
            .map_err(store_error)
    }
}

fn encryption(spec: &ObjectSpec) -> (Option<ServerSideEncryption>, Option<String>) {
    match &spec.encryption {
        Encryption::BucketDefault => (None, None),
        Encryption::S3 => (Some(ServerSideEncryption::Aes256), None),
        Encryption::Kms { key_id } => (Some(ServerSideEncryption::AwsKms), Some(key_id.clone())),
    }
}

fn metadata(spec: &ObjectSpec) -> Option<HashMap<String, String>> {
    (!spec.metadata.is_empty()).then(|| spec.metadata.iter().cloned().collect())
}

/// `If-Match` and `If-None-Match`.
fn conditions(guard: &Guard) -> (Option<String>, Option<String>) {
    match guard {
        Guard::Overwrite => (None, None),
        Guard::CreateOnly => (None, Some("*".to_owned())),
        Guard::Replace { etag } => (Some(etag.clone()), None),
    }
}

fn part_number(number: u32) -> Result<i32, StoreError> {
    i32::try_from(number)
        .map_err(|_| StoreError::new(StoreErrorKind::Client).with_detail("part number too large"))
}

fn too_large() -> StoreError {
    StoreError::new(StoreErrorKind::Client).with_detail("object too large")
}

fn system_time(time: &DateTime) -> Option<SystemTime> {
    SystemTime::try_from(*time).ok()
}

/// Tags as the query string that the header wants.
fn tagging_header(tags: &[(String, String)]) -> Option<String> {
    if tags.is_empty() {
        return None;
    }
    let pairs: Vec<String> = tags
        .iter()
        .map(|(key, value)| format!("{}={}", percent_encoded(key), percent_encoded(value)))
        .collect();
    Some(pairs.join("&"))
}

fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_encoded_as_a_query() {
        assert_eq!(tagging_header(&[]), None);
        let tags = [
            ("run id".to_owned(), "2026-11-23T05:30+09:00".to_owned()),
            ("物件".to_owned(), "a&b=c".to_owned()),
        ];
        assert_eq!(
            tagging_header(&tags).as_deref(),
            Some("run%20id=2026-11-23T05%3A30%2B09%3A00&%E7%89%A9%E4%BB%B6=a%26b%3Dc")
        );
    }
}
