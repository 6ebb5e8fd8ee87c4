//! The crate's one error type: which step failed, on what, and whether trying again may help.

use std::error::Error as StdError;
use std::time::Duration;

/// A cause that is kept for its text only; its type is no part of the contract.
pub(crate) type Cause = Box<dyn StdError + Send + Sync + 'static>;

/// Everything that can end a dump.
///
/// The text of an error names the step and the object; it never holds a password or a
/// row's values. The cause, where there is one, is [`source`](StdError::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An option is unknown, has an unusable value, or contradicts another.
    #[error(transparent)]
    #[non_exhaustive]
    Options(#[from] crate::options::OptionError),

    /// The query of an export is refused, here or by the server, or an option of its format.
    #[error("the query: {reason}")]
    #[non_exhaustive]
    Query {
        /// Why, and what to do about it.
        reason: String,
    },

    /// A value that an export's format, encoding or option cannot hold.
    #[error("write column {column:?} of row {row}: {problem}")]
    #[non_exhaustive]
    Value {
        /// The column's name.
        column: String,
        /// The row's number, from 1.
        row: u64,
        /// What is wrong; never the value.
        problem: String,
    },

    /// The server could not be reached, or the connection could not be set up.
    #[error("connect to {address}: {reason}")]
    #[non_exhaustive]
    Connect {
        /// `host:port` of the server.
        address: String,
        /// What went wrong, in the server's or the driver's words.
        reason: String,
    },

    /// The server refused the login or a privilege.
    #[error("{step}: access denied by the server ({code}): {message}")]
    #[non_exhaustive]
    AccessDenied {
        /// What was being done.
        step: String,
        /// The server's error number.
        code: u16,
        /// The server's message.
        message: String,
    },

    /// The database or table that was asked for does not exist.
    #[error("{step}: {message} ({code})")]
    #[non_exhaustive]
    NotFound {
        /// What was being done.
        step: String,
        /// The server's error number, or 0 when the answer was empty.
        code: u16,
        /// The server's message.
        message: String,
    },

    /// The consistent snapshot could not be taken.
    #[error("take the snapshot: {reason}")]
    #[non_exhaustive]
    Snapshot {
        /// The server's error number, or 0 when the dump itself noticed.
        code: u16,
        /// What went wrong.
        reason: String,
    },

    /// A table changed its definition, or vanished, while the dump ran.
    #[error("the schema changed during the dump: {object}: {message} ({code})")]
    #[non_exhaustive]
    SchemaChanged {
        /// The table or view.
        object: String,
        /// The server's error number, or 0 when the dump itself noticed.
        code: u16,
        /// What was seen.
        message: String,
    },

    /// Reading from the server failed.
    #[error("{step}: {reason}")]
    #[non_exhaustive]
    Read {
        /// What was being read.
        step: String,
        /// The server's error number, or 0 when the connection itself broke.
        code: u16,
        /// What went wrong.
        reason: String,
    },

    /// Tables that were declared as required are missing or hold no row.
    ///
    /// Found inside the snapshot, before the first byte is written.
    #[error("required tables: {}", describe_required(missing, empty))]
    #[non_exhaustive]
    RequiredTables {
        /// Required tables that do not exist.
        missing: Vec<String>,
        /// Required tables without a row.
        empty: Vec<String>,
    },

    /// The sink refused a block.
    #[error("write the dump")]
    #[non_exhaustive]
    Sink {
        /// The sink's own error.
        #[source]
        source: Cause,
    },

    /// The caller cancelled the dump.
    #[error("the dump was cancelled")]
    Cancelled,

    /// The server sent nothing for too long.
    #[error("{step}: the server sent nothing for {} s", waited.as_secs())]
    #[non_exhaustive]
    Stalled {
        /// What was being read.
        step: String,
        /// The limit that was exceeded.
        waited: Duration,
    },

    /// An invariant of this crate was broken, or one of its threads died.
    #[error("internal: {0}")]
    Internal(String),
}

/// The class of an [`Error`], for exit codes and retry loops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Wrong options: the caller must change them.
    Options,
    /// The server cannot be reached.
    Connect,
    /// The server refuses the login or a privilege.
    AccessDenied,
    /// The database or a named table does not exist.
    NotFound,
    /// No consistent snapshot could be taken.
    Snapshot,
    /// The schema changed under way.
    SchemaChanged,
    /// Reading failed.
    Read,
    /// A required table is missing or empty.
    Gate,
    /// A value does not fit the format of an export.
    Value,
    /// The sink failed.
    Sink,
    /// The caller cancelled.
    Cancelled,
    /// The server stalled.
    Stalled,
    /// A defect of this crate.
    Internal,
}

