//! The bench that every scenario stands on: a database with a user of few rights, the AWS
//! doubles, and what listens on plain URLs.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_s3::config::{Credentials, SharedCredentialsProvider};
use e2e::aws::AwsDouble;
use e2e::database::{DatabaseServer, shared_mariadb};
use e2e::s3::{ACCESS_KEY, REGION, S3Options, SECRET_KEY};
use e2e::services::{HookServer, Notification, Request};
use serde_json::{Value, json};
use tokio::process::{Child, Command};

pub(crate) const BUCKET: &str = "bucket";
pub(crate) const SECRET: &str = "prod/rds-cron";
pub(crate) const KEY: &str = "tenants_20261123.csv";
pub(crate) const MANIFEST: &str = "s3://bucket/manifest/%Y%m%d.json";
pub(crate) const GOOD: &str = "SELECT 1 AS id, 'one' AS name UNION SELECT 2, 'two'";
/// Sends rows for several parts, then waits longer than any test.
pub(crate) const ENDLESS: &str = "SELECT seq, REPEAT(MD5(seq), 32), \
                                  IF(seq = 15000, SLEEP(900), 0) FROM seq_1_to_20000";
/// A check's URL at healthchecks.io is secret by its UUID.
pub(crate) const CHECK: &str = "/ping/7f178997-0000-4000-8000-00000000000a";

/// One scenario's world.
pub(crate) struct Bench {
    pub(crate) server: &'static DatabaseServer,
    pub(crate) aws: AwsDouble,
    pub(crate) hooks: HookServer,
    pub(crate) topic: String,
    pub(crate) database: String,
    pub(crate) password: String,
    pub(crate) directory: tempfile::TempDir,
    user: String,
}

