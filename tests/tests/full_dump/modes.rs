//! `--check` and `--dry-run`: they look and change nothing.

use e2e::s3::{FaultRule, Operation};
use serde_json::{Value, json};

use crate::bench::{BUCKET, Bench, Outcome};

fn check<'a>(report: &'a Value, name: &str) -> &'a Value {
    let checks = report["checks"].as_array().unwrap();
    checks.iter().find(|check| check["name"] == name).unwrap()
}

async fn checked(bench: &Bench, arguments: &[&str]) -> (Option<i32>, Value) {
    let arguments = [&["--check", "--json"], arguments].concat();
    let outcome = bench.run(&arguments).await;
    let report = outcome.summary();
    assert_eq!(
        report["exit_code"]
            .as_i64()
            .and_then(|code| code.try_into().ok()),
        outcome.code
    );
    (outcome.code, report)
}

#[tokio::test]
async fn a_healthy_check_tries_everything_and_changes_nothing() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let lock = bench.path("job.lock");
    let lock_file = ["--lock-file", lock.to_str().unwrap()];
    let (code, report) = checked(&bench, &lock_file).await;
    assert_eq!(code, Some(0), "{report:#}");
    assert_eq!(report["status"], "ok");
    let names: Vec<&str> = report["checks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|check| {
            assert_eq!(check["outcome"], "ok", "{check}");
            check["name"].as_str().unwrap()
        })
        .collect();
    assert_eq!(
        names,
        [
            "time zone",
            "lock file",
            "local disk",
            "AWS identity",
            "credentials",
            "secret",
            "rules",
            "name resolution",
            "connection",
            "login",
            "TLS",
            "server's clock",
            "grants",
            "tables",
            "dump's destination",
            "dump's tags",
            "dump's reading back",
            "dump's conditions",
            "manifest's destination",
            "manifest's reading back",
            "manifest's conditions",
            "clock"
        ]
    );
    bench.assert_nothing_published();
    assert!(!lock.exists());
    let operations: Vec<Operation> = bench.aws.s3().operations().into_iter().collect();
    assert_eq!(
        operations,
        [
            Operation::AbortMultipartUpload,
            Operation::CreateMultipartUpload,
            Operation::HeadObject,
            Operation::ListParts,
            Operation::PutObject
        ]
    );
    let text = bench.run(&["--check"]).await;
    assert!(String::from_utf8_lossy(&text.stdout).contains("ok       credentials"));
}

#[tokio::test]
async fn a_check_names_the_first_failing_class_and_goes_on() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .aws
        .s3()
        .add_fault(FaultRule::access_denied(Operation::CreateMultipartUpload));
    let (code, report) = checked(&bench, &[]).await;
    assert_eq!(code, Some(8));
    assert!(
        check(&report, "dump's destination")["remedy"]
            .as_str()
            .unwrap()
            .contains("s3:PutObject")
    );

    let mut secret = bench.secret();
    secret["password"] = json!("wrong");
    bench.put_secret(&secret);
    let (code, report) = checked(&bench, &[]).await;
    assert_eq!(code, Some(4), "the login fails before the bucket");
    assert_eq!(check(&report, "connection")["outcome"], "ok");
    assert_eq!(check(&report, "login")["outcome"], "failed");
    assert_eq!(check(&report, "tables")["outcome"], "skipped");
    assert_eq!(check(&report, "dump's destination")["outcome"], "failed");

    bench.put_secret(&json!({"password": 7}));
    let (code, report) = checked(&bench, &[]).await;
    assert_eq!(code, Some(3));
    assert_eq!(check(&report, "name resolution")["outcome"], "skipped");
    bench.assert_nothing_published();
}

#[tokio::test]
async fn a_check_finds_missing_grants() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let user = format!("poor_{}", bench.database);
    let grant = format!("SELECT ON `{}`.*", bench.database);
    bench
        .server
        .create_user(&user, "p", &[&grant])
        .await
        .unwrap();
    let mut secret = bench.secret();
    secret["username"] = json!(user);
    secret["password"] = json!("p");
    bench.put_secret(&secret);
    let (code, report) = checked(&bench, &[]).await;
    assert_eq!(code, Some(4));
    let detail = check(&report, "grants")["detail"].as_str().unwrap();
    for privilege in ["SHOW VIEW", "TRIGGER", "EVENT", "mysql.proc"] {
        assert!(detail.contains(privilege), "{detail}");
    }
    let remedy = check(&report, "grants")["remedy"].as_str().unwrap();
    let statement = format!(
        "GRANT SHOW VIEW, TRIGGER, EVENT ON `{}`.* TO `{user}`@`%`",
        bench.database
    );
    assert!(remedy.contains(&statement), "{remedy}");
    // What the remedy says is what the server takes.
    bench.server.run_sql(remedy).await.unwrap();
    let (code, report) = checked(&bench, &[]).await;
    assert_eq!(code, Some(0), "{report:#}");
}

#[tokio::test]
async fn a_check_sees_required_tables_and_a_held_lock() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let path = bench.path("job.lock");
    let file = std::fs::File::create(&path).unwrap();
    file.lock().unwrap();
    let (code, report) = checked(&bench, &["--lock-file", path.to_str().unwrap()]).await;
    assert_eq!(code, Some(11));
    assert_eq!(check(&report, "tables")["outcome"], "ok");
    drop(file);
    let (code, report) = checked(&bench, &["--require-table", "empty_table"]).await;
    assert_eq!(code, Some(9), "{report:#}");
}

#[tokio::test]
async fn a_dry_run_shows_the_plan_and_touches_no_store() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let outcome = bench.run(&["--dry-run", "--json"]).await;
    let plan = outcome.assert_code(0);
    assert_eq!(plan["status"], "planned");
    assert_eq!(plan["snapshot"], "consistent_snapshot");
    assert_eq!(
        plan["dump_uri"],
        "s3://dumps-bucket/dumps/gghouse_20261123.sql.gz"
    );
    assert_eq!(plan["views"], 1);
    let tables: Vec<&str> = plan["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| table["name"].as_str().unwrap())
        .collect();
    assert_eq!(tables, ["empty_table", "masters", "movings", "tenants"]);
    assert_eq!(bench.aws.s3().calls().len(), 0);
    assert_eq!(bench.aws.s3().keys(BUCKET), [""; 0]);

    let text = bench.run(&["--dry-run"]).await;
    assert_eq!(text.code, Some(0));
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(
        text.contains("4 tables, 1 views") && text.contains("movings"),
        "{text}"
    );
    bench
        .run(&["--dry-run", "--require-table", "absent"])
        .await
        .assert_failure(9);
}

#[tokio::test]
async fn a_dry_run_to_a_file_makes_no_file() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let target = bench.path("out/dump.sql");
    let mut command = bench.command();
    command
        .args([
            "--credentials",
            "secretsmanager:prod/rds-cron",
            "--dry-run",
            "--to",
        ])
        .arg(format!("file://{}", target.display()))
        .arg(&bench.database);
    assert_eq!(Outcome::of(command.output().await.unwrap()).code, Some(0));
    assert!(!bench.path("out").exists());
}
