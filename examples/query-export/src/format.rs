//! `--format` and the options of each format.

use anyhow::anyhow;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use datatransit_dump::Compression;
use datatransit_dump::export::{
    BinaryForm, CsvOptions, Encoding, Format, JsonLinesOptions, LineEnding, MysqlBatchOptions,
    ParquetOptions, Quote, TsvOptions, Unmappable,
};
use datatransit_job::{ByteSize, Failure};

/// How the rows are written.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Format")]
pub(crate) struct FormatArgs {
    /// csv, tsv, jsonl, parquet or mysql-batch [by the name's ending before .gz or
    /// .zst: .csv, .tsv, .jsonl, .ndjson, .parquet]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "FORMAT")]
    pub(crate) format: Option<Name>,

    /// csv: the one ASCII character between two fields [default: ,]
    #[arg(long, value_name = "CHARACTER")]
    pub(crate) delimiter: Option<String>,

    /// csv: which fields stand in quotes: necessary, always, non-numeric, never [default: necessary]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "WHICH")]
    pub(crate) quote: Option<QuoteName>,

    /// csv, tsv: a first line with the columns' names [default: true]
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        value_parser = BoolishValueParser::new()
    )]
    pub(crate) header: Option<bool>,

    /// csv, tsv: no such line
    #[arg(long)]
    pub(crate) no_header: bool,

    /// csv: crlf or lf [default: crlf]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "ENDING")]
    pub(crate) line_ending: Option<LineEndingName>,

    /// csv: what NULL is, never in quotes [default: nothing]
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(crate) null: Option<String>,

    /// csv: utf-8, utf-8-bom (Excel knows it by the mark) or shift_jis (Windows-31J) [default: utf-8]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "ENCODING")]
    pub(crate) encoding: Option<EncodingName>,

    /// csv: what becomes of a character that the encoding lacks: fail, or geta for a
    /// 〓 in its place [default: fail]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "WHAT")]
    pub(crate) unmappable: Option<UnmappableName>,

    /// csv, tsv, jsonl: bytes without a character set, as hex or base64 [csv and tsv
    /// hex, jsonl base64]
    #[arg(long, value_enum, hide_possible_values = true, value_name = "FORM")]
    pub(crate) binary: Option<BinaryName>,

    /// jsonl: DECIMAL as a number, which readers may round, instead of a string
    #[arg(long)]
    pub(crate) decimals_as_numbers: bool,

    /// parquet: size of a row group before it is encoded; one and its encoded form are in
    /// memory, on top of --memory [default: 32MiB]
    #[arg(long, value_name = "SIZE")]
    pub(crate) row_group: Option<ByteSize>,

    /// parquet: level of the zstd inside, 1 to 22 [default: 3]
    #[arg(long, value_name = "LEVEL")]
    pub(crate) zstd_level: Option<u8>,

    /// parquet: dates that are none, such as 0000-00-00, become NULL instead of ending
    /// the export
    #[arg(long)]
    pub(crate) zero_dates_as_null: bool,

    /// mysql-batch: no line with the columns' names
    #[arg(long)]
    pub(crate) skip_column_names: bool,

    /// mysql-batch: nothing is escaped
    #[arg(long)]
    pub(crate) raw: bool,

    /// mysql-batch: every tab becomes a comma, as sed 's/\t/,/g' made of it
    #[arg(long)]
    pub(crate) tabs_to_commas: bool,
}

