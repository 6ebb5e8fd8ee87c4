//! Analyses: one state each, replaced in the background, deleted with a window to restore them.

use std::time::Duration;

use super::clock::{Millis, millis, timestamp};
use super::definition::{self, Content};
use super::progress::{Phase, Progress, times};
use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Common, Kind, State};
use super::{folder, permissions, tags, theme};

pub(super) struct Analysis {
    pub(super) common: Common,
    pub(super) progress: Progress,
    content: Content,
    /// What a good update will put in place.
    next: Option<Content>,
    /// When a deleted one is gone for good.
    gone_at: Option<Millis>,
    /// The folders it was in when it was deleted.
    folders: Vec<String>,
}

const KIND: Kind = Kind::Analysis;

impl Analysis {
    /// One that is there.
    pub(super) fn ready(common: Common, content: Content) -> Self {
        Self {
            common,
            progress: Progress::done(Phase::Creation),
            content,
            next: None,
            gone_at: None,
            folders: Vec::new(),
        }
    }

    pub(super) fn settle(&mut self, now: Millis) {
        if self.progress.settle(now) {
            let next = self.next.take();
            if let Some(next) = next.filter(|_| self.progress.is_successful()) {
                self.content = next;
            }
        }
    }

    fn status(&self, instead: Option<&str>) -> String {
        if self.gone_at.is_some() {
            return "DELETED".to_owned();
        }
        self.progress.status(instead)
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Analysis, ServiceError> {
    let now = state.now();
    state
        .analyses
        .get(id)
        .filter(|analysis| analysis.gone_at.is_none_or(|gone| now < gone))
        .ok_or_else(|| ServiceError::not_found(KIND.resource_type(), id))
}

/// One that is there and not deleted.
fn alive<'a>(state: &'a State, id: &str) -> Result<&'a Analysis, ServiceError> {
    let analysis = find(state, id)?;
    if analysis.gone_at.is_some() {
        return Err(ServiceError::not_found(KIND.resource_type(), id));
    }
    Ok(analysis)
}

pub(super) fn summary(state: &State, id: &str, analysis: &Analysis) -> Object {
    let object = Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("AnalysisId", id)
        .text("Name", &analysis.common.name)
        .text(
            "Status",
            &analysis.status(state.options.unknown_status.as_deref()),
        );
    times(object, analysis.common.created, analysis.common.updated)
}

