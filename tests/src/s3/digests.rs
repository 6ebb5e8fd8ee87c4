//! Checksums: what was sent must be what arrived.

use std::io;

use bytes::Bytes;
use crc_fast::{CrcAlgorithm, checksum_combine};
use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{Checksum, ChecksumAlgorithm, ChecksumType, StreamingBlob};
use s3s::{Body, S3Result, TrailingHeaders, s3_error};

use aws_smithy_types::base64;

/// The checksum that a request claims, and the one S3 computes if it claims none.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    pub(super) checksum: Checksum,
    pub(super) content_md5: Option<String>,
}

impl Claimed {
    /// Adds the checksums that came after the body.
    pub(super) fn with_trailers(mut self, trailers: Option<TrailingHeaders>) -> Self {
        let Some(trailers) = trailers.and_then(|trailers| trailers.take()) else {
            return self;
        };
        let trailer = |name: &str| {
            trailers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let sum = &mut self.checksum;
        sum.checksum_crc32 = trailer("x-amz-checksum-crc32").or(sum.checksum_crc32.take());
        sum.checksum_crc32c = trailer("x-amz-checksum-crc32c").or(sum.checksum_crc32c.take());
        sum.checksum_crc64nvme =
            trailer("x-amz-checksum-crc64nvme").or(sum.checksum_crc64nvme.take());
        sum.checksum_sha1 = trailer("x-amz-checksum-sha1").or(sum.checksum_sha1.take());
        sum.checksum_sha256 = trailer("x-amz-checksum-sha256").or(sum.checksum_sha256.take());
        self
    }

    /// Which algorithm the request's checksum is of.
    pub(super) fn algorithm(&self) -> Option<&'static str> {
        let sum = &self.checksum;
        [
            (&sum.checksum_crc32, ChecksumAlgorithm::CRC32),
            (&sum.checksum_crc32c, ChecksumAlgorithm::CRC32C),
            (&sum.checksum_crc64nvme, ChecksumAlgorithm::CRC64NVME),
            (&sum.checksum_sha1, ChecksumAlgorithm::SHA1),
            (&sum.checksum_sha256, ChecksumAlgorithm::SHA256),
        ]
        .into_iter()
        .find_map(|(value, name)| value.is_some().then_some(name))
    }
}

/// What the bytes really are.
#[derive(Debug, Clone)]
pub(super) struct Digests {
    pub(super) size: u64,
    pub(super) crc64nvme: String,
    /// The claimed checksum, proven; CRC64NVME if none was claimed.
    pub(super) checksum: Checksum,
}

impl Digests {
    /// Computes the digests of a body.
    ///
    /// # Errors
    ///
    /// `BadDigest` when a claimed one differs.
    pub(super) fn prove(bytes: &Bytes, claimed: &Claimed) -> S3Result<Self> {
        let sum = &claimed.checksum;
        let mut hasher = ChecksumHasher {
            crc32: sum.checksum_crc32.is_some().then(Default::default),
            crc32c: sum.checksum_crc32c.is_some().then(Default::default),
            sha1: sum.checksum_sha1.is_some().then(Default::default),
            sha256: sum.checksum_sha256.is_some().then(Default::default),
            crc64nvme: Some(Default::default()),
        };
        hasher.update(bytes);
        let mut real = hasher.finalize();
        let crc64nvme = real.checksum_crc64nvme.clone().unwrap_or_default();
        if claimed
            .algorithm()
            .is_some_and(|name| name != ChecksumAlgorithm::CRC64NVME)
        {
            real.checksum_crc64nvme = None;
        }
        for (claim, real) in [
            (&sum.checksum_crc32, &real.checksum_crc32),
            (&sum.checksum_crc32c, &real.checksum_crc32c),
            (&sum.checksum_sha1, &real.checksum_sha1),
            (&sum.checksum_sha256, &real.checksum_sha256),
            (&sum.checksum_crc64nvme, &Some(crc64nvme.clone())),
        ] {
            if claim.is_some() && claim != real {
                return Err(s3_error!(
                    BadDigest,
                    "the checksum you specified did not match what we received"
                ));
            }
        }
        if let Some(claim) = &claimed.content_md5 {
            let mut md5 = Md5::new();
            md5.update(bytes);
            if *claim != base64::encode(md5.finalize()) {
                return Err(s3_error!(
                    BadDigest,
                    "the Content-MD5 you specified did not match what we received"
                ));
            }
        }
        real.checksum_type = Some(ChecksumType::from_static(ChecksumType::FULL_OBJECT));
        let size = u64::try_from(bytes.len()).map_err(|_| s3_error!(InternalError))?;
        Ok(Self {
            size,
            crc64nvme,
            checksum: real,
        })
    }
}

