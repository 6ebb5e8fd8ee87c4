//! Doubles for services that import this crate, and a way to its literal writer.

use bytes::Bytes;
use mysql_async::Column;
use mysql_async::consts::ColumnType;

use crate::encode::{RowBatch, RowEncoder, RowForm};
use crate::flavour::{Client, Flavour};
use crate::options::DumpOptions;
use crate::sink::{Sink, SinkError};
use crate::source::Cells;

/// One text value as an INSERT statement prints it, the quotes included.
///
/// Whatever the bytes, a server without `NO_BACKSLASH_ESCAPES` reads the same bytes back,
/// and the literal holds no line end. Binary introducers and hex forms depend on the column
/// and are not part of it. For fuzzing, and for readers of dumps that test themselves.
#[must_use]
pub fn literal(value: &[u8], flavour: Flavour) -> Vec<u8> {
    // By the row writer itself, so that what is tested is what is printed.
    let column = Column::new(ColumnType::MYSQL_TYPE_VAR_STRING).with_character_set(UTF8MB4);
    let client = match flavour {
        Flavour::Mysql => Client::MYSQL_9,
        Flavour::Mariadb => Client::MARIADB_10,
    };
    let form = RowForm::new(&DumpOptions::default(), client);
    let mut row = RowBatch::with_capacity(value.len() + 4);
    RowEncoder::new(&[column], &[], form, None).encode(&OneCell(value), &mut row);
    let mut text = row.text;
    text.pop();
    text.remove(0);
    text
}

/// utf8mb4_general_ci: a text column's, as opposed to `binary`.
const UTF8MB4: u16 = 45;

struct OneCell<'a>(&'a [u8]);

impl Cells for OneCell<'_> {
    fn cell(&self, _index: usize) -> Option<&[u8]> {
        Some(self.0)
    }
}

/// Keeps what it is given, or fails at a chosen byte.
#[derive(Debug, Default)]
pub struct MemorySink {
    bytes: Vec<u8>,
    fail_at: Option<usize>,
}

impl MemorySink {
    /// Keeps everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Fails on the block that would take it past `bytes`.
    #[must_use]
    pub fn failing_at(bytes: usize) -> Self {
        Self {
            bytes: Vec::new(),
            fail_at: Some(bytes),
        }
    }

    /// What was written so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl Sink for MemorySink {
    async fn write(&mut self, block: Bytes) -> Result<(), SinkError> {
        if self
            .fail_at
            .is_some_and(|limit| self.bytes.len() + block.len() > limit)
        {
            return Err("the sink is full, as it was told to be".into());
        }
        self.bytes.extend_from_slice(&block);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_is_what_a_row_holds() {
        assert_eq!(literal(b"", Flavour::Mysql), b"''");
        assert_eq!(literal(b"it's\n", Flavour::Mariadb), b"'it\\'s\\n'");
        assert_eq!(literal(b"\xE3(", Flavour::Mysql), b"'\\\xE3('");
    }
}
