//! What became of a run, data set by data set.

use std::fmt::{self, Write as _};

use datatransit_quicksight::api::RefreshKind;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    classify::{Failure, FailureClass},
    ids::Trigger,
    ingestion::Ingestion,
    quota::Quota,
};

/// What became of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Outcome {
    /// Its turn has not come: the run is not over.
    Waiting,
    /// Its ingestion is under way: the run is not over.
    Running,
    /// Readers see the new rows.
    Refreshed,
    /// It was left alone, for the reason given.
    Skipped,
    /// It was not refreshed, or time ran out, or too many rows were dropped.
    Failed,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Refreshed => "refreshed",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        })
    }
}

/// Whose ingestion it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum How {
    /// This run started it.
    Started,
    /// An earlier try of the same run started it.
    Resumed,
    /// Somebody else started it.
    Attached,
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Started => "started",
            Self::Resumed => "resumed",
            Self::Attached => "attached",
        })
    }
}

/// One data set in a [`Report`], or a selection that found none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DataSetReport {
    /// The data set's identifier, or the selection in words.
    pub data_set: String,
    /// The data set's name; empty where it is not known.
    pub name: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Full or incremental.
    pub mode: RefreshKind,
    /// The ingestion.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingestion_id: Option<String>,
    /// Whose ingestion it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<How>,
    /// The last state seen, in the service's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// Rows that were loaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_ingested: Option<u64>,
    /// Rows that were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_dropped: Option<u64>,
    /// Rows that the data set has now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_total: Option<u64>,
    /// How much was loaded, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How long the ingestion took, in seconds, by the service's word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<u64>,
    /// Ingestions of this run for it; 0 when none was needed or possible.
    pub attempts: u32,
    /// How much of the quota was used when it was last counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<Quota>,
    /// Why it was skipped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
}

impl DataSetReport {
    pub(crate) fn new(data_set: impl Into<String>, name: &str, outcome: Outcome) -> Self {
        Self {
            data_set: data_set.into(),
            name: name.to_owned(),
            outcome,
            mode: RefreshKind::Full,
            ingestion_id: None,
            how: None,
            status: None,
            rows_ingested: None,
            rows_dropped: None,
            rows_total: None,
            bytes: None,
            seconds: None,
            attempts: 0,
            quota: None,
            reason: None,
            failure: None,
        }
    }

    /// Takes over what an ingestion says of itself.
    pub(crate) fn tell(&mut self, ingestion: &Ingestion) {
        self.ingestion_id = Some(ingestion.id.clone());
        self.status = Some(ingestion.status.to_string());
        self.rows_ingested = ingestion.rows_ingested;
        self.rows_dropped = ingestion.rows_dropped;
        self.rows_total = ingestion.rows_total;
        self.bytes = ingestion.bytes;
        self.seconds = ingestion.seconds;
    }

    /// Whether it is refreshed, or needed not to be.
    pub fn is_good(&self) -> bool {
        matches!(self.outcome, Outcome::Refreshed | Outcome::Skipped)
    }

    /// Why it was skipped or failed, in a line.
    pub fn note(&self) -> String {
        let mut note = match (&self.failure, &self.reason) {
            (Some(failure), _) => failure.to_string(),
            (None, Some(reason)) => reason.clone(),
            (None, None) => String::new(),
        };
        let next_slot = self.quota.as_ref().and_then(|quota| quota.next_slot_at);
        if let (FailureClass::Quota, Some(at)) = (
            self.failure
                .as_ref()
                .map_or(FailureClass::Unknown, |failure| failure.class),
            next_slot,
        ) {
            // Writing to a String cannot fail.
            let _ = write!(note, "; next slot frees at {at:.0}");
        }
        note
    }
}

/// What became of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// What caused it.
    pub trigger: Trigger,
    /// When it was begun.
    pub started_at: Timestamp,
    /// Its verdict, of all data sets.
    pub verdict: Verdict,
    /// Data sets that are refreshed.
    pub refreshed: usize,
    /// Data sets that were left alone.
    pub skipped: usize,
    /// Data sets that are not refreshed, and selections that found none.
    pub failed: usize,
    /// Data sets whose ingestion is under way, or whose turn has not come.
    pub unfinished: usize,
    /// All rows that were loaded.
    pub rows_ingested: u64,
    /// All rows that were dropped.
    pub rows_dropped: u64,
    /// Data set by data set, in the order of the selection; then what found none.
    pub data_sets: Vec<DataSetReport>,
}

