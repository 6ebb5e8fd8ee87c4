//! The set-up: two private databases, one of them full, and the doubles of AWS.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use e2e::aws::AwsDouble;
use e2e::database::{DatabaseServer, Flavour};
use e2e::s3::S3Options;
use e2e::sharehouse::{LoadOptions, LoadSummary, dump_grants, load};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::report::{count, done, note, size};

pub(crate) const DATABASE: &str = "gghouse";
pub(crate) const BUCKET: &str = "demo-dumps";
pub(crate) const SECRET: &str = "prod/gghouse/dump";
const USER: &str = "nightly_dump";

/// Everything that the job meets in production, on this machine.
pub(crate) struct Stage {
    pub(crate) source: DatabaseServer,
    pub(crate) target: DatabaseServer,
    pub(crate) aws: AwsDouble,
    pub(crate) loaded: LoadSummary,
    pub(crate) password: String,
}

impl Stage {
    pub(crate) async fn set(flavour: Flavour, rows: u64, seed: u64) -> Result<Self> {
        let begun = Instant::now();
        let (source, target) = tokio::try_join!(start(flavour), start(flavour))?;
        done(
            &format!("two private {flavour} servers"),
            &format!(
                "127.0.0.1:{} and :{}, {:.1} s",
                source.port(),
                target.port(),
                begun.elapsed().as_secs_f64()
            ),
        );

        let loaded = load_with_bar(&source, rows, seed).await?;
        done(
            &format!("a share-house company in `{DATABASE}`"),
            &format!(
                "{} rows in {} tables, {}, {:.1} s",
                count(loaded.rows),
                loaded.tables.len(),
                size(loaded.statement_bytes),
                loaded.elapsed.as_secs_f64()
            ),
        );

        let password = password();
        let grants = dump_grants(&source, DATABASE);
        let grants: Vec<&str> = grants.iter().map(String::as_str).collect();
        source.create_user(USER, &password, &grants).await?;
        let aws = AwsDouble::start(S3Options::with_buckets(&[BUCKET]))?;
        aws.secrets().put(SECRET, login(&source, &password));
        done("S3 and Secrets Manager in process", aws.endpoint().url());
        done(
            &format!("the secret {SECRET}"),
            &format!("user {USER}, who may read `{DATABASE}` and no more"),
        );
        Ok(Self {
            source,
            target,
            aws,
            loaded,
            password,
        })
    }

    /// Says how to look around.
    pub(crate) fn invite(&self) {
        note(&format!(
            "\nStill running, until Ctrl-C:\n\
             \x20 source    -h127.0.0.1 -P{} -uroot {DATABASE}\n\
             \x20 restored  -h127.0.0.1 -P{} -uroot {DATABASE}\n\
             \x20 AWS       {}",
            self.source.port(),
            self.target.port(),
            self.aws.endpoint().url()
        ));
        for key in self.aws.s3().keys(BUCKET) {
            if let Some(object) = self.aws.s3().object(BUCKET, &key) {
                note(&format!(
                    "  s3://{BUCKET}/{key} is {}",
                    object.path.display()
                ));
            }
        }
    }
}

async fn start(flavour: Flavour) -> Result<DatabaseServer> {
    // The zone of the company's own servers: DATETIME columns are in it.
    let builder = DatabaseServer::builder(flavour).server_options(&["--default-time-zone=+09:00"]);
    builder
        .start()
        .await?
        .with_context(|| format!("{flavour} is needed and not on this machine"))
}

async fn load_with_bar(server: &DatabaseServer, rows: u64, seed: u64) -> Result<LoadSummary> {
    let bar = ProgressBar::new(rows);
    if let Ok(style) = ProgressStyle::with_template("    loading {bar:40} {pos}/{len} rows") {
        bar.set_style(style);
    }
    let mut options = LoadOptions::default();
    options.rows = rows;
    options.seed = seed;
    options.database = DATABASE.to_owned();
    let shown = bar.clone();
    options.progress = Some(Arc::new(move |done, all| {
        shown.set_length(all);
        shown.set_position(done);
    }));
    let loaded = load(server, &options).await;
    bar.finish_and_clear();
    loaded
}

/// A password as rotation makes them: new each time, with every kind of sign.
fn password() -> String {
    const SIGNS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789!#$%&*+-=?^_~";
    (0..32)
        .map(|_| char::from(SIGNS[fastrand::usize(0..SIGNS.len())]))
        .collect()
}

/// The secret's text, as RDS's own rotation shapes it.
fn login(server: &DatabaseServer, password: &str) -> String {
    json!({
        "engine": "mysql",
        "host": server.host(),
        "port": server.port(),
        "username": USER,
        "password": password,
        "dbname": DATABASE,
    })
    .to_string()
}
