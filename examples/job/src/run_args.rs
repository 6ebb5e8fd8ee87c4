//! The options that every cron binary has.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use crate::RunId;
use crate::logs::LogFormat;
use crate::units::parse_duration;

/// How a run behaves, whatever it does.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Run")]
#[non_exhaustive]
pub struct RunArgs {
    /// TOML file with the long options' names as keys
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,

    /// File to lock: a second run ends at once with exit code 11
    #[arg(long, value_name = "FILE")]
    pub lock_file: Option<PathBuf>,

    /// Ends the run after this long (45s, 90m, 3h) with exit code 10
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub timeout: Option<Duration>,

    /// Form of the log on standard error
    #[arg(long, value_enum, default_value_t)]
    pub log_format: LogFormat,

    /// Name of the run in logs, tags and manifest [made of time and chance]
    #[arg(long, value_name = "ID")]
    pub run_id: Option<RunId>,
}
