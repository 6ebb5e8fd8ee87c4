//! An export only reads: the server itself refuses whatever would write, and a second statement.

use std::time::Duration;

use datatransit_dump::export::{CsvOptions, Format, Query};
use datatransit_dump::testing::MemorySink;
use datatransit_dump::{Error, ErrorKind};
use e2e::database::{DatabaseServer, Release};
use mysql_async::prelude::Queryable as _;
use tokio_util::sync::CancellationToken;

use crate::bench::{builder, client, export, with_database};

fn csv() -> Format {
    Format::Csv(CsvOptions::default())
}

on_each_release!(a_function_that_writes_is_refused, super::writing);

async fn writing(server: &DatabaseServer) {
    let database = with_database(
        server,
        "CREATE TABLE t (a INT); INSERT INTO t VALUES (1);
         DELIMITER //
         CREATE FUNCTION f() RETURNS INT MODIFIES SQL DATA BEGIN DELETE FROM t; RETURN 1; END//
         DELIMITER ;",
    )
    .await;
    let query = Query::parse("SELECT f()").unwrap();
    let error = export(server, &database, query, csv()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Options);
    assert!(error.to_string().contains("only reads"), "{error}");
    let left = client(server, &database, "SELECT COUNT(*) FROM t", &["-N"]).await;
    assert_eq!(left, b"1\n");
}

/// Under this mode the server ends the string at the backslash and the quote; the lexer does not.
#[tokio::test]
async fn a_text_that_the_server_reads_as_several_statements_runs_none() {
    for release in [Release::MariaDb, Release::MariaDb11, Release::MySql] {
        let started = DatabaseServer::builder(release).start().await.unwrap();
        let Some(server) = started else { continue };
        let database =
            with_database(&server, "CREATE TABLE t (a INT); CREATE TABLE u (a INT);").await;
        server
            .run_sql("SET GLOBAL sql_mode = 'NO_BACKSLASH_ESCAPES'")
            .await
            .unwrap();
        let text = r"SELECT '\'; DROP TABLE u; -- '";
        let query = Query::parse(text).unwrap();
        let error = export(&server, &database, query, csv()).await.unwrap_err();
        assert!(matches!(error, Error::Query { .. }), "{error}");
        let left = client(&server, &database, "SHOW TABLES", &["-N"]).await;
        assert_eq!(left, b"t\nu\n", "{release}");
    }
}

on_each_release!(a_cancelled_query_is_killed, super::cancelled);

async fn cancelled(server: &DatabaseServer) {
    let database = with_database(server, "CREATE TABLE t (a INT)").await;
    let token = CancellationToken::new();
    let query = Query::parse("SELECT SLEEP(600), 'a_cancelled_query'").unwrap();
    let built = builder(server, &database, query).cancellation(token.clone());
    let export = built.build().unwrap();
    let running = tokio::spawn(async move { export.run(&mut MemorySink::new()).await });
    let mut conn = server.connect().await.unwrap();
    let seen = "SELECT COUNT(*) FROM information_schema.processlist \
                WHERE id <> CONNECTION_ID() AND info LIKE '%a_cancelled_query%'";
    wait_for(&mut conn, seen, 1).await;
    token.cancel();
    assert_eq!(
        running.await.unwrap().unwrap_err().kind(),
        ErrorKind::Cancelled
    );
    wait_for(&mut conn, seen, 0).await;
}

async fn wait_for(conn: &mut mysql_async::Conn, query: &str, expected: u64) {
    for _ in 0..600 {
        let count: Option<u64> = conn.query_first(query).await.unwrap();
        if count == Some(expected) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("not {expected} within half a minute");
}

on_each_release!(a_sink_that_fails_ends_the_export, super::failing);

async fn failing(server: &DatabaseServer) {
    let script = "CREATE TABLE t (a TEXT); INSERT INTO t VALUES (REPEAT('x', 60000)); \
                  INSERT INTO t SELECT a.a FROM t a; INSERT INTO t SELECT a.a FROM t a, t b, t c; \
                  INSERT INTO t SELECT a.a FROM t a, t b;";
    let database = with_database(server, script).await;
    let query = Query::table(None, "t");
    let export = builder(server, &database, query).build().unwrap();
    let mut sink = MemorySink::failing_at(1 << 20);
    let error = export.run(&mut sink).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Sink, "{error}");
    assert!(sink.bytes().len() <= 1 << 20);
}
