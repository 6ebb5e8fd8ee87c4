//! compare-dumps' calls: a comparison with its report, the history, a flag, the
//! reader's check.

use aws_sdk_s3::primitives::ByteStream;
use e2e::aws::AwsDouble;
use e2e::s3::S3Options;

use super::Calls;
use super::jobs::run;

const DUMP: &str = "CREATE TABLE `t` (\n  `id` int NOT NULL\n);\nINSERT INTO `t` VALUES (1);\n";

#[tokio::test]
async fn compare_dumps_calls_what_its_policy_allows() {
    let aws = AwsDouble::start(S3Options::with_buckets(&["dumps-bucket"])).unwrap();
    for key in ["dumps/gghouse.sql", "dumps-new/gghouse.sql"] {
        let put = aws.endpoint().s3_client().put_object();
        let put = put.bucket("dumps-bucket").key(key);
        put.body(ByteStream::from_static(DUMP.as_bytes()))
            .send()
            .await
            .unwrap();
    }
    // Those two were ours.
    let ours = aws.s3().calls().len();

    let run = async |arguments: &[&str], code| {
        assert_eq!(
            run(&aws, "compare-dumps", arguments).await,
            Some(code),
            "{arguments:?}"
        );
    };
    let (old, new) = (
        "s3://dumps-bucket/dumps/gghouse.sql",
        "s3://dumps-bucket/dumps-new/gghouse.sql",
    );
    let reports = "s3://dumps-bucket/comparison/";
    for date in ["2026-11-22", "2026-11-23"] {
        run(&[old, new, "--date", date, "--report", reports], 0).await;
    }
    run(
        &[
            "flag",
            "--reports",
            reports,
            "--date",
            "2026-11-23",
            "--reason",
            "import stopped",
        ],
        0,
    )
    .await;
    // Two days are too few to cut over: not yet.
    run(
        &["history", "--reports", reports, "--date", "2026-11-23"],
        3,
    )
    .await;
    run(&["consumer", old], 0).await;
    // An object that is not there.
    run(&[old, "s3://dumps-bucket/dumps-new/none.sql"], 2).await;

    let mut calls = Calls::default();
    calls.add_s3(
        &aws.s3().calls()[ours..],
        &[
            ("dumps/", "dump"),
            ("dumps-new/", "dump"),
            ("comparison/", "report"),
        ],
    );
    calls.assert_table("compare-dumps", &[]);
}
