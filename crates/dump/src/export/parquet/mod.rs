//! Apache Parquet: typed columns, exact decimals and times, zstd inside.
//!
//! Rows are kept back, column by column, until they are a row group's worth of bytes; then the
//! group is encoded, compressed and handed on. So a reader gets row groups of one size, and the
//! memory is that of one group and of its encoded form.

mod column;
mod value;

use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;

use self::column::ColumnBuffer;
use super::column::ResultColumn;
use super::format::{RowWriter, unwritable};
use super::zone::Zone;
use crate::error::Error;
use crate::source::Cells;

/// How Parquet is written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParquetOptions {
    /// Bytes of values in a row group, before encoding. The group and its encoded form are in
    /// memory at once, on top of the export's own. Default: 32 MiB.
    pub row_group_bytes: usize,
    /// Level of zstd, 1 to 22. Default: 3.
    pub zstd_level: i32,
    /// A date that is none (`0000-00-00`, `2024-02-00`) becomes NULL; else it ends the export
    /// with an error that names column and row. Default: false.
    pub zero_dates_as_null: bool,
}

impl Default for ParquetOptions {
    fn default() -> Self {
        Self {
            row_group_bytes: 32 << 20,
            zstd_level: 3,
            zero_dates_as_null: false,
        }
    }
}

impl ParquetOptions {
    /// Bytes of values in a row group.
    #[must_use]
    pub const fn with_row_group_bytes(mut self, bytes: usize) -> Self {
        self.row_group_bytes = bytes;
        self
    }

    /// The level of zstd.
    #[must_use]
    pub const fn with_zstd_level(mut self, level: i32) -> Self {
        self.zstd_level = level;
        self
    }

    /// Makes NULL of dates that are none.
    #[must_use]
    pub const fn with_zero_dates_as_null(mut self, null: bool) -> Self {
        self.zero_dates_as_null = null;
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let reason = if ZstdLevel::try_new(self.zstd_level).is_err() {
            format!(
                "the level of zstd must be 1 to 22, and is {}",
                self.zstd_level
            )
        } else if self.row_group_bytes < LEAST_GROUP_BYTES {
            format!("a row group must have at least {LEAST_GROUP_BYTES} bytes")
        } else {
            return Ok(());
        };
        Err(Error::Query { reason })
    }
}

/// Smaller ones would be mostly headers.
const LEAST_GROUP_BYTES: usize = 64 << 10;

pub(super) struct ParquetWriter {
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<ColumnBuffer>,
    names: Vec<String>,
    row_group_bytes: usize,
    rows: u64,
    held_bytes: usize,
}

impl ParquetWriter {
    pub(super) fn new(
        options: &ParquetOptions,
        columns: &[ResultColumn],
        zone: &Zone,
    ) -> Result<Self, Error> {
        let mut buffers = Vec::new();
        let mut fields = Vec::new();
        for column in columns {
            let buffer = ColumnBuffer::new(column, zone, options.zero_dates_as_null)?;
            fields.push(Arc::new(buffer.field(&column.name).map_err(internal)?));
            buffers.push(buffer);
        }
        let schema = Type::group_type_builder("schema")
            .with_fields(fields)
            .build()
            .map_err(internal)?;
        let level = ZstdLevel::try_new(options.zstd_level).map_err(internal)?;
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_created_by(concat!("datatransit-dump ", env!("CARGO_PKG_VERSION")).to_owned())
            .set_compression(Compression::ZSTD(level))
            .build();
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties));
        Ok(Self {
            file: file.map_err(internal)?,
            columns: buffers,
            names: columns.iter().map(|column| column.name.clone()).collect(),
            row_group_bytes: options.row_group_bytes,
            rows: 0,
            held_bytes: 0,
        })
    }

    fn end_group(&mut self) -> Result<(), Error> {
        self.held_bytes = 0;
        let mut group = self.file.next_row_group().map_err(internal)?;
        for column in &mut self.columns {
            let mut writer = group
                .next_column()
                .map_err(internal)?
                .ok_or_else(|| Error::Internal("a row group has too few columns".into()))?;
            column.write(&mut writer).map_err(internal)?;
            writer.close().map_err(internal)?;
        }
        group.close().map_err(internal)?;
        Ok(())
    }

    /// What the file writer has made so far. It counts by itself what it has written, so that
    /// its buffer may be emptied.
    fn take(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.file
            .flush()
            .map_err(|error| Error::Internal(format!("write Parquet: {error}")))?;
        out.append(self.file.inner_mut());
        Ok(())
    }
}

impl RowWriter for ParquetWriter {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        self.take(out)
    }

    fn row(&mut self, row: &dyn Cells, out: &mut Vec<u8>) -> Result<(), Error> {
        self.rows += 1;
        for (index, column) in self.columns.iter_mut().enumerate() {
            let held = column.push(row.cell(index));
            self.held_bytes +=
                held.map_err(|problem| unwritable(&self.names[index], self.rows, &problem))?;
        }
        if self.held_bytes >= self.row_group_bytes {
            self.end_group()?;
            self.take(out)?;
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.held_bytes > 0 {
            self.end_group()?;
        }
        self.file.finish().map_err(internal)?;
        self.take(out)
    }

    fn written_as(&self) -> Vec<String> {
        self.columns.iter().map(ColumnBuffer::written_as).collect()
    }
}

fn internal(error: ParquetError) -> Error {
    Error::Internal(format!("write Parquet: {error}"))
}
