//! S3 and the secret store when they fail.

use e2e::s3::{FaultRule, Operation};
use serde_json::json;

use crate::bench::{BUCKET, Bench};

const PEOPLE: &str = "SELECT id, name FROM people";
const PARTS: &str = "SELECT seq, REPEAT(MD5(seq), 32) FROM seq_1_to_16000";

#[tokio::test]
async fn an_object_that_is_refused() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let s3 = bench.aws.s3();
    s3.add_fault(FaultRule::access_denied(Operation::PutObject));
    let summary = bench
        .run("x.csv", &["--query", PEOPLE])
        .await
        .assert_failure(8, "AccessDenied");
    assert!(summary["remedy"].as_str().unwrap().contains("s3:PutObject"));
    assert_eq!(summary["dump_published"], false);
    bench.assert_nothing_published();
}

#[tokio::test]
async fn a_part_that_is_refused_aborts_the_upload() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let s3 = bench.aws.s3();
    s3.add_fault(FaultRule::access_denied(Operation::UploadPart).nth(2));
    let arguments = ["--query", PARTS, "--memory", "24MiB"];
    bench
        .run("x.csv", &arguments)
        .await
        .assert_failure(8, "AccessDenied");
    bench.assert_nothing_published();
    assert!(s3.operations().contains(&Operation::AbortMultipartUpload));
}

#[tokio::test]
async fn a_part_that_meets_a_busy_store_is_sent_again() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let s3 = bench.aws.s3();
    s3.add_fault(FaultRule::slow_down(Operation::UploadPart).nth(1));
    let arguments = ["--query", PARTS, "--memory", "24MiB", "--no-header"];
    let summary = bench.run("x.csv", &arguments).await.assert_code(0);
    assert!(summary["parts"].as_u64().unwrap() > 1, "{summary}");
    let lines = bench.object("x.csv");
    assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 16_000);
}

#[tokio::test]
async fn without_its_manifest_an_object_is_nothing_to_trust() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let s3 = bench.aws.s3();
    s3.add_fault(FaultRule::access_denied(Operation::PutObject).key_containing("manifest"));
    let summary = bench
        .run("x.csv", &["--query", PEOPLE])
        .await
        .assert_failure(8, "AccessDenied");
    assert_eq!(summary["dump_published"], true);
    assert_eq!(summary["manifest_published"], false);
    assert_eq!(s3.keys(BUCKET), ["x.csv"]);
    s3.clear_faults();
    let arguments = ["--query", PEOPLE, "--if-exists", "skip"];
    let summary = bench.run("x.csv", &arguments).await.assert_code(0);
    assert_eq!(summary["status"], "published", "the day was not complete");
}

#[tokio::test]
async fn a_secret_that_is_none_and_a_login_that_is_refused() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let mut secret = bench.secret();
    secret["password"] = json!("wrong");
    bench.put_secret(&secret);
    bench
        .run("x.csv", &["--query", PEOPLE])
        .await
        .assert_failure(4, "1045");
    bench.put_secret(&json!({}));
    bench
        .run("x.csv", &["--query", PEOPLE])
        .await
        .assert_failure(3, "password");
    bench.assert_nothing_published();
}
