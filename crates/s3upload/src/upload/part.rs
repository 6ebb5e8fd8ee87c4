//! Sending one part.

use std::sync::Arc;

use bytes::Bytes;
use futures_util::future::{BoxFuture, Shared};

use crate::{
    error::{Error, ErrorKind, Stage},
    proof::SentPart,
    retry::with_retries,
    store::{MultipartUpload, PartBody},
    uploader::{Core, RetryCount},
};

/// The upload's id, once it is known: shared by all parts.
pub(crate) type Opening = Shared<BoxFuture<'static, Result<MultipartUpload, Error>>>;

/// A part that is to be sent.
pub(crate) struct PartTask {
    pub(crate) core: Arc<Core>,
    pub(crate) opening: Opening,
    pub(crate) number: u32,
    pub(crate) offset: u64,
    pub(crate) bytes: Bytes,
    pub(crate) retries: RetryCount,
}

impl PartTask {
    /// Sends the part, or stops as soon as the uploader is drained.
    pub(crate) async fn run(self) -> Result<SentPart, Error> {
        let closing = self.core.closing.clone();
        closing
            .run_until_cancelled_owned(self.send())
            .await
            .unwrap_or_else(|| Err(drained()))
    }

    async fn send(self) -> Result<SentPart, Error> {
        let upload = self.opening.await?;
        // Over the finished buffer and not while it was filled: a mistake in
        // filling shows against the rolling checksum.
        let part = PartBody::new(self.number, self.offset, self.bytes);
        let size_bytes = part.bytes.len() as u64;
        let config = &self.core.config;
        let answered = with_retries(
            config,
            config.timeout_for(size_bytes),
            "upload_part",
            || self.core.store.upload_part(&upload, part.clone()),
        )
        .await;
        self.retries.count(&answered);
        let described = |error: Error| {
            error
                .with_address(&upload.address)
                .with_upload_id(Some(&upload.upload_id))
                .with_part(part.number)
        };
        let ack = answered
            .map_err(|end| {
                described(Error::from_store(
                    Stage::UploadPart,
                    end.attempts,
                    end.error,
                ))
            })?
            .value;
        let mismatch = |reason: String| {
            described(Error::new(ErrorKind::Mismatch, Stage::UploadPart).with_reason(reason))
        };
        if ack.number != part.number {
            return Err(mismatch(format!(
                "the store acknowledged part {}",
                ack.number
            )));
        }
        if let Some(crc) = ack.crc64nvme
            && crc != part.crc64nvme
        {
            return Err(mismatch(format!(
                "the store answered with checksum {crc}, the part has {}",
                part.crc64nvme
            )));
        }
        Ok(SentPart {
            number: part.number,
            size_bytes,
            crc64nvme: part.crc64nvme,
            etag: ack.etag,
        })
    }
}

/// The failure of everything that is under way when the uploader is drained.
pub(crate) fn drained() -> Error {
    Error::new(ErrorKind::Aborted, Stage::Write).with_reason("the uploader was drained")
}
