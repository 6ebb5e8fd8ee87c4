//! The packing thread: pieces in, blocks of text out, counted and digested on the way.

use sha2::{Digest, Sha256};
use tokio::sync::mpsc;

use crate::compress::Entrance;
use crate::encode::RowBatch;
use crate::pack::{InsertForm, Packer};
use crate::pipeline::{BLOCK_BYTES, Piece, StreamTotals, TableTotals, hex_digest};

/// The state of the thread.
pub(crate) struct Assembler {
    entrance: Entrance,
    /// The block being filled.
    block: Vec<u8>,
    /// Text in the blocks that are gone.
    bytes: u64,
    digest: Sha256,
    table: Option<OpenTable>,
}

/// A table whose rows are being packed.
struct OpenTable {
    form: InsertForm,
    packer: Packer,
    rows: u64,
    /// Text of it in the blocks that are gone.
    bytes: u64,
    digest: Sha256,
    /// Where its text begins in the block being filled.
    from: usize,
}

/// The pool is gone: nobody will read another block.
struct Gone;

impl Assembler {
    pub(crate) fn new(entrance: Entrance) -> Self {
        Self {
            entrance,
            block: Vec::with_capacity(BLOCK_BYTES),
            bytes: 0,
            digest: Sha256::new(),
            table: None,
        }
    }

    /// Works until the feeder is dropped; `None` when the pool refused a block.
    pub(crate) fn run(mut self, mut pieces: mpsc::Receiver<Piece>) -> Option<StreamTotals> {
        while let Some(piece) = pieces.blocking_recv() {
            self.piece(piece).ok()?;
        }
        // An empty text is one empty block: its gzip member is what tells it from nothing.
        if !self.block.is_empty() || self.bytes == 0 {
            self.cut().ok()?;
        }
        Some(StreamTotals {
            bytes: self.bytes,
            sha256: hex_digest(self.digest),
        })
    }

    fn piece(&mut self, piece: Piece) -> Result<(), Gone> {
        match piece {
            Piece::Text(text, permit) => {
                self.push(&text)?;
                drop(permit);
                Ok(())
            }
            Piece::BeginRows(form) => {
                self.table = Some(OpenTable {
                    packer: Packer::new(&form),
                    form,
                    rows: 0,
                    bytes: 0,
                    digest: Sha256::new(),
                    from: self.block.len(),
                });
                Ok(())
            }
            Piece::Rows(batch, permit) => {
                self.rows(&batch)?;
                drop(permit);
                Ok(())
            }
            Piece::EndRows(totals) => {
                let ended = self.end_rows()?;
                // The feeder may have been dropped meanwhile.
                let _: Result<(), _> = totals.send(ended);
                Ok(())
            }
        }
    }

    fn rows(&mut self, batch: &RowBatch) -> Result<(), Gone> {
        let mut start = 0;
        for &length in &batch.lengths {
            let row = &batch.text[start..start + length];
            start += length;
            // Rows come only between a table's beginning and end.
            let Some(table) = &mut self.table else {
                return Err(Gone);
            };
            let joins = table.packer.joins(length);
            let first = table.rows == 0;
            table.rows += 1;
            if joins {
                self.push(self.separator())?;
            } else {
                if !first {
                    self.push(b";\n")?;
                }
                self.push_prefix()?;
            }
            self.push(row)?;
        }
        Ok(())
    }

    fn separator(&self) -> &'static [u8] {
        self.table
            .as_ref()
            .map_or(b"", |table| table.form.separator)
    }

    fn push_prefix(&mut self) -> Result<(), Gone> {
        let prefix = self
            .table
            .as_mut()
            .map(|table| std::mem::take(&mut table.form.prefix));
        let Some(prefix) = prefix else {
            return Err(Gone);
        };
        let pushed = self.push(&prefix);
        if let Some(table) = &mut self.table {
            table.form.prefix = prefix;
        }
        pushed
    }

    fn end_rows(&mut self) -> Result<TableTotals, Gone> {
        if self.table.as_ref().is_some_and(|table| table.rows > 0) {
            self.push(b";\n")?;
        }
        let Some(mut table) = self.table.take() else {
            return Err(Gone);
        };
        table.take_from(&self.block);
        Ok(TableTotals {
            rows: table.rows,
            bytes: table.bytes,
            sha256: hex_digest(table.digest),
        })
    }

    /// Appends text; blocks are cut at exactly [`BLOCK_BYTES`], amid a row if need be.
    fn push(&mut self, mut text: &[u8]) -> Result<(), Gone> {
        loop {
            let room = BLOCK_BYTES - self.block.len();
            if text.len() < room {
                self.block.extend_from_slice(text);
                return Ok(());
            }
            let (head, tail) = text.split_at(room);
            self.block.extend_from_slice(head);
            self.cut()?;
            text = tail;
        }
    }

    /// Digests the block and gives it to the pool.
    fn cut(&mut self) -> Result<(), Gone> {
        self.digest.update(&self.block);
        self.bytes += self.block.len() as u64;
        if let Some(table) = &mut self.table {
            table.take_from(&self.block);
            table.from = 0;
        }
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK_BYTES));
        if self.entrance.send(block) {
            Ok(())
        } else {
            Err(Gone)
        }
    }
}

impl OpenTable {
    /// Counts and digests what this table has in a block.
    fn take_from(&mut self, block: &[u8]) {
        let part = &block[self.from..];
        self.bytes += part.len() as u64;
        self.digest.update(part);
    }
}
