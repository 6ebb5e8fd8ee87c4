//! The way back of a transaction: what was before, part by part, last things first.

use crate::api::Deletion;
use crate::id::AssetKind;

use super::context::Stop;
use super::live::Live;
use super::parts::{self, Written};
use super::report::{Outcome, Step, StepReport, StepResult};
use super::settle::{self, Settled};
use super::transaction::Transaction;

impl Transaction<'_> {
    /// Brings back what was, unless the run ended at a place from which the next
    /// one goes on.
    pub(super) async fn stopped(&mut self, stop: Stop) -> Outcome {
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
}

fn split(result: Result<Option<String>, Stop>) -> (Result<(), Stop>, Vec<String>) {
    match result {
        Ok(id) => (Ok(()), id.into_iter().collect()),
        Err(stop) => (Err(stop), Vec::new()),
    }
}
