//! Our dump, restored by the server's own client, equals the source.

use e2e::database::DatabaseServer;
use e2e::parity::{first_difference, our_dump};
use mysql_async::prelude::Queryable as _;

use crate::compare::with_database;
use crate::corpora;

/// `SHOW CREATE` of everything in a database, without what restoring changes.
async fn definitions(server: &DatabaseServer, database: &str) -> Vec<String> {
    let mut conn = server.connect().await.expect("a connection");
    conn.query_drop(format!("USE `{database}`")).await.unwrap();
    let tables: Vec<(String, String)> = conn.query("SHOW FULL TABLES").await.unwrap();
    let mut definitions = Vec::new();
    for (table, kind) in tables {
        let quoted = table.replace('`', "``");
        let what = if kind == "SEQUENCE" {
            "SEQUENCE"
        } else {
            "TABLE"
        };
        let row: Option<mysql_async::Row> = conn
            .query_first(format!("SHOW CREATE {what} `{quoted}`"))
            .await
            .unwrap();
        let created: String = row.unwrap().get(1).unwrap();
        let created = created.replace(" CHARACTER SET utf8mb4 COLLATE", " COLLATE");
        definitions.push(created.replace(&format!("`{database}`."), ""));
    }
    for (list, what, text) in [
        ("SHOW TRIGGERS", "TRIGGER", 2),
        ("SHOW EVENTS", "EVENT", 3),
        (
            "SHOW PROCEDURE STATUS WHERE Db = DATABASE()",
            "PROCEDURE",
            2,
        ),
        ("SHOW FUNCTION STATUS WHERE Db = DATABASE()", "FUNCTION", 2),
    ] {
        let rows: Vec<mysql_async::Row> = conn.query(list).await.unwrap();
        for row in rows {
            let name: String = row.get(usize::from(what != "TRIGGER")).unwrap();
            let quoted = name.replace('`', "``");
            let row: Option<mysql_async::Row> = conn
                .query_first(format!("SHOW CREATE {what} `{quoted}`"))
                .await
                .unwrap();
            let row = row.unwrap();
            let mode: String = row.get(1).unwrap();
            let created: String = row.get(text).unwrap();
            definitions.push(format!("{mode} {}", created.trim_end()));
        }
    }
    conn.disconnect().await.unwrap();
    definitions
}

/// A dump without the database's name, and without a character set that MySQL prints once it
/// has read it: the collation tells it anyway.
fn neutral(dump: &[u8], database: &str) -> Vec<u8> {
    let dump = replaced(dump, database.as_bytes(), b"DATABASE");
    replaced(&dump, b" CHARACTER SET utf8mb4 COLLATE", b" COLLATE")
}

fn replaced(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        match rest.strip_prefix(from) {
            Some(after) => {
                out.extend_from_slice(to);
                rest = after;
            }
            None => {
                out.push(rest[0]);
                rest = &rest[1..];
            }
        }
    }
    out
}

async fn restored(server: &'static DatabaseServer) {
    // The clients' own text cannot carry these: a FLOAT is rounded, and `-0` is read as 0.
    let types = format!(
        "{}\nALTER TABLE numbers DROP COLUMN fl, DROP COLUMN db;",
        corpora::TYPES
    );
    for (prefix, corpus) in [
        ("from_types", types.as_str()),
        ("from_programs", corpora::PROGRAMS),
    ] {
        let source = with_database(server, prefix, corpus).await;
        for options in [
            &[][..],
            &["--single-transaction", "--hex-blob", "--complete-insert"],
        ] {
            let dump_of = async |database: &str| {
                let arguments = [options, &["--routines", "--events", database]].concat();
                let (dump, _) = our_dump(server, &arguments).await.expect("a dump");
                dump
            };
            let dump = dump_of(&source).await;
            let copy = server.create_database("restored").await.unwrap();
            server
                .restore(Some(&copy), &mut dump.as_slice())
                .await
                .expect("the dump loads");
            let again = dump_of(&copy).await;
            let difference = first_difference(&neutral(&again, &copy), &neutral(&dump, &source));
            assert_eq!(difference, None, "{prefix} {options:?}");
            // MySQL 8 has no checksum of an ARCHIVE table that was just filled.
            if prefix == "from_types" {
                let flush = format!("FLUSH TABLES `{copy}`.arch, `{source}`.arch");
                server.run_sql(&flush).await.expect("the table is flushed");
            }
            assert_eq!(
                server.checksum_tables(&source).await.unwrap(),
                server.checksum_tables(&copy).await.unwrap(),
                "{prefix} {options:?}"
            );
            assert_eq!(
                definitions(server, &source).await,
                definitions(server, &copy).await,
                "{prefix} {options:?}"
            );
        }
    }
}
on_each_release!(a_restored_dump_equals_its_source, super::restored);
