//! A run: what is to be done, what was done, what is under way.
//!
//! It is a value. Another process, or the next invocation of a function, goes on from its
//! [token](Run::token).

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use datatransit_quicksight::{AssetId, api::RefreshKind};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use crate::{
    classify::{Failure, FailureClass},
    config::RefreshConfig,
    graph::{self, Cycle},
    ids::Trigger,
    quota::Quota,
    report::{DataSetReport, How, Outcome, Report},
    select::{DataSet, Import, Selected},
};

/// A run of a refresh, begun or not.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Run {
    pub(crate) trigger: Trigger,
    pub(crate) config: RefreshConfig,
    pub(crate) started_at: Timestamp,
    pub(crate) items: Vec<Item>,
    unresolved: Vec<DataSetReport>,
    /// On this process's clock.
    #[serde(skip)]
    pub(crate) deadline: Option<Instant>,
}

/// One data set in a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) id: AssetId,
    pub(crate) name: String,
    pub(crate) mode: RefreshKind,
    /// Places of the items that it is built on.
    pub(crate) after: Vec<usize>,
    pub(crate) state: State,
    /// The number of the next ingestion of this run for it, from 1.
    pub(crate) next: u32,
    /// Ingestions that it has had, other people's included.
    pub(crate) attempts: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quota: Option<Quota>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) begun_at: Option<Timestamp>,
    /// On this process's clock.
    #[serde(skip)]
    pub(crate) deadline: Option<Instant>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum State {
    Waiting,
    Going {
        ingestion: String,
        how: How,
        /// The last state seen.
        status: Option<String>,
    },
    Done(Box<DataSetReport>),
}

impl Item {
    /// A report of it as it is now.
    pub(crate) fn report(&self, outcome: Outcome) -> DataSetReport {
        let mut report = DataSetReport::new(self.id.as_str(), &self.name, outcome);
        report.mode = self.mode;
        report.attempts = self.attempts;
        report.quota.clone_from(&self.quota);
        if let State::Going {
            ingestion,
            how,
            status,
        } = &self.state
        {
            report.ingestion_id = Some(ingestion.clone());
            report.how = Some(*how);
            report.status.clone_from(status);
        }
        report
    }

    pub(crate) fn failed(&self, failure: Failure) -> DataSetReport {
        let mut report = self.report(Outcome::Failed);
        report.failure = Some(failure);
        report
    }

    pub(crate) fn skipped(&self, reason: impl Into<String>) -> DataSetReport {
        let mut report = self.report(Outcome::Skipped);
        report.reason = Some(reason.into());
        report
    }

    pub(crate) fn is_done(&self) -> bool {
        matches!(self.state, State::Done(_))
    }

    /// Whether what is built on it must not be refreshed.
    pub(crate) fn blocks(&self) -> bool {
        match &self.state {
            State::Done(report) => !report.is_good(),
            State::Waiting | State::Going { .. } => true,
        }
    }
}

impl Run {
    pub(crate) fn new(
        config: RefreshConfig,
        trigger: Trigger,
        selected: Selected,
        now: Timestamp,
    ) -> Result<Self, Cycle> {
        let edges: Vec<_> = selected
            .data_sets
            .iter()
            .map(|data_set| (data_set.id.clone(), data_set.sources.clone()))
            .collect();
        let after = graph::order(&edges)?;
        let items = selected
            .data_sets
            .into_iter()
            .zip(after)
            .map(|(data_set, after)| item(data_set, after))
            .collect();
        let unresolved = selected
            .unresolved
            .into_iter()
            .map(|unresolved| {
                let mut report = DataSetReport::new(unresolved.subject, "", Outcome::Failed);
                report.failure = Some(unresolved.failure);
                report
            })
            .collect();
        let deadline = Instant::now().checked_add(config.deadline());
        Ok(Self {
            trigger,
            config,
            started_at: now,
            items,
            unresolved,
            deadline,
        })
    }

    /// Whether nothing more is to be done.
    pub fn is_over(&self) -> bool {
        self.items.iter().all(Item::is_done)
    }

    /// What caused it.
    pub fn trigger(&self) -> &Trigger {
        &self.trigger
    }

