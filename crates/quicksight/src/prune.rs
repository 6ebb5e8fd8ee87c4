//! Prune: deletes assets that were made by files and have none any more.
//!
//! Opt-in, and careful: only assets that carry all of the environment's tags, only of
//! the kinds asked for, and none at all when there are more of them than the cap.

use std::collections::BTreeSet;
use std::time::Instant as Stopwatch;

use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, Deletion, QuickSight, ResourceStatus, list_all};
use crate::deploy::{
    AssetReport, AuditReport, Context, DeployOptions, Origin, Outcome, Step, StepReport, StepResult,
};
use crate::environment::Environment;
use crate::id::{AssetKind, AssetRef};

/// What to look through.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PruneOptions {
    /// Kinds of assets. Default: dashboards and analyses.
    pub kinds: Vec<AssetKind>,
    /// Most assets to delete; with more, none is. Default: 5.
    pub most: usize,
    /// Assets looked at at once. Default: 4.
    pub concurrency: usize,
}

impl Default for PruneOptions {
    fn default() -> Self {
        Self {
            kinds: vec![AssetKind::Dashboard, AssetKind::Analysis],
            most: 5,
            concurrency: 4,
        }
    }
}

/// An asset that has no file any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Orphan {
    /// Which, by its identifier in the account.
    pub asset: AssetRef,
    /// Its name.
    pub name: String,
}

/// Why nothing is to be deleted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PruneError {
    /// Nothing tells our assets from those of others.
    #[error(
        "the environment has no tags, so nothing says which assets are ours: give it a [tags] section and deploy once"
    )]
    NoTags,
    /// An empty directory is more likely a mistake than a wish to delete everything.
    #[error("there is no file at all: is this the right directory?")]
    NoFiles,
    /// More than expected.
    #[error(
        "{found} assets have no file, more than the {most} that may be deleted at once: {names}"
    )]
    #[non_exhaustive]
    TooMany {
        /// How many.
        found: usize,
        /// The cap.
        most: usize,
        /// Which.
        names: String,
    },
    /// A call failed.
    #[error(transparent)]
    Api(#[from] ApiError),
}

/// Finds assets that carry all of the environment's tags and are none of `kept`
/// (identifiers in the account). Changes nothing.
///
/// # Errors
///
/// [`PruneError`]; a call that fails, so that no half list is ever acted upon.
pub async fn find(
    api: &dyn QuickSight,
    environment: &Environment,
    kept: &BTreeSet<AssetRef>,
    options: &PruneOptions,
) -> Result<Vec<Orphan>, PruneError> {
    if environment.tags.is_empty() {
        return Err(PruneError::NoTags);
    }
    if kept.is_empty() {
        return Err(PruneError::NoFiles);
    }
    let mut candidates = Vec::new();
    for kind in options.kinds.iter().collect::<BTreeSet<_>>() {
        for summary in list_all(api, *kind).await? {
            let asset = AssetRef::new(*kind, summary.id);
            let ours = environment.logical_id(&asset.id).is_some();
            // A deleted analysis is listed until it is gone for good.
            let gone = summary.status == Some(ResourceStatus::Deleted);
            if ours && !gone && !kept.contains(&asset) {
                candidates.push((asset, summary.arn, summary.name));
            }
        }
    }
    let mut orphans: Vec<Orphan> = futures_util::stream::iter(candidates)
        .map(|(asset, arn, name)| async move {
            let tags = api.tags(&arn).await?;
            let ours = environment
                .tags
                .iter()
                .all(|(key, value)| tags.get(key) == Some(value));
            Ok::<_, PruneError>(ours.then_some(Orphan { asset, name }))
        })
        .buffered(options.concurrency.max(1))
        .try_filter_map(|orphan| async move { Ok(orphan) })
        .try_collect()
        .await?;
    // Those first that stand on others.
    orphans.sort_by(|one, two| two.asset.cmp(&one.asset));
    if orphans.len() > options.most {
        let names: Vec<String> = orphans
            .iter()
            .map(|orphan| orphan.asset.to_string())
            .collect();
        return Err(PruneError::TooMany {
            found: orphans.len(),
            most: options.most,
            names: names.join(", "),
        });
    }
    Ok(orphans)
}

/// Deletes them, one after the other; goes on after a failure. Analyses can be
/// restored for 30 days, nothing else can.
pub async fn apply(
    api: &dyn QuickSight,
    orphans: &[Orphan],
    environment: (&str, &Environment),
    origin: Origin,
    options: &DeployOptions,
    cancel: &CancellationToken,
) -> AuditReport {
    let started = Timestamp::now();
    let deadline = Instant::now() + options.deadline;
    let context = Context::new(api, options.patience(), deadline, cancel);
    let mut reports = Vec::with_capacity(orphans.len());
    for orphan in orphans {
        let watch = Stopwatch::now();
        let asset = &orphan.asset;
        let mut report = AssetReport::new(asset, &orphan.name, String::new());
        if context.check().is_err() {
            reports.push(report);
            continue;
        }
        let deleted = context
            .write(|| api.delete(asset.kind, &asset.id, Deletion::Usual))
            .await;
        match deleted {
            Ok(receipt) => {
                let mut step = StepReport::new(Step::Delete, StepResult::Done, String::new());
                step.request_ids.extend(receipt.request_id);
                report.steps.push(step);
                report.outcome = Outcome::Deleted;
            }
            Err(stop) => {
                let text = stop.to_string();
                report.steps.push(StepReport::new(
                    Step::Delete,
                    StepResult::Failed,
                    text.clone(),
                ));
                report.errors.push(text);
                report.outcome = Outcome::Failed;
            }
        }
        report.took(watch.elapsed());
        reports.push(report);
    }
    AuditReport::new("prune", origin, environment, started, reports)
}
