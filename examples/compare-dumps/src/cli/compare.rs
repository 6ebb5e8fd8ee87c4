//! `compare-dumps OLD NEW`.

use clap::{Args, Parser, ValueEnum};
use datatransit_dump::compare::Content;
use datatransit_job::{ByteSize, Failure};

use super::{Cli, Common};

/// Compares two dumps or exports and says what differs, and why.
///
/// Lines that differ from run to run (host, versions, dates, positions) are masked;
/// compression does not matter. The verdict is the exit code, as with diff. The
/// days' reports are read by `compare-dumps history`, which says whether to cut
/// over; `compare-dumps flag` records that a day's consumer failed, and `compare-dumps
/// consumer` tries whether it will read a dump.
#[derive(Debug, Parser)]
#[command(
    name = "compare-dumps",
    version,
    override_usage = "compare-dumps [OPTIONS] OLD NEW\n       \
                      compare-dumps history --reports PLACE [OPTIONS]\n       \
                      compare-dumps flag --reports PLACE --date DATE --reason TEXT [OPTIONS]\n       \
                      compare-dumps consumer DUMP [OPTIONS]"
)]
pub(crate) struct CompareCli {
    /// The old job's result: s3://BUCKET/KEY, file:///PATH or a path; strftime
    /// conversions are filled in, as in gghouse_%Y%m%d.sql.gz
    #[arg(value_name = "OLD", env = "COMPARE_DUMPS_OLD", hide_env = true)]
    pub(crate) old: Option<String>,

    /// The new job's result, likewise
    #[arg(value_name = "NEW", env = "COMPARE_DUMPS_NEW", hide_env = true)]
    pub(crate) new: Option<String>,

    #[command(flatten)]
    pub(crate) what: WhatArgs,

    #[command(flatten)]
    pub(crate) output: OutputArgs,

    #[command(flatten)]
    pub(crate) common: Common,
}

/// What counts as a difference.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Comparison")]
pub(crate) struct WhatArgs {
    /// What both hold; auto goes by the names' endings
    #[arg(long, value_enum, default_value_t)]
    pub(crate) content: Format,

    /// Between the fields of CSV: one character, or \t
    #[arg(long, value_name = "CHARACTER", default_value = ",", value_parser = delimiter)]
    pub(crate) delimiter: u8,

    /// Whether the first line of an export names the columns
    #[arg(long, value_name = "BOOL", default_value_t = true, action = clap::ArgAction::Set)]
    pub(crate) header: bool,

    /// Masks AUTO_INCREMENT= in definitions: it moves with every insert
    #[arg(long)]
    pub(crate) ignore_auto_increment: bool,

    /// Column that tells when a row was written last, to see rows that changed
    /// between the two runs
    #[arg(long, value_name = "COLUMN", default_value = "updated_at")]
    pub(crate) updated_at_column: String,

    /// Memory for finding the rows that differ
    #[arg(long, value_name = "SIZE", default_value = "256MiB")]
    pub(crate) memory: ByteSize,
}

/// What is told, and where.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct OutputArgs {
    /// Differing rows to list of each table
    #[arg(long, value_name = "NUMBER", default_value_t = 20)]
    pub(crate) max_differences: usize,

    /// Shows the differing values themselves, not only their hashes: in the output
    /// and in every report
    #[arg(long)]
    pub(crate) show_values: bool,

    /// The report as JSON on standard output, instead of text
    #[arg(long)]
    pub(crate) json: bool,

    /// Where the day's report goes: a prefix (s3://BUCKET/PREFIX/) or directory for
    /// DATE.json and DATE.html, or a name that ends in .json; conversions are filled in
    #[arg(long, value_name = "PLACE")]
    pub(crate) report: Option<String>,

    /// Where the report goes as a page of HTML: s3://BUCKET/KEY, file:///PATH or a path
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<String>,
}

/// What both sides hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    #[default]
    Auto,
    Sql,
    Csv,
    Tsv,
    MysqlBatch,
    Jsonl,
}

impl WhatArgs {
    /// Joins format, delimiter and header.
    ///
    /// # Errors
    /// A usage failure when the names' endings tell no format, or two.
    pub(crate) fn content(&self, old: &str, new: &str) -> Result<Content, Failure> {
        let format = match self.content {
            Format::Auto => {
                let (first, second) = (Content::from_name(old), Content::from_name(new));
                let (first, second) = (first.map_err(usage)?, second.map_err(usage)?);
                if first != second {
                    let error = anyhow::anyhow!("{old} and {new} have the endings of two formats");
                    return Err(Failure::usage(error).with_remedy("name the format with --content"));
                }
                first
            }
            Format::Sql => Content::Sql,
            Format::Csv => Content::CSV,
            Format::Tsv => Content::TSV,
            Format::MysqlBatch => Content::mysql_batch(true),
            Format::Jsonl => Content::JsonLines,
        };
        Ok(match format {
            Content::Csv { .. } => Content::csv(self.delimiter, self.header),
            Content::Tsv { .. } => Content::tsv(self.header),
            Content::MysqlBatch { .. } => Content::mysql_batch(self.header),
            other => other,
        })
    }
}

fn usage(error: datatransit_dump::compare::Error) -> Failure {
    Failure::usage(error)
}

fn delimiter(text: &str) -> Result<u8, String> {
    match text {
        "\\t" | "tab" => Ok(b'\t'),
        _ => match text.as_bytes() {
            [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\r' | b'\n') => Ok(*byte),
            _ => Err("must be one ASCII character other than a quote, or \\t".to_owned()),
        },
    }
}

impl Cli for CompareCli {
    const PREFIX: &'static str = "COMPARE_DUMPS_";
    const AFTER_HELP: &'static str = "\
Examples:
  Are they the same?            compare-dumps old.sql.gz new.sql.zst
  The daily comparison, reported beside the dumps:
    compare-dumps 's3://bucket/dumps/gghouse_%Y%m%d.sql.gz' \\
      's3://bucket/dumps-new/gghouse_%Y%m%d.sql.gz' \\
      --report s3://bucket/comparison/ --ignore-auto-increment \\
      --lock-file /run/lock/compare-dumps.lock --timeout 2h
  Yesterday again:              compare-dumps --config … --date 2026-11-22
  As a page to read:            compare-dumps old.sql new.sql --html difference.html
  May we cut over?              compare-dumps history --reports s3://bucket/comparison/
  The consumer failed:          compare-dumps flag --reports s3://bucket/comparison/ \\
                                  --date 2026-11-23 --reason 'import stopped at movings'

Every option can also be set by an environment variable (--report is
COMPARE_DUMPS_REPORT; switches take true or false) and in the --config file under
its long name (the arguments are old and new); an argument wins over the
environment, the environment over the file.

Exit codes:
    0  the same
    1  different
    2  trouble: nothing can be said (with --report a report says so)
  130  SIGINT
  143  SIGTERM";

    fn common(&self) -> &Common {
        &self.common
    }

    fn wants_json(&self) -> bool {
        self.output.json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_character_or_a_tab_is_a_delimiter() {
        assert_eq!(delimiter(";"), Ok(b';'));
        assert_eq!(delimiter("\\t"), Ok(b'\t'));
        for text in ["", "ab", "、", "\"", "\n"] {
            assert!(delimiter(text).is_err(), "{text:?}");
        }
    }
}
