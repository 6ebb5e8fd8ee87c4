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
}
