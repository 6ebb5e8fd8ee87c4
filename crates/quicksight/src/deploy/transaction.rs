//! One asset: forward step by step, and back when a step fails.

use std::time::Instant;

use crate::api::{ApiErrorKind, Created, Deletion};
use crate::id::AssetKind;

use super::content;
use super::context::{Context, Stop};
use super::live::Live;
use super::options::{DeployOptions, OnMismatch};
use super::parts::{self, Part, Written};
use super::report::{AssetReport, Outcome, Step, StepReport, StepResult};
use super::settle::{self, Settled};
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
    fn wrote(&self) -> bool {
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
    async fn parts(&mut self, changes: &[crate::plan::Change]) -> Result<(), Stop> {
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
    /// take a moment to show it.
    async fn read_back(&mut self) -> Result<(), Stop> {
        let mut pause = self.context.patience.first;
        let mut attempts = 0;
        loop {
            attempts += 1;
            let live = self.target.read(&self.context).await?;
            let mut differences: Vec<String> = self
                .target
                .changes(live.as_ref())
                .iter()
                .map(ToString::to_string)
                .collect();
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

    /// Brings back what was, unless the run ended at a place from which the next
    /// one goes on.
    async fn stopped(&mut self, stop: Stop) -> Outcome {
        let unknown = matches!(&stop, Stop::Api(error) if error.may_have_applied())
            && !self.done.published
            && self.done.parts.is_empty();
        let interrupted = matches!(stop, Stop::Interrupted(_));
        self.report.errors.push(stop.to_string());
        if let Stop::Refused { problems, .. } = stop {
            self.report.problems = problems;
        }
        if interrupted {
            return if self.done.sent || self.done.wrote() {
                Outcome::Unfinished
            } else {
                Outcome::NotStarted
            };
        }
        if self.done.kept {
            return Outcome::Mismatched;
        }
        // Whether the last write was made nobody knows: the next run sees.
        if unknown && self.done.sent {
            return Outcome::Unfinished;
        }
        if !self.done.wrote() {
            return Outcome::Failed;
        }
        self.context = self.context.unstoppable(self.options.grace);
        if self.undo().await {
            self.report.to_version = self.report.from_version;
            Outcome::Restored
        } else {
            Outcome::Broken
        }
    }

    /// Undoes what was done, last things first; goes on after a failure, since every
    /// part that is brought back is one less to mend by hand.
    async fn undo(&mut self) -> bool {
        if self.done.replaced {
            return false;
        }
        if self.done.created {
            return self.remove_asset().await;
        }
        let Some(before) = self.before.take() else {
            return false;
        };
        let mut whole = true;
        for part in std::mem::take(&mut self.done.parts).into_iter().rev() {
            let mut written = Written::default();
            let result = parts::converge(&self.context, part, &before.state, &mut written).await;
            whole &= self.undone(part.step(), result, String::new(), written.request_ids);
        }
        if self.done.updated {
            whole &= self.write_back(&before).await;
        }
        whole &= self.publish_again(before.published).await;
        whole &= self.name_again(&before).await;
        self.before = Some(before);
        whole
    }

    async fn remove_asset(&mut self) -> bool {
        let asset = &self.target.state.asset.clone();
        let api = self.context.api;
        let deletion = match asset.kind {
            AssetKind::Analysis => Deletion::WithoutRecovery,
            _ => Deletion::Usual,
        };
        let result = self
            .context
            .write(|| api.delete(asset.kind, &asset.id, deletion))
            .await;
        let (result, ids) = split(result.map(|receipt| receipt.request_id));
        self.undone(Step::Delete, result, String::new(), ids)
    }

    async fn write_back(&mut self, before: &Live) -> bool {
        let (context, asset) = (self.context, &before.state.asset);
        let api = context.api;
        if before.update.is_null() {
            return false;
        }
        let result = context
            .write(|| api.update(asset.kind, &asset.id, &before.update))
            .await;
        let (result, ids) = split(result.map(|answer| answer.request_id));
        let result = match result {
            Ok(()) => settle::asset(&context, asset)
                .await
                .and_then(|settled| match settled {
                    Settled::Well => Ok(()),
                    Settled::Badly { status, .. } => {
                        Err(Stop::refused(format!("the old content ended as {status}")))
                    }
                }),
            Err(stop) => Err(stop),
        };
        self.undone(Step::Update, result, String::new(), ids)
    }

    /// Publishes what readers saw before, then removes the version of this run.
    async fn publish_again(&mut self, before: Option<u64>) -> bool {
        let mut whole = true;
        let (api, id) = (self.context.api, &self.target.state.asset.id.clone());
        if let (true, Some(version)) = (self.done.published, before) {
            let result = self.context.write(|| api.publish(id, version)).await;
            let (result, ids) = split(result.map(|receipt| receipt.request_id));
            whole &= self.undone(Step::Publish, result, format!("version {version}"), ids);
        }
        let ours = self.done.version.filter(|_| self.done.version_is_ours);
        // A version that may still be what readers see is not deleted.
        let removable = !self.done.published || (whole && before.is_some());
        if let (Some(version), true) = (ours, removable) {
            let result = self.context.write(|| api.delete_version(id, version)).await;
            let (result, ids) = split(result.map(|receipt| receipt.request_id));
            whole &= self.undone(
                Step::DeleteVersion,
                result,
                format!("version {version}"),
                ids,
            );
        } else if ours.is_some() {
            whole = false;
        }
        whole
    }

    /// A dashboard may have its new name as soon as an update is accepted, whatever
    /// becomes of the version: the old one then takes a version of its own.
    async fn name_again(&mut self, before: &Live) -> bool {
        if self.done.version.is_none() || before.state.name == self.target.state.name {
            return true;
        }
        let (context, asset) = (self.context, &before.state.asset);
        let api = context.api;
        let result = async {
            let described = context
                .read(false, || api.describe(asset.kind, &asset.id))
                .await?;
            if described.text("Name") == Some(before.state.name.as_str()) || before.update.is_null()
            {
                return Ok(None);
            }
            let answer = context
                .write(|| api.update(asset.kind, &asset.id, &before.update))
                .await?;
            let Some(version) = answer.version else {
                return Err(Stop::refused("the update made no version"));
            };
            match settle::version(&context, &asset.id, version).await? {
                Settled::Well => {}
                Settled::Badly { status, .. } => {
                    return Err(Stop::refused(format!(
                        "version {version} ended as {status}"
                    )));
                }
            }
            context.write(|| api.publish(&asset.id, version)).await?;
            Ok(Some(version))
        }
        .await;
        match result {
            Ok(None) => true,
            Ok(Some(version)) => {
                self.report.from_version = Some(version);
                let detail = format!("version {version}, with the old name and content");
                self.undone(Step::Update, Ok(()), detail, Vec::new())
            }
            Err(stop) => self.undone(Step::Update, Err(stop), String::new(), Vec::new()),
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

    /// Records a step of the way back; says whether it went well.
    fn undone(
        &mut self,
        step: Step,
        result: Result<(), Stop>,
        detail: String,
        request_ids: Vec<String>,
    ) -> bool {
        let well = result.is_ok();
        let detail = match result {
            Ok(()) => detail,
            Err(stop) => {
                let text = stop.to_string();
                self.report
                    .errors
                    .push(format!("while bringing back what was: {text}"));
                text
            }
        };
        self.report.steps.push(StepReport {
            step,
            result: if well {
                StepResult::Undone
            } else {
                StepResult::UndoFailed
            },
            detail,
            request_ids,
        });
        well
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

fn split(result: Result<Option<String>, Stop>) -> (Result<(), Stop>, Vec<String>) {
    match result {
        Ok(id) => (Ok(()), id.into_iter().collect()),
        Err(stop) => (Err(stop), Vec::new()),
    }
}
