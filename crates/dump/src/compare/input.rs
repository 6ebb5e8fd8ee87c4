//! Where the two sides come from.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;

use tokio::io::AsyncRead;

use super::error::InputError;

/// A future on the heap, for traits that are used as objects.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Stored bytes, as [`Input::open`] gives them.
pub type InputReader = Box<dyn AsyncRead + Send + Unpin>;

/// One side: stored bytes that can be read from the beginning, twice.
///
/// Both readings must give the same bytes: for an object store, read the version that was
/// found first. A second reading that differs is [`Error::Changed`](super::Error::Changed).
pub trait Input: Send + Sync + fmt::Debug {
    /// What errors and reports call it. A format is guessed from its ending; credentials have
    /// no place in it.
    fn name(&self) -> String;

    /// Opens it at its beginning.
    fn open(&self) -> BoxFuture<'_, Result<InputReader, InputError>>;

    /// The stored size in bytes where it is known, after [`open`](Self::open); for progress
    /// only.
    fn stored_bytes(&self) -> Option<u64> {
        None
    }
}

/// A file.
#[derive(Debug, Clone)]
pub struct PathInput(PathBuf);

impl PathInput {
    /// Names the file; nothing is opened yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }
}

impl Input for PathInput {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    fn open(&self) -> BoxFuture<'_, Result<InputReader, InputError>> {
        Box::pin(async {
            let mut file = tokio::fs::File::open(&self.0).await?;
            file.set_max_buf_size(1 << 20);
            Ok(Box::new(file) as InputReader)
        })
    }

    fn stored_bytes(&self) -> Option<u64> {
        std::fs::metadata(&self.0).ok().map(|data| data.len())
    }
}
