//! Rows to multi-row INSERT statements.

use std::fmt::Write as _;

use tokio::sync::mpsc;

/// Statements of about this size: long enough that the server's work outweighs
/// the round trip.
const STATEMENT_BYTES: usize = 512 * 1024;

/// A statement and how many rows it inserts.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) table: &'static str,
    pub(super) sql: String,
    pub(super) rows: u64,
}

/// The loader has gone; there is no one to generate rows for.
#[derive(Debug)]
pub(super) struct LoaderGone;

/// Collects the rows of one table.
pub(super) struct Table<'a> {
    name: &'static str,
    batches: &'a mpsc::Sender<Batch>,
    sql: String,
    rows: u64,
}

impl<'a> Table<'a> {
    pub(super) const fn new(name: &'static str, batches: &'a mpsc::Sender<Batch>) -> Self {
        Self {
            name,
            batches,
            sql: String::new(),
            rows: 0,
        }
    }

    /// Adds a row. Blocks while the loader is busy, so not for async code.
    pub(super) fn row(&mut self, values: Values) -> Result<(), LoaderGone> {
        if self.sql.is_empty() {
            self.sql.reserve(STATEMENT_BYTES + 4096);
            let _ = write!(self.sql, "INSERT INTO {} VALUES ", self.name);
        } else {
            self.sql.push(',');
        }
        self.sql.push('(');
        self.sql.push_str(&values.sql);
        self.sql.push(')');
        self.rows += 1;
        if self.sql.len() < STATEMENT_BYTES {
            Ok(())
        } else {
            self.flush()
        }
    }

    pub(super) fn flush(&mut self) -> Result<(), LoaderGone> {
        if self.rows == 0 {
            return Ok(());
        }
        let batch = Batch {
            table: self.name,
            sql: std::mem::take(&mut self.sql),
            rows: self.rows,
        };
        self.rows = 0;
        self.batches.blocking_send(batch).map_err(|_| LoaderGone)
    }
}

/// The values of a row, in the order of the columns.
#[derive(Debug, Default)]
pub(super) struct Values {
    sql: String,
}

impl Values {
    pub(super) fn number(mut self, number: impl std::fmt::Display) -> Self {
        self.separate();
        let _ = write!(self.sql, "{number}");
        self
    }

    pub(super) fn text(mut self, text: impl AsRef<str>) -> Self {
        self.separate();
        self.sql.push('\'');
        for c in text.as_ref().chars() {
            if matches!(c, '\'' | '\\') {
                self.sql.push('\\');
            }
            self.sql.push(c);
        }
        self.sql.push('\'');
        self
    }

    /// A value that needs no escaping, such as a date.
    pub(super) fn plain(mut self, value: impl std::fmt::Display) -> Self {
        self.separate();
        let _ = write!(self.sql, "'{value}'");
        self
    }

    pub(super) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.separate();
        self.sql.push_str("x'");
        for byte in bytes {
            let _ = write!(self.sql, "{byte:02x}");
        }
        self.sql.push('\'');
        self
    }

    pub(super) fn null(mut self) -> Self {
        self.separate();
        self.sql.push_str("NULL");
        self
    }

    /// The value through `write`, or NULL.
    pub(super) fn optional<T>(self, value: Option<T>, write: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => write(self, value),
            None => self.null(),
        }
    }

    fn separate(&mut self) {
        if !self.sql.is_empty() {
            self.sql.push(',');
        }
    }
}
