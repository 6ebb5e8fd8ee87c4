//! Dumps of the same data by the real client and by ours.

use datatransit_dump::compare::{TableState, Verdict};
use e2e::database::{DatabaseServer, Flavour, Release};
use e2e::parity::our_dump;
use e2e::production::OPTIONS;

use crate::world::{
    compare, compare_with, gzip, kinds, run, servers, theirs, with_database, with_houses, zstd,
};

/// The clients' own volatile lines are masked, by name, and nothing else has to be.
#[tokio::test]
async fn the_real_client_and_ours_print_the_same() {
    for server in servers().await {
        let database = with_houses(server).await;
        let arguments = ["--routines", "--events", "--single-transaction", &database];
        let old = theirs(server, &arguments).await;
        let (new, _) = our_dump(server, &arguments).await.unwrap();
        let report = compare(&old, &new).await;
        assert_eq!(report.verdict, Verdict::Same, "{:?}", report.reasons);
        assert_eq!(report.tables.len(), 21);
        assert!(
            report
                .tables
                .iter()
                .all(|table| table.state == TableState::Same)
        );
        assert!(report.old.rows >= 3000 && report.old.rows == report.new.rows);
        assert!(report.old.complete && report.new.complete);
        let mut rules: Vec<_> = report
            .masked
            .iter()
            .map(|masked| masked.rule.as_str())
            .collect();
        let mut expected = vec!["host", "server-version", "client-version", "dump-date"];
        if server.flavour() == Flavour::MariaDb {
            expected.push("sandbox");
            assert_eq!(report.old.flavour.as_deref(), Some("mariadb"));
        } else {
            // Its servers have GTIDs on.
            rules.retain(|rule| *rule != "gtid");
            assert_eq!(report.old.flavour.as_deref(), Some("mysql"));
        }
        assert_eq!(rules, expected);
        assert!(
            report
                .masked
                .iter()
                .all(|masked| masked.old_lines == 1 && masked.new_lines == 1)
        );
        assert!(report.new.dump_completed.is_some());
    }
}

/// The option set of the job that is replaced, in other codecs and many members.
#[tokio::test]
async fn the_codec_and_its_members_do_not_count() {
    for server in servers().await {
        let database = with_houses(server).await;
        let mut arguments = OPTIONS.to_vec();
        if server.flavour() == Flavour::MySql {
            arguments.push("--set-gtid-purged=OFF");
        }
        arguments.extend(["-B", &database]);
        let old = theirs(server, &arguments).await;
        let (new, _) = our_dump(server, &arguments).await.unwrap();
        let mut parts: Vec<&[u8]> = vec![b""];
        let mut rest = new.as_slice();
        while !rest.is_empty() {
            let (part, more) = rest.split_at(fastrand::usize(1..=rest.len().min(40_000)));
            parts.extend([part, b""]);
            rest = more;
        }
        for stored in [gzip(parts), zstd(&new).await, gzip([new.as_slice()])] {
            let report = compare(&old, &stored).await;
            assert_eq!(report.verdict, Verdict::Same, "{:?}", report.reasons);
            assert_eq!(report.new.stored_bytes, stored.len() as u64);
            assert_eq!(report.new.uncompressed_bytes, new.len() as u64);
        }
    }
}

/// Positions and GTID sets move on between two dumps.
#[tokio::test]
async fn positions_and_gtids_are_masked() {
    // One with a binary log, which the shared one does without.
    let builder = DatabaseServer::builder(Release::MySql).server_options(&[
        "--log-bin=binlog",
        "--server-id=8",
        "--gtid-mode=ON",
        "--enforce-gtid-consistency=ON",
    ]);
    let Some(server) = builder.start().await.unwrap() else {
        return;
    };
    let server = &server;
    let database = with_database(
        server,
        "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);",
    )
    .await;
    let other = with_database(server, "CREATE TABLE x (id INT);").await;
    for form in ["--source-data=1", "--source-data=2"] {
        for gtid in ["--set-gtid-purged=ON", "--set-gtid-purged=COMMENTED"] {
            let arguments = [form, gtid, "--single-transaction", &database];
            let old = theirs(server, &arguments).await;
            run(server, &other, "INSERT INTO x VALUES (1);").await;
            let new = theirs(server, &arguments).await;
            assert_ne!(old, new);
            let report = compare(&old, &new).await;
            assert_eq!(
                report.verdict,
                Verdict::Same,
                "{arguments:?}: {:?}",
                report.reasons
            );
            let masks = |rule: &str| report.masked.iter().any(|masked| masked.rule == rule);
            assert!(masks("gtid") && masks("position"), "{:?}", report.masked);
        }
    }
}

/// Several databases, and rows that are longer than what is kept.
#[tokio::test]
async fn many_databases_and_rows_of_many_megabytes() {
    for server in servers().await {
        let script = "CREATE TABLE big (id INT PRIMARY KEY, b LONGBLOB, c LONGTEXT); \
            INSERT INTO big VALUES (1, REPEAT(0xE300, 4000000), 'x'), (2, 'y', REPEAT('z', 6000000)), \
            (3, NULL, '');";
        let first = with_database(server, script).await;
        let second = with_database(
            server,
            "CREATE TABLE big (id INT PRIMARY KEY); INSERT INTO big VALUES (7);",
        )
        .await;
        let arguments = ["-B", &first, &second];
        let old = theirs(server, &arguments).await;
        let (new, _) = our_dump(server, &arguments).await.unwrap();
        // A budget of which an eighth is less than a row.
        let small =
            |builder: datatransit_dump::compare::ComparisonBuilder| builder.memory_bytes(16 << 20);
        let report = compare_with(&old, &new, small).await;
        assert_eq!(report.verdict, Verdict::Same, "{:?}", report.reasons);
        assert_eq!(report.tables.len(), 2);
        assert!(
            report
                .tables
                .iter()
                .any(|table| table.database == second && table.old_rows == 1)
        );
        run(
            server,
            &first,
            "UPDATE big SET c = CONCAT(c, '!') WHERE id = 2;",
        )
        .await;
        let (new, _) = our_dump(server, &arguments).await.unwrap();
        let report = compare_with(&old, &new, small).await;
        let table = report
            .tables
            .iter()
            .find(|table| table.database == first)
            .unwrap();
        assert_eq!(
            (table.rows_changed, table.rows_only_old),
            (Some(1), Some(0))
        );
        let difference = &table.differences[0];
        assert_eq!(difference.old_row, Some(2));
        assert_eq!(difference.columns.len(), 1);
        assert_eq!(difference.columns[0].name, "c");
        assert_eq!(
            kinds(&report),
            [datatransit_dump::compare::ReasonKind::Rows]
        );
    }
}
