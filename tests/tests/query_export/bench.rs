//! The bench that every scenario stands on: the binary, a database with a user of
//! few rights, the AWS doubles, and what a run left behind.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use e2e::aws::AwsDouble;
use e2e::database::{DatabaseServer, shared_mariadb};
use e2e::s3::S3Options;
use serde_json::{Value, json};
use tokio::process::Command;

/// The bucket that there is; the job files name it so.
pub(crate) const BUCKET: &str = "bucket";
/// The name of the secret; likewise.
pub(crate) const SECRET: &str = "prod/rds-cron";
/// The day that the scenarios use.
pub(crate) const DATE: &str = "2026-11-23";
pub(crate) const MANIFEST: &str = "s3://bucket/manifest/%Y%m%d.json";
pub(crate) const MANIFEST_KEY: &str = "manifest/20261123.json";

const SCHEMA: &str = r#"
CREATE TABLE people (
  id INT NOT NULL AUTO_INCREMENT, name VARCHAR(100) NOT NULL, note TEXT, rent DECIMAL(10,2),
  born DATE, photo VARBINARY(16), seen TIMESTAMP NULL, updated_at DATETIME NOT NULL,
  PRIMARY KEY (id)
);
INSERT INTO people (name, note, rent, born, photo, seen, updated_at) VALUES
  ('山田, "太郎"', 'line one\nline two\tand a tab', 65000.00, '1990-01-02', X'00FF0A5C',
   '2026-11-22 12:00:00', '2026-11-22 23:10:00'),
  ('O''Brien', NULL, NULL, NULL, NULL, NULL, '2026-11-23 04:00:00'),
  ('佐藤 花子', 'NULL', 0.50, '1985-12-31', X'', '2026-11-22 15:30:00', '2026-11-23 05:12:33');
CREATE TABLE nobody (id INT NOT NULL PRIMARY KEY, updated_at DATETIME);
"#;

/// One scenario's world.
pub(crate) struct Bench {
    pub(crate) server: &'static DatabaseServer,
    pub(crate) aws: AwsDouble,
    pub(crate) database: String,
    pub(crate) user: String,
    /// A marker that occurs nowhere else: whoever finds it has found a leak.
    pub(crate) password: String,
    pub(crate) directory: tempfile::TempDir,
}

impl Bench {
    /// A database with the small schema, a user who may read it, and its secret.
    /// `None` without a MariaDB to start.
    pub(crate) async fn new() -> Option<Self> {
        let bench = Self::empty().await?;
        let script = format!("USE {};\n{SCHEMA}", bench.database);
        bench.server.run_sql(&script).await.unwrap();
        Some(bench)
    }

    /// As [`Bench::new`], without tables.
    pub(crate) async fn empty() -> Option<Self> {
        let server = shared_mariadb().await?;
        let database = server.create_database("gghouse").await.unwrap();
        Some(Self::on(server, database).await)
    }

    async fn on(server: &'static DatabaseServer, database: String) -> Self {
        let user = format!("cron_{database}");
        let password = format!("cAnAry{:016x}'\"\\$p", fastrand::u64(..));
        // Rights to write as well: what keeps a query from writing is the program.
        let grant = format!("SELECT, SHOW VIEW, INSERT, UPDATE, DELETE, EXECUTE ON `{database}`.*");
        server
            .create_user(&user, &password, &[&grant])
            .await
            .unwrap();
        let aws = AwsDouble::start(S3Options::with_buckets(&[BUCKET])).unwrap();
        let bench = Self {
            server,
            aws,
            database,
            user,
            password,
            directory: tempfile::tempdir().unwrap(),
        };
        bench.put_secret(&bench.secret());
        bench
    }

    /// The secret as the production account holds it.
    pub(crate) fn secret(&self) -> Value {
        json!({
            "engine": "mysql",
            "host": self.server.host(),
            "port": self.server.port(),
            "username": self.user,
            "password": self.password,
            "database": self.database,
        })
    }

