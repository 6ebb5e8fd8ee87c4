//! The command line: one program with three commands, each with its own options.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser};
use datatransit_job::ExitCode;
use datatransit_job::aws::PathStyle;
use jiff::civil::Date;

/// What the program is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    Mark,
    Clear,
    List,
}

impl Command {
    /// Takes the command's name out of the arguments.
    pub(crate) fn split(mut arguments: Vec<OsString>) -> Option<(Self, Vec<OsString>)> {
        let command = match arguments.get(1).and_then(|name| name.to_str()) {
            Some("mark") => Self::Mark,
            Some("clear") => Self::Clear,
            Some("list") => Self::List,
            _ => return None,
        };
        arguments.remove(1);
        Some((command, arguments))
    }
}

pub(crate) const USAGE: &str = "\
Marks the dump of a day as invalid, takes the mark back, and lists which days are valid.

Usage: quarantine mark  --manifest S3-URI --date DAY --reason TEXT [OPTIONS]
       quarantine clear --manifest S3-URI --date DAY --reason TEXT [OPTIONS]
       quarantine list  --manifest S3-URI [--from DAY] [--to DAY] [OPTIONS]

Each has its own --help.
";

/// Where the days lie, and how S3 is reached.
#[derive(Clone, Debug, Args)]
pub(crate) struct Place {
    /// Where the manifests are, as the jobs name it: s3://BUCKET/KEY with strftime
    /// conversions, as in s3://bucket/dumps-manifest/gghouse_%Y%m%d.json
    #[arg(long, value_name = "S3-URI")]
    pub(crate) manifest: String,

    /// Where the dumps are [in the manifest's bucket, under the key that it names]
    #[arg(long, value_name = "S3-URI")]
    pub(crate) dump: Option<String>,

    /// Zone of the day in names, and of the times written
    #[arg(long, value_name = "ZONE", default_value = "Asia/Tokyo")]
    pub(crate) timezone: String,

    /// Account that must own the bucket
    #[arg(long, value_name = "ACCOUNT")]
    pub(crate) expected_bucket_owner: Option<String>,

    /// Bucket in the path instead of the host name; auto: when the endpoint is an
    /// IP address or localhost
    #[arg(long, value_enum, default_value_t)]
    pub(crate) s3_path_style: PathStyle,

    /// TOML file with the long options' names as keys
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

/// What is said about a day.
#[derive(Clone, Debug, Args)]
pub(crate) struct Change {
    #[command(flatten)]
    pub(crate) place: Place,

    /// The day
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Date,

    /// Why, for whoever asks later
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,

    /// Who says so [the caller's ARN, as AWS tells it]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,

    /// Says what would be changed, and changes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Marks a day's dump as invalid: valid_for_etl becomes false in its manifest, with
/// who, when and why, and in the tags of both objects.
///
/// Readers that trust the manifest leave the day alone from then on. The manifest is
/// replaced only as it was read, so that no change of anybody's is lost.
#[derive(Debug, Parser)]
#[command(name = "quarantine mark", version)]
pub(crate) struct MarkCli {
    #[command(flatten)]
    pub(crate) change: Change,
}

/// Takes a mark back. What the jobs' own gates found stays, and so does the history.
#[derive(Debug, Parser)]
#[command(name = "quarantine clear", version)]
pub(crate) struct ClearCli {
    #[command(flatten)]
    pub(crate) change: Change,
}

/// Lists days: valid, invalid and why, missing, a dump without a manifest, a manifest
/// without its dump, or one that does not fit it. Changes nothing.
#[derive(Debug, Parser)]
#[command(name = "quarantine list", version)]
pub(crate) struct ListCli {
    #[command(flatten)]
    pub(crate) place: Place,

    /// The first day [six days before the last]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) from: Option<Date>,

    /// The last day [today in --timezone]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) to: Option<Date>,

    /// The list as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// Builds the whole command line of one command.
pub(crate) fn command<C: CommandFactory>() -> clap::Command {
    C::command().after_help(format!(
        "list ends with 9 unless every day is valid.\n\n{}",
        ExitCode::table()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_lines_are_sound_and_documented() {
        let readme = include_str!("../README.md");
        for command in [
            command::<MarkCli>(),
            command::<ClearCli>(),
            command::<ListCli>(),
        ] {
            command.clone().debug_assert();
            for arg in command.get_arguments() {
                if let Some(long) = arg.get_long().filter(|long| *long != "version") {
                    assert!(
                        readme.contains(&format!("`--{long}")),
                        "--{long} is missing"
                    );
                }
            }
        }
    }

    #[test]
    fn a_command_is_told_by_the_first_argument() {
        let split = |arguments: &[&str]| {
            Command::split(arguments.iter().map(OsString::from).collect())
                .map(|(command, rest)| (command, rest.len()))
        };
        assert_eq!(
            split(&["quarantine", "mark", "--x"]),
            Some((Command::Mark, 2))
        );
        assert_eq!(split(&["quarantine", "list"]), Some((Command::List, 1)));
        assert_eq!(split(&["quarantine"]), None);
        assert_eq!(split(&["quarantine", "--help"]), None);
    }
}
