//! `--alert-topic` and `--alert-webhook`: what they say, where their secrets are kept.

use crate::bench::{Bench, GOOD, KEY, Outcome};

#[tokio::test]
async fn a_failed_gate_is_told_to_both_with_what_to_do() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--min-rows", "9", "--run-id", "run-7"];
    let summary = bench
        .run(GOOD, &arguments)
        .await
        .assert_failure(9, "too few rows");
    let sent = &bench.published()[..];
    let [sent] = sent else {
        panic!("not one message: {sent:?}");
    };
    assert_eq!(sent.topic, bench.topic);
    let subject = "datatransit: tenants failed (exit code 9, gates)";
    assert_eq!(sent.subject.as_deref(), Some(subject));
    assert_eq!(sent.attributes["job"], "tenants");
    assert_eq!(sent.attributes["exit_code"], "9");
    for part in [
        "too few rows: 2",
        "look at the source",
        "run-7",
        KEY,
        "ERROR [run-7]",
    ] {
        assert!(sent.message.contains(part), "{part:?}: {}", sent.message);
    }
    let posted = bench.posted();
    assert_eq!(posted.len(), 1);
    for name in ["reason", "remedy", "stage", "exit_code", "dump_uri"] {
        assert_eq!(posted[0][name], summary[name], "{name}");
    }
    assert_eq!(posted[0]["job"], "tenants");
    assert_eq!(posted[0]["run_id"], "run-7");
    assert!(!posted[0]["host"].as_str().unwrap().is_empty());
    let text = posted[0]["text"].as_str().unwrap();
    assert!(
        text.starts_with("datatransit: tenants failed on "),
        "{text}"
    );
    let log = posted[0]["log"].as_array().unwrap();
    assert!(
        log.last()
            .unwrap()
            .as_str()
            .unwrap()
            .contains("too few rows")
    );
}

#[tokio::test]
async fn a_run_that_ends_well_alerts_nobody() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench.run(GOOD, &[""; 0]).await.assert_code(0);
    assert_eq!(bench.published(), []);
    assert!(bench.posted().is_empty());
    let skipped = bench
        .run(GOOD, &["--if-exists", "skip"])
        .await
        .assert_code(0);
    assert_eq!(skipped["status"], "skipped");
    assert!(bench.posted().is_empty());
    assert_eq!(bench.pings(), ["start", "", "start", ""]);
}

#[tokio::test]
async fn the_log_in_an_alert_has_so_many_lines_whatever_the_log_has() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let mut command = bench.watched(GOOD);
    command
        .args(["--min-rows", "9", "--alert-log-lines", "2"])
        .args(["--log-format", "json"])
        .env("RUST_LOG", "trace");
    Outcome::of(command.output().await.unwrap()).assert_code(9);
    let log = bench.posted()[0]["log"].clone();
    let lines = log.as_array().unwrap();
    assert_eq!(lines.len(), 2);
    // Text for people, from `info` up.
    assert!(lines.iter().all(|line| {
        let line = line.as_str().unwrap();
        !line.contains("TRACE") && !line.contains("DEBUG") && !line.starts_with('{')
    }));
}

#[tokio::test]
async fn the_url_comes_from_a_file_a_variable_or_secrets_manager() {
    use std::os::unix::fs::PermissionsExt as _;
    let Some(bench) = Bench::new().await else {
        return;
    };
    let url = |name: &str| bench.hooks.url(&format!("/hook/{name}"));
    let path = bench.path("webhook");
    std::fs::write(&path, format!("{}\n", url("file"))).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    bench.aws.secrets().put("prod/webhook", url("manager"));
    // An array in a file, and a URL that contradicts nothing there.
    let config = bench.path("tenants.toml");
    let text = format!(
        "min-rows = 9\nalert-webhook = [\"file:{}\", \"env:WEBHOOK\", \"secretsmanager:prod/webhook\"]\n",
        path.display()
    );
    std::fs::write(&config, text).unwrap();
    let mut command = bench.job(GOOD);
    command
        .arg("--config")
        .arg(&config)
        .env("WEBHOOK", url("variable"));
    Outcome::of(command.output().await.unwrap()).assert_code(9);
    let mut paths: Vec<String> = bench
        .requests("/hook/")
        .into_iter()
        .map(|request| request.path)
        .collect();
    paths.sort();
    assert_eq!(paths, ["/hook/file", "/hook/manager", "/hook/variable"]);
}

#[tokio::test]
async fn the_job_is_named_by_its_file_unless_it_has_a_name() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let config = bench.path("movings.toml");
    std::fs::write(&config, "min-rows = 9\nquery = \"SELECT 1 AS id\"\n").unwrap();
    let mut command = bench.program("query-export");
    command
        .arg("--config")
        .arg(&config)
        .args([
            "--credentials",
            &format!("secretsmanager:{}", crate::bench::SECRET),
        ])
        .args(["--to", "s3://bucket/x.csv", "--alert-topic", &bench.topic]);
    Outcome::of(command.output().await.unwrap()).assert_code(9);
    assert_eq!(bench.published()[0].attributes["job"], "movings");
}

#[tokio::test]
async fn a_run_refused_for_its_options_is_told_too() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let outcome = bench.run(GOOD, &["--timezone", "Asia/Edo"]).await;
    outcome.assert_failure(2, "no zone is named");
    assert_eq!(bench.published()[0].attributes["exit_code"], "2");
    assert_eq!(bench.posted()[0]["stage"], "configuration");
    assert_eq!(bench.pings(), ["fail"]);
    // What only looks tells nobody.
    let check = ["--check", "--timezone", "Asia/Edo"];
    bench
        .run(GOOD, &check)
        .await
        .assert_failure(2, "no zone is named");
    assert_eq!(bench.published().len(), 1);
}

#[tokio::test]
async fn what_is_no_url_is_refused_and_not_repeated() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for option in ["--ping", "--alert-webhook"] {
        let mut command = bench.job(GOOD);
        command.args([option, "hunter2hunter2"]);
        let outcome = Outcome::of(command.output().await.unwrap());
        outcome.assert_failure(2, option);
        assert!(!outcome.stdout.contains("hunter2"), "{}", outcome.stdout);
        assert!(!outcome.stderr.contains("hunter2"), "{}", outcome.stderr);
    }
}
