//! A program from its arguments to its exit code.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode as ProcessExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::{ArgMatches, FromArgMatches as _};
use jiff::Timestamp;

use crate::aws::{self, Aws, PathStyle};
use crate::check::check;
use crate::config::{self, Parsed};
use crate::deadline::Deadline;
use crate::dry_run::dry_run;
use crate::job::Job;
use crate::logs::{self, LogFormat};
use crate::operations::{Operations, OperationsArgs};
use crate::program::Program;
use crate::progress::Terminal;
use crate::run::run;
use crate::summary::Summary;
use crate::{ExitCode, Failure, RunId, signals};

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
        Err(failure) => {
            tell_of_refusal::<P>(&matches, &failure);
            refuse::<P>(&failure, &arguments)
        }
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
    logs::install_with_tail(
        job.args.run.log_format,
        &job.run_id,
        &job.when.zone,
        job.terminal.log_writer(),
        Some(job.operations.tail().clone()),
    )?;
    aws::install_crypto();
    Ok(program)
}

fn execute<P: Program>(program: &P, started: Instant) -> ExitCode {
    let job = program.job();
    let mut summary = Summary::new(job);
    let runtime = match tokio::runtime::Runtime::new().context("start the runtime") {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::new(ExitCode::Other, "start", error);
            let exit = conclude(&mut summary, Err(failure), started);
            return report(job, &summary, exit);
        }
    };
    let looked = runtime.block_on(async {
        if let Err(failure) = signals::listen(&job.stop) {
            let exit = conclude(&mut summary, Err(failure), started);
            job.operations
                .ended(&summary, &job.terminal.log_writer())
                .await;
            return Err(exit);
        }
        let timeout = job.args.run.timeout;
        let _deadline = timeout.map(|timeout| Deadline::start(timeout, &job.stop));
        if job.args.mode.check {
            return Ok(check(program).await);
        }
        if job.args.mode.dry_run {
            let planned = dry_run(program).await;
            return match planned {
                Ok(()) => Ok(ExitCode::Success),
                Err(failure) => Err(conclude(&mut summary, Err(failure), started)),
            };
        }
        let result = run(program, &mut summary).await;
        let exit = conclude(&mut summary, result, started);
        job.operations
            .ended(&summary, &job.terminal.log_writer())
            .await;
        Err(exit)
    });
    // A write to a full pipe must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match looked {
        Ok(exit) => exit,
        Err(exit) => report(job, &summary, exit),
    }
}

/// Completes the summary, and logs how it ended.
fn conclude(summary: &mut Summary, result: Result<(), Failure>, started: Instant) -> ExitCode {
    summary.seconds = started.elapsed().as_secs_f64();
    match result {
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
    }
}

/// Puts the summary where it belongs.
fn report(job: &Job, summary: &Summary, exit: ExitCode) -> ExitCode {
    if job.destination.is_stdout() {
        tracing::info!(summary = summary.to_json(), "summary");
        exit
    } else {
        printed(&summary.to_json(), exit)
    }
}

/// Sends the alerts of a run that was refused for its options, where those of the alerts
/// are well. There is no log yet.
fn tell_of_refusal<P: Program>(matches: &ArgMatches, failure: &Failure) {
    let is_run = !matches.get_flag("check") && !matches.get_flag("dry_run");
    let (true, Ok(args), Ok(runtime)) = (
        is_run,
        OperationsArgs::from_arg_matches(matches),
        tokio::runtime::Runtime::new(),
    ) else {
        return;
    };
    aws::install_crypto();
    let given: Option<&RunId> = matches.get_one("run_id");
    let run_id = given
        .cloned()
        .unwrap_or_else(|| RunId::new(Timestamp::now()));
    let config = matches.get_one::<PathBuf>("config").map(PathBuf::as_path);
    let aws = Aws::new(PathStyle::default());
    let Ok(operations) = Operations::resolve(&args, P::NAME, config, &run_id, &aws) else {
        return;
    };
    let mut summary = Summary {
        run_id: run_id.to_string(),
        ..Summary::default()
    };
    summary.fail(failure);
    let log = Terminal::new(LogFormat::Json).log_writer();
    runtime.block_on(operations.ended(&summary, &log));
    runtime.shutdown_timeout(Duration::from_secs(1));
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
