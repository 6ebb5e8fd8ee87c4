//! Triggers, events and routines.

use super::super::session::{Results, Session};
use crate::error::Error;
use crate::flavour::{Client, Flavour};
use crate::sql::{like, name as quoted, string};

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

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RoutineKind {
    Function,
    Procedure,
    Package,
    PackageBody,
    /// Code that other programs import (MySQL 9).
    Library,
}

impl RoutineKind {
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Function => "FUNCTION",
            Self::Procedure => "PROCEDURE",
            Self::Package => "PACKAGE",
            Self::PackageBody => "PACKAGE BODY",
            Self::Library => "LIBRARY",
        }
    }

    /// The kinds that a client dumps from a server of this flavour, in its order.
    pub(crate) fn of(server: Flavour, client: Client) -> &'static [Self] {
        match server {
            Flavour::Mysql if client.dumps_libraries() => {
                &[Self::Library, Self::Function, Self::Procedure]
            }
            Flavour::Mariadb if client.is_mariadb() => &[
                Self::Function,
                Self::Procedure,
                Self::Package,
                Self::PackageBody,
            ],
            _ => &[Self::Function, Self::Procedure],
        }
    }
}

/// The triggers of a table of the current database, in the order in which the server lists
/// them for this client's query.
pub(crate) async fn triggers(
    session: &mut Session,
    table: &str,
    client: Flavour,
) -> Result<Vec<Program>, Error> {
    session.set_results(Results::Definitions).await?;
    let step = format!("read the triggers of {table}");
    let list = match client {
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
    session.set_results(Results::Definitions).await?;
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

/// The routines of one kind of the current database; `None` where the server does not know
/// the kind.
pub(crate) async fn routines(
    session: &mut Session,
    database: &str,
    kind: RoutineKind,
) -> Result<Option<Vec<Program>>, Error> {
    session.set_results(Results::Definitions).await?;
    let keyword = kind.keyword();
    let step = format!("read the routines of {database}");
    let (list, column) = match kind {
        RoutineKind::Library => (
            format!(
                "SELECT LIBRARY_NAME FROM INFORMATION_SCHEMA.LIBRARIES \
                 WHERE LIBRARY_SCHEMA = {} ORDER BY LIBRARY_NAME",
                string(database)
            ),
            0,
        ),
        _ => (
            format!("SHOW {keyword} STATUS WHERE Db = {}", string(database)),
            1,
        ),
    };
    let entries = match session.rows(&step, &list).await {
        // A server before 9.2 has no libraries.
        Err(error) if error.code() == Some(ER_UNKNOWN_TABLE) => return Ok(None),
        other => other?,
    };
    let mut programs = Vec::new();
    for entry in entries {
        let name = entry.text(column);
        let row = session
            .one(&step, &format!("SHOW CREATE {keyword} {}", quoted(&name)))
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
    Ok(Some(programs))
}

const ER_UNKNOWN_TABLE: u16 = 1109;

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
