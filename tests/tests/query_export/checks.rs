//! `--check` and `--dry-run`: they look and change nothing.

use e2e::s3::Operation;
use serde_json::{Value, json};

use crate::bench::Bench;

const PEOPLE: &str = "SELECT id, name, rent, updated_at FROM people WHERE id > :from";
const ASK: [&str; 4] = ["--query", PEOPLE, "--param", "from:int=0"];

fn names(report: &Value) -> Vec<(&str, &str)> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks
        .map(|check| {
            (
                check["name"].as_str().unwrap(),
                check["outcome"].as_str().unwrap(),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_check_tries_everything_and_changes_nothing() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = [&ASK[..], &["--check", "--json"]].concat();
    let outcome = bench.run("x.csv", &arguments).await;
    let report = outcome.assert_code(0);
    assert_eq!(
        names(&report),
        [
            ("time zone", "ok"),
            ("local disk", "ok"),
            ("AWS identity", "ok"),
            ("credentials", "ok"),
            ("secret", "ok"),
            ("rules", "ok"),
            ("name resolution", "ok"),
            ("connection", "ok"),
            ("login", "ok"),
            ("TLS", "ok"),
            ("server's clock", "ok"),
            ("query", "ok"),
            ("export's destination", "ok"),
            ("export's tags", "ok"),
            ("export's reading back", "ok"),
            // The name has no date in it.
            ("export's conditions", "skipped"),
            ("manifest's destination", "ok"),
            ("manifest's reading back", "ok"),
            ("manifest's conditions", "ok"),
            ("clock", "ok"),
        ]
    );
    bench.assert_nothing_published();
    let operations: Vec<Operation> = bench.aws.s3().operations().into_iter().collect();
    assert_eq!(
        operations,
        [
            Operation::AbortMultipartUpload,
            Operation::CreateMultipartUpload,
            Operation::HeadObject,
            Operation::ListParts,
            Operation::PutObject
        ]
    );
    let arguments = [&ASK[..], &["--check"]].concat();
    let text = bench.run("x.csv", &arguments).await;
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("4 columns: id, name, rent, updated_at"),
        "{text}"
    );
}

#[tokio::test]
async fn a_check_finds_a_query_that_cannot_run() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = [
        "--query",
        "SELECT * FROM no_such_table",
        "--check",
        "--json",
    ];
    let report = bench.run("x.csv", &arguments).await.assert_code(4);
    assert!(names(&report).contains(&("query", "failed")), "{report}");
    let mut secret = bench.secret();
    secret["password"] = json!("wrong");
    bench.put_secret(&secret);
    let report = bench.run("x.csv", &arguments).await.assert_code(4);
    assert!(names(&report).contains(&("login", "failed")), "{report}");
    assert!(names(&report).contains(&("query", "skipped")), "{report}");
}

#[tokio::test]
async fn a_dry_run_shows_the_columns_and_reads_no_row() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    // A query that would take longer than any test, were a row of it read.
    let query = "SELECT id, name, rent, SLEEP(900) AS nothing FROM people WHERE id > :from";
    let ask = ["--query", query, "--param", "from:int=0", "--dry-run"];
    let arguments = [&ask[..], &["--json"]].concat();
    let plan = bench.run("x.csv", &arguments).await.assert_code(0);
    assert_eq!(plan["status"], "planned");
    assert_eq!(plan["format"], "csv");
    assert_eq!(plan["parameters"], json!(["from"]));
    let columns = plan["columns"].as_array().unwrap();
    let names: Vec<&str> = columns
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["id", "name", "rent", "nothing"]);
    let rent = columns[2]["mysql_type"].as_str().unwrap().to_lowercase();
    assert!(rent.contains("decimal"), "{rent}");
    assert!(
        columns
            .iter()
            .all(|column| column["written_as"].is_string())
    );
    let text = bench.run("x.csv", &ask).await;
    assert_eq!(text.code, Some(0), "{}", text.stderr);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(
        text.contains("4 columns") && text.contains("--query"),
        "{text}"
    );
    assert_eq!(bench.aws.s3().calls().len(), 0);
}
