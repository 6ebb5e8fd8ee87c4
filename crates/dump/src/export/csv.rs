//! Comma-separated values as RFC 4180 has them.

use std::borrow::Cow;

use super::binary::{BinaryForm, bits};
use super::column::{Kind, ResultColumn};
use super::encoding::{Encoding, Unmappable};
use super::format::{RowWriter, unwritable};
use crate::error::Error;
use crate::source::Cells;

/// Which fields stand in quotes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quote {
    /// Those that need it: the empty string and a value like the text for NULL are told from NULL
    /// by it.
    #[default]
    Necessary,
    /// All but NULL.
    Always,
    /// All but NULL and numbers unlike its text.
    NonNumeric,
    /// None: a value that needs quotes, be it to be told from the text for NULL, ends the export
    /// with an error that names column and row.
    /// The empty string and NULL then look alike, unless NULL has a text.
    Never,
}

/// How a line ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineEnding {
    /// CR LF, as RFC 4180 has it.
    #[default]
    CrLf,
    /// LF.
    Lf,
}

/// How comma-separated values are written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CsvOptions {
    /// Between two fields: one ASCII character. Default: `,`.
    pub delimiter: char,
    /// Which fields stand in quotes. Default: those that need it.
    pub quote: Quote,
    /// A first line with the columns' names. Default: true.
    pub header: bool,
    /// How a line ends. Default: CR LF.
    pub line_ending: LineEnding,
    /// What NULL is: this text, never in quotes. Default: nothing between two delimiters.
    pub null: String,
    /// How characters are encoded. Default: UTF-8.
    pub encoding: Encoding,
    /// What becomes of a character that the encoding lacks. Default: an error.
    pub unmappable: Unmappable,
    /// Bytes without a character set. Default: hex.
    pub binary: BinaryForm,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            delimiter: ',',
            quote: Quote::default(),
            header: true,
            line_ending: LineEnding::default(),
            null: String::new(),
            encoding: Encoding::default(),
            unmappable: Unmappable::default(),
            binary: BinaryForm::default(),
        }
    }
}

impl CsvOptions {
    /// The character between two fields.
    #[must_use]
    pub const fn with_delimiter(mut self, delimiter: char) -> Self {
        self.delimiter = delimiter;
        self
    }

    /// Which fields stand in quotes.
    #[must_use]
    pub const fn with_quote(mut self, quote: Quote) -> Self {
        self.quote = quote;
        self
    }

    /// With or without a line of names.
    #[must_use]
    pub const fn with_header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// How a line ends.
    #[must_use]
    pub const fn with_line_ending(mut self, ending: LineEnding) -> Self {
        self.line_ending = ending;
        self
    }

    /// What NULL is.
    #[must_use]
    pub fn with_null(mut self, text: impl Into<String>) -> Self {
        self.null = text.into();
        self
    }

    /// How characters are encoded.
    #[must_use]
    pub const fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// What becomes of a character that the encoding lacks.
    #[must_use]
    pub const fn with_unmappable(mut self, unmappable: Unmappable) -> Self {
        self.unmappable = unmappable;
        self
    }

    /// How bytes without a character set are written.
    #[must_use]
    pub const fn with_binary(mut self, binary: BinaryForm) -> Self {
        self.binary = binary;
        self
    }

    pub(super) fn check(&self) -> Result<(), Error> {
        let reason = if !self.delimiter.is_ascii() || matches!(self.delimiter, '"' | '\r' | '\n') {
            "the delimiter must be one ASCII character, and neither a quote nor a line end"
        } else if self.null.contains([self.delimiter, '"', '\r', '\n']) {
            "the text for NULL must not hold the delimiter, a quote or a line end"
        } else if !self.null.is_ascii() {
            "the text for NULL must be ASCII"
        } else {
            return Ok(());
        };
        Err(Error::Query {
            reason: reason.to_owned(),
        })
    }
}

pub(super) struct CsvWriter {
    options: CsvOptions,
    columns: Vec<ResultColumn>,
    rows: u64,
}

impl CsvWriter {
    pub(super) fn new(options: &CsvOptions, columns: &[ResultColumn]) -> Self {
        Self {
            options: options.clone(),
            columns: columns.to_vec(),
            rows: 0,
        }
    }

    fn end_line(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(match self.options.line_ending {
            LineEnding::CrLf => b"\r\n",
            LineEnding::Lf => b"\n",
        });
    }

