//! Operations on whole objects.

use bytes::Bytes;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Result, s3_error};

use super::access::REGION;
use super::checks::{check_conditions, storage_class, tags_of_header, tags_of_set};
use super::digests::{Claimed, Digests, blob};
use super::double::Inner;
use super::state::{Attributes, ObjectState};

/// S3's limit on a single put.
const MAX_PUT: u64 = 5 << 30;

impl Inner {
    pub(super) async fn put(
        &self,
        mut request: S3Request<PutObjectInput>,
        bytes: Bytes,
        claimed: &Claimed,
    ) -> S3Result<PutObjectOutput> {
        let input = &mut request.input;
        self.check_bucket(&input.bucket, input.expected_bucket_owner.as_ref())?;
        let attributes = Attributes {
            storage_class: storage_class(input.storage_class.take().as_ref())?,
            encryption: self.encryption(
                input.server_side_encryption.as_ref(),
                input.ssekms_key_id.as_ref(),
                input.bucket_key_enabled,
            )?,
            tags: tags_of_header(input.tagging.as_ref())?,
            metadata: input
                .metadata
                .iter()
                .flatten()
                .map(|(k, v)| (k.clone(), v.clone()))
                .collect(),
            content_type: input.content_type.clone(),
            content_encoding: input.content_encoding.clone(),
        };
        let digests = Digests::prove(&bytes, claimed)?;
        if digests.size > MAX_PUT {
            return Err(s3_error!(EntityTooLarge));
        }

        let _commit = self.commit.lock().await;
        let (if_match, if_none_match) = (input.if_match.take(), input.if_none_match.take());
        check_conditions(
            &self.state(),
            &input.bucket,
            &input.key,
            if_match.as_ref(),
            if_none_match.as_ref(),
        )?;
        let place = (input.bucket.clone(), input.key.clone());
        input.checksum_algorithm = None;
        input.body = Some(blob(bytes));
        let stored = self.files.put_object(request).await?.output;
        let etag = stored.e_tag.ok_or_else(|| s3_error!(InternalError))?;
        let object = ObjectState {
            size: digests.size,
            etag: etag.value().to_owned(),
            checksum: digests.checksum.clone(),
            attributes: attributes.clone(),
        };
        self.state().objects.insert(place, object);

        let encryption = attributes.encryption;
        Ok(PutObjectOutput {
            e_tag: Some(etag),
            checksum_crc32: digests.checksum.checksum_crc32,
            checksum_crc32c: digests.checksum.checksum_crc32c,
            checksum_crc64nvme: digests.checksum.checksum_crc64nvme,
            checksum_sha1: digests.checksum.checksum_sha1,
            checksum_sha256: digests.checksum.checksum_sha256,
            checksum_type: digests.checksum.checksum_type,
            server_side_encryption: Some(encryption.algorithm.into()),
            ssekms_key_id: encryption.kms_key_arn,
            bucket_key_enabled: encryption.bucket_key_enabled,
            ..Default::default()
        })
    }

