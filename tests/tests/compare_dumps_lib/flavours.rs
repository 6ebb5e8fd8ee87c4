//! The same data by the clients of the two families, and in another character set.

use datatransit_dump::compare::{ReasonKind, TableState, Verdict};
use e2e::database::{Release, shared_mariadb, shared_mysql};

use crate::world::{compare, compare_with, kinds, table, theirs, with_database, with_houses};

const TABLES: &str = "CREATE TABLE bin (id INT PRIMARY KEY, b BLOB, v VARBINARY(40), bits BIT(9), \
    g GEOMETRY, t TEXT, j INT); \
    INSERT INTO bin VALUES (1, X'00E3275C0A', 'plain', b'101', POINT(1, 2), 'it''s _binary ''x''', 1), \
    (2, NULL, '', NULL, NULL, '日本', -5), (3, X'F09F270A', X'ED', b'0', NULL, '', 0); \
    CREATE TABLE gen (id INT PRIMARY KEY, a INT, b INT AS (a * 2) STORED, c INT AS (a + 1) VIRTUAL); \
    INSERT INTO gen (id, a) VALUES (1, 5), (2, NULL); \
    CREATE VIEW v AS SELECT id, t FROM bin; \
    CREATE TRIGGER tr BEFORE INSERT ON gen FOR EACH ROW SET NEW.a = 1;";

/// MySQL's client and MariaDB's on one server: `_binary`, stray bytes, column lists, packing.
#[tokio::test]
async fn the_clients_of_both_families_on_one_server() {
    // MySQL's client no longer knows how MariaDB's servers check passwords: so MySQL's server.
    let Some(server) = shared_mysql().await else {
        return;
    };
    let database = with_database(server, TABLES).await;
    for extra in [&[][..], &["--compact"], &["--hex-blob"]] {
        let Some(mut command) = server.dump_command_of(Release::MariaDb) else {
            return;
        };
        let output = command.args(extra).arg(&database).output().await.unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut arguments = extra.to_vec();
        arguments.extend(["--set-gtid-purged=OFF", &database]);
        let old = theirs(server, &arguments).await;
        let report = compare(&old, &output.stdout).await;
        assert_eq!(report.verdict, Verdict::Different);
        assert_eq!(
            kinds(&report),
            [ReasonKind::Flavour],
            "{:?}",
            report.reasons
        );
        assert!(report.rows_are_same(), "{:?}", report.tables);
        assert!(report.statements.is_empty(), "{:?}", report.statements);
        assert_eq!(report.old.flavour.as_deref(), Some("mysql"));
        assert_eq!(report.new.flavour.as_deref(), Some("mariadb"));
        let report = compare_with(&old, &output.stdout, |builder| builder.ignore_form(true)).await;
        assert_eq!(report.verdict, Verdict::Same);
    }
}

/// The same rows on both servers: what differs are definitions, never rows.
#[tokio::test]
async fn the_same_data_on_both_servers() {
    let (Some(mariadb), Some(mysql)) = (shared_mariadb().await, shared_mysql().await) else {
        return;
    };
    let script = TABLES
        .replace("g GEOMETRY", "g INT")
        .replace("POINT(1, 2)", "4");
    let old = theirs(mariadb, &[&with_database(mariadb, &script).await]).await;
    let new = theirs(
        mysql,
        &[
            "--set-gtid-purged=OFF",
            &with_database(mysql, &script).await,
        ],
    )
    .await;
    let report = compare(&old, &new).await;
    assert!(report.rows_are_same(), "{:?}", report.tables);
    assert!(report.has_reason(ReasonKind::Flavour) && report.has_reason(ReasonKind::Definitions));
    assert!(!report.has_reason(ReasonKind::Rows) && !report.has_reason(ReasonKind::Columns));
}

/// A dump in latin1 holds other bytes, and the same rows.
#[tokio::test]
async fn a_dump_in_latin1() {
    for server in crate::world::servers().await {
        let script = "CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(40) CHARACTER SET latin1, b BLOB); \
            INSERT INTO t VALUES (1, 'café €', X'E9'), (2, 'plain', 'x');";
        let database = with_database(server, script).await;
        let old = theirs(server, &["--default-character-set=latin1", &database]).await;
        let new = theirs(server, &[&database]).await;
        let report = compare(&old, &new).await;
        assert!(
            report.has_reason(ReasonKind::Charset),
            "{:?}",
            report.reasons
        );
        assert_eq!(
            table(&report, "t").state,
            TableState::Same,
            "{:?}",
            report.tables
        );
        assert!(
            report
                .reasons
                .iter()
                .any(|reason| reason.text.contains("latin1 (old)"))
        );
        assert!(!report.has_reason(ReasonKind::Rows));
    }
}

/// The demo's data by ours in the other family's form.
#[tokio::test]
async fn the_houses_in_the_other_form() {
    let Some(server) = shared_mysql().await else {
        return;
    };
    let database = with_houses(server).await;
    let options = ["--set-gtid-purged=OFF", "--routines", "--events", &database];
    let old = theirs(server, &options).await;
    let arguments = ["--flavour=mariadb", "--routines", "--events", &database];
    let (new, _) = e2e::parity::our_dump(server, &arguments).await.unwrap();
    let report = compare(&old, &new).await;
    assert!(report.rows_are_same());
    assert_eq!(
        kinds(&report),
        [ReasonKind::Flavour],
        "{:?} {:?}",
        report.reasons,
        report.statements
    );
}
