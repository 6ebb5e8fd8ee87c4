//! What to dump and how: mysqldump's options, by its own names and with its defaults.
//!
//! This room knows nothing of a server: it turns names and values into [`DumpOptions`],
//! in the order in which they were given, as the real client does.

mod apply;
mod error;
mod specs;

pub use error::OptionError;
pub use specs::{OptionSpec, ValueKind, option_specs};

use crate::flavour::Flavour;

/// What is dumped.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selection {
    /// One database without its `CREATE DATABASE` (`mysqldump DB`), or some of its tables in
    /// the order given (`mysqldump DB T1 T2`).
    Database {
        /// The database.
        name: String,
        /// Tables and views; empty for all.
        tables: Vec<String>,
    },
    /// Whole databases with `CREATE DATABASE` and `USE` (`mysqldump --databases A B`).
    Databases(Vec<String>),
}

impl Selection {
    /// One database, all its tables, no `CREATE DATABASE`.
    pub fn database(name: impl Into<String>) -> Self {
        Self::Database {
            name: name.into(),
            tables: Vec::new(),
        }
    }

    /// The names of the databases, in order.
    #[must_use]
    pub fn database_names(&self) -> Vec<&str> {
        match self {
            Self::Database { name, .. } => vec![name],
            Self::Databases(names) => names.iter().map(String::as_str).collect(),
        }
    }

    /// Whether `CREATE DATABASE` and `USE` are printed.
    pub(crate) fn names_databases(&self) -> bool {
        matches!(self, Self::Databases(_))
    }

    /// The tables that were named, if any were.
    pub(crate) fn named_tables(&self) -> &[String] {
        match self {
            Self::Database { tables, .. } => tables,
            Self::Databases(_) => &[],
        }
    }
}

/// `--set-gtid-purged`: whether the header carries the server's executed GTIDs (MySQL only).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum SetGtidPurged {
    /// If the server has GTIDs on.
    #[default]
    Auto,
    /// Always; an error on a server without GTIDs.
    On,
    /// Never.
    Off,
    /// As a comment.
    Commented,
}

/// The options that change the bytes of a dump or the way it is read.
///
/// [`Default`] is mysqldump's default. Set by name with [`apply`](Self::apply), in order:
/// `--compact --tz-utc` and `--tz-utc --compact` differ, as they do in the real client.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "mysqldump's options are switches"
)]
pub struct DumpOptions {
    pub(crate) flavour: Option<Flavour>,
    pub(crate) add_drop_database: bool,
    pub(crate) add_drop_table: bool,
    pub(crate) add_drop_trigger: bool,
    pub(crate) add_locks: bool,
    pub(crate) comments: bool,
    pub(crate) compact: bool,
    pub(crate) complete_insert: bool,
    pub(crate) disable_keys: bool,
    pub(crate) dump_date: bool,
    pub(crate) events: bool,
    pub(crate) extended_insert: bool,
    pub(crate) hex_blob: bool,
    pub(crate) ignore_tables: Vec<(String, String)>,
    pub(crate) insert_ignore: bool,
    pub(crate) lock_tables: bool,
    pub(crate) net_buffer_length: u64,
    pub(crate) no_autocommit: bool,
    pub(crate) create_db: bool,
    pub(crate) create_options: bool,
    pub(crate) create_info: bool,
    pub(crate) data: bool,
    pub(crate) order_by_primary: bool,
    pub(crate) replace: bool,
    pub(crate) routines: bool,
    pub(crate) set_charset: bool,
    pub(crate) set_gtid_purged: SetGtidPurged,
    pub(crate) single_transaction: bool,
    pub(crate) triggers: bool,
    /// `None`: neither asked for nor against, so `--compact` decides by flavour.
    pub(crate) tz_utc: Option<bool>,
    pub(crate) where_clause: Option<String>,
    /// What was applied, in order, for the manifest.
    pub(crate) applied: Vec<String>,
}

