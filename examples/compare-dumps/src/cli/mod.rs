//! The command line: one program with four commands, each with its own options.

mod compare;
mod consumer;
mod flag;
mod history;

use std::ffi::OsString;

use clap::{Args, CommandFactory, FromArgMatches};
use datatransit_job::Failure;
use datatransit_job::aws::PathStyle;
use datatransit_job::config::{self, Parsed};
use datatransit_job::run_args::RunArgs;
use datatransit_job::when::WhenArgs;

pub(crate) use compare::CompareCli;
pub(crate) use consumer::ConsumerCli;
pub(crate) use flag::FlagCli;
pub(crate) use history::HistoryCli;

/// What the program is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Compare,
    History,
    Flag,
    Consumer,
}

impl Command {
    /// Takes the command's name, if there is one, out of the arguments.
    ///
    /// Without one it is a comparison, so that the program is used as `diff` is; a
    /// file with such a name is given as `./history`.
    pub(crate) fn split(mut arguments: Vec<OsString>) -> (Self, Vec<OsString>) {
        let command = match arguments.get(1).and_then(|name| name.to_str()) {
            Some("history") => Self::History,
            Some("flag") => Self::Flag,
            Some("consumer") => Self::Consumer,
            _ => return (Self::Compare, arguments),
        };
        arguments.remove(1);
        (command, arguments)
    }
}

/// Reads one command's options from arguments, environment and file.
pub(crate) fn parse<C: Cli>(arguments: Vec<OsString>) -> Result<Result<C, String>, Failure> {
    match config::parse(&command::<C>(), C::PREFIX, arguments)? {
        Parsed::Run(matches) => C::from_arg_matches(&matches)
            .map(Ok)
            .map_err(|error| Failure::usage(anyhow::anyhow!("{error}"))),
        Parsed::Show(text) => Ok(Err(text)),
    }
}

/// Builds the whole command line of one command.
pub(crate) fn command<C: Cli>() -> clap::Command {
    // The words of the other programs name exit codes that this one does not have.
    C::command()
        .mut_arg("lock_file", |arg| {
            arg.help("File to lock: a second run ends at once, as trouble (2)")
        })
        .mut_arg("timeout", |arg| {
            arg.help("Ends the run after this long (45s, 90m, 3h), as trouble (2)")
        })
        .mut_arg("run_id", |arg| {
            arg.help("Name of the run in logs and reports [made of time and chance]")
        })
        .after_help(C::AFTER_HELP)
}

/// One command.
pub(crate) trait Cli: CommandFactory + FromArgMatches {
    /// Before each option's environment variable.
    const PREFIX: &'static str;
    const AFTER_HELP: &'static str;

    fn common(&self) -> &Common;
    fn wants_json(&self) -> bool;
}

/// What all commands take.
#[derive(Clone, Debug, Args)]
pub(crate) struct Common {
    #[command(flatten)]
    pub(crate) when: WhenArgs,

    #[command(flatten)]
    pub(crate) store: StoreArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,
}

/// How buckets are reached, and objects kept.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "S3")]
pub(crate) struct StoreArgs {
    /// Account that must own the buckets, those that are read and those written to
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) expected_bucket_owner: Option<String>,

    /// KMS key (id, ARN or alias) to encrypt reports with; without it the bucket's default holds
    #[arg(long, value_name = "KEY")]
    pub(crate) sse_kms_key_id: Option<String>,

    /// Bucket in the path instead of the host name; auto: when the endpoint is an
    /// IP address or localhost
    #[arg(long, value_enum, default_value_t)]
    pub(crate) s3_path_style: PathStyle,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_lines_are_sound() {
        command::<CompareCli>().debug_assert();
        command::<HistoryCli>().debug_assert();
        command::<FlagCli>().debug_assert();
        command::<ConsumerCli>().debug_assert();
    }

    #[test]
    fn help_shows_examples_and_exit_codes() {
        let helps = [
            command::<CompareCli>().render_long_help().to_string(),
            command::<HistoryCli>().render_long_help().to_string(),
            command::<FlagCli>().render_long_help().to_string(),
            command::<ConsumerCli>().render_long_help().to_string(),
        ];
        for help in &helps {
            for part in [
                "Examples:",
                "Exit codes:",
                "SIGTERM",
                "--config",
                "COMPARE_DUMPS_",
            ] {
                assert!(help.contains(part), "{part} is missing: {help}");
            }
            assert!(!help.contains("exit code 11"), "{help}");
        }
        assert!(helps[0].contains("compare-dumps history"));
        assert!(helps[1].contains("roll back"));
    }

    #[test]
    fn a_command_is_told_by_the_first_argument() {
        let split = |arguments: &[&str]| {
            let arguments = arguments.iter().map(OsString::from).collect();
            let (command, rest) = Command::split(arguments);
            (command, rest.len())
        };
        assert_eq!(split(&["x", "history", "--json"]), (Command::History, 2));
        assert_eq!(split(&["x", "flag"]), (Command::Flag, 1));
        assert_eq!(split(&["x", "./history", "b"]), (Command::Compare, 3));
        assert_eq!(split(&["x"]), (Command::Compare, 1));
    }

    #[test]
    fn the_readme_names_every_option() {
        let readme = include_str!("../../README.md");
        for command in [
            command::<CompareCli>(),
            command::<HistoryCli>(),
            command::<FlagCli>(),
            command::<ConsumerCli>(),
        ] {
            for arg in command.get_arguments() {
                if let Some(long) = arg.get_long().filter(|long| *long != "version") {
                    assert!(
                        readme.contains(&format!("`--{long}")),
                        "the README lacks --{long}"
                    );
                }
            }
        }
    }
}
