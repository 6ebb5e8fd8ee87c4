//! The order of everything, decided once, before the first byte.

mod order;
mod system;

pub(crate) use system::{Role, is_system, role};

use crate::error::Error;
use crate::failures::Failures;
use crate::flavour::Client;
use crate::options::{Charset, DumpOptions, Letters, OptionError, Selection, is_virtual};
use crate::source::Session;
use crate::source::catalogue::{self, ObjectEntry, ObjectKind};

/// One part of the dump, in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// A database's beginning: made current, and printed if databases are named.
    BeginDatabase(usize),
    /// Tables of which only the definition is printed, and only where they are missing: logs.
    KeptTables(usize, Vec<String>),
    /// A database's objects are locked, or a savepoint is set.
    Lock(usize),
    /// A sequence.
    Sequence(ObjectEntry),
    /// A table: definition, rows, triggers.
    Table(usize, ObjectEntry),
    /// A view's placeholder.
    ViewPlaceholder(usize, ObjectEntry),
    /// The events of a database.
    Events(usize),
    /// The routines of a database.
    Routines(usize),
    /// A database's end: unlocked.
    Unlock,
    /// The restoring server reads the accounts anew.
    FlushPrivileges,
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
    /// In the order of the dump.
    pub(crate) objects: Vec<ObjectEntry>,
    /// Whether the server has the table of transactions (MariaDB).
    pub(crate) has_registry: bool,
}

impl Plan {
    /// Lists the objects and puts them in order.
    pub(crate) async fn make(
        session: &mut Session,
        selection: &Selection,
        options: &DumpOptions,
        client: Client,
        failures: &mut Failures,
    ) -> Result<Self, Error> {
        let mut databases = Vec::new();
        let mut complete = true;
        for name in database_names(session, selection, options).await? {
            let listed = catalogue::objects(session, &name, options.order_by_size).await;
            let Some(listed) = failures.tolerate(listed)? else {
                complete = false;
                continue;
            };
            let chooser = Chooser {
                database: &name,
                options,
                client,
            };
            let has_registry = chooser.has_registry(&listed);
            let objects = if selection.named_tables().is_empty() {
                chooser.all(listed)
            } else {
                let named = spelled(session, &name, selection.named_tables(), &listed).await?;
                chooser.named(&listed, &named, failures)?
            };
            databases.push(DatabasePlan {
                name,
                objects,
                has_registry,
            });
        }
        // With a database missing, the real clients leave the final views out, unless they
        // dump all there are.
        let final_views = complete || *selection == Selection::AllDatabases;
        let steps = order::order(&databases, selection, options, client, final_views);
        Ok(Self { databases, steps })
    }

    /// The tables whose rows will be read.
    pub(crate) fn tables_with_rows(&self) -> impl Iterator<Item = &ObjectEntry> {
        self.databases
            .iter()
            .flat_map(|database| &database.objects)
            .filter(|entry| entry.has_rows)
    }

    /// Checks that the character set of the dump has the letters of all names with which the
    /// real client asks the server.
    pub(crate) fn check_names(
        &self,
        charset: &Charset,
        letters: &Letters,
        client: Client,
    ) -> Result<(), Error> {
        for database in &self.databases {
            let mut names = vec![&database.name];
            for entry in &database.objects {
                names.push(&entry.name);
                // MySQL's client names columns only where one of them is invisible.
                let mut columns = entry.columns.iter();
                if entry.has_rows && (client.is_mariadb() || columns.any(|c| c.invisible)) {
                    names.extend(entry.columns.iter().map(|column| &column.name));
                }
            }
            if let Some(name) = names.into_iter().find(|name| !letters.hold(name)) {
                return Err(OptionError::selection(&format!(
                    "the name {name:?} cannot be printed in {}: \
                     use --default-character-set=utf8mb4",
                    charset.name()
                ))
                .into());
            }
        }
        Ok(())
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

/// The names of the databases, as given or as the server lists them.
async fn database_names(
    session: &mut Session,
    selection: &Selection,
    options: &DumpOptions,
) -> Result<Vec<String>, Error> {
    if *selection != Selection::AllDatabases {
        let names = selection.database_names();
        return Ok(names.into_iter().map(str::to_owned).collect());
    }
    let listed = catalogue::databases(session).await?;
    Ok(listed
        .into_iter()
        .filter(|name| !is_virtual(name) && !options.ignore_databases.contains(name))
        .collect())
}

/// Named tables as the server spells them: the real clients let it look for names in other
/// letter case.
async fn spelled(
    session: &mut Session,
    database: &str,
    names: &[String],
    listed: &[ObjectEntry],
) -> Result<Vec<String>, Error> {
    let mut spelled = Vec::new();
    for name in names {
        let known = listed.iter().any(|entry| entry.name == *name);
        let found = if known {
            None
        } else {
            catalogue::spelled(session, database, name).await?
        };
        spelled.push(found.unwrap_or_else(|| name.clone()));
    }
    Ok(spelled)
}

/// Chooses the objects of one database.
struct Chooser<'a> {
    database: &'a str,
    options: &'a DumpOptions,
    client: Client,
}

impl Chooser<'_> {
    /// All but the ignored, and those that have a place of their own.
    fn all(&self, listed: Vec<ObjectEntry>) -> Vec<ObjectEntry> {
        let ignored = |entry: &ObjectEntry| {
            system::is_passed_over(self.client, self.database, &entry.name)
                || self.is_listed(&self.options.ignore_tables, &entry.name)
        };
        listed
            .into_iter()
            .filter(|entry| !ignored(entry))
            .filter_map(|entry| self.choose(entry, false))
            .collect()
    }

