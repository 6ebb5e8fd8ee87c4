//! Random schemas, rows and programs of every kind that a server has, dumped with random
//! options by the real client and by ours in the same run: the bytes are the same.
//!
//! A case is plain data (`model`) that shrinks by itself; `script` turns it into SQL, in
//! `tables`, `columns`, `values`, `views` and `programs`; `options` draws from whatever
//! options the crate knows; `runner` loads it, compares, and drops it. Some cases are also
//! restored by the server's own client (`restore`). `packing` is about statement lengths.
//!
//! The seeds are fixed, so that two runs of the same source do the same. Knobs, all of them
//! environment variables:
//!
//! - `PARITY_CASES`: how many cases on each server (252 unless set). 0 repeats only the
//!   seeds kept in `seeds-*.txt`, which every run repeats first; a failing case adds its own.
//! - `PARITY_SEED`: another number, for other cases; `random` for others each time.
//! - `PARITY_REPORT`: if set, says what was drawn (with `--nocapture`).

mod columns;
mod kept;
mod kinds;
mod model;
mod options;
mod packing;
mod programs;
mod restore;
mod runner;
mod script;
mod tables;
mod text;
mod values;
mod views;
mod world;

use std::env;

use e2e::database::{DatabaseServer, Flavour};
use proptest::test_runner::RngSeed;
use tokio::sync::OnceCell;

/// On each server: more than 500 with both.
const CASES: u32 = 252;
const SEED: u64 = 20_261_124;

fn cases() -> u32 {
    env::var("PARITY_CASES").map_or(CASES, |cases| {
        cases.parse().expect("PARITY_CASES is a number")
    })
}

fn seed() -> RngSeed {
    match env::var("PARITY_SEED").as_deref() {
        Err(_) => RngSeed::Fixed(SEED),
        Ok("random") => RngSeed::Random,
        Ok(seed) => RngSeed::Fixed(seed.parse().expect("PARITY_SEED is a number or random")),
    }
}

static MARIADB: OnceCell<Option<DatabaseServer>> = OnceCell::const_new();
static MYSQL: OnceCell<Option<DatabaseServer>> = OnceCell::const_new();

/// This binary's server. It waits for no disk: most of a case's time would be the syncing of
/// tables that are gone a moment later.
async fn server(flavour: Flavour) -> Option<&'static DatabaseServer> {
    let cell = match flavour {
        Flavour::MariaDb => &MARIADB,
        Flavour::MySql => &MYSQL,
    };
    let start = async || {
        let builder = DatabaseServer::builder(flavour);
        let server = builder.server_options(&["--innodb-flush-method=nosync"]);
        server.start().await.expect("the server starts")
    };
    cell.get_or_init(start).await.as_ref()
}

type Run = fn(&'static DatabaseServer, u32, RngSeed);

async fn on(flavour: Flavour, run: Run, cases: u32) {
    let Some(server) = server(flavour).await else {
        return;
    };
    // Its runtimes are its own.
    let run = tokio::task::spawn_blocking(move || run(server, cases, seed()));
    if let Err(failure) = run.await {
        std::panic::resume_unwind(failure.into_panic());
    }
}

#[tokio::test]
async fn any_schema_on_mariadb() {
    on(Flavour::MariaDb, runner::run, cases()).await;
}

#[tokio::test]
async fn any_schema_on_mysql() {
    on(Flavour::MySql, runner::run, cases()).await;
}

#[tokio::test]
async fn statements_are_split_on_mariadb() {
    on(Flavour::MariaDb, packing::run, cases().div_ceil(8)).await;
}

#[tokio::test]
async fn statements_are_split_on_mysql() {
    on(Flavour::MySql, packing::run, cases().div_ceil(8)).await;
}
