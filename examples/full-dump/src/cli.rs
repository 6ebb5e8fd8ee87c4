//! The command line: our own options beside mysqldump's.

use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use datatransit_job::args::JobArgs;
use datatransit_job::{ExitCode, Failure};

use crate::mysqldump;

const EXAMPLES: &str = "\
Examples:
  The nightly job, with mysqldump's options as they were:
    full-dump --credentials secretsmanager:prod/rds-cron \\
      --to 's3://bucket/dumps/gghouse_%Y%m%d.sql.gz' \\
      --manifest 's3://bucket/dumps-manifest/gghouse_%Y%m%d.json' \\
      --deny-host '*-primary*' --require-table movings --max-staleness 36h \\
      --min-bytes 10MiB --lock-file /run/lock/full-dump.lock --timeout 3h \\
      -B gghouse --single-transaction --quick --lock-tables=false \\
      --set-gtid-purged=OFF --triggers --routines --events --extended-insert --compact
  The same from a file:         full-dump --config /etc/datatransit/gghouse.toml
  Will it work here?            full-dump --config … --check
  What would it do?             full-dump --config … --dry-run
  Yesterday again:              full-dump --config … --date 2026-11-22
  To another program:           full-dump --credentials env --to - gghouse | less

Every option can also be set by an environment variable (--if-exists is
FULL_DUMP_IF_EXISTS; switches take true or false) and in the --config file under
its long name; an argument wins over the environment, the environment over the file.";

/// Dumps a MySQL, Aurora or MariaDB database to one verified S3 object and its
/// manifest, or publishes nothing and says why.
///
/// mysqldump's options keep their names, their defaults and their order. One JSON
/// summary is printed on standard output, the log on standard error.
#[derive(Debug, Parser)]
#[command(
    name = "full-dump",
    version,
    disable_help_flag = true,
    override_usage = "full-dump [OPTIONS] --credentials SOURCE --to DESTINATION [DB [TABLE…]]\n       \
                      full-dump [OPTIONS] --credentials SOURCE --to DESTINATION -B DB…"
)]
pub(crate) struct Cli {
    /// The database and, without -B, its tables; with -B all are databases
    /// [the database of the secret or of --database]
    #[arg(value_name = "DB [TABLE…]", num_args = 0..)]
    pub(crate) names: Vec<String>,

    #[command(flatten)]
    pub(crate) job: JobArgs,

    /// Table that must exist and hold rows; TABLE or DB.TABLE; repeatable, or
    /// separated by commas. Checked before the first byte
    #[arg(
        long,
        value_name = "TABLE",
        value_delimiter = ',',
        help_heading = "Gates on the dump",
        display_order = 20
    )]
    pub(crate) require_table: Vec<String>,
}

/// Builds the whole command line.
pub(crate) fn command() -> clap::Command {
    mysqldump::declare(Cli::command()).after_help(format!("{EXAMPLES}\n\n{}", ExitCode::table()))
}

/// Reads our own options from what was parsed.
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
    fn help_shows_examples_exit_codes_and_mysqldumps_options() {
        let help = command().render_long_help().to_string();
        for part in [
            "Examples:",
            "Exit codes:",
            "another run holds the lock",
            "mysqldump's options",
            "--single-transaction",
            "--to <DESTINATION>",
            "FULL_DUMP_IF_EXISTS",
        ] {
            assert!(help.contains(part), "{part} is missing");
        }
    }

    #[test]
    fn the_readme_has_the_same_exit_codes() {
        let readme = include_str!("../README.md");
        for exit in ExitCode::ALL {
            let plain = readme.replace('`', "");
            let row = format!("| {} | {} |", exit.code(), exit.meaning());
            assert!(plain.contains(&row), "the README lacks {row}");
        }
    }
}
