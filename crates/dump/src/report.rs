//! What a dump knows about itself when its last byte is written.

use std::time::Duration;

use jiff::civil;
use jiff::tz::{Offset, TimeZone};
use serde::{Deserialize, Serialize};

use crate::flavour::Flavour;

/// Which server was dumped, by its own word: the guard against a DNS name that was repointed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServerIdentity {
    /// The dialect of its client.
    pub flavour: Flavour,
    /// `@@version`.
    pub version: String,
    /// `@@version_comment`.
    pub version_comment: String,
    /// `@@hostname`: the machine's own name, whatever name was dialled.
    pub hostname: String,
    /// `@@port`.
    pub port: Option<u16>,
    /// `@@server_id`.
    pub server_id: Option<u64>,
    /// `@@server_uuid` (MySQL only).
    pub server_uuid: Option<String>,
    /// `@@read_only`: true on a replica that refuses writes.
    pub read_only: Option<bool>,
    /// `@@aurora_version`, on Aurora.
    pub aurora_version: Option<String>,
    /// `@@aurora_server_id`, on Aurora: the instance's name.
    pub aurora_server_id: Option<String>,
    /// `@@system_time_zone`.
    pub system_time_zone: String,
    /// `@@global.time_zone`.
    pub time_zone: String,
}

/// How consistency was had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SnapshotKind {
    /// `START TRANSACTION WITH CONSISTENT SNAPSHOT`: one instant for all InnoDB tables.
    ConsistentSnapshot,
    /// `FLUSH TABLES WITH READ LOCK` for the whole dump: one instant for all tables.
    GlobalReadLock,
    /// `LOCK TABLES … READ`: one instant per database.
    LockTables,
    /// Neither: each table has an instant of its own.
    None,
}

impl SnapshotKind {
    /// The kind that these options ask for.
    pub(crate) fn of(options: &crate::options::DumpOptions) -> Self {
        if options.single_transaction {
            Self::ConsistentSnapshot
        } else if options.locks_all_tables() {
            Self::GlobalReadLock
        } else if options.locks_each_database() {
            Self::LockTables
        } else {
            Self::None
        }
    }
}

/// The instant that the dump shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SnapshotInfo {
    /// How it was taken.
    pub kind: SnapshotKind,
    /// The server's clock (UTC, RFC 3339, microseconds) just after it was taken.
    pub taken_at: String,
    /// The UTC offset, in seconds, in which TIMESTAMP values were read.
    pub timestamp_offset_seconds: i32,
}

/// The newest value of a freshness column, as the snapshot had it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MaxTimestamp {
    /// The server's text: `2026-11-23 05:12:33`, with a fraction if the column has one.
    pub text: String,
    /// Whether the column is a TIMESTAMP, an instant; else a DATETIME or DATE, which has no zone.
    pub is_instant: bool,
    /// The offset in which a TIMESTAMP was read, in seconds.
    pub offset_seconds: i32,
}

/// A [`MaxTimestamp`] with its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ZonedTimestamp {
    /// Seconds since 1970-01-01 UTC.
    pub epoch_seconds: i64,
    /// RFC 3339 with the offset of the zone asked for: `2026-11-23T05:12:33+09:00`.
    pub text: String,
}

impl MaxTimestamp {
    /// Gives the value a zone: a TIMESTAMP has its own, a DATETIME or DATE is read as local
    /// time of `datetime_zone`; the text is written in `output_zone` (both IANA names).
    ///
    /// Returns `None` for a name that is no zone, and for a text that is no date.
    #[must_use]
    pub fn zoned(&self, datetime_zone: &str, output_zone: &str) -> Option<ZonedTimestamp> {
        let normal = self.text.replacen(' ', "T", 1);
        let local = normal
            .parse::<civil::DateTime>()
            .or_else(|_| {
                normal
                    .parse::<civil::Date>()
                    .map(|date| date.at(0, 0, 0, 0))
            })
            .ok()?;
        let source_zone = if self.is_instant {
            TimeZone::fixed(Offset::from_seconds(self.offset_seconds).ok()?)
        } else {
            TimeZone::get(datetime_zone).ok()?
        };
        let zoned = local.to_zoned_datetime(source_zone).ok()?;
        let output = zoned.with_time_zone(TimeZone::get(output_zone).ok()?);
        Some(ZonedTimestamp {
            epoch_seconds: zoned.timestamp().as_second(),
            text: output.strftime("%Y-%m-%dT%H:%M:%S%.f%:z").to_string(),
        })
    }
}

/// One table of the dump.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableReport {
    /// The database.
    pub database: String,
    /// The table.
    pub name: String,
    /// Its rows in the dump.
    pub rows: u64,
    /// The bytes of its INSERT statements, uncompressed.
    pub bytes: u64,
    /// SHA-256 of those bytes, lower-case hex.
    pub sha256: String,
    /// The newest value of the freshness column, where the table has it and holds rows.
    pub max_updated_at: Option<MaxTimestamp>,
}

/// A finished dump: all bytes are with the sink; nothing is published yet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DumpReport {
    /// The server.
    pub server: ServerIdentity,
    /// The instant.
    pub snapshot: SnapshotInfo,
    /// The databases, in order.
    pub databases: Vec<String>,
    /// The tables whose rows were dumped, in order.
    pub tables: Vec<TableReport>,
    /// What could not be read, where the options let the dump go on without it (`--force`,
    /// `--ignore-error`) or the real client passes it over. Not empty: the dump has gaps, though
    /// it ends like a whole one.
    pub failures: Vec<String>,
    /// mysqldump's options as they were applied, in order.
    pub options: Vec<String>,
    /// The dialect printed.
    pub flavour: Flavour,
    /// The release whose output was printed: `mysql 9.7.4`.
    pub client: String,
    /// `gzip`, `gzip-single`, `zstd` or `none`.
    pub compression: String,
    /// All rows.
    pub rows: u64,
    /// Bytes of the SQL.
    pub uncompressed_bytes: u64,
    /// SHA-256 of the SQL, lower-case hex.
    pub uncompressed_sha256: String,
    /// Bytes that the sink has taken.
    pub stored_bytes: u64,
    /// SHA-256 of what the sink has taken, lower-case hex.
    pub stored_sha256: String,
    /// From connecting to the last byte.
    pub elapsed: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn max(text: &str, is_instant: bool) -> MaxTimestamp {
        MaxTimestamp {
            text: text.into(),
            is_instant,
            offset_seconds: 0,
        }
    }

    #[test]
    fn a_timestamp_is_moved_and_a_datetime_is_read_locally() {
        let moved = max("2026-11-22 20:30:00", true)
            .zoned("Asia/Tokyo", "Asia/Tokyo")
            .unwrap();
        assert_eq!(moved.text, "2026-11-23T05:30:00+09:00");
        let local = max("2026-11-23 05:30:00.25", false)
            .zoned("Asia/Tokyo", "Asia/Tokyo")
            .unwrap();
        assert_eq!(local.text, "2026-11-23T05:30:00.25+09:00");
        assert_eq!(local.epoch_seconds, moved.epoch_seconds);
        let date = max("2026-11-23", false).zoned("UTC", "Asia/Tokyo").unwrap();
        assert_eq!(date.text, "2026-11-23T09:00:00+09:00");
        assert_eq!(max("0000-00-00 00:00:00", false).zoned("UTC", "UTC"), None);
        assert_eq!(max("2026-11-23", false).zoned("Mars/Olympus", "UTC"), None);
    }
}
