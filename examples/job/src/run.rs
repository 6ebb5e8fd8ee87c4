//! A run: locks, credentials, rules, look at the key, product, gates, object, tags,
//! manifest, in this order.

use std::time::Duration;

use anyhow::anyhow;
use datatransit_s3upload::{ErrorKind, Guard, Upload, Uploader};
use jiff::Timestamp;

use crate::args::OnGateFailure;
use crate::job::{Job, Source};
use crate::lock::{Lease, Lock};
use crate::object::{self, IfExists};
use crate::output::Output;
use crate::program::{Product, Program};
use crate::publish::{Publication, publish};
use crate::size;
use crate::summary::{Status, Summary};
use crate::{ExitCode, Failure};

/// After a stop: how long the reading may take to kill its query.
const PRODUCE_GRACE: Duration = Duration::from_secs(15);
/// After a stop: how long a publication under way may take to end. Cut off in
/// the middle, it would leave an object that nobody knows to be there.
const PUBLISH_GRACE: Duration = Duration::from_secs(30);
/// After a stop: how long the taking of the lock may take to end. Cut off in the middle,
/// it would leave a lock that nobody holds.
const LOCK_GRACE: Duration = Duration::from_secs(5);
/// How long the confirmation of aborted uploads is waited for.
const DRAIN_GRACE: Duration = Duration::from_secs(20);

/// Runs the program and tells the summary how it went.
///
/// # Errors
/// The failure that ends the run. Nothing is left open at the destination but what
/// the summary then names.
pub async fn run<P: Program>(program: &P, summary: &mut Summary) -> Result<(), Failure> {
    let job = program.job();
    let lock_file = job.args.run.lock_file.as_ref();
    let _lock = lock_file
        .map(|path| Lock::acquire(path, &job.run_id))
        .transpose()?;
    let lease = take_lease(job).await?;
    job.operations.started();
    let result = under_lock(program, lease.as_ref(), summary).await;
    if let Some(lease) = lease {
        lease.release().await;
    }
    result
}

/// Takes the lock across hosts, if one is asked for.
async fn take_lease(job: &Job) -> Result<Option<Lease>, Failure> {
    let taking = async {
        let Some(lock) = job.remote_lock().await else {
            return Ok(None);
        };
        let held = lock.acquire().await?;
        Ok(Some(Lease::keep(held, &job.stop)))
    };
    job.stop.guard("lock", LOCK_GRACE, taking).await
}

/// From the credentials on.
async fn under_lock<P: Program>(
    program: &P,
    lease: Option<&Lease>,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let job = program.job();
    let source = job
        .stop
        .guard("credentials", Duration::ZERO, source(program))
        .await?;
    program.announce(&source);
    let uploaders = Uploaders::of(job).await?;
    let result = produce(program, &source, &uploaders, lease, summary).await;
    if result.is_err() {
        uploaders.drain(summary).await;
    }
    result
}

/// Fetches the login, and lets the program decide what it reads and ask the rules.
/// Opens no socket to the database.
pub(crate) async fn source<P: Program>(program: &P) -> Result<Source<P::Selection>, Failure> {
    let job = program.job();
    let login = job.args.credentials.fetch(&job.aws).await?;
    let selection = program.select(&login)?;
    Ok(Source {
        connect: job.connect(&login),
        login,
        selection,
    })
}

/// The uploaders of object and manifest: one, unless they go to different stores.
struct Uploaders {
    object: Option<Uploader>,
    manifest: Option<Uploader>,
}

impl Uploaders {
    async fn of(job: &Job) -> Result<Self, Failure> {
        let memory = job.upload_memory();
        let object = object::uploader(&job.destination, &job.aws, memory).await?;
        let manifest = match &job.manifest {
            Some(destination) => object::uploader(destination, &job.aws, memory).await?,
            None => None,
        };
        Ok(Self { object, manifest })
    }

