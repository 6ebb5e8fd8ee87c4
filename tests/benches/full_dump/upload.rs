//! Standard input to an S3 object: stands for `aws s3 cp - s3://…` in the pipelines.
//!
//! The same work in the same shape (parts of 8 MiB, ten at a time, a CRC64-NVME each, the
//! settings of the AWS CLI when nothing is configured) by the AWS SDK for Rust. The CLI
//! itself is Python and takes more CPU and memory for it, so this flatters the pipelines.

use std::io::Read as _;

use anyhow::{Context as _, Result};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::BehaviorVersion;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use tokio::runtime::Runtime;
use tokio::task::{JoinSet, spawn_blocking};

const PART_BYTES: u64 = 8 << 20;
const IN_FLIGHT: usize = 10;

/// Uploads standard input, to its end, with the environment's credentials.
pub(crate) fn run(bucket: &str, key: &str) -> Result<()> {
    Runtime::new()?.block_on(async {
        let config = aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await;
        let upload = Upload {
            client: Client::new(&config),
            bucket: bucket.to_owned(),
            key: key.to_owned(),
        };
        upload.all().await
    })
}

#[derive(Clone)]
struct Upload {
    client: Client,
    bucket: String,
    key: String,
}

impl Upload {
    async fn all(self) -> Result<()> {
        let created = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .send()
            .await?;
        let id = created.upload_id().context("no upload id")?.to_owned();
        let mut sending = JoinSet::new();
        let mut parts = Vec::new();
        for number in 1.. {
            let bytes = spawn_blocking(next_part).await??;
            if bytes.is_empty() && number > 1 {
                break;
            }
            if sending.len() == IN_FLIGHT
                && let Some(part) = sending.join_next().await
            {
                parts.push(part??);
            }
            sending.spawn(self.clone().part(id.clone(), number, bytes));
        }
        while let Some(part) = sending.join_next().await {
            parts.push(part??);
        }
        parts.sort_by_key(CompletedPart::part_number);
        self.client
            .complete_multipart_upload()
            .bucket(&self.bucket)
            .key(&self.key)
            .upload_id(id)
            .multipart_upload(
                CompletedMultipartUpload::builder()
                    .set_parts(Some(parts))
                    .build(),
            )
            .send()
            .await?;
        Ok(())
    }

    async fn part(self, id: String, number: i32, bytes: Vec<u8>) -> Result<CompletedPart> {
        let sent = self
            .client
            .upload_part()
            .bucket(self.bucket)
            .key(self.key)
            .upload_id(id)
            .part_number(number)
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .body(ByteStream::from(bytes))
            .send()
            .await?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag)
            .set_checksum_crc64_nvme(sent.checksum_crc64_nvme)
            .build())
    }
}

/// A whole part, or what is left.
fn next_part() -> Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(usize::try_from(PART_BYTES)?);
    std::io::stdin()
        .lock()
        .take(PART_BYTES)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}
