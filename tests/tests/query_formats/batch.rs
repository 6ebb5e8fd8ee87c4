//! `mysql-batch` is the real client's output, byte for byte, options and all.

use datatransit_dump::export::{Format, MysqlBatchOptions, Query};
use e2e::database::DatabaseServer;

use crate::bench::{builder, client, export, run, with_database};
use crate::samples::EVERY_TYPE;

/// Queries whose output has a form of its own.
const QUERIES: &[&str] = &[
    "SELECT * FROM every ORDER BY id",
    "SELECT * FROM every WHERE id = 1",
    "SELECT * FROM every WHERE id < 0",
    "SELECT * FROM `odd names`",
    "SELECT 1 AS a, 2 AS a, NULL, '', 'x' AS ``",
    "SELECT varied FROM every ORDER BY id",
    "SELECT HEX(bytes), bits + 0, rough * 1, CONCAT(id, raw), NULL FROM every ORDER BY id",
    "SELECT id, rough FROM every GROUP BY id, rough ORDER BY id",
    "SELECT \"double\", 'a' || 'b', 5 DIV 2, 1/3, PI(), 1e0/3, -0e0, TRUE",
    "SELECT @@session.time_zone, @@session.sql_mode, @@character_set_client, \
     @@character_set_results, @@collation_connection, @@autocommit, @@sql_select_limit, \
     @@group_concat_max_len, COLLATION('a'), COERCIBILITY('a')",
    "SHOW COLUMNS FROM every",
    "SHOW CREATE TABLE every",
    "EXPLAIN SELECT * FROM every",
    "DESCRIBE every",
    "(SELECT 1) UNION ALL (SELECT 2)",
    "WITH t AS (SELECT 7 AS n) SELECT * FROM t",
    "SELECT /* a comment; 'x' */ 1 -- the end",
    "SELECT /*!50000 1 + */ 1",
];

on_each_release!(equals_the_clients_output, super::same);

async fn same(server: &DatabaseServer) {
    let database = with_database(server, EVERY_TYPE).await;
    for query in QUERIES {
        for (skip_names, raw) in [(false, false), (true, false), (false, true), (true, true)] {
            let mut arguments = Vec::new();
            if skip_names {
                arguments.push("--skip-column-names");
            }
            if raw {
                arguments.push("--raw");
            }
            let theirs = client(server, &database, query, &arguments).await;
            let options = MysqlBatchOptions::default()
                .with_skip_column_names(skip_names)
                .with_raw(raw);
            let ours = written(server, &database, query, options).await;
            assert_same(&ours, &theirs, &format!("{query} {arguments:?}"));
            let commas = written(server, &database, query, options.with_tabs_to_commas(true)).await;
            let sed: Vec<u8> = theirs
                .iter()
                .map(|byte| if *byte == b'\t' { b',' } else { *byte })
                .collect();
            assert_same(&commas, &sed, &format!("{query} {arguments:?}, commas"));
        }
    }
}

on_each_release!(a_table_is_all_of_its_rows, super::whole_table);

async fn whole_table(server: &DatabaseServer) {
    let database = with_database(server, EVERY_TYPE).await;
    let format = Format::MysqlBatch(MysqlBatchOptions::default());
    let table = Query::table(Some(&database), "every");
    let (report, ours) = export(server, &database, table, format).await.unwrap();
    let theirs = client(server, &database, "SELECT * FROM every", &[]).await;
    assert_same(&ours, &theirs, "a table");
    assert_eq!(report.rows, 7);
    let types: Vec<&str> = report.columns[..6]
        .iter()
        .map(|column| column.mysql_type.as_str())
        .collect();
    assert_eq!(
        types,
        [
            "int",
            "tinyint",
            "tinyint unsigned",
            "smallint",
            "mediumint",
            "bigint"
        ]
    );
    assert!(!report.columns[0].nullable && report.columns[1].nullable);
}

on_each_release!(the_session_has_the_zone_asked_for, super::zones);

async fn zones(server: &DatabaseServer) {
    let database = with_database(server, EVERY_TYPE).await;
    let sql = "SELECT instant, moment, @@session.time_zone FROM every WHERE id = 2";
    let format = Format::MysqlBatch(MysqlBatchOptions::default().with_skip_column_names(true));
    let query = || Query::parse(sql).unwrap();
    let export = builder(server, &database, query())
        .format(format)
        .time_zone("+09:00")
        .freshness_column("instant");
    let (report, ours) = run(export).await.unwrap();
    assert_eq!(
        String::from_utf8(ours).unwrap(),
        "2026-11-26 14:30:00.654321\t2026-11-26 05:30:00.123\t+09:00\n"
    );
    let newest = report.max_updated_at.unwrap();
    assert!(newest.is_instant);
    assert_eq!(newest.offset_seconds, 32_400);
    for zone in ["Mars/Olympus", "' , sql_mode = '"] {
        let refused = run(builder(server, &database, query()).time_zone(zone)).await;
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("time zone"), "{error}");
    }
}

async fn written(
    server: &DatabaseServer,
    database: &str,
    query: &str,
    options: MysqlBatchOptions,
) -> Vec<u8> {
    let parsed = Query::parse(query).unwrap();
    let written = export(server, database, parsed, Format::MysqlBatch(options)).await;
    written.unwrap_or_else(|error| panic!("{query}: {error}")).1
}

pub(crate) fn assert_same(ours: &[u8], theirs: &[u8], what: &str) {
    if ours == theirs {
        return;
    }
    let at = ours.iter().zip(theirs).take_while(|(a, b)| a == b).count();
    let near = |text: &[u8]| {
        let part = &text[at.saturating_sub(40)..text.len().min(at + 60)];
        String::from_utf8_lossy(part).into_owned()
    };
    panic!(
        "{what}: {} and {} bytes, different at {at}:\nours:   {:?}\ntheirs: {:?}",
        ours.len(),
        theirs.len(),
        near(ours),
        near(theirs)
    );
}