impl Error {
    /// Returns the class of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Options(_) | Self::Query { .. } => ErrorKind::Options,
            Self::Value { .. } => ErrorKind::Value,
            Self::Connect { .. } => ErrorKind::Connect,
            Self::AccessDenied { .. } => ErrorKind::AccessDenied,
            Self::NotFound { .. } => ErrorKind::NotFound,
            Self::Snapshot { .. } => ErrorKind::Snapshot,
            Self::SchemaChanged { .. } => ErrorKind::SchemaChanged,
            Self::Read { .. } => ErrorKind::Read,
            Self::RequiredTables { .. } => ErrorKind::Gate,
            Self::Sink { .. } => ErrorKind::Sink,
            Self::Cancelled => ErrorKind::Cancelled,
            Self::Stalled { .. } => ErrorKind::Stalled,
            Self::Internal(_) => ErrorKind::Internal,
        }
    }

    /// Whether a new dump from the beginning may succeed without anybody changing anything.
    ///
    /// A stream cannot be replayed: retrying always means a whole new dump.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Connect
                | ErrorKind::Read
                | ErrorKind::Stalled
                | ErrorKind::SchemaChanged
                | ErrorKind::Snapshot
        )
    }

    /// The server's error number, where the error is an answer of the server.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::AccessDenied { code, .. }
            | Self::NotFound { code, .. }
            | Self::Snapshot { code, .. }
            | Self::SchemaChanged { code, .. }
            | Self::Read { code, .. } => Some(*code).filter(|code| *code != 0),
            _ => None,
        }
    }

    pub(crate) fn snapshot(reason: &str) -> Self {
        Self::Snapshot {
            code: 0,
            reason: reason.into(),
        }
    }

    /// Sorts a driver's error into one of ours; `step` says what was being done.
    pub(crate) fn from_driver(step: impl Into<String>, error: &mysql_async::Error) -> Self {
        let step = step.into();
        let mysql_async::Error::Server(server) = error else {
            return Self::Read {
                step,
                code: 0,
                reason: error.to_string(),
            };
        };
        let (code, message) = (server.code, server.message.clone());
        match code {
            // ER_DBACCESS_DENIED, ER_ACCESS_DENIED, ER_TABLEACCESS_DENIED, ER_COLUMNACCESS_DENIED,
            // ER_SPECIFIC_ACCESS_DENIED, ER_PROCACCESS_DENIED, ER_ACCESS_DENIED_NO_PASSWORD,
            // ER_ACCOUNT_HAS_BEEN_LOCKED, ER_MUST_CHANGE_PASSWORD
            1044 | 1045 | 1142 | 1143 | 1227 | 1370 | 1698 | 3118 | 1820 => Self::AccessDenied {
                step,
                code,
                message,
            },
            // ER_BAD_DB
            1049 => Self::NotFound {
                step,
                code,
                message,
            },
            // ER_TABLE_DEF_CHANGED, ER_NO_SUCH_TABLE: the plan saw it, now it is gone.
            1412 | 1146 => Self::SchemaChanged {
                object: step,
                code,
                message,
            },
            _ => Self::Read {
                step,
                code,
                reason: message,
            },
        }
    }
}

fn describe_required(missing: &[String], empty: &[String]) -> String {
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("missing {}", missing.join(", ")));
    }
    if !empty.is_empty() {
        parts.push(format!("without a row {}", empty.join(", ")));
    }
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server_error(code: u16) -> mysql_async::Error {
        mysql_async::Error::Server(mysql_async::ServerError {
            code,
            message: "words".into(),
            state: "HY000".into(),
        })
    }

    #[test]
    fn server_errors_are_sorted_by_number() {
        let kind = |code| Error::from_driver("read t", &server_error(code)).kind();
        assert_eq!(kind(1045), ErrorKind::AccessDenied);
        assert_eq!(kind(1049), ErrorKind::NotFound);
        assert_eq!(kind(1412), ErrorKind::SchemaChanged);
        assert_eq!(kind(1317), ErrorKind::Read);
    }

    #[test]
    fn required_tables_are_named_all_at_once() {
        let error = Error::RequiredTables {
            missing: vec!["a".into(), "b".into()],
            empty: vec!["c".into()],
        };
        assert_eq!(
            error.to_string(),
            "required tables: missing a, b; without a row c"
        );
        assert!(!error.is_retryable());
    }
}
