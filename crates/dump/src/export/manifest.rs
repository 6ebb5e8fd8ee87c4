//! The manifest of an export: what a dump's is for a dump, with the same members where they mean
//! the same.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::report::{ColumnReport, ExportReport};
use crate::manifest::ManifestFacts;
use crate::report::ServerIdentity;

/// What is known about one stored export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportManifest {
    /// The run that made it.
    pub run_id: String,
    /// When the manifest was written: RFC 3339 with the job's offset.
    pub generated_at: String,
    /// The day that the export stands for, `YYYY-MM-DD` in the job's zone.
    pub dump_date: String,
    /// The object's key (or the file's path).
    pub dump_key: String,
    /// SHA-256 of the stored object's bytes, lower-case hex.
    pub dump_sha256: String,
    /// The stored object's size in bytes.
    pub dump_size_bytes: u64,
    /// The stored object's `ETag`, without quotes, where the store gave one: a reader that
    /// finds another has found another object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dump_etag: Option<String>,
    /// The host that was dialled.
    pub source_host: String,
    /// The database, if the query was run in one.
    pub source_database: Option<String>,
    /// The port that was dialled.
    pub source_port: u16,
    /// Whether the source passed its guards.
    pub source_valid: bool,
    /// Whether every gate passed, freshness included: the one member that a consumer must ask.
    pub valid_for_etl: bool,
    /// Why not, one sentence each; empty when valid.
    pub invalid_reasons: Vec<String>,
    /// The newest value of the freshness column, RFC 3339 with the job's offset.
    pub max_updated_at: Option<String>,

    /// The form of this document; grows when a member changes its meaning.
    pub manifest_version: u32,
    /// `csv`, `tsv`, `jsonl`, `parquet` or `mysql-batch`.
    pub format: String,
    /// SHA-256 of the bytes before compression, lower-case hex.
    pub uncompressed_sha256: String,
    /// Bytes before compression.
    pub uncompressed_size_bytes: u64,
    /// `gzip`, `gzip-single`, `zstd` or `none`.
    pub compression: String,
    /// All rows.
    pub row_count: u64,
    /// The columns, in order.
    pub columns: Vec<ColumnReport>,
    /// SHA-256 of the statement, a `?` in the place of each parameter.
    pub query_sha256: String,
    /// The server's clock (UTC) just before the query.
    pub taken_at: String,
    /// The UTC offset, in seconds, in which TIMESTAMP values were read.
    pub timestamp_offset_seconds: i32,
    /// The server, by its own word.
    pub server: ServerIdentity,
    /// What made it.
    pub tool: ExportTool,
}

/// What made an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ExportTool {
    /// This crate.
    pub name: String,
    /// Its version.
    pub version: String,
    /// From connecting to the last byte, in milliseconds.
    pub elapsed_ms: u64,
}

impl ExportManifest {
    /// Joins what the export knows with what the caller knows.
    ///
    /// An unknown `time_zone` falls back to UTC: check the names before the export.
    #[must_use]
    pub fn new(report: &ExportReport, database: Option<&str>, facts: ManifestFacts) -> Self {
        let zone = TimeZone::get(&facts.time_zone).unwrap_or(TimeZone::UTC);
        let newest = report
            .max_updated_at
            .as_ref()
            .and_then(|newest| newest.zoned(&facts.datetime_zone, &facts.time_zone));
        Self {
            run_id: facts.run_id,
            generated_at: Timestamp::now()
                .to_zoned_datetime(zone)
                .strftime("%Y-%m-%dT%H:%M:%S%:z")
                .to_string(),
            dump_date: facts.dump_date,
            dump_key: facts.dump_key,
            dump_sha256: report.stored_sha256.clone(),
            dump_size_bytes: report.stored_bytes,
            dump_etag: facts.dump_etag,
            source_host: facts.source_host,
            source_database: database.map(str::to_owned),
            source_port: facts.source_port,
            source_valid: facts.source_valid,
            valid_for_etl: facts.source_valid && facts.invalid_reasons.is_empty(),
            invalid_reasons: facts.invalid_reasons,
            max_updated_at: newest.map(|newest| newest.text),
            manifest_version: 1,
            format: report.format.clone(),
            uncompressed_sha256: report.uncompressed_sha256.clone(),
            uncompressed_size_bytes: report.uncompressed_bytes,
            compression: report.compression.clone(),
            row_count: report.rows,
            columns: report.columns.clone(),
            query_sha256: report.query_sha256.clone(),
            taken_at: report.taken_at.clone(),
            timestamp_offset_seconds: report.timestamp_offset_seconds,
            server: report.server.clone(),
            tool: ExportTool {
                name: env!("CARGO_PKG_NAME").into(),
                version: env!("CARGO_PKG_VERSION").into(),
                elapsed_ms: u64::try_from(report.elapsed.as_millis()).unwrap_or(u64::MAX),
            },
        }
    }

    /// The document as it is stored: indented JSON with a final newline.
    ///
    /// # Panics
    ///
    /// Never: every member is a string, a number, a truth value or a list of such.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).expect("plain members always serialise");
        text.push('\n');
        text
    }
}
