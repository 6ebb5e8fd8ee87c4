//! Where a program reads from: `s3://bucket/key`, `file:///path` or a path, with
//! the date written into the name.
//!
//! An object is read as it was found first: every request names its `ETag`, so
//! that an object replaced under way is noticed and never read as half of each. A
//! body that breaks off is asked for again from where it broke.

use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use aws_sdk_s3::Client;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use datatransit_dump::compare::{BoxFuture, Input, InputError, InputReader};
use futures_util::stream;
use tokio_util::io::StreamReader;

use crate::aws::Aws;
use crate::when::When;
use crate::{ExitCode, Failure};

/// How often one reading of an object is taken up again after its body broke.
const MOST_RESUMES: u32 = 8;
/// The wait before the first of them; doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// A place to read from: no pattern is left in it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// An object in S3.
    #[non_exhaustive]
    S3 {
        /// The bucket.
        bucket: String,
        /// The key.
        key: String,
    },
    /// A file.
    File(PathBuf),
}

impl Source {
    /// Fills `%Y`, `%m`, `%d` and the other strftime conversions of `template`
    /// and takes it apart. `argument` names it in an error.
    ///
    /// # Errors
    /// A usage failure for an unknown conversion, another scheme, or no name at all.
    pub fn resolve(template: &str, argument: &str, when: &When) -> Result<Self, Failure> {
        let filled = jiff::fmt::strtime::format(template, &when.moment)
            .map_err(|error| anyhow!(error))
            .and_then(|filled| Self::parse(&filled));
        filled.map_err(|error| {
            Failure::usage(error.context(format!("{argument} {template}")))
                .with_remedy("use s3://BUCKET/KEY, file:///PATH or a path; a percent sign is %%")
        })
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err(anyhow!("the name is empty or has a control character"));
        }
        if let Some(rest) = text.strip_prefix("s3://") {
            return match rest.split_once('/') {
                Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => Ok(Self::S3 {
                    bucket: bucket.to_owned(),
                    key: key.to_owned(),
                }),
                _ => Err(anyhow!("not of the form s3://BUCKET/KEY")),
            };
        }
        match text.split_once("://") {
            None => Ok(Self::File(PathBuf::from(text))),
            Some(("file", path)) if path.starts_with('/') => Ok(Self::File(PathBuf::from(path))),
            Some(_) => Err(anyhow!("neither s3:// nor file:/// nor a path")),
        }
    }

    /// Looks at what is there, so that what is missing is said before anything is read.
    ///
    /// `owner` is the account that must own the bucket, where that is asked for.
    ///
    /// # Errors
    /// [`ExitCode::Source`] with the name and what to do when it is missing,
    /// forbidden or unreachable.
    pub async fn find(&self, aws: &Aws, owner: Option<&str>) -> Result<Arc<dyn Input>, Failure> {
        match self {
            Self::S3 { bucket, key } => {
                if aws.config().await.region().is_none() {
                    return Err(Failure::usage(anyhow!("no AWS region is configured"))
                        .with_remedy("set AWS_REGION, or a region in the profile"));
                }
                let object = ObjectInput::find(aws.s3().await, bucket, key, owner).await?;
                Ok(Arc::new(object))
            }
            Self::File(path) => {
                let found = tokio::fs::metadata(path).await;
                match found {
                    Ok(found) if found.is_dir() => {
                        Err(source(anyhow!("{self} is a directory")).with_remedy("name a file"))
                    }
                    Ok(_) => Ok(Arc::new(datatransit_dump::compare::PathInput::new(path))),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {
                        Err(source(anyhow!("{self} does not exist")).with_remedy(NOT_THERE))
                    }
                    Err(error) => Err(source(anyhow!(error).context(format!("look at {self}")))),
                }
            }
        }
    }
}

const NOT_THERE: &str =
    "see whether the job that makes it has run, and whether name and date are right";

fn source(error: anyhow::Error) -> Failure {
    Failure::new(ExitCode::Source, "open", error)
}

/// Prints it as it is named on a command line.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, key } => write!(f, "s3://{bucket}/{key}"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

