//! What a deploy did: to be kept, and to be read after something went wrong.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::id::{AssetKind, AssetRef};

/// Who deploys what for which environment: the head of every report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Origin {
    /// The name of this run.
    pub run_id: String,
    /// Who started it, as the caller says.
    pub actor: String,
    /// The revision of the files, if the caller knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<String>,
}

impl Origin {
    /// Names a run and who started it.
    pub fn new(run_id: impl Into<String>, actor: impl Into<String>) -> Self {
        Self {
            run_id: run_id.into(),
            actor: actor.into(),
            revision: None,
        }
    }

    /// Adds the revision of the files.
    #[must_use]
    pub fn with_revision(mut self, revision: Option<String>) -> Self {
        self.revision = revision;
        self
    }
}

/// The record of one deploy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// What was done: `deploy`, `rollback`, `prune`.
    pub operation: String,
    /// Who did it.
    #[serde(flatten)]
    pub origin: Origin,
    /// The name of the environment.
    pub environment: String,
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// When it began.
    pub started: jiff::Timestamp,
    /// When it ended.
    pub finished: jiff::Timestamp,
    /// Whether it ended before everything was tried, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted: Option<Interruption>,
    /// Every asset that was asked for, in dependency order.
    pub assets: Vec<AssetReport>,
}

impl AuditReport {
    pub(crate) fn new(
        operation: &str,
        origin: Origin,
        (name, environment): (&str, &crate::environment::Environment),
        started: jiff::Timestamp,
        assets: Vec<AssetReport>,
    ) -> Self {
        Self {
            operation: operation.to_owned(),
            origin,
            environment: name.to_owned(),
            account: environment.account.clone(),
            region: environment.region.clone(),
            started,
            finished: jiff::Timestamp::now(),
            interrupted: None,
            assets,
        }
    }

    /// Whether everything is as the files say.
    #[must_use]
    pub fn is_success(&self) -> bool {
        self.interrupted.is_none() && self.assets.iter().all(|asset| asset.outcome.is_success())
    }

    /// Counts the assets with this outcome.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> usize {
        self.assets
            .iter()
            .filter(|asset| asset.outcome == outcome)
            .count()
    }
}

/// Why a deploy ended early. Running it again goes on where it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Interruption {
    /// Its deadline passed.
    Deadline,
    /// The caller cancelled it.
    Cancelled,
}

/// What became of one asset.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetReport {
    /// Its kind.
    pub kind: AssetKind,
    /// Its identifier in the account.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The file it comes from, if the caller named it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// The version that readers saw before, of dashboards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from_version: Option<u64>,
    /// The version that readers see now, of dashboards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to_version: Option<u64>,
    /// SHA-256 of what the file says, in this environment.
    pub content_sha256: String,
    /// Each thing that was tried, in order.
    pub steps: Vec<StepReport>,
    /// What went wrong, first the cause.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<String>,
    /// What the service found wrong in the definition, by the place in the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
    /// What else the reader should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The assets that had to be well first and were not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because_of: Vec<AssetRef>,
    /// How long it took, in seconds.
    pub seconds: f64,
}

impl AssetReport {
    pub(crate) fn new(asset: &AssetRef, name: &str, content_sha256: String) -> Self {
        Self {
            kind: asset.kind,
            id: asset.id.to_string(),
            name: name.to_owned(),
            source: None,
            outcome: Outcome::NotStarted,
            from_version: None,
            to_version: None,
            content_sha256,
            steps: Vec::new(),
            errors: Vec::new(),
            problems: Vec::new(),
            notes: Vec::new(),
            because_of: Vec::new(),
            seconds: 0.0,
        }
    }

    pub(crate) fn took(&mut self, elapsed: Duration) {
        self.seconds = elapsed.as_secs_f64();
    }
}

/// How one asset ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// It was as the file says; nothing was written.
    Unchanged,
    /// It was made, and read back as the file says.
    Created,
    /// It was changed, and read back as the file says.
    Updated,
    /// It was deleted.
    Deleted,
    /// An older version is published again, as asked.
    RolledBack,
    /// It failed, and is as it was before.
    Restored,
    /// It failed, and could not be brought back wholly: see its steps.
    Broken,
    /// It was changed, reads back otherwise than it was sent, and stays so, as asked.
    Mismatched,
    /// It failed before anything was written.
    Failed,
    /// The run ended while it was under way: run the same again.
    Unfinished,
    /// What it stands on is not well: nothing was tried.
    Skipped,
    /// The run ended before its turn.
    NotStarted,
}

impl Outcome {
    /// Whether the asset is as it was asked to be.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(
            self,
            Self::Unchanged | Self::Created | Self::Updated | Self::Deleted | Self::RolledBack
        )
    }

    /// Says it in words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
            Self::RolledBack => "rolled back",
            Self::Restored => "failed; as it was before",
            Self::Broken => "failed; NOT as it was before",
            Self::Mismatched => "changed, but not as the file says",
            Self::Failed => "failed; nothing was written",
            Self::Unfinished => "unfinished; run it again",
            Self::Skipped => "skipped",
            Self::NotStarted => "not started",
        }
    }
}

/// One thing that was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StepReport {
    /// What.
    pub step: Step,
    /// How it went.
    pub result: StepResult,
    /// More about it, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The ids of its requests, as far as the service gave them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub request_ids: Vec<String>,
}

impl StepReport {
    pub(crate) fn new(step: Step, result: StepResult, detail: String) -> Self {
        Self {
            step,
            result,
            detail,
            request_ids: Vec::new(),
        }
    }
}

/// A step of a deploy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step {
    /// Reads what is.
    Read,
    /// Creates the asset.
    Create,
    /// Updates it: of a dashboard, makes a new version.
    Update,
    /// Deletes it, to be created again.
    Delete,
    /// Waits until the service is done with it.
    Wait,
    /// Waits until the data are loaded.
    Ingest,
    /// Publishes a version.
    Publish,
    /// Grants and revokes.
    Permissions,
    /// Sets and takes away tags.
    Tags,
    /// Joins and leaves folders.
    Folders,
    /// Sets the linked analyses.
    Links,
    /// Sets the refresh properties.
    RefreshProperties,
    /// Creates, replaces and deletes refresh schedules.
    Schedules,
    /// Reads back and compares.
    ReadBack,
    /// Deletes a version that is no use.
    DeleteVersion,
}

impl Step {
    /// Returns the word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Wait => "wait",
            Self::Ingest => "load data",
            Self::Publish => "publish",
            Self::Permissions => "permissions",
            Self::Tags => "tags",
            Self::Folders => "folders",
            Self::Links => "links",
            Self::RefreshProperties => "refresh properties",
            Self::Schedules => "refresh schedules",
            Self::ReadBack => "read back",
            Self::DeleteVersion => "delete version",
        }
    }
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StepResult {
    /// Done.
    Done,
    /// Not done; nothing after it was tried.
    Failed,
    /// Done to bring back what was before.
    Undone,
    /// Bringing back what was before failed here.
    UndoFailed,
}

/// What the service found wrong in a definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Problem {
    /// The service's word, such as `COLUMN_TYPE_MISMATCH`.
    pub kind: String,
    /// What the service said.
    pub message: String,
    /// The places in the file.
    pub paths: Vec<String>,
    /// What is there, in words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub subjects: Vec<String>,
}
