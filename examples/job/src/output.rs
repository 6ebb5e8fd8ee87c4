//! The sink of a stream: an upload that is published later, or standard output.

use bytes::Bytes;
use datatransit_dump::{Sink, SinkError, WriterSink};
use datatransit_s3upload::Upload;
use tokio::io::{AsyncWriteExt as _, Stdout};

use anyhow::Context as _;

use crate::activity::Activity;
use crate::{ExitCode, Failure};

/// Takes the bytes of one result, and marks each block taken as activity.
#[derive(Debug)]
pub struct Output {
    to: To,
    activity: Activity,
}

#[derive(Debug)]
enum To {
    /// Held back until it is committed.
    Object(Box<Upload>),
    /// Out at once.
    Stdout(WriterSink<Stdout>),
}

impl Output {
    /// Wraps an upload.
    #[must_use]
    pub fn object(upload: Upload, activity: Activity) -> Self {
        Self {
            to: To::Object(Box::new(upload)),
            activity,
        }
    }

    /// Opens standard output.
    #[must_use]
    pub fn stdout(activity: Activity) -> Self {
        Self {
            to: To::Stdout(WriterSink::new(tokio::io::stdout())),
            activity,
        }
    }

    /// Returns the upload to be committed, or flushes standard output.
    ///
    /// # Errors
    /// [`ExitCode::Upload`] when standard output does not take the last bytes.
    pub async fn finish(self) -> Result<Option<Upload>, Failure> {
        match self.to {
            To::Object(upload) => Ok(Some(*upload)),
            To::Stdout(sink) => {
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
        match &mut self.to {
            To::Object(upload) => upload.push(block).await?,
            To::Stdout(sink) => sink.write(block).await?,
        }
        self.activity.mark();
        Ok(())
    }
}
