//! What there is to dump: lists of objects and their definitions, as the server prints them.

use std::collections::HashMap;

use super::session::{Record, Results, Session};
use crate::error::Error;
use crate::flavour::Flavour;
use crate::sql::{like, name as quoted, qualified, string};

/// A table, view or sequence of a database, in the server's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ObjectEntry {
    pub(crate) name: String,
    pub(crate) kind: ObjectKind,
    /// Whether its rows belong to it: not so for MERGE, FEDERATED and their like.
    pub(crate) has_rows: bool,
    pub(crate) estimated_rows: u64,
    pub(crate) estimated_bytes: u64,
    /// Its columns when the plan was made.
    pub(crate) columns: Vec<ColumnEntry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ObjectKind {
    Table,
    View,
    Sequence,
}

/// A column, in as far as it decides the INSERT's column list and the meaning of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ColumnEntry {
    pub(crate) name: String,
    pub(crate) column_type: String,
    pub(crate) generated: bool,
    pub(crate) invisible: bool,
}

impl ColumnEntry {
    /// From COLUMN_NAME, COLUMN_TYPE and EXTRA, in the columns from `first` on.
    fn from_record(row: &Record, first: usize) -> Self {
        let extra = row.text(first + 2).to_ascii_uppercase();
        Self {
            name: row.text(first),
            column_type: row.text(first + 1),
            generated: extra.contains("STORED GENERATED") || extra.contains("VIRTUAL GENERATED"),
            invisible: extra.contains("INVISIBLE"),
        }
    }
}

/// The session settings under which a view, trigger, event or routine was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) client_charset: String,
    pub(crate) connection_collation: String,
    pub(crate) database_collation: String,
}

/// A trigger, event or routine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) name: String,
    pub(crate) sql_mode: String,
    /// Events only.
    pub(crate) time_zone: String,
    /// `None` when the user may not see it.
    pub(crate) definition: Option<Vec<u8>>,
    pub(crate) context: Context,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewDefinition {
    pub(crate) definition: Vec<u8>,
    pub(crate) check_option: String,
    pub(crate) definer: String,
    pub(crate) security_type: String,
    pub(crate) context: Context,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoutineKind {
    Function,
    Procedure,
    Package,
    PackageBody,
}

impl RoutineKind {
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Function => "FUNCTION",
            Self::Procedure => "PROCEDURE",
            Self::Package => "PACKAGE",
            Self::PackageBody => "PACKAGE BODY",
        }
    }

    /// The kinds that a server of this flavour has, in the order of the dump.
    pub(crate) fn of(flavour: Flavour) -> &'static [Self] {
        match flavour {
            Flavour::Mysql => &[Self::Function, Self::Procedure],
            Flavour::Mariadb => &[
                Self::Function,
                Self::Procedure,
                Self::Package,
                Self::PackageBody,
            ],
        }
    }
}

/// Engines whose rows live in other tables or other places.
const ROWLESS_ENGINES: &[&str] = &[
    "MERGE",
    "MRG_MYISAM",
    "FEDERATED",
    "CONNECT",
    "OQGRAPH",
    "SPIDER",
    "VP",
    "S3",
];

/// Makes a database the current one.
pub(crate) async fn use_database(session: &mut Session, database: &str) -> Result<(), Error> {
    session
        .run(
            &format!("use database {database}"),
            &format!("USE {}", quoted(database)),
        )
        .await
}

