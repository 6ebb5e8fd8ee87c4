//! The table of options: one place for their names, so that a command line's `--help`,
//! its parser and [`DumpOptions::apply`](super::DumpOptions::apply) cannot drift apart.

/// How an option takes its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ValueKind {
    /// A switch: `--name`, `--name=0|1|true|false|on|off`, and `--skip-name` if negatable.
    Switch,
    /// `--name=VALUE` or `--name VALUE`.
    Required,
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
        help,
    }
}

const fn plain(name: &'static str, short: Option<char>, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        short,
        value: ValueKind::Switch,
        negatable: false,
        help,
    }
}

const fn valued(name: &'static str, short: Option<char>, help: &'static str) -> OptionSpec {
    OptionSpec {
        name,
        short,
        value: ValueKind::Required,
        negatable: false,
        help,
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
        "comments",
        Some('i'),
        "Comments with names, versions and the date [on]",
    ),
    plain(
        "compact",
        None,
        "Less output: no comments, header, footer, drops, locks (MySQL 9: no tz-utc) [off]",
    ),
    switch(
        "complete-insert",
        Some('c'),
        "Column names in each INSERT [off]",
    ),
    switch(
        "create-options",
        None,
        "MySQL's own options in CREATE TABLE; always on [on]",
    ),
    plain(
        "databases",
        Some('B'),
        "Every name is a database; adds CREATE DATABASE and USE [off]",
    ),
    valued(
        "default-character-set",
        None,
        "Character set of the dump; only utf8mb4 [utf8mb4]",
    ),
    switch(
        "disable-keys",
        Some('K'),
        "ALTER TABLE … DISABLE KEYS around the rows [on]",
    ),
    switch("dump-date", None, "The date in the last comment [on]"),
    switch("events", Some('E'), "Events [off]"),
    switch("extended-insert", Some('e'), "Many rows in an INSERT [on]"),
    valued(
        "flavour",
        None,
        "Whose output: mysql or mariadb [the server's]",
    ),
    switch("hex-blob", None, "Binary values as 0x… [off]"),
    valued("ignore-table", None, "Leaves out DB.TABLE; may be repeated"),
    switch("insert-ignore", None, "INSERT IGNORE [off]"),
    switch(
        "lock-tables",
        Some('l'),
        "LOCK TABLES … READ per database [on; off with a snapshot]",
    ),
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
    plain("no-create-db", Some('n'), "No CREATE DATABASE [off]"),
    plain("no-create-info", Some('t'), "No CREATE TABLE [off]"),
    plain("no-data", Some('d'), "No rows [off]"),
    plain(
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
    switch("quick", Some('q'), "Row by row; always on [on]"),
    switch(
        "quote-names",
        Some('Q'),
        "Backticks around names; always on [on]",
    ),
    switch("replace", None, "REPLACE in the place of INSERT [off]"),
    switch("routines", Some('R'), "Procedures and functions [off]"),
    switch("set-charset", None, "SET NAMES in the header [on]"),
    valued(
        "set-gtid-purged",
        None,
        "MySQL only: AUTO, ON, OFF, COMMENTED [AUTO]",
    ),
    switch(
        "single-transaction",
        None,
        "One consistent InnoDB snapshot, no locks [off]",
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