    /// A field that is not NULL.
    fn field(&self, text: &str, column: &ResultColumn, out: &mut Vec<u8>) -> Result<(), Error> {
        let wrong = |problem: &str| unwritable(&column.name, self.rows, problem);
        let needed = self.needs_quotes(text);
        let as_null = text == self.options.null;
        // Readers skip an empty line.
        let no_line = text.is_empty() && self.columns.len() == 1;
        let quoted = match self.options.quote {
            Quote::Necessary => needed || as_null || no_line,
            Quote::Always => true,
            Quote::NonNumeric => {
                let number = column.kind.is_number() || matches!(column.kind, Kind::Bit(_));
                needed || as_null || !number
            }
            Quote::Never if needed || no_line || (as_null && !text.is_empty()) => {
                return Err(wrong("it needs quotes, and none are to be written"));
            }
            Quote::Never => false,
        };
        let text = if quoted {
            Cow::Owned(in_quotes(text))
        } else {
            Cow::Borrowed(text)
        };
        let encoded = self
            .options
            .encoding
            .encode(&text, self.options.unmappable, out);
        encoded.map_err(|_| wrong("it holds a character that the encoding lacks"))
    }

    fn needs_quotes(&self, text: &str) -> bool {
        // At the beginning of a file a byte order mark would be taken for one.
        text.starts_with('\u{FEFF}') || text.contains([self.options.delimiter, '"', '\r', '\n'])
    }
}

/// Doubles the quotes, by the rules of the `csv` crates.
fn in_quotes(text: &str) -> String {
    let mut out = vec![0; text.len() * 2 + 2];
    out[0] = b'"';
    let (_, _, written) = csv_core::quote(text.as_bytes(), &mut out[1..], b'"', b'"', true);
    out.truncate(written + 1);
    out.push(b'"');
    String::from_utf8(out).unwrap_or_default()
}

impl RowWriter for CsvWriter {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        out.extend_from_slice(self.options.encoding.mark());
        if !self.options.header {
            return Ok(());
        }
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                out.push(self.delimiter());
            }
            // A name is no number, whatever the column holds.
            let named = ResultColumn {
                kind: Kind::Text,
                ..column.clone()
            };
            self.field(&column.name, &named, out)?;
        }
        self.end_line(out);
        Ok(())
    }

    fn row(&mut self, row: &dyn Cells, out: &mut Vec<u8>) -> Result<(), Error> {
        self.rows += 1;
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                out.push(self.delimiter());
            }
            let Some(value) = row.cell(index) else {
                if self.columns.len() == 1 && self.options.null.is_empty() {
                    return Err(unwritable(
                        &column.name,
                        self.rows,
                        "NULL in an only column would be an empty line, which readers skip: \
                         choose a text for NULL",
                    ));
                }
                out.extend_from_slice(self.options.null.as_bytes());
                continue;
            };
            match column.kind {
                Kind::Bit(_) => self.field(&bits(value).to_string(), column, out)?,
                Kind::Binary => self.field(&self.options.binary.print(value), column, out)?,
                _ => {
                    let text = std::str::from_utf8(value)
                        .map_err(|_| unwritable(&column.name, self.rows, "it is not UTF-8"))?;
                    self.field(text, column, out)?;
                }
            }
        }
        self.end_line(out);
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<u8>) -> Result<(), Error> {
        Ok(())
    }

    fn written_as(&self) -> Vec<String> {
        let form = |column: &ResultColumn| match column.kind {
            Kind::Bit(_) => "number".to_owned(),
            Kind::Binary => self.options.binary.name().to_owned(),
            _ => "text of the server".to_owned(),
        };
        self.columns.iter().map(form).collect()
    }
}

