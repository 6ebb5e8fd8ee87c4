//! What the contenders work on: a database server with the demo data, and S3.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use e2e::aws::AwsDouble;
use e2e::database::{DatabaseServer, Flavour};
use e2e::s3::S3Options;
use e2e::sharehouse::{LoadOptions, LoadSummary, dump_grants, load};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::report;

pub(crate) const BUCKET: &str = "bench";
pub(crate) const DATABASE: &str = "gghouse";
pub(crate) const SECRET: &str = "bench/dump";

/// The data fit in: what is compared are clients, not disks.
const SERVER_OPTIONS: &[&str] = &["--innodb-buffer-pool-size=1G"];

/// All of it. Dropping it ends the servers and removes the data.
pub(crate) struct World {
    pub(crate) runtime: Runtime,
    pub(crate) server: DatabaseServer,
    pub(crate) aws: AwsDouble,
    pub(crate) full_dump: PathBuf,
    pub(crate) user: &'static str,
    pub(crate) password: String,
    pub(crate) loaded: LoadSummary,
    directory: TempDir,
}

impl World {
    /// Starts and fills everything; `None` without MariaDB.
    pub(crate) fn new(rows: u64) -> Result<Option<Self>> {
        let full_dump = binary()?;
        let runtime = Runtime::new()?;
        let builder = DatabaseServer::builder(Flavour::MariaDb).server_options(SERVER_OPTIONS);
        let Some(server) = runtime.block_on(builder.start())? else {
            return Ok(None);
        };
        let mut options = LoadOptions::default();
        options.rows = rows;
        options.database = DATABASE.to_owned();
        report::line(&format!("loading {rows} rows ..."));
        let loaded = runtime.block_on(load(&server, &options))?;
        report::line(&format!("loaded in {:.0} s", loaded.elapsed.as_secs_f64()));

        let user = "bench";
        let password = format!("{:016x}", fastrand::u64(..));
        let grants = dump_grants(&server, DATABASE);
        let grants: Vec<&str> = grants.iter().map(String::as_str).collect();
        runtime.block_on(server.create_user(user, &password, &grants))?;
        let aws = AwsDouble::start(S3Options::with_buckets(&[BUCKET]))?;
        let secret = json!({
            "engine": "mariadb", "host": server.host(), "port": server.port(),
            "username": user, "password": password, "database": DATABASE,
        });
        aws.secrets().put(SECRET, secret.to_string());
        Ok(Some(Self {
            runtime,
            server,
            aws,
            full_dump,
            user,
            password,
            loaded,
            directory: tempfile::tempdir()?,
        }))
    }

    /// The file that takes a contender's standard error.
    pub(crate) fn complaints_path(&self) -> PathBuf {
        self.directory.path().join("stderr")
    }

    /// What the last contender wrote there.
    pub(crate) fn complaints(&self) -> String {
        fs::read_to_string(self.complaints_path()).unwrap_or_default()
    }
}

/// The release binary beside this executable, or the one that `FULL_DUMP_BINARY` names.
fn binary() -> Result<PathBuf> {
    if let Some(path) = env::var_os("FULL_DUMP_BINARY") {
        return Ok(path.into());
    }
    // …/target/release/deps/full_dump-0123 → …/target/release/full-dump
    let executable = env::current_exe()?;
    let profile = executable.parent().and_then(Path::parent);
    let path = profile
        .context("this executable has no place")?
        .join("full-dump");
    if !path.is_file() {
        bail!(
            "{} is missing: cargo build --release -p full-dump",
            path.display()
        );
    }
    Ok(path)
}
