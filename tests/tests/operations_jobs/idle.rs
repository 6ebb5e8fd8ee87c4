//! `--idle-timeout`: neither rows nor bytes move.

use e2e::s3::{Effect, FaultRule, Operation};

use crate::bench::{Bench, ENDLESS, GOOD};

#[tokio::test]
async fn a_query_that_stands_still_is_killed_and_its_upload_aborted() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let outcome = bench.run(ENDLESS, &["--idle-timeout", "4s"]).await;
    let summary = outcome.assert_failure(10, "no row and no byte moved for 4s");
    assert_eq!(summary["stage"], "export");
    bench.assert_nothing_published();
    bench.assert_nothing_runs_on().await;
    assert_eq!(bench.posted()[0]["exit_code"], 10);
}

#[tokio::test]
async fn a_store_that_takes_nothing_any_more_is_given_up() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let held = FaultRule::new(Operation::UploadPart, Effect::Hold);
    bench.aws.s3().add_fault(held);
    // More than the memory holds, so that the reading waits for the store.
    let query = "SELECT seq, REPEAT(MD5(seq), 32) FROM seq_1_to_60000";
    let outcome = bench.run(query, &["--idle-timeout", "4s"]).await;
    outcome.assert_failure(10, "--idle-timeout");
    bench.aws.s3().release_held();
    bench.assert_nothing_runs_on().await;
}

#[tokio::test]
async fn rows_that_come_slowly_are_progress() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    // The server sends a row of this size at once, and all of them are less than a batch:
    // together they take twice the limit.
    let query = "SELECT seq, REPEAT('x', 18000), SLEEP(1) FROM seq_1_to_12";
    let summary = bench
        .run(query, &["--idle-timeout", "6s"])
        .await
        .assert_code(0);
    assert_eq!(summary["rows"], 12);
}

#[tokio::test]
async fn a_run_that_moves_is_left_alone() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .run(GOOD, &["--idle-timeout", "60s"])
        .await
        .assert_code(0);
}
