//! `compare-dumps flag`.

use clap::Parser;

use super::{Cli, Common};

/// Records that the consumer of a day's dump failed, or that it is well again.
///
/// The record is DATE.consumer.json beside the daily reports. Nothing is ever
/// deleted: --clear writes a newer record in its place.
#[derive(Debug, Parser)]
#[command(name = "compare-dumps flag", version)]
pub(crate) struct FlagCli {
    /// Where the daily reports are: a prefix (s3://BUCKET/PREFIX/) or a directory
    #[arg(long, value_name = "PLACE")]
    pub(crate) reports: Option<String>,

    /// What happened, for whoever reads the answer
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,

    /// Takes the flag of that day back
    #[arg(long)]
    pub(crate) clear: bool,

    /// The result as JSON on standard output, instead of text
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) common: Common,
}

impl Cli for FlagCli {
    const PREFIX: &'static str = "COMPARE_DUMPS_FLAG_";
    const AFTER_HELP: &'static str = "\
Examples:
  It failed:      compare-dumps flag --reports s3://bucket/comparison/ --date 2026-11-23 \\
                    --reason 'import stopped at movings'
  It is well:     compare-dumps flag --reports s3://bucket/comparison/ --date 2026-11-23 \\
                    --clear --reason 'the importer was at fault, rerun passed'

Every option can also be set by an environment variable (--reports is
COMPARE_DUMPS_FLAG_REPORTS) and in the --config file under its long name.

Exit codes:
    0  recorded
    2  trouble: not recorded
  130  SIGINT
  143  SIGTERM";

    fn common(&self) -> &Common {
        &self.common
    }

    fn wants_json(&self) -> bool {
        self.json
    }
}
