//! Values between tabs, with backslash escapes: `LOAD DATA` reads them with its defaults.

use super::binary::{BinaryForm, bits};
use super::column::{Kind, ResultColumn};
use super::format::RowWriter;
use crate::error::Error;
use crate::source::Cells;

/// How tab-separated values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct TsvOptions {
    /// A first line with the columns' names. Default: true.
    pub header: bool,
    /// Bytes without a character set. Default: hex.
    pub binary: BinaryForm,
}

impl Default for TsvOptions {
    fn default() -> Self {
        Self {
            header: true,
            binary: BinaryForm::default(),
        }
    }
}

impl TsvOptions {
    /// With or without a line of names.
    #[must_use]
    pub const fn with_header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// How bytes without a character set are written.
    #[must_use]
    pub const fn with_binary(mut self, binary: BinaryForm) -> Self {
        self.binary = binary;
        self
    }
}

pub(super) struct TsvWriter {
    options: TsvOptions,
    columns: Vec<ResultColumn>,
}

impl TsvWriter {
    pub(super) fn new(options: TsvOptions, columns: &[ResultColumn]) -> Self {
        Self {
            options,
            columns: columns.to_vec(),
        }
    }
}

impl RowWriter for TsvWriter {
    fn begin(&mut self, out: &mut Vec<u8>) -> Result<(), Error> {
        if self.options.header {
            for (index, column) in self.columns.iter().enumerate() {
                if index > 0 {
                    out.push(b'\t');
                }
                escape(out, column.name.as_bytes());
            }
            out.push(b'\n');
        }
        Ok(())
    }

    fn row(&mut self, row: &dyn Cells, out: &mut Vec<u8>) -> Result<(), Error> {
        for (index, column) in self.columns.iter().enumerate() {
            if index > 0 {
                out.push(b'\t');
            }
            match (row.cell(index), column.kind) {
                (None, _) => out.extend_from_slice(b"\\N"),
                (Some(value), Kind::Bit(_)) => {
                    out.extend_from_slice(bits(value).to_string().as_bytes());
                }
                (Some(value), Kind::Binary) => {
                    out.extend_from_slice(self.options.binary.print(value).as_bytes());
                }
                (Some(value), _) => escape(out, value),
            }
        }
        out.push(b'\n');
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

fn escape(out: &mut Vec<u8>, value: &[u8]) {
    for byte in value {
        match byte {
            0 => out.extend_from_slice(b"\\0"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\\' => out.extend_from_slice(b"\\\\"),
            _ => out.push(*byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_never_holds_a_separator() {
        let mut out = Vec::new();
        escape(&mut out, b"a\tb\nc\rd\\e\0f");
        assert_eq!(out, b"a\\tb\\nc\\rd\\\\e\\0f");
    }
}
