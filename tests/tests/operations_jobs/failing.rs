//! Who cannot be told changes neither the exit code nor, beyond the bound, the time.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use e2e::services::Behaviour;

use crate::bench::{Bench, GOOD, Outcome};

#[tokio::test]
async fn errors_are_warnings() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench.aws.sns().fail();
    bench.aws.cloudwatch().fail();
    for behaviour in [
        Behaviour::Status(500),
        Behaviour::Status(404),
        Behaviour::Disconnect,
    ] {
        bench.hooks.behave(behaviour);
        let outcome = bench.run(GOOD, &["--min-rows", "9"]).await;
        outcome.assert_failure(9, "too few rows");
        // Topic, webhook, the ping of the start and that of the end.
        assert_eq!(outcome.warnings(), 4, "{}", outcome.stderr);
        assert!(
            outcome
                .stderr
                .contains("the metrics did not get to cloudwatch")
        );
        bench.run(GOOD, &[""; 0]).await.assert_code(0);
    }
}

#[tokio::test]
async fn a_topic_that_is_not_there_is_a_warning() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let missing = bench.topic.replace("alerts", "absent");
    let mut command = bench.job(GOOD);
    command.args(["--min-rows", "9", "--alert-topic", &missing]);
    let outcome = Outcome::of(command.output().await.unwrap());
    outcome.assert_failure(9, "too few rows");
    assert_eq!(outcome.warnings(), 1, "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("NotFound (HTTP 404)"),
        "{}",
        outcome.stderr
    );
    assert_eq!(bench.aws.sns().refused(), ["NotFound"]);
}

#[tokio::test]
async fn a_service_that_fails_once_is_asked_again() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench.hooks.behave_for(Behaviour::Status(503), 1);
    let mut command = bench.job(GOOD);
    let url = bench.hooks.url("/hook/x");
    command.args(["--min-rows", "9", "--alert-webhook", &url]);
    let outcome = Outcome::of(command.output().await.unwrap());
    outcome.assert_code(9);
    assert_eq!(outcome.warnings(), 0, "{}", outcome.stderr);
    let statuses: Vec<u16> = bench
        .requests("/hook/")
        .iter()
        .map(|it| it.status)
        .collect();
    assert_eq!(statuses, [503, 200]);
}

#[tokio::test]
async fn one_that_refuses_the_connection_or_never_answers_is_given_up() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    // A port that nobody listens on.
    let closed = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    bench.hooks.behave(Behaviour::Hang);
    let ping = bench.hooks.url(crate::bench::CHECK);
    for webhook in [format!("http://{closed}/hook"), bench.hooks.url("/hook/x")] {
        let mut command = bench.job(GOOD);
        command
            .args(["--min-rows", "9", "--notify-timeout", "2s"])
            .args(["--alert-webhook", &webhook, "--ping", &ping]);
        let begun = Instant::now();
        let outcome = Outcome::of(command.output().await.unwrap());
        // The doubles hang for a minute; the bound is two seconds, and the rest is the run.
        assert!(
            begun.elapsed() < Duration::from_secs(50),
            "{:?}",
            begun.elapsed()
        );
        outcome.assert_failure(9, "too few rows");
        assert!(outcome.warnings() >= 2, "{}", outcome.stderr);
    }
}