    pub(super) async fn head(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<HeadObjectOutput> {
        let object = self.find(
            &request.input.bucket,
            request.input.expected_bucket_owner.as_ref(),
            &request.input.key,
        )?;
        let with_checksum = request.input.checksum_mode.is_some();
        let mut output = self.files.head_object(request).await?.output;
        let checksum = if with_checksum {
            object.checksum
        } else {
            Checksum::default()
        };
        let encryption = object.attributes.encryption;
        output.e_tag = Some(ETag::Strong(object.etag));
        output.checksum_crc32 = checksum.checksum_crc32;
        output.checksum_crc32c = checksum.checksum_crc32c;
        output.checksum_crc64nvme = checksum.checksum_crc64nvme;
        output.checksum_sha1 = checksum.checksum_sha1;
        output.checksum_sha256 = checksum.checksum_sha256;
        output.checksum_type = checksum.checksum_type;
        output.storage_class = object.attributes.storage_class.map(Into::into);
        output.server_side_encryption = Some(encryption.algorithm.into());
        output.ssekms_key_id = encryption.kms_key_arn;
        output.bucket_key_enabled = encryption.bucket_key_enabled;
        Ok(output)
    }

    pub(super) async fn get(
        &self,
        request: S3Request<GetObjectInput>,
    ) -> S3Result<GetObjectOutput> {
        let object = self.find(
            &request.input.bucket,
            request.input.expected_bucket_owner.as_ref(),
            &request.input.key,
        )?;
        if let Some(condition) = &request.input.if_match {
            let known = match condition {
                ETagCondition::Any => true,
                ETagCondition::ETag(etag) => etag.value() == object.etag,
            };
            if !known {
                return Err(s3_error!(
                    PreconditionFailed,
                    "the object's ETag is another"
                ));
            }
        }
        // The checksum is that of the whole, of no use with a part of it.
        let with_checksum = request.input.checksum_mode.is_some() && request.input.range.is_none();
        let mut output = self.files.get_object(request).await?.output;
        let checksum = if with_checksum {
            object.checksum
        } else {
            Checksum::default()
        };
        let encryption = object.attributes.encryption;
        output.e_tag = Some(ETag::Strong(object.etag));
        output.checksum_crc32 = checksum.checksum_crc32;
        output.checksum_crc32c = checksum.checksum_crc32c;
        output.checksum_crc64nvme = checksum.checksum_crc64nvme;
        output.checksum_sha1 = checksum.checksum_sha1;
        output.checksum_sha256 = checksum.checksum_sha256;
        output.checksum_type = checksum.checksum_type;
        output.storage_class = object.attributes.storage_class.map(Into::into);
        output.tag_count = i32::try_from(object.attributes.tags.len())
            .ok()
            .filter(|count| *count > 0);
        output.server_side_encryption = Some(encryption.algorithm.into());
        output.ssekms_key_id = encryption.kms_key_arn;
        output.bucket_key_enabled = encryption.bucket_key_enabled;
        Ok(output)
    }

    pub(super) async fn delete(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<DeleteObjectOutput> {
        self.check_bucket(
            &request.input.bucket,
            request.input.expected_bucket_owner.as_ref(),
        )?;
        let place = (request.input.bucket.clone(), request.input.key.clone());
        let _commit = self.commit.lock().await;
        let output = self.files.delete_object(request).await?.output;
        self.state().objects.remove(&place);
        Ok(output)
    }

    pub(super) async fn list(
        &self,
        mut request: S3Request<ListObjectsV2Input>,
    ) -> S3Result<ListObjectsV2Output> {
        self.check_bucket(
            &request.input.bucket,
            request.input.expected_bucket_owner.as_ref(),
        )?;
        let wanted = request.input.max_keys.unwrap_or(self.list_page);
        request.input.max_keys = Some(wanted.min(self.list_page));
        Ok(self.files.list_objects_v2(request).await?.output)
    }

    #[expect(clippy::unused_async, reason = "one shape for all operations")]
    pub(super) async fn put_tags(
        &self,
        request: S3Request<PutObjectTaggingInput>,
    ) -> S3Result<PutObjectTaggingOutput> {
        let input = request.input;
        self.find(
            &input.bucket,
            input.expected_bucket_owner.as_ref(),
            &input.key,
        )?;
        let tags = tags_of_set(input.tagging.tag_set)?;
        if let Some(object) = self.state().objects.get_mut(&(input.bucket, input.key)) {
            object.attributes.tags = tags;
        }
        Ok(PutObjectTaggingOutput::default())
    }

    #[expect(clippy::unused_async, reason = "one shape for all operations")]
    pub(super) async fn get_tags(
        &self,
        request: S3Request<GetObjectTaggingInput>,
    ) -> S3Result<GetObjectTaggingOutput> {
        let input = request.input;
        let object = self.find(
            &input.bucket,
            input.expected_bucket_owner.as_ref(),
            &input.key,
        )?;
        let tag = |(key, value)| Tag {
            key: Some(key),
            value: Some(value),
        };
        let tag_set = object.attributes.tags.into_iter().map(tag).collect();
        Ok(GetObjectTaggingOutput {
            tag_set,
            version_id: None,
        })
    }

    #[expect(clippy::unused_async, reason = "one shape for all operations")]
    pub(super) async fn bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<HeadBucketOutput> {
        self.check_bucket(
            &request.input.bucket,
            request.input.expected_bucket_owner.as_ref(),
        )?;
        Ok(HeadBucketOutput {
            bucket_region: Some(REGION.to_owned()),
            ..Default::default()
        })
    }

    fn find(
        &self,
        bucket: &str,
        expected_owner: Option<&String>,
        key: &str,
    ) -> S3Result<ObjectState> {
        self.check_bucket(bucket, expected_owner)?;
        self.state()
            .object(bucket, key)
            .cloned()
            .ok_or_else(|| s3_error!(NoSuchKey, "the specified key does not exist"))
    }
}
