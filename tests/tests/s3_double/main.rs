//! The S3 double against the real SDK: it must refuse what S3 refuses, or an
//! uploader that is wrong would pass for right.

use anyhow::Result;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    ChecksumAlgorithm, ChecksumMode, ChecksumType, CompletedMultipartUpload, CompletedPart,
    ServerSideEncryption, StorageClass, Tag, Tagging,
};
use aws_smithy_types::base64;
use crc_fast::{CrcAlgorithm, checksum};
use e2e::s3::{Effect, FaultRule, Operation, S3Options, S3Server};

mod faults;
mod multipart;
mod objects;

const BUCKET: &str = "demo-dumps";
const MIN_PART: usize = 5 << 20;

fn start() -> Result<(S3Server, Client)> {
    let server = S3Server::start(S3Options::with_buckets(&[BUCKET]))?;
    let client = server.endpoint().s3_client();
    Ok((server, client))
}

fn crc(bytes: &[u8]) -> String {
    base64::encode(checksum(CrcAlgorithm::Crc64Nvme, bytes).to_be_bytes())
}

/// Status and code of an answer that is an error.
fn refusal<T: std::fmt::Debug, E>(result: Result<T, SdkError<E>>) -> (u16, String)
where
    E: ProvideErrorMetadata,
{
    match result {
        Ok(output) => panic!("not refused: {output:?}"),
        Err(error) => {
            let status = error
                .raw_response()
                .map_or(0, |response| response.status().as_u16());
            (status, error.code().unwrap_or_default().to_owned())
        }
    }
}

/// An upload under way.
struct Upload<'a> {
    client: &'a Client,
    key: &'a str,
    id: String,
    parts: Vec<CompletedPart>,
}

impl<'a> Upload<'a> {
    async fn create(client: &'a Client, key: &'a str) -> Result<Self> {
        let created = client
            .create_multipart_upload()
            .bucket(BUCKET)
            .key(key)
            .checksum_algorithm(ChecksumAlgorithm::Crc64Nvme)
            .checksum_type(ChecksumType::FullObject)
            .send()
            .await?;
        let id = created.upload_id.unwrap_or_default();
        Ok(Self {
            client,
            key,
            id,
            parts: Vec::new(),
        })
    }

    async fn part(&mut self, number: i32, bytes: &[u8]) -> Result<()> {
        let sent = self
            .client
            .upload_part()
            .bucket(BUCKET)
            .key(self.key)
            .upload_id(&self.id)
            .part_number(number)
            .checksum_crc64_nvme(crc(bytes))
            .body(ByteStream::from(bytes.to_vec()))
            .send()
            .await?;
        assert_eq!(sent.checksum_crc64_nvme, Some(crc(bytes)));
        let part = CompletedPart::builder()
            .part_number(number)
            .set_e_tag(sent.e_tag);
        self.parts
            .push(part.checksum_crc64_nvme(crc(bytes)).build());
        Ok(())
    }

    fn complete(&self) -> CompleteMultipartUploadFluentBuilder {
        self.complete_with(self.parts.clone())
    }

    fn complete_with(&self, parts: Vec<CompletedPart>) -> CompleteMultipartUploadFluentBuilder {
        let list = CompletedMultipartUpload::builder()
            .set_parts(Some(parts))
            .build();
        self.client
            .complete_multipart_upload()
            .bucket(BUCKET)
            .key(self.key)
            .upload_id(&self.id)
            .multipart_upload(list)
    }
}
