//! query-export's calls.

use super::Calls;
use super::jobs::{nights, world};

#[tokio::test]
async fn query_export_calls_what_its_policy_allows() {
    let Some((aws, _)) = world().await else {
        return;
    };
    let options = [
        "--to",
        "s3://dumps-bucket/exports/hexes_%Y%m%d.csv",
        "--manifest",
        "s3://dumps-bucket/exports-manifest/hexes_%Y%m%d.json",
    ];
    let small = ["--query", "SELECT * FROM tenants"];
    let large = ["--query", "SELECT * FROM hexes"];
    nights(&aws, "query-export", &options, &small, &large).await;

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
