//! What a deploy would change, as a value: to be looked at, serialised, shown, and
//! applied by [`Deployer::apply`](crate::deploy::Deployer::apply), by another process on
//! another day if need be. One that no longer holds is refused.
//!
//! A difference is one of meaning: the order of members and of actions, the spelling
//! of numbers and what changes by itself are none. Everything else is shown, in the
//! words of those who edit dashboards where there are any, else by its path.

mod change;
pub(crate) mod compare;
mod definition;
mod planner;
mod render;
mod source;
mod stale;
pub(crate) mod state;
pub(crate) mod structure;

pub use self::{
    change::{Area, Change, Operation},
    planner::{PlanError, Planner, check},
    render::{Markdown, Text},
    source::SourceFile,
};
pub(crate) use self::{
    compare::{changes_between, is_default_theme},
    definition::thing_at,
    planner::with_own,
};

use serde::{Deserialize, Serialize};

use crate::id::AssetKind;

/// What a deploy would do to an environment.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Plan {
    /// The environment's name.
    pub environment: String,
    /// Whether it tells how the account has drifted from the files, instead of what a
    /// deploy would change: before is the file, after is the account.
    pub is_drift: bool,
    /// The assets, those first that others stand on.
    pub assets: Vec<AssetPlan>,
    /// The files that it was made of: what is deployed when it is applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<SourceFile>,
}

impl Plan {
    /// Whether a deploy would make any change.
    #[must_use]
    pub fn has_changes(&self) -> bool {
        self.assets
            .iter()
            .any(|asset| asset.action != Action::Unchanged)
    }

    /// The plan to be looked at only: without its files, and so not to be applied.
    #[must_use]
    pub fn summary(&self) -> Self {
        Self {
            environment: self.environment.clone(),
            is_drift: self.is_drift,
            assets: self.assets.clone(),
            files: Vec::new(),
        }
    }
}

/// What a deploy would do to one asset.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AssetPlan {
    /// Its kind.
    pub kind: AssetKind,
    /// Its identifier in the account.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Where its file is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What would be done.
    pub action: Action,
    /// The version that readers see, of dashboards.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published_version: Option<u64>,
    /// SHA-256 of what the file means in the environment: symbols, prefixes and grants
    /// resolved.
    pub meaning_sha256: String,
    /// What differs.
    pub changes: Vec<Change>,
    /// What else the reader should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What would be done to an asset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Action {
    /// It is not there and would be made.
    Create,
    /// It differs and would be changed.
    Update,
    /// Nothing differs: no call would be made.
    Unchanged,
}
