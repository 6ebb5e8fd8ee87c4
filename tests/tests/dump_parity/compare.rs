//! A database for a corpus, and the comparison that a test asserts.

use datatransit_dump::DumpReport;
use e2e::database::DatabaseServer;
use e2e::parity::{Outcome, compare_dumps};

/// Makes a database of its own and loads a script into it.
pub(crate) async fn with_database(server: &DatabaseServer, prefix: &str, script: &str) -> String {
    let database = server.create_database(prefix).await.expect("a database");
    server
        .run_sql(&format!("USE `{}`;\n{script}", database.replace('`', "``")))
        .await
        .expect("the corpus loads");
    database
}

/// Dumps with both and compares; tells the first line that differs.
pub(crate) async fn assert_same_bytes(server: &DatabaseServer, arguments: &[&str]) -> DumpReport {
    match compare_dumps(server, arguments).await {
        Ok(Outcome::Same { report, .. }) => *report,
        Ok(Outcome::BothFailed { why, .. }) => panic!("{arguments:?}: {why}"),
        Err(error) => panic!("{error:#}"),
    }
}
