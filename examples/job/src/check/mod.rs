//! `--check`, and all that the doctor looks at: each thing that a run needs, tried
//! one by one, with what to do about it. Publishes nothing and changes nothing.

mod clock;
mod database;
mod identity;
mod local;
mod notify;
mod report;
mod secret;
mod store;

use std::io::{self, Write as _};
use std::time::Duration;

use serde_json::json;

use crate::credentials::CredentialSource;
use crate::destination::Destination;
use crate::job::{Job, Source};
use crate::program::Program;
use crate::{ExitCode, Failure};

pub use identity::caller;
pub use report::Report;

/// Runs the checks, prints them, and returns the class of the first failure.
pub async fn check<P: Program>(program: &P) -> ExitCode {
    let job = program.job();
    let report = examine(program).await;
    let exit = report.exit();
    let text = if job.args.wants_json() {
        let document = json!({
            "status": report.status(),
            "run_id": job.run_id,
            "exit_code": exit.code(),
            "checks": report.checks(),
        });
        format!("{document}\n")
    } else {
        report.to_text()
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(_) if exit == ExitCode::Success => ExitCode::Other,
        _ => exit,
    }
}

/// Runs the checks of one job, until it is told to stop.
pub async fn examine<P: Program>(program: &P) -> Report {
    let mut report = Report::default();
    let all = async {
        diagnose(program, &mut report).await;
        Ok(())
    };
    let stop = &program.job().stop;
    if let Err(failure) = stop.guard("check", Duration::ZERO, all).await {
        report.fail("stopped", &failure);
    }
    report
}

async fn diagnose<P: Program>(program: &P, report: &mut Report) {
    let job = program.job();
    report.ok(
        "time zone",
        format!("{} is {}", job.when.zone_name, job.when.moment),
    );
    local::examine(job, report);
    if uses_aws(job) {
        identity::examine(&job.aws, report).await;
    }
    let source = source(program, report).await;
    match source {
        Some(source) => database::examine(program, &source, report).await,
        None => {
            report.skip(&database::CHECKS);
            report.skip(P::CHECKS);
        }
    }
    let seen = clock::SeenDate::default();
    let object = store::Wanted::object(job, P::NOUN);
    store::examine(job, &object, &seen, report).await;
    if let Some(manifest) = store::Wanted::manifest(job) {
        store::examine(job, &manifest, &seen, report).await;
    }
    lock(job, report).await;
    clock::examine_aws(&seen, report);
    notify::examine(job, report).await;
}

/// The lock across hosts.
async fn lock(job: &Job, report: &mut Report) {
    let (Some(lock), Some(uri)) = (job.remote_lock().await, &job.args.watch.lock_uri) else {
        return;
    };
    let probed = lock.probe().await.map_err(Failure::from);
    report.add(
        "lock across hosts",
        probed.map(|()| format!("{uri} is free")),
    );
}

/// The login, what the secret tells of itself, and the rules.
async fn source<P: Program>(program: &P, report: &mut Report) -> Option<Source<P::Selection>> {
    let job = program.job();
    let login = report.add_with(
        "credentials",
        job.args.credentials.fetch(&job.aws).await,
        |login| format!("{login} from {}", login.origin()),
    );
    if let Ok(CredentialSource::SecretsManager(id)) = job.args.credentials.source() {
        secret::examine(&job.aws, &id, report).await;
    }
    let Some(login) = login else {
        report.skip(&["rules"]);
        return None;
    };
    let selection = report.add_with("rules", program.select(&login), |_| rules(job))?;
    Some(Source {
        connect: job.connect(&login),
        login,
        selection,
    })
}

/// Says which rules let the login through.
fn rules(job: &Job) -> String {
    let targets = &job.args.targets;
    let given = [
        ("deny-host", &targets.deny_host),
        ("allow-host", &targets.allow_host),
        ("deny-database", &targets.deny_database),
        ("allow-database", &targets.allow_database),
    ];
    let given: Vec<String> = given
        .into_iter()
        .filter(|(_, patterns)| !patterns.is_empty())
        .map(|(name, patterns)| format!("--{name} {}", patterns.join(",")))
        .collect();
    if given.is_empty() {
        "none is set: every host and database is allowed".to_owned()
    } else {
        format!("allowed by {}", given.join(" "))
    }
}

/// Whether a run asks AWS for anything.
fn uses_aws(job: &Job) -> bool {
    let is_s3 = |destination: &Destination| matches!(destination, Destination::S3 { .. });
    is_s3(&job.destination)
        || job.manifest.as_ref().is_some_and(is_s3)
        || matches!(
            job.args.credentials.source(),
            Ok(CredentialSource::SecretsManager(_))
        )
}
