//! The object that a result becomes: attributes, what may be replaced, and the
//! uploader that puts it there.

use std::str::FromStr;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use datatransit_s3upload::{
    DirectoryStore, Encryption, ErrorKind, ObjectSpec, ObjectStore, S3Store, UploadConfig, Uploader,
};

use crate::aws::{Aws, PathStyle};
use crate::destination::Destination;
use crate::{ByteSize, ExitCode, Failure};

/// What to do when there is an object at the key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum IfExists {
    /// Replaces it: a rerun of the same day is safe.
    #[default]
    Overwrite,
    /// Fails, and never overwrites, not even in a race.
    Fail,
    /// Ends well without doing anything when the day's result is complete.
    Skip,
}

/// The options that describe the object.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Object")]
#[non_exhaustive]
pub struct ObjectArgs {
    /// When the key exists: replace it, fail, or end well without a dump
    #[arg(long, value_enum, default_value_t)]
    pub if_exists: IfExists,

    /// S3 storage class, such as STANDARD_IA
    #[arg(long, value_name = "CLASS")]
    pub storage_class: Option<String>,

    /// KMS key (id, ARN or alias) to encrypt with; without it the bucket's default holds
    #[arg(long, value_name = "KEY")]
    pub sse_kms_key_id: Option<String>,

    /// Tag of the object; repeatable, or separated by commas
    #[arg(long, value_name = "NAME=VALUE", value_delimiter = ',')]
    pub tag: Vec<Tag>,

    /// Account that must own the bucket
    #[arg(long, value_name = "ACCOUNT")]
    pub expected_bucket_owner: Option<String>,

    /// Bucket in the path instead of the host name; auto: when the endpoint is
    /// an IP address or localhost
    #[arg(long, value_enum, default_value_t)]
    pub s3_path_style: PathStyle,
}

/// One `NAME=VALUE`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tag {
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

impl FromStr for Tag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once('=') {
            Some((name, value)) if !name.is_empty() && name.len() <= 128 && value.len() <= 256 => {
                Ok(Self {
                    name: name.to_owned(),
                    value: value.to_owned(),
                })
            }
            _ => Err("must be NAME=VALUE, at most 128 and 256 bytes long".to_owned()),
        }
    }
}

impl ObjectArgs {
    /// Describes the object at `destination`; attributes that only S3 has are
    /// left out for a file.
    #[must_use]
    pub fn spec(&self, destination: &Destination, content_type: &str) -> ObjectSpec {
        let (bucket, key) = address(destination);
        let mut spec = ObjectSpec::new(bucket, key);
        if !matches!(destination, Destination::S3 { .. }) {
            return spec;
        }
        spec = spec.with_content_type(content_type);
        spec.storage_class.clone_from(&self.storage_class);
        if let Some(key_id) = &self.sse_kms_key_id {
            spec = spec.with_encryption(Encryption::Kms {
                key_id: key_id.clone(),
            });
        }
        if let Some(account) = &self.expected_bucket_owner {
            spec = spec.with_expected_bucket_owner(account);
        }
        for tag in &self.tag {
            spec = spec.with_tag(&tag.name, &tag.value);
        }
        spec
    }
}

/// Returns bucket and key as the uploader wants them; a file's store is its
/// directory and knows no bucket.
#[must_use]
pub fn address(destination: &Destination) -> (&str, &str) {
    match destination {
        Destination::S3 { bucket, key } => (bucket, key),
        Destination::File { name, .. } => ("", name),
        Destination::Stdout => ("", ""),
    }
}

/// Makes the uploader for a destination; none for standard output.
///
/// `memory` is what one upload may hold.
///
/// # Errors
/// A usage failure when the budget is too small, or when there is no AWS region.
pub async fn uploader(
    destination: &Destination,
    aws: &Aws,
    memory: ByteSize,
) -> Result<Option<Uploader>, Failure> {
    let store: Arc<dyn ObjectStore> = match destination {
        Destination::S3 { .. } => {
            if aws.config().await.region().is_none() {
                return Err(
                    Failure::usage(anyhow::anyhow!("no AWS region is configured"))
                        .with_remedy("set AWS_REGION, or a region in the profile"),
                );
            }
            Arc::new(S3Store::new(aws.s3().await))
        }
        Destination::File { directory, .. } => Arc::new(DirectoryStore::new(directory)),
        Destination::Stdout => return Ok(None),
    };
    let config = UploadConfig::default().with_memory_bytes(memory.bytes());
    Ok(Some(Uploader::new(store, config)?))
}

impl From<datatransit_s3upload::Error> for Failure {
    fn from(error: datatransit_s3upload::Error) -> Self {
        let remedy = match error.kind() {
            ErrorKind::AccessDenied => {
                "grant s3:PutObject, s3:PutObjectTagging, s3:GetObject, \
                 s3:AbortMultipartUpload and s3:ListMultipartUploadParts on the key's prefix"
            }
            ErrorKind::NotFound => "check the bucket's name and region",
            ErrorKind::AlreadyExists => "choose --if-exists=overwrite or skip, or another key",
            ErrorKind::TooLarge => "raise --memory: it decides how large an object can become",
            _ => "",
        };
        let exit = match error.kind() {
            ErrorKind::Config => ExitCode::Usage,
            _ => ExitCode::Upload,
        };
        let failure = Self::new(exit, "upload", error);
        if remedy.is_empty() {
            failure
        } else {
            failure.with_remedy(remedy)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_need_a_name() {
        let tag: Tag = "team=data=1".parse().unwrap();
        assert_eq!((tag.name.as_str(), tag.value.as_str()), ("team", "data=1"));
        assert!("team".parse::<Tag>().is_err());
        assert!("=x".parse::<Tag>().is_err());
        assert!(format!("a={}", "x".repeat(257)).parse::<Tag>().is_err());
    }

    #[tokio::test]
    async fn a_budget_too_small_is_a_matter_of_configuration() {
        let directory = tempfile::tempdir().unwrap();
        let destination = Destination::File {
            directory: directory.path().to_owned(),
            name: "x".to_owned(),
        };
        let aws = Aws::new(PathStyle::Auto);
        let failure = uploader(&destination, &aws, ByteSize::new(0))
            .await
            .unwrap_err();
        assert_eq!(failure.exit(), ExitCode::Usage);
        assert!(
            uploader(&Destination::Stdout, &aws, ByteSize::new(0))
                .await
                .unwrap()
                .is_none()
        );
    }
}
