//! full-dump's calls.

use super::Calls;
use super::jobs::{nights, world};

#[tokio::test]
async fn full_dump_calls_what_its_policy_allows() {
    let Some((aws, database)) = world().await else {
        return;
    };
    let options = [
        "--to",
        "s3://dumps-bucket/dumps/gghouse_%Y%m%d.sql.gz",
        "--manifest",
        "s3://dumps-bucket/dumps-manifest/gghouse_%Y%m%d.json",
        "--single-transaction",
        "--compression",
        "none",
    ];
    let large = [database.as_str()];
    let small = [database.as_str(), "tenants"];
    nights(&aws, "full-dump", &options, &small, &large).await;

    let mut calls = Calls::default();
    calls.add_others(&aws);
    calls.add_s3(
        &aws.s3().calls(),
        &[
            ("dumps/", "dump"),
            ("dumps-manifest/", "manifest"),
            ("locks/", "lock"),
        ],
    );
    calls.assert_table("full-dump", &[]);
}
