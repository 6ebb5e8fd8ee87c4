//! `--lock-uri`: two hosts are two processes here, which share nothing but the bucket.

use std::time::Duration;

use e2e::s3::{Effect, FaultRule, Operation};
use serde_json::Value;
use tokio::process::Command;

use crate::bench::{BUCKET, Bench, ENDLESS, GOOD, KEY, Outcome, signal};

const URI: &str = "s3://bucket/locks/tenants";
const LOCK: &str = "locks/tenants";

fn locked(bench: &Bench, query: &str, arguments: &[&str]) -> Command {
    let mut command = bench.watched(query);
    command.args(["--lock-uri", URI]).args(arguments);
    command
}

async fn run(bench: &Bench, query: &str, arguments: &[&str]) -> Outcome {
    Outcome::of(locked(bench, query, arguments).output().await.unwrap())
}

/// What the lock tells people.
fn told(bench: &Bench) -> Option<Value> {
    let object = bench.aws.s3().object(BUCKET, LOCK)?;
    Some(serde_json::from_slice(&object.bytes().unwrap()).unwrap())
}

async fn wait_until_held(bench: &Bench) {
    let held = async {
        while told(bench).is_none_or(|it| it["state"] != "held") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), held)
        .await
        .unwrap();
}

fn exports(bench: &Bench) -> usize {
    let calls = bench.aws.s3().calls();
    let is_export = |call: &&e2e::s3::Call| {
        call.key == KEY && call.operation == Operation::PutObject && call.outcome == Some(Ok(()))
    };
    calls.iter().filter(is_export).count()
}

/// Keeps whoever publishes waiting until the double is told to go on: no test here
/// depends on how fast a run is.
fn hold_publication(bench: &Bench) {
    let held = FaultRule::new(Operation::PutObject, Effect::Hold).key_containing(KEY);
    bench.aws.s3().add_fault(held);
}

/// Lets go on whoever waits, and whoever has not got so far.
fn release_publication(bench: &Bench) {
    bench.aws.s3().clear_faults();
    bench.aws.s3().release_held();
}

#[tokio::test]
async fn of_two_hosts_that_begin_at_once_one_publishes_and_the_other_names_it() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    hold_publication(&bench);
    let start = |run_id| locked(&bench, GOOD, &["--run-id", run_id]).spawn().unwrap();
    let (mut first, mut second) = (start("host-a"), start("host-b"));
    let (winner, loser, name) = tokio::select! {
        _ = first.wait() => (second, first, "host-b"),
        _ = second.wait() => (first, second, "host-a"),
    };
    let loser = Outcome::of_child(loser).await;
    let summary = loser.assert_failure(11, &format!("run {name}"));
    assert_eq!(summary["stage"], "lock");
    release_publication(&bench);
    Outcome::of_child(winner).await.assert_code(0);
    assert_eq!(exports(&bench), 1);
    let told = told(&bench).unwrap();
    assert_eq!(
        (&told["state"], &told["run_id"]),
        (&"free".into(), &name.into())
    );
    for member in ["holder", "taken_at", "expires_at"] {
        assert!(told[member].is_string(), "{member}");
    }
    // The loser is told of, unless it only stands by.
    assert_eq!(bench.posted().len(), 1);
}

#[tokio::test]
async fn a_host_that_stands_by_alerts_nobody() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    hold_publication(&bench);
    let child = locked(&bench, GOOD, &[]).spawn().unwrap();
    wait_until_held(&bench).await;
    let outcome = run(&bench, GOOD, &["--quiet-when-locked"]).await;
    outcome.assert_failure(11, "another run holds the lock s3://bucket/locks/tenants");
    assert!(bench.posted().is_empty() && bench.published().is_empty());
    assert_eq!(bench.metric("Failure"), None);
    release_publication(&bench);
    Outcome::of_child(child).await.assert_code(0);
    let mut pings = bench.pings();
    pings.sort();
    assert_eq!(pings, ["", "log", "start"]);
}

