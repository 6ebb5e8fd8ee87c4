//! query-export's calls: as full-dump's, of its own objects.

use e2e::s3::{FaultRule, Operation, REGION};

use super::Calls;
use super::full_dump::{run, world};

#[tokio::test]
async fn query_export_calls_what_its_policy_allows() {
    let Some((aws, _)) = world().await else {
        return;
    };
    let topic = aws.sns().create_topic(REGION, "alerts");
    let day = |date: &'static str| {
        [
            "--alert-topic",
            topic.as_str(),
            "--metrics",
            "cloudwatch",
            "--lock-uri",
            "s3://dumps-bucket/locks/hexes",
            "--credentials",
            "secretsmanager:prod/rds-cron",
            "--date",
            date,
            "--to",
            "s3://dumps-bucket/exports/hexes_%Y%m%d.csv",
            "--manifest",
            "s3://dumps-bucket/exports-manifest/hexes_%Y%m%d.json",
            "--memory",
            "24MiB",
        ]
    };
    let run = async |date, arguments: &[&str], code| {
        let arguments = [&day(date), arguments].concat();
        assert_eq!(
            run(&aws, "query-export", &arguments).await,
            Some(code),
            "{arguments:?}"
        );
    };
    let small = ["--query", "SELECT * FROM tenants"];
    let large = ["--query", "SELECT * FROM hexes"];

    run("2026-11-21", &[&["--check"], &small[..]].concat(), 0).await;
    run("2026-11-21", &[&["--dry-run"], &small[..]].concat(), 0).await;
    run(
        "2026-11-21",
        &[&["--tag", "team=data"], &small[..]].concat(),
        0,
    )
    .await;
    run(
        "2026-11-21",
        &[&["--if-exists", "skip"], &small[..]].concat(),
        0,
    )
    .await;
    run(
        "2026-11-21",
        &[&["--if-exists", "fail"], &small[..]].concat(),
        8,
    )
    .await;
    run(
        "2026-11-22",
        &[&["--if-exists", "skip"], &large[..]].concat(),
        0,
    )
    .await;
    assert!(aws.s3().call_count(Operation::UploadPart) > 1);
    aws.s3()
        .add_fault(FaultRule::access_denied(Operation::UploadPart).nth(2));
    run("2026-11-23", &large, 8).await;
    aws.s3().clear_faults();

    let mut calls = Calls::default();
    calls.add_others(&aws);
    calls.add_s3(
        &aws.s3().calls(),
        &[
            ("exports/", "export"),
            ("exports-manifest/", "manifest"),
            ("locks/", "lock"),
        ],
    );
    calls.assert_table("query-export", &[]);
}
