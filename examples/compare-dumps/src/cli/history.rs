//! `compare-dumps history`.

use std::path::PathBuf;

use clap::Parser;
use jiff::civil::Date;

use super::{Cli, Common};

/// Reads the daily reports and answers: go, not yet, or roll back.
///
/// Every rule is held against the days and every reason is told. The rules are a
/// file; without one they are those of production.
#[derive(Debug, Parser)]
#[command(name = "compare-dumps history", version)]
pub(crate) struct HistoryCli {
    /// Where the daily reports are: a prefix (s3://BUCKET/PREFIX/) or a directory
    #[arg(long, value_name = "PLACE")]
    pub(crate) reports: Option<String>,

    /// TOML file with the rules
    #[arg(long, value_name = "FILE")]
    pub(crate) rules: Option<PathBuf>,

    /// The day that the answer is of [today in --timezone, or --date]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(crate) today: Option<Date>,

    /// The answer as JSON on standard output, instead of text
    #[arg(long)]
    pub(crate) json: bool,

    /// Where the answer goes as a page of HTML: s3://BUCKET/KEY, file:///PATH or a path
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<String>,

    #[command(flatten)]
    pub(crate) common: Common,
}

impl Cli for HistoryCli {
    const PREFIX: &'static str = "COMPARE_DUMPS_HISTORY_";
    const AFTER_HELP: &'static str = "\
Examples:
  May we cut over?              compare-dumps history --reports s3://bucket/comparison/
  As a page, beside the reports:
    compare-dumps history --reports s3://bucket/comparison/ --html s3://bucket/comparison/index.html
  With rules of our own:        compare-dumps history --reports … --rules /etc/datatransit/cutover.toml
  What was it last Monday?      compare-dumps history --reports … --today 2026-11-23

Every option can also be set by an environment variable (--reports is
COMPARE_DUMPS_HISTORY_REPORTS) and in the --config file under its long name.

Exit codes:
    0  go: every rule holds
    1  not yet: some rule does not hold
    2  trouble: the reports cannot be read
    3  roll back: return to the old job
  130  SIGINT
  143  SIGTERM";

    fn common(&self) -> &Common {
        &self.common
    }

    fn wants_json(&self) -> bool {
        self.json
    }
}
