//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use datatransit_job::RunId;
use datatransit_job::logs::LogFormat;
use datatransit_job::units::parse_duration;
use datatransit_quicksight::AssetKind;

use crate::exit;

const EXAMPLES: &str = "\
Examples:
  Every dashboard of an account into files:
    dashboards export --all --environment dev
  One, after it was edited in the console:
    dashboards export sales-overview --environment dev
  What would a deploy change? (2: something)
    dashboards plan --environment prod
  The same as a comment on a pull request:
    dashboards plan --environment prod --markdown > comment.md
  Deploy what was reviewed, and nothing else:
    dashboards plan --environment prod --out plan.json
    dashboards deploy --environment prod --plan plan.json --yes
  Deploy, with a lock and a record:
    dashboards deploy --environment prod --yes --lock s3://bucket/dashboards/prod.lock \\
      --audit audit.json
  Does production still say what the files say? (2: no)
    dashboards drift --environment prod
  Readers see the version before the last one again:
    dashboards rollback sales-overview --environment prod
  The file as it was in another revision:
    dashboards rollback sales-overview --environment prod --revision HEAD~1

The spellings of the tool that this one replaces keep working:
    dashboards --export-all --output-dir DIR
    dashboards --export --dashboard-id ID
    dashboards --environment prod --dashboard-file FILE
    dashboards --environment prod --dashboard-dir DIR

AWS credentials, region and endpoint come from where the AWS CLI takes them; the
environment's file names account and region. AWS_ENDPOINT_URL_QUICKSIGHT is another
address of the service.
";

/// Builds the text behind the options.
fn after_help() -> String {
    format!("{}\n{EXAMPLES}", exit::TABLE)
}

/// QuickSight dashboards, and what they stand on, as files: export, plan, deploy,
/// roll back, detect drift.
#[derive(Debug, Parser)]
#[command(name = "dashboards", version, after_help = after_help(), arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,

    #[command(flatten)]
    pub(crate) common: Common,
}

