//! moto's server, made by others, as a witness beside our double of SNS. Skipped, and
//! said so, where there is none. Of CloudWatch it cannot be one: moto 5.2.1 does not
//! know the protocol that the SDK speaks.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::bench::{Bench, GOOD, Outcome};

/// The server and its URL; `None` without one to start.
async fn moto() -> Option<(Child, String)> {
    let address = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let started = Command::new("moto_server")
        .args(["-H", "127.0.0.1", "-p", &address.port().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return skipped(&error.to_string()),
    };
    for _ in 0..1_200 {
        if let Ok(Some(status)) = child.try_wait() {
            return skipped(&format!("it ended, {status}"));
        }
        if TcpStream::connect(address).await.is_ok() {
            return Some((child, format!("http://{address}")));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("moto_server listens on no port after two minutes");
}

/// No part of CI: our double is the test, and this its witness.
fn skipped<T>(why: &str) -> Option<T> {
    #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
    {
        eprintln!("SKIPPED: no moto_server ({why}); pip install 'moto[server]' brings it");
    }
    None
}

#[tokio::test]
async fn takes_the_alert_and_hands_it_on() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let Some((_server, url)) = moto().await else {
        return;
    };
    let sns = aws_sdk_sns::Client::new(&Bench::aws_config(&url));
    let topic = sns.create_topic().name("alerts").send().await.unwrap();
    let topic = topic.topic_arn().unwrap();
    let subscriber = bench.hooks.url("/hook/subscriber");
    let subscribing = sns.subscribe().topic_arn(topic).protocol("http");
    // Filters by an attribute: what comes through had it.
    let subscribing = subscribing.attributes("FilterPolicy", r#"{"exit_code": ["9"]}"#);
    subscribing.endpoint(subscriber).send().await.unwrap();
    let run = |arn: &str| {
        let mut command = bench.job(GOOD);
        command
            .args(["--min-rows", "9", "--alert-topic", arn])
            .args(["--notify-timeout", "60s"])
            .env("AWS_ENDPOINT_URL_SNS", &url);
        async move { Outcome::of(command.output().await.unwrap()) }
    };
    let outcome = run(topic).await;
    outcome.assert_code(9);
    assert_eq!(outcome.warnings(), 0, "{}", outcome.stderr);
    let delivered = bench.requests("/hook/subscriber");
    let delivered: Vec<Value> = delivered
        .iter()
        .filter_map(|request| serde_json::from_str(&request.body).ok())
        .filter(|body: &Value| body["Type"] == "Notification")
        .collect();
    assert_eq!(delivered.len(), 1, "{delivered:?}");
    let sent = &delivered[0];
    let subject = "datatransit: tenants failed (exit code 9, gates)";
    assert_eq!(sent["Subject"], subject);
    assert!(sent["Message"].as_str().unwrap().contains("too few rows"));
    // It refuses as our double does.
    let outcome = run(&topic.replace("alerts", "absent")).await;
    assert_eq!(outcome.warnings(), 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("NotFound"), "{}", outcome.stderr);
}
