//! Every exit code of the table, each brought about for real.

use std::fs::File;
use std::process::Stdio;

use e2e::s3::{FaultRule, Operation};
use e2e::secrets_manager::SecretFault;
use serde_json::json;
use tokio::process::{Child, Command};

use crate::bench::{BUCKET, Bench, KEY, Outcome};
use crate::proxy::{Proxy, Trick};

const NONE: [&str; 0] = [];

/// Points the secret at the proxy.
fn go_through(bench: &Bench, proxy: &Proxy) {
    let mut secret = bench.secret();
    secret["port"] = json!(proxy.port);
    bench.put_secret(&secret);
}

/// Sends a signal by its name.
pub(crate) async fn signal(child: &Child, name: &str) {
    let pid = child.id().expect("the process runs").to_string();
    let status = Command::new("kill")
        .args(["-s", name, &pid])
        .status()
        .await
        .unwrap();
    assert!(status.success());
}

#[tokio::test]
async fn exit_1_when_the_result_cannot_be_reported() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut job = bench.job();
    let status = job
        .stdout(full)
        .stderr(Stdio::null())
        .status()
        .await
        .unwrap();
    assert_eq!(status.code(), Some(1));
    assert!(
        bench.manifest().is_some(),
        "what could not be reported was done"
    );
}

#[tokio::test]
async fn a_log_that_nobody_reads_does_not_end_a_run() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = bench.job().stderr(writer).output().await.unwrap();
    Outcome::of(output).assert_code(0);
}

#[tokio::test]
async fn exit_2_for_wrong_usage() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for (arguments, said) in [
        (&["--no-such-option"][..], "--no-such-option"),
        (&["--password=secret"], "seen by every user"),
        (&["--xml"], "query export"),
        (&["--if-exists", "maybe"], "--if-exists"),
        (&["--compression", "rar"], "rar"),
        (&["--compression-level", "99"], "1 to 12"),
        (&["--max-staleness", "36h"], "no table"),
        (&["--timezone", "Asia/Edo"], "Asia/Edo"),
        (&["--ssl-mode", "PREFERRED"], "plain text"),
        (&["--ssl-mode", "VERIFY_CA"], "VERIFY_IDENTITY"),
        (&["--deny-host", "mysql://x"], "pattern"),
        (&["--memory", "1KiB"], "memory"),
        (&["--set-gtid-purged=MAYBE"], "AUTO"),
    ] {
        let summary = bench.run(arguments).await.assert_failure(2);
        let reason = summary["reason"].as_str().unwrap();
        assert!(reason.contains(said), "{arguments:?}: {reason}");
    }
    let outcome = Outcome::of(bench.command().arg("gghouse").output().await.unwrap());
    assert!(
        outcome.assert_failure(2)["reason"]
            .as_str()
            .unwrap()
            .contains("--to is missing")
    );
    bench.assert_nothing_published();
    assert_eq!(bench.aws.s3().calls().len(), 0, "nothing was asked of S3");
}

#[tokio::test]
async fn exit_3_for_credentials() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let run = async |credentials: &str| {
        let mut command = bench.command();
        command.args([
            "--credentials",
            credentials,
            "--to",
            crate::bench::TO,
            "gghouse",
        ]);
        Outcome::of(command.output().await.unwrap()).assert_failure(3)
    };
    let summary = run("secretsmanager:nowhere").await;
    assert!(
        summary["reason"].as_str().unwrap().contains("not found"),
        "{summary}"
    );
    assert!(
        summary["remedy"].as_str().unwrap().contains("region"),
        "{summary}"
    );

    bench.aws.secrets().fail(SecretFault::AccessDenied, 1);
    let summary = run("secretsmanager:prod/rds-cron").await;
    assert!(
        summary["remedy"]
            .as_str()
            .unwrap()
            .contains("GetSecretValue"),
        "{summary}"
    );

    bench.put_secret(&json!({"username": "u", "port": "many"}));
    let summary = run("secretsmanager:prod/rds-cron").await;
    let reason = summary["reason"].as_str().unwrap();
    for key in ["host", "port", "password"] {
        assert!(reason.contains(key), "{reason}");
    }
    assert!(
        run("file:/nonexistent.json").await["reason"]
            .as_str()
            .unwrap()
            .contains("not found")
    );
    assert!(
        run("env:NO_SUCH").await["remedy"]
            .as_str()
            .unwrap()
            .contains("_USERNAME")
    );
    bench.assert_nothing_published();
}

#[tokio::test]
async fn exit_4_when_the_source_refuses_or_is_not_there() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let mut secret = bench.secret();
    secret["password"] = json!("wrong");
    bench.put_secret(&secret);
    let summary = bench.run(&NONE).await.assert_failure(4);
    assert!(
        summary["reason"].as_str().unwrap().contains("1045"),
        "{summary}"
    );

    let mut secret = bench.secret();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    secret["port"] = json!(listener.local_addr().unwrap().port());
    drop(listener);
    bench.put_secret(&secret);
    assert_eq!(bench.run(&NONE).await.assert_failure(4)["stage"], "connect");

    bench.put_secret(&bench.secret());
    let summary = bench.run(&["no_such_database"]).await.assert_failure(4);
    assert!(
        summary["reason"]
            .as_str()
            .unwrap()
            .contains("no_such_database"),
        "{summary}"
    );
    bench.assert_nothing_published();
}

