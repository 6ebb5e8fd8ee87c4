//! The option set of the production job that is replaced.

/// What both real clients and `full-dump` know.
///
/// The job also gives `--set-gtid-purged=OFF`, which MariaDB's client refuses, and
/// `-B DATABASE`.
pub const OPTIONS: &[&str] = &[
    "--single-transaction",
    "--quick",
    "--lock-tables=false",
    "--triggers",
    "--routines",
    "--events",
    "--extended-insert",
    "--compact",
];
