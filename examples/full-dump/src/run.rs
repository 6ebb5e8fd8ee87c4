//! A run: lock, credentials, rules, snapshot, gates, object, tags, manifest, in
//! this order.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use datatransit_dump::DumpReport;
use datatransit_job::lock::Lock;
use datatransit_job::object::{self, IfExists};
use datatransit_job::output::Output;
use datatransit_job::{ExitCode, Failure};
use datatransit_s3upload::{ErrorKind, Guard, Upload, Uploader};
use jiff::Timestamp;

use crate::cli::OnGateFailure;
use crate::gates;
use crate::job::{Job, Target};
use crate::publish::{Publication, publish};
use crate::summary::{Status, Summary};

/// After a stop: how long the dump may take to kill its query.
const DUMP_GRACE: Duration = Duration::from_secs(15);
/// After a stop: how long a publication under way may take to end. Cut off in
/// the middle, it would leave an object that nobody knows to be there.
const PUBLISH_GRACE: Duration = Duration::from_secs(30);
/// How long the confirmation of aborted uploads is waited for.
const DRAIN_GRACE: Duration = Duration::from_secs(20);

/// Runs the job and tells the summary how it went.
pub(crate) async fn run(job: &Job, summary: &mut Summary) -> Result<(), Failure> {
    let _lock = job
        .lock_file()
        .map(|path| Lock::acquire(path, &job.run_id))
        .transpose()?;
    let stop = &job.stop;
    let target = stop
        .guard("credentials", Duration::ZERO, job.target())
        .await?;
    tracing::info!(
        login = %target.login,
        origin = %target.login.origin(),
        databases = target.selection.database_names().join(" "),
        destination = %job.destination,
        date = job.when.date(),
        options = job.given.options.applied().join(" "),
        "starting"
    );
    let uploaders = Uploaders::of(job).await?;
    let result = produce(job, &target, &uploaders, summary).await;
    if result.is_err() {
        uploaders.drain(summary).await;
    }
    result
}

/// The uploaders of dump and manifest: one, unless they go to different stores.
struct Uploaders {
    dump: Option<Uploader>,
    manifest: Option<Uploader>,
}

impl Uploaders {
    async fn of(job: &Job) -> Result<Self, Failure> {
        let memory = job.upload_memory();
        let dump = object::uploader(&job.destination, &job.aws, memory).await?;
        let manifest = match &job.manifest {
            Some(destination) => object::uploader(destination, &job.aws, memory).await?,
            None => None,
        };
        Ok(Self { dump, manifest })
    }

    /// Aborts what is open, waits for the confirmation, and reports what has none.
    async fn drain(&self, summary: &mut Summary) {
        for uploader in [&self.dump, &self.manifest].into_iter().flatten() {
            let report = uploader.drain(DRAIN_GRACE).await;
            if !report.aborted.is_empty() {
                tracing::info!(
                    uploads = report.aborted.len(),
                    "open uploads aborted, confirmed"
                );
            }
            summary.drained(&report);
        }
        if !summary.unconfirmed_uploads.is_empty() {
            tracing::warn!(
                uploads = summary.unconfirmed_uploads.join(", "),
                "uploads may still be open: abort them, or leave them to the lifecycle rule"
            );
        }
    }
}

/// From the look at the key to the manifest.
async fn produce(
    job: &Job,
    target: &Target,
    uploaders: &Uploaders,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let stop = &job.stop;
    let guard = stop
        .guard("if-exists", Duration::ZERO, decide(job, uploaders))
        .await?;
    let Some(guard) = guard else {
        tracing::info!(destination = %job.destination, "the day's result is there already, skipped");
        summary.status = Status::Skipped;
        return Ok(());
    };
    let only_new = matches!(guard, Guard::CreateOnly | Guard::Replace { .. });
    let mut output = open(job, uploaders, guard);
    let report = dump(job, target, &mut output).await?;
    summary.dumped(&report);
    tracing::info!(
        tables = report.tables.len(),
        rows = report.rows,
        uncompressed_bytes = report.uncompressed_bytes,
        stored_bytes = report.stored_bytes,
        seconds = report.elapsed.as_secs_f64(),
        server = report.server.hostname,
        version = report.server.version,
        "dumped"
    );

    if !report.failures.is_empty() {
        return Err(incomplete(output, &report).await);
    }
    let reasons = gates::reasons(
        &job.cli.gates,
        &report,
        &job.datetime_zone,
        &job.when.zone_name,
        Timestamp::now(),
    );
    summary.valid_for_etl = Some(reasons.is_empty());
    summary.invalid_reasons.clone_from(&reasons);
    let gate_failure = gate_failure(&reasons);
    if job.cli.gates.on_gate_failure == OnGateFailure::Abort
        && let Some(failure) = gate_failure
    {
        return Err(failure);
    }
    if let Some(failure) = stop.failure("publish") {
        return Err(failure);
    }

    let Some(upload) = output.finish().await? else {
        // Standard output holds the dump already; all that is left is to say so.
        summary.status = Status::Published;
        return gate_failure.map_or(Ok(()), Err);
    };
    check_size(&upload, &report)?;
    let publication = Publication {
        job,
        target,
        report: &report,
        reasons: &reasons,
    };
    let published = publish(
        &publication,
        upload,
        uploaders.dump.as_ref(),
        uploaders.manifest.as_ref(),
        summary,
    );
    match stop.guard("publish", PUBLISH_GRACE, published).await {
        Ok(()) => {}
        Err(failure) if only_new && lost_the_race(&failure) => {
            return after_race(job, failure, summary);
        }
        Err(failure) => return Err(failure),
    }
    summary.status = if gate_failure.is_some() {
        Status::PublishedInvalid
    } else {
        Status::Published
    };
    gate_failure.map_or(Ok(()), Err)
}