/// An object that is read as it was found.
#[derive(Clone, Debug)]
pub struct ObjectInput {
    object: Arc<Object>,
}

#[derive(Debug)]
struct Object {
    client: Client,
    bucket: String,
    key: String,
    owner: Option<String>,
    etag: String,
    size: u64,
}

impl ObjectInput {
    /// Describes the object and remembers its `ETag`.
    ///
    /// # Errors
    /// [`ExitCode::Source`] with the object's name and what to do.
    pub async fn find(
        client: Client,
        bucket: &str,
        key: &str,
        owner: Option<&str>,
    ) -> Result<Self, Failure> {
        let name = format!("s3://{bucket}/{key}");
        let found = client
            .head_object()
            .bucket(bucket)
            .key(key)
            .set_expected_bucket_owner(owner.map(str::to_owned))
            .send()
            .await
            .map_err(|error| refused(&name, &error))?;
        let size = found
            .content_length()
            .and_then(|size| u64::try_from(size).ok());
        let (Some(etag), Some(size)) = (found.e_tag(), size) else {
            return Err(source(anyhow!(
                "{name}: the store tells neither size nor ETag"
            )));
        };
        Ok(Self {
            object: Arc::new(Object {
                etag: etag.to_owned(),
                size,
                client,
                bucket: bucket.to_owned(),
                key: key.to_owned(),
                owner: owner.map(str::to_owned),
            }),
        })
    }
}

impl Input for ObjectInput {
    fn name(&self) -> String {
        self.object.name()
    }

    fn open(&self) -> BoxFuture<'_, Result<InputReader, InputError>> {
        Box::pin(async {
            // Asked for here, so that a refusal is an error of opening.
            let body = self.object.get(0).await?;
            let reading = Reading {
                object: Arc::clone(&self.object),
                body: Some(body),
                offset: 0,
                resumes: 0,
            };
            let blocks = stream::try_unfold(reading, Reading::next);
            Ok(Box::new(StreamReader::new(Box::pin(blocks))) as InputReader)
        })
    }

    fn stored_bytes(&self) -> Option<u64> {
        Some(self.object.size)
    }
}

impl Object {
    fn name(&self) -> String {
        format!("s3://{}/{}", self.bucket, self.key)
    }

    /// Asks for the bytes from `offset` on.
    async fn get(&self, offset: u64) -> io::Result<ByteStream> {
        let range = (offset > 0).then(|| format!("bytes={offset}-"));
        let answer = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(&self.key)
            .set_expected_bucket_owner(self.owner.clone())
            .set_range(range)
            .if_match(&self.etag)
            .send()
            .await
            .map_err(|error| {
                let status = error.raw_response().map(|answer| answer.status().as_u16());
                let name = self.name();
                match status {
                    Some(404 | 412) => io::Error::other(format!(
                        "{name} was replaced or removed while it was read"
                    )),
                    Some(400..500) => io::Error::other(format!("get {name}: {}", said(&error))),
                    // No answer, or one that may be another next time.
                    _ => io::Error::new(
                        io::ErrorKind::ConnectionAborted,
                        format!("get {name}: {}", said(&error)),
                    ),
                }
            })?;
        Ok(answer.body)
    }
}

/// One reading, from the first byte to the last.
struct Reading {
    object: Arc<Object>,
    body: Option<ByteStream>,
    offset: u64,
    resumes: u32,
}

impl Reading {
    /// The next bytes, or nothing after the last.
    async fn next(mut self) -> io::Result<Option<(Bytes, Self)>> {
        loop {
            let body = match &mut self.body {
                Some(body) => body,
                None => match self.object.get(self.offset).await {
                    Ok(body) => self.body.insert(body),
                    Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {
                        self.resume(&error.to_string()).await?;
                        continue;
                    }
                    Err(error) => return Err(error),
                },
            };
            let broken = match body.try_next().await {
                Ok(Some(bytes)) => {
                    self.offset += bytes.len() as u64;
                    return Ok(Some((bytes, self)));
                }
                Ok(None) if self.offset == self.object.size => return Ok(None),
                Ok(None) => "the body ended early".to_owned(),
                // After the last byte comes the checksum: nothing to be read again
                // would make it right.
                Err(error) if self.offset >= self.object.size => {
                    let name = self.object.name();
                    return Err(io::Error::other(format!("{name}: {error}")));
                }
                Err(error) => error.to_string(),
            };
            self.resume(&broken).await?;
        }
    }

