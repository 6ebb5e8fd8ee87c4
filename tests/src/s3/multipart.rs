//! Operations on multipart uploads.

use std::time::SystemTime;

use bytes::Bytes;
use s3s::dto::*;
use s3s::{S3, S3Request, S3Result, s3_error};

use super::checks::{check_conditions, storage_class, tags_of_header};
use super::digests::{Claimed, Digests, blob, full_object_crc64nvme};
use super::double::Inner;
use super::state::{Attributes, ObjectState, PartState, UploadState};

const MIN_PART: u64 = 5 << 20;
const PART_NUMBERS: std::ops::RangeInclusive<i32> = 1..=10_000;

impl Inner {
    pub(super) async fn create(
        &self,
        mut request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<CreateMultipartUploadOutput> {
        let input = &mut request.input;
        self.check_bucket(&input.bucket, input.expected_bucket_owner.as_ref())?;
        if input
            .checksum_type
            .as_ref()
            .is_some_and(|kind| kind.as_str() == ChecksumType::COMPOSITE)
        {
            return Err(s3_error!(NotImplemented, "composite checksums"));
        }
        let upload = UploadState {
            bucket: input.bucket.clone(),
            key: input.key.clone(),
            initiated: SystemTime::now(),
            algorithm: input
                .checksum_algorithm
                .as_ref()
                .map(|name| name.as_str().to_owned()),
            attributes: Attributes {
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
            },
            parts: Default::default(),
        };
        let (algorithm, kind) = (
            input.checksum_algorithm.clone(),
            input.checksum_type.clone(),
        );
        let mut output = self.files.create_multipart_upload(request).await?.output;
        let id = output
            .upload_id
            .clone()
            .ok_or_else(|| s3_error!(InternalError))?;
        let encryption = upload.attributes.encryption.clone();
        self.state().uploads.insert(id, upload);
        output.checksum_algorithm = algorithm;
        output.checksum_type = kind;
        output.server_side_encryption = Some(encryption.algorithm.into());
        output.ssekms_key_id = encryption.kms_key_arn;
        output.bucket_key_enabled = encryption.bucket_key_enabled;
        Ok(output)
    }

    pub(super) async fn part(
        &self,
        mut request: S3Request<UploadPartInput>,
        bytes: Bytes,
        claimed: &Claimed,
    ) -> S3Result<UploadPartOutput> {
        let input = &mut request.input;
        self.check_bucket(&input.bucket, input.expected_bucket_owner.as_ref())?;
        if !PART_NUMBERS.contains(&input.part_number) {
            return Err(s3_error!(
                InvalidArgument,
                "Part number must be an integer between 1 and 10000, inclusive"
            ));
        }
        let upload = self.upload(&input.bucket, &input.key, &input.upload_id)?;
        if let (Some(agreed), Some(given)) = (&upload.algorithm, claimed.algorithm())
            && agreed != given
        {
            return Err(s3_error!(
                InvalidRequest,
                "Checksum Type mismatch occurred, expected checksum Type: {agreed}, actual checksum Type: {given}"
            ));
        }
        let digests = Digests::prove(&bytes, claimed)?;
        let (id, number) = (input.upload_id.clone(), input.part_number);
        input.body = Some(blob(bytes));
        let mut output = self.files.upload_part(request).await?.output;
        let etag = output
            .e_tag
            .as_ref()
            .ok_or_else(|| s3_error!(InternalError))?;
        let part = PartState {
            etag: etag.value().to_owned(),
            digests: digests.clone(),
            received: SystemTime::now(),
        };
        // Meanwhile the upload may have been aborted.
        let mut state = self.state();
        let upload = state.uploads.get_mut(&id).ok_or_else(no_such_upload)?;
        upload.parts.insert(number, part);
        let encryption = upload.attributes.encryption.clone();
        drop(state);

        output.checksum_crc32 = digests.checksum.checksum_crc32;
        output.checksum_crc32c = digests.checksum.checksum_crc32c;
        output.checksum_crc64nvme = digests.checksum.checksum_crc64nvme;
        output.checksum_sha1 = digests.checksum.checksum_sha1;
        output.checksum_sha256 = digests.checksum.checksum_sha256;
        output.server_side_encryption = Some(encryption.algorithm.into());
        output.ssekms_key_id = encryption.kms_key_arn;
        output.bucket_key_enabled = encryption.bucket_key_enabled;
        Ok(output)
    }

    pub(super) async fn complete(
        &self,
        mut request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<CompleteMultipartUploadOutput> {
        let input = &mut request.input;
        self.check_bucket(&input.bucket, input.expected_bucket_owner.as_ref())?;
        let _commit = self.commit.lock().await;
        let upload = self.upload(&input.bucket, &input.key, &input.upload_id)?;
        let parts = input
            .multipart_upload
            .as_ref()
            .and_then(|list| list.parts.as_deref());
        let parts = check_parts(&upload, parts.unwrap_or_default())?;
        let size = parts.iter().map(|part| part.digests.size).sum();
        let crc64nvme = full_object_crc64nvme(parts.iter().map(|part| &part.digests))?;
        check_whole(input, size, &crc64nvme)?;
        let (if_match, if_none_match) = (input.if_match.take(), input.if_none_match.take());
        check_conditions(
            &self.state(),
            &input.bucket,
            &input.key,
            if_match.as_ref(),
            if_none_match.as_ref(),
        )?;

        let place = (input.bucket.clone(), input.key.clone());
        let id = input.upload_id.clone();
        let mut output = self.files.complete_multipart_upload(request).await?.output;
        if let Some(rest) = output.future.take() {
            output = rest.await?;
        }
        let etag = output
            .e_tag
            .as_ref()
            .ok_or_else(|| s3_error!(InternalError))?;
        let full_object = ChecksumType::from_static(ChecksumType::FULL_OBJECT);
        let object = ObjectState {
            size,
            etag: etag.value().to_owned(),
            checksum: Checksum {
                checksum_crc64nvme: Some(crc64nvme.clone()),
                checksum_type: Some(full_object.clone()),
                ..Default::default()
            },
            attributes: upload.attributes.clone(),
        };
        let mut state = self.state();
        state.uploads.remove(&id);
        state.objects.insert(place, object);
        drop(state);

        let encryption = upload.attributes.encryption;
        output.checksum_crc64nvme = Some(crc64nvme);
        output.checksum_type = Some(full_object);
        output.server_side_encryption = Some(encryption.algorithm.into());
        output.ssekms_key_id = encryption.kms_key_arn;
        output.bucket_key_enabled = encryption.bucket_key_enabled;
        Ok(output)
    }

    pub(super) async fn abort(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<AbortMultipartUploadOutput> {
        let input = &request.input;
        self.check_bucket(&input.bucket, input.expected_bucket_owner.as_ref())?;
        // Not between the checks of a completion and its end.
        let _commit = self.commit.lock().await;
        self.upload(&input.bucket, &input.key, &input.upload_id)?;
        let id = input.upload_id.clone();
        let output = self.files.abort_multipart_upload(request).await?.output;
        self.state().uploads.remove(&id);
        Ok(output)
    }

    pub(super) fn upload(&self, bucket: &str, key: &str, id: &str) -> S3Result<UploadState> {
        let state = self.state();
        let upload = state
            .uploads
            .get(id)
            .filter(|upload| upload.bucket == bucket && upload.key == key);
        upload.cloned().ok_or_else(no_such_upload)
    }
}

fn no_such_upload() -> s3s::S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified upload does not exist. The upload ID may be invalid, or the upload may have been \
         aborted or completed."
    )
}

/// The listed parts as they were received, in the order of the list.
fn check_parts<'a>(
    upload: &'a UploadState,
    listed: &[CompletedPart],
) -> S3Result<Vec<&'a PartState>> {
    if listed.is_empty() {
        return Err(s3_error!(
            MalformedXML,
            "a completion names at least one part"
        ));
    }
    let numbers: Vec<i32> = listed
        .iter()
        .map(|part| part.part_number.unwrap_or_default())
        .collect();
    if !numbers.is_sorted_by(|a, b| a < b) {
        return Err(s3_error!(
            InvalidPartOrder,
            "the list of parts was not in ascending order"
        ));
    }
    let mut parts = Vec::with_capacity(listed.len());
    for (number, claim) in numbers.iter().zip(listed) {
        let part = upload.parts.get(number).filter(|part| {
            let real = &part.digests.checksum;
            let etag = claim
                .e_tag
                .as_ref()
                .map(|etag| etag.value().trim_matches('"'));
            let same =
                |claim: &Option<String>, real: &Option<String>| claim.is_none() || claim == real;
            etag == Some(part.etag.as_str())
                && same(&claim.checksum_crc32, &real.checksum_crc32)
                && same(&claim.checksum_crc32c, &real.checksum_crc32c)
                && same(&claim.checksum_crc64nvme, &real.checksum_crc64nvme)
                && same(&claim.checksum_sha1, &real.checksum_sha1)
                && same(&claim.checksum_sha256, &real.checksum_sha256)
        });
        parts.push(part.ok_or_else(|| {
            s3_error!(
                InvalidPart,
                "part {number} could not be found, or its entity tag or checksum is another"
            )
        })?);
    }
    // S3 wants it so wherever a checksum is over the whole.
    if numbers.first() != Some(&1) || numbers.windows(2).any(|pair| pair[1] != pair[0] + 1) {
        return Err(s3_error!(
            InvalidRequest,
            "part numbers must be consecutive from 1"
        ));
    }
    let all_but_last = &parts[..parts.len() - 1];
    if all_but_last.iter().any(|part| part.digests.size < MIN_PART) {
        return Err(s3_error!(
            EntityTooSmall,
            "a part other than the last is smaller than 5 MiB"
        ));
    }
    Ok(parts)
}

fn check_whole(input: &CompleteMultipartUploadInput, size: u64, crc64nvme: &str) -> S3Result<()> {
    if input
        .mpu_object_size
        .is_some_and(|claim| u64::try_from(claim).ok() != Some(size))
    {
        return Err(s3_error!(
            InvalidRequest,
            "the provided 'x-amz-mp-object-size' header does not match what was computed"
        ));
    }
    if input
        .checksum_type
        .as_ref()
        .is_some_and(|kind| kind.as_str() == ChecksumType::COMPOSITE)
    {
        return Err(s3_error!(NotImplemented, "composite checksums"));
    }
    let others = [
        &input.checksum_crc32,
        &input.checksum_crc32c,
        &input.checksum_sha1,
        &input.checksum_sha256,
    ];
    if others.iter().any(|claim| claim.is_some()) {
        return Err(s3_error!(
            NotImplemented,
            "a checksum of the whole other than CRC64NVME"
        ));
    }
    if input
        .checksum_crc64nvme
        .as_ref()
        .is_some_and(|claim| claim != crc64nvme)
    {
        return Err(s3_error!(
            BadDigest,
            "the CRC64NVME you specified did not match the calculated checksum"
        ));
    }
    Ok(())
}
