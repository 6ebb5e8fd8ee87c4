//! The destinations: each right that a run needs there, tried so that nothing is
//! published, and named as IAM does.

use anyhow::anyhow;
use bytes::Bytes;
use datatransit_s3upload::store::{ChecksumMode, MultipartUpload, StoreError, StoreErrorKind};
use datatransit_s3upload::{Crc64, Guard, ObjectSpec, ObjectStore, S3Store};
use jiff::Timestamp;
use jiff::civil::date;

use crate::destination::Destination;
use crate::job::Job;
use crate::object::{self, IfExists};
use crate::{ExitCode, Failure};

use super::Report;
use super::clock::SeenDate;

/// No object's `ETag`: S3's are MD5 sums in hex, or those of parts with a dash.
const NO_ETAG: &str = "\"no-object-has-this-etag\"";
/// The day of the key that is written to on a condition that cannot hold.
const NO_DAY: jiff::civil::Date = date(1970, 1, 1);

/// One destination, and what a run does with it.
pub(super) struct Wanted<'a> {
    name: String,
    destination: &'a Destination,
    /// As it was given, and by which option: names for another day are made of it.
    template: &'a str,
    option: &'static str,
    /// Whether a run sets tags there.
    tagged: bool,
    /// Whether a run looks at the key before it writes, and writes on a condition.
    guarded: bool,
}

impl<'a> Wanted<'a> {
    /// That of the result.
    pub(super) fn object(job: &'a Job, noun: &str) -> Self {
        Self {
            name: noun.to_owned(),
            destination: &job.destination,
            template: job.args.destination.to.as_deref().unwrap_or_default(),
            option: "--to",
            tagged: true,
            guarded: job.args.object.if_exists != IfExists::Overwrite,
        }
    }

    /// That of the manifest, if there is one.
    pub(super) fn manifest(job: &'a Job) -> Option<Self> {
        Some(Self {
            name: "manifest".to_owned(),
            destination: job.manifest.as_ref()?,
            template: job.args.destination.manifest.as_deref()?,
            option: "--manifest",
            tagged: !job.args.object.tag.is_empty(),
            guarded: false,
        })
    }

    fn named(&self, what: &str) -> String {
        format!("{}'s {what}", self.name)
    }
}

/// Tries a destination.
pub(super) async fn examine(job: &Job, wanted: &Wanted<'_>, seen: &SeenDate, report: &mut Report) {
    let destination = wanted.destination;
    match destination {
        Destination::S3 { .. } => {}
        Destination::File { directory, .. } => {
            report.add(
                wanted.named("destination"),
                super::local::writable(directory),
            );
            return;
        }
        Destination::Stdout => {
            report.ok(wanted.named("destination"), "standard output".to_owned());
            return;
        }
    }
    // The settings and the region are tried as a run would.
    if let Err(failure) = object::uploader(destination, &job.aws, job.upload_memory()).await {
        return report.fail(wanted.named("destination"), &failure);
    }
    let config = job.aws.s3().await.config().to_builder();
    let client = aws_sdk_s3::Client::from_conf(config.interceptor(seen.clone()).build());
    let probe = Probe {
        job,
        wanted,
        store: S3Store::new(client),
    };
    probe.upload(report).await;
    probe.read_back(report).await;
    probe.condition(report).await;
}

struct Probe<'a> {
    job: &'a Job,
    wanted: &'a Wanted<'a>,
    store: S3Store,
}

