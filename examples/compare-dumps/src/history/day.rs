//! One day, as the rules see it.

use jiff::civil::Date;
use serde::Serialize;

use super::SizeOf;

/// How a day's run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// The dumps are the same.
    Same,
    /// They differ.
    Different,
    /// The comparison ended in trouble.
    Failed,
    /// There is a report, but it cannot be read; counts as failed.
    Broken,
    /// There is no report.
    Missing,
}

impl State {
    /// Whether the day counts towards a roll-back: it was tried and not well.
    pub(crate) const fn is_bad(self) -> bool {
        matches!(self, Self::Different | Self::Failed | Self::Broken)
    }

    /// Whether the run failed, as opposed to telling something.
    pub(crate) const fn is_failed(self) -> bool {
        matches!(self, Self::Failed | Self::Broken)
    }

    /// The word for people.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Different => "different",
            Self::Failed => "failed",
            Self::Broken => "unreadable",
            Self::Missing => "missing",
        }
    }
}

/// One dump of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Side {
    pub(crate) uncompressed_bytes: u64,
    pub(crate) stored_bytes: u64,
    pub(crate) tables: u64,
    pub(crate) rows: u64,
    /// Whether the dump has its end.
    pub(crate) complete: bool,
}

impl Side {
    /// The size that the rules look at, in bytes.
    pub(crate) const fn size(&self, of: SizeOf) -> u64 {
        match of {
            SizeOf::Uncompressed => self.uncompressed_bytes,
            SizeOf::Stored => self.stored_bytes,
        }
    }
}

/// One day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Day {
    pub(crate) date: Date,
    pub(crate) state: State,
    /// Why it is not the same, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<String>,
    /// The dumps, where they were compared.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) old: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) new: Option<Side>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) run_id: Option<String>,
}

impl Day {
    /// A day without a report.
    pub(crate) const fn missing(date: Date) -> Self {
        Self {
            date,
            state: State::Missing,
            why: None,
            old: None,
            new: None,
            run_id: None,
        }
    }

    /// Both dumps, where they were compared.
    pub(crate) fn sides(&self) -> Option<(&Side, &Side)> {
        Some((self.old.as_ref()?, self.new.as_ref()?))
    }

    /// By how many percent the new dump is larger (or, below zero, smaller) than the old.
    pub(crate) fn size_change(&self, of: SizeOf) -> Option<f64> {
        let (old, new) = self.sides()?;
        Some(percent(old.size(of), new.size(of)))
    }
}

/// By how many percent `to` is more than `from`; 100 where `from` is nothing and
/// `to` is something.
#[expect(
    clippy::cast_precision_loss,
    reason = "a percentage of sizes: 15 digits are more than enough"
)]
pub(crate) fn percent(from: u64, to: u64) -> f64 {
    match (from, to) {
        (0, 0) => 0.0,
        (0, _) => 100.0,
        _ => (to as f64 - from as f64) / from as f64 * 100.0,
    }
}

/// What is known of the consumer of one day's dump.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Consumer {
    pub(crate) date: Date,
    pub(crate) state: ConsumerState,
    pub(crate) reason: String,
}

/// Whether the consumer could use a day's dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsumerState {
    /// It was flagged as failed.
    Failed,
    /// It was flagged, and the flag was taken back.
    Cleared,
    /// There is a record, but it cannot be read.
    Broken,
}
