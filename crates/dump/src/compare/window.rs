//! The text of one side that is in memory: what a scanner looks at.

use xxhash_rust::xxh3::Xxh3;

use super::decode::{Piece, Pieces, StoredEnd};
use super::error::Error;
use super::hash::Seed;

/// A part of the text, moved forward by its scanner.
pub(super) struct Window {
    pub(super) input: String,
    pieces: Pieces,
    buffer: Vec<u8>,
    at: usize,
    /// The line that the window begins on, from 1.
    line: u64,
    /// Bytes that were passed over.
    passed: u64,
    end: Option<StoredEnd>,
    digest: Xxh3,
}

impl Window {
    pub(super) fn new(input: String, pieces: Pieces, seed: Seed) -> Self {
        Self {
            input,
            pieces,
            buffer: Vec::new(),
            at: 0,
            line: 1,
            passed: 0,
            end: None,
            digest: seed.stream(),
        }
    }

    /// What is there; more comes with [`fill`](Self::fill).
    pub(super) fn text(&self) -> &[u8] {
        &self.buffer[self.at..]
    }

    pub(super) fn line(&self) -> u64 {
        self.line
    }

    pub(super) fn passed(&self) -> u64 {
        self.passed
    }

    /// Whether everything was read, so that the text is all that is left.
    pub(super) fn is_last(&self) -> bool {
        self.end.is_some()
    }

    /// Passes over text.
    pub(super) fn advance(&mut self, length: usize) {
        let passed = &self.buffer[self.at..self.at + length];
        self.line += memchr::memchr_iter(b'\n', passed).count() as u64;
        self.at += length;
        self.passed += length as u64;
    }

    /// Brings a block more; false at the end.
    pub(super) fn fill(&mut self) -> Result<bool, Error> {
        if self.is_last() {
            return Ok(false);
        }
        let piece = self
            .pieces
            .recv()
            .map_err(|_| Error::Internal(format!("the decoder of {} died", self.input)))??;
        match piece {
            Piece::Text(block) => {
                self.digest.update(&block);
                if self.at == self.buffer.len() {
                    self.buffer = block;
                } else {
                    self.buffer.drain(..self.at);
                    self.buffer.extend_from_slice(&block);
                }
                self.at = 0;
                Ok(true)
            }
            Piece::End(end) => {
                self.end = Some(end);
                Ok(false)
            }
        }
    }

    /// Brings at least as much as there is, so that looking again from the start stays cheap
    /// for texts of any length; false at the end.
    pub(super) fn double(&mut self) -> Result<bool, Error> {
        let wanted = self.text().len() * 2;
        let more = self.fill()?;
        while more && self.text().len() < wanted {
            if !self.fill()? {
                break;
            }
        }
        Ok(more)
    }

    /// What the end said, and a digest of all text.
    pub(super) fn finish(self) -> (StoredEnd, u128) {
        (self.end.unwrap_or_default(), self.digest.digest128())
    }
}
