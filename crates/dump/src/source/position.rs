//! The binary log's position of the instant that is dumped.

use super::session::Session;
use crate::error::Error;
use crate::flavour::Flavour;
use crate::report::ServerIdentity;
use crate::sql::string;

/// A position of the binary log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) file: String,
    pub(crate) offset: String,
    /// MariaDB's GTID of the same instant.
    pub(crate) gtid: Option<String>,
}

/// Whether a transaction's snapshot tells its own position (MariaDB), so that no lock is
/// needed to have both of one instant.
pub(crate) async fn snapshot_tells_position(
    session: &mut Session,
    server: &ServerIdentity,
) -> Result<bool, Error> {
    Ok(server.flavour == Flavour::Mariadb && of_snapshot(session).await?.is_some())
}

/// The position of the transaction's snapshot, else of this instant; `None` without a binary
/// log. For the latter the caller keeps writers out.
pub(crate) async fn read_position(
    session: &mut Session,
    server: &ServerIdentity,
    from_snapshot: bool,
) -> Result<Option<Position>, Error> {
    let mariadb = server.flavour == Flavour::Mariadb;
    let found = if from_snapshot {
        of_snapshot(session).await?
    } else {
        of_log(session, mariadb).await?
    };
    let Some((file, offset)) = found else {
        return Ok(None);
    };
    let gtid = if mariadb {
        let sql = if from_snapshot {
            format!(
                "SELECT BINLOG_GTID_POS({}, {})",
                string(&file),
                string(&offset)
            )
        } else {
            "SELECT @@GLOBAL.gtid_binlog_pos".into()
        };
        Some(session.one(STEP, &sql).await?.text(0))
    } else {
        None
    };
    Ok(Some(Position { file, offset, gtid }))
}

const STEP: &str = "read the position of the binary log";

async fn of_snapshot(session: &mut Session) -> Result<Option<(String, String)>, Error> {
    let rows = session
        .rows(STEP, "SHOW STATUS LIKE 'binlog_snapshot_%'")
        .await?;
    let value = |name: &str| {
        rows.iter()
            .find(|row| row.text(0).eq_ignore_ascii_case(name))
            .map(|row| row.text(1))
    };
    Ok(value("Binlog_snapshot_file")
        .zip(value("Binlog_snapshot_position"))
        .filter(|(file, _)| !file.is_empty()))
}

async fn of_log(session: &mut Session, mariadb: bool) -> Result<Option<(String, String)>, Error> {
    let rows = if mariadb {
        session.rows(STEP, "SHOW MASTER STATUS").await?
    } else {
        // MySQL 8.4 dropped the older statement, and only 8.2 brought the newer one.
        match session.rows(STEP, "SHOW BINARY LOG STATUS").await {
            Err(error) if error.code() == Some(ER_PARSE_ERROR) => {
                session.rows(STEP, "SHOW MASTER STATUS").await?
            }
            other => other?,
        }
    };
    Ok(rows
        .first()
        .map(|row| (row.text(0), row.text(1)))
        .filter(|(file, _)| !file.is_empty()))
}

const ER_PARSE_ERROR: u16 = 1064;
