//! Exports of a query or a table: rows as CSV, TSV, JSON lines, Parquet, or the very bytes of
//! `mysql --batch`.
//!
//! One statement, streamed row by row in bounded memory through the same packing, compressing and
//! digesting rooms as a dump. Parameters are bound by the server, several statements are refused,
//! and the transaction is read-only. Results come in the text protocol, so that a FLOAT has the
//! digits that `mysql` prints.
//!
//! ```no_run
//! use datatransit_dump::export::{Export, Format, MysqlBatchOptions, Parameter, Query};
//! use datatransit_dump::{Compression, ConnectOptions, WriterSink};
//!
//! # async fn example(password: secrecy::SecretString) -> Result<(), datatransit_dump::Error> {
//! let query = Query::parse("SELECT id, kind FROM contracts WHERE starts_on >= :since")?
//!     .bind("since", Parameter::Text("2026-10-24".into()))?;
//! let server = ConnectOptions::new("db.example.com", 3306, "reader", password);
//! let mut sink = WriterSink::new(Vec::new());
//! let report = Export::builder(server, query)
//!     .database("gghouse")
//!     .format(Format::MysqlBatch(
//!         MysqlBatchOptions::default()
//!             .with_skip_column_names(true)
//!             .with_tabs_to_commas(true),
//!     ))
//!     .compression(Compression::GZIP)
//!     .build()?
//!     .run(&mut sink)
//!     .await?;
//! println!("{} rows, sha256 {}", report.rows, report.stored_sha256);
//! # Ok(())
//! # }
//! ```

mod binary;
mod builder;
mod column;
mod csv;
mod encoding;
mod format;
mod jsonl;
mod lexer;
mod manifest;
mod mysql_batch;
#[cfg(feature = "parquet")]
mod parquet;
mod query;
mod report;
mod run;
mod tsv;
mod zone;

use std::fmt;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

pub use self::binary::BinaryForm;
pub use self::builder::ExportBuilder;
pub use self::csv::{CsvOptions, LineEnding, Quote};
pub use self::encoding::{Encoding, Unmappable};
pub use self::format::Format;
pub use self::jsonl::JsonLinesOptions;
pub use self::manifest::{ExportManifest, ExportTool};
pub use self::mysql_batch::MysqlBatchOptions;
#[cfg(feature = "parquet")]
pub use self::parquet::ParquetOptions;
pub use self::query::{Parameter, Query};
pub use self::report::{ColumnReport, ExportPreview, ExportReport};
pub use self::tsv::TsvOptions;
use crate::compress::Compression;
use crate::pipeline;
use crate::progress::{Progress, Silent};
use crate::source::ConnectOptions;

/// An export that is ready to run.
pub struct Export {
    connect: ConnectOptions,
    query: Query,
    database: Option<String>,
    format: Format,
    compression: Compression,
    time_zone: Option<String>,
    memory_bytes: u64,
    threads: Option<usize>,
    freshness_column: Option<String>,
    progress: Arc<dyn Progress>,
    cancellation: CancellationToken,
}

impl Export {
    /// Begins with where and what; everything else has a default.
    #[must_use]
    pub fn builder(connect: ConnectOptions, query: Query) -> ExportBuilder {
        ExportBuilder {
            export: Self {
                connect,
                query,
                database: None,
                format: Format::Csv(CsvOptions::default()),
                compression: Compression::None,
                time_zone: None,
                memory_bytes: pipeline::DEFAULT_MEMORY_BYTES,
                threads: None,
                freshness_column: None,
                progress: Arc::new(Silent),
                cancellation: CancellationToken::new(),
            },
        }
    }
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("connect", &self.connect)
            .field("query", &self.query)
            .field("database", &self.database)
            .field("format", &self.format)
            .field("compression", &self.compression)
            .field("time_zone", &self.time_zone)
            .finish_non_exhaustive()
    }
}
