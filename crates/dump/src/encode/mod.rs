//! Rows to text: the cells of a row become `(…)`, and nothing more.
//!
//! How rows are joined to statements is the packer's matter; row texts and their lengths
//! travel apart, so that packing only adds integers.

mod freshness;
mod literal;
mod row;

pub(crate) use freshness::Freshness;
pub(crate) use literal::hex;
pub(crate) use row::{Printing, RowBatch, RowEncoder, RowForm};
