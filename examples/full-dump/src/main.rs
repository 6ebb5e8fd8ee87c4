//! The nightly cron job: a MySQL, Aurora or MariaDB database to one verified S3
//! object and its manifest. See the README beside this package.
//!
//! Wiring only: the dump, the upload and the credentials are library crates, and
//! what other cron binaries need too is in `datatransit-job`.

mod check;
mod cli;
mod dry_run;
mod gates;
mod grants;
mod job;
mod mysqldump;
mod publish;
mod refused;
mod run;
mod summary;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode as ProcessExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use clap::ArgMatches;
use datatransit_job::config::{self, Parsed};
use datatransit_job::deadline::Deadline;
use datatransit_job::logs::{self, LogFormat};
use datatransit_job::progress::Terminal;
use datatransit_job::{ExitCode, Failure, RunId, aws, signals};
use jiff::Timestamp;

use crate::cli::Cli;
use crate::job::Job;
use crate::summary::Summary;

fn main() -> ProcessExitCode {
    let started = Instant::now();
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let matches = match parse(&arguments) {
        Ok(Parsed::Run(matches)) => matches,
        Ok(Parsed::Show(text)) => return show(&text),
        Err(failure) => return refuse(&failure, &arguments),
    };
    match prepare(&matches) {
        Ok(job) => execute(&job, started).into(),
        Err(failure) => refuse(&failure, &arguments),
    }
}

fn parse(arguments: &[OsString]) -> Result<Parsed, Failure> {
    let texts: Vec<String> = arguments
        .iter()
        .map(|argument| argument.to_string_lossy().into_owned())
        .collect();
    if let Some(failure) = mysqldump::explain(&texts) {
        return Err(failure);
    }
    config::parse(&cli::command(), cli::PREFIX, arguments.iter().cloned())
}

/// Resolves the arguments and starts the log.
fn prepare(matches: &ArgMatches) -> Result<Job, Failure> {
    let cli = cli::read(matches)?;
    let now = Timestamp::now();
    let when = cli.when.resolve(now)?;
    let run_id = cli.run.run_id.clone().unwrap_or_else(|| RunId::new(now));
    let format = cli.run.log_format;
    let terminal = Terminal::new(format);
    let job = Job::resolve(cli, matches, when, run_id, terminal)?;
    logs::install(
        format,
        &job.run_id,
        &job.when.zone,
        job.terminal.log_writer(),
    )?;
    aws::install_crypto();
    Ok(job)
}

/// Does what was asked for and reports it once: a line in the log, the result on
/// standard output, the exit code.
fn execute(job: &Job, started: Instant) -> ExitCode {
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
        let _deadline = job
            .cli
            .run
            .timeout
            .map(|timeout| Deadline::start(timeout, &job.stop));
        if job.cli.mode.check {
            return (Some(check::run(job).await), Ok(()));
        }
        if job.cli.mode.dry_run {
            return match dry_run::run(job).await {
                Ok(()) => (Some(ExitCode::Success), Ok(())),
                Err(failure) => (None, Err(failure)),
            };
        }
        (None, run::run(job, &mut summary).await)
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
fn refuse(failure: &Failure, arguments: &[OsString]) -> ProcessExitCode {
    let mut summary = Summary::default();
    summary.fail(failure);
    let remedy = failure
        .remedy()
        .map(|remedy| format!(" ({remedy})"))
        .unwrap_or_default();
    // Standard error is the last resort: there is nowhere to report its failure.
    let _ = writeln!(io::stderr(), "full-dump: {}{remedy}", failure.reason());
    if writes_to_stdout(arguments) {
        return failure.exit().into();
    }
    printed(&summary.to_json(), failure.exit()).into()
}

/// Whether the dump was to go to standard output, which then is no place for a summary.
fn writes_to_stdout(arguments: &[OsString]) -> bool {
    let pairs = arguments.iter().zip(arguments.iter().skip(1));
    arguments.iter().any(|argument| argument == "--to=-")
        || pairs
            .into_iter()
            .any(|(option, value)| option == "--to" && value == "-")
        || std::env::var_os(format!("{}TO", cli::PREFIX)).is_some_and(|value| value == "-")
}

fn show(text: &str) -> ProcessExitCode {
    match write!(io::stdout(), "{text}") {
        Ok(()) => ProcessExitCode::SUCCESS,
        Err(_) => ProcessExitCode::FAILURE,
    }
}

impl Summary {
    fn new(job: &Job) -> Self {
        Self {
            run_id: job.run_id.to_string(),
            dump_date: Some(job.when.date()),
            dump_uri: Some(job.destination.to_string()),
            dump_key: Some(job.destination.key()),
            manifest_uri: job.manifest.as_ref().map(ToString::to_string),
            ..Self::default()
        }
    }
}

impl Cli {
    /// Whether reports are for machines.
    pub(crate) fn wants_json(&self) -> bool {
        self.mode.json || self.run.log_format == LogFormat::Json
    }
}