/// Looks at the key: under which guard to publish, or `None` to skip the run.
async fn decide(job: &Job, uploaders: &Uploaders) -> Result<Option<Guard>, Failure> {
    let Some(uploader) = &uploaders.dump else {
        return Ok(Some(Guard::Overwrite));
    };
    if job.cli.object.if_exists == IfExists::Overwrite {
        return Ok(Some(Guard::Overwrite));
    }
    let (bucket, key) = object::address(&job.destination);
    let Some(existing) = uploader.head(bucket, key).await? else {
        return Ok(Some(Guard::CreateOnly));
    };
    if job.cli.object.if_exists == IfExists::Fail {
        return Err(exists(job));
    }
    // A dump without its manifest is what a run leaves that was killed between
    // the two: readers do not trust it, so the day is not done.
    let (Some(manifest), Some(uploader)) = (&job.manifest, &uploaders.manifest) else {
        return Ok(None);
    };
    let (bucket, key) = object::address(manifest);
    if uploader.head(bucket, key).await?.is_some() {
        return Ok(None);
    }
    tracing::warn!(destination = %job.destination, "a dump without its manifest is there, replacing it");
    Ok(Some(match existing.etag {
        Some(etag) => Guard::Replace { etag },
        None => Guard::Overwrite,
    }))
}

fn exists(job: &Job) -> Failure {
    let error = anyhow!("{} exists", job.destination);
    Failure::new(ExitCode::Upload, "if-exists", error)
        .with_remedy("choose --if-exists=overwrite or skip, or another key")
}

fn open(job: &Job, uploaders: &Uploaders, guard: Guard) -> Output {
    let Some(uploader) = &uploaders.dump else {
        return Output::stdout();
    };
    let spec = job
        .cli
        .object
        .spec(&job.destination, job.compression.content_type());
    Output::object(uploader.begin(spec, guard))
}

async fn dump(job: &Job, target: &Target, output: &mut Output) -> Result<DumpReport, Failure> {
    let dump = job
        .dump(target)
        .progress(Arc::new(job.terminal.progress()))
        .cancellation(job.stop.token())
        .build()?;
    let running = async { dump.run(output).await.map_err(Failure::from) };
    job.stop.guard("dump", DUMP_GRACE, running).await
}

/// A dump with gaps (`--force`): never an object, for it ends like a whole one. On standard
/// output it is there already, as with the real clients.
async fn incomplete(output: Output, report: &DumpReport) -> Failure {
    // An upload that is dropped is aborted.
    if let Err(failure) = output.finish().await {
        return failure;
    }
    let error = anyhow!("the dump has gaps: {}", report.failures.join("; "));
    Failure::new(ExitCode::Read, "dump", error)
        .with_remedy("mend the objects, or leave them out with --ignore-table")
}

fn gate_failure(reasons: &[String]) -> Option<Failure> {
    if reasons.is_empty() {
        return None;
    }
    let failure = Failure::new(ExitCode::Gate, "gates", anyhow!(reasons.join("; ")));
    Some(failure.with_remedy("look at the source before the gate: the dump is not to be trusted"))
}

/// The dump's count and the upload's are made apart: they must agree.
fn check_size(upload: &Upload, report: &DumpReport) -> Result<(), Failure> {
    if upload.accepted_bytes() == report.stored_bytes {
        return Ok(());
    }
    let error = anyhow!(
        "the dump wrote {} bytes and the upload took {}",
        report.stored_bytes,
        upload.accepted_bytes()
    );
    Err(Failure::new(ExitCode::Upload, "publish", error))
}

fn lost_the_race(failure: &Failure) -> bool {
    failure
        .downcast_ref::<datatransit_s3upload::Error>()
        .is_some_and(|error| matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::Conflict))
}

/// Somebody else published the key while we dumped.
fn after_race(job: &Job, failure: Failure, summary: &mut Summary) -> Result<(), Failure> {
    if job.cli.object.if_exists == IfExists::Skip {
        tracing::info!(destination = %job.destination, "published by somebody else meanwhile, skipped");
        summary.status = Status::Skipped;
        return Ok(());
    }
    Err(failure)
}
