//! What `full-dump` is: the job that makes one verified S3 object and its manifest of
//! a MySQL, Aurora or MariaDB database. See the README beside this package.
//!
//! A library, so that the doctor can ask it what it needs. Wiring only: the dump, the
//! upload and the credentials are library crates, and what other cron binaries need
//! too is in `datatransit-job`.

mod cli;
mod dumped;
mod full_dump;
mod grants;
mod mysqldump;
mod plan;
mod refused;

pub use dumped::Dumped;
pub use full_dump::FullDump;
