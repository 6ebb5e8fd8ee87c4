//! What the jobs that publish have in common: a database, and nights that make every call.

use std::process::Stdio;

use e2e::aws::AwsDouble;
use e2e::database::shared_mariadb;
use e2e::s3::{FaultRule, Operation, REGION, S3Options};
use serde_json::json;
use tokio::process::Command;

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

/// A small and a large object, a rerun, `--check`, an upload that fails; the lock in S3,
/// alerts, metrics.
pub(super) async fn nights(
    aws: &AwsDouble,
    program: &str,
    options: &[&str],
    small: &[&str],
    large: &[&str],
) {
    let topic = aws.sns().create_topic(REGION, "alerts");
    let lock = format!("s3://{BUCKET}/locks/{program}");
    let everywhere = [
        "--alert-topic",
        topic.as_str(),
        "--metrics",
        "cloudwatch",
        "--lock-uri",
        lock.as_str(),
        "--credentials",
        "secretsmanager:prod/rds-cron",
        "--memory",
        "24MiB",
    ];
    let night = async |date: &str, with: &[&str], names: &[&str], code| {
        let arguments = [&everywhere[..], options, &["--date", date], with, names].concat();
        let ended = run(aws, program, &arguments).await;
        assert_eq!(ended, Some(code), "{arguments:?}");
    };
    night("2026-11-21", &["--check"], small, 0).await;
    night("2026-11-21", &["--dry-run"], small, 0).await;
    night("2026-11-21", &["--tag", "team=data"], small, 0).await;
    night("2026-11-21", &["--if-exists", "skip"], small, 0).await;
    night("2026-11-21", &["--if-exists", "fail"], small, 8).await;
    night("2026-11-22", &["--if-exists", "skip"], large, 0).await;
    night("2026-11-22", &["--min-size-percent", "1"], small, 0).await;
    assert!(aws.s3().call_count(Operation::UploadPart) > 1);
    aws.s3()
        .add_fault(FaultRule::access_denied(Operation::UploadPart).nth(2));
    night("2026-11-23", &[], large, 8).await;
    aws.s3().clear_faults();
}
