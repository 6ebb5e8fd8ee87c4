//! The dump's bytes against the real client's, in the same run, on both servers.
//!
//! Each test loads a corpus, gives one list of options to both, and compares everything but
//! the volatile lines (versions, host, date).

mod compare;
mod corpus;

use compare::{assert_same_bytes, with_database};
use e2e::database::{DatabaseServer, shared_mariadb, shared_mysql};

/// The option set of the production job. MariaDB's client has no GTIDs to purge.
const PRODUCTION: &[&str] = &[
    "--single-transaction",
    "--quick",
    "--lock-tables=false",
    "--triggers",
    "--routines",
    "--events",
    "--extended-insert",
    "--compact",
];

/// Option sets that a corpus is dumped with, `-B` aside.
const OPTION_SETS: &[&[&str]] = &[
    &[],
    PRODUCTION,
    &["--single-transaction", "--routines", "--events"],
    &[
        "--skip-extended-insert",
        "--complete-insert",
        "--skip-add-locks",
    ],
    &[
        "--hex-blob",
        "--no-autocommit",
        "--add-drop-trigger",
        "--order-by-primary",
    ],
    &["--skip-comments", "--skip-tz-utc", "--skip-set-charset"],
    &["--no-data", "--routines", "--events"],
    &[
        "--no-create-info",
        "--routines",
        "--events",
        "--skip-triggers",
    ],
    &[
        "--insert-ignore",
        "--where=1=1",
        "--net-buffer-length=4096",
        "--skip-dump-date",
    ],
    &[
        "--compact",
        "--comments",
        "--tz-utc",
        "--add-drop-table",
        "--replace",
    ],
    &["--skip-opt", "--create-options", "--no-tablespaces"],
    &["--skip-extended-insert", "--hex-blob"],
];

async fn every_option_set(server: &'static DatabaseServer, corpus: &str) {
    let database = with_database(server, "parity", corpus).await;
    for options in OPTION_SETS {
        for form in [vec![database.as_str()], vec!["-B", database.as_str()]] {
            let mut arguments = options.to_vec();
            arguments.extend(form);
            assert_same_bytes(server, &arguments).await;
        }
    }
}

#[tokio::test]
async fn every_type_and_every_option_set_on_mariadb() {
    let Some(server) = shared_mariadb().await else {
        return;
    };
    every_option_set(server, corpus::TYPES).await;
}

#[tokio::test]
async fn every_type_and_every_option_set_on_mysql() {
    let Some(server) = shared_mysql().await else {
        return;
    };
    every_option_set(server, corpus::TYPES).await;
}

#[tokio::test]
async fn views_triggers_routines_events_on_mariadb() {
    let Some(server) = shared_mariadb().await else {
        return;
    };
    every_option_set(server, corpus::PROGRAMS).await;
}

#[tokio::test]
async fn views_triggers_routines_events_on_mysql() {
    let Some(server) = shared_mysql().await else {
        return;
    };
    every_option_set(server, corpus::PROGRAMS).await;
}
