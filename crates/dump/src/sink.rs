//! Where the bytes go: the last room of the stream, and the only one the caller provides.

use std::error::Error as StdError;
use std::future::Future;

use bytes::Bytes;
use tokio::io::{AsyncWrite, AsyncWriteExt};

/// A sink's own error; kept as the source of [`Error::Sink`](crate::Error::Sink).
pub type SinkError = Box<dyn StdError + Send + Sync + 'static>;

/// Takes the dump's bytes, in order.
///
/// Nothing in this crate ever finishes, closes or publishes a sink: a dump that failed
/// half-way has merely written its first bytes. Publishing is the caller's separate act,
/// after [`Dump::run`](crate::Dump::run) returned `Ok`.
pub trait Sink: Send {
    /// Takes one block of compressed bytes; back-pressure is the future staying pending.
    ///
    /// # Errors
    ///
    /// Any error ends the dump; the sink is not called again.
    fn write(&mut self, block: Bytes) -> impl Future<Output = Result<(), SinkError>> + Send;
}

/// Makes a [`Sink`] of anything that implements [`AsyncWrite`].
#[derive(Debug)]
pub struct WriterSink<W>(W);

impl<W: AsyncWrite + Unpin + Send> WriterSink<W> {
    /// Wraps a writer.
    pub fn new(writer: W) -> Self {
        Self(writer)
    }

    /// Gives the writer back, not flushed and not shut down.
    pub fn into_inner(self) -> W {
        self.0
    }
}

impl<W: AsyncWrite + Unpin + Send> Sink for WriterSink<W> {
    async fn write(&mut self, block: Bytes) -> Result<(), SinkError> {
        self.0.write_all(&block).await?;
        Ok(())
    }
}
