//! The information schema: any columns of the views that a dump may ask for.

use super::super::script::ResultSet;
use super::super::text::{around, items, name, strings};
use super::super::world::{Column, Table, World};
use super::expression::{value, without_alias};
use super::words;

/// Views that hold nothing here.
const EMPTY: &[&str] = &[
    "CHECK_CONSTRAINTS",
    "COLUMN_STATISTICS",
    "EVENTS",
    "FILES",
    "KEY_COLUMN_USAGE",
    "LIBRARIES",
    "PARAMETERS",
    "PARTITIONS",
    "PROCESSLIST",
    "REFERENTIAL_CONSTRAINTS",
    "ROUTINES",
    "SEQUENCES",
    "STATISTICS",
    "TABLE_CONSTRAINTS",
    "TRIGGERS",
    "VIEWS",
];

/// A cell: unknown column, NULL, or text.
type Cell = Option<Option<String>>;

/// `SELECT list FROM information_schema.view …`.
pub(super) fn information(
    world: &World,
    list: &str,
    view: &str,
    from: &str,
    connection: u32,
) -> Option<ResultSet> {
    let asked: Vec<&str> = items(list).into_iter().map(without_alias).collect();
    let view = view.to_ascii_uppercase();
    if EMPTY.contains(&view.as_str()) {
        return Some(words(&vec!["c"; asked.len()], Vec::new()));
    }
    let here = only(from, "TABLE_SCHEMA").is_none_or(|schema| schema == world.database);
    let wanted = only(from, "TABLE_NAME");
    let tables = world
        .tables
        .iter()
        .filter(|table| here && wanted.as_ref().is_none_or(|wanted| *wanted == table.name));
    let objects: Vec<Object<'_>> = match view.as_str() {
        "SCHEMATA" => vec![Object::Schema],
        "TABLES" => tables.map(Object::Table).collect(),
        "COLUMNS" => tables
            .flat_map(|table| {
                let numbered = table.columns.iter().enumerate();
                numbered.map(move |(index, column)| Object::Column(table, index, column))
            })
            .collect(),
        _ => return None,
    };
    if asked == ["COUNT(*)"] || asked == ["count(*)"] {
        return Some(words(&["c"], vec![vec![Some(objects.len().to_string())]]));
    }
    let rows: Option<Vec<Vec<Option<String>>>> = objects
        .iter()
        .map(|object| {
            let cell = |expression: &&str| {
                let column = name(expression).pop()?.to_ascii_uppercase();
                let known = object.cell(world, &column);
                known.or_else(|| value(world, expression, connection).map(Some))
            };
            asked.iter().map(cell).collect()
        })
        .collect();
    Some(words(&asked, rows?))
}

/// The literal that a condition compares this column with.
fn only(condition: &str, column: &str) -> Option<String> {
    let upper = condition.to_ascii_uppercase();
    let (start, _) = upper.match_indices(column).find(|(at, _)| {
        upper[at + column.len()..]
            .trim_start_matches(['`', ' '])
            .starts_with('=')
    })?;
    let behind = condition[start + column.len()..].trim_start_matches(['`', ' ', '=']);
    if !behind.starts_with(['\'', '"']) {
        return None;
    }
    let end = around(behind, "AND").map_or(behind, |(before, _)| before);
    strings(end).into_iter().next()
}

/// What a row of a view is about.
enum Object<'a> {
    Schema,
    Table(&'a Table),
    Column(&'a Table, usize, &'a Column),
}

impl Object<'_> {
    fn cell(&self, world: &World, column: &str) -> Cell {
        let text = |text: &str| Some(Some(text.to_owned()));
        match (self, column) {
            (Self::Schema, "SCHEMA_NAME") => text(&world.database),
            (Self::Table(_) | Self::Column(..), "TABLE_SCHEMA") => text(&world.database),
            (Self::Schema, "DEFAULT_CHARACTER_SET_NAME") => text("utf8mb4"),
            (Self::Schema, "DEFAULT_COLLATION_NAME") => text("utf8mb4_general_ci"),
            (_, "TABLE_CATALOG" | "CATALOG_NAME") => text("def"),
            (Self::Table(table) | Self::Column(table, ..), "TABLE_NAME") => text(&table.name),
            (Self::Table(table), column) => of_table(table, column),
            (Self::Column(_, index, definition), column) => of_column(*index, definition, column),
            _ => None,
        }
    }
}

fn of_table(table: &Table, column: &str) -> Cell {
    let text = |text: &str| Some(Some(text.to_owned()));
    match column {
        "TABLE_TYPE" => text("BASE TABLE"),
        "ENGINE" => text("InnoDB"),
        "VERSION" => text("10"),
        "ROW_FORMAT" => text("Dynamic"),
        "TABLE_ROWS" => text(&table.rows.len().to_string()),
        "AVG_ROW_LENGTH" | "DATA_LENGTH" => text("16384"),
        "MAX_DATA_LENGTH" | "INDEX_LENGTH" | "DATA_FREE" => text("0"),
        "TABLE_COLLATION" => text("utf8mb4_general_ci"),
        "CREATE_OPTIONS" | "TABLE_COMMENT" => text(""),
        "TEMPORARY" => text("N"),
        "CREATE_TIME" => text("2026-11-01 00:00:00"),
        "AUTO_INCREMENT" | "UPDATE_TIME" | "CHECK_TIME" | "CHECKSUM" => Some(None),
        _ => None,
    }
}

fn of_column(index: usize, definition: &Column, column: &str) -> Cell {
    let text = |text: &str| Some(Some(text.to_owned()));
    let is_text = definition.sql_type == "longtext";
    match column {
        "COLUMN_NAME" => text(&definition.name),
        "ORDINAL_POSITION" => text(&(index + 1).to_string()),
        "DATA_TYPE" | "COLUMN_TYPE" => text(definition.sql_type),
        "IS_NULLABLE" => text(if definition.sql_type == "int" {
            "NO"
        } else {
            "YES"
        }),
        "IS_GENERATED" => text("NEVER"),
        "EXTRA" | "COLUMN_KEY" | "COLUMN_COMMENT" | "PRIVILEGES" => text(""),
        "CHARACTER_SET_NAME" if is_text => text("utf8mb4"),
        "COLLATION_NAME" if is_text => text("utf8mb4_general_ci"),
        // As MySQL has it for a column that is not generated; MariaDB has NULL there.
        "GENERATION_EXPRESSION" => text(""),
        "COLUMN_DEFAULT"
        | "CHARACTER_SET_NAME"
        | "COLLATION_NAME"
        | "CHARACTER_MAXIMUM_LENGTH"
        | "SRS_ID" => Some(None),
        _ => None,
    }
}
