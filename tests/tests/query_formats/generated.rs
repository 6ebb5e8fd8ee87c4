//! `mysql-batch` against the real client over generated values. `PARITY_CASES` sets how many.

use datatransit_dump::export::{Format, MysqlBatchOptions, Query};
use e2e::database::DatabaseServer;
use mysql_async::prelude::Queryable as _;
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::bench::{client, export, with_database};

/// Rows of text, bytes and a number; the seed is fixed, so that a failure comes back.
type Row = (Option<String>, Option<Vec<u8>>, Option<f64>);

fn rows() -> Vec<Row> {
    let cases = std::env::var("PARITY_CASES").map_or(200, |count| count.parse().unwrap());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let text = prop_oneof!["(?s).{0,20}", "[\\\\\t\n\r\0,'\"N住]{0,8}"];
    let row = (
        proptest::option::of(text),
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20)),
        proptest::option::of(-1e300_f64..1e300),
    );
    (0..cases)
        .map(|_| row.new_tree(&mut runner).unwrap().current())
        .collect()
}

on_each_release!(whatever_the_rows_hold, super::generated);

async fn generated(server: &DatabaseServer) {
    let script = "CREATE TABLE t (id INT PRIMARY KEY, a TEXT, b BLOB, c DOUBLE, d FLOAT)";
    let database = with_database(server, script).await;
    let mut conn = server.connect().await.unwrap();
    conn.query_drop(format!("USE `{database}`")).await.unwrap();
    conn.query_drop("SET sql_mode = ''").await.unwrap();
    for (id, (text, bytes, number)) in rows().into_iter().enumerate() {
        let sql = "INSERT INTO t VALUES (?, ?, ?, ?, ?)";
        conn.exec_drop(sql, (id, text, bytes, number, number.map(f64::cbrt)))
            .await
            .unwrap();
    }
    let sql = "SELECT * FROM t ORDER BY id";
    for raw in [false, true] {
        let theirs = client(server, &database, sql, if raw { &["--raw"] } else { &[] }).await;
        let format = Format::MysqlBatch(MysqlBatchOptions::default().with_raw(raw));
        let query = Query::parse(sql).unwrap();
        let (_, ours) = export(server, &database, query, format).await.unwrap();
        crate::batch::assert_same(&ours, &theirs, sql);
    }
}
