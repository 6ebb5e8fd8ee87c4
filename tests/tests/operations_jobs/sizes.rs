//! `--min-size-percent` and `--max-size-percent`: the earlier day's manifest.

use e2e::s3::{FaultRule, Operation};

use crate::bench::{BUCKET, Bench, Outcome};

fn rows(count: u32) -> String {
    format!("SELECT seq, 'abcdefgh' AS text FROM seq_1_to_{count}")
}

async fn run(bench: &Bench, count: u32, date: &str, arguments: &[&str]) -> Outcome {
    let mut command = bench.watched(&rows(count));
    command
        .args(["--date", date])
        .args(["--min-size-percent", "50", "--max-size-percent", "200"])
        .args(arguments);
    Outcome::of(command.output().await.unwrap())
}

#[tokio::test]
async fn the_first_day_passes_and_then_each_is_held_against_the_newest_before() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let first = run(&bench, 100, "2026-11-20", &[]).await;
    let summary = first.assert_code(0);
    assert!(summary.get("size_change_percent").is_none());
    assert!(
        first.stderr.contains("no earlier valid manifest"),
        "{}",
        first.stderr
    );
    assert_eq!(bench.metric("SizeChangePercent"), None);

    let summary = run(&bench, 120, "2026-11-21", &[]).await.assert_code(0);
    let change = summary["size_change_percent"].as_f64().unwrap();
    assert!((15.0..30.0).contains(&change), "{change}");
    assert_eq!(bench.metric("SizeChangePercent"), Some(change));

    // Days without a run lie between.
    let small = run(&bench, 20, "2026-11-25", &[]).await;
    let summary = small.assert_failure(9, "size off the earlier one");
    let reason = summary["reason"].as_str().unwrap();
    assert!(
        reason.contains("at least 50%") && reason.contains("20261121.json"),
        "{reason}"
    );
    assert_eq!(bench.posted().len(), 1);
    run(&bench, 1_000, "2026-11-25", &[])
        .await
        .assert_failure(9, "at most 200%");
    let keys = bench.aws.s3().keys(BUCKET);
    assert!(!keys.iter().any(|key| key.contains("20261125")), "{keys:?}");
    // Too long ago.
    run(&bench, 20, "2026-11-25", &["--size-lookback", "2"])
        .await
        .assert_code(0);
}

#[tokio::test]
async fn a_day_marked_invalid_is_no_measure() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    run(&bench, 100, "2026-11-20", &[]).await.assert_code(0);
    let mark = ["--on-gate-failure", "mark-invalid"];
    let summary = run(&bench, 10, "2026-11-21", &mark).await.assert_code(9);
    assert_eq!(summary["status"], "published_invalid");
    run(&bench, 10, "2026-11-22", &[])
        .await
        .assert_failure(9, "20261120.json");
    run(&bench, 100, "2026-11-22", &[]).await.assert_code(0);
}

#[tokio::test]
async fn a_manifest_that_may_not_be_read_fails_the_gate_before_the_first_row() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let denied = FaultRule::access_denied(Operation::GetObject).key_containing("manifest");
    bench.aws.s3().add_fault(denied);
    let summary = run(&bench, 100, "2026-11-20", &[])
        .await
        .assert_failure(9, "the size gate");
    assert!(summary["remedy"].as_str().unwrap().contains("s3:GetObject"));
    assert_eq!(bench.aws.s3().keys(BUCKET), [""; 0]);
    // For the metric alone it is a warning.
    let mut command = bench.watched(&rows(100));
    let outcome = Outcome::of(command.output().await.unwrap());
    outcome.assert_code(0);
    assert!(outcome.stderr.contains("no change of size will be told"));
}

#[tokio::test]
async fn without_a_manifest_there_is_nothing_to_compare_with() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let mut command = bench.program("query-export");
    command
        .args([
            "--credentials",
            "env",
            "--query",
            "SELECT 1",
            "--to",
            "s3://bucket/x.csv",
        ])
        .args(["--min-size-percent", "50"]);
    let outcome = Outcome::of(command.output().await.unwrap());
    let summary = outcome.assert_failure(2, "--min-size-percent");
    assert!(summary["remedy"].as_str().unwrap().contains("--manifest"));
}
