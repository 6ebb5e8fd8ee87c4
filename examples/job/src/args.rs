//! The options that every program here has which publishes what it reads.
//!
//! The help texts speak of a dump; another program puts its own word there when it
//! builds its command line.

use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::ByteSize;
use crate::credentials::CredentialArgs;
use crate::logs::LogFormat;
use crate::object::ObjectArgs;
use crate::operations::OperationsArgs;
use crate::run_args::RunArgs;
use crate::targets::TargetArgs;
use crate::tls::TlsArgs;
use crate::units::parse_duration;
use crate::when::WhenArgs;

/// All of them; flatten it into the command line.
#[derive(Clone, Debug, Args)]
#[non_exhaustive]
pub struct JobArgs {
    /// Where the result goes.
    #[command(flatten)]
    pub destination: DestinationArgs,

    /// How to log in.
    #[command(flatten)]
    pub credentials: CredentialArgs,

    /// How the database is reached.
    #[command(flatten)]
    pub connection: ConnectionArgs,

    /// Which source is allowed.
    #[command(flatten)]
    pub targets: TargetArgs,

    /// What the result must be.
    #[command(flatten)]
    pub gates: GateArgs,

    /// What the object is like.
    #[command(flatten)]
    pub object: ObjectArgs,

    /// Which day it is.
    #[command(flatten)]
    pub when: WhenArgs,

    /// How the run behaves.
    #[command(flatten)]
    pub run: RunArgs,

    /// What keeps it from crossing another, and from standing still.
    #[command(flatten)]
    pub watch: WatchArgs,

    /// Who is told of it.
    #[command(flatten)]
    pub operations: OperationsArgs,

    /// What to do instead of a run.
    #[command(flatten)]
    pub mode: ModeArgs,
}

/// Where the result goes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Destination")]
#[non_exhaustive]
pub struct DestinationArgs {
    /// s3://BUCKET/KEY, file:///DIRECTORY/NAME or - for standard output;
    /// strftime conversions are filled in, as in gghouse_%Y%m%d.sql.gz
    #[arg(long, value_name = "DESTINATION")]
    pub to: Option<String>,

    /// Where the manifest goes, published last; same forms but -
    #[arg(long, value_name = "DESTINATION")]
    pub manifest: Option<String>,

    /// none, gzip (many members, several threads), gzip-single or zstd
    /// [by the name's ending: .gz, .zst]
    #[arg(long, value_name = "CODEC")]
    pub compression: Option<String>,

    /// Level of the compression [gzip 6 of 12, gzip-single 6 of 9, zstd 3 of 19]
    #[arg(long, value_name = "LEVEL")]
    pub compression_level: Option<u8>,

    /// Memory for rows, blocks and parts on their way: a third for the dump, two
    /// thirds for the upload, which decide how large an object can become
    #[arg(long, value_name = "SIZE", default_value = "96MiB")]
    pub memory: ByteSize,

    /// Threads that compress [one per core, at most 8]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub threads: Option<u16>,
}

/// How long the database is waited for, and TLS.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Connection")]
#[non_exhaustive]
pub struct ConnectionArgs {
    /// How the connection is protected.
    #[command(flatten)]
    pub tls: TlsArgs,

    /// How long connecting may take
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_duration)]
    pub connect_timeout: Duration,

    /// How long the server may send nothing while it is waited for
    #[arg(long, value_name = "DURATION", default_value = "10m", value_parser = parse_duration)]
    pub read_timeout: Duration,
}

/// What keeps a run from crossing another, and from standing still.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Run")]
#[non_exhaustive]
pub struct WatchArgs {
    /// Object to lock, s3://BUCKET/KEY: a second run on any host ends at once with
    /// exit code 11
    #[arg(long, value_name = "URI")]
    pub lock_uri: Option<String>,

    /// How long the lock of a run that died keeps others out; a run that lives renews it
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = parse_duration)]
    pub lock_lease: Duration,

    /// Ends the run when no row and no byte moved for this long, with exit code 10
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub idle_timeout: Option<Duration>,
}

/// What a result must be before it is published. A program's own gates stand
/// between these: `display_order` 20 is free.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Gates on the dump")]
#[non_exhaustive]
pub struct GateArgs {
    /// Least size of the stored object
    #[arg(long, value_name = "SIZE", display_order = 10)]
    pub min_bytes: Option<ByteSize>,

    /// Least size, in percent of the newest earlier day's, as its manifest tells it
    #[arg(long, value_name = "PERCENT", display_order = 12)]
    pub min_size_percent: Option<u32>,

    /// Greatest size, likewise
    #[arg(long, value_name = "PERCENT", display_order = 14)]
    pub max_size_percent: Option<u32>,

    /// Days back in which an earlier manifest is looked for
    #[arg(
        long,
        value_name = "DAYS",
        default_value_t = 7,
        value_parser = clap::value_parser!(u16).range(1..=366),
        display_order = 16
    )]
    pub size_lookback: u16,

    /// Largest age of the newest value of --freshness-column in each --require-table
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, display_order = 30)]
    pub max_staleness: Option<Duration>,

    /// Column that tells how fresh a table is; read on the way, without a query
    #[arg(
        long,
        value_name = "COLUMN",
        default_value = "updated_at",
        display_order = 40
    )]
    pub freshness_column: String,

    /// Zone that DATETIME columns are kept in [that of --timezone]
    #[arg(long, value_name = "ZONE", display_order = 50)]
    pub datetime_timezone: Option<String>,

    /// When a gate fails: publish nothing, or publish a dump and manifest that say
    /// valid_for_etl=false; exit code 9 either way
    #[arg(long, value_enum, default_value_t, display_order = 60)]
    pub on_gate_failure: OnGateFailure,
}

/// What becomes of a result that fails a gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum OnGateFailure {
    /// The upload is aborted, nothing is published.
    #[default]
    Abort,
    /// Dump and manifest are published with `valid_for_etl` false.
    MarkInvalid,
}

/// What to do instead of a run.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Instead of a dump")]
#[non_exhaustive]
pub struct ModeArgs {
    /// Checks credentials, network, login, grants, bucket, lock and zone; changes nothing
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,

    /// The checks as JSON instead of a table
    #[arg(long)]
    pub json: bool,

    /// Connects and prints what would be dumped where; writes nothing
    #[arg(long)]
    pub dry_run: bool,

    /// Print help
    #[arg(long, short = '?', action = clap::ArgAction::Help)]
    help: Option<bool>,
}

impl JobArgs {
    /// Whether reports are for machines.
    #[must_use]
    pub fn wants_json(&self) -> bool {
        self.mode.json || self.run.log_format == LogFormat::Json
    }
}
