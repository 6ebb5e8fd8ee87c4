//! moto's server, made by others, as a witness beside our doubles: SNS and CloudWatch
//! take what is sent. Skipped, and said so, where there is none.

use std::net::TcpListener;
use std::process::Stdio;
use std::time::Duration;

use e2e::s3::REGION;
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::bench::{Bench, GOOD, Outcome};

/// The server and its URL; `None` without one to start.
async fn moto() -> Option<(Child, String)> {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let started = Command::new("moto_server")
        .args(["-H", "127.0.0.1", "-p", &port.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) => {
            eprintln!("skipped: no moto_server ({error}); pip install 'moto[server]' brings it");
            return None;
        }
    };
    for _ in 0..1_200 {
        if let Ok(Some(status)) = child.try_wait() {
            eprintln!("skipped: moto_server does not start ({status})");
            return None;
        }
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return Some((child, format!("http://127.0.0.1:{port}")));
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("moto_server listens on no port after two minutes");
}

#[tokio::test]
async fn takes_the_alert_and_the_figures() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let Some((_server, url)) = moto().await else {
        return;
    };
    let config = Bench::aws_config(&url);
    let sns = aws_sdk_sns::Client::new(&config);
    let topic = sns.create_topic().name("alerts").send().await.unwrap();
    let topic = topic.topic_arn().unwrap();
    assert!(topic.contains(REGION), "{topic}");
    let run = |arn: String| {
        let mut command = bench.job(GOOD);
        command
            .args([
                "--min-rows",
                "9",
                "--alert-topic",
                &arn,
                "--metrics",
                "cloudwatch",
            ])
            .env("AWS_ENDPOINT_URL_SNS", &url)
            .env("AWS_ENDPOINT_URL_CLOUDWATCH", &url);
        async move { Outcome::of(command.output().await.unwrap()) }
    };
    let outcome = run(topic.to_owned()).await;
    outcome.assert_code(9);
    assert_eq!(outcome.warnings(), 0, "{}", outcome.stderr);
    assert!(
        !outcome.stderr.contains("the metrics did not"),
        "{}",
        outcome.stderr
    );
    let found = aws_sdk_cloudwatch::Client::new(&config)
        .list_metrics()
        .namespace("datatransit")
        .send()
        .await
        .unwrap();
    let mut names: Vec<&str> = found
        .metrics()
        .iter()
        .filter_map(|metric| metric.metric_name())
        .collect();
    names.sort_unstable();
    assert_eq!(
        names,
        [
            "DurationSeconds",
            "Failure",
            "Rows",
            "StoredBytes",
            "Success"
        ]
    );
    // It refuses as our double does.
    let outcome = run(topic.replace("alerts", "absent")).await;
    assert_eq!(outcome.warnings(), 1, "{}", outcome.stderr);
}
