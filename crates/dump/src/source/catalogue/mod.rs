//! What there is to dump: lists of objects and their definitions, as the server prints them.

mod programs;
mod sequences;
mod tables;
mod views;

use std::collections::HashMap;

pub(crate) use programs::{
    Context, Program, RoutineKind, database_collation, events, routines, sees_all_routines,
    triggers,
};
pub(crate) use sequences::{create_sequence, next_value};
pub(crate) use tables::{
    ColumnEntry, Histogram, columns, create_table, has_a_row, histograms, keeps_rows_elsewhere,
    primary_order,
};
pub(crate) use views::{ViewDefinition, create_view, view_columns, view_facts};

use super::session::{Results, Session};
use crate::error::Error;
use crate::options::{Charset, Letters};
use crate::sql::{like, name as quoted, string};

/// A table, view or sequence of a database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectEntry {
    pub(crate) name: String,
    pub(crate) kind: ObjectKind,
    pub(crate) engine: String,
    /// Whether its rows are dumped: the plan decides.
    pub(crate) has_rows: bool,
    pub(crate) estimated_rows: u64,
    pub(crate) estimated_bytes: u64,
    /// Its columns when the plan was made.
    pub(crate) columns: Vec<ColumnEntry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    Table,
    /// A table that keeps old versions of its rows (MariaDB).
    VersionedTable,
    View,
    Sequence,
}

impl ObjectKind {
    pub(crate) fn is_table(self) -> bool {
        matches!(self, Self::Table | Self::VersionedTable)
    }
}

/// The letters of the dump's character set, as the server has them.
pub(crate) async fn letters(session: &mut Session, charset: &Charset) -> Result<Letters, Error> {
    if charset.shows_names_as_utf8() {
        return Ok(Letters::All);
    }
    let bytes: String = (0x80..=0xFF).map(|byte| format!("{byte:02X}")).collect();
    // In hex, for a session that can have no text unconverted.
    let sql = format!(
        "SELECT HEX(CONVERT(_{} X'{bytes}' USING utf8mb4))",
        charset.name()
    );
    let hex = session.one("read the character set", &sql).await?.text(0);
    let digits: Vec<char> = hex.chars().collect();
    let characters = digits.chunks(2).map(|pair| {
        let pair: String = pair.iter().collect();
        u8::from_str_radix(&pair, 16).unwrap_or(b'?')
    });
    let characters: Vec<u8> = characters.collect();
    Ok(Letters::of_upper_half(&String::from_utf8_lossy(
        &characters,
    )))
}

/// Makes a database the current one.
pub(crate) async fn use_database(session: &mut Session, database: &str) -> Result<(), Error> {
    session
        .run(
            &format!("use database {database}"),
            &format!("USE {}", quoted(database)),
        )
        .await
}

/// All databases that this user sees, in the server's order.
pub(crate) async fn databases(session: &mut Session) -> Result<Vec<String>, Error> {
    session.set_results(Results::Definitions).await?;
    let rows = session.rows("list the databases", "SHOW DATABASES").await?;
    Ok(rows.iter().map(|row| row.text(0)).collect())
}

/// What the server tells of a table.
#[derive(Debug, Clone, Default)]
struct Facts {
    engine: String,
    estimated_rows: u64,
    estimated_bytes: u64,
    versioned: bool,
}

/// The name of a table as the server spells it, where it knows one by this name.
pub(crate) async fn spelled(
    session: &mut Session,
    database: &str,
    table: &str,
) -> Result<Option<String>, Error> {
    session.set_results(Results::Definitions).await?;
    let sql = format!("SHOW TABLES FROM {} LIKE {}", quoted(database), like(table));
    let rows = session
        .rows(&format!("find the tables of {database}"), &sql)
        .await?;
    Ok(rows.first().map(|row| row.text(0)))
}

/// Tables, views and sequences of a database, in the order of `SHOW TABLES` or by size.
pub(crate) async fn objects(
    session: &mut Session,
    database: &str,
    by_size: bool,
) -> Result<Vec<ObjectEntry>, Error> {
    session.set_results(Results::Definitions).await?;
    let step = format!("list the tables of {database}");
    let sql = format!(
        "SELECT TABLE_NAME, ENGINE, TABLE_ROWS, DATA_LENGTH, TABLE_TYPE \
         FROM INFORMATION_SCHEMA.TABLES \
         WHERE TABLE_SCHEMA = {}",
        string(database)
    );
    let facts: HashMap<String, Facts> = session
        .rows(&step, &sql)
        .await?
        .iter()
        .map(|row| {
            let estimate = |column| row.number(column).unwrap_or(0);
            let facts = Facts {
                engine: row.text(1),
                estimated_rows: estimate(2),
                estimated_bytes: estimate(3),
                // SHOW FULL TABLES calls these tables like any other.
                versioned: row.bytes(4) == b"SYSTEM VERSIONED",
            };
            (row.text(0), facts)
        })
        .collect();
    let mut columns = tables::all_columns(session, database).await?;
    let list = if by_size {
        format!(
            "SELECT TABLE_NAME, TABLE_TYPE FROM INFORMATION_SCHEMA.TABLES \
             WHERE TABLE_SCHEMA = {} ORDER BY DATA_LENGTH, TABLE_NAME",
            string(database)
        )
    } else {
        format!("SHOW FULL TABLES FROM {}", quoted(database))
    };
    let listed = session.rows(&step, &list).await?;
    Ok(listed
        .iter()
        .map(|row| {
            let name = row.text(0);
            let facts = facts.get(&name).cloned().unwrap_or_default();
            let kind = match row.text(1).as_str() {
                "VIEW" | "SYSTEM VIEW" => ObjectKind::View,
                "SEQUENCE" => ObjectKind::Sequence,
                _ if facts.versioned => ObjectKind::VersionedTable,
                _ => ObjectKind::Table,
            };
            let columns = columns.remove(&name).unwrap_or_default();
            ObjectEntry {
                name,
                kind,
                engine: facts.engine,
                has_rows: kind.is_table(),
                estimated_rows: facts.estimated_rows,
                estimated_bytes: facts.estimated_bytes,
                columns,
            }
        })
        .collect())
}

/// `CREATE DATABASE`, in the server's words.
pub(crate) async fn create_database(
    session: &mut Session,
    database: &str,
) -> Result<Vec<u8>, Error> {
    session.set_results(Results::Values).await?;
    let sql = format!("SHOW CREATE DATABASE IF NOT EXISTS {}", quoted(database));
    let row = session
        .one(&format!("read the definition of database {database}"), &sql)
        .await?;
    Ok(row.bytes(1).to_vec())
}
