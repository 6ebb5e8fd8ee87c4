//! The consistent instant: how it is taken, kept per table, and given back.

use super::session::Session;
use crate::error::{Error, ErrorKind};
use crate::options::{DumpOptions, SetGtidPurged};
use crate::report::{ServerIdentity, SnapshotInfo, SnapshotKind};

/// A snapshot that stands.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) info: SnapshotInfo,
    /// `@@GLOBAL.GTID_EXECUTED`, when the header is to carry it.
    pub(crate) gtid_executed: Option<String>,
}

impl Snapshot {
    /// Prepares the session as the real clients do, and takes the snapshot that the options
    /// ask for.
    pub(crate) async fn take(
        session: &mut Session,
        options: &DumpOptions,
        server: &ServerIdentity,
        tz_utc: bool,
    ) -> Result<Self, Error> {
        prepare(session, server, tz_utc).await?;
        let wants_gtid = wants_gtid(session, options, server).await?;
        let mut gtid_executed = None;
        let kind = SnapshotKind::of(options);
        if kind == SnapshotKind::ConsistentSnapshot {
            start_transaction(session, wants_gtid, &mut gtid_executed)
                .await
                .map_err(as_snapshot)?;
        } else if wants_gtid {
            gtid_executed = Some(read_gtid(session).await?);
        }
        let clock = session
            .one(
                "read the server's clock",
                "SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ'), \
                 TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW())",
            )
            .await?;
        let offset = String::from_utf8_lossy(clock.bytes(1)).parse().unwrap_or(0);
        Ok(Self {
            info: SnapshotInfo {
                kind,
                taken_at: clock.text(0),
                timestamp_offset_seconds: offset,
            },
            gtid_executed,
        })
    }

    /// Locks a database's tables and views, unless a transaction makes that needless.
    pub(crate) async fn begin_database(
        &self,
        session: &mut Session,
        names: &[String],
    ) -> Result<(), Error> {
        match self.info.kind {
            SnapshotKind::ConsistentSnapshot => {
                session.run("set a savepoint", "SAVEPOINT sp").await
            }
            SnapshotKind::LockTables if !names.is_empty() => {
                let list: Vec<String> = names
                    .iter()
                    .map(|name| format!("{name} READ /*!32311 LOCAL */"))
                    .collect();
                let sql = format!("LOCK TABLES {}", list.join(","));
                session
                    .run("lock the tables", &sql)
                    .await
                    .map_err(as_snapshot)
            }
            _ => Ok(()),
        }
    }

    /// Frees a table's metadata lock, so that a DDL statement need not wait for the whole dump.
    pub(crate) async fn after_table(&self, session: &mut Session) -> Result<(), Error> {
        if self.info.kind == SnapshotKind::ConsistentSnapshot {
            session
                .run("go back to the savepoint", "ROLLBACK TO SAVEPOINT sp")
                .await?;
        }
        Ok(())
    }

    /// Ends what [`begin_database`](Self::begin_database) began.
    pub(crate) async fn end_database(&self, session: &mut Session) -> Result<(), Error> {
        match self.info.kind {
            SnapshotKind::ConsistentSnapshot => {
                session
                    .run("release the savepoint", "RELEASE SAVEPOINT sp")
                    .await
            }
            SnapshotKind::LockTables => session.run("unlock the tables", "UNLOCK TABLES").await,
            SnapshotKind::None => Ok(()),
        }
    }
}

/// Session variables: the ones that change bytes, and those that keep a slow sink from
/// getting the connection cut.
async fn prepare(
    session: &mut Session,
    server: &ServerIdentity,
    tz_utc: bool,
) -> Result<(), Error> {
    let step = "set up the session";
    if tz_utc {
        session
            .run(step, "/*!40103 SET TIME_ZONE='+00:00' */")
            .await?;
    }
    if server.flavour.is_mariadb() {
        session
            .run(step, "SET SESSION max_statement_time=0")
            .await?;
    } else {
        // Otherwise AUTO_INCREMENT= in SHOW CREATE TABLE may be a day old.
        session
            .run(
                step,
                "/*!80000 SET SESSION information_schema_stats_expiry=0 */",
            )
            .await?;
        session
            .run(step, "/*!50704 SET SESSION max_execution_time=0 */")
            .await?;
    }
    session
        .run(
            step,
            "SET SESSION net_read_timeout=86400, SESSION net_write_timeout=86400, \
             SESSION wait_timeout=86400, SESSION sql_quote_show_create=1",
        )
        .await
}

async fn start_transaction(
    session: &mut Session,
    wants_gtid: bool,
    gtid_executed: &mut Option<String>,
) -> Result<(), Error> {
    let step = "start the transaction";
    if wants_gtid {
        // The GTID set and the snapshot must be of one instant: mysqldump locks for it too.
        session
            .run("lock for the GTID set", "FLUSH /*!40101 LOCAL */ TABLES")
            .await?;
        session
            .run(
                "lock for the GTID set",
                "FLUSH /*!40101 LOCAL */ TABLES WITH READ LOCK",
            )
            .await?;
    }
    session
        .run(
            step,
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        )
        .await?;
    session
        .run(
            step,
            "START TRANSACTION /*!40100 WITH CONSISTENT SNAPSHOT */",
        )
        .await?;
    if wants_gtid {
        *gtid_executed = Some(read_gtid(session).await?);
    }
    session.run(step, "UNLOCK TABLES").await
}

async fn wants_gtid(
    session: &mut Session,
    options: &DumpOptions,
    server: &ServerIdentity,
) -> Result<bool, Error> {
    if server.flavour.is_mariadb() || options.set_gtid_purged == SetGtidPurged::Off {
        return Ok(false);
    }
    let mode = session
        .rows("read the GTID mode", "SHOW VARIABLES LIKE 'gtid_mode'")
        .await?;
    let enabled = mode
        .first()
        .is_some_and(|row| !row.text(1).eq_ignore_ascii_case("OFF"));
    if !enabled && options.set_gtid_purged != SetGtidPurged::Auto {
        return Err(Error::Snapshot {
            reason: "--set-gtid-purged asks for GTIDs, but the server has them disabled".into(),
        });
    }
    Ok(enabled)
}

async fn read_gtid(session: &mut Session) -> Result<String, Error> {
    Ok(session
        .one("read the GTID set", "SELECT @@GLOBAL.GTID_EXECUTED")
        .await?
        .text(0))
}

/// Whatever the server says here, a missing privilege included, is about the snapshot.
fn as_snapshot(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Cancelled | ErrorKind::Stalled => error,
        _ => Error::Snapshot {
            reason: error.to_string(),
        },
    }
}
