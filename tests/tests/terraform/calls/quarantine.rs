//! quarantine's calls: a day marked and cleared, and the list of days.

use super::Calls;
use super::jobs::{run, world};

#[tokio::test]
async fn quarantine_calls_what_its_policy_allows() {
    let Some((aws, database)) = world().await else {
        return;
    };
    let to = "s3://dumps-bucket/dumps/gghouse_%Y%m%d.sql.gz";
    let manifest = "s3://dumps-bucket/dumps-manifest/gghouse_%Y%m%d.json";
    let dump = [
        "--credentials",
        "secretsmanager:prod/rds-cron",
        "--date",
        "2026-11-22",
        "--to",
        to,
        "--manifest",
        manifest,
        "--single-transaction",
        &database,
        "tenants",
    ];
    assert_eq!(run(&aws, "full-dump", &dump).await, Some(0));
    // Those were full-dump's.
    let others = aws.s3().calls().len();

    for command in ["mark", "clear"] {
        let day = [
            "--manifest",
            manifest,
            "--date",
            "2026-11-22",
            "--reason",
            "a day behind",
        ];
        let arguments = [&[command], &day[..]].concat();
        assert_eq!(
            run(&aws, "quarantine", &arguments).await,
            Some(0),
            "{command}"
        );
    }
    let days = ["--from", "2026-11-21", "--to", "2026-11-23"];
    let arguments = [&["list", "--manifest", manifest, "--dump", to], &days[..]].concat();
    assert_eq!(
        run(&aws, "quarantine", &arguments).await,
        Some(9),
        "days are missing"
    );

    let mut calls = Calls::default();
    calls.add_s3(
        &aws.s3().calls()[others..],
        &[("dumps/", "dump"), ("dumps-manifest/", "manifest")],
    );
    calls.assert_table("quarantine", &[]);
}
