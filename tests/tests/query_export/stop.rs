//! SIGTERM and the deadline amid a long query: no object, no open upload, and no
//! query that runs on.

use std::time::Duration;

use e2e::s3::Operation;
use mysql_async::prelude::Queryable as _;
use tokio::process::{Child, Command};

use crate::bench::{Bench, Outcome};

/// Sends rows for several parts, then waits longer than any test.
const ENDLESS: &str = "SELECT seq, REPEAT(MD5(seq), 32), IF(seq = 15000, SLEEP(900), 0) \
                       FROM seq_1_to_20000";

/// What the server runs for this user.
async fn running(bench: &Bench) -> Vec<String> {
    let mut connection = bench.server.connect().await.unwrap();
    let found: Vec<String> = connection
        .exec(
            "SELECT COALESCE(info, '') FROM information_schema.processlist \
             WHERE user = ? AND command <> 'Sleep'",
            (&bench.user,),
        )
        .await
        .unwrap();
    connection.disconnect().await.unwrap();
    found
}

/// Waits until it runs nothing any more: a KILL takes effect when the server next looks.
async fn assert_nothing_runs_on(bench: &Bench) {
    let gone = async {
        while !running(bench).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), gone).await;
    assert!(waited.is_ok(), "{:?}", running(bench).await);
}

fn spawn(bench: &Bench, query: &str, arguments: &[&str]) -> Child {
    bench
        .job("x.csv")
        .args(["--query", query, "--memory", "24MiB", "--threads", "1"])
        .args(arguments)
        .spawn()
        .unwrap()
}

async fn terminate(child: &Child) {
    let pid = child.id().unwrap().to_string();
    let kill = Command::new("kill").args(["-s", "TERM", &pid]).status();
    assert!(kill.await.unwrap().success());
}

#[tokio::test]
async fn sigterm_amid_the_rows() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let child = spawn(&bench, ENDLESS, &[]);
    bench
        .aws
        .s3()
        .wait_for_calls(Operation::UploadPart, 1)
        .await;
    assert_eq!(bench.aws.s3().open_uploads().len(), 1);
    assert!(!running(&bench).await.is_empty());
    terminate(&child).await;
    let outcome = Outcome::of(child.wait_with_output().await.unwrap());
    outcome.assert_failure(143, "SIGTERM");
    bench.assert_nothing_published();
    assert_nothing_runs_on(&bench).await;
}

#[tokio::test]
async fn sigterm_before_the_first_row() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let child = spawn(&bench, "SELECT SLEEP(900) AS nothing", &[]);
    let started = async {
        while !running(&bench).await.iter().any(|it| it.contains("SLEEP")) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(120), started)
        .await
        .unwrap();
    terminate(&child).await;
    let outcome = Outcome::of(child.wait_with_output().await.unwrap());
    outcome.assert_failure(143, "SIGTERM");
    bench.assert_nothing_published();
    assert_nothing_runs_on(&bench).await;
}

#[tokio::test]
async fn the_deadline() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let query = "SELECT :pause AS pause, SLEEP(:pause) AS nothing";
    let arguments = ["--timeout", "3s", "--param", "pause:int=900"];
    let child = spawn(&bench, query, &arguments);
    let outcome = Outcome::of(child.wait_with_output().await.unwrap());
    outcome.assert_failure(10, "deadline");
    bench.assert_nothing_published();
    assert_nothing_runs_on(&bench).await;
}

#[tokio::test]
async fn a_server_that_says_nothing() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let arguments = ["--read-timeout", "2s"];
    let child = spawn(&bench, "SELECT SLEEP(900) AS nothing", &arguments);
    let outcome = Outcome::of(child.wait_with_output().await.unwrap());
    outcome.assert_failure(7, "");
    bench.assert_nothing_published();
    assert_nothing_runs_on(&bench).await;
}
