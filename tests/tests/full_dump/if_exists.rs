//! `--if-exists`: what happens when the day's key is there.

use e2e::s3::{FaultRule, Operation};

use crate::bench::{BUCKET, Bench, KEY};
use crate::proxy::{Proxy, Trick};

const NONE: [&str; 0] = [];

#[tokio::test]
async fn a_rerun_replaces_fails_or_skips() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .run(&["--if-exists", "fail", "--run-id", "one"])
        .await
        .assert_code(0);
    assert_eq!(bench.manifest().unwrap()["run_id"], "one");

    let summary = bench.run(&["--if-exists", "fail"]).await.assert_failure(8);
    assert!(
        summary["reason"].as_str().unwrap().contains("exists"),
        "{summary}"
    );

    let summary = bench.run(&["--if-exists", "skip"]).await.assert_code(0);
    assert_eq!(summary["status"], "skipped");
    assert_eq!(bench.manifest().unwrap()["run_id"], "one");

    bench.run(&["--run-id", "two"]).await.assert_code(0);
    assert_eq!(bench.manifest().unwrap()["run_id"], "two");
    assert_eq!(bench.aws.s3().tags(BUCKET, KEY).unwrap()["run_id"], "two");
}

#[tokio::test]
async fn a_dump_without_its_manifest_is_no_reason_to_skip() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .aws
        .s3()
        .add_fault(FaultRule::access_denied(Operation::PutObject).key_containing("manifest"));
    bench.run(&NONE).await.assert_failure(8);
    bench.aws.s3().clear_faults();
    assert!(bench.dump().is_some() && bench.manifest().is_none());
    let summary = bench
        .run(&["--if-exists", "skip", "--run-id", "again"])
        .await
        .assert_code(0);
    assert_eq!(summary["status"], "published");
    assert_eq!(bench.manifest().unwrap()["run_id"], "again");
}

#[tokio::test]
async fn a_race_is_never_won_by_overwriting() {
    for (choice, code, status) in [("fail", 8, "failed"), ("skip", 0, "skipped")] {
        let Some(bench) = Bench::new().await else {
            return;
        };
        let proxy = Proxy::start(bench.server.port(), "FROM `tenants`", Trick::Hold).await;
        let port = proxy.port.to_string();
        let slow = bench
            .job()
            .args(["--if-exists", choice, "--override-secret", "--port", &port])
            .spawn()
            .unwrap();
        proxy.reached().await;
        let winner = format!("winner-{choice}");
        bench.run(&["--run-id", &winner]).await.assert_code(0);
        proxy.release();
        let outcome = crate::bench::Outcome::of(slow.wait_with_output().await.unwrap());
        assert_eq!(outcome.assert_code(code)["status"], status);
        assert_eq!(bench.manifest().unwrap()["run_id"], winner.as_str());
        assert_eq!(
            bench.aws.s3().tags(BUCKET, KEY).unwrap()["run_id"],
            winner.as_str()
        );
    }
}
