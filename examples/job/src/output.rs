//! The sink of a stream: an upload that is published later, or standard output.

use bytes::Bytes;
use datatransit_dump::{Sink, SinkError, WriterSink};
use datatransit_s3upload::Upload;
use tokio::io::{AsyncWriteExt as _, Stdout};

use anyhow::Context as _;

use crate::{ExitCode, Failure};

/// Takes the bytes of one result.
#[derive(Debug)]
#[non_exhaustive]
pub enum Output {
    /// Held back until it is committed.
    Object(Box<Upload>),
    /// Out at once.
    Stdout(WriterSink<Stdout>),
}

impl Output {
    /// Wraps an upload.
    #[must_use]
    pub fn object(upload: Upload) -> Self {
        Self::Object(Box::new(upload))
    }

    /// Opens standard output.
    #[must_use]
    pub fn stdout() -> Self {
        Self::Stdout(WriterSink::new(tokio::io::stdout()))
    }

    /// Returns the upload to be committed, or flushes standard output.
    ///
    /// # Errors
    /// [`ExitCode::Upload`] when standard output does not take the last bytes.
    pub async fn finish(self) -> Result<Option<Upload>, Failure> {
        match self {
            Self::Object(upload) => Ok(Some(*upload)),
            Self::Stdout(sink) => {
                let flushed = sink
                    .into_inner()
                    .flush()
                    .await
                    .context("write to standard output");
                flushed.map_err(|error| Failure::new(ExitCode::Upload, "upload", error))?;
                Ok(None)
            }
        }
    }
}

impl Sink for Output {
    async fn write(&mut self, block: Bytes) -> Result<(), SinkError> {
        match self {
            Self::Object(upload) => Ok(upload.push(block).await?),
            Self::Stdout(sink) => sink.write(block).await,
        }
    }
}
