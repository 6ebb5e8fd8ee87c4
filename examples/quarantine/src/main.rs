//! Marks the dump of a day as invalid, takes the mark back, and lists which days are
//! valid, invalid or missing. See the README beside this package.

mod cli;
mod listing;
mod manifest;
mod marking;
mod store;

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::process::ExitCode as ProcessExitCode;

use clap::{CommandFactory, FromArgMatches};
use datatransit_job::{ExitCode, Failure, tool};

use crate::cli::{ClearCli, Command, ListCli, MarkCli, USAGE};
use crate::manifest::Action;

fn main() -> ProcessExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let asks_for_help = arguments.get(1).is_some_and(|first| first == "--help");
    let Some((command, arguments)) = Command::split(arguments) else {
        return usage(asks_for_help);
    };
    match command {
        Command::Mark => run("quarantine-mark", arguments, async |cli: MarkCli| {
            marking::run(&cli.change, Action::Marked).await
        }),
        Command::Clear => run("quarantine-clear", arguments, async |cli: ClearCli| {
            marking::run(&cli.change, Action::Cleared).await
        }),
        Command::List => run("quarantine-list", arguments, async |cli: ListCli| {
            listing::run(&cli).await
        }),
    }
}

/// Parses one command's options and runs it. The name, in capitals, stands before its
/// environment variables.
fn run<C: CommandFactory + FromArgMatches>(
    name: &str,
    arguments: Vec<OsString>,
    work: impl AsyncFnOnce(C) -> Result<ExitCode, Failure>,
) -> ProcessExitCode {
    tool::run(name, &cli::command::<C>(), arguments, async |matches| {
        let cli = C::from_arg_matches(&matches)
            .map_err(|error| Failure::usage(anyhow::anyhow!("{error}")))?;
        work(cli).await
    })
}

fn usage(asked: bool) -> ProcessExitCode {
    if asked {
        return match tool::print(USAGE) {
            Ok(()) => ProcessExitCode::SUCCESS,
            Err(failure) => failure.exit().into(),
        };
    }
    // Standard error is the last resort: there is nowhere to report its failure.
    let _ = io::stderr().write_all(USAGE.as_bytes());
    ExitCode::Usage.into()
}
