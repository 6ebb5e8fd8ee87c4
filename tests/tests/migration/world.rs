//! The production machine, as far as the runbook touches it: a database, the doubles of AWS, the
//! old jobs' results, and directories in the place of `/etc`.

use std::path::PathBuf;
use std::process::Stdio;

use e2e::aws::AwsDouble;
use e2e::database::{DatabaseServer, shared_mariadb};
use e2e::production;
use e2e::s3::S3Options;
use e2e::sharehouse::{LoadOptions, dump_grants, load};
use serde_json::json;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

const BUCKET: &str = "company-dumps";
const SECRET: &str = "prod/rds-cron";
/// The exports, and what their queries are called.
const EXPORTS: [&str; 4] = [
    "movings",
    "tenants",
    "contract_status",
    "contract_status_30d",
];

/// A machine with the old jobs on it.
pub(crate) struct World {
    server: &'static DatabaseServer,
    aws: AwsDouble,
    database: String,
    directory: tempfile::TempDir,
}

/// What a block of commands did.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) printed: String,
    /// Standard error.
    pub(crate) said: String,
}

impl World {
    /// `None` without a MariaDB to start.
    pub(crate) async fn new() -> Option<Self> {
        let server = shared_mariadb().await?;
        let database = server.create_database("gghouse").await.unwrap();
        let mut options = LoadOptions::default();
        options.rows = 3_000;
        options.database.clone_from(&database);
        load(server, &options).await.unwrap();
        let user = format!("nightly_{database}");
        let grants = dump_grants(server, &database);
        let grants: Vec<&str> = grants.iter().map(String::as_str).collect();
        server.create_user(&user, "runbook", &grants).await.unwrap();
        let aws = AwsDouble::start(S3Options::with_buckets(&[BUCKET])).unwrap();
        let login = json!({
            "engine": "mysql",
            "host": server.host(),
            "port": server.port(),
            "username": user,
            "password": "runbook",
            "database": database,
        });
        aws.secrets().put(SECRET, login.to_string());
        let world = Self {
            server,
            aws,
            database,
            directory: tempfile::tempdir().unwrap(),
        };
        std::fs::create_dir(world.path("cron")).unwrap();
        let lines = EXPORTS.map(|job| format!("12 6 * * * cron /usr/local/bin/old-{job}.sh\n"));
        std::fs::write(world.path("cron/old-jobs"), lines.concat()).unwrap();
        Some(world)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The variables of the runbook, for a day (`YYYYMMDD`).
    pub(crate) fn names(&self, day: &str) -> Vec<(&'static str, String)> {
        let path = |name| self.path(name).display().to_string();
        vec![
            ("BUCKET", BUCKET.to_owned()),
            ("DATABASE", self.database.clone()),
            ("SECRET", SECRET.to_owned()),
            ("CONF", path("conf")),
            ("CRON", path("cron")),
            ("DAY", day.to_owned()),
            ("INSTANCE", "i-0123456789abcdef0".to_owned()),
        ]
    }

    /// Runs commands as the reader would, from the root of the repository, on a day.
    pub(crate) async fn run(&self, commands: &str, day: &str) -> Ran {
        let date = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
        let programs = e2e::binary::binary("full-dump");
        let programs = programs.parent().unwrap().display().to_string();
        let path = std::env::var("PATH").unwrap_or_default();
        let locks = self.path("lock").display().to_string();
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", commands])
            .env_clear()
            .envs(self.aws.endpoint().env())
            .envs(self.names(day))
            .env("PATH", format!("{programs}:{path}"))
            // The clock of the machine, and its directory of locks.
            .env("FULL_DUMP_DATE", &date)
            .env("FULL_DUMP_LOCK_FILE", &locks)
            .env("QUERY_EXPORT_DATE", &date)
            .env("QUERY_EXPORT_LOCK_FILE", &locks)
            .env("COMPARE_DUMPS_DATE", &date)
            .env("COMPARE_DUMPS_HISTORY_DATE", &date)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        Ran {
            code: output.status.code(),
            printed: String::from_utf8_lossy(&output.stdout).into_owned(),
            said: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// What the old jobs leave in the bucket on a day: the real clients' output, through the
    /// same pipes.
    pub(crate) async fn old_jobs(&self, day: &str) {
        let mut arguments = production::OPTIONS.to_vec();
        arguments.extend(["-B", &self.database]);
        let dump = self.server.dump(&arguments).await.unwrap();
        assert!(dump.success(), "{}", dump.stderr);
        let packed = piped(Command::new("gzip"), &dump.stdout).await;
        self.put(&format!("dumps/gghouse_{day}.sql.gz"), packed)
            .await;
        for job in EXPORTS {
            let sql = format!("../examples/cron/sql/{job}.sql");
            let sql = std::fs::read_to_string(sql).unwrap();
            let date = format!("{}-{}-{}", &day[..4], &day[4..6], &day[6..]);
            let sql = sql.replace(":today", &format!("'{date}'"));
            let mut client = self.server.client_command();
            client.args(["--batch", "--skip-column-names", &self.database]);
            let rows = piped(client, sql.as_bytes()).await;
            let mut sed = Command::new("sed");
            sed.arg("s/\\t/,/g");
            let rows = piped(sed, &rows).await;
            self.put(&format!("daily/{job}_{day}.csv"), rows).await;
        }
    }

    async fn put(&self, key: &str, bytes: Vec<u8>) {
        let put = self.aws.endpoint().s3_client().put_object();
        let put = put.bucket(BUCKET).key(key).body(bytes.into());
        put.send().await.unwrap();
    }
}

async fn piped(mut command: Command, input: &[u8]) -> Vec<u8> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let feed = async {
        stdin.write_all(input).await.unwrap();
        drop(stdin);
    };
    let ((), output) = tokio::join!(feed, child.wait_with_output());
    let output = output.unwrap();
    assert!(output.status.success(), "{command:?}");
    output.stdout
}
