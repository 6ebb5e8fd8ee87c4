//! What a comparison found, as data: stable JSON that later readers can still read.
//!
//! Readers are tolerant: a member that is missing takes its default, an unknown one is
//! ignored, an unknown kind of reason is [`ReasonKind::Other`].

use serde::{Deserialize, Serialize};

/// The form of [`ComparisonReport`]; grows when a member changes its meaning.
pub const REPORT_VERSION: u32 = 1;

/// What [`Comparison::run`](super::Comparison::run) found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ComparisonReport {
    /// [`REPORT_VERSION`] of the writer.
    pub report_version: u32,
    /// Whether the two sides are the same, masked lines aside.
    pub verdict: Verdict,
    /// The first input.
    pub old: SideReport,
    /// The second input.
    pub new: SideReport,
    /// The rules that masked lines, with how many on each side; rules that masked none are
    /// not listed.
    pub masked: Vec<MaskedLines>,
    /// Why the sides differ, as far as it can be told; the weightiest first.
    pub reasons: Vec<Reason>,
    /// Every table of either side, in the old side's order, then those only in the new.
    pub tables: Vec<TableComparison>,
    /// The definitions and other statements that differ; equal ones are not listed.
    pub statements: Vec<StatementDifference>,
    /// From the first byte to the report.
    pub elapsed_ms: u64,
}

impl ComparisonReport {
    /// Whether the verdict is [`Verdict::Same`].
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.verdict == Verdict::Same
    }

    /// Whether a reason of this kind was found.
    #[must_use]
    pub fn has_reason(&self, kind: ReasonKind) -> bool {
        self.reasons.iter().any(|reason| reason.kind == kind)
    }

    /// Whether every table holds the same rows in the same order on both sides, whatever
    /// else differs.
    #[must_use]
    pub fn rows_are_same(&self) -> bool {
        self.tables
            .iter()
            .all(|table| table.state == TableState::Same)
    }

    /// The document as it is stored: indented JSON with a final newline.
    ///
    /// # Panics
    ///
    /// Never: every member is a string, a number, a truth value or a list of such.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain members always serialise");
        text.push('\n');
        text
    }
}

/// Same or different; trouble is an [`Error`](super::Error) instead.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "as in diff, there is no third")]
pub enum Verdict {
    /// Nothing differs but masked lines (and, when asked, form).
    Same,
    /// Something differs.
    #[default]
    Different,
}

/// One side.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct SideReport {
    /// The input's name, as [`Input::name`](super::Input::name) gave it.
    pub name: String,
    /// Bytes as stored.
    pub stored_bytes: u64,
    /// SHA-256 of the stored bytes, lower-case hex.
    pub stored_sha256: String,
    /// `none`, `gzip` or `zstd`, by the first bytes.
    pub compression: String,
    /// Bytes of text.
    pub uncompressed_bytes: u64,
    /// Statements, INSERTs included; comments do not count. 0 for exports.
    pub statements: u64,
    /// Tables that are defined or have rows.
    pub tables: u64,
    /// Rows over all tables.
    pub rows: u64,
    /// Whether it has its end: false when the stream ends amid a statement, a record, a gzip
    /// member or a zstd frame, or lacks the last comment (or all the rest) that the other
    /// side has.
    pub complete: bool,
    /// Whose client's form: `mysql` or `mariadb`, where it can be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flavour: Option<String>,
    /// The first comment's words: `MySQL dump 10.13  Distrib 9.7.4, for Linux (x86_64)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The server's version by the header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// The date of the last comment, in the client's own zone: `2026-11-23 22:29:47`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dump_completed: Option<String>,
    /// The character set that the text is in, by its SET NAMES.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charset: Option<String>,
    /// The newest value of the freshness column over all tables.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest_updated_at: Option<String>,
}

/// How many lines a rule masked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MaskedLines {
    /// `host`, `server-version`, `client-version`, `dump-date`, `gtid`, `position`,
    /// `sandbox` or `auto-increment`.
    pub rule: String,
    /// On the old side.
    pub old_lines: u64,
    /// On the new side.
    pub new_lines: u64,
}

/// One reason for a difference.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Reason {
    /// Its kind, for programs.
    pub kind: ReasonKind,
    /// A sentence, for people; holds no row's values.
    pub text: String,
}

/// The kinds of [`Reason`].
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReasonKind {
    /// A side ends before its end.
    Truncated,
    /// Tables or other objects are on one side only.
    Objects,
    /// Columns were added, dropped or moved.
    Columns,
    /// Definitions differ.
    Definitions,
    /// Only the next AUTO_INCREMENT value differs in some definitions.
    AutoIncrement,
    /// Rows differ.
    Rows,
    /// Rows were written between the two runs, by the freshness column.
    RowsChanged,
    /// The same rows in another order.
    RowOrder,
    /// The text is in another character set.
    Charset,
    /// One side is of MySQL's client, the other of MariaDB's.
    Flavour,
    /// Other options were given.
    Options,
    /// The same rows in other statements.
    Packing,
    /// Tables or other objects come in another order.
    ObjectOrder,
    /// Other lines, or other bytes without another meaning.
    Form,
    /// A kind that this version does not know.
    #[default]
    #[serde(other)]
    Other,
}

