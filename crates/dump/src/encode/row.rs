//! One row as text, and rows in batches.

use mysql_async::Column;
use mysql_async::consts::{ColumnFlags, ColumnType};

use super::freshness::Freshness;
use super::literal::{Escapes, escape, hex};
use crate::flavour::Client;
use crate::options::DumpOptions;
use crate::source::Cells;

/// Rows on their way from the reader to the packer.
#[derive(Debug, Default)]
pub(crate) struct RowBatch {
    /// Row texts, one after the other, parentheses included.
    pub(crate) text: Vec<u8>,
    /// The length of each row's text.
    pub(crate) lengths: Vec<usize>,
}

impl RowBatch {
    /// An empty batch with room for this much text.
    pub(crate) fn with_capacity(bytes: usize) -> Self {
        Self {
            text: Vec::with_capacity(bytes),
            lengths: Vec::new(),
        }
    }
}

/// The options that decide the form of a value.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowForm {
    client: Client,
    escapes: Escapes,
    hex_blob: bool,
    extended: bool,
}

impl RowForm {
    pub(crate) fn new(options: &DumpOptions, client: Client) -> Self {
        let longest = options.charset(client).longest_character();
        Self {
            client,
            escapes: Escapes::new(client.flavour(), longest),
            hex_blob: options.hex_blob,
            extended: options.extended_insert,
        }
    }
}

/// How the cells of one table are printed.
#[derive(Debug)]
pub(crate) struct RowEncoder {
    /// The columns printed: their places in the result, and how.
    columns: Vec<(usize, CellKind)>,
    /// What a row begins with.
    opening: &'static [u8],
    escapes: Escapes,
    /// Whether an empty binary value keeps its introducer.
    introduces_empty: bool,
    freshness: Freshness,
}

/// What the definition of a column says about the printing of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Printing {
    /// As the result's metadata say.
    #[default]
    ByMetadata,
    /// As bits, though the metadata call it a string (a VECTOR of MariaDB).
    AsBits,
    /// Not at all.
    LeftOut,
}

/// What the metadata of a column says about the printing of its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CellKind {
    /// Bare, unless it is no number (inf, nan), which is NULL.
    Number,
    /// In quotes, escaped.
    Text,
    /// In quotes, escaped, after `_binary `.
    Introduced,
    /// `0x…`.
    Hex,
}

/// The number of the character set `binary`, which marks columns without a character set.
const BINARY: u16 = 63;

impl RowEncoder {
    /// Prepares for a result with these columns; those without a word in `printings` are
    /// printed by their metadata.
    pub(crate) fn new(
        columns: &[Column],
        printings: &[Printing],
        form: RowForm,
        freshness_column: Option<&str>,
    ) -> Self {
        let freshness = Freshness::of(columns, freshness_column);
        let printing = |index: usize| printings.get(index).copied().unwrap_or_default();
        let columns: Vec<(usize, CellKind)> = columns
            .iter()
            .enumerate()
            .filter(|(index, _)| printing(*index) != Printing::LeftOut)
            .map(|(index, column)| (index, CellKind::of(column, printing(index), form)))
            .collect();
        // With one row a statement, MySQL's client counts the column that it leaves out when
        // it comes to the comma (9.7.4): no server reads that, but it is what is printed.
        let stray_comma = !form.extended && printing(0) == Printing::LeftOut && !columns.is_empty();
        Self {
            columns,
            opening: if stray_comma { b"(," } else { b"(" },
            escapes: form.escapes,
            introduces_empty: !form.client.is_mariadb() && !form.extended,
            freshness,
        }
    }

    /// Appends one row's text to the batch.
    pub(crate) fn encode(&mut self, row: &impl Cells, batch: &mut RowBatch) {
        let out = &mut batch.text;
        let start = out.len();
        out.extend_from_slice(self.opening);
        for (position, (index, kind)) in self.columns.iter().enumerate() {
            if position > 0 {
                out.push(b',');
            }
            match row.cell(*index) {
                None => out.extend_from_slice(b"NULL"),
                // MySQL's client leaves the introducer out here, but not with one row a
                // statement (9.7.4).
                Some([]) if self.introduces_empty && kind.is_binary() => {
                    out.extend_from_slice(b"_binary ''");
                }
                Some([]) => out.extend_from_slice(b"''"),
                Some(value) => kind.print(out, value, self.escapes),
            }
        }
        out.push(b')');
        batch.lengths.push(out.len() - start);
        self.freshness.see(row);
    }

    /// The newest value of the freshness column so far, and whether it is an instant.
    pub(crate) fn newest(&self) -> Option<(bool, String)> {
        self.freshness.newest()
    }
}

impl CellKind {
    fn of(column: &Column, printing: Printing, form: RowForm) -> Self {
        use ColumnType as T;
        let column_type = column.column_type();
        let numeric = matches!(
            column_type,
            T::MYSQL_TYPE_DECIMAL
                | T::MYSQL_TYPE_TINY
                | T::MYSQL_TYPE_SHORT
                | T::MYSQL_TYPE_LONG
                | T::MYSQL_TYPE_FLOAT
                | T::MYSQL_TYPE_DOUBLE
                | T::MYSQL_TYPE_NULL
                | T::MYSQL_TYPE_LONGLONG
                | T::MYSQL_TYPE_INT24
                | T::MYSQL_TYPE_YEAR
                | T::MYSQL_TYPE_NEWDECIMAL
        ) || column.flags().contains(ColumnFlags::NUM_FLAG);
        let binary = column.character_set() == BINARY
            && matches!(
                column_type,
                T::MYSQL_TYPE_BIT
                    | T::MYSQL_TYPE_STRING
                    | T::MYSQL_TYPE_VAR_STRING
                    | T::MYSQL_TYPE_VARCHAR
                    | T::MYSQL_TYPE_TINY_BLOB
                    | T::MYSQL_TYPE_MEDIUM_BLOB
                    | T::MYSQL_TYPE_LONG_BLOB
                    | T::MYSQL_TYPE_BLOB
                    | T::MYSQL_TYPE_GEOMETRY
                    | T::MYSQL_TYPE_VECTOR
            );
        let bits = printing == Printing::AsBits
            || matches!(
                column_type,
                T::MYSQL_TYPE_BIT | T::MYSQL_TYPE_GEOMETRY | T::MYSQL_TYPE_VECTOR
            );
        if numeric {
            Self::Number
        } else if (binary && form.hex_blob) || (bits && form.client.prints_bits_as_hex()) {
            Self::Hex
        } else if binary && !form.client.is_mariadb() {
            Self::Introduced
        } else {
            Self::Text
        }
    }

