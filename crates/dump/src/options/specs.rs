//! The table of options: one place for their names, so that a command line's `--help`,
//! its parser and [`DumpOptions::apply`](super::DumpOptions::apply) cannot drift apart.

use crate::flavour::Flavour;

/// How an option takes its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// A switch: `--name`, `--name=0|1|true|false|on|off`, and `--skip-name` if negatable.
    Switch,
    /// `--name=VALUE` or `--name VALUE`.
    Required,
    /// `--name` or `--name=VALUE`.
    Optional,
}

/// One option as a command line shows it.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct OptionSpec {
    /// mysqldump's name, without dashes.
    pub name: &'static str,
    /// mysqldump's short form.
    pub short: Option<char>,
    /// How it takes a value.
    pub value: ValueKind,
    /// Whether `--skip-NAME` exists.
    pub negatable: bool,
    /// The client that has it; `None` for both.
    pub only: Option<Flavour>,
    /// One line for `--help`, with the default.
    pub help: &'static str,
}

/// Every option that [`DumpOptions::apply`](super::DumpOptions::apply) honours, by name.
///
/// `databases` is listed for `--help`; it decides the [`Selection`](super::Selection), which
/// is the caller's.
#[must_use]
pub fn option_specs() -> &'static [OptionSpec] {
    SPECS
}

const fn switch(name: &'static str, short: Option<char>, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        short,
        value: ValueKind::Switch,
        negatable: true,
        only: None,
        help,
    }
}

const fn plain(name: &'static str, short: Option<char>, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        short,
        value: ValueKind::Switch,
        negatable: false,
        only: None,
        help,
    }
}

const fn valued(name: &'static str, short: Option<char>, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        short,
        value: ValueKind::Required,
        negatable: false,
        only: None,
        help,
    }
}

const fn optional(name: &'static str, short: Option<char>, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        short,
        value: ValueKind::Optional,
        negatable: false,
        only: None,
        help,
    }
}

impl OptionSpec {
    /// The same option, of one client only.
    const fn of(mut self, only: Flavour) -> Self {
        self.only = Some(only);
        self
    }
}