/// Tables, views and sequences of a database, in the order of `SHOW TABLES`.
pub(crate) async fn objects(
    session: &mut Session,
    database: &str,
) -> Result<Vec<ObjectEntry>, Error> {
    let step = format!("list the tables of {database}");
    let sql = format!(
        "SELECT TABLE_NAME, ENGINE, TABLE_ROWS, DATA_LENGTH FROM INFORMATION_SCHEMA.TABLES \
         WHERE TABLE_SCHEMA = {}",
        string(database)
    );
    let facts: HashMap<String, (String, u64, u64)> = session
        .rows(&step, &sql)
        .await?
        .iter()
        .map(|row| {
            let estimate = |column| row.number(column).unwrap_or(0);
            (
                row.text(0),
                (row.text(1).to_ascii_uppercase(), estimate(2), estimate(3)),
            )
        })
        .collect();
    let mut columns = all_columns(session, database).await?;
    let listed = session
        .rows(
            &step,
            &format!("SHOW FULL TABLES FROM {}", quoted(database)),
        )
        .await?;
    Ok(listed
        .iter()
        .map(|row| {
            let name = row.text(0);
            let kind = match row.text(1).as_str() {
                "VIEW" | "SYSTEM VIEW" => ObjectKind::View,
                "SEQUENCE" => ObjectKind::Sequence,
                _ => ObjectKind::Table,
            };
            let (engine, estimated_rows, estimated_bytes) =
                facts.get(&name).cloned().unwrap_or_default();
            let columns = columns.remove(&name).unwrap_or_default();
            let has_rows = kind == ObjectKind::Table && !ROWLESS_ENGINES.contains(&engine.as_str());
            ObjectEntry {
                name,
                kind,
                has_rows,
                estimated_rows,
                estimated_bytes,
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
    let sql = format!("SHOW CREATE DATABASE IF NOT EXISTS {}", quoted(database));
    let row = session
        .one(&format!("read the definition of database {database}"), &sql)
        .await?;
    Ok(row.bytes(1).to_vec())
}

/// `CREATE TABLE`, in the server's words and bytes.
pub(crate) async fn create_table(session: &mut Session, table: &str) -> Result<Vec<u8>, Error> {
    session.set_results(Results::Binary).await?;
    let sql = format!("SHOW CREATE TABLE {}", quoted(table));
    let row = session
        .one(&format!("read the definition of table {table}"), &sql)
        .await?;
    Ok(row.bytes(1).to_vec())
}

/// The columns of a table or view of the current database, in order.
pub(crate) async fn columns(session: &mut Session, table: &str) -> Result<Vec<ColumnEntry>, Error> {
    let sql = format!(
        "SELECT COLUMN_NAME, COLUMN_TYPE, EXTRA FROM INFORMATION_SCHEMA.COLUMNS \
         WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = {} ORDER BY ORDINAL_POSITION",
        string(table)
    );
    let rows = session
        .rows(&format!("read the columns of {table}"), &sql)
        .await?;
    Ok(rows
        .iter()
        .map(|row| ColumnEntry::from_record(row, 0))
        .collect())
}

/// The columns of all tables of a database.
async fn all_columns(
    session: &mut Session,
    database: &str,
) -> Result<HashMap<String, Vec<ColumnEntry>>, Error> {
    let sql = format!(
        "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, EXTRA FROM INFORMATION_SCHEMA.COLUMNS \
         WHERE TABLE_SCHEMA = {} ORDER BY TABLE_NAME, ORDINAL_POSITION",
        string(database)
    );
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

/// The columns of the first key that `SHOW KEYS` lists, if it is unique.
pub(crate) async fn primary_order(
    session: &mut Session,
    table: &str,
) -> Result<Vec<String>, Error> {
    let sql = format!("SHOW KEYS FROM {}", quoted(table));
    let rows = session
        .rows(&format!("read the keys of {table}"), &sql)
        .await?;
    let Some(first) = rows.first().filter(|row| row.text(1) == "0") else {
        return Ok(Vec::new());
    };
    let key = first.text(2);
    Ok(rows
        .iter()
        .take_while(|row| row.text(2) == key)
        .map(|row| row.text(4))
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

/// The collation of the current database.
pub(crate) async fn database_collation(session: &mut Session) -> Result<String, Error> {
    Ok(session
        .one(
            "read the database's collation",
            "SELECT @@collation_database",
        )
        .await?
        .text(0))
}

/// The triggers of a table of the current database, in the order in which they act.
pub(crate) async fn triggers(
    session: &mut Session,
    table: &str,
    server: Flavour,
) -> Result<Vec<Program>, Error> {
    session.set_results(Results::Binary).await?;
    let step = format!("read the triggers of {table}");
    let list = match server {
        Flavour::Mysql => format!("SHOW TRIGGERS LIKE {}", like(table)),
        Flavour::Mariadb => format!(
            "SELECT TRIGGER_NAME FROM INFORMATION_SCHEMA.TRIGGERS \
             WHERE EVENT_OBJECT_SCHEMA = DATABASE() AND EVENT_OBJECT_TABLE = {}",
            string(table)
        ),
    };
    let mut programs = Vec::new();
    for entry in session.rows(&step, &list).await? {
        let name = entry.text(0);
        let row = session
            .one(&step, &format!("SHOW CREATE TRIGGER {}", quoted(&name)))
            .await?;
        programs.push(Program {
            name,
            sql_mode: row.text(1),
            time_zone: String::new(),
            definition: (!row.is_null(2)).then(|| row.bytes(2).to_vec()),
            context: Context {
                client_charset: row.text(3),
                connection_collation: row.text(4),
                database_collation: row.text(5),
            },
        });
    }
    Ok(programs)
}

/// The events of the current database.
pub(crate) async fn events(session: &mut Session, database: &str) -> Result<Vec<Program>, Error> {
    session.set_results(Results::Binary).await?;
    let step = format!("read the events of {database}");
    let mut programs = Vec::new();
    for entry in session.rows(&step, "SHOW EVENTS").await? {
        let name = entry.text(1);
        let row = session
            .one(&step, &format!("SHOW CREATE EVENT {}", quoted(&name)))
            .await?;
        programs.push(Program {
            name,
            sql_mode: row.text(1),
            time_zone: row.text(2),
            definition: (!row.is_null(3)).then(|| row.bytes(3).to_vec()),
            context: Context {
                client_charset: row.text(4),
                connection_collation: row.text(5),
                database_collation: row.text(6),
            },
        });
    }
    Ok(programs)
}

/// The routines of one kind of the current database.
pub(crate) async fn routines(
    session: &mut Session,
    database: &str,
    kind: RoutineKind,
) -> Result<Vec<Program>, Error> {
    session.set_results(Results::Binary).await?;
    let keyword = kind.keyword();
    let step = format!("read the routines of {database}");
    let list = format!("SHOW {keyword} STATUS WHERE Db = {}", string(database));
    let mut programs = Vec::new();
    for entry in session.rows(&step, &list).await? {
        let name = entry.text(1);
        let row = session
            .one(&step, &format!("SHOW CREATE {keyword} {}", quoted(&name)))
            .await?;
        programs.push(Program {
            name,
            sql_mode: row.text(1),
            time_zone: String::new(),
            definition: (!row.is_null(2) && !row.bytes(2).is_empty())
                .then(|| row.bytes(2).to_vec()),
            context: Context {
                client_charset: row.text(3),
                connection_collation: row.text(4),
                database_collation: row.text(5),
            },
        });
    }
    Ok(programs)
}

/// Whether this user's rights let it see the routines of others.
///
/// The servers list only routines that the user has some right to; one that is not listed
/// would be missing from the dump without a word.
pub(crate) async fn sees_all_routines(
    session: &mut Session,
    server: Flavour,
) -> Result<bool, Error> {
    let step = "look at the rights to see routines";
    match server {
        Flavour::Mysql => {
            let grants = session.rows(step, "SHOW GRANTS").await?;
            Ok(grants.iter().map(|row| row.text(0)).any(|grant| {
                grant.split_once(" ON *.*").is_some_and(|(rights, _)| {
                    ["ALL PRIVILEGES", "SHOW_ROUTINE", "GRANT SELECT", ", SELECT"]
                        .iter()
                        .any(|right| rights.contains(right))
                })
            }))
        }
        Flavour::Mariadb => match session.rows(step, "SELECT 1 FROM mysql.proc LIMIT 0").await {
            Ok(_) => Ok(true),
            Err(Error::AccessDenied { .. }) => Ok(false),
            Err(error) => Err(error),
        },
    }
}

/// A view of the current database.
pub(crate) async fn view(session: &mut Session, view: &str) -> Result<ViewDefinition, Error> {
    session.set_results(Results::Binary).await?;
    let step = format!("read the definition of view {view}");
    let created = session
        .one(&step, &format!("SHOW CREATE TABLE {}", quoted(view)))
        .await?;
    let sql = format!(
        "SELECT CHECK_OPTION, DEFINER, SECURITY_TYPE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION \
         FROM INFORMATION_SCHEMA.VIEWS WHERE TABLE_NAME = {} AND TABLE_SCHEMA = DATABASE()",
        string(view)
    );
    let row = session.one(&step, &sql).await?;
    Ok(ViewDefinition {
        definition: created.bytes(1).to_vec(),
        check_option: row.text(0),
        definer: row.text(1),
        security_type: row.text(2),
        context: Context {
            client_charset: row.text(3),
            connection_collation: row.text(4),
            database_collation: String::new(),
        },
    })
}