/// A run in a word: what an exit code is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Verdict {
    /// Every data set is refreshed, or needed not to be.
    Complete,
    /// The run is not over.
    Unfinished,
    /// Time ran out for one or more, and nothing else went wrong.
    Deadline,
    /// Every failure is one of the caller's AWS credentials.
    Credentials,
    /// One or more failed.
    Failed,
}

impl Report {
    pub(crate) fn new(
        trigger: Trigger,
        started_at: Timestamp,
        data_sets: Vec<DataSetReport>,
    ) -> Self {
        let count = |outcomes: &[Outcome]| {
            data_sets
                .iter()
                .filter(|data_set| outcomes.contains(&data_set.outcome))
                .count()
        };
        let sum = |rows: fn(&DataSetReport) -> Option<u64>| data_sets.iter().filter_map(rows).sum();
        let failed = count(&[Outcome::Failed]);
        let unfinished = count(&[Outcome::Waiting, Outcome::Running]);
        let all_are = |class| {
            let mut failed = data_sets.iter().filter_map(|data_set| {
                let failure = data_set.failure.as_ref()?;
                Some((failure.class, data_set.status.as_deref()))
            });
            // The login of a source, which an ingestion was refused, is another matter
            // than the caller's own credentials.
            failed.all(|(found, status)| {
                found == class && (class != FailureClass::Credentials || status != Some("FAILED"))
            })
        };
        let verdict = if unfinished > 0 {
            Verdict::Unfinished
        } else if failed == 0 {
            Verdict::Complete
        } else if all_are(FailureClass::Deadline) {
            Verdict::Deadline
        } else if all_are(FailureClass::Credentials) {
            Verdict::Credentials
        } else {
            Verdict::Failed
        };
        Self {
            trigger,
            started_at,
            verdict,
            refreshed: count(&[Outcome::Refreshed]),
            skipped: count(&[Outcome::Skipped]),
            failed,
            unfinished,
            rows_ingested: sum(|data_set| data_set.rows_ingested),
            rows_dropped: sum(|data_set| data_set.rows_dropped),
            data_sets,
        }
    }

    /// Whether every data set is refreshed, or needed not to be.
    pub fn is_complete(&self) -> bool {
        self.verdict == Verdict::Complete
    }

    /// The run in one line.
    pub fn summary(&self) -> String {
        let mut line = format!("{} refreshed", self.refreshed);
        for (count, word) in [
            (self.skipped, "skipped"),
            (self.failed, "failed"),
            (self.unfinished, "unfinished"),
        ] {
            if count > 0 {
                // As above.
                let _ = write!(line, ", {count} {word}");
            }
        }
        let failed: Vec<&str> = self
            .data_sets
            .iter()
            .filter(|data_set| data_set.outcome == Outcome::Failed)
            .map(|data_set| data_set.data_set.as_str())
            .collect();
        if !failed.is_empty() {
            let _ = write!(line, " ({})", failed.join(", "));
        }
        line
    }
}

/// A table for people, and the summary below it. Control characters of names and
/// messages are shown as `\u{fffd}`.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const HEADS: [&str; 7] = [
            "DATA SET", "OUTCOME", "HOW", "ROWS", "DROPPED", "SECONDS", "NOTE",
        ];
        let number = |number: Option<u64>| number.map_or_else(String::new, |n| n.to_string());
        let rows: Vec<[String; 7]> = self
            .data_sets
            .iter()
            .map(|data_set| {
                let name = if data_set.name.is_empty() || data_set.name == data_set.data_set {
                    data_set.data_set.clone()
                } else {
                    format!("{} ({})", data_set.data_set, data_set.name)
                };
                [
                    name,
                    data_set.outcome.to_string(),
                    data_set.how.map_or_else(String::new, |how| how.to_string()),
                    number(data_set.rows_ingested),
                    number(data_set.rows_dropped),
                    number(data_set.seconds),
                    data_set.note(),
                ]
                .map(|cell| {
                    cell.chars()
                        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
                        .collect()
                })
            })
            .collect();
        let widths: [usize; 7] = std::array::from_fn(|column| {
            rows.iter()
                .map(|row| row[column].chars().count())
                .chain([HEADS[column].len()])
                .max()
                .unwrap_or_default()
        });
        let mut line = |cells: [&str; 7]| {
            let mut text = String::new();
            for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
                // Numbers stand to the right.
                if (3..6).contains(&column) {
                    let _ = write!(text, "{cell:>width$}  ");
                } else {
                    let _ = write!(text, "{cell:width$}  ");
                }
            }
            writeln!(f, "{}", text.trim_end())
        };
        line(HEADS)?;
        for row in &rows {
            line(std::array::from_fn(|column| row[column].as_str()))?;
        }
        writeln!(f, "{}", self.summary())
    }
}
