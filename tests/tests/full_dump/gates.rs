//! The gates: a dump that fails one is not published, or not as a valid one.

use serde_json::Value;

use crate::bench::{BUCKET, Bench, KEY, MANIFEST_KEY};

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap()
}

#[tokio::test]
async fn a_dump_too_small_is_not_published() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let summary = bench.run(&["--min-bytes", "1GiB"]).await.assert_failure(9);
    assert!(text(&summary, "reason").contains("too small"), "{summary}");
    assert_eq!(summary["valid_for_etl"], false);
    assert!(summary["dump_size_bytes"].as_u64().unwrap() > 0);
    bench.assert_nothing_published();
    bench.run(&["--min-bytes", "100"]).await.assert_code(0);
}

#[tokio::test]
async fn required_tables_must_exist_and_hold_rows() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = [
        "--require-table",
        "tenants,absent",
        "--require-table",
        "empty_table",
    ];
    let summary = bench.run(&arguments).await.assert_failure(9);
    let reason = text(&summary, "reason");
    assert!(
        reason.contains("absent") && reason.contains("empty_table"),
        "{reason}"
    );
    assert!(!reason.contains("tenants"), "{reason}");
    bench.assert_nothing_published();
    let qualified = format!("{}.movings", bench.database);
    bench
        .run(&["--require-table", "tenants", "--require-table", &qualified])
        .await
        .assert_code(0);
}

#[tokio::test]
async fn a_stale_table_is_told_with_its_age() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let stale = ["--require-table", "movings", "--max-staleness", "1h"];
    let summary = bench.run(&stale).await.assert_failure(9);
    let reason = text(&summary, "reason");
    assert!(
        reason.contains("movings was last updated at 2026-11-23T05:00:00+09:00"),
        "{reason}"
    );
    bench.assert_nothing_published();

    let script = format!(
        "UPDATE {}.movings SET updated_at = UTC_TIMESTAMP() - INTERVAL 10 MINUTE",
        bench.database
    );
    bench.server.run_sql(&script).await.unwrap();
    // The column is kept in UTC, the names are in Tokyo's time: nine hours apart.
    let fresh = [&stale[..], &["--datetime-timezone", "UTC"]].concat();
    let summary = bench.run(&fresh).await.assert_code(0);
    assert_eq!(summary["valid_for_etl"], true);
    bench.run(&stale).await.assert_failure(9);
}

#[tokio::test]
async fn a_table_without_the_column_cannot_be_fresh() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--require-table", "masters", "--max-staleness", "36h"];
    let summary = bench.run(&arguments).await.assert_failure(9);
    assert!(
        text(&summary, "reason").contains("no value in a date column"),
        "{summary}"
    );
    bench.assert_nothing_published();
}

#[tokio::test]
async fn a_dump_marked_invalid_says_so_in_tags_and_manifest() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--min-bytes", "1GiB", "--on-gate-failure", "mark-invalid"];
    let summary = bench.run(&arguments).await.assert_code(9);
    assert_eq!(summary["dump_published"], true);
    assert_eq!(summary["manifest_published"], true);
    assert_eq!(bench.aws.s3().keys(BUCKET), [MANIFEST_KEY, KEY]);
    let tags = bench.aws.s3().tags(BUCKET, KEY).unwrap();
    assert_eq!(tags["valid_for_etl"], "false");
    let manifest = bench.manifest().unwrap();
    assert_eq!(manifest["valid_for_etl"], false);
    assert!(
        manifest["invalid_reasons"][0]
            .as_str()
            .unwrap()
            .contains("too small")
    );
}
