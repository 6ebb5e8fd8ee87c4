//! A case as SQL: the statements that make its database.

use e2e::database::Flavour;

use crate::model::{self, Case, Table};
use crate::programs::{self, Programs};
use crate::tables::{self, Built};
use crate::text::{label, quoted};
use crate::views;
use crate::world::{Charset, World};

/// The settings under which the tables are made and filled.
pub(crate) const PLAIN_SETTINGS: &str = "SET SESSION sql_mode='', time_zone='+00:00', foreign_key_checks=0, \
     NAMES utf8mb4";

/// What makes a case's database, in order.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) database: String,
    pub(crate) statements: Vec<String>,
    /// Statements that are sent one by one, after the others: in a message of several MySQL
    /// takes the semicolon after a trigger for a part of it.
    pub(crate) singly: Vec<String>,
    pub(crate) tables: Vec<Built>,
    pub(crate) views: Vec<String>,
    pub(crate) programs: Programs,
    /// `CHARACTER SET … COLLATE …` of the database at its beginning.
    pub(crate) charset: String,
}

impl Script {
    /// `number` keeps the names of databases apart.
    pub(crate) fn of(case: &Case, world: &World, number: u32) -> Self {
        let database = format!("g{}{number}", label(&case.database));
        let (charset, clause) = resolved(world, case.charset);
        let mut statements = vec![
            PLAIN_SETTINGS.to_owned(),
            format!("CREATE DATABASE {} {clause}", quoted(&database)),
            format!("USE {}", quoted(&database)),
        ];
        let mut built: Vec<Built> = Vec::new();
        for (index, table) in case.tables.iter().enumerate() {
            let parent: Option<(&Table, &Built)> = index
                .checked_sub(1)
                .map(|before| (&case.tables[before], &built[before]));
            let made = tables::build(world, case, table, index, charset, parent);
            statements.extend(made.statements.iter().cloned());
            built.push(made);
        }
        let views = views::build(case, &built, &mut statements);
        let mut singly = Vec::new();
        let programs = programs::build(case, world.is_mariadb(), &built, &mut singly);
        // The programs' dump names the database that it changes for their sake, so that such
        // a dump is not one for another database.
        if let Some(changed) = case.changed_charset.filter(|_| !case.restored) {
            let (_, clause) = resolved(world, changed);
            singly.push(format!("ALTER DATABASE {} {clause}", quoted(&database)));
        }
        Self {
            database,
            statements,
            singly,
            tables: built,
            views,
            programs,
            charset: clause,
        }
    }

    /// Whether every name of the case is in ASCII.
    pub(crate) fn names_are_ascii(&self) -> bool {
        let tables = self.tables.iter();
        let columns = tables.flat_map(|table| table.columns.iter().chain([&table.name]));
        let mut names = columns
            .chain(&self.views)
            .chain(&self.programs.names)
            .chain([&self.database]);
        names.all(|name| name.is_ascii())
    }

    /// For a person who repeats the case by hand with the server's client.
    pub(crate) fn for_the_client(&self, flavour: Flavour) -> String {
        let mut text = format!("-- on {flavour}\nDELIMITER $$\n");
        for statement in self.statements.iter().chain(&self.singly) {
            text.push_str(statement);
            text.push_str(" $$\n");
        }
        text
    }
}

/// A character set, and the clause that asks for it.
pub(crate) fn resolved(world: &World, drawn: model::Charset) -> (&Charset, String) {
    let charset = drawn.set.of(&world.charsets);
    let collation = drawn.collation.of(&charset.collations);
    let clause = format!("CHARACTER SET {} COLLATE {collation}", charset.name);
    (charset, clause)
}
