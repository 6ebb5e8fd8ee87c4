//! The command line.

use clap::{Arg, CommandFactory as _, FromArgMatches as _, Parser};
use datatransit_job::args::JobArgs;
use datatransit_job::{ExitCode, Failure};

use crate::format::FormatArgs;
use crate::query::QueryArgs;

const EXAMPLES: &str = "\
Examples:
  The contracts of the last 30 days, for people with Excel:
    query-export --credentials secretsmanager:prod/rds-cron \\
      --query-file /etc/datatransit/contract_status_30d.sql --param today:date=%F \\
      --to 's3://bucket/exports/contract_status_30d_%Y%m%d.csv' \\
      --manifest 's3://bucket/exports-manifest/contract_status_30d_%Y%m%d.json' \\
      --encoding utf-8-bom --deny-host '*-primary*' --min-rows 1 --max-staleness 36h \\
      --lock-file /run/lock/contract_status_30d.lock --timeout 20m
  The same from a file:         query-export --config /etc/datatransit/contract_status_30d.toml
  Will it work here?            query-export --config … --check
  What would it write?          query-export --config … --dry-run
  Yesterday again:              query-export --config … --date 2026-11-22
  As the old job wrote it:      query-export --config … --format mysql-batch \\
                                  --skip-column-names --tabs-to-commas
  A table, typed:               query-export --credentials env --table tenants --to 's3://bucket/tenants.parquet'
  To the terminal:              query-export --credentials env --query 'SELECT 1' --format tsv --to -

Every option can also be set by an environment variable (--if-exists is
QUERY_EXPORT_IF_EXISTS; switches take true or false) and in the --config file under
its long name; an argument wins over the environment, the environment over the file.";

/// Exports the rows of one query on a MySQL, Aurora or MariaDB database to one
/// verified S3 object and its manifest, or publishes nothing and says why.
///
/// The query runs in a transaction that only reads. One JSON summary is printed on
/// standard output, the log on standard error.
#[derive(Debug, Parser)]
#[command(
    name = "query-export",
    version,
    disable_help_flag = true,
    override_usage = "query-export [OPTIONS] --credentials SOURCE --query-file FILE --to DESTINATION\n       \
                      query-export [OPTIONS] --credentials SOURCE --query SQL --to DESTINATION\n       \
                      query-export [OPTIONS] --credentials SOURCE --table [DB.]TABLE --to DESTINATION"
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) query: QueryArgs,

    #[command(flatten)]
    pub(crate) format: FormatArgs,

    #[command(flatten)]
    pub(crate) job: JobArgs,

    /// Least number of rows
    #[arg(
        long,
        value_name = "NUMBER",
        help_heading = "Gates on the export",
        display_order = 20
    )]
    pub(crate) min_rows: Option<u64>,
}

/// What the shared options call a dump is an export here.
fn said_of_an_export(arg: Arg) -> Arg {
    let arg = match arg.get_help_heading() {
        Some("Gates on the dump") => arg.help_heading("Gates on the export"),
        Some("Instead of a dump") => arg.help_heading("Instead of an export"),
        _ => arg,
    };
    let help = match arg.get_id().as_str() {
        "to" => {
            "s3://BUCKET/KEY, file:///DIRECTORY/NAME or - for standard output; \
             strftime conversions are filled in, as in contracts_%Y%m%d.csv.gz"
        }
        "memory" => {
            "Memory for rows, blocks and parts on their way: a third for the export, two \
             thirds for the upload, which decide how large an object can become"
        }
        "database" => "Database of the session, when the secret names none",
        "max_staleness" => "Largest age of the newest value of --freshness-column in the result",
        "freshness_column" => "Column of the result that tells how fresh it is; read on the way",
        "on_gate_failure" => {
            "When a gate fails: publish nothing (abort), or publish an export and manifest \
             that say valid_for_etl=false (mark-invalid); exit code 9 either way"
        }
        "if_exists" => "When the key exists: replace it, fail, or end well without an export",
        "check" => {
            "Checks credentials, network, login, query, bucket, lock and zone; changes nothing"
        }
        "dry_run" => {
            "Connects, prepares the query and prints its columns as they would be written \
             where; reads no row and writes nothing"
        }
        _ => return arg,
    };
    let hides_values = arg.get_id() == "on_gate_failure";
    arg.help(help).hide_possible_values(hides_values)
}

/// Builds the whole command line.
pub(crate) fn command() -> clap::Command {
    Cli::command()
        .mut_args(said_of_an_export)
        .after_help(format!("{EXAMPLES}\n\n{}", ExitCode::table()))
}

/// Reads the options from what was parsed.
pub(crate) fn read(matches: &clap::ArgMatches) -> Result<Cli, Failure> {
    Cli::from_arg_matches(matches).map_err(|error| Failure::usage(anyhow::anyhow!("{error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn help_shows_examples_exit_codes_and_speaks_of_exports() {
        let help = command().render_long_help().to_string();
        for part in [
            "Examples:",
            "Exit codes:",
            "another run holds the lock",
            "Gates on the export",
            "--min-rows <NUMBER>",
            "--query-file <FILE>",
            "QUERY_EXPORT_IF_EXISTS",
        ] {
            assert!(help.contains(part), "{part} is missing");
        }
        let (options, _) = help.split_once("Examples:").unwrap();
        assert!(!options.contains("dump"), "{options}");
    }

    #[test]
    fn the_readme_has_the_same_exit_codes() {
        let readme = include_str!("../README.md").replace('`', "");
        for exit in ExitCode::ALL {
            let row = format!("| {} | {} |", exit.code(), exit.meaning());
            assert!(readme.contains(&row), "the README lacks {row}");
        }
    }

    #[test]
    fn the_readme_names_every_option_of_query_and_format() {
        let readme = include_str!("../README.md");
        for arg in command().get_arguments() {
            let own = ["Query", "Format", "Gates on the export"];
            let is_own = arg.get_help_heading().is_some_and(|it| own.contains(&it));
            let Some(long) = arg.get_long().filter(|_| is_own) else {
                continue;
            };
            assert!(readme.contains(&format!("--{long}")), "--{long} is missing");
        }
    }
}