/// One table on both sides; an export is one table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct TableComparison {
    /// The database, empty where the dump does not name it.
    pub database: String,
    /// The table.
    pub name: String,
    /// How its rows compare; its definition is among
    /// [`statements`](ComparisonReport::statements).
    pub state: TableState,
    /// Rows on the old side.
    pub old_rows: u64,
    /// Rows on the new side.
    pub new_rows: u64,
    /// Bytes of row text on the old side, separators not counted.
    pub old_bytes: u64,
    /// Bytes of row text on the new side.
    pub new_bytes: u64,
    /// Rows without a counterpart on the new side; `None` where they could not be counted.
    pub rows_only_old: Option<u64>,
    /// Rows without a counterpart on the old side, likewise.
    pub rows_only_new: Option<u64>,
    /// Rows with the same key (without a key: in the same place) and other values, likewise.
    pub rows_changed: Option<u64>,
    /// Of the changed rows and those only on the newer side: how many say by the freshness
    /// column that they were written after the older side was taken. `None` without such a
    /// column.
    pub rows_changed_since: Option<u64>,
    /// How far the rows were compared.
    pub detail: Detail,
    /// The first differing rows, by their number.
    pub differences: Vec<RowDifference>,
}

/// How the rows of a table compare.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum TableState {
    /// The same rows in the same order, by value.
    Same,
    /// The same rows in another order.
    RowOrder,
    /// Other rows.
    #[default]
    Different,
    /// The new side has neither its definition nor rows.
    OnlyOld,
    /// The old side has neither.
    OnlyNew,
}

/// How far the rows of a table were compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Detail {
    /// Row by row: all counts are exact.
    #[default]
    Full,
    /// By row counts and digests only: the tables come in another order on the two sides, or
    /// too many rows moved too far for the memory budget.
    CountsOnly,
}

/// One row that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct RowDifference {
    /// What happened to it.
    pub kind: RowDifferenceKind,
    /// Its number in the old table, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_row: Option<u64>,
    /// Its number in the new table, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_row: Option<u64>,
    /// The primary key, where the table has one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<KeyColumn>,
    /// The columns that differ, of a changed row. Empty also where the row was too long to be
    /// kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<ColumnDifference>,
}

/// What happened to a row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RowDifferenceKind {
    /// Other values.
    #[default]
    Changed,
    /// Deleted.
    OnlyOld,
    /// Inserted.
    OnlyNew,
}

/// One column of a row's primary key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct KeyColumn {
    /// The column.
    pub name: String,
    /// SHA-256 of the value's bytes, as the server's `SHA2(column, 256)` has it; `None` is NULL.
    pub sha256: Option<String>,
    /// The literal, only when values were asked for; cut after 1,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// One column that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct ColumnDifference {
    /// The column's name; its number from 1 with a `#` where no name is known.
    pub name: String,
    /// SHA-256 of the old value's bytes; `None` is NULL.
    pub old_sha256: Option<String>,
    /// SHA-256 of the new value's bytes; `None` is NULL.
    pub new_sha256: Option<String>,
    /// The old literal, only when values were asked for; cut after 1,000 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The new literal, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// One definition, or other statement, that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct StatementDifference {
    /// The database, empty where the dump does not name it.
    pub database: String,
    /// `` TABLE `t` ``, `` VIEW `v` ``, `` TRIGGER `x` ``, `` PROCEDURE `p` ``,
    /// `` FUNCTION `f` ``, `` EVENT `e` ``, `` SEQUENCE `s` ``, `` DATABASE `d` ``, …
    pub object: String,
    /// How it differs.
    pub state: StatementState,
    /// The first line inside the statement that differs, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_different_line: Option<u64>,
    /// SHA-256 of the old text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_sha256: Option<String>,
    /// SHA-256 of the new text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_sha256: Option<String>,
    /// The old text, only when values were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// The new text, likewise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
}

/// How a statement differs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum StatementState {
    /// On both sides, with another text.
    #[default]
    Different,
    /// On both sides; only the next AUTO_INCREMENT value differs.
    AutoIncrement,
    /// Only on the old side.
    OnlyOld,
    /// Only on the new side.
    OnlyNew,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_takes_what_a_later_or_earlier_writer_wrote() {
        let text = r#"{"verdict": "same", "unheard_of": 1,
            "reasons": [{"kind": "of_the_future", "text": "x"}, {"kind": "row_order"}]}"#;
        let report: ComparisonReport = serde_json::from_str(text).unwrap();
        assert!(report.is_same());
        assert_eq!(report.reasons[0].kind, ReasonKind::Other);
        assert!(report.has_reason(ReasonKind::RowOrder));
        let again: ComparisonReport = serde_json::from_str(&report.to_json()).unwrap();
        assert_eq!(again, report);
    }
}
