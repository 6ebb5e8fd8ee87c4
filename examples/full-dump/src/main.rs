//! The nightly cron job: a MySQL, Aurora or MariaDB database to one verified S3
//! object and its manifest. See the README beside this package.

use std::process::ExitCode;

fn main() -> ExitCode {
    datatransit_job::launch::launch::<full_dump::FullDump>()
}
