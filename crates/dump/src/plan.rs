//! The order of everything, decided once, before the first byte.

use crate::error::Error;
use crate::flavour::Flavour;
use crate::options::{DumpOptions, OptionError, Selection};
use crate::source::Session;
use crate::source::catalogue::{self, ObjectEntry, ObjectKind};

/// One part of the dump, in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A database's beginning: made current, locked, and printed if databases are named.
    BeginDatabase(usize),
    /// A table: definition, rows, triggers.
    Table(usize, ObjectEntry),
    /// A view's placeholder.
    ViewPlaceholder(usize, ObjectEntry),
    /// The events of a database.
    Events(usize),
    /// The routines of a database.
    Routines(usize),
    /// A database's end: unlocked.
    EndDatabase(usize),
    /// A database's second beginning, before its final views.
    BeginFinalViews(usize),
    /// A view.
    FinalView(usize, ObjectEntry),
}

/// Everything that will be dumped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) databases: Vec<DatabasePlan>,
    pub(crate) steps: Vec<Step>,
}

/// One database of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DatabasePlan {
    pub(crate) name: String,
    pub(crate) objects: Vec<ObjectEntry>,
}

impl Plan {
    /// Lists the objects and puts them in order.
    pub(crate) async fn make(
        session: &mut Session,
        selection: &Selection,
        options: &DumpOptions,
        flavour: Flavour,
    ) -> Result<Self, Error> {
        let mut databases = Vec::new();
        for name in selection.database_names() {
            let listed = catalogue::objects(session, name).await?;
            let objects = choose(name, listed, selection.named_tables(), options)?;
            refuse_sequences(name, &objects)?;
            databases.push(DatabasePlan {
                name: name.to_owned(),
                objects,
            });
        }
        let steps = order(&databases, selection, options, flavour);
        Ok(Self { databases, steps })
    }

    /// The tables whose rows will be read.
    pub(crate) fn tables_with_rows(&self) -> impl Iterator<Item = &ObjectEntry> {
        self.databases
            .iter()
            .flat_map(|database| &database.objects)
            .filter(|entry| entry.has_rows)
    }

    /// How many views there are.
    pub(crate) fn views(&self) -> usize {
        self.steps
            .iter()
            .filter(|step| matches!(step, Step::FinalView(..)))
            .count()
    }

    /// Checks that the required tables exist and hold a row, all of them before any complaint.
    ///
    /// A name is `table` (in any of the databases) or `database.table`.
    pub(crate) async fn require(
        &self,
        session: &mut Session,
        required: &[String],
    ) -> Result<(), Error> {
        let (mut missing, mut empty) = (Vec::new(), Vec::new());
        for name in required {
            match self.find(name) {
                None => missing.push(name.clone()),
                Some((database, table)) => {
                    if !catalogue::has_a_row(session, database, table).await? {
                        empty.push(name.clone());
                    }
                }
            }
        }
        if missing.is_empty() && empty.is_empty() {
            Ok(())
        } else {
            Err(Error::RequiredTables { missing, empty })
        }
    }

    fn find(&self, name: &str) -> Option<(&str, &str)> {
        self.databases.iter().find_map(|database| {
            let wanted = name
                .strip_prefix(database.name.as_str())
                .and_then(|rest| rest.strip_prefix('.'))
                .unwrap_or(name);
            let entry = database
                .objects
                .iter()
                .find(|entry| (entry.name == wanted || entry.name == name) && entry.has_rows)?;
            Some((database.name.as_str(), entry.name.as_str()))
        })
    }
}

/// A dump without a sequence that its tables draw from would restore to something else.
fn refuse_sequences(database: &str, objects: &[ObjectEntry]) -> Result<(), Error> {
    let sequence = objects
        .iter()
        .find(|entry| entry.kind == ObjectKind::Sequence);
    sequence.map_or(Ok(()), |sequence| {
        Err(OptionError::selection(&format!(
            "{database}.{name} is a sequence, which is not supported yet: leave it out with \
             --ignore-table={database}.{name}",
            name = sequence.name
        ))
        .into())
    })
}

/// The objects of a database that will be dumped: all but the ignored, or those named.
fn choose(
    database: &str,
    listed: Vec<ObjectEntry>,
    named: &[String],
    options: &DumpOptions,
) -> Result<Vec<ObjectEntry>, Error> {
    if named.is_empty() {
        let ignored = |entry: &ObjectEntry| {
            options
                .ignore_tables
                .contains(&(database.into(), entry.name.clone()))
        };
        return Ok(listed.into_iter().filter(|entry| !ignored(entry)).collect());
    }
    named
        .iter()
        .map(|name| {
            // As in the real client, a name in other letter case is found, and printed as the
            // server spells it.
            let same_letters = || {
                listed
                    .iter()
                    .find(|entry| entry.name.eq_ignore_ascii_case(name))
            };
            listed
                .iter()
                .find(|entry| entry.name == *name)
                .or_else(same_letters)
                .cloned()
                .ok_or_else(|| Error::NotFound {
                    step: format!("find the tables of {database}"),
                    code: 0,
                    message: format!("no table or view {name:?}"),
                })
        })
        .collect()
}

