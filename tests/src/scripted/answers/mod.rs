//! What the world answers by itself: queries recognised by what they ask for.

mod expression;
mod information;
mod select;
mod show;

use super::script::{Answer, ResultSet};
use super::text::{begins, behind, plain};
use super::world::{Column, World};

/// What a recognised query asks for.
pub(super) enum Known {
    Answer(Answer),
    /// The rows of a table.
    Table(String, ResultSet),
    /// The end of a connection.
    Kill(u32),
}

/// Statements that change nothing that the double knows of.
const ACCEPTED: &[&str] = &[
    "SET",
    "USE",
    "START TRANSACTION",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT",
    "RELEASE",
    "LOCK",
    "UNLOCK",
    "FLUSH",
    "DO",
    "STOP",
    "START",
];

/// Looks what a query asks for; `None` when nobody knows.
pub(super) fn recognise(world: &World, query: &str, connection: u32) -> Option<Known> {
    let query = plain(query);
    if let Some(victim) = behind(&query, "KILL") {
        let number = victim.rsplit(' ').next()?;
        return Some(Known::Kill(number.parse().ok()?));
    }
    if let Some(what) = behind(&query, "SHOW") {
        return show::show(world, what).map(|result| Known::Answer(Answer::Rows(result)));
    }
    if let Some(what) = behind(&query, "SELECT") {
        return select::select(world, what, connection);
    }
    ACCEPTED
        .iter()
        .any(|words| begins(&query, words))
        .then_some(Known::Answer(Answer::Ok))
}

/// A result of words.
fn words(columns: &[&str], rows: Vec<Vec<Option<String>>>) -> ResultSet {
    let columns = columns.iter().map(|name| Column::word(*name)).collect();
    let cells = |row: Vec<Option<String>>| row.into_iter().map(|cell| cell.map(String::into_bytes));
    let rows = rows
        .into_iter()
        .map(|row| cells(row).collect())
        .collect::<Vec<_>>();
    ResultSet::new(columns, rows)
}
