//! Refreshes QuickSight data sets in SPICE. See the README beside this package.
//!
//! Wiring only: what a refresh is, is in `datatransit-spice`.

mod cli;
mod exit;
mod progress;
mod refresh;
mod settings;
mod world;

use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use datatransit_job::progress::Terminal;
use datatransit_job::{RunId, Stop, aws, logs, signals};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::Cli;
use crate::exit::Exit;

/// Why nothing came of it, and what to end with.
#[derive(Debug)]
struct Problem {
    exit: Exit,
    error: anyhow::Error,
}

impl Problem {
    fn usage(error: impl Into<anyhow::Error>) -> Self {
        Self {
            exit: Exit::Usage,
            error: error.into(),
        }
    }

    fn other(error: anyhow::Error) -> Self {
        Self {
            exit: Exit::Failed,
            error,
        }
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Standard error is the last resort: there is nowhere to report its failure.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Usage.into()
            } else {
                Exit::Success.into()
            };
        }
    };
    let stop = Stop::new();
    let exit = match run(&cli, &stop) {
        Ok(exit) => exit,
        Err(Problem { exit, error }) => {
            // As above.
            let _ = writeln!(io::stderr(), "spice-refresh: {error:#}");
            exit
        }
    };
    // A signal is the cause, whatever failed because of it.
    stop.cause().map_or(exit, Exit::of_stop).into()
}

fn run(cli: &Cli, stop: &Stop) -> Result<Exit, Problem> {
    let common = &cli.common;
    let run_id = common
        .run_id
        .clone()
        .unwrap_or_else(|| RunId::new(Timestamp::now()));
    let terminal = Terminal::new(common.log_format);
    logs::install(
        common.log_format,
        &run_id,
        &TimeZone::system(),
        terminal.log_writer(),
    )
    .map_err(|failure| Problem::usage(anyhow::anyhow!(failure.reason())))?;
    aws::install_crypto();
    let runtime = tokio::runtime::Runtime::new()
        .context("start the runtime")
        .map_err(Problem::other)?;
    let exit = runtime.block_on(async {
        signals::listen(stop)
            .map_err(|failure| Problem::other(anyhow::anyhow!(failure.reason())))?;
        refresh::run(cli, &run_id, &terminal, stop).await
    });
    // A request that hangs must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    exit
}
