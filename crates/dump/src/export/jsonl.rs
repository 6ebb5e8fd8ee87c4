//! A JSON object a line.

use super::binary::{BinaryForm, bits};
use super::column::{Kind, ResultColumn};
use super::format::{RowWriter, unwritable};
use crate::error::Error;
use crate::source::Cells;

/// How JSON lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct JsonLinesOptions {
    /// DECIMAL as a JSON number with the server's digits; else as a string, which no reader
    /// rounds. Default: false.
    pub decimals_as_numbers: bool,
    /// Bytes without a character set. Default: base64.
    pub binary: BinaryForm,
}

impl Default for JsonLinesOptions {
    fn default() -> Self {
        Self {
            decimals_as_numbers: false,
            binary: BinaryForm::Base64,
        }
    }
}

impl JsonLinesOptions {
    /// DECIMAL as a number.
    #[must_use]
    pub const fn with_decimals_as_numbers(mut self, numbers: bool) -> Self {
        self.decimals_as_numbers = numbers;
        self
    }

    /// How bytes without a character set are written.
    #[must_use]
    pub const fn with_binary(mut self, binary: BinaryForm) -> Self {
        self.binary = binary;
        self
    }
}

pub(super) struct JsonLinesWriter {
    options: JsonLinesOptions,
    columns: Vec<ResultColumn>,
    /// `"name":` of each column, with what goes before it.
    keys: Vec<Vec<u8>>,
    rows: u64,
}

impl JsonLinesWriter {
    pub(super) fn new(options: JsonLinesOptions, columns: &[ResultColumn]) -> Result<Self, Error> {
        let mut keys: Vec<Vec<u8>> = Vec::new();
        for (index, column) in columns.iter().enumerate() {
            if columns[..index]
                .iter()
                .any(|other| other.name == column.name)
            {
                return Err(Error::Query {
                    reason: format!(
                        "two columns are called {:?}, and an object has one member of a name: \
                         rename one with AS",
                        column.name
                    ),
                });
            }
            let mut key = vec![if index == 0 { b'{' } else { b',' }];
            string(&mut key, &column.name);
            key.push(b':');
            keys.push(key);
        }
        Ok(Self {
            options,
            columns: columns.to_vec(),
            keys,
            rows: 0,
        })
    }

    fn is_number(&self, kind: Kind) -> bool {
        match kind {
            Kind::Decimal { .. } => self.options.decimals_as_numbers,
            kind => kind.is_number(),
        }
    }
}

impl RowWriter for JsonLinesWriter {
    fn begin(&mut self, _out: &mut Vec<u8>) -> Result<(), Error> {
        Ok(())
    }

    fn row(&mut self, row: &dyn Cells, out: &mut Vec<u8>) -> Result<(), Error> {
        self.rows += 1;
        for (index, (column, key)) in self.columns.iter().zip(&self.keys).enumerate() {
            out.extend_from_slice(key);
            let Some(value) = row.cell(index) else {
                out.extend_from_slice(b"null");
                continue;
            };
            match column.kind {
                Kind::Bit(_) => out.extend_from_slice(bits(value).to_string().as_bytes()),
                Kind::Binary => string(out, &self.options.binary.print(value)),
                Kind::Json => out.extend_from_slice(value),
                kind => {
                    let text = std::str::from_utf8(value)
                        .map_err(|_| unwritable(&column.name, self.rows, "it is not UTF-8"))?;
                    if self.is_number(kind) {
                        number(out, text);
                    } else {
                        string(out, text);
                    }
                }
            }
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<u8>) -> Result<(), Error> {
        Ok(())
    }

    fn written_as(&self) -> Vec<String> {
        let form = |column: &ResultColumn| match column.kind {
            Kind::Bit(_) => "number",
            Kind::Json => "JSON",
            Kind::Binary if self.options.binary == BinaryForm::Hex => "string of hex",
            Kind::Binary => "string of base64",
            kind if self.is_number(kind) => "number",
            _ => "string",
        };
        let forms = self.columns.iter().map(form);
        forms.map(str::to_owned).collect()
    }
}

/// The server's digits; JSON allows no zeros before them, which ZEROFILL and YEAR have.
fn number(out: &mut Vec<u8>, text: &str) {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let mut digits = digits.trim_start_matches('0');
    out.extend_from_slice(sign.as_bytes());
    if digits.is_empty() || !digits.as_bytes()[0].is_ascii_digit() {
        out.push(b'0');
    }
    // A server never ends a number in a point, but an empty fraction would be no JSON.
    digits = digits.strip_suffix('.').unwrap_or(digits);
    out.extend_from_slice(digits.as_bytes());
}

fn string(out: &mut Vec<u8>, text: &str) {
    // Into a vector, and of a string: neither can fail.
    let written = serde_json::to_writer(out, text);
    debug_assert!(written.is_ok(), "a string is JSON");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    struct Row(Vec<Option<Vec<u8>>>);

    impl Cells for Row {
        fn cell(&self, index: usize) -> Option<&[u8]> {
            self.0[index].as_deref()
        }
    }

    fn column(name: &str, kind: Kind) -> ResultColumn {
        ResultColumn {
            name: name.to_owned(),
            kind,
            mysql_type: String::new(),
            nullable: true,
        }
    }

    #[test]
    fn numbers_are_json_and_keep_their_digits() {
        let shown = |text: &str| {
            let mut out = Vec::new();
            number(&mut out, text);
            String::from_utf8(out).unwrap()
        };
        for (text, expected) in [
            ("0", "0"),
            ("00042", "42"),
            ("0000", "0"),
            ("-0", "-0"),
            ("0.10", "0.10"),
            ("-00.5", "-0.5"),
            ("1e308", "1e308"),
            ("18446744073709551615", "18446744073709551615"),
        ] {
            assert_eq!(shown(text), expected);
            serde_json::from_str::<serde_json::Value>(expected).unwrap();
        }
    }

    #[test]
    fn two_columns_of_one_name_are_refused() {
        let columns = [column("a", Kind::Text), column("a", Kind::Text)];
        let error = JsonLinesWriter::new(JsonLinesOptions::default(), &columns).err();
        assert!(error.unwrap().to_string().contains("AS"));
    }

    proptest! {
        #[test]
        fn a_line_is_read_back(name in "\\PC{0,8}", text in any::<String>(), bytes in any::<Vec<u8>>()) {
            let columns = [column(&name, Kind::Text), column(&format!("{name}2"), Kind::Binary)];
            let mut writer = JsonLinesWriter::new(JsonLinesOptions::default(), &columns).unwrap();
            let mut out = Vec::new();
            let row = Row(vec![Some(text.clone().into_bytes()), Some(bytes.clone())]);
            writer.row(&row, &mut out).unwrap();
            prop_assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
            let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(value[&name].as_str(), Some(text.as_str()));
            let expected = BinaryForm::Base64.print(&bytes);
            prop_assert_eq!(value[&format!("{name}2")].as_str(), Some(expected.as_str()));
        }
    }
}
