//! The bench that every scenario stands on: the binary, a database with a user of
//! few rights, the AWS doubles, and what a run left behind.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Output, Stdio};

use e2e::aws::AwsDouble;
use e2e::database::{DatabaseServer, shared_mariadb, shared_mysql};
use e2e::s3::S3Options;
use serde_json::{Value, json};
use tokio::process::Command;

/// The bucket that there is.
pub(crate) const BUCKET: &str = "dumps-bucket";
/// The name of the secret.
pub(crate) const SECRET: &str = "prod/rds-cron";
/// Where a run publishes, before the date is filled in.
pub(crate) const TO: &str = "s3://dumps-bucket/dumps/gghouse_%Y%m%d.sql.gz";
pub(crate) const MANIFEST: &str = "s3://dumps-bucket/dumps-manifest/gghouse_%Y%m%d.json";
/// The same for the date that the scenarios use.
pub(crate) const KEY: &str = "dumps/gghouse_20261123.sql.gz";
pub(crate) const MANIFEST_KEY: &str = "dumps-manifest/gghouse_20261123.json";
/// The options of the job that is replaced.
pub(crate) fn production() -> Vec<&'static str> {
    [e2e::production::OPTIONS, &["--set-gtid-purged=OFF"]].concat()
}

const SCHEMA: &str = "
CREATE TABLE tenants (
  id INT NOT NULL AUTO_INCREMENT, name VARCHAR(100) NOT NULL, note TEXT, photo VARBINARY(64),
  updated_at DATETIME NOT NULL, PRIMARY KEY (id)
) COMMENT='semi;colon';
CREATE TABLE movings (
  id INT NOT NULL AUTO_INCREMENT, tenant_id INT NOT NULL, rent DECIMAL(10,2), moved_in DATE,
  updated_at DATETIME NOT NULL, PRIMARY KEY (id), KEY (tenant_id)
);
CREATE TABLE empty_table (id INT NOT NULL PRIMARY KEY, updated_at DATETIME);
CREATE TABLE masters (code CHAR(4) NOT NULL PRIMARY KEY, label VARCHAR(50));
INSERT INTO tenants (name, note, photo, updated_at) VALUES
  ('山田 太郎', 'line one\nline two; still two', X'00FF270A5C', '2026-11-22 23:10:00'),
  ('O''Brien', NULL, NULL, '2026-11-23 04:00:00'),
  ('佐藤 花子', '-- not a comment', '', '2026-11-23 05:12:33');
INSERT INTO movings (tenant_id, rent, moved_in, updated_at) VALUES
  (1, 65000.00, '2026-04-01', '2026-11-23 05:00:00'), (2, NULL, NULL, '2026-11-20 00:00:00');
INSERT INTO masters VALUES ('A001', '/* label */');
CREATE VIEW current_tenants AS SELECT id, name FROM tenants;
DELIMITER ;;
CREATE TRIGGER stamp BEFORE INSERT ON movings FOR EACH ROW BEGIN SET NEW.rent = NEW.rent + 0; END;;
CREATE PROCEDURE count_tenants() BEGIN SELECT COUNT(*) FROM tenants; END;;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM masters WHERE code = 'none';;
DELIMITER ;
";

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
        Some(Self::on(server, "SELECT ON `mysql`.`proc`").await)
    }

    /// As [`Bench::new`], on MySQL.
    pub(crate) async fn mysql() -> Option<Self> {
        let server = shared_mysql().await?;
        let bench = Self::on(server, "SHOW_ROUTINE ON *.*").await;
        let script = format!("USE {};\n{SCHEMA}", bench.database);
        bench.server.run_sql(&script).await.unwrap();
        Some(bench)
    }

    /// `routines` is the grant that shows everybody's routines.
    async fn on(server: &'static DatabaseServer, routines: &str) -> Self {
        let database = server.create_database("gghouse").await.unwrap();
        let user = format!("cron_{database}");
        let password = format!("cAnAry{:016x}'\"\\$p", fastrand::u64(..));
        let grant = format!("SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON `{database}`.*");
        server
            .create_user(&user, &password, &[&grant, routines])
            .await
            .unwrap();
        let aws = AwsDouble::start(S3Options::with_buckets(&[BUCKET])).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let bench = Self {
            server,
            aws,
            database,
            user,
            password,
            directory,
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
        let mut command = Command::new(e2e::binary::binary("full-dump"));
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

    /// The production job: login from Secrets Manager, dump and manifest to S3.
    pub(crate) fn job(&self) -> Command {
        let mut command = self.command();
        command
            .args(["--credentials", &format!("secretsmanager:{SECRET}")])
            .args(["--to", TO, "--manifest", MANIFEST, "--date", "2026-11-23"])
            .arg("-B")
            .arg(&self.database)
            .args(production());
        command
    }

    /// Runs the production job with more arguments.
    pub(crate) async fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Outcome {
        Outcome::of(self.job().args(arguments).output().await.unwrap())
    }

    /// The dump's bytes at the usual key.
    pub(crate) fn dump(&self) -> Option<Vec<u8>> {
        let object = self.aws.s3().object(BUCKET, KEY)?;
        Some(object.bytes().unwrap())
    }

    /// The manifest at the usual key.
    pub(crate) fn manifest(&self) -> Option<Value> {
        let object = self.aws.s3().object(BUCKET, MANIFEST_KEY)?;
        Some(serde_json::from_slice(&object.bytes().unwrap()).unwrap())
    }

    /// Nothing is published and nothing is left open.
    pub(crate) fn assert_nothing_published(&self) {
        assert_eq!(self.aws.s3().keys(BUCKET), [""; 0]);
        assert_eq!(self.aws.s3().open_uploads(), []);
    }

    /// The real client's bytes for the same options.
    pub(crate) async fn reference(&self, arguments: &[&str]) -> Vec<u8> {
        let output = self.server.dump(arguments).await.unwrap();
        assert!(output.success(), "{}", output.stderr);
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

    /// As [`Outcome::assert_code`], and the failure was logged exactly once.
    #[track_caller]
    pub(crate) fn assert_failure(&self, code: i32) -> Value {
        let summary = self.assert_code(code);
        assert_eq!(summary["status"], "failed");
        let reason = summary["reason"].as_str().unwrap();
        assert!(!reason.is_empty());
        // An early failure has no log yet and is one plain line.
        let is_error = |line: &&str| line.contains(" ERROR ") || line.starts_with("full-dump: ");
        let errors: Vec<&str> = self.stderr.lines().filter(is_error).collect();
        assert_eq!(errors.len(), 1, "{}", self.stderr);
        assert!(errors[0].contains(reason), "{reason}\n{}", self.stderr);
        summary
    }
}

/// Unpacks what the job stored.
pub(crate) async fn unpack(gzip: &[u8]) -> Vec<u8> {
    use tokio::io::AsyncReadExt as _;
    let mut decoder = async_compression::tokio::bufread::GzipDecoder::new(gzip);
    decoder.multiple_members(true);
    let mut text = Vec::new();
    decoder.read_to_end(&mut text).await.unwrap();
    text
}

/// Lower-case hex of the SHA-256.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;
    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
