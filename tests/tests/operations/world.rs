//! A machine with job files on it: a small database, the doubles of AWS, and what the
//! programs do there.

use std::path::PathBuf;
use std::process::Stdio;

use e2e::aws::AwsDouble;
use e2e::database::shared_mariadb;
use e2e::s3::S3Options;
use serde_json::{Value, json};
use tokio::process::Command;

pub(crate) const BUCKET: &str = "company-dumps";
pub(crate) const SECRET: &str = "prod/rds-cron";
pub(crate) const DUMP: &str = "s3://company-dumps/dumps/gghouse_%Y%m%d.sql.gz";
pub(crate) const MANIFEST: &str = "s3://company-dumps/dumps-manifest/gghouse_%Y%m%d.json";

const SCHEMA: &str = "
CREATE TABLE tenants (
  id INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, updated_at DATETIME NOT NULL
);
INSERT INTO tenants VALUES (1, '山田 太郎', '2026-11-22 23:10:00'), (2, 'O''Brien', '2026-11-23 04:00:00');
";

/// One scenario's world.
pub(crate) struct World {
    pub(crate) aws: AwsDouble,
    pub(crate) database: String,
    directory: tempfile::TempDir,
}

/// What a program left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) printed: String,
    /// Standard error.
    pub(crate) said: String,
}

impl Ran {
    /// It ended with this code. Returns what it printed.
    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &str {
        assert_eq!(self.code, Some(code), "{}\n{}", self.printed, self.said);
        &self.printed
    }

    /// The same, of a document.
    #[track_caller]
    pub(crate) fn assert_json(&self, code: i32) -> Value {
        serde_json::from_str(self.assert_code(code)).unwrap()
    }
}

impl World {
    /// `None` without a MariaDB to start.
    pub(crate) async fn new() -> Option<Self> {
        let server = shared_mariadb().await?;
        let database = server.create_database("gghouse").await.unwrap();
        let script = format!("USE {database};\n{SCHEMA}");
        server.run_sql(&script).await.unwrap();
        let user = format!("cron_{database}");
        let grant = format!("SELECT, SHOW VIEW, TRIGGER, EVENT ON `{database}`.*");
        let grants = [grant.as_str(), "SELECT ON `mysql`.`proc`"];
        server
            .create_user(&user, "doctored", &grants)
            .await
            .unwrap();
        let aws = AwsDouble::start(S3Options::with_buckets(&[BUCKET])).unwrap();
        let login = json!({
            "engine": "mysql",
            "host": server.host(),
            "port": server.port(),
            "username": user,
            "password": "doctored",
            "database": database,
        });
        aws.secrets().put(SECRET, login.to_string());
        Some(Self {
            aws,
            database,
            directory: tempfile::tempdir().unwrap(),
        })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Writes full-dump's job file, with more lines at its end. Returns its path.
    pub(crate) fn full_dump(&self, more: &str) -> PathBuf {
        let file = format!(
            "credentials = \"secretsmanager:{SECRET}\"\nnames = [\"{}\"]\ndatabases = true\n\
             single-transaction = true\nto = \"{DUMP}\"\nmanifest = \"{MANIFEST}\"\n\
             lock-file = \"{}\"\n{more}\n",
            self.database,
            self.path("full-dump.lock").display(),
        );
        self.write("full-dump.toml", &file)
    }

    /// Writes query-export's job file.
    pub(crate) fn query_export(&self) -> PathBuf {
        let file = format!(
            "credentials = \"secretsmanager:{SECRET}\"\nquery = \"SELECT id, name FROM tenants\"\n\
             format = \"csv\"\nto = \"s3://{BUCKET}/exports/tenants_%Y%m%d.csv\"\n"
        );
        self.write("tenants.toml", &file)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// A program with the doubles' environment and no other.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(e2e::binary::binary(program));
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

    pub(crate) async fn run(&self, program: &str, arguments: &[&str]) -> Ran {
        finished(self.command(program).args(arguments)).await
    }

    /// Makes the dump of a day.
    pub(crate) async fn dump(&self, date: &str, more: &[&str]) -> Ran {
        let file = self.full_dump("").display().to_string();
        let arguments = [&["--config", &file, "--date", date], more].concat();
        self.run("full-dump", &arguments).await
    }

    /// The document at a key.
    pub(crate) fn document(&self, key: &str) -> Value {
        let object = self.aws.s3().object(BUCKET, key).unwrap();
        serde_json::from_slice(&object.bytes().unwrap()).unwrap()
    }

    /// The tag that readers look at.
    pub(crate) fn tag(&self, key: &str) -> Option<String> {
        let tags = self.aws.s3().tags(BUCKET, key)?;
        tags.get("valid_for_etl").cloned()
    }

    pub(crate) fn assert_nothing_published(&self) {
        assert_eq!(self.aws.s3().keys(BUCKET), [""; 0]);
        assert_eq!(self.aws.s3().open_uploads(), []);
    }
}

pub(crate) async fn finished(command: &mut Command) -> Ran {
    let output = command.output().await.unwrap();
    Ran {
        code: output.status.code(),
        printed: String::from_utf8(output.stdout).unwrap(),
        said: String::from_utf8(output.stderr).unwrap(),
    }
}
