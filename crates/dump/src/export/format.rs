//! The formats: their options, their names, and who writes them.

use super::column::ResultColumn;
use super::csv::CsvWriter;
use super::jsonl::JsonLinesWriter;
use super::mysql_batch::MysqlBatchWriter;
use super::tsv::TsvWriter;
use super::zone::Zone;
use super::{CsvOptions, JsonLinesOptions, MysqlBatchOptions, TsvOptions};
#[cfg(feature = "parquet")]
use super::{ParquetOptions, parquet::ParquetWriter};
use crate::error::Error;
use crate::source::Cells;

/// How rows are written. `FORMATS.md` beside this crate's README says how each type of MySQL is
/// written in each.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Comma-separated values as RFC 4180 has them.
    Csv(CsvOptions),
    /// Values between tabs, with backslash escapes, as `LOAD DATA` reads them.
    Tsv(TsvOptions),
    /// A JSON object a line.
    JsonLines(JsonLinesOptions),
    /// Apache Parquet.
    #[cfg(feature = "parquet")]
    Parquet(ParquetOptions),
    /// The bytes of `mysql --batch`.
    MysqlBatch(MysqlBatchOptions),
}

impl Format {
    /// The format's name: `csv`, `tsv`, `jsonl`, `parquet`, `mysql-batch`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Tsv(_) => "tsv",
            Self::JsonLines(_) => "jsonl",
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => "parquet",
            Self::MysqlBatch(_) => "mysql-batch",
        }
    }

    /// The media type of the uncompressed bytes.
    #[must_use]
    pub fn content_type(&self) -> &'static str {
        match self {
            Self::Csv(_) => "text/csv",
            Self::Tsv(_) => "text/tab-separated-values",
            Self::JsonLines(_) => "application/x-ndjson",
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => "application/vnd.apache.parquet",
            Self::MysqlBatch(_) => "text/plain",
        }
    }

    /// Whether the format compresses by itself, so that no codec may be put around it.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        #[cfg(feature = "parquet")]
        if matches!(self, Self::Parquet(_)) {
            return true;
        }
        false
    }

    /// Checks the options, before anything is touched.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self {
            Self::Csv(options) => options.check(),
            #[cfg(feature = "parquet")]
            Self::Parquet(options) => options.check(),
            _ => Ok(()),
        }
    }

    /// Who writes a result with these columns; the instants in it were read in this zone.
    pub(super) fn writer(
        &self,
        columns: &[ResultColumn],
        #[cfg_attr(
            not(feature = "parquet"),
            expect(unused_variables, reason = "only Parquet has instants")
        )]
        zone: &Zone,
    ) -> Result<Box<dyn RowWriter>, Error> {
        Ok(match self {
            Self::Csv(options) => Box::new(CsvWriter::new(options, columns)),
            Self::Tsv(options) => Box::new(TsvWriter::new(*options, columns)),
            Self::JsonLines(options) => Box::new(JsonLinesWriter::new(*options, columns)?),
            #[cfg(feature = "parquet")]
            Self::Parquet(options) => Box::new(ParquetWriter::new(options, columns, zone)?),
            Self::MysqlBatch(options) => Box::new(MysqlBatchWriter::new(*options, columns)),
        })
    }
}

/// Writes rows in one format. What is written is appended to `out`, which the caller empties.
pub(super) trait RowWriter: Send {
    /// What stands before the first row, whether or not there is one.
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), Error>;

    /// The next row, or a part of it: a writer may keep rows back until it has a block of them.
    fn row(&mut self, row: &dyn Cells, out: &mut Vec<u8>) -> Result<(), Error>;

    /// What stands after the last row, the rows kept back included.
    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Error>;

    /// How each column is written, in a word or two.
    fn written_as(&self) -> Vec<String>;
}

/// A value that the format, the encoding or an option cannot hold.
pub(super) fn unwritable(column: &str, row: u64, problem: &str) -> Error {
    Error::Value {
        column: column.to_owned(),
        row,
        problem: problem.to_owned(),
    }
}
