//! Rows to statements: the exact rule by which the real clients split extended inserts.

use crate::flavour::Flavour;

/// How the rows of one table become INSERT statements.
#[derive(Debug, Clone)]
pub(crate) struct InsertForm {
    /// From `INSERT` up to and including the space or line end after `VALUES`.
    pub(crate) prefix: Vec<u8>,
    /// Between two rows of a statement.
    pub(crate) separator: &'static [u8],
    /// `net_buffer_length`.
    pub(crate) limit: u64,
    /// Whether a statement holds more than one row.
    pub(crate) extended: bool,
}

impl InsertForm {
    /// What stands between rows: MariaDB's client breaks the line there.
    pub(crate) fn separator(flavour: Flavour) -> &'static [u8] {
        if flavour.is_mariadb() { b",\n" } else { b"," }
    }
}

/// Decides, row by row, whether a row joins the statement or begins a new one.
///
/// A row of R bytes joins while `total + R + 2 < limit`; a statement begins with
/// `total = R + 2 + prefix + 4`. The 2 is counted also where the separator is one byte
/// (checked against both clients on tables that step over the boundary by one byte).
#[derive(Debug)]
pub(crate) struct Packer {
    prefix_length: u64,
    limit: u64,
    extended: bool,
    total: u64,
}

impl Packer {
    pub(crate) fn new(form: &InsertForm) -> Self {
        Self {
            prefix_length: form.prefix.len() as u64,
            limit: form.limit,
            extended: form.extended,
            // The first row never joins.
            total: form.limit,
        }
    }

    /// Whether a row of this length joins the open statement.
    pub(crate) fn joins(&mut self, row_length: usize) -> bool {
        let cost = row_length as u64 + 2;
        if self.extended && self.total + cost < self.limit {
            self.total += cost;
            true
        } else {
            self.total = cost + self.prefix_length + 4;
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packer(prefix: usize) -> Packer {
        Packer::new(&InsertForm {
            prefix: vec![b'x'; prefix],
            separator: b",",
            limit: 1_046_528,
            extended: true,
        })
    }

    /// Measured on both clients: prefix of 31 bytes, first row of 524,004.
    #[test]
    fn the_boundary_is_where_the_clients_have_it() {
        let mut packer = packer(31);
        assert!(!packer.joins(524_004));
        assert!(packer.joins(522_484));
        let mut packer = self::packer(31);
        assert!(!packer.joins(524_004));
        assert!(!packer.joins(522_485));
    }

    #[test]
    fn a_row_beyond_the_limit_stands_alone() {
        let mut packer = packer(31);
        assert!(!packer.joins(3_000_000));
        assert!(!packer.joins(1));
        assert!(packer.joins(1));
    }

    #[test]
    fn without_extended_insert_no_row_joins() {
        let mut packer = Packer {
            extended: false,
            ..packer(10)
        };
        assert!((0..100).all(|_| !packer.joins(1)));
    }

    /// How the next row's length is chosen.
    #[derive(Debug, Clone)]
    enum Pick {
        /// Of this length.
        Plain(usize),
        /// So that the sum lands this far from the limit; -1 is the longest that still joins.
        Aimed(i64),
        /// Longer than a whole statement may be, by this much.
        Beyond(usize),
    }

    fn picks() -> impl Strategy<Value = Vec<Pick>> {
        let pick = prop_oneof![
            4 => (2_usize..200).prop_map(Pick::Plain),
            3 => (-4_i64..=4).prop_map(Pick::Aimed),
            1 => (0_usize..9).prop_map(Pick::Beyond),
        ];
        prop::collection::vec(pick, 0..60)
    }

    /// The clients' rule in plain words: the lengths of the rows, and with them the statements.
    fn by_the_rule(picks: &[Pick], limit: u64, prefix: u64) -> (Vec<usize>, Vec<Vec<usize>>) {
        let mut total = limit;
        let mut lengths = Vec::new();
        let mut statements: Vec<Vec<usize>> = Vec::new();
        for pick in picks {
            let row = match *pick {
                Pick::Plain(length) => length,
                // A row is at least its two parentheses long.
                Pick::Aimed(off) => limit
                    .saturating_sub(total + 2)
                    .saturating_add_signed(off)
                    .max(2)
                    .try_into()
                    .unwrap(),
                Pick::Beyond(more) => usize::try_from(limit).unwrap() + more,
            };
            lengths.push(row);
            let row_and_two = row as u64 + 2;
            match statements.last_mut() {
                Some(open) if total + row_and_two < limit => {
                    open.push(row);
                    total += row_and_two;
                }
                _ => {
                    statements.push(vec![row]);
                    total = row_and_two + prefix + 4;
                }
            }
        }
        (lengths, statements)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn rows_of_any_length_are_split_by_the_rule(
            picks in picks(),
            limit in prop_oneof![Just(4_096_u64), 30_u64..600, Just(1_046_528)],
            prefix in 20_usize..90,
            separator in prop_oneof![Just(b",".as_slice()), Just(b",\n".as_slice())],
        ) {
            let form = InsertForm {
                prefix: vec![b'p'; prefix],
                separator,
                limit,
                extended: true,
            };
            let (lengths, expected) = by_the_rule(&picks, limit, prefix as u64);
            let mut packer = Packer::new(&form);
            let mut statements: Vec<Vec<usize>> = Vec::new();
            for length in lengths {
                if packer.joins(length) {
                    // The first row joining nothing would be a statement without a prefix.
                    prop_assert!(!statements.is_empty());
                    statements.last_mut().unwrap().push(length);
                } else {
                    statements.push(vec![length]);
                }
            }
            prop_assert_eq!(&statements, &expected);
            for rows in &statements {
                let separators = (rows.len() - 1) * separator.len();
                let bytes = prefix + rows.iter().sum::<usize>() + separators + b";\n".len();
                prop_assert!(rows.len() == 1 || bytes as u64 <= limit, "{} bytes", bytes);
            }
        }
    }
}
