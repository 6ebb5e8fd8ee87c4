//! `--metrics`: lines in the log, and the file for Prometheus.

use serde_json::Value;

use crate::bench::{Bench, GOOD, Outcome};

async fn run(bench: &Bench, arguments: &[&str]) -> Outcome {
    let mut command = bench.job(GOOD);
    Outcome::of(command.args(arguments).output().await.unwrap())
}

#[tokio::test]
async fn a_line_of_emf_is_among_the_log_and_breaks_neither_it_nor_the_result() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = [
        "--metrics",
        "emf",
        "--log-format",
        "json",
        "--run-id",
        "run-7",
    ];
    let outcome = run(&bench, &arguments).await;
    outcome.assert_code(0);
    let lines: Vec<Value> = outcome
        .stderr
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for line in &lines {
        assert_eq!(line["run_id"], "run-7");
        assert!(line["timestamp"].is_string() && line["level"].is_string());
    }
    let metrics: Vec<&Value> = lines.iter().filter(|it| it["_aws"].is_object()).collect();
    assert_eq!(metrics.len(), 1);
    assert_eq!(metrics[0]["Job"], "tenants");
    assert_eq!(metrics[0]["Success"], 1.0);
    assert_eq!(metrics[0]["Rows"], 2.0);
    // Standard output that is the result itself stays so.
    let mut command = bench.program("query-export");
    command
        .args([
            "--credentials",
            &format!("secretsmanager:{}", crate::bench::SECRET),
        ])
        .args([
            "--query",
            GOOD,
            "--format",
            "tsv",
            "--to",
            "-",
            "--metrics",
            "emf",
        ]);
    let outcome = Outcome::of(command.output().await.unwrap());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, "id\tname\n1\tone\n2\ttwo\n");
}

#[tokio::test]
async fn the_textfile_keeps_the_last_success_through_a_failure() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let path = bench.path("tenants.prom");
    let target = format!("textfile:{}", path.display());
    run(&bench, &["--metrics", &target]).await.assert_code(0);
    let good = std::fs::read_to_string(&path).unwrap();
    assert!(
        good.contains("datatransit_exit_code{job_name=\"tenants\"} 0\n"),
        "{good}"
    );
    assert!(
        good.contains("datatransit_rows{job_name=\"tenants\"} 2\n"),
        "{good}"
    );
    run(&bench, &["--metrics", &target, "--min-rows", "9"])
        .await
        .assert_code(9);
    let bad = std::fs::read_to_string(&path).unwrap();
    assert!(
        bad.contains("datatransit_exit_code{job_name=\"tenants\"} 9\n"),
        "{bad}"
    );
    let success = |text: &str| {
        let name = "datatransit_last_success_timestamp_seconds{";
        text.lines()
            .find(|line| line.starts_with(name))
            .map(str::to_owned)
    };
    assert!(success(&good).is_some());
    assert_eq!(success(&bad), success(&good));
    let files = std::fs::read_dir(bench.directory.path()).unwrap().count();
    assert_eq!(files, 1, "nothing else is left");
    // A directory that is not there is a warning.
    let absent = format!("textfile:{}", bench.path("absent/x.prom").display());
    let outcome = run(&bench, &["--metrics", &absent]).await;
    outcome.assert_code(0);
    assert!(
        outcome
            .stderr
            .contains("the metrics did not get to textfile:")
    );
}

#[tokio::test]
async fn a_name_that_cloudwatch_does_not_take_is_made_one_that_it_takes() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--metrics", "cloudwatch", "--job-name", "契約 status"];
    run(&bench, &arguments).await.assert_code(0);
    assert_eq!(bench.aws.cloudwatch().refused(), [""; 0]);
    assert_eq!(
        bench.aws.cloudwatch().data()[0].dimensions["Job"],
        "?? status"
    );
}

#[tokio::test]
async fn full_dump_has_them_too() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let script = format!(
        "USE {}; CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1);",
        bench.database
    );
    bench.server.run_sql(&script).await.unwrap();
    let mut command = bench.program("full-dump");
    command
        .args([
            "--credentials",
            &format!("secretsmanager:{}", crate::bench::SECRET),
        ])
        .args(["--to", "s3://bucket/x.sql.gz", "--metrics", "cloudwatch"])
        .args(["--alert-topic", &bench.topic, "--min-bytes", "1GiB"])
        .args(["--single-transaction", "--skip-lock-tables"])
        .env("FULL_DUMP_PING", bench.hooks.url(crate::bench::CHECK));
    Outcome::of(command.output().await.unwrap()).assert_failure(9, "too small");
    assert_eq!(bench.published()[0].attributes["job"], "full-dump");
    assert_eq!(bench.pings(), ["start", "fail"]);
    assert_eq!(bench.metric("Rows"), Some(1.0));
}
