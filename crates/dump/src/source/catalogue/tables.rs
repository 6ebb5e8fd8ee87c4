//! Tables: definitions, columns, keys, histograms.

use std::collections::HashMap;

use super::super::session::{Record, Results, Session};
use crate::error::Error;
use crate::flavour::Flavour;
use crate::sql::{name as quoted, qualified, string};

/// A column, in as far as it decides the INSERT's column list and the meaning of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnEntry {
    pub(crate) name: String,
    pub(crate) column_type: String,
    pub(crate) generated: bool,
    pub(crate) invisible: bool,
    /// The beginning of a row version, where the table declares it (MariaDB).
    pub(crate) row_start: bool,
}

impl ColumnEntry {
    /// From COLUMN_NAME, COLUMN_TYPE, EXTRA and GENERATION_EXPRESSION, in the columns from
    /// `first` on.
    fn from_record(row: &Record, first: usize) -> Self {
        Self {
            row_start: row.bytes(first + 3) == b"ROW START",
            ..Self::new(row.text(first), row.text(first + 1), &row.text(first + 2))
        }
    }

    /// From SHOW FIELDS: Field, Type, Null, Key, Default, Extra.
    fn from_field(row: &Record) -> Self {
        Self::new(row.text(0), row.text(1), &row.text(5))
    }

    fn new(name: String, column_type: String, extra: &str) -> Self {
        let extra = extra.to_ascii_uppercase();
        Self {
            name,
            column_type,
            generated: GENERATED.contains(&extra.as_str()),
            invisible: extra.contains("INVISIBLE"),
            row_start: false,
        }
    }
}

/// What MySQL's clients know a generated column by. They compare the whole text, so that a hidden
/// one of a MariaDB server (`STORED GENERATED, INVISIBLE`) is an ordinary column to them.
const GENERATED: &[&str] = &[
    "STORED GENERATED",
    "STORED GENERATED INVISIBLE",
    "VIRTUAL GENERATED",
    "VIRTUAL GENERATED INVISIBLE",
];

/// A histogram's column, and the number of buckets that it was asked to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Histogram {
    pub(crate) column: String,
    pub(crate) buckets: String,
}

/// `CREATE TABLE`, in the server's words and bytes.
pub(crate) async fn create_table(session: &mut Session, table: &str) -> Result<Vec<u8>, Error> {
    session.prepare_definitions().await?;
    session.set_results(Results::Tables).await?;
    let sql = format!("SHOW CREATE TABLE {}", quoted(table));
    let row = session
        .one(&format!("read the definition of table {table}"), &sql)
        .await?;
    Ok(row.bytes(1).to_vec())
}

/// The columns of a table of the current database, in order, by the query of the client: MySQL's
/// is refused where the user may read no row, MariaDB's answers with the columns that it may.
pub(crate) async fn columns(
    session: &mut Session,
    table: &str,
    client: Flavour,
) -> Result<Vec<ColumnEntry>, Error> {
    let step = format!("read the columns of {table}");
    // Here too: what no CREATE TABLE is printed for may have triggers.
    session.prepare_definitions().await?;
    session.set_results(Results::Definitions).await?;
    if client == Flavour::Mysql {
        let rows = session
            .rows(&step, &format!("SHOW FIELDS FROM {}", quoted(table)))
            .await?;
        return Ok(rows.iter().map(ColumnEntry::from_field).collect());
    }
    let sql = format!(
        "SELECT COLUMN_NAME, COLUMN_TYPE, EXTRA, GENERATION_EXPRESSION \
         FROM INFORMATION_SCHEMA.COLUMNS \
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = {} ORDER BY ORDINAL_POSITION",
        string(table)
    );
    let rows = session.rows(&step, &sql).await?;
    Ok(rows
        .iter()
        .map(|row| ColumnEntry::from_record(row, 0))
        .collect())
}

/// The columns of all tables of a database.
pub(super) async fn all_columns(
    session: &mut Session,
    database: &str,
) -> Result<HashMap<String, Vec<ColumnEntry>>, Error> {
    let sql = format!(
        "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, EXTRA, GENERATION_EXPRESSION \
         FROM INFORMATION_SCHEMA.COLUMNS \
         WHERE TABLE_SCHEMA = {} ORDER BY TABLE_NAME, ORDINAL_POSITION",
        string(database)
    );
    session.set_results(Results::Definitions).await?;
    let rows = session
        .rows(&format!("read the columns of {database}"), &sql)
        .await?;
    let mut columns: HashMap<String, Vec<ColumnEntry>> = HashMap::new();
    for row in &rows {
        columns
            .entry(row.text(0))
            .or_default()
            .push(ColumnEntry::from_record(row, 1));
    }
    Ok(columns)
}

/// The columns to order by, as `SHOW KEYS` lists them: those of the first key if it is unique,
/// or of all unique keys.
pub(crate) async fn primary_order(
    session: &mut Session,
    table: &str,
    all_unique_keys: bool,
) -> Result<Vec<String>, Error> {
    session.set_results(Results::Definitions).await?;
    let sql = format!("SHOW KEYS FROM {}", quoted(table));
    let rows = session
        .rows(&format!("read the keys of {table}"), &sql)
        .await?;
    let first_key = rows.first().map(|row| row.text(2));
    Ok(rows
        .iter()
        .take_while(|row| row.text(1) == "0")
        .filter(|row| all_unique_keys || Some(row.text(2)) == first_key)
        // A part that is an expression has no name.
        .filter(|row| !row.is_null(4))
        .map(|row| row.text(4))
        .collect())
}

/// The histograms of a table (MySQL).
pub(crate) async fn histograms(
    session: &mut Session,
    database: &str,
    table: &str,
) -> Result<Vec<Histogram>, Error> {
    session.set_results(Results::Definitions).await?;
    let sql = format!(
        "SELECT COLUMN_NAME, JSON_EXTRACT(HISTOGRAM, '$.\"number-of-buckets-specified\"') \
         FROM INFORMATION_SCHEMA.COLUMN_STATISTICS WHERE SCHEMA_NAME = {} AND TABLE_NAME = {}",
        string(database),
        string(table)
    );
    let rows = session
        .rows(&format!("read the histograms of {table}"), &sql)
        .await?;
    Ok(rows
        .iter()
        .map(|row| Histogram {
            column: row.text(0),
            buckets: row.text(1),
        })
        .collect())
}

/// Whether a table has at least one row.
pub(crate) async fn has_a_row(
    session: &mut Session,
    database: &str,
    table: &str,
) -> Result<bool, Error> {
    let name = qualified(database, table);
    let sql = format!("SELECT 1 FROM {name} LIMIT 1");
    Ok(!session
        .rows(&format!("look for a row in {name}"), &sql)
        .await?
        .is_empty())
}

/// Engines whose rows live in other tables or other places, as a client's list has them.
///
/// MariaDB's client minds the letter case: it dumps the rows of a MERGE table of MySQL's, whose
/// server shouts the engine's name.
pub(crate) fn keeps_rows_elsewhere(client: Flavour, engine: &str) -> bool {
    match client {
        Flavour::Mysql => ["MRG_MyISAM", "FEDERATED"]
            .iter()
            .any(|listed| engine.eq_ignore_ascii_case(listed)),
        Flavour::Mariadb => [
            "MRG_MyISAM",
            "MRG_ISAM",
            "CONNECT",
            "OQGRAPH",
            "SPIDER",
            "VP",
            "FEDERATED",
        ]
        .contains(&engine),
    }
}
