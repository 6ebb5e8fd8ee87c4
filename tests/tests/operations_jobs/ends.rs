//! Each of them in each end of a run: success, failure, SIGTERM, deadline.

use e2e::s3::Operation;

use crate::bench::{Bench, ENDLESS, GOOD, Outcome, signal};

/// What everybody heard of one run that failed.
#[track_caller]
fn assert_told(bench: &Bench, code: i32, said: &str) {
    let posted = bench.posted();
    assert_eq!(posted.len(), 1, "{posted:?}");
    assert_eq!(posted[0]["exit_code"], code);
    assert!(posted[0]["reason"].as_str().unwrap().contains(said));
    let sent = bench.published();
    assert_eq!(sent.len(), 1, "{sent:?}");
    assert_eq!(sent[0].attributes["exit_code"], code.to_string());
    assert_eq!(bench.pings(), ["start", "fail"]);
    let last = bench.requests(crate::bench::CHECK).pop().unwrap();
    assert!(last.body.contains(&format!("exit code {code}")) && last.body.contains(said));
    assert_eq!(
        (bench.metric("Success"), bench.metric("Failure")),
        (Some(0.0), Some(1.0))
    );
}

#[tokio::test]
async fn success() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let summary = bench.run(GOOD, &[""; 0]).await.assert_code(0);
    assert_eq!(bench.pings(), ["start", ""]);
    let requests = bench.requests(crate::bench::CHECK);
    // One run to the service, and its summary.
    assert_eq!(requests[0].query, requests[1].query);
    assert!(
        requests.iter().all(|request| request.status == 200),
        "{requests:?}"
    );
    assert!(requests[1].body.contains("\"status\":\"published\""));
    assert_eq!(
        (bench.metric("Success"), bench.metric("Failure")),
        (Some(1.0), Some(0.0))
    );
    assert_eq!(bench.metric("Rows"), Some(2.0));
    assert_eq!(
        bench.metric("StoredBytes"),
        summary["dump_size_bytes"].as_f64()
    );
    assert_eq!(bench.aws.cloudwatch().refused(), [""; 0]);
}

#[tokio::test]
async fn failure() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .run("SELECT 1 FROM absent", &[""; 0])
        .await
        .assert_code(4);
    assert_told(&bench, 4, "absent");
}

#[tokio::test]
async fn sigterm() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let child = bench.watched(ENDLESS).spawn().unwrap();
    bench
        .aws
        .s3()
        .wait_for_calls(Operation::UploadPart, 1)
        .await;
    signal(&child, "TERM").await;
    Outcome::of_child(child).await.assert_code(143);
    assert_told(&bench, 143, "SIGTERM");
    bench.assert_nothing_published();
    bench.assert_nothing_runs_on().await;
}

#[tokio::test]
async fn deadline() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .run("SELECT SLEEP(900) AS nothing", &["--timeout", "2s"])
        .await
        .assert_code(10);
    assert_told(&bench, 10, "deadline");
    bench.assert_nothing_published();
}
