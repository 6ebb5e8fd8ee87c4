//! A program that is no job: it looks at something, or changes a mark, says what it
//! did, and ends. From its arguments to its exit code.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode as ProcessExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{ArgMatches, Command};

use crate::config::{self, Parsed};
use crate::launch::prefix;
use crate::{ExitCode, Failure, aws};

/// Parses `arguments` (with the program's name first) by `command`, runs `work`, and reports a failure in
/// one line on standard error. Call it from `main`.
///
/// Every option may also be an environment variable, with the program's name before it.
pub fn run<X: Into<ProcessExitCode>>(
    name: &str,
    command: &Command,
    arguments: impl IntoIterator<Item = OsString>,
    work: impl AsyncFnOnce(ArgMatches) -> Result<X, Failure>,
) -> ProcessExitCode {
    let matches = match config::parse(command, &prefix(name), arguments) {
        Ok(Parsed::Run(matches)) => *matches,
        Ok(Parsed::Show(text)) => {
            return match print(&text) {
                Ok(()) => ProcessExitCode::SUCCESS,
                Err(failure) => refuse(name, &failure),
            };
        }
        Err(failure) => return refuse(name, &failure),
    };
    aws::install_crypto();
    let runtime = match tokio::runtime::Runtime::new().context("start the runtime") {
        Ok(runtime) => runtime,
        Err(error) => return refuse(name, &Failure::new(ExitCode::Other, "start", error)),
    };
    let result = runtime.block_on(work(matches));
    // What still waits must not keep the process alive.
    runtime.shutdown_timeout(Duration::from_secs(1));
    match result {
        Ok(exit) => exit.into(),
        Err(failure) => refuse(name, &failure),
    }
}

/// Prints a result.
///
/// # Errors
/// [`ExitCode::Other`] when standard output does not take it.
pub fn print(text: &str) -> Result<(), Failure> {
    let printed = io::stdout().write_all(text.as_bytes());
    printed
        .context("write to standard output")
        .map_err(|error| Failure::new(ExitCode::Other, "result", error))
}

fn refuse(name: &str, failure: &Failure) -> ProcessExitCode {
    let remedy = failure
        .remedy()
        .map(|remedy| format!(" ({remedy})"))
        .unwrap_or_default();
    // Standard error is the last resort: there is nowhere to report its failure.
    let _ = writeln!(io::stderr(), "{name}: {}{remedy}", failure.reason());
    failure.exit().into()
}
