//! A program from its arguments to its exit code.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode as ProcessExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ArgMatches;

use crate::check::check;
use crate::config::{self, Parsed};
use crate::deadline::Deadline;
use crate::dry_run::dry_run;
use crate::job::Job;
use crate::program::Program;
use crate::run::run;
use crate::summary::Summary;
use crate::{ExitCode, Failure, aws, logs, signals};

/// Does what the process's arguments ask for and reports it once: a line in the
/// log, the result on standard output, the exit code. Call it from `main`.
#[must_use]
pub fn launch<P: Program>() -> ProcessExitCode {
    let started = Instant::now();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let matches = match parse::<P>(&arguments) {
        Ok(Parsed::Run(matches)) => matches,
        Ok(Parsed::Show(text)) => return show(&text),
        Err(failure) => return refuse::<P>(&failure, &arguments),
    };
    match prepare::<P>(&matches) {
        Ok(program) => execute(&program, started).into(),
        Err(failure) => refuse::<P>(&failure, &arguments),
    }
}

/// Returns what stands before a program's environment variables: `FULL_DUMP_`.
#[must_use]
pub fn prefix(name: &str) -> String {
    format!("{}_", name.to_ascii_uppercase().replace('-', "_"))
}

fn parse<P: Program>(arguments: &[OsString]) -> Result<Parsed, Failure> {
    let texts: Vec<String> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    if let Some(failure) = P::explain(&texts) {
        return Err(failure);
    }
    config::parse(&P::command(), &prefix(P::NAME), arguments.iter().cloned())
}

/// Resolves the arguments and starts the log.
fn prepare<P: Program>(matches: &ArgMatches) -> Result<P, Failure> {
    let program = P::resolve(matches)?;
    let job = program.job();
    logs::install(
        job.args.run.log_format,
        &job.run_id,
        &job.when.zone,
        job.terminal.log_writer(),
    )?;
    aws::install_crypto();
    Ok(program)
}

fn execute<P: Program>(program: &P, started: Instant) -> ExitCode {
    let job = program.job();
    let runtime = match tokio::runtime::Runtime::new().context("start the runtime") {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::new(ExitCode::Other, "start", error);
            return finish(job, Summary::default(), Err(failure), started);
        }
    };
    let mut summary = Summary::new(job);
    let (exit, result) = runtime.block_on(async {
        if let Err(failure) = signals::listen(&job.stop) {
            return (None, Err(failure));
        }
        let timeout = job.args.run.timeout;
        let _deadline = timeout.map(|timeout| Deadline::start(timeout, &job.stop));
        if job.args.mode.check {
            return (Some(check(program).await), Ok(()));
        }
        if job.args.mode.dry_run {
            return match dry_run(program).await {
                Ok(()) => (Some(ExitCode::Success), Ok(())),
                Err(failure) => (None, Err(failure)),
            };
        }
        (None, run(program, &mut summary).await)
    });
    // A write to a full pipe must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match exit {
        Some(exit) => exit,
        None => finish(job, summary, result, started),
    }
}

fn finish(
    job: &Job,
    mut summary: Summary,
    result: Result<(), Failure>,
    started: Instant,
) -> ExitCode {
    summary.seconds = started.elapsed().as_secs_f64();
    let exit = match result {
        Ok(()) => {
            tracing::info!(status = ?summary.status, seconds = summary.seconds, "done");
            ExitCode::Success
        }
        Err(failure) => {
            summary.fail(&failure);
            tracing::error!(
                exit_code = failure.exit().code(),
                stage = failure.stage(),
                remedy = failure.remedy(),
                "{}",
                failure.reason()
            );
            failure.exit()
        }
    };
    if job.destination.is_stdout() {
        tracing::info!(summary = summary.to_json(), "summary");
        exit
    } else {
        printed(&summary.to_json(), exit)
    }
}

/// Prints the last line; a run whose result nobody could be told has not gone well.
fn printed(line: &str, exit: ExitCode) -> ExitCode {
    match writeln!(io::stdout(), "{line}") {
        Err(_) if exit == ExitCode::Success => ExitCode::Other,
        _ => exit,
    }
}

/// Reports what was wrong before there was a log.
fn refuse<P: Program>(failure: &Failure, arguments: &[OsString]) -> ProcessExitCode {
    let mut summary = Summary::default();
    summary.fail(failure);
    let remedy = failure
        .remedy()
        .map(|remedy| format!(" ({remedy})"))
        .unwrap_or_default();
    // Standard error is the last resort: there is nowhere to report its failure.
    let _ = writeln!(io::stderr(), "{}: {}{remedy}", P::NAME, failure.reason());
    if writes_to_stdout::<P>(arguments) {
        return failure.exit().into();
    }
    printed(&summary.to_json(), failure.exit()).into()
}

/// Whether the result was to go to standard output, which then is no place for a summary.
fn writes_to_stdout<P: Program>(arguments: &[OsString]) -> bool {
    let pairs = arguments.iter().zip(arguments.iter().skip(1));
    arguments.iter().any(|argument| argument == "--to=-")
        || pairs
            .into_iter()
            .any(|(option, value)| option == "--to" && value == "-")
        || std::env::var_os(format!("{}TO", prefix(P::NAME))).is_some_and(|value| value == "-")
}

fn show(text: &str) -> ProcessExitCode {
    match write!(io::stdout(), "{text}") {
        Ok(()) => ProcessExitCode::SUCCESS,
        Err(_) => ProcessExitCode::FAILURE,
    }
}
