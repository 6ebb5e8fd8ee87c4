//! Rows to text: the cells of a row become `(…)`, and nothing more.
//!
//! How rows are joined to statements is the packer's matter; row texts and their lengths
//! travel apart, so that packing only adds integers.

mod literal;
mod row;

pub(crate) use row::{Printing, RowBatch, RowEncoder, RowForm};
