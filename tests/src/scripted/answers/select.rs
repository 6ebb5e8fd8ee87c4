//! SELECT: without a table, from the information schema, from a table of the world.

use std::sync::Arc;

use super::super::script::{Answer, ResultSet};
use super::super::text::{around, items, name};
use super::super::world::{Row, World};
use super::expression::{value, without_alias, without_modifiers};
use super::information::information;
use super::{Known, words};

pub(super) fn select(world: &World, what: &str, connection: u32) -> Option<Known> {
    let what = without_modifiers(what);
    let Some((list, from)) = around(what, "FROM") else {
        return constants(world, what, connection);
    };
    let mut parts = name(from);
    let target = parts.pop()?;
    let database = parts.pop().unwrap_or_else(|| world.database.clone());
    if database.eq_ignore_ascii_case("information_schema") {
        let result = information(world, list, &target, from, connection)?;
        return Some(Known::Answer(Answer::Rows(result)));
    }
    if ["mysql", "performance_schema", "sys"].contains(&database.as_str()) {
        let columns = vec!["c"; items(list).len()];
        return Some(Known::Answer(Answer::Rows(words(&columns, Vec::new()))));
    }
    if database != world.database {
        return None;
    }
    rows(world, list, &target, from)
}

fn constants(world: &World, list: &str, connection: u32) -> Option<Known> {
    let row: Option<Vec<_>> = items(list)
        .into_iter()
        .map(|expression| value(world, expression, connection).map(Some))
        .collect();
    let row = row?;
    let columns = vec!["c"; row.len()];
    Some(Known::Answer(Answer::Rows(words(&columns, vec![row]))))
}

/// The rows of a table: all columns, or those that are named; `1` asks whether there are any.
fn rows(world: &World, list: &str, target: &str, from: &str) -> Option<Known> {
    let table = world.table(target)?;
    let limit = around(from, "LIMIT").and_then(|(_, count)| count.parse().ok());
    if list == "1" {
        let count = table.rows.len().min(limit.unwrap_or(usize::MAX));
        let rows = vec![vec![Some("1".to_owned())]; count];
        return Some(Known::Answer(Answer::Rows(words(&["1"], rows))));
    }
    let columns = table.columns.as_slice();
    let places: Vec<usize> = if list == "*" {
        (0..columns.len()).collect()
    } else {
        items(list)
            .into_iter()
            .map(|item| {
                let wanted = name(without_alias(item)).pop()?;
                columns.iter().position(|column| column.name == wanted)
            })
            .collect::<Option<_>>()?
    };
    let chosen = |row: &Row| -> Row {
        // Rows with another number of cells stay as they are.
        if row.len() == columns.len() {
            places.iter().map(|place| row[*place].clone()).collect()
        } else {
            row.clone()
        }
    };
    let rows = if limit.is_none() && places.iter().copied().eq(0..columns.len()) {
        Arc::clone(&table.rows)
    } else {
        let taken = table.rows.iter().take(limit.unwrap_or(usize::MAX));
        Arc::new(taken.map(chosen).collect())
    };
    let columns = places.iter().map(|place| columns[*place].clone());
    let result = ResultSet::new(columns.collect(), rows);
    Some(Known::Table(table.name.clone(), result))
}
