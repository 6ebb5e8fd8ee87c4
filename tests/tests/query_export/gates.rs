//! `--min-bytes`, `--min-rows` and `--max-staleness`.

use crate::bench::{Bench, Outcome};

const PEOPLE: &str = "SELECT id, name, updated_at FROM people ORDER BY id";

async fn run(bench: &Bench, query: &str, arguments: &[&str]) -> Outcome {
    bench
        .run("x.csv.gz", &[&["--query", query], arguments].concat())
        .await
}

#[tokio::test]
async fn too_small_and_too_few() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let outcome = run(&bench, PEOPLE, &["--min-bytes", "1MiB"]).await;
    outcome.assert_failure(9, "too small");
    let outcome = run(&bench, PEOPLE, &["--min-rows", "4"]).await;
    let summary = outcome.assert_failure(9, "too few rows: 3, at least 4");
    assert_eq!(summary["valid_for_etl"], false);
    let outcome = run(&bench, "SELECT * FROM nobody", &["--min-rows", "1"]).await;
    outcome.assert_failure(9, "too few rows: 0");
    bench.assert_nothing_published();
    let outcome = run(&bench, PEOPLE, &["--min-rows", "3", "--min-bytes", "10"]).await;
    assert_eq!(outcome.assert_code(0)["valid_for_etl"], true);
}

#[tokio::test]
async fn a_stale_result_is_refused_and_so_is_one_that_cannot_tell() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let stale = ["--max-staleness", "1h"];
    // Of a day long past, or of the future: the limit is an hour, the clocks are JST's.
    let query = "SELECT id, CAST('2001-02-03 04:05:06' AS DATETIME) AS updated_at FROM people";
    let summary = run(&bench, query, &stale).await.assert_failure(9, "stale");
    let reason = summary["reason"].as_str().unwrap();
    assert!(reason.contains("2001-02-03T04:05:06+09:00"), "{reason}");
    run(&bench, "SELECT id FROM people", &stale)
        .await
        .assert_failure(9, "updated_at");
    run(&bench, "SELECT * FROM nobody", &stale)
        .await
        .assert_failure(9, "stale");
    bench.assert_nothing_published();
    let fresh = "SELECT id, UTC_TIMESTAMP() AS changed FROM people";
    let arguments = [
        "--max-staleness",
        "1h",
        "--freshness-column",
        "changed",
        "--datetime-timezone",
        "UTC",
    ];
    run(&bench, fresh, &arguments).await.assert_code(0);
    let newest = &bench.manifest()["max_updated_at"];
    assert!(newest.as_str().unwrap().ends_with("+09:00"), "{newest}");
}

#[tokio::test]
async fn marked_invalid_it_is_published_and_says_so() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--min-rows", "4", "--on-gate-failure", "mark-invalid"];
    let summary = run(&bench, PEOPLE, &arguments).await.assert_code(9);
    assert_eq!(summary["status"], "published_invalid");
    assert_eq!(summary["dump_published"], true);
    let manifest = bench.manifest();
    assert_eq!(manifest["valid_for_etl"], false);
    let reasons = manifest["invalid_reasons"].as_array().unwrap();
    assert!(reasons[0].as_str().unwrap().contains("too few rows"));
    let tags = bench
        .aws
        .s3()
        .tags(crate::bench::BUCKET, "x.csv.gz")
        .unwrap();
    assert_eq!(tags["valid_for_etl"], "false");
}
