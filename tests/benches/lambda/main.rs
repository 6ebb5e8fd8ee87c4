//! The Lambda function beside one in Python that does as little as the one it replaces
//! did, on the emulator of the Runtime API: `cargo bench -p e2e --bench lambda`.
//!
//! In turn, each round in a process of its own per contender: a cold start with its first
//! event, then warm events. Both start an ingestion of each of three data sets at a
//! double of QuickSight in this process; ours looks first whether one is under way, the
//! peer does not. Between two events lie two seconds: at a quicker rate ours keeps within
//! the service's limit of its lists, and waits. Measured by the emulator: the time from the start of the process to its
//! first question for an event, the time of each event, the CPU time of the process after
//! all of them, and the most memory it ever held.
//!
//! Needs `make lambda` first. Without boto3 the peer is left out, and that is said.
//! Knobs in the environment: `BENCH_ROUNDS` (11), `BENCH_WARM` (4, events a round),
//! `LAMBDA_BOOTSTRAP`.

#[expect(
    dead_code,
    reason = "the room is the other bench's, which needs more of it"
)]
#[path = "../full_dump/statistics.rs"]
mod statistics;

mod contenders;

use std::env;
use std::fs;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use e2e::lambda_runtime::{Function, Outcome};

use crate::contenders::{Contender, DATA_SETS};
use crate::statistics::Spread;

fn main() -> ExitCode {
    // Cargo says --bench under `cargo bench`; test runners come without.
    if !env::args().any(|argument| argument == "--bench") {
        return ExitCode::SUCCESS;
    }
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            line(&format!("lambda: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Between two events.
const PAUSE: Duration = Duration::from_secs(2);

/// The figures of one round of a contender.
#[derive(Debug, Default)]
struct Round {
    init_ms: f64,
    first_ms: f64,
    warm_ms: Vec<f64>,
    cpu_ms: f64,
    peak_mb: f64,
}

fn bench() -> Result<()> {
    let (rounds, warm) = (number("BENCH_ROUNDS", 11)?, number("BENCH_WARM", 4)?);
    let (contenders, python) = contenders::all()?;
    match python {
        Some(versions) => line(&format!("The peer: {versions}")),
        None => line("The peer is left out: python3 with boto3 is not on this machine"),
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    line(&format!(
        "{rounds} rounds of 1 cold and {warm} warm events; load before: {}",
        load.trim()
    ));
    let mut event = 0;
    let mut results: Vec<Vec<Round>> = contenders.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (contender, results) in contenders.iter().zip(&mut results) {
            results.push(round(contender, warm, &mut event)?);
        }
    }
    line("median (least–most)");
    for (contender, rounds) in contenders.iter().zip(&results) {
        report(contender.name, rounds);
    }
    for zip in ["x86_64", "arm64"] {
        let path = contenders::target()?.join(format!("lambda/spice-refresh-lambda-{zip}.zip"));
        match fs::metadata(&path) {
            Ok(zip) => line(&format!("{}: {} bytes", path.display(), zip.len())),
            Err(_) => line(&format!("{}: not built", path.display())),
        }
    }
    Ok(())
}

fn round(contender: &Contender, warm: u64, event: &mut u64) -> Result<Round> {
    // Anew, as a day's: ours lists the ingestions of a day, and the service allows few.
    let double = contenders::service()?;
    let mut function = Function::new(contender.at(&double));
    let mut invoke = |function: &mut Function| {
        *event += 1;
        let invocation = function.invoke(&(contender.event)(*event))?;
        let Outcome::Response(answer) = &invocation.outcome else {
            anyhow::bail!(
                "{}: {:?}; {}",
                contender.name,
                invocation.outcome,
                function.logs()
            );
        };
        let started = answer["results"].as_array().map(Vec::len);
        ensure!(
            started == Some(DATA_SETS.len()),
            "{}: {answer}",
            contender.name
        );
        Ok(invocation)
    };
    let cold = invoke(&mut function)?;
    let mut round = Round {
        init_ms: milliseconds(cold.init.context("the first start was not cold")?),
        first_ms: milliseconds(cold.duration),
        ..Round::default()
    };
    for _ in 0..warm {
        std::thread::park_timeout(PAUSE);
        let invocation = invoke(&mut function)?;
        ensure!(!invocation.cold, "{}: the process ended", contender.name);
        round.warm_ms.push(milliseconds(invocation.duration));
    }
    let usage = function.usage()?;
    round.cpu_ms = milliseconds(usage.cpu);
    round.peak_mb = usage.peak_rss_bytes as f64 / 1e6;
    Ok(round)
}

fn report(name: &str, rounds: &[Round]) {
    let of = |value: fn(&Round) -> f64| Spread::of(rounds.iter().map(value));
    let warm = Spread::of(rounds.iter().flat_map(|round| round.warm_ms.clone()));
    line(name);
    line(&format!(
        "  init              {:.1} ms",
        of(|it| it.init_ms)
    ));
    line(&format!(
        "  first event       {:.1} ms",
        of(|it| it.first_ms)
    ));
    line(&format!(
        "  cold, both        {:.1} ms",
        of(|it| it.init_ms + it.first_ms)
    ));
    line(&format!("  warm event        {warm:.1} ms"));
    line(&format!("  CPU, all events   {:.0} ms", of(|it| it.cpu_ms)));
    line(&format!(
        "  peak RSS          {:.1} MB",
        of(|it| it.peak_mb)
    ));
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn number(name: &str, default: u64) -> Result<u64> {
    match env::var(name) {
        Ok(text) => text
            .parse()
            .with_context(|| format!("{name} is not a number: {text}")),
        Err(_) => Ok(default),
    }
}

fn line(text: &str) {
    // There is nowhere else to say that standard output is gone.
    let _ = writeln!(io::stdout(), "{text}");
}
