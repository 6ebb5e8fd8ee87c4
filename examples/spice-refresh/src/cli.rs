//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use datatransit_job::RunId;
use datatransit_job::logs::LogFormat;
use datatransit_job::units::parse_duration;
use datatransit_spice::{AssetId, OnRunning};
use jiff::civil::Date;

use crate::exit;

const EXAMPLES: &str = "\
Examples:
  Two data sets, and wait until they are done:
    spice-refresh --dataset daily_activity --dataset sales
  All that carry a tag, when last night's dump is valid:
    spice-refresh --tag nightly=yes --gate-patience 1h \\
      --gate-manifest 's3://bucket/dumps-manifest/gghouse_%Y%m%d.json'
  All behind a dashboard; what would be done?
    spice-refresh --dashboard sales-overview --dry-run
  Start now, look later:
    spice-refresh --config nightly.toml --no-wait --json | jq -r .resume_token > token
    spice-refresh --resume \"$(cat token)\"
  What was refreshed today, once more:
    spice-refresh --dataset sales --again

AWS credentials, region and endpoints come from where the AWS CLI takes them.
AWS_ENDPOINT_URL_QUICKSIGHT is another address of the service.
";

fn after_help() -> String {
    format!("{}\n{EXAMPLES}", exit::TABLE)
}

/// Refreshes QuickSight data sets in SPICE, waits for them, and says what became of each.
#[derive(Debug, Parser)]
#[command(name = "spice-refresh", version, after_help = after_help(), arg_required_else_help = true, args_conflicts_with_subcommands = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    #[command(flatten)]
    pub(crate) select: SelectArgs,

    #[command(flatten)]
    pub(crate) run: RunArgs,

    #[command(flatten)]
    pub(crate) gate: GateArgs,

    #[command(flatten)]
    pub(crate) common: Common,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// AWS account of the data sets, 12 digits [that of the credentials, by STS]
    #[arg(
        long,
        global = true,
        value_name = "ACCOUNT",
        env = "QUICKSIGHT_AWS_ACCOUNT_ID",
        hide_env_values = true
    )]
    pub(crate) account: Option<String>,

    /// The result as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Form of the log on standard error
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,

    /// Name of the run in logs [made of time and chance]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,
}

/// Which data sets.
#[derive(Debug, Args)]
#[command(next_help_heading = "Data sets (each repeatable, or separated by commas)")]
pub(crate) struct SelectArgs {
    /// By identifier
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id)]
    pub(crate) dataset: Vec<AssetId>,

    /// By identifier, refreshed incrementally
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id)]
    pub(crate) incremental: Vec<AssetId>,

    /// By exact name
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,

    /// By a pattern of the name: *, ?, [a-z], {a,b}
    #[arg(long, value_name = "PATTERN")]
    pub(crate) glob: Vec<String>,

    /// By tag
    #[arg(long, value_name = "KEY=VALUE", value_parser = tag)]
    pub(crate) tag: Vec<(String, String)>,

    /// All that a dashboard shows
    #[arg(long, value_name = "ID", value_delimiter = ',', value_parser = id)]
    pub(crate) dashboard: Vec<AssetId>,

    /// All of the account and region
    #[arg(long)]
    pub(crate) all: bool,

    /// Configuration file, TOML or JSON; options win over it
    #[arg(
        long,
        value_name = "FILE",
        env = "SPICE_REFRESH_CONFIG_FILE",
        hide_env = true
    )]
    pub(crate) config: Option<PathBuf>,
}

/// How.
#[derive(Debug, Args)]
#[command(next_help_heading = "Run")]
pub(crate) struct RunArgs {
    /// What to do about an ingestion that is under way already [default: attach]
    #[arg(long, value_enum)]
    pub(crate) on_running: Option<OnRunningArg>,

    /// Waits until all are done; this is the default
    #[arg(long, conflicts_with = "no_wait")]
    pub(crate) wait: bool,

