//! Tables, views and programs that came, went or changed.

use datatransit_dump::compare::{ReasonKind, StatementState, TableState, Verdict};

use crate::world::{compare, compare_with, kinds, run, servers, table, theirs, with_database};

const OBJECTS: &str = "CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, v INT); \
    INSERT INTO a VALUES (1, 1), (2, 2); \
    CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (1); \
    CREATE VIEW w AS SELECT id FROM a; \
    CREATE PROCEDURE p() SELECT 1; \
    CREATE TRIGGER tr BEFORE INSERT ON b FOR EACH ROW SET NEW.id = NEW.id + 1;";

#[tokio::test]
async fn objects_that_came_went_or_changed() {
    for server in servers().await {
        let database = with_database(server, OBJECTS).await;
        let dump = async || theirs(server, &["--routines", &database]).await;
        let old = dump().await;

        run(server, &database, "DROP TABLE b; CREATE TABLE c (id INT);").await;
        let report = compare(&old, &dump().await).await;
        assert_eq!(table(&report, "b").state, TableState::OnlyOld);
        assert_eq!(table(&report, "b").rows_only_old, Some(1));
        assert_eq!(table(&report, "c").state, TableState::OnlyNew);
        assert_eq!(table(&report, "a").state, TableState::Same);
        assert!(report.has_reason(ReasonKind::Objects));
        let objects: Vec<_> = report
            .statements
            .iter()
            .map(|entry| (entry.object.as_str(), entry.state))
            .collect();
        for expected in [
            ("TABLE `b`", StatementState::OnlyOld),
            ("TRIGGER `tr`", StatementState::OnlyOld),
            ("TABLE `c`", StatementState::OnlyNew),
        ] {
            assert!(objects.contains(&expected), "{objects:?}");
        }
        run(
            server,
            &database,
            "DROP TABLE c; CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (1); \
            CREATE TRIGGER tr BEFORE INSERT ON b FOR EACH ROW SET NEW.id = NEW.id + 1;",
        )
        .await;
        let old = dump().await;

        run(server, &database, "ALTER TABLE a MODIFY v BIGINT; DROP PROCEDURE p; CREATE PROCEDURE p() SELECT 'canary'; \
            CREATE OR REPLACE VIEW w AS SELECT v AS id FROM a;").await;
        let report = compare(&old, &dump().await).await;
        assert_eq!(
            kinds(&report),
            [ReasonKind::Definitions],
            "{:?}",
            report.reasons
        );
        let changed: Vec<_> = report
            .statements
            .iter()
            .map(|entry| entry.object.as_str())
            .collect();
        assert_eq!(changed, ["TABLE `a`", "PROCEDURE `p`", "VIEW `w`"]);
        assert_eq!(report.statements[0].first_different_line, Some(3));
        assert!(
            report
                .statements
                .iter()
                .all(|entry| entry.old.is_none() && entry.old_sha256.is_some())
        );
        assert!(report.rows_are_same());
        assert!(!report.to_json().contains("canary"));
        let shown = compare_with(&old, &dump().await, |builder| builder.show_values(true)).await;
        assert!(
            shown.statements[1]
                .new
                .as_deref()
                .unwrap()
                .contains("canary")
        );
    }
}

#[tokio::test]
async fn columns_added_and_dropped() {
    for server in servers().await {
        let database = with_database(server, OBJECTS).await;
        let old = theirs(server, &[&database]).await;
        run(
            server,
            &database,
            "ALTER TABLE a ADD w INT DEFAULT 7, DROP v;",
        )
        .await;
        let report = compare(&old, &theirs(server, &[&database]).await).await;
        let found = table(&report, "a");
        assert_eq!(found.state, TableState::Different);
        // In the column that both have, the rows are the same.
        assert_eq!(
            (found.rows_changed, found.rows_only_old),
            (Some(0), Some(0))
        );
        let text = &report.reasons[0].text;
        assert_eq!(text, "columns of table a: added w; dropped v");
        assert_eq!(
            kinds(&report),
            [ReasonKind::Columns, ReasonKind::Definitions]
        );
    }
}

#[tokio::test]
async fn only_the_next_number() {
    for server in servers().await {
        let database = with_database(server, OBJECTS).await;
        let old = theirs(server, &[&database]).await;
        run(
            server,
            &database,
            "INSERT INTO a VALUES (NULL, 9); DELETE FROM a WHERE v = 9;",
        )
        .await;
        let new = theirs(server, &[&database]).await;
        let report = compare(&old, &new).await;
        assert_eq!(
            kinds(&report),
            [ReasonKind::AutoIncrement],
            "{:?}",
            report.reasons
        );
        assert_eq!(report.statements[0].state, StatementState::AutoIncrement);
        let report = compare_with(&old, &new, |builder| builder.ignore_auto_increment(true)).await;
        assert_eq!(report.verdict, Verdict::Same, "{:?}", report.reasons);
        assert!(
            report
                .masked
                .iter()
                .any(|masked| masked.rule == "auto-increment" && masked.new_lines == 1)
        );
    }
}
