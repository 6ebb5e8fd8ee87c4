//! Roll back: readers see an older version of a dashboard again.

use std::time::Instant as Stopwatch;

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::QuickSight;
use crate::deploy::{
    AssetReport, AuditReport, Context, DeployOptions, Origin, Outcome, Step, StepReport,
    StepResult, Stop,
};
use crate::environment::Environment;
use crate::id::{AssetId, AssetKind, AssetRef};
use crate::json::Json;

/// Which version to go back to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Goal {
    /// The greatest one below the published one that is whole.
    Previous,
    /// This one.
    Version(u64),
}

/// What a rollback would do.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rollback {
    /// The dashboard, by its identifier in the account.
    pub asset: AssetRef,
    /// Its name.
    pub name: String,
    /// The version that readers see.
    pub from: Option<u64>,
    /// The version that they would see.
    pub to: u64,
}

/// Looks which version a rollback would publish. Changes nothing.
///
/// # Errors
///
/// A message when there is no such dashboard or version, when the version is not
/// whole, or when a call fails.
pub async fn find(
    api: &dyn QuickSight,
    dashboard: &AssetId,
    goal: Goal,
) -> Result<Rollback, String> {
    let text = |error: crate::api::ApiError| error.to_string();
    let described = api
        .describe(AssetKind::Dashboard, dashboard)
        .await
        .map_err(text)?;
    let from = described
        .pointer("/Version/VersionNumber")
        .and_then(Json::as_u64);
    let versions = api.versions(dashboard).await.map_err(text)?;
    let whole: Vec<u64> = versions
        .iter()
        .filter(|version| version.status.is_successful())
        .map(|version| version.version)
        .collect();
    let shown = || {
        let numbers: Vec<String> = whole.iter().map(u64::to_string).collect();
        numbers.join(", ")
    };
    let to = match goal {
        Goal::Version(version) if whole.contains(&version) => version,
        Goal::Version(version) => {
            return Err(format!(
                "version {version} of dashboard `{dashboard}` is not there or not whole; whole are: {}",
                shown()
            ));
        }
        Goal::Previous => whole
            .iter()
            .copied()
            .filter(|version| from.is_none_or(|from| *version < from))
            .max()
            .ok_or_else(|| {
                format!(
                    "dashboard `{dashboard}` has no whole version below the published one; whole are: {}",
                    shown()
                )
            })?,
    };
    Ok(Rollback {
        asset: AssetRef::new(AssetKind::Dashboard, dashboard.clone()),
        name: described.text("Name").unwrap_or_default().to_owned(),
        from,
        to,
    })
}

/// Publishes the version and reads back that readers see it. Permissions, tags and
/// folders belong to no version, and stay.
pub async fn apply(
    api: &dyn QuickSight,
    rollback: &Rollback,
    environment: (&str, &Environment),
    origin: Origin,
    options: &DeployOptions,
    cancel: &CancellationToken,
) -> AuditReport {
    let (name, environment) = environment;
    let (started, watch) = (Timestamp::now(), Stopwatch::now());
    let deadline = Instant::now() + options.deadline;
    let context = Context::new(api, options.patience(), deadline, cancel);
    let mut report = AssetReport::new(&rollback.asset, &rollback.name, String::new());
    report.from_version = rollback.from;
    report.to_version = rollback.from;
    let mut note = |step, result: &Result<Option<String>, Stop>| {
        let (done, detail, ids) = match result {
            Ok(id) => (StepResult::Done, String::new(), id.clone()),
            Err(stop) => (StepResult::Failed, stop.to_string(), None),
        };
        let mut step = StepReport::new(step, done, detail);
        step.request_ids.extend(ids);
        report.steps.push(step);
    };
    let id = &rollback.asset.id;
    let published = if rollback.from == Some(rollback.to) {
        Ok(None)
    } else {
        let receipt = context.write(|| api.publish(id, rollback.to)).await;
        let receipt = receipt.map(|receipt| receipt.request_id);
        note(Step::Publish, &receipt);
        receipt
    };
    let ended = match published {
        Ok(_) => {
            let seen = context
                .read(false, || api.describe(AssetKind::Dashboard, id))
                .await
                .and_then(|described| {
                    let seen = described.pointer("/Version/VersionNumber");
                    if seen.and_then(Json::as_u64) == Some(rollback.to) {
                        Ok(None)
                    } else {
                        Err(Stop::refused("readers still see another version"))
                    }
                });
            note(Step::ReadBack, &seen);
            seen
        }
        Err(stop) => Err(stop),
    };
    match ended {
        Ok(_) => {
            report.outcome = Outcome::RolledBack;
            report.to_version = Some(rollback.to);
        }
        Err(stop) => {
            report.outcome = Outcome::Failed;
            report.errors.push(stop.to_string());
        }
    }
    report.took(watch.elapsed());
    AuditReport::new(
        "rollback",
        origin,
        (name, environment),
        started,
        vec![report],
    )
}
