//! Two dumps held against each other, day after day, until the cutover can be
//! decided. See the README beside this package.
//!
//! Wiring, and the rules of the cutover: the comparison itself is in
//! `datatransit-dump`, and what other cron binaries need too in `datatransit-job`.

mod cli;
mod comparing;
mod consuming;
mod context;
mod daily;
mod deciding;
mod exit;
mod flagging;
mod history;
mod html;
mod output;
mod place;
mod progress;
mod reports;
mod text;
mod words;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode as ProcessExitCode;
use std::time::Duration;

use anyhow::Context as _;
use datatransit_job::deadline::Deadline;
use datatransit_job::{ExitCode, Failure, aws, signals};
use serde_json::json;

use crate::cli::{Cli, Command};
use crate::context::Context;
use crate::exit::{Exit, trouble};

fn main() -> ProcessExitCode {
    let (command, arguments) = Command::split(std::env::args_os().collect());
    match command {
        Command::Compare => run(arguments, comparing::run),
        Command::History => run(arguments, deciding::run),
        Command::Flag => run(arguments, flagging::run),
        Command::Consumer => run(arguments, consuming::run),
    }
}

/// Parses one command's options and runs it.
fn run<C: Cli>(
    arguments: Vec<OsString>,
    work: impl AsyncFnOnce(&Context, &C) -> Result<Exit, Failure>,
) -> ProcessExitCode {
    let cli = match cli::parse::<C>(arguments) {
        Ok(Ok(cli)) => cli,
        Ok(Err(text)) => return show(&text),
        Err(failure) => return refuse(&failure),
    };
    aws::install_crypto();
    let context = match Context::new(&cli) {
        Ok(context) => context,
        Err(failure) => return refuse(&failure),
    };
    let result = execute(&context, &cli, work);
    match result {
        Ok(exit) => exit.code().into(),
        Err(failure) => {
            tracing::error!(
                exit_code = trouble(&failure),
                stage = failure.stage(),
                remedy = failure.remedy(),
                "{}",
                failure.reason()
            );
            if context.json && !context.has_told() {
                let text = json!({
                    "status": "failed",
                    "error": failure.reason(),
                    "remedy": failure.remedy(),
                });
                // The exit code says the same when nobody reads this.
                let _ = output::print(&output::pretty(&text));
            }
            trouble(&failure).into()
        }
    }
}

fn execute<C: Cli>(
    context: &Context,
    cli: &C,
    work: impl AsyncFnOnce(&Context, &C) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .context("start the runtime")
        .map_err(|error| Failure::new(ExitCode::Other, "start", error))?;
    let result = runtime.block_on(async {
        signals::listen(&context.stop)?;
        let timeout = cli.common().run.timeout;
        let _deadline = timeout.map(|timeout| Deadline::start(timeout, &context.stop));
        work(context, cli).await
    });
    // What still reads must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    result
}

/// Reports what was wrong before there was a log.
fn refuse(failure: &Failure) -> ProcessExitCode {
    let remedy = failure
        .remedy()
        .map(|remedy| format!(" ({remedy})"))
        .unwrap_or_default();
    // Standard error is the last resort: there is nowhere to report its failure.
    let _ = writeln!(io::stderr(), "compare-dumps: {}{remedy}", failure.reason());
    trouble(failure).into()
}

fn show(text: &str) -> ProcessExitCode {
    match write!(io::stdout(), "{text}") {
        Ok(()) => ProcessExitCode::SUCCESS,
        Err(_) => ProcessExitCode::from(2),
    }
}