    /// Aborts what is open, waits for the confirmation, and reports what has none.
    async fn drain(&self, summary: &mut Summary) {
        for uploader in [&self.object, &self.manifest].into_iter().flatten() {
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
async fn produce<P: Program>(
    program: &P,
    source: &Source<P::Selection>,
    uploaders: &Uploaders,
    lease: Option<&Lease>,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let job = program.job();
    let stop = &job.stop;
    let guard = stop
        .guard("if-exists", Duration::ZERO, decide(job, uploaders))
        .await?;
    let Some(guard) = guard else {
        tracing::info!(destination = %job.destination, "the day's result is there already, skipped");
        summary.status = Status::Skipped;
        return Ok(());
    };
    let earlier = stop
        .guard("gates", Duration::ZERO, size::earlier(job))
        .await?;
    let only_new = matches!(guard, Guard::CreateOnly | Guard::Replace { .. });
    let mut output = open(program, uploaders, guard);
    let product = {
        let limit = job.args.watch.idle_timeout;
        let _watch = limit.map(|limit| job.activity.watch(limit, stop));
        let producing = program.produce(source, &mut output);
        stop.guard(P::NOUN, PRODUCE_GRACE, producing).await?
    };
    summary.product = Some(product.facts());
    product.announce();

    if let Some(refusal) = product.refusal() {
        // Standard output holds it already, as with the real clients; an upload that
        // is dropped is aborted.
        output.finish().await?;
        return Err(refusal);
    }
    let stored_bytes = product.stored_bytes();
    summary.size_change_percent = earlier
        .as_ref()
        .and_then(|earlier| earlier.change_percent(stored_bytes));
    let mut reasons = program.reasons(&product, Timestamp::now());
    reasons.extend(
        earlier
            .as_ref()
            .and_then(|earlier| earlier.refuses(&job.args.gates, stored_bytes)),
    );
    summary.valid_for_etl = Some(reasons.is_empty());
    summary.invalid_reasons.clone_from(&reasons);
    let gate_failure = gate_failure(P::NOUN, &reasons);
    if job.args.gates.on_gate_failure == OnGateFailure::Abort
        && let Some(failure) = gate_failure
    {
        return Err(failure);
    }
    if let Some(failure) = stop.failure("publish") {
        return Err(failure);
    }

    let Some(upload) = output.finish().await? else {
        // Standard output holds it already; all that is left is to say so.
        summary.status = Status::Published;
        return gate_failure.map_or(Ok(()), Err);
    };
    check_size(P::NOUN, &upload, stored_bytes)?;
    // A run that was thought dead must not publish over the one that took its place.
    if let Some(lease) = lease {
        stop.guard("lock", LOCK_GRACE, lease.confirm()).await?;
    }
    let publication = Publication {
        job,
        source,
        product: &product,
        reasons: &reasons,
    };
    let published = publish(
        &publication,
        upload,
        uploaders.object.as_ref(),
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
    let Some(uploader) = &uploaders.object else {
        return Ok(Some(Guard::Overwrite));
    };
    if job.args.object.if_exists == IfExists::Overwrite {
        return Ok(Some(Guard::Overwrite));
    }
    let (bucket, key) = object::address(&job.destination);
    let Some(existing) = uploader.head(bucket, key).await? else {
        return Ok(Some(Guard::CreateOnly));
    };
    if job.args.object.if_exists == IfExists::Fail {
        return Err(exists(job));
    }
    // An object without its manifest is what a run leaves that was killed between
    // the two: readers do not trust it, so the day is not done.
    let (Some(manifest), Some(uploader)) = (&job.manifest, &uploaders.manifest) else {
        return Ok(None);
    };
    let (bucket, key) = object::address(manifest);
    if uploader.head(bucket, key).await?.is_some() {
        return Ok(None);
    }
    tracing::warn!(destination = %job.destination, "it is there without its manifest, replacing it");
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

fn open<P: Program>(program: &P, uploaders: &Uploaders, guard: Guard) -> Output {
    let job = program.job();
    let activity = job.activity.clone();
    let Some(uploader) = &uploaders.object else {
        return Output::stdout(activity);
    };
    let spec = job
        .args
        .object
        .spec(&job.destination, program.content_type());
    Output::object(uploader.begin(spec, guard), activity)
}

fn gate_failure(noun: &str, reasons: &[String]) -> Option<Failure> {
    if reasons.is_empty() {
        return None;
    }
    let failure = Failure::new(ExitCode::Gate, "gates", anyhow!(reasons.join("; ")));
    Some(failure.with_remedy(format!(
        "look at the source before the gate: the {noun} is not to be trusted"
    )))
}

/// The program's count and the upload's are made apart: they must agree.
fn check_size(noun: &str, upload: &Upload, stored_bytes: u64) -> Result<(), Failure> {
    if upload.accepted_bytes() == stored_bytes {
        return Ok(());
    }
    let error = anyhow!(
        "the {noun} wrote {stored_bytes} bytes and the upload took {}",
        upload.accepted_bytes()
    );
    Err(Failure::new(ExitCode::Upload, "publish", error))
}

fn lost_the_race(failure: &Failure) -> bool {
    failure
        .downcast_ref::<datatransit_s3upload::Error>()
        .is_some_and(|error| matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::Conflict))
}

/// Somebody else published the key meanwhile.
fn after_race(job: &Job, failure: Failure, summary: &mut Summary) -> Result<(), Failure> {
    if job.args.object.if_exists == IfExists::Skip {
        tracing::info!(destination = %job.destination, "published by somebody else meanwhile, skipped");
        summary.status = Status::Skipped;
        return Ok(());
    }
    Err(failure)
}
