//! `deploy`: plan, ask, lock, apply, report.

use std::sync::Arc;
use std::time::Duration;

use datatransit_job::lock::{RemoteLock, s3_address};
use datatransit_quicksight::deploy::{
    AuditReport, DeployLock, Deployer, NoLock, OnMismatch as LibraryOnMismatch, Origin,
};
use datatransit_quicksight::plan::SourceFile;
use datatransit_s3upload::S3Store;

use super::{Session, plan};
use crate::cli::{DeployArgs, OnMismatch, WriteArgs};
use crate::confirm::confirm;
use crate::exit::Exit;
use crate::lock::{FileLock, S3Lock};
use crate::report;
use crate::world;

pub(crate) async fn run(session: &Session<'_>, arguments: &DeployArgs) -> anyhow::Result<Exit> {
    let files = session
        .world
        .files(&arguments.files, &session.cli.common.only)?;
    files_in(
        session,
        &files,
        &arguments.write,
        arguments.on_mismatch,
        "deploy",
        None,
    )
    .await
}

/// Deploys these files: for `deploy`, and for `rollback --revision`.
pub(crate) async fn files_in(
    session: &Session<'_>,
    files: &[SourceFile],
    write: &WriteArgs,
    on_mismatch: OnMismatch,
    operation: &str,
    revision: Option<String>,
) -> anyhow::Result<Exit> {
    if write.dry_run || !write.yes {
        let plan = plan::look(session, files, false).await?;
        if write.dry_run || !session.cli.common.json {
            plan::show(session, &plan)?;
        }
        if write.dry_run {
            return Ok(Exit::Success);
        }
        if plan.has_changes() {
            confirm(
                write.yes,
                &format!("Change {} as above?", session.world.name),
            )?;
        }
    }
    let held = lock(session, write).await?.acquire().await?;
    let result = apply(session, files, write, on_mismatch, revision).await;
    if let Err(error) = held.release().await {
        tracing::warn!(%error, "the lock was not given back: it runs out by itself");
    }
    let mut report = result?;
    operation.clone_into(&mut report.operation);
    report::finish(&report, session.cli.common.json, write.audit.as_deref())
}

async fn apply(
    session: &Session<'_>,
    files: &[SourceFile],
    write: &WriteArgs,
    on_mismatch: OnMismatch,
    revision: Option<String>,
) -> anyhow::Result<AuditReport> {
    let api = session.world.api().await;
    let mut options = world::options(&session.cli.common);
    options.on_mismatch = match on_mismatch {
        OnMismatch::RollBack => LibraryOnMismatch::RollBack,
        OnMismatch::Keep => LibraryOnMismatch::Keep,
    };
    let progress = session.terminal.progress("deploy", files.len());
    let observer = |report: &datatransit_quicksight::deploy::AssetReport| {
        progress.done(
            &format!("{} {}", report.kind, report.id),
            report.outcome.words(),
        );
    };
    let origin = origin(session, write).with_revision(revision.or_else(revision_of_ci));
    let deployer = Deployer::new(
        &api,
        &session.world.environment,
        session.world.name.as_str(),
        origin,
    )
    .with_options(options)
    .with_cancel(session.stop.token())
    .with_observer(&observer);
    Ok(deployer.deploy(files).await?)
}

fn revision_of_ci() -> Option<String> {
    std::env::var("GITHUB_SHA")
        .ok()
        .filter(|sha| !sha.is_empty())
}

/// Who does it.
pub(crate) fn origin(session: &Session<'_>, write: &WriteArgs) -> Origin {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let actor = write
        .actor
        .clone()
        .or_else(|| variable("GITHUB_ACTOR"))
        .or_else(|| variable("USER"))
        .unwrap_or_else(|| "unknown".to_owned());
    Origin::new(session.run_id.as_str(), actor)
}

/// The lock that the arguments name.
pub(crate) async fn lock(
    session: &Session<'_>,
    write: &WriteArgs,
) -> anyhow::Result<Box<dyn DeployLock>> {
    let Some(place) = &write.lock else {
        return Ok(Box::new(NoLock::default()));
    };
    let run_id = session.run_id.clone();
    let Some(address) = s3_address(place, "--lock")? else {
        return Ok(Box::new(FileLock::new(place.into(), run_id)));
    };
    let store = Arc::new(S3Store::new(session.world.aws.s3().await));
    // Longer than the run can take, its way back included.
    let lease = session.cli.common.deadline + Duration::from_secs(10 * 60);
    let holder = origin(session, write).actor;
    let lock = RemoteLock::new(store, address, &holder, run_id, lease);
    Ok(Box::new(S3Lock(lock)))
}
