//! Each format as it is published: the bytes, the content type, and a manifest that
//! agrees with the object. How each type of MySQL is written is the dump crate's own
//! matter, and tested there against independent readers.

use serde_json::{Value, json};

use crate::bench::{BUCKET, Bench, sha256};

const PEOPLE: &str = "SELECT id, name, note, rent, born FROM people ORDER BY id";

/// Object, content type and manifest of one run.
async fn published(bench: &Bench, key: &str, arguments: &[&str]) -> (Vec<u8>, String) {
    let stored = bench.export(key, PEOPLE, arguments).await;
    let object = bench.aws.s3().object(BUCKET, key).unwrap();
    assert_eq!(
        object.content_encoding, None,
        "or HTTP clients would unpack it"
    );
    assert_manifest(&bench.manifest(), key, &stored);
    (stored, object.content_type.unwrap())
}

fn assert_manifest(manifest: &Value, key: &str, stored: &[u8]) {
    assert_eq!(manifest["dump_key"], key);
    assert_eq!(manifest["dump_date"], "2026-11-23");
    assert_eq!(manifest["dump_sha256"], sha256(stored), "{key}");
    assert_eq!(manifest["dump_size_bytes"], stored.len(), "{key}");
    assert_eq!(manifest["row_count"], 3, "{key}");
    assert_eq!(manifest["source_valid"], true);
    assert_eq!(manifest["valid_for_etl"], true);
    let columns = manifest["columns"].as_array().unwrap();
    let member = |name: &str| -> Vec<&Value> { columns.iter().map(|it| &it[name]).collect() };
    assert_eq!(member("name"), ["id", "name", "note", "rent", "born"]);
    assert_eq!(member("nullable"), [false, false, true, true, true]);
    let types: Vec<String> = member("mysql_type")
        .iter()
        .map(|it| it.as_str().unwrap().to_lowercase())
        .collect();
    for (is, wanted) in types.iter().zip(["int", "char", "", "decimal", "date"]) {
        assert!(is.contains(wanted), "{is} is no {wanted}");
    }
    assert!(member("written_as").iter().all(|it| it.is_string()));
}

#[tokio::test]
async fn csv() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let (stored, content_type) = published(&bench, "x.csv", &[]).await;
    let expected = "id,name,note,rent,born\r\n\
         1,\"山田, \"\"太郎\"\"\",\"line one\nline two\tand a tab\",65000.00,1990-01-02\r\n\
         2,O'Brien,,,\r\n\
         3,佐藤 花子,NULL,0.50,1985-12-31\r\n";
    assert_eq!(String::from_utf8(stored).unwrap(), expected);
    assert_eq!(content_type, "text/csv");
    let arguments = [
        "--delimiter",
        ";",
        "--no-header",
        "--line-ending",
        "lf",
        "--null",
        "\\N",
        "--encoding",
        "utf-8-bom",
    ];
    let (stored, _) = published(&bench, "x.csv", &arguments).await;
    let expected = "\u{feff}1;\"山田, \"\"太郎\"\"\";\"line one\nline two\tand a tab\";65000.00;1990-01-02\n\
         2;O'Brien;\\N;\\N;\\N\n\
         3;佐藤 花子;NULL;0.50;1985-12-31\n";
    assert_eq!(String::from_utf8(stored).unwrap(), expected);
}

#[tokio::test]
async fn csv_in_shift_jis() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let (stored, content_type) = published(&bench, "x.csv", &["--encoding", "shift_jis"]).await;
    assert_eq!(content_type, "text/csv");
    // 山田 and 佐藤, as the Windows code page 932 has them.
    for name in [b"\x8e\x52\x93\x63", b"\x8d\xb2\x93\xa1"] {
        assert!(stored.windows(4).any(|window| window == name));
    }
}

#[tokio::test]
async fn tsv() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let (stored, content_type) = published(&bench, "x.tsv", &[]).await;
    let text = String::from_utf8(stored).unwrap();
    assert!(
        text.starts_with("id\tname\tnote\trent\tborn\n1\t"),
        "{text}"
    );
    assert_eq!(text.lines().count(), 4, "no value breaks a line: {text}");
    assert!(
        text.lines().all(|line| line.split('\t').count() == 5),
        "{text}"
    );
    assert_eq!(content_type, "text/tab-separated-values");
}

