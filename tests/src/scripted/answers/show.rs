//! SHOW.

use super::super::script::ResultSet;
use super::super::text::{around, begins, behind, like, name, strings};
use super::super::world::World;
use super::words;
use crate::database::Flavour;

/// Lists that are empty here, by how they begin, and how many columns they have.
const EMPTY: &[(&str, usize)] = &[
    ("TRIGGERS", 11),
    ("EVENTS", 15),
    ("FUNCTION STATUS", 11),
    ("PROCEDURE STATUS", 11),
    ("PACKAGE STATUS", 11),
    ("PACKAGE BODY STATUS", 11),
    ("KEYS", 13),
    ("INDEX", 13),
    ("INDEXES", 13),
    ("WARNINGS", 3),
    ("MASTER STATUS", 5),
    ("BINARY LOG STATUS", 5),
    ("BINLOG STATUS", 5),
    ("SLAVE STATUS", 5),
    ("ALL SLAVES STATUS", 5),
    ("REPLICA STATUS", 5),
    ("STATUS", 2),
    ("SESSION STATUS", 2),
    ("GLOBAL STATUS", 2),
    ("PROCESSLIST", 8),
];

pub(super) fn show(world: &World, what: &str) -> Option<ResultSet> {
    if let Some((_, columns)) = EMPTY.iter().find(|(words, _)| begins(what, words)) {
        return Some(words(&vec!["c"; *columns], Vec::new()));
    }
    for prefix in ["GLOBAL VARIABLES", "SESSION VARIABLES", "VARIABLES"] {
        if let Some(filter) = behind(what, prefix) {
            return Some(variables(world, filter));
        }
    }
    if let Some(rest) = behind(what, "CREATE") {
        return create(world, rest);
    }
    if let Some(rest) = behind(what, "FULL TABLES") {
        let mut rows = tables(world, rest);
        rows.iter_mut()
            .for_each(|row| row.push(Some("BASE TABLE".into())));
        return Some(words(&["Tables_in_world", "Table_type"], rows));
    }
    if let Some(rest) = behind(what, "TABLES") {
        return Some(words(&["Tables_in_world"], tables(world, rest)));
    }
    if let Some(rest) = behind(what, "TABLE STATUS") {
        return Some(table_status(world, rest));
    }
    for prefix in [
        "FIELDS FROM",
        "COLUMNS FROM",
        "FULL FIELDS FROM",
        "FULL COLUMNS FROM",
    ] {
        if let Some(table) = behind(what, prefix) {
            return fields(world, table);
        }
    }
    if begins(what, "GRANTS") {
        let grant = "GRANT ALL PRIVILEGES ON *.* TO `scripted`@`%`".to_owned();
        return Some(words(&["Grants"], vec![vec![Some(grant)]]));
    }
    if begins(what, "DATABASES") || begins(what, "SCHEMAS") {
        return Some(words(
            &["Database"],
            vec![vec![Some(world.database.clone())]],
        ));
    }
    None
}

/// By a pattern, or by the names that the condition holds.
fn variables(world: &World, filter: &str) -> ResultSet {
    let wanted = strings(filter);
    let rows = world
        .variables()
        .filter(|(name, _)| filter.is_empty() || wanted.iter().any(|pattern| like(name, pattern)))
        .map(|(name, value)| vec![Some(name.to_owned()), Some(value.to_owned())])
        .collect();
    words(&["Variable_name", "Value"], rows)
}

/// The tables' names; none if another database is asked for.
fn tables(world: &World, condition: &str) -> Vec<Vec<Option<String>>> {
    let from = behind(condition, "FROM").or_else(|| behind(condition, "IN"));
    if from.is_some_and(|from| name(from).first() != Some(&world.database)) {
        return Vec::new();
    }
    let pattern = around(condition, "LIKE").and_then(|(_, rest)| strings(rest).into_iter().next());
    world
        .tables
        .iter()
        .filter(|table| {
            pattern
                .as_ref()
                .is_none_or(|pattern| like(&table.name, pattern))
        })
        .map(|table| vec![Some(table.name.clone())])
        .collect()
}

/// Name, engine, version, row format, rows; the rest is NULL.
fn table_status(world: &World, condition: &str) -> ResultSet {
    let mut rows = tables(world, condition);
    for row in &mut rows {
        row.extend(["InnoDB", "10", "Dynamic", "3"].map(|text| Some(text.to_owned())));
        row.resize(18, None);
    }
    let mut columns = vec!["Name", "Engine", "Version", "Row_format", "Rows"];
    columns.resize(18, "c");
    words(&columns, rows)
}

fn create(world: &World, what: &str) -> Option<ResultSet> {
    if let Some(rest) = behind(what, "TABLE") {
        let named = name(rest).pop()?;
        let definition = world.table(&named)?.definition();
        let row = vec![Some(named), Some(definition)];
        return Some(words(&["Table", "Create Table"], vec![row]));
    }
    let rest = behind(what, "DATABASE").or_else(|| behind(what, "SCHEMA"))?;
    let named = name(behind(rest, "IF NOT EXISTS").unwrap_or(rest)).pop()?;
    let encryption = match world.flavour {
        Flavour::MariaDb => "",
        Flavour::MySql => " /*!80016 DEFAULT ENCRYPTION='N' */",
    };
    let definition = format!(
        "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `{named}` \
         /*!40100 DEFAULT CHARACTER SET utf8mb4 */{encryption}"
    );
    let row = vec![Some(named), Some(definition)];
    Some(words(&["Database", "Create Database"], vec![row]))
}

fn fields(world: &World, table: &str) -> Option<ResultSet> {
    let table = world.table(&name(table).pop()?)?;
    let rows = table
        .columns
        .iter()
        .map(|column| {
            let nullable = if column.sql_type == "int" {
                "NO"
            } else {
                "YES"
            };
            let [field, kind] = [&column.name, column.sql_type].map(|text| Some(text.to_owned()));
            let (key, extra) = (Some(String::new()), Some(String::new()));
            vec![field, kind, Some(nullable.into()), key, None, extra]
        })
        .collect();
    Some(words(
        &["Field", "Type", "Null", "Key", "Default", "Extra"],
        rows,
    ))
}
