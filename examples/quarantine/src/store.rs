//! S3: a manifest with its `ETag`, and what is said of it in tags.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::operation::get_object::GetObjectOutput;
use bytes::Bytes;
use datatransit_job::aws::Aws;
use datatransit_job::input::{Source, refused, said};
use datatransit_job::when::When;
use datatransit_job::{ExitCode, Failure};
use datatransit_s3upload::{Encryption, Guard, ObjectSpec, S3Store, UploadConfig, Uploader};

use crate::cli::Place;
use crate::manifest::Document;

/// A longer document is no manifest.
const LONGEST: u64 = 64 << 20;

/// Bucket and key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

impl Address {
    /// Fills in the day.
    ///
    /// # Errors
    /// A usage failure for what is not in S3: files have neither tags nor conditions.
    pub(crate) fn resolve(template: &str, option: &str, when: &When) -> Result<Self, Failure> {
        match Source::resolve(template, option, when)? {
            Source::S3 { bucket, key, .. } => Ok(Self { bucket, key }),
            _ => Err(Failure::usage(anyhow!("{option} {template} is not in S3"))
                .with_remedy("name s3://BUCKET/KEY")),
        }
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// A manifest as it was found.
pub(crate) struct Found {
    pub(crate) document: Document,
    etag: String,
    /// What it has beside its bytes, to be kept.
    spec: ObjectSpec,
}

/// What is told of an object without reading it.
#[derive(Clone, Debug)]
pub(crate) struct Described {
    pub(crate) size: Option<u64>,
    /// Without quotes.
    pub(crate) etag: Option<String>,
}

/// A read manifest, or why it is none.
pub(crate) type Read = Result<Found, String>;

/// The way to S3.
pub(crate) struct Store {
    client: Client,
    owner: Option<String>,
    uploader: Uploader,
}

impl Store {
    pub(crate) async fn open(place: &Place, aws: &Aws) -> Result<Self, Failure> {
        if aws.config().await.region().is_none() {
            return Err(Failure::usage(anyhow!("no AWS region is configured"))
                .with_remedy("set AWS_REGION, or a region in the profile"));
        }
        let client = aws.s3().await;
        let store = Arc::new(S3Store::new(client.clone()));
        Ok(Self {
            client,
            owner: place.expected_bucket_owner.clone(),
            uploader: Uploader::new(store, UploadConfig::default())?,
        })
    }

    /// Reads a manifest; `None` where there is no object.
    ///
    /// # Errors
    /// When S3 does not give it out.
    pub(crate) async fn manifest(&self, at: &Address) -> Result<Option<Read>, Failure> {
        let answer = self
            .client
            .get_object()
            .bucket(&at.bucket)
            .key(&at.key)
            .set_expected_bucket_owner(self.owner.clone())
            .send()
            .await;
        let object = match answer {
            Ok(object) => object,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(refused(&at.to_string(), &error)),
        };
        let size = object
            .content_length()
            .and_then(|size| u64::try_from(size).ok());
        if size.is_none_or(|size| size > LONGEST) {
            return Ok(Some(Err("it is too long to be a manifest".to_owned())));
        }
        let spec = self.spec_of(at, &object);
        let etag = object.e_tag().unwrap_or_default().to_owned();
        let bytes = object
            .body
            .collect()
            .await
            .with_context(|| format!("read {at}"))
            .map_err(|error| Failure::new(ExitCode::Source, "manifest", error))?;
        let document = Document::parse(&bytes.into_bytes());
        Ok(Some(document.map(|document| Found {
            document,
            etag,
            spec,
        })))
    }

    fn spec_of(&self, at: &Address, object: &GetObjectOutput) -> ObjectSpec {
        let mut spec = ObjectSpec::new(&at.bucket, &at.key).with_content_type("application/json");
        if let Some(owner) = &self.owner {
            spec = spec.with_expected_bucket_owner(owner);
        }
        if let Some(class) = object.storage_class() {
            spec = spec.with_storage_class(class.as_str());
        }
        if let Some(key_id) = object.ssekms_key_id() {
            spec = spec.with_encryption(Encryption::Kms {
                key_id: key_id.to_owned(),
            });
        }
        for (name, value) in object.metadata().into_iter().flatten() {
            spec = spec.with_metadata(name, value);
        }
        spec
    }

    /// Replaces a manifest, if it is still the one that was read. Returns whether it was.
    ///
    /// # Errors
    /// [`ExitCode::Upload`] when S3 does not take it.
    pub(crate) async fn replace(&self, found: &Found, tags: &Tags) -> Result<bool, Failure> {
        let mut spec = found.spec.clone();
        for (name, value) in tags {
            spec = spec.with_tag(name, value);
        }
        let guard = Guard::Replace {
            etag: found.etag.clone(),
        };
        let mut upload = self.uploader.begin(spec, guard);
        upload.push(Bytes::from(found.document.to_json())).await?;
        match upload.commit().await {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == datatransit_s3upload::ErrorKind::Conflict => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Describes an object; `None` where there is none.
    ///
    /// # Errors
    /// When S3 does not tell.
    pub(crate) async fn describe(&self, at: &Address) -> Result<Option<Described>, Failure> {
        let answer = self
            .client
            .head_object()
            .bucket(&at.bucket)
            .key(&at.key)
            .set_expected_bucket_owner(self.owner.clone())
            .send()
            .await;
        match answer {
            Ok(object) => Ok(Some(Described {
                size: object
                    .content_length()
                    .and_then(|size| u64::try_from(size).ok()),
                etag: object.e_tag().map(|etag| etag.trim_matches('"').to_owned()),
            })),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => Err(refused(&at.to_string(), &error)),
        }
    }

    /// Reads an object's tags; `None` where there is no object.
    ///
    /// # Errors
    /// When S3 does not give them out.
    pub(crate) async fn tags(&self, at: &Address) -> Result<Option<Tags>, Failure> {
        let answer = self
            .client
            .get_object_tagging()
            .bucket(&at.bucket)
            .key(&at.key)
            .set_expected_bucket_owner(self.owner.clone())
            .send()
            .await;
        match answer {
            Ok(found) => Ok(Some(
                found
                    .tag_set()
                    .iter()
                    .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
                    .collect(),
            )),
            Err(error) if is_missing(&error) => Ok(None),
            Err(error) => {
                let error = anyhow!("read the tags of {at}: {}", said(&error));
                Err(Failure::new(ExitCode::Source, "tags", error)
                    .with_remedy("grant s3:GetObjectTagging on it"))
            }
        }
    }

    /// Replaces an object's tags.
    ///
    /// # Errors
    /// [`ExitCode::Upload`] when S3 does not take them.
    pub(crate) async fn put_tags(&self, at: &Address, tags: &Tags) -> Result<(), Failure> {
        let tags: Vec<(String, String)> = tags
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        Ok(self.uploader.put_tags(&at.bucket, &at.key, &tags).await?)
    }
}

/// Tags by name.
pub(crate) type Tags = BTreeMap<String, String>;

fn is_missing<E>(error: &SdkError<E>) -> bool {
    error
        .raw_response()
        .is_some_and(|answer| answer.status().as_u16() == 404)
}
