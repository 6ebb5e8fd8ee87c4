//! `mysql --batch`, byte for byte: what the old jobs stored.

use super::column::ResultColumn;
use super::format::RowWriter;
use crate::error::Error;
use crate::source::Cells;

/// The options of `mysql --batch` that change its bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MysqlBatchOptions {
    /// `--skip-column-names`: no line of names. Default: false.
    pub skip_column_names: bool,
    /// `--raw`: nothing is escaped, so that a tab or a line end in a value breaks the file.
    /// Default: false.
    pub raw: bool,
    /// Every tab becomes a comma, as `sed 's/\t/,/g'` made of it. Default: false.
    pub tabs_to_commas: bool,
}

impl MysqlBatchOptions {
    /// Leaves the line of names out.
    #[must_use]
    pub const fn with_skip_column_names(mut self, skip: bool) -> Self {
        self.skip_column_names = skip;
        self
    }

    /// Escapes nothing.
    #[must_use]
    pub const fn with_raw(mut self, raw: bool) -> Self {
        self.raw = raw;
        self
    }

    /// Makes every tab a comma.
    #[must_use]
    pub const fn with_tabs_to_commas(mut self, commas: bool) -> Self {
        self.tabs_to_commas = commas;
        self
    }
}

pub(super) struct MysqlBatchWriter {
    options: MysqlBatchOptions,
    names: Vec<String>,
    rows: u64,
}

impl MysqlBatchWriter {
    pub(super) fn new(options: MysqlBatchOptions, columns: &[ResultColumn]) -> Self {
        Self {
            options,
            names: columns.iter().map(|column| column.name.clone()).collect(),
            rows: 0,
        }
    }

    const fn separator(&self) -> u8 {
        if self.options.tabs_to_commas {
            b','
        } else {
            b'\t'
        }
    }

    /// Names and raw values: nothing is escaped, but `sed` sees their tabs too.
    fn verbatim(&self, out: &mut Vec<u8>, value: &[u8]) {
        let start = out.len();
        out.extend_from_slice(value);
        if self.options.tabs_to_commas {
            for byte in &mut out[start..] {
                if *byte == b'\t' {
                    *byte = b',';
                }
            }
        }
    }
}

impl RowWriter for MysqlBatchWriter {
    fn begin(&mut self, _out: &mut Vec<u8>) -> Result<(), Error> {
        Ok(())
    }

    fn row(&mut self, row: &dyn Cells, out: &mut Vec<u8>) -> Result<(), Error> {
        // The clients print the names with the first row: an empty result is an empty file.
        if self.rows == 0 && !self.options.skip_column_names {
            for (index, name) in self.names.iter().enumerate() {
                if index > 0 {
                    out.push(self.separator());
                }
                self.verbatim(out, name.as_bytes());
            }
            out.push(b'\n');
        }
        self.rows += 1;
        for index in 0..self.names.len() {
            if index > 0 {
                out.push(self.separator());
            }
            match row.cell(index) {
                None => out.extend_from_slice(b"NULL"),
                Some(value) if self.options.raw => self.verbatim(out, value),
                Some(value) => escape(out, value),
            }
        }
        out.push(b'\n');
        Ok(())
    }

    fn end(&mut self, _out: &mut Vec<u8>) -> Result<(), Error> {
        Ok(())
    }

    fn written_as(&self) -> Vec<String> {
        vec!["text of the server".to_owned(); self.names.len()]
    }
}

fn escape(out: &mut Vec<u8>, value: &[u8]) {
    let mut rest = value;
    while let Some(at) = rest
        .iter()
        .position(|byte| matches!(byte, 0 | b'\t' | b'\n' | b'\\'))
    {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(match rest[at] {
            0 => b"\\0",
            b'\t' => b"\\t",
            b'\n' => b"\\n",
            _ => b"\\\\",
        });
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}
