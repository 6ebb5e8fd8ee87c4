//! full-dump's calls: a small and a large dump, a rerun, `--check`, an upload that fails;
//! the lock in S3, alerts, metrics, and the size of the day before.

use std::process::Stdio;

use e2e::aws::AwsDouble;
use e2e::database::shared_mariadb;
use e2e::s3::{FaultRule, Operation, REGION, S3Options};
use serde_json::json;
use tokio::process::Command;

use super::Calls;

const BUCKET: &str = "dumps-bucket";
const SECRET: &str = "prod/rds-cron";

/// A database with a table for several parts of an upload, and the secret of a user.
/// `None` without a MariaDB to start.
pub(super) async fn world() -> Option<(AwsDouble, String)> {
    let server = shared_mariadb().await?;
    let database = server.create_database("gghouse").await.unwrap();
    let script = format!(
        "USE {database};
         CREATE TABLE tenants (id INT NOT NULL PRIMARY KEY, updated_at DATETIME);
         INSERT INTO tenants VALUES (1, NOW());
         CREATE TABLE hexes (id INT NOT NULL PRIMARY KEY, hex TEXT NOT NULL, updated_at DATETIME);
         INSERT INTO hexes SELECT seq, REPEAT(MD5(seq), 40), NOW() FROM seq_1_to_12000;"
    );
    server.run_sql(&script).await.unwrap();
    let (user, password) = (format!("cron_{database}"), "not-a-real-one");
    let grant = format!("SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON `{database}`.*");
    server
        .create_user(&user, password, &[&grant, "SELECT ON `mysql`.`proc`"])
        .await
        .unwrap();
    let aws = AwsDouble::start(S3Options::with_buckets(&[BUCKET])).unwrap();
    let secret = json!({
        "host": server.host(), "port": server.port(),
        "username": user, "password": password, "database": database,
    });
    aws.secrets().put(SECRET, secret.to_string());
    Some((aws, database))
}

/// Runs a program against the doubles; its exit code.
pub(super) async fn run(aws: &AwsDouble, binary: &str, arguments: &[&str]) -> Option<i32> {
    Command::new(e2e::binary::binary(binary))
        .args(arguments)
        .env_clear()
        .envs(aws.endpoint().env())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .status()
        .await
        .unwrap()
        .code()
}

#[tokio::test]
async fn full_dump_calls_what_its_policy_allows() {
    let Some((aws, database)) = world().await else {
        return;
    };
    let topic = aws.sns().create_topic(REGION, "alerts");
    let day = |date: &'static str| {
        [
            "--alert-topic",
            topic.as_str(),
            "--metrics",
            "cloudwatch",
            "--lock-uri",
            "s3://dumps-bucket/locks/full-dump",
            "--credentials",
            "secretsmanager:prod/rds-cron",
            "--date",
            date,
            "--to",
            "s3://dumps-bucket/dumps/gghouse_%Y%m%d.sql.gz",
            "--manifest",
            "s3://dumps-bucket/dumps-manifest/gghouse_%Y%m%d.json",
            "--single-transaction",
            "--memory",
            "24MiB",
            "--compression",
            "none",
        ]
    };
    let run = async |date, arguments: &[&str], code| {
        let arguments = [&day(date), arguments].concat();
        assert_eq!(
            run(&aws, "full-dump", &arguments).await,
            Some(code),
            "{arguments:?}"
        );
    };
    let small = [database.as_str(), "tenants"];
    let large = [database.as_str()];

    run("2026-11-21", &[&["--check"], &small[..]].concat(), 0).await;
    run("2026-11-21", &[&["--dry-run"], &small[..]].concat(), 0).await;
    run(
        "2026-11-21",
        &[&["--tag", "team=data"], &small[..]].concat(),
        0,
    )
    .await;
    run(
        "2026-11-21",
        &[&["--if-exists", "skip"], &small[..]].concat(),
        0,
    )
    .await;
    run(
        "2026-11-21",
        &[&["--if-exists", "fail"], &small[..]].concat(),
        8,
    )
    .await;
    run(
        "2026-11-22",
        &[&["--if-exists", "skip"], &large[..]].concat(),
        0,
    )
    .await;
    run(
        "2026-11-22",
        &[&["--min-size-percent", "1"], &small[..]].concat(),
        0,
    )
    .await;
    assert!(aws.s3().call_count(Operation::UploadPart) > 1);
    aws.s3()
        .add_fault(FaultRule::access_denied(Operation::UploadPart).nth(2));
    run("2026-11-23", &large, 8).await;
    aws.s3().clear_faults();

    let mut calls = Calls::default();
    calls.add_others(&aws);
    calls.add_s3(
        &aws.s3().calls(),
        &[
            ("dumps/", "dump"),
            ("dumps-manifest/", "manifest"),
            ("locks/", "lock"),
        ],
    );
    calls.assert_table("full-dump", &[]);
}