impl CsvWriter {
    /// Checked to be ASCII.
    fn delimiter(&self) -> u8 {
        u8::try_from(self.options.delimiter).unwrap_or(b',')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Row(Vec<Option<String>>);

    impl Cells for Row {
        fn cell(&self, index: usize) -> Option<&[u8]> {
            self.0[index].as_deref().map(str::as_bytes)
        }
    }

    fn columns(kinds: &[Kind]) -> Vec<ResultColumn> {
        let column = |(index, kind): (usize, &Kind)| ResultColumn {
            name: format!("c{index}"),
            kind: *kind,
            mysql_type: String::new(),
            nullable: true,
        };
        kinds.iter().enumerate().map(column).collect()
    }

    fn written(
        options: &CsvOptions,
        kinds: &[Kind],
        row: &[Option<&str>],
    ) -> Result<String, Error> {
        options.check()?;
        let mut writer = CsvWriter::new(options, &columns(kinds));
        let mut out = Vec::new();
        let row = Row(row.iter().map(|cell| cell.map(str::to_owned)).collect());
        writer.row(&row, &mut out)?;
        Ok(String::from_utf8(out).unwrap())
    }

    const TEXT: Kind = Kind::Text;
    const INT: Kind = Kind::Integer {
        bits: 32,
        unsigned: false,
    };

    #[test]
    fn each_policy_quotes_its_own() {
        let row = [Some("a"), Some("1"), Some(""), None, Some("x,\"y\"")];
        let kinds = [TEXT, INT, TEXT, TEXT, TEXT];
        let shown = |quote| {
            let options = CsvOptions::default().with_quote(quote);
            written(&options, &kinds, &row)
        };
        assert_eq!(
            shown(Quote::Necessary).unwrap(),
            "a,1,\"\",,\"x,\"\"y\"\"\"\r\n"
        );
        assert_eq!(
            shown(Quote::Always).unwrap(),
            "\"a\",\"1\",\"\",,\"x,\"\"y\"\"\"\r\n"
        );
        assert_eq!(
            shown(Quote::NonNumeric).unwrap(),
            "\"a\",1,\"\",,\"x,\"\"y\"\"\"\r\n"
        );
        let error = shown(Quote::Never).unwrap_err().to_string();
        assert!(
            error.contains("c4") && error.contains("row 1") && !error.contains('y'),
            "{error}"
        );
    }

    #[test]
    fn null_has_its_own_text_and_a_value_like_it_is_quoted() {
        let options = CsvOptions::default()
            .with_null("NULL")
            .with_line_ending(LineEnding::Lf);
        let row = [None, Some("NULL"), Some("")];
        assert_eq!(
            written(&options, &[TEXT; 3], &row).unwrap(),
            "NULL,\"NULL\",\n"
        );
        let error = written(&CsvOptions::default(), &[TEXT], &[None]).unwrap_err();
        assert!(error.to_string().contains("text for NULL"), "{error}");
        assert_eq!(
            written(&CsvOptions::default(), &[TEXT], &[Some("")]).unwrap(),
            "\"\"\r\n"
        );
    }

    #[test]
    fn what_would_be_taken_for_null_or_for_no_line_is_quoted_or_refused() {
        let told = |quote| CsvOptions::default().with_null("0").with_quote(quote);
        for quote in [Quote::Necessary, Quote::Always, Quote::NonNumeric] {
            let empty = written(&told(quote), &[TEXT], &[Some("")]);
            assert_eq!(empty.unwrap(), "\"\"\r\n", "{quote:?}");
            let number = written(&told(quote), &[INT], &[Some("0")]);
            assert_eq!(number.unwrap(), "\"0\"\r\n", "{quote:?}");
        }
        for text in ["", "0"] {
            let error = written(&told(Quote::Never), &[TEXT], &[Some(text)]).unwrap_err();
            assert!(error.to_string().contains("needs quotes"), "{error}");
        }
        let two = CsvOptions::default().with_quote(Quote::Never);
        assert_eq!(
            written(&two, &[TEXT; 2], &[Some(""), None]).unwrap(),
            ",\r\n"
        );
    }

    #[test]
    fn options_that_make_no_sense_are_refused() {
        for options in [
            CsvOptions::default().with_delimiter('"'),
            CsvOptions::default().with_delimiter('、'),
            CsvOptions::default().with_null("a,b"),
            CsvOptions::default().with_null("無"),
        ] {
            assert!(options.check().is_err(), "{options:?}");
        }
    }

    #[test]
    fn a_character_that_is_lacking_names_column_and_row() {
        let options = CsvOptions::default().with_encoding(Encoding::ShiftJis);
        let error = written(&options, &[TEXT], &[Some("😀 canary")])
            .unwrap_err()
            .to_string();
        assert!(error.contains("c0") && !error.contains("canary"), "{error}");
    }

    proptest! {
        #[test]
        fn a_reader_gets_the_fields_back(
            fields in proptest::collection::vec("(?s).{0,12}", 2..6),
            delimiter in prop_oneof![Just(','), Just(';'), Just('\t'), Just('|')],
            quote in prop_oneof![Just(Quote::Necessary), Just(Quote::Always), Just(Quote::NonNumeric)],
        ) {
            let options = CsvOptions::default().with_delimiter(delimiter).with_quote(quote);
            let row: Vec<Option<&str>> = fields.iter().map(|field| Some(field.as_str())).collect();
            let text = written(&options, &vec![TEXT; fields.len()], &row).unwrap();
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .delimiter(u8::try_from(delimiter).unwrap())
                .from_reader(text.as_bytes());
            let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(records.len(), 1);
            prop_assert_eq!(records[0].iter().collect::<Vec<_>>(), fields);
        }
    }
}
