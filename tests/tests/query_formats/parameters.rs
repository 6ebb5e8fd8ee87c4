//! Parameters are values, whatever they hold, and nothing of them is read as SQL.

use datatransit_dump::export::{Format, MysqlBatchOptions, Parameter, Query};
use e2e::database::DatabaseServer;

use crate::bench::{client, export, with_database};

const NASTY: &[&str] = &[
    "' OR '1'='1",
    "'; DROP TABLE t; -- ",
    "\\'; DROP TABLE t; -- ",
    "\" ` ; /* */ # \0 \n \t \\",
    "?, :name, @x, ${y}",
    "住所 😀",
    "",
];

on_each_release!(a_value_stays_a_value, super::values);

async fn values(server: &DatabaseServer) {
    let database = with_database(
        server,
        "CREATE TABLE t (id INT, a VARCHAR(50) COLLATE utf8mb4_unicode_ci, \
         b VARCHAR(50) CHARACTER SET latin1, d DECIMAL(10,2), m DATETIME); \
         INSERT INTO t VALUES (1, 'x', 'é', 1.50, '2026-11-26 00:00:00'), (2, 'y', 'z', 2, NULL);",
    )
    .await;
    let hex = |text: &str| {
        text.bytes()
            .map(|byte| format!("{byte:02X}"))
            .collect::<String>()
    };
    for value in NASTY {
        let query = Query::parse("SELECT HEX(:p), ':p', :p IS NULL FROM t WHERE a <> :p LIMIT :n")
            .unwrap()
            .bind("p", Parameter::Text((*value).to_owned()))
            .unwrap()
            .bind("n", Parameter::Integer(1))
            .unwrap();
        let rows = rows(server, &database, query).await;
        assert_eq!(rows, format!("{}\t:p\t0\n", hex(value)), "{value:?}");
    }
    for (condition, value, expected) in [
        ("a = :p", Parameter::Text("X".into()), "1\n"),
        ("b = :p", Parameter::Text("é".into()), "1\n"),
        ("CONCAT(a, :p) = 'xé'", Parameter::Text("é".into()), "1\n"),
        ("d = :p", Parameter::Decimal("1.5".into()), "1\n"),
        ("id = :p", Parameter::Integer(2), "2\n"),
        ("id = :p", Parameter::Text("2".into()), "2\n"),
        ("id = :p", Parameter::Null, ""),
        ("id <=> :p OR id > 1", Parameter::Null, "2\n"),
        ("m >= :p", Parameter::Text("2026-11-25".into()), "1\n"),
    ] {
        let query = Query::parse(&format!("SELECT id FROM t WHERE {condition} ORDER BY id"));
        let query = query.unwrap().bind("p", value).unwrap();
        assert_eq!(
            rows(server, &database, query).await,
            expected,
            "{condition}"
        );
    }
    let count = client(server, &database, "SELECT COUNT(*) FROM t", &["-N"]).await;
    assert_eq!(count, b"2\n");
}

on_each_release!(a_bound_query_prints_what_a_plain_one_does, super::alike);

async fn alike(server: &DatabaseServer) {
    let database = with_database(server, crate::samples::EVERY_TYPE).await;
    let query = Query::parse("SELECT * FROM every WHERE id >= :least ORDER BY id")
        .unwrap()
        .bind("least", Parameter::Integer(1))
        .unwrap();
    let format = Format::MysqlBatch(MysqlBatchOptions::default());
    let (_, ours) = export(server, &database, query, format).await.unwrap();
    let plain = "SELECT * FROM every WHERE id >= 1 ORDER BY id";
    let theirs = client(server, &database, plain, &[]).await;
    crate::batch::assert_same(&ours, &theirs, plain);
}

async fn rows(server: &DatabaseServer, database: &str, query: Query) -> String {
    let format = Format::MysqlBatch(MysqlBatchOptions::default().with_skip_column_names(true));
    let (_, bytes) = export(server, database, query, format).await.unwrap();
    String::from_utf8(bytes).unwrap()
}
