//! What a run publishes.

use serde_json::json;

use crate::bench::{BUCKET, Bench, KEY, PRODUCTION, TO, sha256, unpack};

#[tokio::test]
async fn the_production_job_publishes_dump_tags_and_manifest() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let outcome = bench.run(&["--tag", "team=data"]).await;
    let summary = outcome.assert_code(0);
    eprintln!("{}\n{summary:#}", outcome.stderr);
    assert_eq!(summary["status"], "published");

    let stored = bench.dump().unwrap();
    let text = unpack(&stored).await;
    let mut arguments = vec!["-B", bench.database.as_str()];
    // MariaDB's client knows no GTID option of MySQL's.
    arguments.extend(PRODUCTION.iter().filter(|option| !option.contains("gtid")));
    let reference = bench.reference(&arguments).await;
    assert_eq!(
        String::from_utf8_lossy(&text),
        String::from_utf8_lossy(&reference)
    );

    let manifest = bench.manifest().unwrap();
    eprintln!("{manifest:#}");
    assert_eq!(manifest["dump_key"], KEY);
    assert_eq!(manifest["dump_date"], "2026-11-23");
    assert_eq!(manifest["dump_sha256"], sha256(&stored));
    assert_eq!(manifest["uncompressed_sha256"], sha256(&text));
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

    let object = bench.aws.s3().object(BUCKET, KEY).unwrap();
    assert_eq!(object.content_type.as_deref(), Some("application/gzip"));
    assert_eq!(object.content_encoding, None);
    let run_id = summary["run_id"].as_str().unwrap();
    assert_eq!(manifest["run_id"], run_id);
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
    let _ = TO;
}