    /// What it was made of.
    pub fn config(&self) -> &RefreshConfig {
        &self.config
    }

    /// What has become of it so far.
    pub fn report(&self) -> Report {
        let data_sets = self
            .items
            .iter()
            .map(|item| match &item.state {
                State::Done(report) => (**report).clone(),
                State::Waiting => item.report(Outcome::Waiting),
                State::Going { .. } => item.report(Outcome::Running),
            })
            .chain(self.unresolved.iter().cloned())
            .collect();
        Report::new(self.trigger.clone(), self.started_at, data_sets)
    }

    /// Writes down where it is: one word of letters, digits, `-`, `_` and `.`, longer with
    /// each data set. No secret is in it, and nothing that must be kept from tampering: who
    /// can hand in a token can start a refresh anyway.
    pub fn token(&self) -> String {
        // A run has only texts and numbers: it can always be written.
        let json = serde_json::to_vec(self).unwrap_or_default();
        format!("{VERSION}.{}", URL_SAFE_NO_PAD.encode(json))
    }

    /// Reads a token. The deadlines go on from where they were: time between two
    /// processes counts.
    ///
    /// # Errors
    ///
    /// [`TokenError`] for anything that is no token of this version of the crate.
    pub fn from_token(token: &str) -> Result<Self, TokenError> {
        Self::from_token_at(token, Timestamp::now())
    }

    pub(crate) fn from_token_at(token: &str, now: Timestamp) -> Result<Self, TokenError> {
        let (version, body) = token.trim().split_once('.').ok_or(TokenError::Form)?;
        if version != VERSION {
            return Err(TokenError::Version(version.chars().take(8).collect()));
        }
        let json = URL_SAFE_NO_PAD.decode(body).map_err(|_| TokenError::Form)?;
        let mut run: Self = serde_json::from_slice(&json).map_err(|_| TokenError::Form)?;
        let places = run.items.len();
        if run
            .items
            .iter()
            .flat_map(|item| &item.after)
            .any(|&other| other >= places)
        {
            return Err(TokenError::Form);
        }
        run.config.check().map_err(|_| TokenError::Form)?;
        run.deadline = left(run.started_at, run.config.deadline(), now);
        for item in &mut run.items {
            if let Some(begun) = item.begun_at {
                item.deadline = left(begun, run.config.data_set_deadline(), now);
            }
        }
        Ok(run)
    }
}

/// The form of tokens.
const VERSION: &str = "r1";

/// The moment on this process's clock at which a time since `began` is over.
fn left(began: Timestamp, time: Duration, now: Timestamp) -> Option<Instant> {
    let passed = Duration::try_from(now.duration_since(began)).unwrap_or_default();
    Instant::now().checked_add(time.saturating_sub(passed))
}

fn item(data_set: DataSet, after: Vec<usize>) -> Item {
    let mut item = Item {
        id: data_set.id,
        name: data_set.name,
        mode: data_set.mode,
        after,
        state: State::Waiting,
        next: 1,
        attempts: 0,
        quota: None,
        begun_at: None,
        deadline: None,
    };
    let skipped = match data_set.import {
        Import::Spice => None,
        Import::DirectQuery => Some("it queries directly: there is nothing to refresh"),
        Import::File => Some("the service does not describe it: its rows are an uploaded file"),
    };
    if let Some(reason) = skipped {
        item.state = State::Done(Box::new(item.skipped(reason)));
    }
    item
}

/// A text that is no token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenError {
    /// It is broken, or was never one.
    #[error("this is no resume token: give the one that the run has printed, whole")]
    Form,
    /// It is one of another version.
    #[error(
        "the resume token has the form `{0}`, which this version does not read; start the refresh again: it goes on with what is under way"
    )]
    Version(String),
}

/// What the report says of one that time ran out for.
pub(crate) fn out_of_time(item: &Item, whose: &str) -> Failure {
    let message = match &item.state {
        State::Going {
            ingestion, status, ..
        } => format!(
            "{whose} passed; ingestion `{ingestion}` was last seen as {}",
            status.as_deref().unwrap_or("accepted")
        ),
        _ => format!("{whose} passed before its ingestion was started"),
    };
    Failure::new(FailureClass::Deadline, message)
}
