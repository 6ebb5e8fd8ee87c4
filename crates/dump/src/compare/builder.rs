//! The settings of a comparison, and its run.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use super::content::Content;
use super::error::Error;
use super::input::Input;
use super::judge::Shape;
use super::passes::{self, Settings};
use super::progress::{CompareProgress, Silent};
use super::report::ComparisonReport;

/// Two inputs that are ready to be compared.
pub struct Comparison {
    settings: Settings,
}

/// Settings of a [`Comparison`].
#[must_use]
pub struct ComparisonBuilder {
    old: Arc<dyn Input>,
    new: Arc<dyn Input>,
    content: Content,
    ignore_auto_increment: bool,
    ignore_form: bool,
    show_values: bool,
    max_differences: usize,
    updated_at_column: String,
    memory_bytes: u64,
    progress: Arc<dyn CompareProgress>,
    cancellation: CancellationToken,
}

/// The least budget that is of use.
const LEAST_MEMORY: u64 = 8 << 20;

impl Comparison {
    /// Begins with two inputs and the defaults.
    pub fn builder(old: Arc<dyn Input>, new: Arc<dyn Input>) -> ComparisonBuilder {
        ComparisonBuilder {
            old,
            new,
            content: Content::Auto,
            ignore_auto_increment: false,
            ignore_form: false,
            show_values: false,
            max_differences: 20,
            updated_at_column: "updated_at".into(),
            memory_bytes: 256 << 20,
            progress: Arc::new(Silent),
            cancellation: CancellationToken::new(),
        }
    }

    /// Reads both inputs, once or twice, and says what it found.
    ///
    /// # Errors
    ///
    /// When an input cannot be read, is damaged, is no dump, or changed between two readings;
    /// when the comparison was cancelled. A difference is no error.
    ///
    /// # Cancel safety
    ///
    /// Nothing is written anywhere. A dropped future stops the reading; its threads end by
    /// themselves soon after. It needs a Tokio runtime.
    pub async fn run(self) -> Result<ComparisonReport, Error> {
        let begun = Instant::now();
        let mut report = passes::run(self.settings).await?;
        report.elapsed_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(report)
    }
}

impl fmt::Debug for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Comparison")
            .field("old", &self.settings.old)
            .field("new", &self.settings.new)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ComparisonBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ComparisonBuilder")
            .field("old", &self.old)
            .field("new", &self.new)
            .field("content", &self.content)
            .finish_non_exhaustive()
    }
}

impl ComparisonBuilder {
    /// What both inputs hold. Default [`Content::Auto`]: by the endings of their names.
    pub fn content(mut self, content: Content) -> Self {
        self.content = content;
        self
    }

    /// Masks the next AUTO_INCREMENT value of each table's definition. Default no: it is then a
    /// difference with a reason of its own.
    pub fn ignore_auto_increment(mut self, ignore: bool) -> Self {
        self.ignore_auto_increment = ignore;
        self
    }

    /// Lets differences of form alone pass for the same: other clients' forms, other packing,
    /// other lines between objects. Their reasons are reported all the same. Default no.
    pub fn ignore_form(mut self, ignore: bool) -> Self {
        self.ignore_form = ignore;
        self
    }

    /// Shows values of rows and texts of definitions in the report, besides their digests.
    /// Default no.
    pub fn show_values(mut self, show: bool) -> Self {
        self.show_values = show;
        self
    }

    /// How many differing rows are listed per table. Default 20; counts are of all.
    pub fn max_differences(mut self, rows: usize) -> Self {
        self.max_differences = rows;
        self
    }

    /// The column that says when a row was last written. Default `updated_at`.
    pub fn updated_at_column(mut self, name: impl Into<String>) -> Self {
        self.updated_at_column = name.into();
        self
    }

    /// The memory budget in bytes, for both sides together. Default 256 MiB, at least 8 MiB.
    ///
    /// An eighth of it is the longest row that is kept (longer ones are digested as they pass)
    /// and the longest other statement that is read; half is for rows that wait for their
    /// counterpart. On top come the codecs' own windows.
    pub fn memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Who is told how far the reading is.
    pub fn progress(mut self, progress: Arc<dyn CompareProgress>) -> Self {
        self.progress = progress;
        self
    }

    /// Ends the comparison early, with [`Error::Cancelled`].
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.cancellation = token;
        self
    }

    /// Checks the settings.
    ///
    /// # Errors
    ///
    /// [`Error::Options`] for a budget that is too small, or two names whose endings stand for
    /// different formats; [`Error::UnknownFormat`] for Parquet.
    pub fn build(self) -> Result<Comparison, Error> {
        if self.memory_bytes < LEAST_MEMORY {
            return Err(Error::Options(format!(
                "a memory budget of {} bytes is too small: give at least {LEAST_MEMORY}",
                self.memory_bytes
            )));
        }
        let content = self.content.resolve(&self.old.name(), &self.new.name())?;
        Ok(Comparison {
            settings: Settings {
                old: self.old,
                new: self.new,
                shape: Shape {
                    content,
                    show_values: self.show_values,
                    max_differences: self.max_differences,
                    ignore_auto_increment: self.ignore_auto_increment,
                    ignore_form: self.ignore_form,
                },
                updated_at: self.updated_at_column,
                memory: usize::try_from(self.memory_bytes).unwrap_or(usize::MAX),
                progress: self.progress,
                cancellation: self.cancellation,
            },
        })
    }
}
