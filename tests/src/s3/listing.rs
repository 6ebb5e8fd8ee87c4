//! What is open: the parts of an upload, and the uploads of a bucket.

use s3s::dto::*;
use s3s::{S3Request, S3Result, s3_error};

use super::double::Inner;
use super::state::UploadState;

/// What S3 lists at most in one answer.
const PAGE: i32 = 1000;

impl Inner {
    #[expect(clippy::unused_async, reason = "one shape for all operations")]
    pub(super) async fn parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> S3Result<ListPartsOutput> {
        let input = request.input;
        self.check_bucket(&input.bucket, input.expected_bucket_owner.as_ref())?;
        let upload = self.upload(&input.bucket, &input.key, &input.upload_id)?;
        let max_parts = input.max_parts.unwrap_or(PAGE).clamp(0, PAGE);
        let after = input
            .part_number_marker
            .as_ref()
            .map_or(0, |marker| *marker);
        let mut parts: Vec<Part> = upload
            .parts
            .range(after.saturating_add(1)..)
            .map(|(number, part)| Part {
                part_number: Some(*number),
                e_tag: Some(ETag::Strong(part.etag.clone())),
                size: i64::try_from(part.digests.size).ok(),
                last_modified: Some(part.received.into()),
                checksum_crc32: part.digests.checksum.checksum_crc32.clone(),
                checksum_crc32c: part.digests.checksum.checksum_crc32c.clone(),
                checksum_crc64nvme: part.digests.checksum.checksum_crc64nvme.clone(),
                checksum_sha1: part.digests.checksum.checksum_sha1.clone(),
                checksum_sha256: part.digests.checksum.checksum_sha256.clone(),
            })
            .collect();
        let more = truncate(&mut parts, max_parts);
        Ok(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            max_parts: Some(max_parts),
            is_truncated: Some(more),
            part_number_marker: Some(after),
            next_part_number_marker: parts
                .last()
                .and_then(|part| part.part_number)
                .filter(|_| more),
            storage_class: upload.attributes.storage_class.map(Into::into),
            checksum_algorithm: upload.algorithm.map(Into::into),
            parts: Some(parts),
            ..Default::default()
        })
    }

    #[expect(clippy::unused_async, reason = "one shape for all operations")]
    pub(super) async fn uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<ListMultipartUploadsOutput> {
        let input = request.input;
        self.check_bucket(&input.bucket, input.expected_bucket_owner.as_ref())?;
        if input.delimiter.is_some() {
            return Err(s3_error!(NotImplemented, "a delimiter"));
        }
        let prefix = input.prefix.clone().unwrap_or_default();
        let max_uploads = input.max_uploads.unwrap_or(PAGE).clamp(0, PAGE);
        let after = input
            .key_marker
            .clone()
            .map(|key| (key, input.upload_id_marker.clone()));
        let state = self.state();
        let mut found: Vec<(&String, &UploadState)> = state
            .uploads
            .iter()
            .filter(|(_, upload)| upload.bucket == input.bucket && upload.key.starts_with(&prefix))
            .filter(|(id, upload)| match &after {
                None => true,
                Some((key, None)) => upload.key > *key,
                Some((key, Some(marker))) => (&upload.key, *id) > (key, marker),
            })
            .collect();
        found.sort_by_key(|(id, upload)| (&upload.key, *id));
        let mut uploads: Vec<MultipartUpload> = found
            .into_iter()
            .map(|(id, upload)| MultipartUpload {
                key: Some(upload.key.clone()),
                upload_id: Some(id.clone()),
                initiated: Some(upload.initiated.into()),
                storage_class: upload.attributes.storage_class.clone().map(Into::into),
                checksum_algorithm: upload.algorithm.clone().map(Into::into),
                ..Default::default()
            })
            .collect();
        drop(state);
        let more = truncate(&mut uploads, max_uploads);
        let last = uploads.last().filter(|_| more);
        Ok(ListMultipartUploadsOutput {
            bucket: Some(input.bucket),
            prefix: input.prefix,
            key_marker: input.key_marker,
            upload_id_marker: input.upload_id_marker,
            max_uploads: Some(max_uploads),
            is_truncated: Some(more),
            next_key_marker: last.and_then(|upload| upload.key.clone()),
            next_upload_id_marker: last.and_then(|upload| upload.upload_id.clone()),
            uploads: Some(uploads),
            ..Default::default()
        })
    }
}

/// Cuts a page; whether anything was cut off.
fn truncate<T>(items: &mut Vec<T>, max: i32) -> bool {
    let max = usize::try_from(max).unwrap_or_default();
    let more = items.len() > max;
    items.truncate(max);
    more
}
