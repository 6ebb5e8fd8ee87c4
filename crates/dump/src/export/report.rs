//! What an export knows about itself when its last byte is written.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::report::{MaxTimestamp, ServerIdentity};

/// One column of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ColumnReport {
    /// Its name.
    pub name: String,
    /// Its type as a definition would have it, as far as a result tells: `int unsigned`,
    /// `decimal(10,2)`, `varchar(80)`.
    pub mysql_type: String,
    /// Whether it may be NULL, by the server's word.
    pub nullable: bool,
    /// How the format writes its values.
    pub written_as: String,
}

/// A finished export: all bytes are with the sink; nothing is published yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportReport {
    /// The server.
    pub server: ServerIdentity,
    /// The server's clock (UTC, RFC 3339, microseconds) just before the query.
    pub taken_at: String,
    /// The UTC offset, in seconds, in which TIMESTAMP values were read.
    pub timestamp_offset_seconds: i32,
    /// The columns, in order.
    pub columns: Vec<ColumnReport>,
    /// The rows.
    pub rows: u64,
    /// The newest value of the freshness column, where the result has it and holds rows.
    pub max_updated_at: Option<MaxTimestamp>,
    /// `csv`, `tsv`, `jsonl`, `parquet` or `mysql-batch`.
    pub format: String,
    /// `gzip`, `gzip-single`, `zstd` or `none`.
    pub compression: String,
    /// SHA-256 of the statement, a `?` in the place of each parameter, lower-case hex.
    pub query_sha256: String,
    /// Bytes before compression.
    pub uncompressed_bytes: u64,
    /// SHA-256 of them, lower-case hex.
    pub uncompressed_sha256: String,
    /// Bytes that the sink has taken.
    pub stored_bytes: u64,
    /// SHA-256 of what the sink has taken, lower-case hex.
    pub stored_sha256: String,
    /// From connecting to the last byte.
    pub elapsed: Duration,
}

/// What an export would do, found out without reading a row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportPreview {
    /// The server.
    pub server: ServerIdentity,
    /// The columns, in order.
    pub columns: Vec<ColumnReport>,
}
