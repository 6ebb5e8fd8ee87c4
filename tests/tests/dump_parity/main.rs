//! The dump's bytes against the real client's, in the same run, on both servers.
//!
//! Each test loads a corpus, gives one list of options to both, and compares everything but
//! the volatile lines (versions, host, date).

mod compare;
mod corpus;

use compare::{assert_same_bytes, with_database};
use e2e::database::{DatabaseServer, Flavour, shared_mariadb, shared_mysql};
use e2e::production::OPTIONS as PRODUCTION;
use e2e::sharehouse::{self, LoadOptions};

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

async fn both_servers() -> Vec<&'static DatabaseServer> {
    [shared_mariadb().await, shared_mysql().await]
        .into_iter()
        .flatten()
        .collect()
}

/// The demo's schema, under the production job's options and under none.
#[tokio::test]
async fn the_share_house_on_both_servers() {
    for server in both_servers().await {
        let mut options = LoadOptions::default();
        options.database = "sharehouse".into();
        options.rows = 20_000;
        sharehouse::load(server, &options)
            .await
            .expect("the share house loads");
        let mut production = PRODUCTION.to_vec();
        if server.flavour() == Flavour::MySql {
            production.push("--set-gtid-purged=OFF");
        }
        production.extend(["-B", "sharehouse"]);
        let report = assert_same_bytes(server, &production).await;
        assert!(report.rows >= 20_000);
        assert_same_bytes(server, &["sharehouse"]).await;
        assert_same_bytes(server, &["sharehouse", "rooms", "tenants"]).await;
    }
}

/// Final views come after the last database; every database begins a second time.
#[tokio::test]
async fn several_databases_and_named_tables() {
    for server in both_servers().await {
        let programs = with_database(server, "several", corpus::PROGRAMS).await;
        let empty = server.create_database("several_empty").await.unwrap();
        let types = with_database(server, "several", corpus::TYPES).await;
        let all = [programs.as_str(), empty.as_str(), types.as_str()];
        for options in [
            &["--routines", "--events"][..],
            PRODUCTION,
            &["--add-drop-database"],
            &["--no-create-db"],
        ] {
            assert_same_bytes(server, &[options, &["-B"], &all].concat()).await;
        }
        for options in [&["--routines", "--events"][..], PRODUCTION] {
            let named = [programs.as_str(), "zz_base", "log", "a", "aa_over"];
            assert_same_bytes(server, &[options, &named].concat()).await;
        }
        let ignored = format!("--ignore-table={types}.blobs");
        assert_same_bytes(server, &[&ignored, "--ignore-table=other.texts", &types]).await;
        assert_same_bytes(server, &[empty.as_str()]).await;
    }
}

/// TIMESTAMPs under a server zone that is not UTC: `--compact` differs between the clients.
#[tokio::test]
async fn timestamps_in_a_zone_east_of_utc() {
    for flavour in [Flavour::MariaDb, Flavour::MySql] {
        let server =
            DatabaseServer::builder(flavour).server_options(&["--default-time-zone=+09:00"]);
        let Some(server) = server.start().await.unwrap() else {
            continue;
        };
        let script = "CREATE TABLE t (id INT PRIMARY KEY, updated_at TIMESTAMP NULL, d DATETIME); \
                      INSERT INTO t VALUES (1, '2024-01-01 18:00:00', '2024-01-01 18:00:00');";
        let database = with_database(&server, "zone", script).await;
        for options in [
            &["--compact"][..],
            &[],
            &["--compact", "--tz-utc"],
            &["--skip-tz-utc"],
        ] {
            let report =
                assert_same_bytes(&server, &[options, &[database.as_str()]].concat()).await;
            let offset = report.snapshot.timestamp_offset_seconds;
            assert!([0, 9 * 3600].contains(&offset), "{offset}");
        }
    }
}

/// Rows whose packets are split by the protocol, at and around 16 MiB, first column included.
#[tokio::test]
async fn rows_of_sixteen_mebibytes_and_more() {
    for server in both_servers().await {
        let script = "CREATE TABLE big (b LONGBLOB, id INT PRIMARY KEY); \
            INSERT INTO big VALUES (REPEAT('x', 16777205), 1), (REPEAT('y', 16777215), 2); \
            INSERT INTO big VALUES (REPEAT('z', 16777216), 3), (REPEAT(0x00, 20000000), 4), ('', 5);";
        let database = with_database(server, "big", script).await;
        let report = assert_same_bytes(server, &[database.as_str()]).await;
        assert_eq!(report.rows, 5);
    }
}

/// MySQL 9 has GTIDs on by default; its header then carries them.
#[tokio::test]
async fn the_gtid_block_of_mysql() {
    let options = [
        "--log-bin=binlog",
        "--server-id=7",
        "--gtid-mode=ON",
        "--enforce-gtid-consistency=ON",
    ];
    let server = DatabaseServer::builder(Flavour::MySql).server_options(&options);
    let Some(server) = server.start().await.unwrap() else {
        return;
    };
    let database = with_database(&server, "gtid", "CREATE TABLE t (id INT PRIMARY KEY)").await;
    for options in [
        &[][..],
        &["--single-transaction"],
        &["--set-gtid-purged=COMMENTED"],
        &["--set-gtid-purged=ON", "--compact"],
        &["--set-gtid-purged=OFF"],
    ] {
        assert_same_bytes(&server, &[options, &[database.as_str()]].concat()).await;
    }
}