    /// Starts what can be started now and prints a token for --resume
    #[arg(long)]
    pub(crate) no_wait: bool,

    /// Goes on with a run that was not over, by its token
    #[arg(long, value_name = "TOKEN", conflicts_with_all = ["dataset", "incremental", "name", "glob", "tag", "dashboard", "all", "config", "dry_run", "no_wait", "gate_manifest", "trigger", "again", "date"])]
    pub(crate) resume: Option<String>,

    /// Longest time for all (90s, 30m) [default: 2h]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) deadline: Option<Duration>,

    /// Longest time for one data set [that for all]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) data_set_deadline: Option<Duration>,

    /// Cancels what this run has started when time is over
    #[arg(long)]
    pub(crate) cancel_on_deadline: bool,

    /// Ingestions under way at once [default: 10]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) concurrency: Option<usize>,

    /// Most dropped rows with which a data set counts as refreshed [default: 0]
    #[arg(long, value_name = "ROWS")]
    pub(crate) max_dropped_rows: Option<u64>,

    /// Ingestions of a data set, where another may help [default: 2]
    #[arg(long, value_name = "NUMBER")]
    pub(crate) attempts: Option<u32>,

    /// The day of the run, instead of today
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) date: Option<Date>,

    /// Zone of the day [default: Asia/Tokyo]
    #[arg(long, value_name = "ZONE")]
    pub(crate) timezone: Option<String>,

    /// What the run is known by, instead of its day: run again by the same, it goes on
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["again", "date"])]
    pub(crate) trigger: Option<String>,

    /// Refreshes again what today's run has refreshed already
    #[arg(long)]
    pub(crate) again: bool,

    /// Says what would be refreshed; starts nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// First pause between two looks at an ingestion; later ones are longer [default: 2s]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) first_pause: Option<Duration>,
}

/// What must be there first.
#[derive(Debug, Args)]
#[command(next_help_heading = "Gate")]
pub(crate) struct GateArgs {
    /// Begins when this manifest of a dump is there, valid and fresh: s3://BUCKET/KEY with
    /// strftime's conversions for the run's day
    #[arg(long, value_name = "URL")]
    pub(crate) gate_manifest: Option<String>,

    /// How long to wait for it [one look]
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) gate_patience: Option<Duration>,

    /// Oldest manifest that will do, in hours [default: 20]
    #[arg(long, value_name = "HOURS")]
    pub(crate) gate_max_age: Option<u32>,
}

/// Other things to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Refresh schedules and properties as code
    Schedules {
        #[command(subcommand)]
        action: SchedulesAction,
    },
}

/// What to do with schedules.
#[derive(Debug, Subcommand)]
pub(crate) enum SchedulesAction {
    /// Prints schedules and properties of data sets as JSON
    Export {
        /// Data sets, by identifier
        #[arg(value_name = "ID", required = true, value_parser = id)]
        ids: Vec<AssetId>,
    },
    /// Makes schedules and properties as a file from `export` says
    Put {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// The library's policies, on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum OnRunningArg {
    /// Wait for that one and take its result
    Attach,
    /// Leave the data set alone
    Skip,
    /// Start another, which waits in the service's queue
    Queue,
    /// Cancel it, and start another
    Replace,
}

impl From<OnRunningArg> for OnRunning {
    fn from(policy: OnRunningArg) -> Self {
        match policy {
            OnRunningArg::Attach => Self::Attach,
            OnRunningArg::Skip => Self::Skip,
            OnRunningArg::Queue => Self::Queue,
            OnRunningArg::Replace => Self::Replace,
        }
    }
}

fn id(text: &str) -> Result<AssetId, String> {
    AssetId::new(text.trim()).map_err(|error| error.to_string())
}

fn tag(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() && !value.is_empty() => {
            Ok((key.to_owned(), value.to_owned()))
        }
        _ => Err("KEY=VALUE is expected".to_owned()),
    }
}
