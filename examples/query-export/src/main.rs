//! The query cron jobs: the rows of one query, or of one table, to one verified S3
//! object and its manifest. See the README beside this package.
//!
//! Wiring only: the export, the upload and the credentials are library crates, and
//! what other cron binaries need too is in `datatransit-job`.

mod cli;
mod exported;
mod format;
mod param;
mod plan;
mod query;
mod query_export;

use std::process::ExitCode;

fn main() -> ExitCode {
    datatransit_job::launch::launch::<query_export::QueryExport>()
}