    /// Waits for the next try, if there is one left.
    async fn resume(&mut self, broken: &str) -> io::Result<()> {
        let name = self.object.name();
        let (offset, size) = (self.offset, self.object.size);
        if self.resumes == MOST_RESUMES {
            return Err(io::Error::other(format!(
                "{name}: the body broke off {} times, last after {offset} of {size} bytes: {broken}",
                MOST_RESUMES + 1
            )));
        }
        let wait = FIRST_WAIT * 2_u32.pow(self.resumes);
        self.resumes += 1;
        self.body = None;
        tracing::warn!(
            name,
            offset,
            size,
            broken,
            resumes = self.resumes,
            "the body broke off, reading on from there"
        );
        tokio::time::sleep(wait.mul_f64(0.5 + fastrand::f64() / 2.0)).await;
        Ok(())
    }
}

/// What a store said, without the raw answer.
#[must_use]
pub fn said<E: ProvideErrorMetadata + std::error::Error + 'static>(error: &SdkError<E>) -> String {
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    let code = error.code();
    match (status, code) {
        (Some(status), Some(code)) => format!("{code} (HTTP {status})"),
        (Some(status), None) => format!("HTTP {status}"),
        _ => {
            // No answer: the causes tell of sockets and credentials, not of contents.
            let mut text = error.to_string();
            let mut cause = std::error::Error::source(error);
            while let Some(inner) = cause {
                text = format!("{text}: {inner}");
                cause = inner.source();
            }
            text
        }
    }
}

/// What a refused request means to the person who named the object.
///
/// The failure is of class [`ExitCode::Source`].
#[must_use]
pub fn refused<E: ProvideErrorMetadata + std::error::Error + 'static>(
    name: &str,
    error: &SdkError<E>,
) -> Failure {
    let status = error.raw_response().map(|answer| answer.status().as_u16());
    match status {
        Some(404) => source(anyhow!("{name} does not exist")).with_remedy(NOT_THERE),
        Some(403) => source(anyhow!("{name}: {}", said(error))).with_remedy(
            "grant s3:GetObject on it; without s3:ListBucket S3 says the same of an object that does not exist",
        ),
        Some(_) => source(anyhow!("{name}: {}", said(error))),
        None => source(anyhow!("{name}: {}", said(error)))
            .with_remedy("see whether the endpoint, the network and the credentials are right"),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::when::WhenArgs;

    fn resolved(template: &str) -> Result<String, Failure> {
        let when = WhenArgs {
            timezone: "Asia/Tokyo".to_owned(),
            date: Some("2026-11-23".parse().unwrap()),
        };
        let when = when.resolve(Timestamp::UNIX_EPOCH).unwrap();
        Source::resolve(template, "OLD", &when).map(|source| source.to_string())
    }

    #[test]
    fn names_are_dated_and_told_apart() {
        for (template, name) in [
            (
                "s3://b/dumps/x_%Y%m%d.sql.gz",
                "s3://b/dumps/x_20261123.sql.gz",
            ),
            ("file:///var/x-%F.sql", "/var/x-2026-11-23.sql"),
            ("x.sql", "x.sql"),
            ("./100%%.sql", "./100%.sql"),
        ] {
            assert_eq!(resolved(template).unwrap(), name);
        }
    }

    #[test]
    fn other_forms_are_refused_with_what_to_write() {
        for template in [
            "",
            "s3://b",
            "s3://b/",
            "s3:///k",
            "file://x",
            "http://b/k",
            "%!",
            "a\nb",
        ] {
            let failure = resolved(template).unwrap_err();
            assert_eq!(failure.exit(), ExitCode::Usage, "{template:?}");
            assert!(
                failure
                    .remedy()
                    .is_some_and(|text| text.contains("s3://BUCKET/KEY"))
            );
        }
    }
}
