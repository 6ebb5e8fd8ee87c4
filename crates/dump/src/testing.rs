//! Doubles for services that import this crate.

use bytes::Bytes;

use crate::sink::{Sink, SinkError};

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
