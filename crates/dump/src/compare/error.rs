//! Trouble, as opposed to a difference.

use std::error::Error as StdError;

/// A cause that an [`Input`](super::Input) gives; kept as the source of [`Error::Input`].
pub type InputError = Box<dyn StdError + Send + Sync + 'static>;

/// Everything that can keep two inputs from being compared.
///
/// A difference is never an error, and neither is a stream that merely ends too early: that is
/// what a dump looks like whose maker died, and the report says so. The text of an error names
/// the input and the place; it never holds a row's values.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A setting is unusable.
    #[error("{0}")]
    Options(String),

    /// An input could not be opened, or reading it failed.
    #[error("read {input}")]
    #[non_exhaustive]
    Input {
        /// The input's name.
        input: String,
        /// The input's own error.
        #[source]
        source: InputError,
    },

    /// An input is in a codec or format that is not read.
    #[error("{input} is {format}: {remedy}")]
    #[non_exhaustive]
    UnknownFormat {
        /// The input's name.
        input: String,
        /// What it looks like.
        format: String,
        /// What to do.
        remedy: String,
    },

    /// An input is damaged: its gzip or zstd stream is, or its text cannot be read.
    #[error("{input} is damaged after {text_bytes} bytes of text: {reason}")]
    #[non_exhaustive]
    Damaged {
        /// The input's name.
        input: String,
        /// The whole bytes of text before the damage.
        text_bytes: u64,
        /// What is wrong.
        reason: String,
    },

    /// An input is no dump, or has something in the middle that no dump has.
    #[error(
        "{input} is not a SQL dump: line {line} begins no statement; for an export, say its format"
    )]
    #[non_exhaustive]
    NotADump {
        /// The input's name.
        input: String,
        /// The first line that cannot be read.
        line: u64,
    },

    /// A statement other than an INSERT, or an export's record, is longer than the memory budget
    /// allows.
    #[error(
        "{input}: the statement or record that begins on line {line} is longer than {limit} bytes: \
         raise the memory budget"
    )]
    #[non_exhaustive]
    TooLong {
        /// The input's name.
        input: String,
        /// Where it begins.
        line: u64,
        /// The limit.
        limit: usize,
    },

    /// An input gave other bytes the second time it was read.
    #[error("{input} changed while it was compared")]
    #[non_exhaustive]
    Changed {
        /// The input's name.
        input: String,
    },

    /// The caller cancelled the comparison.
    #[error("the comparison was cancelled")]
    Cancelled,

    /// An invariant of this crate was broken, or one of its threads died.
    #[error("internal: {0}")]
    Internal(String),
}

/// The class of an [`Error`], for exit codes and retry loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Wrong settings: the caller must change them.
    Options,
    /// An input cannot be read.
    Input,
    /// An input is in a format that is not read.
    UnknownFormat,
    /// An input is damaged, or no dump.
    Damaged,
    /// The memory budget is too small.
    TooLong,
    /// An input changed under way.
    Changed,
    /// The caller cancelled.
    Cancelled,
    /// A defect of this crate.
    Internal,
}

impl Error {
    /// Returns the class of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Options(_) => ErrorKind::Options,
            Self::Input { .. } => ErrorKind::Input,
            Self::UnknownFormat { .. } => ErrorKind::UnknownFormat,
            Self::Damaged { .. } | Self::NotADump { .. } => ErrorKind::Damaged,
            Self::TooLong { .. } => ErrorKind::TooLong,
            Self::Changed { .. } => ErrorKind::Changed,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    /// Whether trying again may help without anybody changing anything.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind(), ErrorKind::Input | ErrorKind::Changed)
    }

    pub(crate) fn input(name: &str, source: impl Into<InputError>) -> Self {
        Self::Input {
            input: name.into(),
            source: source.into(),
        }
    }
}
