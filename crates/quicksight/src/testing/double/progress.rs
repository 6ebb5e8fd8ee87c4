//! What takes the service a while: a status, and the work that will change it.

use super::clock::{Millis, millis, timestamp};
use super::options::Pace;
use super::protocol::Object;

/// One entry of an asset's `Errors`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssetError {
    /// `DATA_SET_NOT_FOUND`, `INTERNAL_FAILURE`, …
    pub kind: String,
    /// What the service says.
    pub message: String,
    /// Where in the definition.
    pub path: Option<String>,
}

impl AssetError {
    /// An error without a place.
    #[must_use]
    pub fn new(kind: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            message: message.into(),
            path: None,
        }
    }

    /// The same, at a place of the definition: `$.Sheets[0]…`.
    #[must_use]
    pub fn at(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    pub(super) fn object(&self) -> Object {
        let error = Object::new()
            .text("Type", &self.kind)
            .text("Message", &self.message);
        match &self.path {
            Some(path) => error.list("ViolatedEntities", [Object::new().text("Path", path)]),
            None => error,
        }
    }
}

/// Which family of statuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Creation,
    Update,
}

impl Phase {
    fn name(self) -> &'static str {
        match self {
            Self::Creation => "CREATION",
            Self::Update => "UPDATE",
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Left {
    Polls(u32),
    Until(Millis),
}

/// The state of a creation or an update.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    phase: Phase,
    left: Option<Left>,
    /// What it ends with; empty is success.
    pub(super) errors: Vec<AssetError>,
}

impl Progress {
    pub(super) fn begin(phase: Phase, pace: Pace, now: Millis, errors: Vec<AssetError>) -> Self {
        let left = match pace {
            Pace::Polls(polls) => Left::Polls(polls),
            Pace::Time(time) => Left::Until(now.saturating_add(millis(time))),
        };
        Self {
            phase,
            left: Some(left),
            errors,
        }
    }

    pub(super) fn done(phase: Phase) -> Self {
        Self {
            phase,
            left: None,
            errors: Vec::new(),
        }
    }

    pub(super) fn is_running(&self) -> bool {
        self.left.is_some()
    }

    pub(super) fn is_successful(&self) -> bool {
        self.left.is_none() && self.errors.is_empty()
    }

    /// Ends the work if its time has come; says whether it just ended.
    pub(super) fn settle(&mut self, now: Millis) -> bool {
        let over = match self.left {
            None => return false,
            Some(Left::Polls(polls)) => polls == 0,
            Some(Left::Until(then)) => now >= then,
        };
        if over {
            self.left = None;
        }
        over
    }

    /// Counts a request that found the work in progress.
    pub(super) fn poll(&mut self) {
        if let Some(Left::Polls(polls)) = &mut self.left {
            *polls = polls.saturating_sub(1);
        }
    }

    /// The status, or `instead` while the work is running.
    pub(super) fn status(&self, instead: Option<&str>) -> String {
        let state = if self.left.is_some() {
            if let Some(unknown) = instead {
                return unknown.to_owned();
            }
            "IN_PROGRESS"
        } else if self.errors.is_empty() {
            "SUCCESSFUL"
        } else {
            "FAILED"
        };
        format!("{}_{state}", self.phase.name())
    }

    /// The errors that show: none while the work is running.
    pub(super) fn shown_errors(&self) -> Vec<Object> {
        if self.is_running() {
            return Vec::new();
        }
        self.errors.iter().map(AssetError::object).collect()
    }
}

/// Members that say when an asset was made and changed.
pub(super) fn times(object: Object, created: Millis, updated: Millis) -> Object {
    object
        .raw("CreatedTime", timestamp(created))
        .raw("LastUpdatedTime", timestamp(updated))
}
