//! `datatransit_dump::compare` beside `cmp` and `diff` on the same dumps:
//! `cargo bench -p e2e --bench compare`.
//!
//! A private MariaDB holds the share-house demo data; its own client dumps it, once more after
//! three rows were edited. The pairs are stored plain, as gzip and as zstd. On equal pairs the
//! peer is `cmp` of both texts, on differing ones `diff`, fed by `zcat` and `zstdcat` as a
//! person would. Ours is this executable in a process of its own. Every run's answer is
//! checked. CPU and memory are measured as in the bench `full_dump`: over all processes of a
//! contender.
//!
//! Knobs in the environment: `BENCH_ROWS` (1,300,000), `BENCH_ROUNDS` (3).

#[expect(
    dead_code,
    reason = "the rooms are the other bench's, which needs more of them"
)]
#[path = "../full_dump/measure.rs"]
mod measure;
#[path = "../full_dump/procfs.rs"]
mod procfs;
#[expect(
    dead_code,
    reason = "the rooms are the other bench's, which needs more of them"
)]
#[path = "../full_dump/statistics.rs"]
mod statistics;

mod files;
mod rounds;

use std::env;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use datatransit_dump::compare::{Comparison, PathInput};

use crate::procfs::Clock;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[&str]) -> Result<ExitCode> {
    match arguments {
        // The parts that this executable plays.
        ["compare", old, new] => return compare(old, new),
        ["burn", seconds] => measure::burn(&Clock::new()?, seconds.parse()?)?,
        // Cargo says --bench under `cargo bench`; test runners come without.
        given if given.contains(&"--bench") => bench()?,
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// Says what differs, and by the exit code whether anything does.
fn compare(old: &str, new: &str) -> Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new()?;
    let (old, new) = (PathInput::new(old), PathInput::new(new));
    let comparison = Comparison::builder(Arc::new(old), Arc::new(new)).build()?;
    let report = runtime.block_on(comparison.run())?;
    for reason in &report.reasons {
        line(&reason.text);
    }
    Ok(ExitCode::from(u8::from(!report.is_same())))
}

fn bench() -> Result<()> {
    let clock = Clock::new()?;
    line(&format!("CPU accounting: {}", measure::prove(&clock)?));
    let (rows, rounds) = (number("BENCH_ROWS", 1_300_000)?, number("BENCH_ROUNDS", 3)?);
    let Some(files) = files::make(rows)? else {
        bail!("MariaDB's server and client are needed: see tests/setup/mariadb.sh");
    };
    rounds::run(&files, &clock, rounds.max(1))
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

/// One line on standard output.
#[expect(clippy::print_stdout, reason = "printing is what a bench is for")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

#[expect(clippy::print_stderr, reason = "a program's last words")]
fn complain(text: &str) {
    eprintln!("compare bench: {text}");
}
