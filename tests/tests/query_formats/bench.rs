//! An export into memory, and the real client's output of the same query.

use std::process::Stdio;

use datatransit_dump::export::{Export, ExportBuilder, ExportReport, Format, Query};
use datatransit_dump::testing::MemorySink;
use datatransit_dump::{ConnectOptions, Error};
use e2e::database::DatabaseServer;
use secrecy::SecretString;

/// Root on this server.
pub(crate) fn connect(server: &DatabaseServer) -> ConnectOptions {
    ConnectOptions::new(server.host(), server.port(), "root", SecretString::from(""))
}

pub(crate) fn builder(server: &DatabaseServer, database: &str, query: Query) -> ExportBuilder {
    Export::builder(connect(server), query).database(database)
}

/// Runs an export of one format.
pub(crate) async fn export(
    server: &DatabaseServer,
    database: &str,
    query: Query,
    format: Format,
) -> Result<(ExportReport, Vec<u8>), Error> {
    run(builder(server, database, query).format(format)).await
}

/// Runs an export into memory.
pub(crate) async fn run(builder: ExportBuilder) -> Result<(ExportReport, Vec<u8>), Error> {
    let mut sink = MemorySink::new();
    let report = builder.build()?.run(&mut sink).await?;
    assert_eq!(report.stored_bytes, sink.bytes().len() as u64);
    Ok((report, sink.bytes().to_vec()))
}

/// What the server's own client writes with `--batch`.
pub(crate) async fn client(
    server: &DatabaseServer,
    database: &str,
    query: &str,
    options: &[&str],
) -> Vec<u8> {
    let output = server
        .client_command()
        .args(["--batch", "-e", query])
        .args(options)
        .arg(database)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    assert!(
        output.status.success(),
        "{query}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    output.stdout
}

/// Makes a database of its own and loads a script into it.
pub(crate) async fn with_database(server: &DatabaseServer, script: &str) -> String {
    let database = server.create_database("formats").await.unwrap();
    server
        .run_sql(&format!("USE `{database}`;\n{script}"))
        .await
        .unwrap();
    database
}
