//! Doubles for services that import this crate, and a way to its literal writer.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use mysql_async::Column;
use mysql_async::consts::ColumnType;
use tokio::io::{AsyncRead, AsyncReadExt, ReadBuf};

use crate::compare::{BoxFuture, Input, InputError, InputReader};
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

/// One side of a comparison, in memory.
#[derive(Clone)]
pub struct MemoryInput {
    name: String,
    bytes: Bytes,
    fail_at: Option<usize>,
}

impl MemoryInput {
    /// Stored bytes under a name, by whose ending their format is told.
    pub fn new(name: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
            fail_at: None,
        }
    }

    /// The same, with an error of the reader after so many bytes.
    #[must_use]
    pub fn failing_at(mut self, bytes: usize) -> Self {
        self.fail_at = Some(bytes);
        self
    }
}

impl fmt::Debug for MemoryInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryInput")
            .field("name", &self.name)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl Input for MemoryInput {
    fn name(&self) -> String {
        self.name.clone()
    }

    fn open(&self) -> BoxFuture<'_, Result<InputReader, InputError>> {
        Box::pin(async {
            let bytes = std::io::Cursor::new(self.bytes.clone());
            Ok(match self.fail_at {
                None => Box::new(bytes) as InputReader,
                Some(at) => {
                    let part = bytes.take(at as u64);
                    Box::new(part.chain(FailingReader)) as InputReader
                }
            })
        })
    }

    fn stored_bytes(&self) -> Option<u64> {
        Some(self.bytes.len() as u64)
    }
}

/// Fails at once.
struct FailingReader;

impl AsyncRead for FailingReader {
    fn poll_read(
        self: Pin<&mut Self>,
        _context: &mut Context<'_>,
        _buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        Poll::Ready(Err(std::io::Error::other(
            "the input fails, as it was told to",
        )))
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
