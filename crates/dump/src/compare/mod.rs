//! Two dumps, or two exports of a query, side by side: the same or not, in what, and why.
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use datatransit_dump::compare::{Comparison, PathInput};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let old = Arc::new(PathInput::new("old/shop_20261123.sql.gz"));
//! let new = Arc::new(PathInput::new("new/shop_20261123.sql.zst"));
//! let report = Comparison::builder(old, new).build()?.run().await?;
//! for reason in &report.reasons {
//!     println!("{}", reason.text);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # What is compared
//!
//! The sides are [`Same`](Verdict::Same) when nothing differs but what the rules below mask. Any
//! other difference makes them [`Different`](Verdict::Different), with the
//! [reasons](ComparisonReport::reasons) that can be told; under
//! [`ignore_form`](ComparisonBuilder::ignore_form) those of form do not count. Trouble (an input
//! that cannot be read, is damaged, or is no dump) is an [`Error`] and never a verdict.
//!
//! | rule | masks | where |
//! | --- | --- | --- |
//! | `client-version` | the versions and the system in `-- MySQL dump …`, `-- MariaDB dump …` | header |
//! | `host` | the host in `-- Host: …    Database: …`; not the database | header |
//! | `server-version` | the version in `-- Server version` | header |
//! | `dump-date` | the date in `-- Dump completed on …` | comments |
//! | `gtid` | the set in `SET @@GLOBAL.GTID_PURGED=…` and `SET GLOBAL gtid_slave_pos=…`, commented out or not | between objects |
//! | `position` | file and offset in `CHANGE MASTER TO …`, `CHANGE REPLICATION SOURCE TO …`, commented out or not | between objects |
//! | `sandbox` | the whole line `/*M!999999\- enable the sandbox mode */`, present or absent | between objects |
//! | `auto-increment` | the value in the closing line of a CREATE TABLE; only with [`ignore_auto_increment`](ComparisonBuilder::ignore_auto_increment) | definitions |
//!
//! A line is masked only in the exact form that the real clients print; with anything else on
//! it, it is compared as it is. Rows, definitions and other statements are never masked.
//!
//! | difference | is of |
//! | --- | --- |
//! | rows by value, their order in a table; definitions by text; objects and their order; a side cut off | content |
//! | `_binary`, `0x…` for a string, a backslash before a stray byte, line breaks and column lists in INSERTs, rows packed into other statements, versioned comments around definitions | form |
//! | comments, SET, LOCK, DROP and other lines between objects, blank lines | form |
//! | the character set of the text, where the rows are the same once decoded (latin1 and UTF-8) | form |
//! | quotes and line ends of CSV, a byte order mark | form |
//!
//! # What is trouble, and what a difference
//!
//! A stream that runs out amid a gzip member, a zstd frame, a statement, a row or a quoted CSV
//! field has been cut off: a difference, and that side's [`complete`](SideReport::complete) is
//! false. So it is if the last comment is missing that the other side has and the first is
//! there. Two sides that are cut off are different even if their bytes are not.
//!
//! A wrong checksum, bytes that are no gzip or zstd where a member should begin, and text that
//! no dump has are damage: an error. A cut exactly between two statements of a dump without
//! comments cannot be told from a dump that had no more to say; rows and objects are missing
//! then.
//!
//! # How
//!
//! Each side is decoded on one thread and scanned on another. The first pass keeps counts and
//! digests of each table (in order, and free of order), and the text of definitions. Only if rows
//! differ is there a second pass, in which the rows of the differing tables are matched by
//! their primary key, or as whole rows. Rows are digested by XXH3 (128 bits, seeded at
//! random), which never shows; digests in the report are SHA-256.
//!
//! A report holds no row's values unless [`show_values`](ComparisonBuilder::show_values) is set.
//! The SHA-256 of a value that has few possibilities (a phone number) can be guessed from: treat
//! a report like the data where that matters.

mod builder;
mod content;
mod decode;
mod definition;
mod error;
mod frame;
mod hash;
mod input;
mod judge;
mod latin1;
mod mask;
mod matching;
mod pairs;
mod passes;
mod progress;
mod reasons;
mod report;
mod row;
mod scan;
mod statement;
mod summary;
mod tabular;
mod walk;
mod window;

#[cfg(test)]
mod tests;

pub use builder::{Comparison, ComparisonBuilder};
pub use content::Content;
pub use error::{Error, ErrorKind, InputError};
pub use input::{BoxFuture, Input, InputReader, PathInput};
pub use progress::{CompareEvent, CompareProgress, Side};
pub use report::{
    ColumnDifference, ComparisonReport, Detail, KeyColumn, MaskedLines, REPORT_VERSION, Reason,
    ReasonKind, RowDifference, RowDifferenceKind, SideReport, StatementDifference, StatementState,
    TableComparison, TableState, Verdict,
};
