//! The order of everything, decided once, before the first byte.

mod chooser;
mod order;
mod system;

pub(crate) use system::{Role, is_system, role};

use self::chooser::Chooser;
use crate::error::Error;
use crate::failures::Failures;
use crate::flavour::Client;
use crate::options::{Charset, DumpOptions, Letters, OptionError, Selection, is_virtual};
use crate::source::Session;
use crate::source::catalogue::{self, ObjectEntry};

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
                chooser.all(listed, failures)
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