/// The CRC64NVME of parts laid end to end.
pub(super) fn full_object_crc64nvme<'a>(
    parts: impl Iterator<Item = &'a Digests>,
) -> S3Result<String> {
    let mut whole = 0;
    for part in parts {
        let crc = decode_crc64(&part.crc64nvme)?;
        whole = checksum_combine(CrcAlgorithm::Crc64Nvme, whole, crc, part.size);
    }
    Ok(base64::encode(whole.to_be_bytes()))
}

fn decode_crc64(text: &str) -> S3Result<u64> {
    let bytes = base64::decode(text)
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    bytes
        .map(u64::from_be_bytes)
        .ok_or_else(|| s3_error!(InternalError, "not a CRC64"))
}

/// Reads a request's body to its end.
///
/// # Errors
///
/// `IncompleteBody` when it ends early, or its signature's error.
pub(super) async fn collect(body: Option<StreamingBlob>) -> S3Result<Bytes> {
    let Some(body) = body else {
        return Ok(Bytes::new());
    };
    let pieces: Vec<Bytes> = body
        .try_collect()
        .await
        .map_err(|error| s3_error!(IncompleteBody, "the body broke off: {error}"))?;
    Ok(match <[Bytes; 1]>::try_from(pieces) {
        Ok([only]) => only,
        Err(pieces) => pieces.concat().into(),
    })
}

pub(super) fn blob(bytes: Bytes) -> StreamingBlob {
    StreamingBlob::from(Body::from(bytes))
}

/// The body's first `left` bytes, then a break: the connection closes short of what
/// was announced.
pub(super) fn cut_body(body: StreamingBlob, left: u64) -> StreamingBlob {
    let cut = stream::try_unfold((body, left), |(mut body, left)| async move {
        let broken = || io::Error::other("as the fault script wants it");
        if left == 0 {
            // Pending once, so that what came before is sent and not lost with it.
            tokio::task::yield_now().await;
            return Err(broken());
        }
        match body.next().await {
            Some(Ok(bytes)) => {
                let most = usize::try_from(left).unwrap_or(usize::MAX);
                let kept = bytes.slice(..bytes.len().min(most));
                let left = left - kept.len() as u64;
                Ok(Some((kept, (body, left))))
            }
            Some(Err(error)) => Err(io::Error::other(error)),
            None => Ok(None),
        }
    });
    StreamingBlob::wrap(cut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combined_crc_is_the_crc_of_the_whole() {
        let whole = Bytes::from(
            (0..100_000_u32)
                .flat_map(u32::to_le_bytes)
                .collect::<Vec<u8>>(),
        );
        let parts = [
            whole.slice(..7),
            whole.slice(7..300_000),
            whole.slice(300_000..),
        ];
        let none = Claimed::default();
        let parts: Vec<Digests> = parts
            .iter()
            .map(|part| Digests::prove(part, &none).unwrap())
            .collect();
        let combined = full_object_crc64nvme(parts.iter()).unwrap();
        assert_eq!(combined, Digests::prove(&whole, &none).unwrap().crc64nvme);
    }
}