impl Default for DumpOptions {
    fn default() -> Self {
        Self {
            flavour: None,
            add_drop_database: false,
            add_drop_table: true,
            add_drop_trigger: false,
            add_locks: true,
            comments: true,
            compact: false,
            complete_insert: false,
            disable_keys: true,
            dump_date: true,
            events: false,
            extended_insert: true,
            hex_blob: false,
            ignore_tables: Vec::new(),
            insert_ignore: false,
            lock_tables: true,
            net_buffer_length: DEFAULT_NET_BUFFER_LENGTH,
            no_autocommit: false,
            create_db: true,
            create_options: true,
            create_info: true,
            data: true,
            order_by_primary: false,
            replace: false,
            routines: false,
            set_charset: true,
            set_gtid_purged: SetGtidPurged::Auto,
            single_transaction: false,
            triggers: true,
            tz_utc: None,
            where_clause: None,
            applied: Vec::new(),
        }
    }
}

/// Both clients' default: 1 MiB less 2 KiB, not 1 MiB.
const DEFAULT_NET_BUFFER_LENGTH: u64 = 1_046_528;

impl DumpOptions {
    /// The options that were applied, in order and in mysqldump's spelling (`--compact`).
    #[must_use]
    pub fn applied(&self) -> &[String] {
        &self.applied
    }

    /// Whether the dump is read in one consistent snapshot.
    #[must_use]
    pub fn single_transaction(&self) -> bool {
        self.single_transaction
    }

    /// Whether routines are dumped.
    #[must_use]
    pub fn routines(&self) -> bool {
        self.routines
    }

    /// Whether events are dumped.
    #[must_use]
    pub fn events(&self) -> bool {
        self.events
    }

    /// Whether triggers are dumped.
    #[must_use]
    pub fn triggers(&self) -> bool {
        self.triggers
    }

    /// Whether TIMESTAMP values are read, and restored, in UTC.
    ///
    /// On unless switched off; `--compact` alone switches it off in MySQL 9's client but not
    /// in MariaDB's (measured on 9.7.4 and 10.11.19).
    pub(crate) fn tz_utc(&self, flavour: Flavour) -> bool {
        self.tz_utc.unwrap_or(!self.compact || flavour.is_mariadb())
    }

    /// Checks what no single option can see.
    ///
    /// # Errors
    ///
    /// Names the two options that contradict each other, or the selection's fault.
    pub(crate) fn validate(&self, selection: &Selection) -> Result<(), OptionError> {
        let names = selection.database_names();
        if names.is_empty() {
            return Err(OptionError::selection("name at least one database"));
        }
        if let Some(name) = names.iter().find(|name| name.is_empty()) {
            return Err(OptionError::selection(&format!(
                "{name:?} is not a database name"
            )));
        }
        let skipped = ["information_schema", "performance_schema", "sys"];
        if let Some(name) = names
            .iter()
            .find(|name| skipped.iter().any(|skip| name.eq_ignore_ascii_case(skip)))
        {
            return Err(OptionError::selection(&format!(
                "dumping {name} is not supported: it holds no data of its own"
            )));
        }
        if let Selection::Databases(names) = selection {
            let mut seen = std::collections::BTreeSet::new();
            if let Some(twice) = names.iter().find(|name| !seen.insert(*name)) {
                return Err(OptionError::selection(&format!(
                    "database {twice} is named twice"
                )));
            }
        }
        if !self.create_options {
            return Err(OptionError::selection(
                "the server's definitions are printed whole: give --create-options after --skip-opt",
            ));
        }
        if self.flavour == Some(Flavour::Mariadb)
            && self
                .applied
                .iter()
                .any(|option| option.starts_with("--set-gtid-purged=ON"))
        {
            return Err(OptionError::selection(
                "--set-gtid-purged=ON has no meaning for MariaDB, which has another kind of GTID",
            ));
        }
        Ok(())
    }
}