impl Probe<'_> {
    fn spec(&self, destination: &Destination) -> ObjectSpec {
        let object = &self.job.args.object;
        object.spec(destination, "application/octet-stream")
    }

    fn refused(&self, what: &str, error: StoreError, remedy: &str) -> Failure {
        let error = anyhow!(error).context(format!("{what} {}", self.wanted.destination));
        Failure::new(ExitCode::Upload, "upload", error).with_remedy(remedy)
    }

    /// Opens an upload at the very key and aborts it: the rights to write, to tag
    /// and to clean up.
    async fn upload(&self, report: &mut Report) {
        let destination = self.wanted.destination;
        let name = self.wanted.named("destination");
        let untagged = {
            let mut spec = self.spec(destination);
            spec.tags.clear();
            spec
        };
        let upload = match self.store.create_upload(&untagged).await {
            Ok(upload) => upload,
            Err(error) => {
                let failure = self.refused("open an upload of", error, OPEN);
                return report.fail(name, &failure);
            }
        };
        let closed = self.close(&upload).await;
        report.add(
            name,
            closed.map(|()| format!("an upload of {destination} was opened and aborted")),
        );
        if self.wanted.tagged {
            self.tags(untagged, report).await;
        }
    }

    /// Lists the upload's parts, aborts it, and sees that it is gone, as a run does
    /// that ends before its time.
    async fn close(&self, upload: &MultipartUpload) -> Result<(), Failure> {
        let listed = self.store.list_parts(upload).await;
        let aborted = self.store.abort_upload(upload).await;
        let what = format!("abort the upload {} of", upload.upload_id);
        aborted.map_err(|error| {
            self.refused(
                &what,
                error,
                "grant s3:AbortMultipartUpload on the key's prefix, and abort it by hand",
            )
        })?;
        listed.map_err(|error| {
            let what = "list the parts of an upload of";
            self.refused(
                what,
                error,
                "grant s3:ListMultipartUploadParts on the key's prefix",
            )
        })?;
        match self.store.list_parts(upload).await {
            Err(error) if error.kind == StoreErrorKind::NoSuchUpload => Ok(()),
            Err(error) => {
                Err(self.refused("confirm the abort of an upload of", error, "try again"))
            }
            Ok(_) => {
                let error = anyhow!(
                    "the upload {} is still open after its abort",
                    upload.upload_id
                );
                Err(Failure::new(ExitCode::Upload, "upload", error)
                    .with_remedy("let a lifecycle rule end incomplete uploads"))
            }
        }
    }

    /// S3 asks for the right to tag where an upload is opened with tags; the tags of
    /// an object cannot be tried without the object.
    async fn tags(&self, mut spec: ObjectSpec, report: &mut Report) {
        let name = self.wanted.named("tags");
        spec.tags = self.spec(self.wanted.destination).tags;
        if spec.tags.is_empty() {
            spec = spec.with_tag("run_id", self.job.run_id.to_string());
        }
        let opened = match self.store.create_upload(&spec).await {
            Ok(upload) => self.close(&upload).await,
            Err(error) => Err(self.refused(
                "open an upload with tags of",
                error,
                "grant s3:PutObjectTagging on the key's prefix",
            )),
        };
        report.add(name, opened.map(|()| "may be set".to_owned()));
    }

    /// What was published is compared with what was sent; `--if-exists` looks first.
    async fn read_back(&self, report: &mut Report) {
        let name = self.wanted.named("reading back");
        let address = &self.spec(self.wanted.destination).address;
        let found = self
            .store
            .head_object(address, None, ChecksumMode::Enabled)
            .await;
        match found {
            Ok(Some(object)) => report.ok(
                name,
                format!("there is an object of {} bytes", object.size_bytes),
            ),
            Ok(None) => report.ok(name, "the key is free".to_owned()),
            // The same answer to a right that is missing and to a key that is free.
            Err(error) if error.kind == StoreErrorKind::AccessDenied && !self.wanted.guarded => {
                report.warn(
                    name,
                    "S3 does not say whether the key is free".to_owned(),
                    "see that s3:GetObject is granted on the key's prefix; only with s3:ListBucket \
                     can that be told before there is an object"
                        .to_owned(),
                );
            }
            Err(error) => {
                let remedy =
                    "grant s3:GetObject on the key's prefix, and s3:ListBucket on the bucket";
                report.fail(name, &self.refused("look at", error, remedy));
            }
        }
    }

    /// Writes on a condition that cannot hold, to the key of a day that has no result.
    async fn condition(&self, report: &mut Report) {
        let name = self.wanted.named("conditions");
        let key = match self.free_key() {
            Ok(Some(key)) => key,
            Ok(None) => {
                let why = "not tried: the name has no date in it, and so no key that is free";
                return report.skip_because(name, why.to_owned());
            }
            Err(failure) => return report.fail(name, &failure),
        };
        let body = Bytes::from_static(b"a trial that must not be stored\n");
        let guard = Guard::Replace {
            etag: NO_ETAG.to_owned(),
        };
        let mut spec = self.spec(&key);
        spec.tags.clear();
        let crc = Crc64::of(&body);
        let problem = match self.store.put_object(&spec, body, crc, &guard).await {
            Err(error)
                if matches!(
                    error.kind,
                    StoreErrorKind::NotFound | StoreErrorKind::PreconditionFailed
                ) =>
            {
                return report.ok(name, "a write may depend on what is there".to_owned());
            }
            Ok(_) => Failure::new(
                ExitCode::Upload,
                "upload",
                anyhow!("the store ignores If-Match and has made {key}"),
            )
            .with_remedy("remove that object; do without --if-exists on this store"),
            Err(error) => {
                let error = anyhow!(error).context(format!("write to {key} on a condition"));
                Failure::new(ExitCode::Upload, "upload", error)
                    .with_remedy("grant s3:PutObject and s3:GetObject on the key's prefix")
            }
        };
        if self.wanted.guarded {
            report.fail(name, &problem);
        } else {
            let remedy = problem.remedy().unwrap_or_default().to_owned();
            report.warn(name, problem.reason(), remedy);
        }
    }

    /// The name for a day of which there is no result; none when the names of all
    /// days are the same.
    fn free_key(&self) -> Result<Option<Destination>, Failure> {
        let mut when = self.job.args.when.clone();
        when.date = Some(NO_DAY);
        let when = when.resolve(Timestamp::now())?;
        let key = Destination::resolve(self.wanted.template, self.wanted.option, &when)?;
        Ok((key != *self.wanted.destination).then_some(key))
    }
}

const OPEN: &str = "check bucket and region; grant s3:PutObject, s3:GetObject, \
                    s3:AbortMultipartUpload and s3:ListMultipartUploadParts on the key's prefix";
