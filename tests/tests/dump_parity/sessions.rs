//! Servers with settings of their own: zones, SQL modes, binary logs, GTIDs.

use e2e::database::{DatabaseServer, Flavour, Release};

use crate::compare::{assert_same_bytes, with_database};
use crate::corpora;

const RELEASES: [Release; 5] = [
    Release::MariaDb,
    Release::MariaDb11,
    Release::MySql,
    Release::MySql80,
    Release::MySql84,
];

async fn servers(options: &[&str], family: Option<Flavour>) -> Vec<DatabaseServer> {
    let mut servers = Vec::new();
    for release in RELEASES {
        if family.is_none_or(|family| family == release.flavour()) {
            let builder = DatabaseServer::builder(release).server_options(options);
            servers.extend(builder.start().await.unwrap());
        }
    }
    servers
}

/// TIMESTAMPs under a server zone that is not UTC: `--compact` differs between the clients.
#[tokio::test]
async fn timestamps_in_a_zone_east_of_utc() {
    for server in servers(&["--default-time-zone=+09:00"], None).await {
        let script = "CREATE TABLE t (id INT PRIMARY KEY, updated_at TIMESTAMP NULL, d DATETIME); \
                      INSERT INTO t VALUES (1, '2024-01-01 18:00:00', '2024-01-01 18:00:00'); \
                      CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO SELECT 1;";
        let database = with_database(&server, "zone", script).await;
        for options in [
            &["--compact"][..],
            &["--events"],
            &["--compact", "--tz-utc"],
            &["--tz-utc", "--compact"],
            &["--skip-tz-utc"],
            &["--skip-tz-utc", "--compact", "--comments"],
        ] {
            let report =
                assert_same_bytes(&server, &[options, &[database.as_str()]].concat()).await;
            let offset = report.snapshot.timestamp_offset_seconds;
            assert!([0, 9 * 3600].contains(&offset), "{offset}");
        }
    }
}

/// The server's modes change neither values nor definitions: the session has none of them.
#[tokio::test]
async fn a_server_with_other_sql_modes() {
    let options = ["--sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES,PIPES_AS_CONCAT"];
    for server in servers(&options, None).await {
        // Loaded under the modes that the scripts are written for.
        let script = |corpus| format!("SET SESSION sql_mode='';\n{corpus}");
        let types = script(corpora::TYPES);
        let types = with_database(&server, "modes", &types).await;
        let programs = corpora::PROGRAMS.replace("sql_mode=DEFAULT", "sql_mode=''");
        let programs = with_database(&server, "modes", &script(&programs)).await;
        for options in [
            &["--routines", "--events"][..],
            &["--single-transaction", "--hex-blob"],
            &["--skip-quote-names", "--skip-opt", "--no-data"],
            &["--compatible=ansi", "--default-character-set=utf8mb4"],
        ] {
            let names = ["-B", types.as_str(), programs.as_str()];
            assert_same_bytes(&server, &[options, &names].concat()).await;
        }
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
    for server in servers(&options, Some(Flavour::MySql)).await {
        let database = with_database(&server, "gtid", "CREATE TABLE t (id INT PRIMARY KEY)").await;
        for options in [
            &[][..],
            &["--single-transaction"],
            &["--set-gtid-purged=COMMENTED"],
            &["--set-gtid-purged=ON", "--compact"],
            &["--set-gtid-purged=OFF"],
            &["--source-data", "--single-transaction"],
            &["--source-data=2", "--apply-replica-statements"],
        ] {
            assert_same_bytes(&server, &[options, &[database.as_str()]].concat()).await;
        }
    }
}

/// The position of the binary log, with a snapshot and with a lock.
#[tokio::test]
async fn the_position_of_the_binary_log() {
    for server in servers(&["--log-bin=binlog", "--server-id=8"], None).await {
        let script = "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);";
        let database = with_database(&server, "position", script).await;
        for options in [
            &["--master-data"][..],
            &["--master-data=2", "--single-transaction"],
            &[
                "--master-data=1",
                "--skip-comments",
                "--apply-slave-statements",
            ],
            &["--master-data=2", "--compact"],
            &["--master-data=0"],
        ] {
            for form in [vec![database.as_str()], vec!["-B", database.as_str()]] {
                assert_same_bytes(&server, &[options, &form].concat()).await;
            }
        }
        let own: &[&[&str]] = if server.flavour() == Flavour::MariaDb {
            &[
                &["--master-data=1", "--gtid"],
                &["--master-data=2", "--gtid", "--single-transaction"],
                &["--master-data=1", "--gtid", "--compact"],
                &["--gtid"],
            ]
        } else {
            &[
                &["--source-data=1", "--single-transaction", "--lock-tables"],
                &["--source-data=2", "--flush-privileges"],
            ]
        };
        for &options in own {
            assert_same_bytes(&server, &[options, &[database.as_str()]].concat()).await;
        }
    }
}
