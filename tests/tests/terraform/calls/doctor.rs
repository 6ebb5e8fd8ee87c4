//! The doctor's calls: a look at a dump's and at an export's job file.

use super::Calls;
use super::jobs::{run, world};

#[tokio::test]
async fn doctor_calls_what_its_policy_allows() {
    let Some((aws, database)) = world().await else {
        return;
    };
    let topic = aws.sns().create_topic(e2e::s3::REGION, "alerts");
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: String| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let dump = file(
        "full-dump.toml",
        format!(
            "credentials = \"secretsmanager:prod/rds-cron\"\nnames = [\"{database}\"]\ndatabases = true\n\
             single-transaction = true\nif-exists = \"skip\"\n\
             to = \"s3://dumps-bucket/dumps/gghouse_%Y%m%d.sql.gz\"\n\
             manifest = \"s3://dumps-bucket/dumps-manifest/gghouse_%Y%m%d.json\"\n\
             lock-uri = \"s3://dumps-bucket/locks/full-dump\"\nalert-topic = [\"{topic}\"]\n"
        ),
    );
    let export = file(
        "tenants.toml",
        "credentials = \"secretsmanager:prod/rds-cron\"\nquery = \"SELECT id FROM tenants\"\n\
         if-exists = \"skip\"\nto = \"s3://dumps-bucket/exports/tenants_%Y%m%d.csv\"\n\
         manifest = \"s3://dumps-bucket/exports-manifest/tenants_%Y%m%d.json\"\n"
            .to_owned(),
    );
    let code = run(&aws, "doctor", &["--config", &dump, "--config", &export]).await;
    assert_eq!(code, Some(0));

    let mut calls = Calls::default();
    calls.add_others(&aws);
    calls.add_s3(
        &aws.s3().calls(),
        &[
            ("dumps/", "dump"),
            ("dumps-manifest/", "manifest"),
            ("exports/", "export"),
            ("exports-manifest/", "manifest"),
            ("locks/", "lock"),
        ],
    );
    calls.assert_table("doctor", &[]);
}
