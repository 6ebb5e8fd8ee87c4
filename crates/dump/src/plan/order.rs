//! The order of the real clients.

use super::{DatabasePlan, Step, system};
use crate::flavour::Client;
use crate::options::{DumpOptions, Selection};
use crate::source::catalogue::{ObjectEntry, ObjectKind};

/// Puts all steps in order; `final_views`: whether views get their second pass.
pub(super) fn order(
    databases: &[DatabasePlan],
    selection: &Selection,
    options: &DumpOptions,
    client: Client,
    final_views: bool,
) -> Vec<Step> {
    let orderer = Orderer {
        options,
        client,
        named_tables: !selection.named_tables().is_empty(),
    };
    let mut steps = Vec::new();
    for index in first_pass(databases, selection, client) {
        orderer.database(&mut steps, index, &databases[index]);
    }
    let any_view = databases
        .iter()
        .any(|database| orderer.final_views(0, database).next().is_some());
    if any_view && final_views && !orderer.named_tables {
        for (index, database) in databases.iter().enumerate() {
            steps.push(Step::BeginFinalViews(index));
            steps.extend(orderer.final_views(index, database));
        }
    }
    steps
}

/// MySQL's client dumps accounts before everything that may depend on them.
fn first_pass(databases: &[DatabasePlan], selection: &Selection, client: Client) -> Vec<usize> {
    let mut indices: Vec<usize> = (0..databases.len()).collect();
    if *selection == Selection::AllDatabases && client.dumps_accounts_first() {
        indices.sort_by_key(|&index| !system::is_system(&databases[index].name));
    }
    indices
}

struct Orderer<'a> {
    options: &'a DumpOptions,
    client: Client,
    named_tables: bool,
}

impl Orderer<'_> {
    fn database(&self, steps: &mut Vec<Step>, index: usize, database: &DatabasePlan) {
        let options = self.options;
        let system = system::is_system(&database.name) && !self.named_tables;
        let logs = || {
            let logs = system::LOGS.iter().map(|&log| log.to_owned()).collect();
            Step::KeptTables(index, logs)
        };
        steps.push(Step::BeginDatabase(index));
        if system && self.client.is_mariadb() {
            steps.push(logs());
        }
        steps.push(Step::Lock(index));
        // MariaDB's client prints the routines first when tables are named.
        let routines_first = self.named_tables && self.client.is_mariadb();
        if options.routines && routines_first {
            steps.push(Step::Routines(index));
        }
        self.objects(steps, index, database);
        if self.named_tables {
            steps.extend(self.final_views(index, database));
        }
        if options.events {
            steps.push(Step::Events(index));
        }
        if options.routines && !routines_first {
            steps.push(Step::Routines(index));
        }
        steps.push(Step::Unlock);
        if system && !self.client.is_mariadb() {
            steps.push(logs());
        }
        if system && database.has_registry {
            let registry = vec![system::REGISTRY.to_owned()];
            steps.push(Step::KeptTables(index, registry));
        }
        if system && options.flush_privileges {
            steps.push(Step::FlushPrivileges);
        }
    }

    /// Sequences, then tables and placeholders.
    fn objects(&self, steps: &mut Vec<Step>, index: usize, database: &DatabasePlan) {
        let defines = self.options.create_info;
        let sequences = of_kind(database, ObjectKind::Sequence).filter(|_| defines);
        steps.extend(sequences.cloned().map(Step::Sequence));
        for entry in &database.objects {
            match entry.kind {
                ObjectKind::Table | ObjectKind::VersionedTable => {
                    steps.push(Step::Table(index, entry.clone()));
                }
                // MySQL's client asks for the columns of a view also where it prints none, and
                // stops at one that is invalid.
                ObjectKind::View if defines || !self.client.is_mariadb() => {
                    steps.push(Step::ViewPlaceholder(index, entry.clone()));
                }
                ObjectKind::View | ObjectKind::Sequence => {}
            }
        }
    }

    /// The views, in full; with --no-create-info there are none.
    fn final_views(&self, index: usize, database: &DatabasePlan) -> impl Iterator<Item = Step> {
        let defines = self.options.create_info;
        of_kind(database, ObjectKind::View)
            .filter(move |_| defines)
            .cloned()
            .map(move |view| Step::FinalView(index, view))
    }
}

fn of_kind(database: &DatabasePlan, kind: ObjectKind) -> impl Iterator<Item = &ObjectEntry> {
    database
        .objects
        .iter()
        .filter(move |entry| entry.kind == kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: ObjectKind) -> ObjectEntry {
        ObjectEntry {
            name: name.into(),
            kind,
            engine: String::new(),
            has_rows: kind.is_table(),
            estimated_rows: 0,
            estimated_bytes: 0,
            columns: Vec::new(),
        }
    }

    fn database(name: &str, objects: Vec<ObjectEntry>) -> DatabasePlan {
        DatabasePlan {
            name: name.into(),
            objects,
            has_registry: false,
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
        let steps = order(&databases, &selection, &everything(), Client::MYSQL_9, true);
        assert_eq!(
            steps,
            [
                Step::BeginDatabase(0),
                Step::Lock(0),
                Step::Table(0, table.clone()),
                Step::ViewPlaceholder(0, view.clone()),
                Step::Events(0),
                Step::Routines(0),
                Step::Unlock,
                Step::BeginDatabase(1),
                Step::Lock(1),
                Step::Table(1, table),
                Step::Events(1),
                Step::Routines(1),
                Step::Unlock,
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
        let steps = |client| order(&databases, &selection, &everything(), client, true);
        let position = |steps: &[Step], step: &Step| steps.iter().position(|s| s == step).unwrap();
        let mariadb = steps(Client::MARIADB_10);
        let mysql = steps(Client::MYSQL_9);
        let final_view = Step::FinalView(0, view);
        assert!(position(&mariadb, &Step::Routines(0)) < position(&mariadb, &final_view));
        assert!(position(&mysql, &Step::Routines(0)) > position(&mysql, &Step::Events(0)));
        assert!(position(&mysql, &final_view) < position(&mysql, &Step::Events(0)));
    }

    #[test]
    fn sequences_come_before_the_tables_that_draw_from_them() {
        let objects = [("a", ObjectKind::Table), ("s", ObjectKind::Sequence)];
        let objects = objects.map(|(name, kind)| entry(name, kind)).to_vec();
        let databases = [database("d", objects.clone())];
        let selection = Selection::database("d");
        let options = DumpOptions::default();
        let steps = order(&databases, &selection, &options, Client::MARIADB_10, true);
        assert_eq!(
            steps[2..4],
            [
                Step::Sequence(objects[1].clone()),
                Step::Table(0, objects[0].clone())
            ]
        );
    }

    #[test]
    fn the_logs_are_first_in_mariadb_and_last_in_mysql() {
        let databases = [database("a", Vec::new()), database("mysql", Vec::new())];
        let all = Selection::AllDatabases;
        let options = DumpOptions::default();
        let begins = |client| {
            let steps = order(&databases, &all, &options, client, true);
            let logs = steps
                .iter()
                .position(|step| matches!(step, Step::KeptTables(1, _)))
                .unwrap();
            let begin = Step::BeginDatabase(1);
            let begin = steps.iter().position(|step| *step == begin).unwrap();
            (begin, logs)
        };
        assert_eq!(begins(Client::MYSQL_9), (0, 3));
        assert_eq!(begins(Client::MARIADB_10), (3, 4));
    }
}