#[tokio::test]
async fn the_lock_of_a_killed_run_is_taken_over_after_its_lease() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let lease = ["--lock-lease", "3s", "--run-id", "dead"];
    let mut child = locked(&bench, ENDLESS, &lease).spawn().unwrap();
    wait_until_held(&bench).await;
    signal(&child, "KILL").await;
    child.wait().await.unwrap();
    // It may have been renewed just before: nobody waits, and each try says who it was.
    let over = async {
        loop {
            let outcome = run(&bench, GOOD, &["--run-id", "next"]).await;
            if outcome.code == Some(0) {
                return;
            }
            outcome.assert_failure(11, "run dead");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), over)
        .await
        .unwrap();
    assert_eq!(told(&bench).unwrap()["run_id"], "next");
    assert_eq!(exports(&bench), 1);
}

#[tokio::test]
async fn a_run_that_lives_renews_its_lease() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    hold_publication(&bench);
    let child = locked(&bench, GOOD, &["--lock-lease", "12s"])
        .spawn()
        .unwrap();
    wait_until_held(&bench).await;
    let first = told(&bench).unwrap()["expires_at"].clone();
    let renewed = async {
        while told(&bench).unwrap()["expires_at"] == first {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), renewed)
        .await
        .unwrap();
    release_publication(&bench);
    Outcome::of_child(child).await.assert_code(0);
}

#[tokio::test]
async fn a_lease_that_cannot_be_renewed_ends_the_run_before_it_publishes() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    // Lost on the way is another matter than kept out: it is told in any case.
    let lease = ["--lock-lease", "2s", "--quiet-when-locked"];
    let child = locked(&bench, ENDLESS, &lease).spawn().unwrap();
    wait_until_held(&bench).await;
    let denied = FaultRule::access_denied(Operation::PutObject).key_containing(LOCK);
    bench.aws.s3().add_fault(denied);
    let outcome = Outcome::of_child(child).await;
    outcome.assert_failure(11, "the lock was lost");
    bench.assert_nothing_published();
    assert_eq!(bench.posted()[0]["exit_code"], 11);
    assert_eq!(bench.pings(), ["start", "fail"]);
    bench.assert_nothing_runs_on().await;
}

#[tokio::test]
async fn a_lock_that_may_not_be_written_is_a_failure_with_the_rights_it_needs() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let denied = FaultRule::access_denied(Operation::PutObject).key_containing(LOCK);
    bench.aws.s3().add_fault(denied);
    let summary = run(&bench, GOOD, &[])
        .await
        .assert_failure(8, "it cannot be written");
    assert!(summary["remedy"].as_str().unwrap().contains("s3:PutObject"));
    bench.assert_nothing_published();
}

#[tokio::test]
async fn sigterm_gives_the_lock_back() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let child = locked(&bench, ENDLESS, &[]).spawn().unwrap();
    bench
        .aws
        .s3()
        .wait_for_calls(Operation::UploadPart, 1)
        .await;
    signal(&child, "TERM").await;
    Outcome::of_child(child).await.assert_code(143);
    assert_eq!(told(&bench).unwrap()["state"], "free");
    run(&bench, GOOD, &[]).await.assert_code(0);
}

/// Run ids, reruns of a day and the lock hold together: of two hosts that must not
/// overwrite, the second finds the day done.
#[tokio::test]
async fn a_second_host_after_the_first_skips_the_day() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--if-exists", "skip", "--run-id", "cron/2026-11-23"];
    let first = run(&bench, GOOD, &arguments).await.assert_code(0);
    assert_eq!(first["status"], "published");
    let second = run(&bench, GOOD, &arguments).await.assert_code(0);
    assert_eq!(second["status"], "skipped");
    assert_eq!(exports(&bench), 1);
    assert_eq!(told(&bench).unwrap()["state"], "free");
}