#[tokio::test]
async fn exit_5_without_a_snapshot() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let trick = Trick::Refuse(1105, "no snapshot today");
    let proxy = Proxy::start(bench.server.port(), "START TRANSACTION", trick).await;
    go_through(&bench, &proxy);
    let summary = bench.run(&NONE).await.assert_failure(5);
    assert!(
        summary["reason"]
            .as_str()
            .unwrap()
            .contains("no snapshot today"),
        "{summary}"
    );
    bench.assert_nothing_published();
}

#[tokio::test]
async fn exit_6_when_a_table_changes_under_way() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    // The rows of `tenants` come after those of `movings`: by then the snapshot stands.
    let proxy = Proxy::start(bench.server.port(), "FROM `tenants`", Trick::Hold).await;
    go_through(&bench, &proxy);
    let child = bench.job().spawn().unwrap();
    proxy.reached().await;
    let alter = format!(
        "ALTER TABLE {}.tenants ADD COLUMN extra INT NOT NULL DEFAULT 7, FORCE",
        bench.database
    );
    bench.server.run_sql(&alter).await.unwrap();
    proxy.release();
    let outcome = Outcome::of(child.wait_with_output().await.unwrap());
    let summary = outcome.assert_failure(6);
    assert!(
        summary["reason"].as_str().unwrap().contains("tenants"),
        "{summary}"
    );
    bench.assert_nothing_published();
}

#[tokio::test]
async fn exit_7_when_the_connection_breaks_amid_the_rows() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let trick = Trick::CutAfter(150);
    let proxy = Proxy::start(bench.server.port(), "FROM `tenants`", trick).await;
    go_through(&bench, &proxy);
    let summary = bench.run(&NONE).await.assert_failure(7);
    assert_eq!(summary["dump_published"], false);
    bench.assert_nothing_published();
}

#[tokio::test]
async fn exit_8_when_the_store_refuses() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .aws
        .s3()
        .add_fault(FaultRule::access_denied(Operation::PutObject));
    let summary = bench.run(&NONE).await.assert_failure(8);
    assert!(
        summary["remedy"].as_str().unwrap().contains("s3:PutObject"),
        "{summary}"
    );
    bench.assert_nothing_published();

    bench.aws.s3().clear_faults();
    bench
        .aws
        .s3()
        .add_fault(FaultRule::access_denied(Operation::PutObjectTagging));
    let summary = bench.run(&NONE).await.assert_failure(8);
    assert_eq!(summary["dump_published"], true);
    assert_eq!(summary["manifest_published"], false);
    assert_eq!(
        bench.manifest(),
        None,
        "no manifest speaks for a dump without its tags"
    );
    assert_eq!(bench.aws.s3().keys(BUCKET), [KEY]);
}

#[tokio::test]
async fn exit_10_when_the_deadline_passes() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let proxy = Proxy::start(bench.server.port(), "FROM `tenants`", Trick::Hold).await;
    go_through(&bench, &proxy);
    let child = bench.job().args(["--timeout", "3s"]).spawn().unwrap();
    let outcome = Outcome::of(child.wait_with_output().await.unwrap());
    let summary = outcome.assert_failure(10);
    assert!(
        summary["reason"].as_str().unwrap().contains("deadline"),
        "{summary}"
    );
    bench.assert_nothing_published();
}

#[tokio::test]
async fn exit_11_while_another_run_holds_the_lock() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let path = bench.path("job.lock");
    let lock = path.to_str().unwrap();
    let proxy = Proxy::start(bench.server.port(), "FROM `tenants`", Trick::Hold).await;
    go_through(&bench, &proxy);
    let first = bench
        .job()
        .args(["--lock-file", lock, "--run-id", "first"])
        .spawn()
        .unwrap();
    proxy.reached().await;
    let secrets = bench.aws.secrets().calls().len();
    let summary = bench.run(&["--lock-file", lock]).await.assert_failure(11);
    assert!(
        summary["reason"].as_str().unwrap().contains("run first"),
        "{summary}"
    );
    assert_eq!(
        bench.aws.secrets().calls().len(),
        secrets,
        "the lock comes before the secret"
    );
    proxy.release();
    let first = Outcome::of(first.wait_with_output().await.unwrap());
    assert_eq!(first.assert_code(0)["run_id"], "first");
    bench.run(&["--lock-file", lock]).await.assert_code(0);
}

#[tokio::test]
async fn exit_130_and_143_for_the_signals() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for (name, code) in [("INT", 130), ("TERM", 143)] {
        let proxy = Proxy::start(bench.server.port(), "FROM `tenants`", Trick::Hold).await;
        go_through(&bench, &proxy);
        let child = bench.job().spawn().unwrap();
        proxy.reached().await;
        signal(&child, name).await;
        let outcome = Outcome::of(child.wait_with_output().await.unwrap());
        let summary = outcome.assert_failure(code);
        assert_eq!(summary["stage"], "dump");
        bench.assert_nothing_published();
    }
}

#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    // Publishing is given time after the first signal: hold it there.
    let hold = FaultRule::new(Operation::PutObject, e2e::s3::Effect::Hold);
    bench.aws.s3().add_fault(hold);
    let mut child = bench.job().spawn().unwrap();
    bench.aws.s3().wait_for_calls(Operation::PutObject, 1).await;
    signal(&child, "TERM").await;
    // The log says when the first one was heard.
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stderr.take().unwrap()));
    while let Some(line) = lines.next_line().await.unwrap() {
        if line.contains("a second signal ends at once") {
            break;
        }
    }
    signal(&child, "INT").await;
    assert_eq!(child.wait().await.unwrap().code(), Some(130));
}