/// What every command takes.
#[derive(Debug, Args)]
pub(crate) struct Common {
    /// Name of an environment (dev is environments/dev.toml) or the path of its file
    #[arg(
        long,
        global = true,
        value_name = "NAME|FILE",
        env = "DASHBOARDS_ENVIRONMENT",
        hide_env = true
    )]
    pub(crate) environment: Option<String>,

    /// Directory of the asset files [`assets` beside the environments, else beside them]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        env = "DASHBOARDS_DIR",
        hide_env = true
    )]
    pub(crate) dir: Option<PathBuf>,

    /// Only assets whose id or KIND/ID matches the pattern (* and ?); repeatable, or
    /// separated by commas
    #[arg(long, global = true, value_name = "PATTERN", value_delimiter = ',')]
    pub(crate) only: Vec<String>,

    /// The result as JSON on standard output
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// Assets under way at once
    #[arg(long, global = true, value_name = "NUMBER", default_value = "4", value_parser = clap::value_parser!(u16).range(1..=32))]
    pub(crate) concurrency: u16,

    /// Ends the run after this long (90s, 15m); running it again goes on from there
    #[arg(long, global = true, value_name = "DURATION", default_value = "30m", value_parser = parse_duration)]
    pub(crate) deadline: Duration,

    /// First pause between two looks at what the service is working on; later ones
    /// are longer [default: 1s]
    #[arg(long, global = true, value_name = "DURATION", value_parser = parse_duration)]
    pub(crate) first_pause: Option<Duration>,

    /// Form of the log on standard error
    #[arg(long, global = true, value_enum, default_value_t)]
    pub(crate) log_format: LogFormat,

    /// Name of the run in logs and reports [made of time and chance]
    #[arg(long, global = true, value_name = "ID")]
    pub(crate) run_id: Option<RunId>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Lists the assets of the account
    List {
        /// Kinds to list
        #[arg(long, value_name = "KIND", value_delimiter = ',', default_value = "dashboard", value_parser = kind)]
        kind: Vec<AssetKind>,
    },
    /// Writes assets of the account into files
    Export(ExportArgs),
    /// Shows what a deploy would change; changes nothing
    Plan {
        /// Asset files or directories [--dir]
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,

        /// As Markdown, for a comment on a pull request
        #[arg(long, conflicts_with = "json")]
        markdown: bool,

        /// Most bytes of the Markdown
        #[arg(long, value_name = "BYTES", default_value = "60000")]
        markdown_limit: usize,

        /// File for the whole plan, for `deploy --plan`
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Makes the account as the files say, or leaves each asset as it was
    Deploy(DeployArgs),
    /// Publishes an older version of a dashboard, or deploys an older file
    Rollback {
        /// The dashboard's id in the files, or in the account
        #[arg(value_name = "ID")]
        id: String,

        /// Version to publish [the last good one below the published one]
        #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(u64).range(1..))]
        to: Option<u64>,

        /// Git revision whose file is deployed; works for every kind of asset
        #[arg(long, value_name = "REV", conflicts_with = "to")]
        revision: Option<String>,

        #[command(flatten)]
        write: WriteArgs,
    },
    /// Shows where the account differs from the files; changes nothing
    Drift {
        /// Asset files or directories [--dir]
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Shows versions and states of the assets in the files
    Status {
        /// Asset files or directories [--dir]
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Deletes assets that carry the environment's tags and have no file any more
    Prune {
        /// Kinds to look through: dashboard, analysis, theme, data-set, folder, and,
        /// never unless named, data-source
        #[arg(long, value_name = "KIND", value_delimiter = ',', default_values = ["dashboard", "analysis"], value_parser = kind)]
        kind: Vec<AssetKind>,

        /// Most assets to delete; with more than these, none is
        #[arg(long, value_name = "NUMBER", default_value = "5")]
        max: usize,

        #[command(flatten)]
        write: WriteArgs,
    },
    /// Checks the files and the environment without asking the service
    Validate {
        /// Asset files or directories [--dir]
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

/// What `export` takes.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// Ids in the account (KIND/ID for other kinds than dashboards)
    #[arg(
        value_name = "ID",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(crate) ids: Vec<String>,

    /// All of the account
    #[arg(long)]
    pub(crate) all: bool,

    /// Kinds that --all means
    #[arg(long, value_name = "KIND", value_delimiter = ',', default_value = "dashboard", value_parser = kind)]
    pub(crate) kind: Vec<AssetKind>,

    /// Reads and says what would be written; writes no file
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// What `deploy` takes.
#[derive(Debug, Args)]
pub(crate) struct DeployArgs {
    /// Asset files or directories [--dir]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,

    /// Plan to carry out, from `plan --out`; refused when more would be done by now than
    /// it shows
    #[arg(long, value_name = "FILE", conflicts_with = "files")]
    pub(crate) plan: Option<PathBuf>,

    /// When what is read back is not what was sent: bring back the old version, or
    /// keep the new one published; exit code 1 either way
    #[arg(long, value_enum, default_value_t)]
    pub(crate) on_mismatch: OnMismatch,

    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// What every command takes that changes something.
#[derive(Debug, Args)]
pub(crate) struct WriteArgs {
    /// Does not ask before it changes something
    #[arg(long)]
    pub(crate) yes: bool,

    /// Shows what would be changed; changes nothing
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Where two deploys meet: a local file, or s3://BUCKET/KEY
    #[arg(long, value_name = "LOCK", env = "DASHBOARDS_LOCK", hide_env = true)]
    pub(crate) lock: Option<String>,

    /// File for the record of what was done, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) audit: Option<PathBuf>,

    /// Who does this, for the record [GITHUB_ACTOR, else USER]
    #[arg(long, value_name = "NAME")]
    pub(crate) actor: Option<String>,
}

/// What becomes of an asset that was read back otherwise than it was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnMismatch {
    /// The old version is published again.
    #[default]
    RollBack,
    /// The new version stays.
    Keep,
}

fn kind(text: &str) -> Result<AssetKind, String> {
    AssetKind::of_word(text).ok_or_else(|| {
        let words: Vec<&str> = AssetKind::ALL.iter().map(|kind| kind.word()).collect();
        format!("one of {}", words.join(", "))
    })
}