/// A format by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Name {
    Csv,
    Tsv,
    Jsonl,
    Parquet,
    MysqlBatch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum QuoteName {
    Necessary,
    Always,
    NonNumeric,
    Never,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum LineEndingName {
    Crlf,
    Lf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum EncodingName {
    #[value(name = "utf-8", alias = "utf8")]
    Utf8,
    #[value(name = "utf-8-bom", alias = "utf8-bom")]
    Utf8Bom,
    #[value(name = "shift_jis", alias = "shift-jis")]
    ShiftJis,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum UnmappableName {
    Fail,
    Geta,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BinaryName {
    Hex,
    Base64,
}

impl FormatArgs {
    /// Chooses the format, by the ending of `key` where none is named, and reads its
    /// options.
    ///
    /// # Errors
    /// A usage failure when the ending tells none, and for an option of another format.
    pub(crate) fn resolve(&self, key: &str) -> Result<Format, Failure> {
        let name = match self.format {
            Some(name) => name,
            None => by_ending(key).ok_or_else(|| {
                Failure::usage(anyhow!("no format is known by the name {key:?}"))
                    .with_remedy("say --format csv, tsv, jsonl, parquet or mysql-batch")
            })?,
        };
        self.refuse_strangers(name)?;
        Ok(match name {
            Name::Csv => Format::Csv(self.csv()?),
            Name::Tsv => Format::Tsv(self.tsv()?),
            Name::Jsonl => Format::JsonLines(self.json_lines()),
            Name::Parquet => Format::Parquet(self.parquet()?),
            Name::MysqlBatch => Format::MysqlBatch(
                MysqlBatchOptions::default()
                    .with_skip_column_names(self.skip_column_names)
                    .with_raw(self.raw)
                    .with_tabs_to_commas(self.tabs_to_commas),
            ),
        })
    }

    /// Each option, whether it was given, and whose it is.
    fn options(&self) -> [(&'static str, bool, &'static [Name]); 16] {
        use Name::{Csv, Jsonl, MysqlBatch, Parquet, Tsv};
        [
            ("--delimiter", self.delimiter.is_some(), &[Csv]),
            ("--quote", self.quote.is_some(), &[Csv]),
            ("--header", self.header.is_some(), &[Csv, Tsv]),
            ("--no-header", self.no_header, &[Csv, Tsv]),
            ("--line-ending", self.line_ending.is_some(), &[Csv]),
            ("--null", self.null.is_some(), &[Csv]),
            ("--encoding", self.encoding.is_some(), &[Csv]),
            ("--unmappable", self.unmappable.is_some(), &[Csv]),
            ("--binary", self.binary.is_some(), &[Csv, Tsv, Jsonl]),
            ("--decimals-as-numbers", self.decimals_as_numbers, &[Jsonl]),
            ("--row-group", self.row_group.is_some(), &[Parquet]),
            ("--zstd-level", self.zstd_level.is_some(), &[Parquet]),
            ("--zero-dates-as-null", self.zero_dates_as_null, &[Parquet]),
            ("--skip-column-names", self.skip_column_names, &[MysqlBatch]),
            ("--raw", self.raw, &[MysqlBatch]),
            ("--tabs-to-commas", self.tabs_to_commas, &[MysqlBatch]),
        ]
    }

    fn refuse_strangers(&self, format: Name) -> Result<(), Failure> {
        for (option, given, owners) in self.options() {
            if given && !owners.contains(&format) {
                let owners: Vec<&str> = owners.iter().map(|owner| owner.text()).collect();
                return Err(Failure::usage(anyhow!(
                    "{option} is an option of {}, and the format is {}",
                    owners.join(" and "),
                    format.text()
                ))
                .with_remedy("leave it out, or name another --format"));
            }
        }
        Ok(())
    }

    fn header(&self) -> Result<bool, Failure> {
        match (self.header, self.no_header) {
            (Some(true), true) => Err(Failure::usage(anyhow!(
                "--header and --no-header contradict each other"
            ))),
            (header, without) => Ok(header.unwrap_or(true) && !without),
        }
    }

    fn csv(&self) -> Result<CsvOptions, Failure> {
        let mut options = CsvOptions::default().with_header(self.header()?);
        if let Some(delimiter) = &self.delimiter {
            let mut characters = delimiter.chars();
            let (Some(delimiter), None) = (characters.next(), characters.next()) else {
                return Err(Failure::usage(anyhow!("--delimiter must be one character")));
            };
            options = options.with_delimiter(delimiter);
        }
        if let Some(quote) = self.quote {
            options = options.with_quote(match quote {
                QuoteName::Necessary => Quote::Necessary,
                QuoteName::Always => Quote::Always,
                QuoteName::NonNumeric => Quote::NonNumeric,
                QuoteName::Never => Quote::Never,
            });
        }
        if self.line_ending == Some(LineEndingName::Lf) {
            options = options.with_line_ending(LineEnding::Lf);
        }
        if let Some(null) = &self.null {
            options = options.with_null(null.clone());
        }
        if let Some(encoding) = self.encoding {
            options = options.with_encoding(match encoding {
                EncodingName::Utf8 => Encoding::Utf8,
                EncodingName::Utf8Bom => Encoding::Utf8Bom,
                EncodingName::ShiftJis => Encoding::ShiftJis,
            });
        }
        if self.unmappable == Some(UnmappableName::Geta) {
            options = options.with_unmappable(Unmappable::Geta);
        }
        if let Some(binary) = self.binary() {
            options = options.with_binary(binary);
        }
        Ok(options)
    }

    fn tsv(&self) -> Result<TsvOptions, Failure> {
        let options = TsvOptions::default().with_header(self.header()?);
        Ok(match self.binary() {
            Some(binary) => options.with_binary(binary),
            None => options,
        })
    }

    fn json_lines(&self) -> JsonLinesOptions {
        let options =
            JsonLinesOptions::default().with_decimals_as_numbers(self.decimals_as_numbers);
        match self.binary() {
            Some(binary) => options.with_binary(binary),
            None => options,
        }
    }

    fn parquet(&self) -> Result<ParquetOptions, Failure> {
        let mut options =
            ParquetOptions::default().with_zero_dates_as_null(self.zero_dates_as_null);
        if let Some(size) = self.row_group {
            let bytes = usize::try_from(size.bytes())
                .map_err(|_| Failure::usage(anyhow!("--row-group is too large")))?;
            options = options.with_row_group_bytes(bytes);
        }
        if let Some(level) = self.zstd_level {
            options = options.with_zstd_level(i32::from(level));
        }
        Ok(options)
    }

    fn binary(&self) -> Option<BinaryForm> {
        self.binary.map(|binary| match binary {
            BinaryName::Hex => BinaryForm::Hex,
            BinaryName::Base64 => BinaryForm::Base64,
        })
    }
}

impl Name {
    const fn text(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Parquet => "parquet",
            Self::MysqlBatch => "mysql-batch",
        }
    }
}

fn by_ending(key: &str) -> Option<Name> {
    let key = key.to_ascii_lowercase();
    let name = [".gz", ".zst"]
        .iter()
        .find_map(|codec| key.strip_suffix(codec))
        .unwrap_or(&key);
    match name.rsplit_once('.')?.1 {
        "csv" => Some(Name::Csv),
        "tsv" => Some(Name::Tsv),
        "jsonl" | "ndjson" => Some(Name::Jsonl),
        "parquet" => Some(Name::Parquet),
        _ => None,
    }
}

/// The object's MIME type: that of the compression around it, if there is one.
pub(crate) fn content_type(format: &Format, compression: Compression) -> &'static str {
    match compression {
        Compression::None => format.content_type(),
        codec => codec.content_type(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(key: &str) -> Option<&'static str> {
        let format = FormatArgs::default().resolve(key).ok()?;
        Some(format.name())
    }

    #[test]
    fn the_ending_tells_the_format_and_the_codec_does_not_matter() {
        for (key, format) in [
            ("x.csv", "csv"),
            ("x.CSV.gz", "csv"),
            ("x.tsv.zst", "tsv"),
            ("a.csv.jsonl", "jsonl"),
            ("x.ndjson.gz", "jsonl"),
            ("x.parquet", "parquet"),
        ] {
            assert_eq!(name(key), Some(format), "{key}");
        }
        for key in ["x.txt", "x.txt.gz", "csv", "", "x.sql", "x.csv.bz2"] {
            assert_eq!(name(key), None, "{key}");
        }
    }

    #[test]
    fn an_option_belongs_to_its_formats_only() {
        let args = FormatArgs {
            null: Some("x".to_owned()),
            ..FormatArgs::default()
        };
        assert!(args.resolve("x.csv").is_ok());
        let failure = args.resolve("x.tsv").unwrap_err();
        assert_eq!(
            failure.reason(),
            "--null is an option of csv, and the format is tsv"
        );
    }

    #[test]
    fn every_option_of_the_command_line_is_in_the_table() {
        use clap::CommandFactory as _;
        let command = crate::cli::Cli::command();
        let table = FormatArgs::default().options();
        let args = command.get_arguments();
        for arg in args.filter(|arg| arg.get_help_heading() == Some("Format")) {
            let long = format!("--{}", arg.get_long().unwrap());
            let listed = table.iter().any(|(option, _, _)| *option == long);
            assert!(listed || long == "--format", "{long}");
        }
    }

    #[test]
    fn the_header_is_there_unless_it_is_not_wanted() {
        let header = |header, no_header| {
            FormatArgs {
                header,
                no_header,
                ..FormatArgs::default()
            }
            .header()
        };
        assert!(header(None, false).unwrap());
        assert!(!header(None, true).unwrap());
        assert!(!header(Some(false), false).unwrap());
        assert!(!header(Some(false), true).unwrap());
        assert!(header(Some(true), true).is_err());
    }
}
