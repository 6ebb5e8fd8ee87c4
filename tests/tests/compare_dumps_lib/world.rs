//! Servers with data, their dumps, and comparisons of them.

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use datatransit_dump::compare::{
    Comparison, ComparisonBuilder, ComparisonReport, ReasonKind, TableComparison,
};
use datatransit_dump::testing::MemoryInput;
use e2e::database::{DatabaseServer, Release, shared};
use e2e::sharehouse::{LoadOptions, load};

/// The two families, as far as they are on this machine.
pub(crate) async fn servers() -> Vec<&'static DatabaseServer> {
    let mut servers = Vec::new();
    for release in [Release::MariaDb, Release::MariaDb11, Release::MySql] {
        servers.extend(shared(release).await);
    }
    servers
}

/// A database of its own, filled by a script.
pub(crate) async fn with_database(server: &DatabaseServer, script: &str) -> String {
    let database = server.create_database("cmp").await.unwrap();
    run(server, &database, script).await;
    database
}

/// Runs a script in a database.
pub(crate) async fn run(server: &DatabaseServer, database: &str, script: &str) {
    let script = format!("USE `{database}`;\n{script}");
    server.run_sql(&script).await.expect("the script runs");
}

/// The share houses, small, in a database of their own.
pub(crate) async fn with_houses(server: &DatabaseServer) -> String {
    let mut options = LoadOptions::default();
    options.rows = 3000;
    options.database = server.create_database("houses").await.unwrap();
    load(server, &options).await.unwrap();
    options.database
}

/// What the real client prints.
pub(crate) async fn theirs(server: &DatabaseServer, arguments: &[&str]) -> Vec<u8> {
    let output = server.dump(arguments).await.unwrap();
    assert!(output.success(), "{arguments:?}: {}", output.stderr);
    output.stdout
}

/// Compares with the defaults.
pub(crate) async fn compare(old: &[u8], new: &[u8]) -> ComparisonReport {
    compare_with(old, new, |builder| builder).await
}

/// Compares with settings.
pub(crate) async fn compare_with(
    old: &[u8],
    new: &[u8],
    set: impl FnOnce(ComparisonBuilder) -> ComparisonBuilder,
) -> ComparisonReport {
    let old = Arc::new(MemoryInput::new("old.sql", Bytes::copy_from_slice(old)));
    let new = Arc::new(MemoryInput::new("new.sql", Bytes::copy_from_slice(new)));
    let comparison = set(Comparison::builder(old, new)).build().unwrap();
    comparison.run().await.unwrap()
}

/// The kinds of a report's reasons, in order, each once.
pub(crate) fn kinds(report: &ComparisonReport) -> Vec<ReasonKind> {
    let mut kinds: Vec<_> = report.reasons.iter().map(|reason| reason.kind).collect();
    kinds.dedup();
    kinds
}

/// A table of a report.
pub(crate) fn table<'r>(report: &'r ComparisonReport, name: &str) -> &'r TableComparison {
    let found = report.tables.iter().find(|table| table.name == name);
    found.unwrap_or_else(|| panic!("no table {name} in {:?}", report.tables))
}

/// gzip with a member for each part.
pub(crate) fn gzip<'p>(parts: impl IntoIterator<Item = &'p [u8]>) -> Vec<u8> {
    let mut stored = Vec::new();
    for part in parts {
        let mut encoder = flate2::write::GzEncoder::new(stored, flate2::Compression::fast());
        encoder.write_all(part).unwrap();
        stored = encoder.finish().unwrap();
    }
    stored
}

/// zstd in one frame.
pub(crate) async fn zstd(text: &[u8]) -> Vec<u8> {
    use tokio::io::AsyncWriteExt as _;

    let mut encoder = async_compression::tokio::write::ZstdEncoder::new(Vec::new());
    encoder.write_all(text).await.unwrap();
    encoder.shutdown().await.unwrap();
    encoder.into_inner()
}