/// Deleted ones are listed until they are gone.
pub(super) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let ids = state
        .analyses
        .iter()
        .filter(|(id, _)| find(state, id).is_ok());
    let all = ids
        .map(|(id, analysis)| summary(state, id, analysis).to_string())
        .collect();
    let page = state.page("ListAnalyses", input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("AnalysisSummaryList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(super) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("AnalysisId");
    let analysis = find(state, id)?;
    let errors = analysis.progress.shown_errors();
    let sheets = analysis.content.sheets.iter();
    let sheets = sheets.map(|(id, name)| {
        Object::new()
            .text("SheetId", id)
            .maybe_text("Name", name.as_deref())
    });
    let mut object = Object::new()
        .text("AnalysisId", id)
        .text("Arn", &state.arn(KIND, id))
        .text("Name", &analysis.common.name)
        .text(
            "Status",
            &analysis.status(state.options.unknown_status.as_deref()),
        )
        .texts("DataSetArns", &analysis.content.data_set_arns)
        .maybe_text(
            "ThemeArn",
            theme::shown(state, analysis.content.theme.as_deref()).as_deref(),
        )
        .list("Sheets", sheets);
    if !errors.is_empty() {
        object = object.list("Errors", errors);
    }
    let object = times(object, analysis.common.created, analysis.common.updated);
    Ok(Reply::ok(Object::new().object("Analysis", object)))
}

pub(super) fn describe_definition(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("AnalysisId");
    let analysis = find(state, id)?;
    let errors = analysis.progress.shown_errors();
    let mut body = Object::new()
        .text("AnalysisId", id)
        .text("Name", &analysis.common.name);
    if !errors.is_empty() {
        body = body.list("Errors", errors);
    }
    let status = analysis.status(state.options.unknown_status.as_deref());
    Ok(Reply::ok(
        body.text("ResourceStatus", &status)
            .maybe_text(
                "ThemeArn",
                theme::shown(state, analysis.content.theme.as_deref()).as_deref(),
            )
            .raw("Definition", &analysis.content.definition),
    ))
}

pub(super) fn create(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("AnalysisId");
    if find(state, id).is_ok() {
        return Err(ServiceError::exists(KIND.resource_type(), id));
    }
    let mut common = Common::new(input.must("Name"), state.now());
    common.grants = permissions::of_creation(state, KIND, input)?;
    common.tags = tags::of_creation(input)?;
    let folders = folder::of_creation(state, input)?;
    let (content, mut errors) = definition::content(state, input)?;
    errors.extend(state.planned_failure(KIND, id));
    let analysis = Analysis {
        common,
        progress: Progress::begin(Phase::Creation, state.options.pace, state.now(), errors),
        content,
        next: None,
        gone_at: None,
        folders: Vec::new(),
    };
    let status = analysis.status(state.options.unknown_status.as_deref());
    state.analyses.insert(id.to_owned(), analysis);
    folder::join(state, &folders, KIND, id);
    Ok(Reply::with_status(
        202,
        Object::new()
            .text("Arn", &state.arn(KIND, id))
            .text("AnalysisId", id)
            .text("CreationStatus", &status),
    ))
}

pub(super) fn update(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("AnalysisId");
    alive(state, id)?;
    state.must_rest(KIND, id)?;
    let (content, mut errors) = definition::content(state, input)?;
    errors.extend(state.planned_failure(KIND, id));
    let now = state.now();
    let progress = Progress::begin(Phase::Update, state.options.pace, now, errors);
    let status = progress.status(state.options.unknown_status.as_deref());
    if let Some(analysis) = state.analyses.get_mut(id) {
        analysis.progress = progress;
        analysis.next = Some(content);
        analysis.common.updated = now;
        input.must("Name").clone_into(&mut analysis.common.name);
    }
    Ok(Reply::with_status(
        202,
        Object::new()
            .text("Arn", &state.arn(KIND, id))
            .text("AnalysisId", id)
            .text("UpdateStatus", &status),
    ))
}

pub(super) fn delete(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("AnalysisId");
    alive(state, id)?;
    state.must_rest(KIND, id)?;
    let forced = input.flag("ForceDeleteWithoutRecovery");
    let days = input.number("RecoveryWindowInDays");
    if forced && days.is_some() {
        return Err(ServiceError::invalid(
            "RecoveryWindowInDays and ForceDeleteWithoutRecovery exclude each other",
        ));
    }
    let window = millis(Duration::from_secs(days.unwrap_or(30) * 24 * 3600));
    let gone_at = if forced {
        state.now()
    } else {
        state.now() + window
    };
    let member = (KIND, id.to_owned());
    let holders = state
        .folders
        .iter()
        .filter(|(_, folder)| folder.members.contains(&member));
    let folders: Vec<String> = holders.map(|(folder, _)| folder.clone()).collect();
    folder::leave_all(state, KIND, id);
    if forced {
        state.analyses.remove(id);
    } else if let Some(analysis) = state.analyses.get_mut(id) {
        analysis.gone_at = Some(gone_at);
        analysis.folders = folders;
    }
    Ok(Reply::ok(
        Object::new()
            .text("Arn", &state.arn(KIND, id))
            .text("AnalysisId", id)
            .raw("DeletionTime", timestamp(gone_at)),
    ))
}

pub(super) fn restore(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("AnalysisId");
    if find(state, id)?.gone_at.is_none() {
        return Err(ServiceError::precondition(format!(
            "analysis {id} is not deleted"
        )));
    }
    let mut folders = Vec::new();
    if let Some(analysis) = state.analyses.get_mut(id) {
        analysis.gone_at = None;
        folders.append(&mut analysis.folders);
    }
    let mut body = Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("AnalysisId", id);
    if input.flag("RestoreToFolders") {
        let lost = folders
            .iter()
            .filter(|folder| !state.folders.contains_key(*folder));
        let lost: Vec<String> = lost.map(|folder| state.arn(Kind::Folder, folder)).collect();
        if !lost.is_empty() {
            body = body.texts("RestorationFailedFolderArns", lost);
        }
        folder::join(state, &folders, KIND, id);
    }
    Ok(Reply::ok(body))
}
