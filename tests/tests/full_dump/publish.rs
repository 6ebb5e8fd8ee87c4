//! What a run publishes.

use e2e::production::OPTIONS;
use e2e::s3::Operation;
use serde_json::{Value, json};

use crate::bench::{BUCKET, Bench, KEY, MANIFEST_KEY, Outcome, SECRET, sha256, unpack};

/// The production options as MariaDB's client takes them: it knows no GTID option.
fn as_mariadb_takes_them(database: &str) -> Vec<&str> {
    [&["-B", database], OPTIONS].concat()
}

#[tokio::test]
async fn the_production_job_publishes_dump_tags_and_manifest() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let outcome = bench.run(&["--tag", "team=data"]).await;
    let summary = outcome.assert_code(0);
    assert_eq!(summary["status"], "published");

    let stored = bench.dump().unwrap();
    let text = unpack(&stored).await;
    let reference = bench
        .reference(&as_mariadb_takes_them(&bench.database))
        .await;
    assert_eq!(
        String::from_utf8_lossy(&text),
        String::from_utf8_lossy(&reference)
    );

    let manifest = bench.manifest().unwrap();
    assert_manifest(&bench, &manifest, &stored, &text);
    let run_id = summary["run_id"].as_str().unwrap();
    assert_eq!(manifest["run_id"], run_id);
    for (name, in_manifest) in [
        ("dump_sha256", "dump_sha256"),
        ("dump_size_bytes", "dump_size_bytes"),
        ("uncompressed_sha256", "uncompressed_sha256"),
        ("rows", "row_count"),
        ("tables", "table_count"),
        ("dump_key", "dump_key"),
    ] {
        assert_eq!(summary[name], manifest[in_manifest], "{name}");
    }

    let object = bench.aws.s3().object(BUCKET, KEY).unwrap();
    assert_eq!(object.content_type.as_deref(), Some("application/gzip"));
    assert_eq!(
        object.content_encoding, None,
        "or HTTP clients would unpack it"
    );
    let tags: Vec<(&str, &str)> = object
        .tags
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    assert_eq!(
        tags,
        [
            ("run_id", run_id),
            ("source_valid", "true"),
            ("team", "data"),
            ("valid_for_etl", "true")
        ]
    );
    assert_eq!(bench.aws.s3().open_uploads(), []);
    assert!(
        outcome.stderr.lines().all(|line| line.contains(run_id)),
        "{}",
        outcome.stderr
    );
}

/// The old job's members by their old names, and what is new.
fn assert_manifest(bench: &Bench, manifest: &Value, stored: &[u8], text: &[u8]) {
    assert_eq!(manifest["dump_key"], KEY);
    assert_eq!(manifest["dump_date"], "2026-11-23");
    assert!(
        manifest["generated_at"]
            .as_str()
            .unwrap()
            .ends_with("+09:00")
    );
    assert_eq!(manifest["dump_sha256"], sha256(stored));
    assert_eq!(manifest["uncompressed_sha256"], sha256(text));
    assert_eq!(manifest["dump_size_bytes"], stored.len());
    assert_eq!(manifest["source_host"], "127.0.0.1");
    assert_eq!(manifest["source_port"], bench.server.port());
    assert_eq!(manifest["source_database"], bench.database.as_str());
    assert_eq!(manifest["source_valid"], true);
    assert_eq!(manifest["valid_for_etl"], true);
    assert_eq!(
        manifest["max_updated_at_by_table"],
        json!({"movings": "2026-11-23T05:00:00+09:00", "tenants": "2026-11-23T05:12:33+09:00"})
    );
    assert_eq!(
        manifest["source_table_max_updated_at"],
        "2026-11-23T05:12:33+09:00"
    );
    assert_eq!(manifest["snapshot"]["kind"], "consistent_snapshot");
    let rows: Vec<(&str, u64)> = manifest["tables"]
        .as_array()
        .unwrap()
        .iter()
        .map(|table| {
            (
                table["name"].as_str().unwrap(),
                table["rows"].as_u64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("empty_table", 0),
            ("masters", 1),
            ("movings", 2),
            ("tenants", 3)
        ]
    );
}

#[tokio::test]
async fn the_manifest_is_published_last() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench.run(&[""; 0]).await.assert_code(0);
    let writes: Vec<(Operation, String)> = bench
        .aws
        .s3()
        .calls()
        .into_iter()
        .filter(|call| call.operation != Operation::HeadObject)
        .map(|call| (call.operation, call.key))
        .collect();
    assert_eq!(
        writes,
        [
            (Operation::PutObject, KEY.to_owned()),
            (Operation::PutObjectTagging, KEY.to_owned()),
            (Operation::PutObject, MANIFEST_KEY.to_owned()),
        ]
    );
}

