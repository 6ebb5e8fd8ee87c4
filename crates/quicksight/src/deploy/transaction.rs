//! One asset: forward step by step, and back when a step fails.

use std::time::Instant;

use crate::api::{ApiErrorKind, Created};
use crate::plan::Change;

use super::content;
use super::context::{Context, Stop};
use super::live::Live;
use super::options::{DeployOptions, OnMismatch};
use super::parts::{self, Part, Written};
use super::report::{AssetReport, Outcome, Step, StepReport, StepResult};
use super::target::Target;

/// What has been done so far: what to take back.
#[derive(Debug, Default)]
pub(super) struct Done {
    /// A write of the content was sent.
    pub(super) sent: bool,
    /// The asset was made by this run.
    pub(super) created: bool,
    /// The version of this run, of dashboards.
    pub(super) version: Option<u64>,
    /// The version was made by this run, not found.
    pub(super) version_is_ours: bool,
    pub(super) published: bool,
    /// The content of an asset without versions was written over.
    pub(super) updated: bool,
    /// The asset was deleted to be made anew: there is no way back.
    pub(super) replaced: bool,
    /// It was read back otherwise than it was sent, and is to stay.
    pub(super) kept: bool,
    pub(super) parts: Vec<Part>,
}

impl Done {
    pub(super) fn wrote(&self) -> bool {
        self.created
            || self.version_is_ours
            || self.published
            || self.updated
            || self.replaced
            || !self.parts.is_empty()
    }
}

/// One asset under way.
pub(super) struct Transaction<'a> {
    pub(super) context: Context<'a>,
    pub(super) options: &'a DeployOptions,
    pub(super) target: Target<'a>,
    pub(super) before: Option<Live>,
    pub(super) done: Done,
    pub(super) report: AssetReport,
}

impl<'a> Transaction<'a> {
    pub(super) fn new(
        context: Context<'a>,
        options: &'a DeployOptions,
        target: Target<'a>,
    ) -> Self {
        let mut report = AssetReport::new(
            &target.state.asset,
            &target.state.name,
            target.sha256.clone(),
        );
        report.source.clone_from(&target.source);
        Self {
            context,
            options,
            target,
            before: None,
            done: Done::default(),
            report,
        }
    }

    /// Runs it to its end, whatever that is.
    pub(super) async fn run(mut self) -> AssetReport {
        let started = Instant::now();
        self.report.outcome = match self.forward().await {
            Ok(outcome) => outcome,
            Err(stop) => self.stopped(stop).await,
        };
        self.report.took(started.elapsed());
        self.report
    }

    async fn forward(&mut self) -> Result<Outcome, Stop> {
        self.context.check()?;
        let read = self.target.read(&self.context).await;
        self.before = self.noted(Step::Read, read)?;
        self.report.from_version = self.before.as_ref().and_then(|live| live.published);
        self.report.to_version = self.report.from_version;
        self.target.complete(self.before.as_ref());
        let changes = self.target.changes(self.before.as_ref());
        let unpublished = self.before.as_ref().is_some_and(Live::is_unready);
        if changes.is_empty() && self.before.is_some() && !unpublished {
            return Ok(Outcome::Unchanged);
        }
        self.target.check_owner(self.before.as_ref())?;
        let made = self.before.is_none();
        if made || unpublished || changes.iter().any(|change| change.area.is_content()) {
            content::bring(self).await?;
        }
        // From here on there is no good place to stop.
        self.context = self.context.unstoppable(self.options.grace);
        self.parts(&changes).await?;
        self.read_back().await?;
        Ok(if made {
            Outcome::Created
        } else {
            Outcome::Updated
        })
    }

