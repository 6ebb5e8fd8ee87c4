//! The consistent instant: how it is taken, kept per table, and given back.

use super::position::{Position, read_position, snapshot_tells_position};
use super::session::{Forms, Session};
use crate::error::{Error, ErrorKind};
use crate::flavour::Client;
use crate::options::{DumpOptions, SetGtidPurged, Terminology};
use crate::report::{ServerIdentity, SnapshotInfo, SnapshotKind};

/// A snapshot that stands.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) info: SnapshotInfo,
    /// `@@GLOBAL.GTID_EXECUTED`, when the header is to carry it.
    pub(crate) gtid_executed: Option<String>,
    /// Where the binary log stood, when the dump is to tell it.
    pub(crate) position: Option<Position>,
}

impl Snapshot {
    /// Prepares the session as the real clients do, and takes the snapshot that the options
    /// ask for.
    pub(crate) async fn take(
        session: &mut Session,
        options: &DumpOptions,
        server: &ServerIdentity,
        client: Client,
    ) -> Result<Self, Error> {
        prepare(session, options, server, client).await?;
        let wants_gtid = wants_gtid(session, options, server, client).await?;
        let kind = SnapshotKind::of(options);
        let (gtid_executed, position) = instant(session, options, server, kind, wants_gtid)
            .await
            .map_err(as_snapshot)?;
        if options.source_data.is_some() && position.is_none() && !options.force {
            return Err(Error::snapshot(
                "--source-data asks for the position of the binary log, but the server writes none",
            ));
        }
        let clock = session.clock().await?;
        Ok(Self {
            info: SnapshotInfo {
                kind,
                taken_at: clock.now,
                timestamp_offset_seconds: clock.offset_seconds,
            },
            gtid_executed,
            position,
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
            // A global lock is held to the end of the connection.
            SnapshotKind::GlobalReadLock | SnapshotKind::None => Ok(()),
        }
    }
}

/// Session variables: the ones that change bytes, and those that keep a slow sink from
/// getting the connection cut.
async fn prepare(
    session: &mut Session,
    options: &DumpOptions,
    server: &ServerIdentity,
    client: Client,
) -> Result<(), Error> {
    let step = "set up the session";
    let charset = options.charset(client);
    let mode = options.compatible.sql_mode();
    if !mode.is_empty() {
        session
            .run(step, &format!("/*!40100 SET @@SQL_MODE='{mode}' */"))
            .await?;
    }
    if options.tz_utc(client) {
        session
            .run(step, "/*!40103 SET TIME_ZONE='+00:00' */")
            .await?;
    }
    for sql in variables(options, server) {
        session.run(step, &sql).await?;
    }
    session
        .set_forms(Forms {
            charset: charset.name().to_owned(),
            raw_definitions: !options.compatible.without_charsets(),
            asks_tables_in_charset: server.flavour.is_mariadb(),
            before_definitions: Some(before_definitions(options, server)),
        })
        .await
}

fn variables(options: &DumpOptions, server: &ServerIdentity) -> Vec<String> {
    let mut statements = Vec::new();
    if server.flavour.is_mariadb() {
        statements.push("SET SESSION max_statement_time=0".to_owned());
    } else {
        // Otherwise AUTO_INCREMENT= in SHOW CREATE TABLE may be a day old.
        statements.push("/*!80000 SET SESSION information_schema_stats_expiry=0 */".into());
        statements.push("/*!50704 SET SESSION max_execution_time=0 */".into());
        if !options.secondary_engine {
            statements
                .push("/*!80018 SET SESSION show_create_table_skip_secondary_engine=1 */".into());
        }
        if !options.generated_primary_key {
            statements.push(
                "/*!80030 SET SESSION show_gipk_in_create_table_and_information_schema=OFF */"
                    .into(),
            );
        }
        if options.events || options.source_data.is_some() {
            let words = match options.terminology {
                Terminology::Server => "NONE",
                Terminology::Before820 | Terminology::Before8023 => "BEFORE_8_2_0",
            };
            statements.push(format!(
                "/*!80200 SET SESSION terminology_use_previous={words} */"
            ));
        }
    }
    statements.push(
        "SET SESSION net_read_timeout=86400, SESSION net_write_timeout=86400, \
         SESSION wait_timeout=86400"
            .into(),
    );
    statements
}

/// What decides the look of definitions.
fn before_definitions(options: &DumpOptions, server: &ServerIdentity) -> String {
    let quote = u8::from(options.quote_names || options.allow_keywords);
    let mut sql = format!("SET SQL_QUOTE_SHOW_CREATE={quote}");
    if !options.create_options && server.flavour.is_mariadb() {
        sql.push_str(
            ", SQL_MODE=CONCAT(@@SQL_MODE, ',NO_KEY_OPTIONS,NO_TABLE_OPTIONS,NO_FIELD_OPTIONS')",
        );
    }
    sql
}

/// Takes the instant, and what has to be known of it: executed GTIDs and the position.
async fn instant(
    session: &mut Session,
    options: &DumpOptions,
    server: &ServerIdentity,
    kind: SnapshotKind,
    wants_gtid: bool,
) -> Result<(Option<String>, Option<Position>), Error> {
    let wants_position = options.source_data.is_some();
    let in_transaction = kind == SnapshotKind::ConsistentSnapshot;
    let from_snapshot =
        wants_position && in_transaction && snapshot_tells_position(session, server).await?;
    // GTIDs or a position and the snapshot must be of one instant: the real clients lock too.
    let briefly = in_transaction && (wants_gtid || (wants_position && !from_snapshot));
    if briefly || kind == SnapshotKind::GlobalReadLock {
        let step = "keep writers out";
        session.run(step, "FLUSH /*!40101 LOCAL */ TABLES").await?;
        session.run(step, "FLUSH TABLES WITH READ LOCK").await?;
    }
    if in_transaction {
        let step = "start the transaction";
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
    }
    let gtid_executed = if wants_gtid {
        let sql = "SELECT @@GLOBAL.GTID_EXECUTED";
        Some(session.one("read the GTID set", sql).await?.text(0))
    } else {
        None
    };
    let position = if wants_position {
        read_position(session, server, from_snapshot).await?
    } else {
        None
    };
    if in_transaction {
        session.run("let writers in", "UNLOCK TABLES").await?;
    }
    Ok((gtid_executed, position))
}

async fn wants_gtid(
    session: &mut Session,
    options: &DumpOptions,
    server: &ServerIdentity,
    client: Client,
) -> Result<bool, Error> {
    let of_mysql = !server.flavour.is_mariadb() && !client.is_mariadb();
    if !of_mysql || options.set_gtid_purged == SetGtidPurged::Off {
        return Ok(false);
    }
    let mode = session
        .rows("read the GTID mode", "SHOW VARIABLES LIKE 'gtid_mode'")
        .await?;
    let enabled = mode
        .first()
        .is_some_and(|row| !row.text(1).eq_ignore_ascii_case("OFF"));
    if !enabled && options.set_gtid_purged != SetGtidPurged::Auto {
        return Err(Error::snapshot(
            "--set-gtid-purged asks for GTIDs, but the server has them disabled",
        ));
    }
    Ok(enabled)
}

/// Whatever the server says here, a missing privilege included, is about the snapshot.
fn as_snapshot(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Cancelled | ErrorKind::Stalled => error,
        _ => Error::Snapshot {
            code: error.code().unwrap_or(0),
            reason: error.to_string(),
        },
    }
}
