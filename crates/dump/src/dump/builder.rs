//! What a dump is told before it runs.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::Dump;
use crate::compress::Compression;
use crate::error::Error;
use crate::options::DumpOptions;
use crate::pipeline;
use crate::progress::Progress;

/// Builds a [`Dump`].
#[derive(Debug)]
pub struct DumpBuilder {
    pub(super) dump: Dump,
}

impl DumpBuilder {
    /// mysqldump's options. Default: mysqldump's defaults.
    #[must_use]
    pub fn options(mut self, options: DumpOptions) -> Self {
        self.dump.options = options;
        self
    }

    /// The codec. Default: [`Compression::None`].
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.dump.compression = compression;
        self
    }

    /// The memory, in bytes, for rows and blocks on their way. Default: 64 MiB.
    ///
    /// On top of it come the driver's packet buffers and, for rows longer than a few MiB,
    /// five times the longest row.
    #[must_use]
    pub fn memory_bytes(mut self, bytes: u64) -> Self {
        self.dump.memory_bytes = bytes;
        self
    }

    /// Threads that compress. Default: one per core, at most 8, and no more than the memory
    /// allows.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.dump.threads = Some(threads);
        self
    }

    /// The column whose newest value is reported for each table that has it. Default: none.
    ///
    /// Found on the way, in the rows themselves: it costs no query. TIMESTAMP, DATETIME and
    /// DATE columns count; a column of another type is ignored.
    #[must_use]
    pub fn freshness_column(mut self, name: impl Into<String>) -> Self {
        self.dump.freshness_column = Some(name.into());
        self
    }

    /// Tables (`table` or `database.table`) that must exist and hold a row; checked inside
    /// the snapshot, before the first byte. Default: none.
    #[must_use]
    pub fn required_tables(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.dump.required_tables = names.into_iter().map(Into::into).collect();
        self
    }

    /// Who hears of the progress. Default: nobody.
    #[must_use]
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.dump.progress = progress;
        self
    }

    /// The token that cancels the dump. Default: one that nobody holds.
    #[must_use]
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.dump.cancellation = token;
        self
    }

    /// Checks what can be checked without a server.
    ///
    /// # Errors
    ///
    /// [`Error::Options`]: options or selection that contradict themselves, no thread, or too
    /// little memory for the threads.
    pub fn build(self) -> Result<Dump, Error> {
        let dump = self.dump;
        dump.options.validate(&dump.selection)?;
        pipeline::check(dump.compression, dump.threads, dump.memory_bytes)?;
        Ok(dump)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;
    use crate::options::Selection;
    use crate::source::ConnectOptions;

    fn builder() -> DumpBuilder {
        let connect = ConnectOptions::new("db", 3306, "u", SecretString::from("canary-9"));
        Dump::builder(connect, Selection::database("a"))
    }

    #[test]
    fn too_little_memory_is_told_before_anything_is_touched() {
        let error = builder()
            .threads(8)
            .memory_bytes(1 << 20)
            .build()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("--memory: \"1048576\" is not at least"),
            "{error}"
        );
        assert!(builder().threads(0).build().is_err());
        assert!(builder().build().is_ok());
    }

    #[test]
    fn debug_shows_no_password() {
        assert!(!format!("{:?}", builder()).contains("canary-9"));
    }
}