    /// Those named, in the order given.
    fn named(
        &self,
        listed: &[ObjectEntry],
        names: &[String],
        failures: &mut Failures,
    ) -> Result<Vec<ObjectEntry>, Error> {
        let mut chosen = Vec::new();
        for name in names {
            let found = listed.iter().find(|entry| entry.name == *name);
            match found {
                Some(entry) => chosen.extend(self.choose(entry.clone(), true)),
                None => failures.forgive(Error::NotFound {
                    step: format!("find the tables of {}", self.database),
                    code: 0,
                    message: format!("no table or view {name:?}"),
                })?,
            }
        }
        Ok(chosen)
    }

    /// Decides on the rows; `None` for what the client leaves out altogether.
    fn choose(&self, mut entry: ObjectEntry, named: bool) -> Option<ObjectEntry> {
        let (options, client) = (self.options, self.client);
        if !client.is_mariadb() && entry.kind != ObjectKind::View {
            // MySQL's client knows neither sequences nor versions of rows.
            entry.kind = ObjectKind::Table;
        }
        if entry.kind == ObjectKind::View && options.ignore_views {
            return None;
        }
        // MariaDB's client does not touch tables that live on S3.
        if client.is_mariadb() && entry.engine.eq_ignore_ascii_case("S3") {
            return None;
        }
        let elsewhere = options.data_med_skipped
            && catalogue::keeps_rows_elsewhere(client.flavour(), &entry.engine);
        // MariaDB's client takes a table that no engine can open for one without rows. It is
        // seen with --no-create-info only: the definition could not be read either.
        let unopened = client.is_mariadb() && entry.kind.is_table() && entry.engine.is_empty();
        if unopened {
            tracing::warn!(table = %entry.name, "no engine can open this table: its rows are left out");
        }
        let withheld = (!named && self.is_listed(&options.ignore_table_data, &entry.name))
            || system::withholds_rows(client, options, self.database, &entry.name, named);
        entry.has_rows =
            entry.kind.is_table() && options.data && !elsewhere && !withheld && !unopened;
        Some(entry)
    }

    /// Whether a list of `database.table` has this table; letter case is ignored.
    fn is_listed(&self, list: &[String], table: &str) -> bool {
        let qualified = format!("{}.{table}", self.database);
        list.iter()
            .any(|name| name.eq_ignore_ascii_case(&qualified))
    }

    fn has_registry(&self, listed: &[ObjectEntry]) -> bool {
        self.client.is_mariadb()
            && is_system(self.database)
            && listed.iter().any(|entry| entry.name == system::REGISTRY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: ObjectKind, engine: &str) -> ObjectEntry {
        ObjectEntry {
            name: name.into(),
            kind,
            engine: engine.into(),
            has_rows: false,
            estimated_rows: 0,
            estimated_bytes: 0,
            columns: Vec::new(),
        }
    }

    fn options(given: &[(&str, &str)]) -> DumpOptions {
        let mut options = DumpOptions::default();
        for (name, value) in given {
            options.apply(name, Some(value)).unwrap();
        }
        options
    }

    fn chooser(options: &DumpOptions, client: Client) -> Chooser<'_> {
        Chooser {
            database: "db",
            options,
            client,
        }
    }

    fn names(chosen: &[ObjectEntry]) -> Vec<&str> {
        chosen.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn named_tables_keep_their_order_and_a_missing_one_is_named() {
        let listed = ["a", "b"].map(|name| entry(name, ObjectKind::Table, "InnoDB"));
        let options = DumpOptions::default();
        let chooser = chooser(&options, Client::MYSQL_9);
        let mut failures = Failures::new(&options);
        let chosen = chooser
            .named(&listed, &["b".into(), "a".into()], &mut failures)
            .unwrap();
        assert_eq!(names(&chosen), ["b", "a"]);
        let error = chooser
            .named(&listed, &["c".into()], &mut failures)
            .unwrap_err();
        assert!(error.to_string().contains("\"c\""), "{error}");
    }

    #[test]
    fn ignored_tables_are_found_in_any_letter_case() {
        let listed = ["a", "b.c", "d"].map(|name| entry(name, ObjectKind::Table, "InnoDB"));
        let options = options(&[("ignore-table", "DB.A"), ("ignore-table", "db.b.c")]);
        let chosen = chooser(&options, Client::MYSQL_9).all(listed.to_vec());
        assert_eq!(names(&chosen), ["d"]);
    }

    #[test]
    fn rows_that_live_elsewhere_stay_there() {
        let listed = vec![
            entry("merged", ObjectKind::Table, "MRG_MyISAM"),
            entry("linked", ObjectKind::Table, "CONNECT"),
            entry("cold", ObjectKind::Table, "S3"),
            entry("plain", ObjectKind::VersionedTable, "InnoDB"),
        ];
        let with_rows = |options: &DumpOptions, client| {
            let chosen = chooser(options, client).all(listed.clone());
            let rows = chosen.iter().filter(|entry| entry.has_rows);
            rows.map(|entry| entry.name.clone()).collect::<Vec<_>>()
        };
        let plain = DumpOptions::default();
        assert_eq!(with_rows(&plain, Client::MARIADB_10), ["plain"]);
        assert_eq!(
            with_rows(&plain, Client::MYSQL_9),
            ["linked", "cold", "plain"]
        );
        let all = options(&[("no-data-med", "0")]);
        assert_eq!(
            with_rows(&all, Client::MARIADB_10),
            ["merged", "linked", "plain"]
        );
    }
}
