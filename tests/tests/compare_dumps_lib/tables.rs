//! Rows that changed, came, went or moved between two dumps.

use datatransit_dump::compare::{Detail, ReasonKind, RowDifferenceKind, TableState};

use crate::world::{compare, compare_with, kinds, run, servers, table, theirs, with_database};

const WITH_TIMES: &str = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20), \
    updated_at DATETIME NOT NULL);";
const WITHOUT: &str = "CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(20));";

fn rows(with_times: bool) -> String {
    let values = (1..=500).map(|id| {
        let id = id * 10;
        if with_times {
            format!("({id}, 'canary-{id}', '2026-11-01 00:00:{:02}')", id % 60)
        } else {
            format!("({id}, 'canary-{id}')")
        }
    });
    let values: Vec<String> = values.collect();
    let table = if with_times { WITH_TIMES } else { WITHOUT };
    format!("{table} INSERT INTO t VALUES {};", values.join(","))
}

/// One edit at the beginning, in the middle and at the end.
#[tokio::test]
async fn a_changed_an_added_and_a_deleted_row_anywhere() {
    for server in servers().await {
        for with_times in [true, false] {
            for (number, id) in [(1, 10), (250, 2500), (500, 5000)] {
                let database = with_database(server, &rows(with_times)).await;
                let old = theirs(server, &[&database]).await;
                let now = if with_times {
                    ", updated_at = '2026-11-02 00:00:00'"
                } else {
                    ""
                };
                run(
                    server,
                    &database,
                    &format!("UPDATE t SET v = 'canary-new'{now} WHERE id = {id};"),
                )
                .await;
                let report = compare(&old, &theirs(server, &[&database]).await).await;
                let found = table(&report, "t");
                assert_eq!(
                    (found.rows_changed, found.rows_only_old, found.rows_only_new),
                    (Some(1), Some(0), Some(0))
                );
                assert_eq!(
                    (found.differences[0].old_row, found.differences[0].new_row),
                    (Some(number), Some(number))
                );
                assert_eq!(found.differences[0].columns[0].name, "v");
                if with_times {
                    assert_eq!(found.rows_changed_since, Some(1));
                    assert_eq!(kinds(&report), [ReasonKind::Rows, ReasonKind::RowsChanged]);
                } else {
                    assert_eq!(found.rows_changed_since, None);
                    assert_eq!(kinds(&report), [ReasonKind::Rows]);
                }
                assert!(!format!("{report:?}{}", report.to_json()).contains("canary"));

                let values = if with_times {
                    ", 'x', '2026-11-02 00:00:00'"
                } else {
                    ", 'x'"
                };
                run(
                    server,
                    &database,
                    &format!(
                        "DELETE FROM t WHERE id = {id}; INSERT INTO t VALUES ({}{values});",
                        id + 5
                    ),
                )
                .await;
                let report = compare(&old, &theirs(server, &[&database]).await).await;
                let found = table(&report, "t");
                assert_eq!(
                    (found.rows_changed, found.rows_only_old, found.rows_only_new),
                    (Some(0), Some(1), Some(1))
                );
                let kinds: Vec<_> = found.differences.iter().map(|row| row.kind).collect();
                assert_eq!(
                    kinds,
                    [RowDifferenceKind::OnlyOld, RowDifferenceKind::OnlyNew]
                );
                assert_eq!(found.differences[0].old_row, Some(number));
                assert_eq!(found.differences[1].new_row, Some(number));
            }
        }
    }
}

/// Without a primary key a changed row is told by its place.
#[tokio::test]
async fn a_table_without_a_key() {
    for server in servers().await {
        let script = rows(true).replace("INT PRIMARY KEY", "INT");
        let database = with_database(server, &script).await;
        let old = theirs(server, &[&database]).await;
        run(
            server,
            &database,
            "UPDATE t SET v = 'y' WHERE id = 70; DELETE FROM t WHERE id = 4000;",
        )
        .await;
        let report = compare_with(&old, &theirs(server, &[&database]).await, |builder| {
            builder.show_values(true)
        })
        .await;
        let found = table(&report, "t");
        assert_eq!(
            (found.rows_changed, found.rows_only_old, found.rows_only_new),
            (Some(1), Some(1), Some(0))
        );
        let changed = &found.differences[0];
        assert_eq!(changed.old_row, Some(7));
        assert_eq!(changed.columns[0].old.as_deref(), Some("'canary-70'"));
        assert_eq!(changed.columns[0].new.as_deref(), Some("'y'"));
    }
}

/// The same rows in another order, which MyISAM keeps as they were inserted.
#[tokio::test]
async fn another_order_of_the_same_rows() {
    for server in servers().await {
        let script = "CREATE TABLE t (id INT PRIMARY KEY, v INT) ENGINE=MyISAM; \
            INSERT INTO t VALUES (3, 1), (1, 2), (2, 3);";
        let database = with_database(server, script).await;
        let old = theirs(server, &["--compact", &database]).await;
        let new = theirs(server, &["--compact", "--order-by-primary", &database]).await;
        let report = compare(&old, &new).await;
        let found = table(&report, "t");
        assert_eq!(
            (found.state, found.detail),
            (TableState::RowOrder, Detail::Full)
        );
        assert_eq!(found.rows_changed, Some(0));
        assert_eq!(
            kinds(&report),
            [ReasonKind::RowOrder],
            "{:?}",
            report.reasons
        );
        // And a change among them is still found.
        run(server, &database, "UPDATE t SET v = 9 WHERE id = 1;").await;
        let new = theirs(server, &["--compact", "--order-by-primary", &database]).await;
        let report = compare(&old, &new).await;
        let found = table(&report, "t");
        assert_eq!(
            (found.rows_changed, found.rows_only_old),
            (Some(1), Some(0))
        );
        assert_eq!(
            (found.differences[0].old_row, found.differences[0].new_row),
            (Some(2), Some(1))
        );
    }
}

/// A table that was emptied, and counts beyond what is listed.
#[tokio::test]
async fn many_differences_are_counted_and_the_first_listed() {
    for server in servers().await {
        let database = with_database(server, &rows(true)).await;
        let old = theirs(server, &[&database]).await;
        run(server, &database, "UPDATE t SET v = 'z' WHERE id > 1000;").await;
        let new = theirs(server, &[&database]).await;
        let report = compare_with(&old, &new, |builder| builder.max_differences(3)).await;
        let found = table(&report, "t");
        assert_eq!(found.rows_changed, Some(400));
        let listed: Vec<_> = found.differences.iter().map(|row| row.old_row).collect();
        assert_eq!(listed, [Some(101), Some(102), Some(103)]);
        run(server, &database, "DELETE FROM t;").await;
        let report = compare(&old, &theirs(server, &[&database]).await).await;
        let found = table(&report, "t");
        assert_eq!((found.rows_only_old, found.new_rows), (Some(500), 0));
        assert_eq!(found.differences.len(), 20);
    }
}