    fn is_binary(self) -> bool {
        matches!(self, Self::Introduced | Self::Hex)
    }

    fn print(self, out: &mut Vec<u8>, value: &[u8], escapes: Escapes) {
        match self {
            Self::Number => {
                let unsigned = value.strip_prefix(b"-").unwrap_or(value);
                if unsigned.first().is_some_and(u8::is_ascii_alphabetic) {
                    out.extend_from_slice(b"NULL");
                } else {
                    out.extend_from_slice(value);
                }
            }
            Self::Hex => {
                out.extend_from_slice(b"0x");
                hex(out, value);
            }
            Self::Text | Self::Introduced => {
                if self == Self::Introduced {
                    out.extend_from_slice(b"_binary ");
                }
                out.push(b'\'');
                escape(out, value, escapes);
                out.push(b'\'');
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fake(Vec<Option<&'static [u8]>>);

    impl Cells for Fake {
        fn cell(&self, index: usize) -> Option<&[u8]> {
            self.0[index]
        }
    }

    fn column(name: &str, column_type: ColumnType, character_set: u16) -> Column {
        Column::new(column_type)
            .with_name(name.as_bytes())
            .with_character_set(character_set)
    }

    fn form(client: Client, hex_blob: bool) -> RowForm {
        let mut options = DumpOptions::default();
        options
            .apply("hex-blob", Some(if hex_blob { "1" } else { "0" }))
            .unwrap();
        RowForm::new(&options, client)
    }

    fn printed(client: Client, hex_blob: bool, cells: Vec<Option<&'static [u8]>>) -> String {
        let columns = [
            column("n", ColumnType::MYSQL_TYPE_DOUBLE, BINARY),
            column("t", ColumnType::MYSQL_TYPE_VAR_STRING, 45),
            column("b", ColumnType::MYSQL_TYPE_BLOB, BINARY),
            column("j", ColumnType::MYSQL_TYPE_JSON, BINARY),
        ];
        let mut batch = RowBatch::default();
        RowEncoder::new(&columns, &[], form(client, hex_blob), None)
            .encode(&Fake(cells), &mut batch);
        assert_eq!(batch.lengths, [batch.text.len()]);
        String::from_utf8(batch.text).unwrap()
    }

    #[test]
    fn each_kind_has_its_form() {
        let row: Vec<Option<&'static [u8]>> =
            vec![Some(b"-1.5"), Some(b"it's"), Some(b"\x01a"), Some(b"{}")];
        assert_eq!(
            printed(Client::MYSQL_9, false, row.clone()),
            "(-1.5,'it\\'s',_binary '\u{1}a','{}')"
        );
        assert_eq!(
            printed(Client::MARIADB_10, false, row.clone()),
            "(-1.5,'it\\'s','\u{1}a','{}')"
        );
        assert_eq!(
            printed(Client::MARIADB_10, true, row),
            "(-1.5,'it\\'s',0x0161,'{}')"
        );
    }

    #[test]
    fn a_column_that_is_left_out_leaves_its_comma_behind_in_single_rows() {
        let columns = ["g", "a", "b"].map(|name| column(name, ColumnType::MYSQL_TYPE_LONG, BINARY));
        let row = Fake(vec![Some(b"9"), Some(b"1"), None]);
        let text = |extended: &str| {
            let mut options = DumpOptions::default();
            options.apply("extended-insert", Some(extended)).unwrap();
            let form = RowForm::new(&options, Client::MYSQL_9);
            let mut batch = RowBatch::default();
            RowEncoder::new(&columns, &[Printing::LeftOut], form, None).encode(&row, &mut batch);
            String::from_utf8(batch.text).unwrap()
        };
        assert_eq!(text("1"), "(1,NULL)");
        assert_eq!(text("0"), "(,1,NULL)");
    }

    #[test]
    fn null_empty_and_what_is_no_number() {
        let row = vec![
            Some(b"-inf".as_slice()),
            None,
            Some(b"".as_slice()),
            Some(b"".as_slice()),
        ];
        assert_eq!(printed(Client::MYSQL_9, true, row), "(NULL,NULL,'','')");
    }

    #[test]
    fn the_newest_moment_is_kept_on_the_way() {
        let columns = [column(
            "Updated_At",
            ColumnType::MYSQL_TYPE_DATETIME,
            BINARY,
        )];
        let form = form(Client::MYSQL_9, false);
        let mut encoder = RowEncoder::new(&columns, &[], form, Some("updated_at"));
        assert_eq!(encoder.newest(), None);
        let mut batch = RowBatch::default();
        for value in [
            Some(b"2026-01-02 00:00:00".as_slice()),
            Some(b"2026-01-10 00:00:00"),
            None,
        ] {
            encoder.encode(&Fake(vec![value]), &mut batch);
        }
        assert_eq!(
            encoder.newest(),
            Some((false, "2026-01-10 00:00:00".into()))
        );
    }
}
