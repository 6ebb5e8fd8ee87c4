//! The command line: our own options beside mysqldump's.

use std::time::Duration;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, ValueEnum};
use datatransit_job::credentials::CredentialArgs;
use datatransit_job::object::ObjectArgs;
use datatransit_job::run_args::RunArgs;
use datatransit_job::targets::TargetArgs;
use datatransit_job::tls::TlsArgs;
use datatransit_job::units::parse_duration;
use datatransit_job::when::WhenArgs;
use datatransit_job::{ByteSize, ExitCode, Failure};

use crate::mysqldump;

/// Before each option's environment variable.
pub(crate) const PREFIX: &str = "FULL_DUMP_";

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
    pub(crate) destination: DestinationArgs,

    #[command(flatten)]
    pub(crate) credentials: CredentialArgs,

    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,

    #[command(flatten)]
    pub(crate) targets: TargetArgs,

    #[command(flatten)]
    pub(crate) gates: GateArgs,

    #[command(flatten)]
    pub(crate) object: ObjectArgs,

    #[command(flatten)]
    pub(crate) when: WhenArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,

    #[command(flatten)]
    pub(crate) mode: ModeArgs,
}

/// Where the dump goes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Destination")]
pub(crate) struct DestinationArgs {
    /// s3://BUCKET/KEY, file:///DIRECTORY/NAME or - for standard output;
    /// strftime conversions are filled in, as in gghouse_%Y%m%d.sql.gz
    #[arg(long, value_name = "DESTINATION")]
    pub(crate) to: Option<String>,

    /// Where the manifest goes, published last; same forms but -
    #[arg(long, value_name = "DESTINATION")]
    pub(crate) manifest: Option<String>,

    /// none, gzip (many members, several threads), gzip-single or zstd
    /// [by the name's ending: .gz, .zst]
    #[arg(long, value_name = "CODEC")]
    pub(crate) compression: Option<String>,

    /// Level of the compression [gzip 6 of 12, gzip-single 6 of 9, zstd 3 of 19]
    #[arg(long, value_name = "LEVEL")]
    pub(crate) compression_level: Option<u8>,

    /// Memory for rows, blocks and parts on their way: a third for the dump, two
    /// thirds for the upload, which decide how large an object can become
    #[arg(long, value_name = "SIZE", default_value = "96MiB")]
    pub(crate) memory: ByteSize,

    /// Threads that compress [one per core, at most 8]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
}

/// How long the database is waited for, and TLS.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
pub(crate) struct ConnectionArgs {
    #[command(flatten)]
    pub(crate) tls: TlsArgs,

    /// How long connecting may take
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_duration)]
    pub(crate) connect_timeout: Duration,

    /// How long the server may send nothing while it is waited for
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_duration)]
    pub(crate) read_timeout: Duration,
}

/// What a dump must be before it is published.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Gates on the dump")]
pub(crate) struct GateArgs {
    /// Least size of the stored object
    #[arg(long, value_name = "SIZE")]
    pub(crate) min_bytes: Option<ByteSize>,

    /// Table that must exist and hold rows; TABLE or DB.TABLE; repeatable, or
    /// separated by commas. Checked before the first byte
    #[arg(long, value_name = "TABLE", value_delimiter = ',')]
    pub(crate) require_table: Vec<String>,

    /// Largest age of the newest value of --freshness-column in each --require-table
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) max_staleness: Option<Duration>,

    /// Column that tells how fresh a table is; read on the way, without a query
    #[arg(long, value_name = "COLUMN", default_value = "updated_at")]
    pub(crate) freshness_column: String,

    /// Zone that DATETIME columns are kept in [that of --timezone]
    #[arg(long, value_name = "ZONE")]
    pub(crate) datetime_timezone: Option<String>,

    /// When a gate fails: publish nothing, or publish a dump and manifest that say
    /// valid_for_etl=false; exit code 9 either way
    #[arg(long, value_enum, default_value_t)]
    pub(crate) on_gate_failure: OnGateFailure,
}

/// What becomes of a dump that fails a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnGateFailure {
    /// The upload is aborted, nothing is published.
    #[default]
    Abort,
    /// Dump and manifest are published with `valid_for_etl` false.
    MarkInvalid,
}

/// What to do instead of a dump.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Instead of a dump")]
pub(crate) struct ModeArgs {
    /// Checks credentials, network, login, grants, bucket, lock and zone; changes nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) check: bool,

    /// The checks as JSON instead of a table
    #[arg(long)]
    pub(crate) json: bool,

    /// Connects and prints what would be dumped where; writes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Print help
    #[arg(long, short = '?', action = clap::ArgAction::Help)]
    help: Option<bool>,
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