impl Bench {
    /// `None` without a MariaDB to start.
    pub(crate) async fn new() -> Option<Self> {
        let server = shared_mariadb().await?;
        let database = server.create_database("gghouse").await.unwrap();
        let user = format!("cron_{database}");
        let password = format!("cAnAry{:016x}'\"\\$p", fastrand::u64(..));
        let grant = format!("SELECT, SHOW VIEW, TRIGGER ON `{database}`.*");
        server
            .create_user(&user, &password, &[&grant])
            .await
            .unwrap();
        let aws = AwsDouble::start(S3Options::with_buckets(&[BUCKET])).unwrap();
        let topic = aws.sns().create_topic(REGION, "alerts");
        let secret = json!({
            "engine": "mysql", "host": server.host(), "port": server.port(),
            "username": user, "password": password, "database": database,
        });
        aws.secrets().put(SECRET, secret.to_string());
        Some(Self {
            server,
            aws,
            hooks: HookServer::start().unwrap(),
            topic,
            database,
            password,
            directory: tempfile::tempdir().unwrap(),
            user,
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// A program with the doubles' environment and no other.
    pub(crate) fn program(&self, name: &str) -> Command {
        let mut command = Command::new(e2e::binary::binary(name));
        command
            .env_clear()
            .envs(self.aws.endpoint().env())
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// An export to the usual key, of a job named `tenants`.
    pub(crate) fn job(&self, query: &str) -> Command {
        let mut command = self.program("query-export");
        command
            .args(["--credentials", &format!("secretsmanager:{SECRET}")])
            .args(["--to", &format!("s3://{BUCKET}/tenants_%Y%m%d.csv")])
            .args(["--manifest", MANIFEST])
            .args(["--query", query, "--memory", "24MiB", "--threads", "1"])
            // Variables, so that a scenario's own argument is no second one.
            .env("QUERY_EXPORT_DATE", "2026-11-23")
            .env("QUERY_EXPORT_JOB_NAME", "tenants");
        command
    }

    /// Such a job with an alert by both ways, a ping and metrics.
    pub(crate) fn watched(&self, query: &str) -> Command {
        let mut command = self.job(query);
        command
            .args(["--alert-topic", &self.topic])
            .args(["--alert-webhook", &self.hooks.url("/hook/T0/secret")])
            .args(["--ping", &self.hooks.url(CHECK)])
            .args(["--metrics", "cloudwatch"]);
        command
    }

    /// Runs such a job.
    pub(crate) async fn run<A: AsRef<OsStr>>(&self, query: &str, arguments: &[A]) -> Outcome {
        Outcome::of(self.watched(query).args(arguments).output().await.unwrap())
    }

    /// What was posted to the webhook.
    pub(crate) fn posted(&self) -> Vec<Value> {
        self.requests("/hook/")
            .iter()
            .map(|request| serde_json::from_str(&request.body).unwrap())
            .collect()
    }

    /// The pings by what they say, in order: `start`, nothing, `fail` or `log`.
    pub(crate) fn pings(&self) -> Vec<String> {
        self.requests(CHECK)
            .iter()
            .map(|request| request.path[CHECK.len()..].trim_matches('/').to_owned())
            .collect()
    }

    pub(crate) fn requests(&self, prefix: &str) -> Vec<Request> {
        let mut requests = self.hooks.requests();
        requests.retain(|request| request.path.starts_with(prefix));
        requests
    }

    pub(crate) fn published(&self) -> Vec<Notification> {
        self.aws.sns().published()
    }

    /// The newest value of a metric.
    pub(crate) fn metric(&self, name: &str) -> Option<f64> {
        Some(self.aws.cloudwatch().newest(name)?.0)
    }

    /// An AWS configuration for another server.
    pub(crate) fn aws_config(url: &str) -> SdkConfig {
        let credentials = Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "harness");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(url)
            .region(Region::from_static(REGION))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .build()
    }

    /// Nothing is published and nothing is left open.
    #[track_caller]
    pub(crate) fn assert_nothing_published(&self) {
        let mut keys = self.aws.s3().keys(BUCKET);
        keys.retain(|key| !key.starts_with("locks/"));
        assert_eq!(keys, [""; 0]);
        assert_eq!(self.aws.s3().open_uploads(), []);
    }

    /// Waits until the server runs nothing for this user any more: a KILL takes effect
    /// when the server next looks.
    pub(crate) async fn assert_nothing_runs_on(&self) {
        let gone = async {
            while self.running().await > 0 {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let waited = tokio::time::timeout(Duration::from_secs(60), gone).await;
        assert!(waited.is_ok(), "a query runs on");
    }

    async fn running(&self) -> usize {
        use mysql_async::prelude::Queryable as _;
        let mut connection = self.server.connect().await.unwrap();
        let found: Option<usize> = connection
            .exec_first(
                "SELECT COUNT(*) FROM information_schema.processlist \
                 WHERE user = ? AND command <> 'Sleep'",
                (&self.user,),
            )
            .await
            .unwrap();
        connection.disconnect().await.unwrap();
        found.unwrap()
    }
}

/// Sends a signal, by its name.
pub(crate) async fn signal(child: &Child, name: &str) {
    let pid = child.id().unwrap().to_string();
    let kill = Command::new("kill").args(["-s", name, &pid]).status();
    assert!(kill.await.unwrap().success());
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    pub(crate) async fn of_child(child: Child) -> Self {
        Self::of(child.wait_with_output().await.unwrap())
    }

    /// The run ended with this code; returns the one line on standard output.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> Value {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        assert_eq!(self.stdout.lines().count(), 1, "{}", self.stdout);
        let summary: Value = serde_json::from_str(&self.stdout).unwrap();
        assert_eq!(summary["exit_code"], code);
        summary
    }

    /// As [`Outcome::assert_code`], and the reason contains `said`.
    #[track_caller]
    pub(crate) fn assert_failure(&self, code: i32, said: &str) -> Value {
        let summary = self.assert_code(code);
        let reason = summary["reason"].as_str().unwrap();
        assert!(reason.contains(said), "{said:?} is not in {reason:?}");
        summary
    }

    /// How many lines of the log warn of something that was not sent.
    pub(crate) fn warnings(&self) -> usize {
        let is_warning = |line: &&str| line.contains(" WARN ") && line.contains("was not sent");
        self.stderr.lines().filter(is_warning).count()
    }
}