#[tokio::test]
async fn json_lines() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for key in ["x.jsonl", "x.ndjson"] {
        let (stored, content_type) = published(&bench, key, &[]).await;
        let rows: Vec<Value> = String::from_utf8(stored)
            .unwrap()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0]["name"], "山田, \"太郎\"");
        assert_eq!(rows[0]["note"], "line one\nline two\tand a tab");
        assert_eq!(rows[1]["note"], Value::Null);
        assert_eq!(rows[2]["id"], json!(3));
        assert_eq!(content_type, "application/x-ndjson");
    }
}

#[tokio::test]
async fn parquet() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let (stored, content_type) = published(&bench, "x.parquet", &[]).await;
    assert!(stored.starts_with(b"PAR1") && stored.ends_with(b"PAR1"));
    assert_eq!(content_type, "application/vnd.apache.parquet");
    let refused = ["--query", PEOPLE, "--compression", "gzip"];
    let outcome = bench.run("y.parquet", &refused).await;
    outcome.assert_failure(2, "parquet compresses by itself");
}

#[tokio::test]
async fn mysql_batch_is_the_real_clients() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let query = "SELECT * FROM people ORDER BY id";
    for (ours, theirs, pipe) in [
        (&[][..], &["--batch"][..], ""),
        (&["--skip-column-names"], &["--batch", "-N"], ""),
        (&["--raw"], &["--batch", "--raw"], ""),
        (
            &["--skip-column-names", "--tabs-to-commas"],
            &["--batch", "--skip-column-names"],
            "| sed 's/\\t/,/g'",
        ),
    ] {
        let arguments = [&["--format", "mysql-batch"], ours].concat();
        let stored = bench.export("x.csv", query, &arguments).await;
        let reference = bench.client(theirs, query, pipe).await;
        assert_eq!(
            String::from_utf8_lossy(&stored),
            String::from_utf8_lossy(&reference),
            "{ours:?}"
        );
        assert_eq!(stored, reference, "{ours:?}");
    }
    let (_, content_type) = published(&bench, "x.txt", &["--format", "mysql-batch"]).await;
    assert_eq!(content_type, "text/plain");
}

#[tokio::test]
async fn compressed_by_the_ending_of_the_name() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let plain = bench.export("x.csv", PEOPLE, &[]).await;
    let (stored, content_type) = published(&bench, "x.csv.gz", &[]).await;
    assert_eq!(content_type, "application/gzip");
    let manifest = bench.manifest();
    assert_eq!(manifest["uncompressed_sha256"], sha256(&plain));
    assert_eq!(manifest["compression"], "gzip");
    assert_eq!(unpack(&stored).await, plain);
    let (_, content_type) = published(&bench, "x.jsonl.zst", &[]).await;
    assert_eq!(content_type, "application/zstd");
}

async fn unpack(gzip: &[u8]) -> Vec<u8> {
    use tokio::io::AsyncReadExt as _;
    let mut decoder = async_compression::tokio::bufread::GzipDecoder::new(gzip);
    decoder.multiple_members(true);
    let mut text = Vec::new();
    decoder.read_to_end(&mut text).await.unwrap();
    text
}

#[tokio::test]
async fn no_rows_are_a_result_too() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let query = "SELECT id, updated_at FROM nobody";
    assert_eq!(
        bench.export("x.csv", query, &[]).await,
        b"id,updated_at\r\n"
    );
    assert_eq!(bench.export("x.jsonl", query, &[]).await, b"");
    assert_eq!(bench.manifest()["row_count"], 0);
    // The client prints no header without rows; so do we.
    let arguments = ["--format", "mysql-batch"];
    let reference = bench.client(&["--batch"], query, "").await;
    assert_eq!(bench.export("x.txt", query, &arguments).await, reference);
    let parquet = bench.export("x.parquet", query, &[]).await;
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
}
