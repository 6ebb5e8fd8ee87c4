//! What an export is told before it runs.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{Export, Format};
use crate::compress::Compression;
use crate::error::Error;
use crate::options::OptionError;
use crate::pipeline;
use crate::progress::Progress;

/// Builds an [`Export`].
#[derive(Debug)]
pub struct ExportBuilder {
    pub(super) export: Export,
}

impl ExportBuilder {
    /// The database that the query is run in. Default: none.
    #[must_use]
    pub fn database(mut self, name: impl Into<String>) -> Self {
        self.export.database = Some(name.into());
        self
    }

    /// How rows are written. Default: [`Format::Csv`] with its defaults.
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.export.format = format;
        self
    }

    /// The codec around the format. Default: [`Compression::None`].
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.export.compression = compression;
        self
    }

    /// The session's time zone: an offset (`+09:00`) or a name that the server knows. Default: the
    /// server's own, as in `mysql`.
    ///
    /// `NOW()` and `CURDATE()` tell the time of this zone, and TIMESTAMP is printed in it.
    #[must_use]
    pub fn time_zone(mut self, zone: impl Into<String>) -> Self {
        self.export.time_zone = Some(zone.into());
        self
    }

    /// The memory, in bytes, for rows and blocks on their way. Default: 64 MiB.
    ///
    /// On top of it come the driver's packet buffers, a few times the longest row, and what a
    /// format keeps back (a row group of Parquet).
    #[must_use]
    pub fn memory_bytes(mut self, bytes: u64) -> Self {
        self.export.memory_bytes = bytes;
        self
    }

    /// Threads that compress. Default: one per core, at most 8, and no more than the memory
    /// allows.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.export.threads = Some(threads);
        self
    }

    /// The column whose newest value is reported. Default: none.
    ///
    /// TIMESTAMP, DATETIME and DATE columns count; a column of another type is ignored.
    #[must_use]
    pub fn freshness_column(mut self, name: impl Into<String>) -> Self {
        self.export.freshness_column = Some(name.into());
        self
    }

    /// Who hears of the progress. Default: nobody.
    #[must_use]
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.export.progress = progress;
        self
    }

    /// The token that cancels the export. Default: one that nobody holds.
    #[must_use]
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.export.cancellation = token;
        self
    }

    /// Checks what can be checked without a server.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a parameter without a value and for options of the format that make no
    /// sense; [`Error::Options`] for no thread, too little memory, and a codec around a format
    /// that compresses by itself.
    pub fn build(self) -> Result<Export, Error> {
        let export = self.export;
        export.query.bound()?;
        export.format.check()?;
        if export.format.is_compressed() && export.compression != Compression::None {
            return Err(OptionError::value(
                "compression",
                export.compression.name(),
                &format!("none: {} compresses by itself", export.format.name()),
            )
            .into());
        }
        pipeline::check(export.compression, export.threads, export.memory_bytes)?;
        Ok(export)
    }
}