#[tokio::test]
async fn the_object_has_the_attributes_asked_for() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = [
        "--storage-class",
        "STANDARD_IA",
        "--sse-kms-key-id",
        "alias/dumps",
        "--expected-bucket-owner",
        "123456789012",
        "--compression",
        "gzip-single",
        "--compression-level",
        "9",
    ];
    bench.run(&arguments).await.assert_code(0);
    let object = bench.aws.s3().object(BUCKET, KEY).unwrap();
    assert_eq!(object.storage_class.as_deref(), Some("STANDARD_IA"));
    assert_eq!(object.encryption, "aws:kms");
    assert_eq!(bench.manifest().unwrap()["compression"], "gzip-single");
    let stranger = [
        "--expected-bucket-owner",
        "999999999999",
        "--date",
        "2026-11-24",
    ];
    // The date is given twice, so by itself.
    assert_eq!(bench.run(&stranger).await.code, Some(2));
    bench
        .run(&["--expected-bucket-owner", "999999999999"])
        .await
        .assert_failure(8);
}

/// A run with mysqldump's plain defaults to any place.
async fn plain(bench: &Bench, to: &str) -> Outcome {
    let mut command = bench.command();
    command
        .args([
            "--credentials",
            &format!("secretsmanager:{SECRET}"),
            "--to",
            to,
        ])
        .args(["--skip-dump-date", &bench.database]);
    Outcome::of(command.output().await.unwrap())
}

#[tokio::test]
async fn standard_output_a_file_and_the_real_client_agree() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let file = bench.path("dump.sql");
    plain(&bench, &format!("file://{}", file.display()))
        .await
        .assert_code(0);
    let in_file = std::fs::read(&file).unwrap();

    let outcome = plain(&bench, "-").await;
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, in_file);
    let summary = outcome
        .stderr
        .lines()
        .find(|line| line.contains("summary="))
        .unwrap();
    assert!(summary.contains("published"), "{summary}");

    let reference = bench
        .reference(&["--skip-dump-date", &bench.database])
        .await;
    assert_eq!(without_versions(&in_file), without_versions(&reference));
    let left: Vec<String> = std::fs::read_dir(bench.directory.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "dump.sql" && !name.starts_with('.'))
        .collect();
    assert_eq!(left, [""; 0]);
}

/// The comments that name the client, which we are not.
fn without_versions(dump: &[u8]) -> String {
    let text = String::from_utf8_lossy(dump);
    text.lines()
        .filter(|line| !line.starts_with("-- MariaDB dump"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[tokio::test]
async fn a_failed_run_to_standard_output_prints_no_summary_there() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    bench.put_secret(&json!({}));
    let outcome = plain(&bench, "-").await;
    assert_eq!((outcome.code, outcome.stdout.len()), (Some(3), 0));
    let mut command = bench.command();
    command.args(["--to", "-", "--no-such-option"]);
    let outcome = Outcome::of(command.output().await.unwrap());
    assert_eq!((outcome.code, outcome.stdout.len()), (Some(2), 0));
}

#[tokio::test]
async fn tables_may_be_named_and_others_left_out() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let mut command = bench.command();
    let ignored = format!("{}.masters", bench.database);
    command
        .args([
            "--credentials",
            &format!("secretsmanager:{SECRET}"),
            "--to",
            "-",
        ])
        .args(["--compact", "--ignore-table", &ignored, "--no-data"])
        .args([&bench.database, "tenants", "masters"]);
    let outcome = Outcome::of(command.output().await.unwrap());
    let reference = bench
        .reference(&[
            "--compact",
            "--ignore-table",
            &ignored,
            "--no-data",
            &bench.database,
            "tenants",
            "masters",
        ])
        .await;
    assert_eq!(
        String::from_utf8_lossy(&outcome.stdout),
        String::from_utf8_lossy(&reference)
    );
}
