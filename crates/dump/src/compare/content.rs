//! What the text is: SQL, or one of the exports.

use super::error::Error;

/// What both sides hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Content {
    /// By the names' endings, those of codecs aside: `.csv`, `.tsv`, `.jsonl` or `.ndjson`;
    /// anything else is SQL.
    #[default]
    Auto,
    /// A dump.
    Sql,
    /// RFC 4180; quoting and line ends do not count as data.
    #[non_exhaustive]
    Csv {
        /// Between fields, `,` by default.
        delimiter: u8,
        /// Whether the first record names the columns; default yes. Names are shown in
        /// reports: if it is data, say no.
        header: bool,
    },
    /// Tabs between fields, a record per line, backslash escapes kept as they are.
    #[non_exhaustive]
    Tsv {
        /// Whether the first line names the columns; default yes.
        header: bool,
    },
    /// As `mysql --batch` prints it.
    #[non_exhaustive]
    MysqlBatch {
        /// Whether the first line names the columns: not under `--skip-column-names`.
        header: bool,
    },
    /// One JSON object per line.
    JsonLines,
}

impl Content {
    /// CSV with commas and a header.
    pub const CSV: Self = Self::Csv {
        delimiter: b',',
        header: true,
    };
    /// TSV with a header.
    pub const TSV: Self = Self::Tsv { header: true };

    /// CSV with another delimiter, or without a header.
    #[must_use]
    pub const fn csv(delimiter: u8, header: bool) -> Self {
        Self::Csv { delimiter, header }
    }

    /// TSV with or without a header.
    #[must_use]
    pub const fn tsv(header: bool) -> Self {
        Self::Tsv { header }
    }

    /// `mysql --batch`, with or without the line of column names.
    #[must_use]
    pub const fn mysql_batch(header: bool) -> Self {
        Self::MysqlBatch { header }
    }

    /// The content that a name's ending stands for; endings of codecs are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownFormat`] for Parquet.
    pub fn from_name(name: &str) -> Result<Self, Error> {
        let mut rest = name.to_ascii_lowercase();
        for codec in [".gz", ".zst", ".zstd"] {
            if let Some(stem) = rest.strip_suffix(codec) {
                rest = stem.to_owned();
                break;
            }
        }
        let ending = rest.rsplit_once('.').map_or("", |(_, ending)| ending);
        Ok(match ending {
            "csv" => Self::CSV,
            "tsv" => Self::TSV,
            "jsonl" | "ndjson" => Self::JsonLines,
            "parquet" => return Err(parquet(name)),
            _ => Self::Sql,
        })
    }

    /// Resolves `Auto` for two names.
    pub(crate) fn resolve(self, old: &str, new: &str) -> Result<Self, Error> {
        if self != Self::Auto {
            return Ok(self);
        }
        let (first, second) = (Self::from_name(old)?, Self::from_name(new)?);
        if first == second {
            return Ok(first);
        }
        Err(Error::Options(format!(
            "{old} and {new} have endings of different formats: say which format both have"
        )))
    }
}

/// What to say of Parquet.
pub(crate) fn parquet(name: &str) -> Error {
    Error::UnknownFormat {
        input: name.into(),
        format: "Parquet".into(),
        remedy: "compare it with a Parquet reader, or export the query as CSV or JSON lines".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_before_the_codec_decides() {
        let of = |name| Content::from_name(name).unwrap();
        assert_eq!(of("s3://b/dump_20261123.sql.gz"), Content::Sql);
        assert_eq!(of("a.CSV.zst"), Content::CSV);
        assert_eq!(of("a.jsonl"), Content::JsonLines);
        assert_eq!(of("noending"), Content::Sql);
        let error = Content::from_name("a.parquet").unwrap_err();
        assert!(error.to_string().contains("Parquet reader"), "{error}");
        assert!(Content::Auto.resolve("a.csv", "b.sql").is_err());
    }
}
