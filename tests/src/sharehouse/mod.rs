//! A realistic database: a Japanese share-house rental company.
//!
//! 21 tables, 3 views, 2 triggers, 2 routines and an event, alike on MariaDB and
//! MySQL; see `schema.sql` and `objects.sql` beside this file. The rows are drawn
//! from a seed: the same seed, number of rows and moment give the same database.
//! Text is made of names and phrases as people write them, so that it compresses
//! as real data do.

mod clock;
mod contacts;
mod houses;
mod insert;
mod people;
mod words;
mod world;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use fastrand::Rng;
use jiff::Timestamp;
use mysql_async::prelude::Queryable as _;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use self::clock::Clock;
use self::insert::{Batch, LoaderGone};
use self::world::{Counts, World};
use crate::database::{DatabaseServer, Flavour};

const SCHEMA: &str = include_str!("schema.sql");
const OBJECTS: &str = include_str!("objects.sql");

/// What a user who dumps such a database needs at least, as grants for
/// [`DatabaseServer::create_user`]: to read tables and view definitions, to see
/// triggers and events, and the bodies of routines (SELECT on `mysql.proc` in
/// MariaDB, SHOW_ROUTINE in MySQL). The rest spares the real tools complaints
/// about what such a database does not have: PROCESS, about tablespaces; in MySQL
/// a SELECT, about masking policies.
#[must_use]
pub fn dump_grants(server: &DatabaseServer, database: &str) -> Vec<String> {
    let mut grants = vec![
        format!("SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON `{database}`.*"),
        "PROCESS ON *.*".to_owned(),
    ];
    grants.extend(match server.flavour() {
        Flavour::MariaDb => vec!["SELECT ON mysql.proc".to_owned()],
        Flavour::MySql => vec![
            "SHOW_ROUTINE ON *.*".to_owned(),
            "SELECT ON performance_schema.*".to_owned(),
        ],
    });
    grants
}

/// Told the rows loaded so far and those there will be.
pub type LoadProgress = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// What to load.
#[derive(Clone)]
#[non_exhaustive]
pub struct LoadOptions {
    /// How many rows at least, over all tables. Default 200,000; about 250 bytes
    /// of dump each.
    pub rows: u64,
    /// Other seeds, other rows. Default 1.
    pub seed: u64,
    /// The database's name; made anew. Default `gghouse`.
    pub database: String,
    /// The data's present: every table with `updated_at` has a row changed five
    /// minutes before. Default: the moment of the options' making.
    pub now: Timestamp,
    /// Called after every statement.
    pub progress: Option<LoadProgress>,
}

impl Default for LoadOptions {
    fn default() -> Self {
        Self {
            rows: 200_000,
            seed: 1,
            database: "gghouse".to_owned(),
            now: Timestamp::now(),
            progress: None,
        }
    }
}

impl fmt::Debug for LoadOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoadOptions")
            .field("rows", &self.rows)
            .field("seed", &self.seed)
            .field("database", &self.database)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// What was loaded.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct LoadSummary {
    /// Rows by table, of those that have any.
    pub tables: BTreeMap<String, u64>,
    /// Rows over all tables.
    pub rows: u64,
    /// Bytes of the INSERT statements.
    pub statement_bytes: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// Makes the database anew and fills it.
///
/// # Errors
///
/// When the server refuses a statement.
pub async fn load(server: &DatabaseServer, options: &LoadOptions) -> Result<LoadSummary> {
    let begun = Instant::now();
    let name = &options.database;
    server
        .run_sql(&format!(
            "DROP DATABASE IF EXISTS `{name}`;
             CREATE DATABASE `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
             USE `{name}`; {SCHEMA}"
        ))
        .await
        .context("the schema of the share houses")?;
    let (sender, receiver) = mpsc::channel(4);
    let mut world = World {
        random: Rng::with_seed(options.seed),
        clock: Clock::new(options.now),
        counts: Counts::of(options.rows),
    };
    let generator = spawn_blocking(move || generate(&mut world, &sender));
    let mut summary = insert_all(server, options, receiver).await?;
    // That the loader has gone can only mean that it failed, and said so above.
    let _ = generator.await?;
    server
        .run_sql(&format!("USE `{name}`; {OBJECTS}"))
        .await
        .context("views, triggers, routines and events of the share houses")?;
    summary.elapsed = begun.elapsed();
    Ok(summary)
}

fn generate(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    houses::generate(world, batches)?;
    people::generate(world, batches)?;
    contacts::generate(world, batches)
}

async fn insert_all(
    server: &DatabaseServer,
    options: &LoadOptions,
    mut batches: mpsc::Receiver<Batch>,
) -> Result<LoadSummary> {
    let mut conn = server.connect().await?;
    conn.query_drop(format!("USE `{}`", options.database))
        .await?;
    conn.query_drop(
        "SET foreign_key_checks = 0, unique_checks = 0, autocommit = 0, time_zone = '+09:00', \
         names utf8mb4",
    )
    .await?;
    let mut summary = LoadSummary {
        tables: BTreeMap::new(),
        rows: 0,
        statement_bytes: 0,
        elapsed: Duration::ZERO,
    };
    while let Some(batch) = batches.recv().await {
        let table = batch.table.split(' ').next().unwrap_or_default();
        summary.rows += batch.rows;
        summary.statement_bytes += u64::try_from(batch.sql.len())?;
        *summary.tables.entry(table.to_owned()).or_default() += batch.rows;
        conn.query_drop(batch.sql)
            .await
            .with_context(|| format!("rows of {table}"))?;
        if let Some(progress) = &options.progress {
            progress(summary.rows, options.rows.max(summary.rows));
        }
    }
    conn.query_drop("COMMIT").await?;
    conn.disconnect().await?;
    Ok(summary)
}