const SPECS: &[OptionSpec] = &[
    switch(
        "add-drop-database",
        None,
        "DROP DATABASE before each CREATE DATABASE [off]",
    ),
    switch(
        "add-drop-table",
        None,
        "DROP TABLE before each CREATE TABLE [on]",
    ),
    switch(
        "add-drop-trigger",
        None,
        "DROP TRIGGER before each CREATE TRIGGER [off]",
    ),
    switch(
        "add-locks",
        None,
        "LOCK TABLES and UNLOCK TABLES around each table's rows [on]",
    ),
    switch(
        "all-databases",
        Some('A'),
        "Every database, accounts and settings (mysql) included [off]",
    ),
    switch(
        "all-tablespaces",
        Some('Y'),
        "Tablespaces of NDB, which are never printed [off]",
    ),
    switch(
        "allow-keywords",
        None,
        "Keywords as names also with --skip-quote-names [off]",
    ),
    switch(
        "apply-replica-statements",
        None,
        "STOP REPLICA before the position, START REPLICA at the end [off]",
    ),
    switch(
        "apply-slave-statements",
        None,
        "The same, by its older name [off]",
    ),
    valued(
        "as-of",
        None,
        "MariaDB: system-versioned tables as of this time",
    )
    .of(Flavour::Mariadb),
    switch(
        "column-statistics",
        None,
        "MySQL: ANALYZE TABLE for each histogram [off]",
    )
    .of(Flavour::Mysql),
    switch(
        "comments",
        Some('i'),
        "Comments with names, versions and the date [on]",
    ),
    switch(
        "compact",
        None,
        "Less output: no comments, header, footer, drops, locks (MySQL 9: no tz-utc) [off]",
    ),
    valued(
        "compatible",
        None,
        "Names and definitions for other servers: ansi (MariaDB: more, by commas)",
    ),
    switch(
        "complete-insert",
        Some('c'),
        "Column names in each INSERT [off]",
    ),
    switch(
        "create-options",
        Some('a'),
        "MariaDB: its own options in CREATE TABLE [on]",
    ),
    switch(
        "databases",
        Some('B'),
        "Every name is a database; adds CREATE DATABASE and USE [off]",
    ),
    valued(
        "default-character-set",
        None,
        "Character set of the values [utf8mb4]",
    ),
    switch(
        "disable-keys",
        Some('K'),
        "ALTER TABLE … DISABLE KEYS around the rows [on]",
    ),
    switch("dump-date", None, "The date in the last comment [on]"),
    switch(
        "dump-history",
        Some('H'),
        "MariaDB: all versions of the rows of system-versioned tables [off]",
    )
    .of(Flavour::Mariadb),
    switch("events", Some('E'), "Events [off]"),
    switch("extended-insert", Some('e'), "Many rows in an INSERT [on]"),
    valued(
        "flavour",
        None,
        "Whose output: mysql or mariadb, with a release if need be (mysql-8.0) [the server's]",
    ),
    switch(
        "flush-privileges",
        None,
        "FLUSH PRIVILEGES after the mysql database [off]",
    ),
    switch(
        "force",
        Some('f'),
        "Go on after an object that cannot be read; it still ends in an error [off]",
    ),
    switch(
        "gtid",
        None,
        "MariaDB: with --master-data, replication starts from the GTID [off]",
    )
    .of(Flavour::Mariadb),
    switch("hex-blob", None, "Binary values as 0x… [off]"),
    valued(
        "ignore-database",
        None,
        "MariaDB: with --all-databases, leaves out this one; may be repeated",
    )
    .of(Flavour::Mariadb),
    valued(
        "ignore-error",
        None,
        "MySQL: as --force, for these error numbers only, by commas",
    )
    .of(Flavour::Mysql),
    valued("ignore-table", None, "Leaves out DB.TABLE; may be repeated"),
    valued(
        "ignore-table-data",
        None,
        "MariaDB: leaves out the rows of DB.TABLE; may be repeated",
    )
    .of(Flavour::Mariadb),
    switch("ignore-views", None, "MySQL: no views [off]").of(Flavour::Mysql),
    switch("insert-ignore", None, "INSERT IGNORE [off]"),
    switch(
        "lock-all-tables",
        Some('x'),
        "One global read lock for the whole dump [off]",
    ),
    switch(
        "lock-tables",
        Some('l'),
        "LOCK TABLES … READ per database [on; off with a snapshot]",
    ),
    switch(
        "log-queries",
        None,
        "MariaDB: the restoring server logs as it is set to [on]",
    )
    .of(Flavour::Mariadb),
    optional("master-data", None, "--source-data by its older name [0]"),
    valued(
        "net-buffer-length",
        None,
        "Longest INSERT in bytes, suffixes K, M, G [1046528]",
    ),
    switch(
        "no-autocommit",
        None,
        "A transaction around each table's rows [off]",
    ),
    switch("no-create-db", Some('n'), "No CREATE DATABASE [off]"),
    switch("no-create-info", Some('t'), "No CREATE TABLE [off]"),
    switch("no-data", Some('d'), "No rows [off]"),
    switch(
        "no-data-med",
        None,
        "MariaDB: no rows of tables whose engine keeps them elsewhere [on]",
    )
    .of(Flavour::Mariadb),
    plain(
        "no-set-names",
        Some('N'),
        "The same as --skip-set-charset [off]",
    ),
    switch(
        "no-tablespaces",
        Some('y'),
        "No tablespaces; none are ever printed [on]",
    ),
    plain(
        "opt",
        None,
        "The group of options that is on by default [on]",
    ),
    plain(
        "skip-opt",
        None,
        "The group of options that is on by default, off [off]",
    ),
    switch(
        "order-by-primary",
        None,
        "Rows in the order of the primary key [off]",
    ),
    switch("order-by-size", None, "MariaDB: small tables first [off]").of(Flavour::Mariadb),
    valued(
        "output-as-version",
        None,
        "MySQL: words of replication: SERVER, BEFORE_8_2_0, BEFORE_8_0_23 [SERVER]",
    )
    .of(Flavour::Mysql),
    switch("quick", Some('q'), "Row by row; always on [on]"),
    switch("quote-names", Some('Q'), "Backticks around names [on]"),
    switch("replace", None, "REPLACE in the place of INSERT [off]"),
    switch("routines", Some('R'), "Procedures and functions [off]"),
    switch("set-charset", None, "SET NAMES in the header [on]"),
    valued(
        "set-gtid-purged",
        None,
        "MySQL: AUTO, ON, OFF, COMMENTED [AUTO]",
    )
    .of(Flavour::Mysql),
    plain(
        "show-create-table-skip-secondary-engine",
        None,
        "MySQL: no SECONDARY_ENGINE in CREATE TABLE [off]",
    )
    .of(Flavour::Mysql),
    switch(
        "single-transaction",
        None,
        "One consistent InnoDB snapshot, no locks [off]",
    ),
    plain(
        "skip-generated-invisible-primary-key",
        None,
        "MySQL: no primary keys that the server made up [off]",
    )
    .of(Flavour::Mysql),
    optional(
        "source-data",
        None,
        "The binary log's position: 1 as a statement, 2 as a comment [0; 1 without a value]",
    ),
    plain(
        "tables",
        None,
        "Undoes --databases: names after the first are tables",
    ),
    switch("triggers", None, "Triggers [on]"),
    switch("tz-utc", None, "TIMESTAMPs in UTC [on]"),
    valued("where", Some('w'), "Only rows that satisfy this condition"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_short_forms_are_unique() {
        let mut names = std::collections::BTreeSet::new();
        let mut shorts = std::collections::BTreeSet::new();
        for spec in option_specs() {
            assert!(names.insert(spec.name), "{}", spec.name);
            assert!(
                spec.short.is_none_or(|short| shorts.insert(short)),
                "{}",
                spec.name
            );
        }
    }
}
