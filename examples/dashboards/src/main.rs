//! QuickSight dashboards, and what they stand on, as files. See the README beside
//! this package.
//!
//! Wiring only: what a plan is and how a deploy goes is in `datatransit-quicksight`.

mod cli;
mod commands;
mod confirm;
mod exit;
mod legacy;
mod lock;
mod print;
mod progress;
mod report;
mod world;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Parser as _;
use datatransit_job::{RunId, Stop, aws, logs, signals};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::progress::Terminal;

fn main() -> ExitCode {
    let cli = match parse(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    let stop = Stop::new();
    let exit = match run(&cli, &stop) {
        Ok(exit) => exit,
        Err(error) => {
            // Standard error is the last resort: there is nowhere to report its failure.
            let _ = writeln!(io::stderr(), "dashboards: {error:#}");
            Exit::Error
        }
    };
    // A signal is the cause, whatever failed because of it.
    match (exit, stop.cause()) {
        (Exit::Error, Some(cause)) => Exit::of(cause).into(),
        (exit, _) => exit.into(),
    }
}

/// Help and version end well; everything wrong is an error, never the 2 that says
/// that something differs.
fn parse(arguments: Vec<OsString>) -> Result<Cli, ExitCode> {
    let texts: Option<Vec<String>> = arguments
        .iter()
        .skip(1)
        .map(|argument| argument.to_str().map(str::to_owned))
        .collect();
    let rewritten = texts.and_then(|texts| legacy::rewrite(&texts));
    let parsed = match rewritten {
        Some(rewritten) => {
            Cli::try_parse_from(["dashboards".to_owned()].into_iter().chain(rewritten))
        }
        None => Cli::try_parse_from(arguments),
    };
    parsed.map_err(|error| {
        let failed = error.use_stderr()
            && error.kind() != clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
        // As above.
        let _ = error.print();
        if failed || error.use_stderr() {
            Exit::Error.into()
        } else {
            Exit::Success.into()
        }
    })
}

fn run(cli: &Cli, stop: &Stop) -> anyhow::Result<Exit> {
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
    .map_err(|failure| anyhow::anyhow!(failure.reason()))?;
    aws::install_crypto();
    let runtime = tokio::runtime::Runtime::new().context("start the runtime")?;
    let exit = runtime.block_on(async {
        signals::listen(stop).map_err(|failure| anyhow::anyhow!(failure.reason()))?;
        commands::run(cli, &run_id, &terminal, stop).await
    });
    // A request that hangs must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    exit
}
