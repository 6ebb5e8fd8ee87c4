//! The query cron jobs: the rows of one query, or of one table, to one verified S3
//! object and its manifest. See the README beside this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    datatransit_job::launch::launch::<query_export::QueryExport>()
}