    /// Sets what does not belong to a version.
    async fn parts(&mut self, changes: &[Change]) -> Result<(), Stop> {
        for part in Part::ALL {
            let fresh = self.before.is_none() || self.done.created || self.done.replaced;
            let differs = fresh || changes.iter().any(|change| part.is_in(change.area));
            let in_spice = !matches!(part, Part::RefreshProperties | Part::Schedules)
                || self.target.state.loads_data();
            if !differs || !in_spice || !part.is_managed(&self.target.state) {
                continue;
            }
            let mut written = Written::default();
            // Noted first: a call that failed may have had its effect.
            self.done.parts.push(part);
            let result =
                parts::converge(&self.context, part, &self.target.state, &mut written).await;
            if written.calls == 0 && result.is_ok() {
                self.done.parts.pop();
                continue;
            }
            self.note(
                part.step(),
                result.as_ref().err(),
                String::new(),
                written.request_ids,
            );
            result?;
        }
        Ok(())
    }

    /// Reads the asset again and compares it with what was sent. The service may
    /// take a moment to show it. What it filled in where the file says nothing is told,
    /// and no error.
    async fn read_back(&mut self) -> Result<(), Stop> {
        let mut pause = self.context.patience.first;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let live = self.target.read(&self.context).await?;
            let (filled_in, differences): (Vec<_>, Vec<_>) = self
                .target
                .changes(live.as_ref())
                .into_iter()
                .partition(Change::is_filled_in);
            let mut differences: Vec<String> =
                differences.iter().map(ToString::to_string).collect();
            if live.is_none() {
                differences = vec!["it is not there".to_owned()];
            }
            let published = live.as_ref().and_then(|live| live.published);
            if let (Some(version), true) = (self.done.version, live.is_some())
                && published != Some(version)
            {
                differences.push(format!(
                    "readers see version {}, not {version}",
                    published.map_or_else(|| "none".to_owned(), |version| version.to_string())
                ));
            }
            if differences.is_empty() {
                self.report.to_version = published;
                self.report.notes.extend(filled_in.iter().map(|change| {
                    format!("the service added what the file does not say, an export takes it over: {change}")
                }));
                self.note(Step::ReadBack, None, String::new(), Vec::new());
                return Ok(());
            }
            if attempts < 4 {
                self.context.pause(pause).await?;
                pause = (pause * 2).min(self.context.patience.longest);
                continue;
            }
            let count = differences.len();
            differences.truncate(5);
            let stop = Stop::refused(format!(
                "what was read back is not what was sent ({count} differences): {}",
                differences.join("; ")
            ));
            self.note(Step::ReadBack, Some(&stop), String::new(), Vec::new());
            if self.options.on_mismatch == OnMismatch::Keep {
                self.report.to_version = published;
                self.done.kept = true;
            }
            return Err(stop);
        }
    }

    /// Records a step and hands its result on.
    pub(super) fn noted<T>(&mut self, step: Step, result: Result<T, Stop>) -> Result<T, Stop> {
        if let Err(stop) = &result {
            self.note(step, Some(stop), String::new(), Vec::new());
        }
        result
    }

    /// Records a step.
    pub(super) fn note(
        &mut self,
        step: Step,
        failed: Option<&Stop>,
        detail: String,
        request_ids: Vec<String>,
    ) {
        let (result, detail, request_ids) = match failed {
            None => (StepResult::Done, detail, request_ids),
            Some(stop) => {
                let mut ids = request_ids;
                if let Stop::Api(error) = stop {
                    ids.extend(error.request_id.clone());
                }
                (StepResult::Failed, stop.to_string(), ids)
            }
        };
        tracing::debug!(asset = %self.target.state.asset, step = step.word(), ?result, detail);
        self.report.steps.push(StepReport {
            step,
            result,
            detail,
            request_ids,
        });
    }

    /// Whether an error of a write means that it may have been made all the same.
    pub(super) fn is_ambiguous(stop: &Stop) -> bool {
        match stop {
            Stop::Api(error) => {
                error.may_have_applied()
                    || matches!(
                        error.kind,
                        ApiErrorKind::Conflict | ApiErrorKind::AlreadyExists
                    )
            }
            _ => false,
        }
    }
}

/// The request ids of an answer.
pub(super) fn ids(answer: &Created) -> Vec<String> {
    answer.request_id.clone().into_iter().collect()
}
