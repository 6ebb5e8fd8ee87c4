//! The manifest: the small JSON object that speaks for a dump, committed after it.
//!
//! Readers trust only the manifest. Its first members keep the names and shapes of the
//! shell job that this crate replaces, so that its consumers read on unchanged.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::report::{DumpReport, ServerIdentity, SnapshotInfo};

/// What is known about one stored dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The run that made it.
    pub run_id: String,
    /// When the manifest was written: RFC 3339 with the job's offset.
    pub generated_at: String,
    /// The day that the dump stands for, `YYYY-MM-DD` in the job's zone.
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
    /// The database; several are joined by commas.
    pub source_database: String,
    /// The port that was dialled.
    pub source_port: u16,
    /// Whether the source passed its guards (the right server, required tables).
    pub source_valid: bool,
    /// Whether every gate passed, freshness included: the one member that a consumer must ask.
    pub valid_for_etl: bool,
    /// Why not, one sentence each; empty when valid.
    pub invalid_reasons: Vec<String>,
    /// The newest value of the freshness column by table, RFC 3339 with the job's offset.
    /// Tables are `database.table` when several databases were dumped.
    pub max_updated_at_by_table: BTreeMap<String, Option<String>>,
    /// The newest of them all.
    pub source_table_max_updated_at: Option<String>,

    /// The form of this document; grows when a member changes its meaning.
    pub manifest_version: u32,
    /// The databases, in order.
    pub databases: Vec<String>,
    /// SHA-256 of the SQL before compression, lower-case hex.
    pub uncompressed_sha256: String,
    /// The SQL's size in bytes.
    pub uncompressed_size_bytes: u64,
    /// `gzip`, `gzip-single`, `zstd` or `none`.
    pub compression: String,
    /// All rows.
    pub row_count: u64,
    /// Tables whose rows were dumped.
    pub table_count: usize,
    /// Table by table, in the dump's order.
    pub tables: Vec<ManifestTable>,
    /// The instant that the dump shows.
    pub snapshot: SnapshotInfo,
    /// The server, by its own word.
    pub server: ServerIdentity,
    /// What made it.
    pub tool: Tool,
}

/// One table in a [`Manifest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ManifestTable {
    /// The database.
    pub database: String,
    /// The table.
    pub name: String,
    /// Its rows.
    pub rows: u64,
    /// The bytes of its INSERT statements, uncompressed.
    pub bytes: u64,
    /// SHA-256 of those bytes.
    pub sha256: String,
}

/// What made a dump.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Tool {
    /// This crate.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whose client's bytes were printed.
    pub flavour: crate::Flavour,
    /// That client's release: `mysql 9.7.4`.
    #[serde(default)]
    pub client: String,
    /// mysqldump's options, as applied and in order.
    pub options: Vec<String>,
    /// From connecting to the last byte, in milliseconds.
    pub elapsed_ms: u64,
}

/// What only the caller knows about a dump.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct ManifestFacts {
    /// The run.
    pub run_id: String,
    /// The day, `YYYY-MM-DD`.
    pub dump_date: String,
    /// The object's key.
    pub dump_key: String,
    /// The object's `ETag`, without quotes, if the store gave one.
    pub dump_etag: Option<String>,
    /// The host that was dialled.
    pub source_host: String,
    /// The port that was dialled.
    pub source_port: u16,
    /// Whether the source passed its guards.
    pub source_valid: bool,
    /// The gates that failed, one sentence each; any makes the dump invalid for consumers.
    pub invalid_reasons: Vec<String>,
    /// IANA name of the zone that times are written in.
    pub time_zone: String,
    /// IANA name of the zone that DATETIME columns are kept in.
    pub datetime_zone: String,
}

impl Manifest {
    /// Joins what the dump knows with what the caller knows.
    ///
    /// An unknown `time_zone` falls back to UTC: check the names before the dump.
    #[must_use]
    pub fn new(report: &DumpReport, facts: ManifestFacts) -> Self {
        let qualified = report.databases.len() > 1;
        let gaps = report
            .failures
            .iter()
            .map(|failure| format!("incomplete: {failure}"));
        let invalid_reasons: Vec<String> = facts.invalid_reasons.into_iter().chain(gaps).collect();
        let mut newest = None;
        let mut by_table = BTreeMap::new();
        for table in &report.tables {
            let zoned = table
                .max_updated_at
                .as_ref()
                .and_then(|max| max.zoned(&facts.datetime_zone, &facts.time_zone));
            let Some(zoned) = zoned else { continue };
            let name = if qualified {
                format!("{}.{}", table.database, table.name)
            } else {
                table.name.clone()
            };
            by_table.insert(name, Some(zoned.text.clone()));
            if newest
                .as_ref()
                .is_none_or(|(seconds, _)| zoned.epoch_seconds > *seconds)
            {
                newest = Some((zoned.epoch_seconds, zoned.text));
            }
        }
        let zone = TimeZone::get(&facts.time_zone).unwrap_or(TimeZone::UTC);
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
            source_database: report.databases.join(","),
            source_port: facts.source_port,
            source_valid: facts.source_valid,
            valid_for_etl: facts.source_valid && invalid_reasons.is_empty(),
            invalid_reasons,
            max_updated_at_by_table: by_table,
            source_table_max_updated_at: newest.map(|(_, text)| text),
            manifest_version: 1,
            databases: report.databases.clone(),
            uncompressed_sha256: report.uncompressed_sha256.clone(),
            uncompressed_size_bytes: report.uncompressed_bytes,
            compression: report.compression.clone(),
            row_count: report.rows,
            table_count: report.tables.len(),
            tables: report
                .tables
                .iter()
                .map(|table| ManifestTable {
                    database: table.database.clone(),
                    name: table.name.clone(),
                    rows: table.rows,
                    bytes: table.bytes,
                    sha256: table.sha256.clone(),
                })
                .collect(),
            snapshot: report.snapshot.clone(),
            server: report.server.clone(),
            tool: Tool {
                name: env!("CARGO_PKG_NAME").into(),
                version: env!("CARGO_PKG_VERSION").into(),
                flavour: report.flavour,
                client: report.client.clone(),
                options: report.options.clone(),
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
