//! Arguments, environment and file.

use std::fmt::Write as _;

use serde_json::json;

use crate::bench::{Bench, MANIFEST_KEY, Outcome, SECRET, TO};

#[tokio::test]
async fn a_file_holds_the_whole_job() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let path = bench.path("job.toml");
    let mut file = format!(
        "credentials = \"secretsmanager:{SECRET}\"\nto = \"{TO}\"\ndate = 2026-11-23\n\
         manifest = \"s3://dumps-bucket/{MANIFEST_KEY}\"\nnames = [\"{}\"]\n\
         require-table = [\"tenants\", \"movings\"]\nmin-bytes = 100\n",
        bench.database
    );
    for option in [
        "databases",
        "single-transaction",
        "quick",
        "routines",
        "events",
        "compact",
    ] {
        writeln!(file, "{option} = true").unwrap();
    }
    file.push_str("lock-tables = false\nset-gtid-purged = \"OFF\"\n");
    std::fs::write(&path, file).unwrap();
    let output = bench
        .command()
        .arg("--config")
        .arg(&path)
        .env("FULL_DUMP_RUN_ID", "from-environment")
        .output()
        .await
        .unwrap();
    let summary = Outcome::of(output).assert_code(0);
    assert_eq!(summary["run_id"], "from-environment");
    let from_file = bench.dump().unwrap();
    bench
        .run(&["--run-id", "from-arguments"])
        .await
        .assert_code(0);
    assert_eq!(
        bench.dump().unwrap(),
        from_file,
        "the same bytes from file and arguments"
    );
}

#[tokio::test]
async fn an_unknown_key_is_refused_with_the_nearest_name() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let path = bench.path("job.toml");
    for (line, said) in [
        ("min_byte = 1", "did you mean `min-bytes`?"),
        (
            "single-transactio = true",
            "did you mean `single-transaction`?",
        ),
        ("memory = \"lots\"", "memory"),
    ] {
        std::fs::write(&path, line).unwrap();
        let path = path.to_str().unwrap();
        let summary = bench.run(&["--config", path]).await.assert_failure(2);
        assert!(
            summary["reason"].as_str().unwrap().contains(said),
            "{summary}"
        );
    }
    assert_eq!(bench.aws.secrets().calls(), []);
}

#[tokio::test]
async fn the_environment_alone_is_enough_and_arguments_win() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let run = async |arguments: &[&str]| {
        let mut command = bench.command();
        command
            .env("FULL_DUMP_CREDENTIALS", "env:CRON_DB")
            .env("CRON_DB_HOST", bench.server.host())
            .env("CRON_DB_PORT", bench.server.port().to_string())
            .env("CRON_DB_USERNAME", &bench.user)
            .env("CRON_DB_PASSWORD", &bench.password)
            .env(
                "FULL_DUMP_NAMES",
                format!("{} tenants movings", bench.database),
            )
            .env("FULL_DUMP_TO", TO)
            .env("FULL_DUMP_DATE", "2026-11-23")
            .env("FULL_DUMP_SINGLE_TRANSACTION", "true")
            .env("FULL_DUMP_COMPACT", "1")
            .env("FULL_DUMP_TRIGGERS", "false")
            .env("FULL_DUMP_LOG_FORMAT", "json")
            .args(arguments);
        Outcome::of(command.output().await.unwrap())
    };
    let outcome = run(&[]).await;
    let summary = outcome.assert_code(0);
    assert_eq!(summary["tables"], 2);
    for line in outcome.stderr.lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["run_id"], summary["run_id"], "{line}");
    }
    let text = crate::bench::unpack(&bench.dump().unwrap()).await;
    assert!(!String::from_utf8_lossy(&text).contains("TRIGGER"));

    run(&["--triggers"]).await.assert_code(0);
    let text = crate::bench::unpack(&bench.dump().unwrap()).await;
    assert!(String::from_utf8_lossy(&text).contains("TRIGGER"));
}

#[tokio::test]
async fn a_secret_of_rds_is_completed_by_arguments() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench.put_secret(&json!({"username": bench.user, "password": bench.password}));
    bench.run(&[""; 0]).await.assert_failure(3);
    let port = bench.server.port().to_string();
    bench
        .run(&["--host", "127.0.0.1", "-P", &port])
        .await
        .assert_code(0);
    assert_eq!(
        bench.aws.secrets().calls().last().unwrap().stage.as_deref(),
        Some("AWSCURRENT")
    );
}

#[tokio::test]
async fn help_and_version_end_well() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    for (argument, said) in [
        ("--help", "Exit codes:"),
        ("-?", "--single-transaction"),
        ("--version", env!("CARGO_PKG_VERSION")),
    ] {
        let outcome = Outcome::of(bench.command().arg(argument).output().await.unwrap());
        assert_eq!(outcome.code, Some(0));
        assert!(
            String::from_utf8_lossy(&outcome.stdout).contains(said),
            "{argument}"
        );
        assert_eq!(outcome.stderr, "");
    }
}
