//! `compare-dumps consumer`.

use clap::Parser;

use super::{Cli, Common};

/// Reads a dump as its consumer does, line by line, and says whether it ends whole.
///
/// A statement ends at a line whose last character is a semicolon; lines that begin
/// with -- or /* are comments, and empty lines are nothing. gzip of any number of
/// members and zstd are unpacked on the way. Nothing is written.
#[derive(Debug, Parser)]
#[command(name = "compare-dumps consumer", version)]
pub(crate) struct ConsumerCli {
    /// The dump: s3://BUCKET/KEY, file:///PATH or a path; strftime conversions are
    /// filled in, as in gghouse_%Y%m%d.sql.gz
    #[arg(
        value_name = "DUMP",
        env = "COMPARE_DUMPS_CONSUMER_DUMP",
        hide_env = true
    )]
    pub(crate) dump: Option<String>,

    /// The result as JSON on standard output, instead of text
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) common: Common,
}

impl Cli for ConsumerCli {
    const PREFIX: &'static str = "COMPARE_DUMPS_CONSUMER_";
    const AFTER_HELP: &'static str = "\
Examples:
  Before the cutover:  compare-dumps consumer 's3://bucket/dumps-new/gghouse_%Y%m%d.sql.gz'
  A file:              compare-dumps consumer dump.sql.gz

Every option can also be set by an environment variable (--json is
COMPARE_DUMPS_CONSUMER_JSON) and in the --config file under its long name.

Exit codes:
    0  the consumer reads it to its end
    1  it ends amid a statement, or holds none
    2  trouble: it could not be read
  130  SIGINT
  143  SIGTERM";

    fn common(&self) -> &Common {
        &self.common
    }

    fn wants_json(&self) -> bool {
        self.json
    }
}
