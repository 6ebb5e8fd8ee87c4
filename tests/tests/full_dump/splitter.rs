//! The contract with the reader downstream, who splits the dump by line: a
//! statement ends at a line whose last character is `;`, a line that begins with
//! `--` or `/*` is a comment.

use mysql_async::prelude::Queryable as _;

use crate::bench::{Bench, unpack};

/// The reader's own rule.
fn statements(dump: &[u8]) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    let mut statement = Vec::new();
    for line in dump.split(|byte| *byte == b'\n') {
        if line.starts_with(b"--") || line.starts_with(b"/*") || line.is_empty() {
            continue;
        }
        if !statement.is_empty() {
            statement.push(b'\n');
        }
        statement.extend_from_slice(line);
        if line.ends_with(b";") {
            all.push(std::mem::take(&mut statement));
        }
    }
    assert_eq!(statement, b"", "the last statement has no end");
    all
}

#[tokio::test]
async fn the_readers_rule_finds_every_table_and_row() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench.run(&[""; 0]).await.assert_code(0);
    // A binary column makes the text no UTF-8 as a whole.
    let all = statements(&unpack(&bench.dump().unwrap()).await);
    let content: Vec<Vec<u8>> = all
        .into_iter()
        .filter(|text| text.starts_with(b"CREATE TABLE ") || text.starts_with(b"INSERT INTO "))
        .collect();
    assert_eq!(content.len(), 4 + 3, "four tables, three of them with rows");

    let copy = bench.server.create_database("split").await.unwrap();
    let mut connection = bench.server.connect().await.unwrap();
    connection.query_drop(format!("USE {copy}")).await.unwrap();
    for statement in content {
        connection.query_drop(statement).await.unwrap();
    }
    connection.disconnect().await.unwrap();
    assert_eq!(
        bench.server.checksum_tables(&bench.database).await.unwrap(),
        bench.server.checksum_tables(&copy).await.unwrap()
    );
}

#[test]
fn the_rule_itself() {
    let dump = b"-- a\n/*!40101 SET x */;\n\nCREATE TABLE `t` (\n  a int\n);\nINSERT INTO `t` VALUES\n(1),\n(2);\n";
    assert_eq!(
        statements(dump),
        [
            &b"CREATE TABLE `t` (\n  a int\n);"[..],
            b"INSERT INTO `t` VALUES\n(1),\n(2);"
        ]
    );
}
