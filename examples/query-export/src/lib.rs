//! What `query-export` is: the job that makes one verified S3 object and its manifest
//! of the rows of one query, or of one table. See the README beside this package.
//!
//! A library, so that the doctor can ask it what it needs. Wiring only: the export, the
//! upload and the credentials are library crates, and what other cron binaries need
//! too is in `datatransit-job`.

mod cli;
mod exported;
mod format;
mod param;
mod plan;
mod query;
mod query_export;

pub use exported::Exported;
pub use query_export::QueryExport;
