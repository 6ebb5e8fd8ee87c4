//! Rows that are long, and rows that are packed.

use e2e::database::DatabaseServer;

use crate::compare::{assert_same_bytes, with_database};

/// Rows whose packets are split by the protocol, at and around 16 MiB, first column included.
async fn split_packets(server: &'static DatabaseServer) {
    let script = "CREATE TABLE big (b LONGBLOB, id INT PRIMARY KEY); \
        INSERT INTO big VALUES (REPEAT('x', 16777205), 1), (REPEAT('y', 16777215), 2); \
        INSERT INTO big VALUES (REPEAT('z', 16777216), 3), (REPEAT(0x00, 20000000), 4), ('', 5);";
    let database = with_database(server, "big", script).await;
    let report = assert_same_bytes(server, &[database.as_str()]).await;
    assert_eq!(report.rows, 5);
}
on_each_release!(rows_of_sixteen_mebibytes_and_more, super::split_packets);