    pub(crate) fn put_secret(&self, secret: &Value) {
        self.aws.secrets().put(SECRET, secret.to_string());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The binary with the doubles' environment and no other.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(e2e::binary::binary("query-export"));
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

    /// The login from Secrets Manager, the export to this key, the manifest to its own.
    pub(crate) fn job(&self, key: &str) -> Command {
        let mut command = self.command();
        command
            .args(["--credentials", &format!("secretsmanager:{SECRET}")])
            .args(["--to", &format!("s3://{BUCKET}/{key}")])
            .args(["--manifest", MANIFEST, "--date", DATE]);
        command
    }

    /// Runs such a job with more arguments.
    pub(crate) async fn run<A: AsRef<OsStr>>(&self, key: &str, arguments: &[A]) -> Outcome {
        Outcome::of(self.job(key).args(arguments).output().await.unwrap())
    }

    /// As [`run`](Self::run), for one query, and the object that it published.
    pub(crate) async fn export(&self, key: &str, query: &str, arguments: &[&str]) -> Vec<u8> {
        let arguments = [&["--query", query], arguments].concat();
        self.run(key, &arguments).await.assert_code(0);
        self.object(key)
    }

    /// The bytes at a key.
    #[track_caller]
    pub(crate) fn object(&self, key: &str) -> Vec<u8> {
        self.aws.s3().object(BUCKET, key).unwrap().bytes().unwrap()
    }

    /// The manifest at the usual key.
    #[track_caller]
    pub(crate) fn manifest(&self) -> Value {
        serde_json::from_slice(&self.object(MANIFEST_KEY)).unwrap()
    }

    /// Nothing is published and nothing is left open.
    #[track_caller]
    pub(crate) fn assert_nothing_published(&self) {
        assert_eq!(self.aws.s3().keys(BUCKET), [""; 0]);
        assert_eq!(self.aws.s3().open_uploads(), []);
    }

    /// What the real client prints, through a pipe as the old jobs have it.
    pub(crate) async fn client(&self, arguments: &[&str], query: &str, pipe: &str) -> Vec<u8> {
        let client = self.server.client_command();
        let client = client.as_std();
        let script = format!("set -o pipefail; \"$0\" \"$@\" {pipe}");
        let output = Command::new("bash")
            .args(["-c", &script])
            .arg(client.get_program())
            .args(client.get_args())
            .args(arguments)
            .args(["-e", query, &self.database])
            .envs(
                client
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        let complaints = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{complaints}");
        output.stdout
    }
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Outcome {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The one JSON line on standard output.
    #[track_caller]
    pub(crate) fn summary(&self) -> Value {
        let text = String::from_utf8_lossy(&self.stdout);
        assert_eq!(
            text.lines().count(),
            1,
            "not one line: {text}\n{}",
            self.stderr
        );
        serde_json::from_str(&text).unwrap()
    }

    /// The run ended with this code, and its summary says so too.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> Value {
        assert_eq!(
            self.code,
            Some(code),
            "{}\n{}",
            String::from_utf8_lossy(&self.stdout),
            self.stderr
        );
        let summary = self.summary();
        assert_eq!(summary["exit_code"], code);
        summary
    }

    /// As [`Outcome::assert_code`]; the failure was logged exactly once, and its
    /// reason contains `said`.
    #[track_caller]
    pub(crate) fn assert_failure(&self, code: i32, said: &str) -> Value {
        let summary = self.assert_code(code);
        assert_eq!(summary["status"], "failed");
        let reason = summary["reason"].as_str().unwrap();
        assert!(reason.contains(said), "{said:?} is not in {reason:?}");
        // An early failure has no log yet and is one plain line.
        let is_error = |line: &&str| line.contains(" ERROR ") || line.starts_with("query-export: ");
        let errors: Vec<&str> = self.stderr.lines().filter(is_error).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        assert!(errors[0].contains(reason), "{reason}\n{}", self.stderr);
        summary
    }
}

/// Lower-case hex of the SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
