//! All assets of a deploy, in order.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::QuickSight;
use crate::environment::Environment;
use crate::plan::with_own;
use crate::plan::{Plan, PlanError, Planner, SourceFile};

use super::context::Context;
use super::options::DeployOptions;
use super::report::{AssetReport, AuditReport, Interruption, Origin, Outcome};
use super::schedule::{self, Ended};
use super::target::Target;
use super::transaction::Transaction;

/// Makes an account as files say.
pub struct Deployer<'a> {
    api: &'a dyn QuickSight,
    environment: &'a Environment,
    name: String,
    origin: Origin,
    options: DeployOptions,
    cancel: CancellationToken,
    observer: Option<&'a (dyn Fn(&AssetReport) + Send + Sync)>,
}

impl std::fmt::Debug for Deployer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deployer")
            .field("environment", &self.name)
            .field("origin", &self.origin)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl<'a> Deployer<'a> {
    /// For an environment of this name, by this run.
    pub fn new(
        api: &'a dyn QuickSight,
        environment: &'a Environment,
        name: impl Into<String>,
        origin: Origin,
    ) -> Self {
        Self {
            api,
            environment,
            name: name.into(),
            origin,
            options: DeployOptions::default(),
            cancel: CancellationToken::new(),
            observer: None,
        }
    }

    /// Sets how it behaves.
    #[must_use]
    pub fn with_options(mut self, options: DeployOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets what ends it early: what is under way ends at a place from which the
    /// next run goes on.
    #[must_use]
    pub fn with_cancel(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    /// Sets who is told of each asset that is done with.
    #[must_use]
    pub fn with_observer(mut self, observer: &'a (dyn Fn(&AssetReport) + Send + Sync)) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Applies a plan: deploys the files that it was made of, unless more would be done
    /// than it shows. The plan may have been serialised meanwhile; the account is read
    /// and compared again before the first write.
    ///
    /// # Errors
    ///
    /// [`PlanError::Inapplicable`] for a plan of drift, of another environment or without
    /// files; [`PlanError::Stale`] with what is not in it, when account or environment
    /// have changed since; otherwise as [`Planner::plan`] and [`Deployer::deploy`].
    ///
    /// # Cancel safety
    ///
    /// As [`Deployer::deploy`]. The same plan can be applied again: it goes on.
    pub async fn apply(&self, plan: &Plan) -> Result<AuditReport, PlanError> {
        plan.check_applicable(&self.name)?;
        let now = Planner::new(self.api, self.environment, self.name.as_str())
            .with_options(self.options.clone())
            .with_cancel(self.cancel.clone())
            .plan(&plan.files)
            .await?;
        let missing = plan.missing(&now);
        if !missing.is_empty() {
            return Err(PlanError::Stale(missing));
        }
        self.deploy(&plan.files).await
    }

    /// Deploys files. Failures of single assets are in the report.
    ///
    /// # Errors
    ///
    /// [`PlanError`] before the first call: files without a meaning in the
    /// environment, two files of one asset, assets that stand on each other.
    ///
    /// # Cancel safety
    ///
    /// Dropped anywhere, or killed, it leaves what the next deploy goes on with: no
    /// dashboard is without a published version that had one, none shows a version
    /// that is not whole, no permission is lost.
    pub async fn deploy(&self, files: &[SourceFile]) -> Result<AuditReport, PlanError> {
        let environment = with_own(self.environment, files);
        let (targets, dependencies) = order(files, &environment)?;
        let started = Timestamp::now();
        let context = Context::new(
            self.api,
            self.options.patience(),
            Instant::now() + self.options.deadline,
            &self.cancel,
        );
        let reports: Mutex<Vec<AssetReport>> = Mutex::new(
            targets
                .iter()
                .map(|target| {
                    AssetReport::new(
                        &target.state.asset,
                        &target.state.name,
                        target.sha256.clone(),
                    )
                })
                .collect(),
        );
        let tell = |node: usize, report: AssetReport| {
            if let Some(observer) = self.observer {
                observer(&report);
            }
            // A poisoned lock holds whole reports all the same.
            let mut reports = reports.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(place) = reports.get_mut(node) {
                *place = report;
            }
        };
        schedule::run(
            &dependencies,
            self.options.concurrency,
            |node| {
                let (target, tell) = (targets[node].clone(), &tell);
                async move {
                    let report = Transaction::new(context, &self.options, target).run().await;
                    let ended = match report.outcome {
                        outcome if outcome.is_success() => Ended::Well,
                        _ => Ended::Badly,
                    };
                    tell(node, report);
                    ended
                }
            },
            |node, because| {
                let target = &targets[node];
                let mut report = AssetReport::new(
                    &target.state.asset,
                    &target.state.name,
                    target.sha256.clone(),
                );
                report.source.clone_from(&target.source);
                report.outcome = Outcome::Skipped;
                report.because_of.push(targets[because].state.asset.clone());
                report
                    .errors
                    .push(format!("{} is not well", targets[because].state.asset));
                tell(node, report);
            },
        )
        .await;
        let interrupted = context.check().err().map(|_| {
            if self.cancel.is_cancelled() {
                Interruption::Cancelled
            } else {
                Interruption::Deadline
            }
        });
        let assets = reports.into_inner().unwrap_or_else(PoisonError::into_inner);
        let unfinished = assets
            .iter()
            .any(|asset| matches!(asset.outcome, Outcome::Unfinished | Outcome::NotStarted));
        let mut report = AuditReport::new(
            "deploy",
            self.origin.clone(),
            (&self.name, self.environment),
            started,
            assets,
        );
        report.interrupted = interrupted.filter(|_| unfinished);
        Ok(report)
    }
}

/// Resolves the files and puts those first that others stand on; says for each which
/// others must come before it.
pub(crate) fn order<'a>(
    files: &[SourceFile],
    environment: &'a Environment,
) -> Result<(Vec<Target<'a>>, Vec<Vec<usize>>), PlanError> {
    let (mut targets, mut problems) = (Vec::new(), Vec::new());
    for source in files {
        match Target::new(&source.file, source.source.clone(), environment) {
            Ok(target) => targets.push(target),
            Err(error) => problems.push(error),
        }
    }
    if !problems.is_empty() {
        return Err(PlanError::Resolve(problems));
    }
    targets.sort_by(|one, two| one.state.asset.cmp(&two.state.asset));
    for pair in targets.windows(2) {
        if pair[0].state.asset == pair[1].state.asset {
            return Err(PlanError::Twice {
                asset: pair[0].state.asset.to_string(),
                sources: pair
                    .iter()
                    .filter_map(|target| target.source.clone())
                    .collect(),
            });
        }
    }
    let places: BTreeMap<_, usize> = targets
        .iter()
        .enumerate()
        .map(|(node, target)| (target.state.asset.clone(), node))
        .collect();
    let dependencies: Vec<Vec<usize>> = targets
        .iter()
        .map(|target| {
            let needs = target.needs.iter();
            needs
                .filter_map(|asset| places.get(asset).copied())
                .collect()
        })
        .collect();
    if let Some(cycle) = schedule::cycle(&dependencies) {
        let names = cycle
            .iter()
            .map(|node| targets[*node].state.asset.to_string());
        return Err(PlanError::Cycle(names.collect()));
    }
    Ok((targets, dependencies))
}
