//! The nightly cron job: a MySQL, Aurora or MariaDB database to one verified S3
//! object and its manifest. See the README beside this package.
//!
//! Wiring only: the dump, the upload and the credentials are library crates, and
//! what other cron binaries need too is in `datatransit-job`.

mod cli;
mod dumped;
mod full_dump;
mod grants;
mod mysqldump;
mod plan;
mod refused;

use std::process::ExitCode;

fn main() -> ExitCode {
    datatransit_job::launch::launch::<full_dump::FullDump>()
}
