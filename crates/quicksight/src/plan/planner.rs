//! Reads what is and compares it with what the files say.

use std::time::Duration;

use futures_util::stream::{StreamExt as _, TryStreamExt as _};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, QuickSight};
use crate::deploy::{Context, DeployOptions, Interruption, Live, Stop, Target, order};
use crate::environment::Environment;
use crate::file::ResolveError;

use super::change::Operation;
use super::{Action, AssetPlan, Plan, SourceFile};

/// Why no plan was made, or one was not applied.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// Files have no meaning in the environment.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Resolve(Vec<ResolveError>),
    /// Two files are of the same asset.
    #[error("two files are of {asset}: {}", .sources.join(", "))]
    #[non_exhaustive]
    Twice {
        /// The asset.
        asset: String,
        /// The files.
        sources: Vec<String>,
    },
    /// Assets stand on each other.
    #[error("assets stand on each other: {}", .0.join(" needs "))]
    Cycle(Vec<String>),
    /// A call failed.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// The account has what cannot be compared.
    #[error("{0}")]
    Unreadable(String),
    /// The plan cannot be applied here.
    #[error("the plan cannot be applied: {0}")]
    Inapplicable(String),
    /// The plan no longer holds: what would be done now is more than it shows.
    #[error("the plan no longer holds, make a new one: {}", .0.join("; "))]
    Stale(Vec<String>),
    /// The run was to end.
    #[error("the plan was not finished: {}", match .0 { Interruption::Deadline => "the deadline passed", Interruption::Cancelled => "it was cancelled" })]
    Interrupted(Interruption),
}

impl From<Stop> for PlanError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Api(error) => Self::Api(error),
            Stop::Interrupted(why) => Self::Interrupted(why),
            Stop::Refused { reason, .. } => Self::Unreadable(reason),
        }
    }
}

/// Makes plans. It makes no call that changes anything.
#[derive(Debug)]
pub struct Planner<'a> {
    api: &'a dyn QuickSight,
    environment: &'a Environment,
    name: String,
    options: DeployOptions,
    cancel: CancellationToken,
}

impl<'a> Planner<'a> {
    /// For an environment of this name.
    pub fn new(
        api: &'a dyn QuickSight,
        environment: &'a Environment,
        name: impl Into<String>,
    ) -> Self {
        Self {
            api,
            environment,
            name: name.into(),
            options: DeployOptions::default(),
            cancel: CancellationToken::new(),
        }
    }

    /// Sets concurrency, deadline and pauses.
    #[must_use]
    pub fn with_options(mut self, options: DeployOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets what ends it early.
    #[must_use]
    pub fn with_cancel(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    /// What a deploy of these files would change.
    ///
    /// # Errors
    ///
    /// Files without a meaning in the environment, before any call; a call that
    /// failed. An asset that cannot be read is never shown as one that is not there.
    pub async fn plan(&self, files: &[SourceFile]) -> Result<Plan, PlanError> {
        self.look(files, false).await
    }

    /// How the account differs from these files: before is the file, after is the account.
    ///
    /// # Errors
    ///
    /// As [`Planner::plan`].
    pub async fn drift(&self, files: &[SourceFile]) -> Result<Plan, PlanError> {
        self.look(files, true).await
    }

    async fn look(&self, files: &[SourceFile], is_drift: bool) -> Result<Plan, PlanError> {
        let environment = with_own(self.environment, files);
        // What is planned is what the plan keeps.
        let files = files
            .iter()
            .map(SourceFile::canonical)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| PlanError::Unreadable(error.to_string()))?;
        let (targets, dependencies) = order(&files, &environment)?;
        let deadline = Instant::now() + self.options.deadline;
        // A plan is looked at by somebody who waits: nothing is waited for long.
        let mut patience = self.options.patience();
        patience.in_all = patience.in_all.min(Duration::from_secs(20));
        let context = Context::new(self.api, patience, deadline, &self.cancel);
        drop(dependencies);
        let assets = futures_util::stream::iter(targets)
            .map(|target| one(context, target, is_drift))
            .buffered(self.options.concurrency.max(1))
            .try_collect()
            .await?;
        Ok(Plan {
            environment: self.name.clone(),
            is_drift,
            assets,
            files,
        })
    }
}

/// Checks files without asking the service: whether they have a meaning in the
/// environment, whether two are of one asset, whether assets stand on each other.
/// Returns what is wrong, a line each.
#[must_use]
pub fn check(files: &[SourceFile], environment: &Environment) -> Vec<String> {
    let environment = with_own(environment, files);
    match order(files, &environment) {
        Ok(_) => Vec::new(),
        Err(PlanError::Resolve(problems)) => problems.iter().map(ToString::to_string).collect(),
        Err(error) => vec![error.to_string()],
    }
}

/// The environment with a symbol for each of the files' own assets.
pub(crate) fn with_own(environment: &Environment, files: &[SourceFile]) -> Environment {
    let own: Vec<_> = files.iter().map(|source| source.file.asset()).collect();
    environment.clone().with_assets(&own)
}

async fn one(
    context: Context<'_>,
    mut target: Target<'_>,
    is_drift: bool,
) -> Result<AssetPlan, PlanError> {
    context.check()?;
    let live = target.read(&context).await?;
    target.complete(live.as_ref());
    let mut changes = target.changes(live.as_ref());
    let unready = live.as_ref().is_some_and(Live::is_unready);
    let action = match &live {
        None => Action::Create,
        Some(_) if changes.is_empty() && !unready => Action::Unchanged,
        Some(_) => Action::Update,
    };
    if is_drift {
        if live.is_none() {
            changes.clear();
        }
        for change in &mut changes {
            std::mem::swap(&mut change.before, &mut change.after);
            change.operation = match change.operation {
                Operation::Added => Operation::Removed,
                Operation::Removed => Operation::Added,
                other => other,
            };
        }
    }
    let mut notes: Vec<String> = live.as_ref().and_then(Live::note).into_iter().collect();
    if let Err(stop) = target.check_owner(live.as_ref()) {
        notes.push(format!("a deploy will be refused: {stop}"));
    }
    if action == Action::Unchanged && target.update.get("Parameters").is_some() {
        let why = "`parameters` cannot be read back: a change of them alone is not seen, and not deployed";
        notes.push(why.to_owned());
    }
    Ok(AssetPlan {
        kind: target.state.asset.kind,
        id: target.state.asset.id.to_string(),
        name: target.state.name.clone(),
        source: target.source.clone(),
        action,
        published_version: live.as_ref().and_then(|live| live.published),
        meaning_sha256: target.meaning_sha256.clone(),
        changes,
        notes,
    })
}
