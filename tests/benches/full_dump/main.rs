//! `full-dump` beside the pipeline that it replaces, `mariadb-dump | gzip | upload`,
//! in turn on the same data: `cargo bench -p e2e --bench full_dump`.
//!
//! A private MariaDB holds the share-house demo data, an S3 double in this process
//! takes the objects. Every stored object is unpacked and held against the first: a
//! contender that dumps something else ends the bench.
//!
//! Measured over all client processes of a contender together:
//!
//! - CPU: what waiting for them adds to this process's `cutime` and `cstime`, which
//!   count a shell's own children too once it has waited for them. A pipe of
//!   processes that burn a known time proves that at the start of every run.
//! - Peak RSS: `VmHWM` of every process, read every 20 ms, added up over the
//!   pipeline: at most what it ever held at once, never less.
//!
//! Knobs, all in the environment: `BENCH_ROWS` (1,300,000; about 235 bytes of SQL
//! each), `BENCH_ROUNDS` (5, of the headline's two), `BENCH_OTHER_ROUNDS` (3, of the
//! others), `BENCH_JSON` (a path for the figures), `FULL_DUMP_BINARY`.
//!
//! `aws s3 cp -` itself is not among the contenders, for it needs Python and a package
//! of its own: this executable stands in for it (see [`upload`]), and is cheaper.

mod check;
mod contenders;
mod machine;
mod measure;
mod procfs;
mod report;
mod rounds;
mod statistics;
mod upload;
mod world;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};

use crate::procfs::Clock;
use crate::world::World;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<()> {
    match arguments {
        // The parts that this executable plays in the pipelines.
        ["upload", bucket, key] => upload::run(bucket, key),
        ["burn", seconds] => measure::burn(&Clock::new()?, seconds.parse()?),
        // Cargo says --bench under `cargo bench`; test runners come without.
        given if given.contains(&"--bench") => bench(),
        _ => Ok(()),
    }
}

fn bench() -> Result<()> {
    let clock = Clock::new()?;
    report::line(&format!("CPU accounting: {}", measure::prove(&clock)?));
    let knobs = Knobs::from_env()?;
    let Some(world) = World::new(knobs.rows)? else {
        bail!("MariaDB's server and client are needed: see tests/setup/mariadb.sh");
    };
    let machine = machine::Machine::describe(&world)?;
    let results = rounds::run(&world, &clock, &knobs)?;
    report::print(&machine, &world, &results);
    if let Some(path) = &knobs.json {
        let json = report::json(&machine, &world, &results);
        std::fs::write(path, format!("{json:#}\n"))
            .with_context(|| format!("write {}", path.display()))?;
    }
    Ok(())
}

/// What the environment decides.
#[derive(Debug)]
struct Knobs {
    rows: u64,
    rounds: usize,
    other_rounds: usize,
    json: Option<PathBuf>,
}

impl Knobs {
    fn from_env() -> Result<Self> {
        let rounds = usize::try_from(number("BENCH_ROUNDS", 5)?)?;
        Ok(Self {
            rows: number("BENCH_ROWS", 1_300_000)?,
            rounds: rounds.max(1),
            other_rounds: usize::try_from(number("BENCH_OTHER_ROUNDS", 3)?)?.min(rounds),
            json: env::var_os("BENCH_JSON").map(PathBuf::from),
        })
    }
}

fn number(name: &str, default: u64) -> Result<u64> {
    match env::var(name) {
        Ok(text) => text
            .replace('_', "")
            .parse()
            .with_context(|| format!("{name} is not a number: {text}")),
        Err(_) => Ok(default),
    }
}