fn order(
    databases: &[DatabasePlan],
    selection: &Selection,
    options: &DumpOptions,
    flavour: Flavour,
) -> Vec<Step> {
    let named_tables = !selection.named_tables().is_empty();
    let of_kind = |database: &DatabasePlan, kind| {
        database
            .objects
            .iter()
            .filter(move |entry| entry.kind == kind)
            .cloned()
            .collect::<Vec<_>>()
    };
    // With --no-create-info there are no views at all.
    let final_views = |index: usize, database: &DatabasePlan| -> Vec<Step> {
        let views = if options.create_info {
            of_kind(database, ObjectKind::View)
        } else {
            Vec::new()
        };
        views
            .into_iter()
            .map(|view| Step::FinalView(index, view))
            .collect()
    };
    let mut steps = Vec::new();
    for (index, database) in databases.iter().enumerate() {
        steps.push(Step::BeginDatabase(index));
        // MariaDB's client prints the routines first when tables are named.
        let routines_first = named_tables && flavour.is_mariadb();
        if options.routines && routines_first {
            steps.push(Step::Routines(index));
        }
        for entry in &database.objects {
            match entry.kind {
                ObjectKind::Table => steps.push(Step::Table(index, entry.clone())),
                ObjectKind::View if options.create_info => {
                    steps.push(Step::ViewPlaceholder(index, entry.clone()));
                }
                ObjectKind::View | ObjectKind::Sequence => {}
            }
        }
        if named_tables {
            steps.extend(final_views(index, database));
        }
        if options.events {
            steps.push(Step::Events(index));
        }
        if options.routines && !routines_first {
            steps.push(Step::Routines(index));
        }
        steps.push(Step::EndDatabase(index));
    }
    let any_view = databases
        .iter()
        .any(|database| !final_views(0, database).is_empty());
    if any_view && !named_tables {
        for (index, database) in databases.iter().enumerate() {
            steps.push(Step::BeginFinalViews(index));
            steps.extend(final_views(index, database));
        }
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: ObjectKind) -> ObjectEntry {
        ObjectEntry {
            name: name.into(),
            kind,
            has_rows: kind == ObjectKind::Table,
            estimated_rows: 0,
            estimated_bytes: 0,
            columns: Vec::new(),
        }
    }

    fn database(name: &str, objects: Vec<ObjectEntry>) -> DatabasePlan {
        DatabasePlan {
            name: name.into(),
            objects,
        }
    }

    fn everything() -> DumpOptions {
        let mut options = DumpOptions::default();
        options.apply("events", None).unwrap();
        options.apply("routines", None).unwrap();
        options
    }

    #[test]
    fn final_views_of_all_databases_come_at_the_very_end() {
        let (table, view) = (entry("t", ObjectKind::Table), entry("v", ObjectKind::View));
        let databases = [
            database("a", vec![table.clone(), view.clone()]),
            database("b", vec![table.clone()]),
        ];
        let selection = Selection::Databases(vec!["a".into(), "b".into()]);
        let steps = order(&databases, &selection, &everything(), Flavour::Mysql);
        assert_eq!(
            steps,
            [
                Step::BeginDatabase(0),
                Step::Table(0, table.clone()),
                Step::ViewPlaceholder(0, view.clone()),
                Step::Events(0),
                Step::Routines(0),
                Step::EndDatabase(0),
                Step::BeginDatabase(1),
                Step::Table(1, table),
                Step::Events(1),
                Step::Routines(1),
                Step::EndDatabase(1),
                Step::BeginFinalViews(0),
                Step::FinalView(0, view),
                Step::BeginFinalViews(1),
            ]
        );
    }

    #[test]
    fn with_named_tables_mariadb_prints_routines_first_and_mysql_last() {
        let view = entry("v", ObjectKind::View);
        let databases = [database("a", vec![view.clone()])];
        let selection = Selection::Database {
            name: "a".into(),
            tables: vec!["v".into()],
        };
        let steps = |flavour| order(&databases, &selection, &everything(), flavour);
        let position = |steps: &[Step], step: &Step| steps.iter().position(|s| s == step).unwrap();
        let mariadb = steps(Flavour::Mariadb);
        let mysql = steps(Flavour::Mysql);
        let final_view = Step::FinalView(0, view);
        assert!(position(&mariadb, &Step::Routines(0)) < position(&mariadb, &final_view));
        assert!(position(&mysql, &Step::Routines(0)) > position(&mysql, &Step::Events(0)));
        assert!(position(&mysql, &final_view) < position(&mysql, &Step::Events(0)));
    }

    #[test]
    fn named_tables_keep_their_order_and_a_missing_one_is_named() {
        let listed = vec![entry("a", ObjectKind::Table), entry("b", ObjectKind::Table)];
        let options = DumpOptions::default();
        let chosen = choose("db", listed.clone(), &["b".into(), "a".into()], &options).unwrap();
        assert_eq!(
            chosen.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(),
            ["b", "a"]
        );
        let error = choose("db", listed, &["c".into()], &options).unwrap_err();
        assert!(error.to_string().contains("\"c\""), "{error}");
    }
}
