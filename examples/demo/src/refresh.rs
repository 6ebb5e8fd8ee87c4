//! Data sets refreshed when the dump is there: the gate is its own manifest.

use std::process::{Output, Stdio};

use anyhow::{Result, ensure};
use datatransit_quicksight::testing::double::{
    DoubleOptions, IngestionEnd, IngestionScript, QuickSightDouble,
};
use e2e::binary::binary;
use e2e::s3::{ACCESS_KEY, SECRET_KEY};
use tokio::process::Command;

use crate::job::Job;
use crate::report::{broken, done, note};
use crate::stage::{BUCKET, Stage};

/// Shows it, and says whether it came out as it must.
pub(crate) async fn shown(stage: &Stage, job: &Job) -> Result<bool> {
    match tour(stage, job).await {
        Ok(()) => Ok(true),
        Err(error) => {
            broken("data sets refreshed", &format!("{error:#}"));
            Ok(false)
        }
    }
}

async fn tour(stage: &Stage, job: &Job) -> Result<()> {
    let double = double()?;
    let started = || double.calls_of("CreateIngestion").len();

    let absent = format!("--gate-manifest=s3://{BUCKET}/dumps-manifest/absent.json");
    run(stage, &double, &["--all", &absent], 12).await?;
    ensure!(started() == 0, "a closed gate let a refresh through");
    done("no manifest, no refresh", "exit code 12");

    let gate = format!("--gate-manifest=s3://{BUCKET}/{}", job.manifest_key);
    note("spice-refresh --all --gate-manifest s3://…/dumps-manifest/….json\n ");
    let first = run(stage, &double, &["--all", &gate], 1).await?;
    note(&String::from_utf8_lossy(&first.stdout));
    ensure!(started() == 3, "{} ingestions instead of three", started());
    done(
        "behind the dump's manifest",
        "one failed, and says why: exit code 1",
    );

    run(stage, &double, &["--all", &gate], 0).await?;
    ensure!(started() == 4, "{} ingestions instead of four", started());
    done(
        "mended and run again",
        "only that one was started again: exit code 0",
    );
    Ok(())
}

/// Three data sets in SPICE, one of them built on another, one with a query that fails
/// once; and one that queries directly.
fn double() -> Result<QuickSightDouble> {
    let mut options = DoubleOptions::default();
    // One program asks this double and that of S3, with one key.
    options.access_key_id = ACCESS_KEY.to_owned();
    options.secret_access_key = SECRET_KEY.to_owned();
    let double = QuickSightDouble::start(options)?;
    for id in ["contracts", "occupancy", "payments"] {
        double.add_data_set(id, &["day:DATETIME"]);
    }
    double.add_direct_query_data_set("live_rooms", &["room"]);
    double.build_data_set_on("occupancy", &["contracts"]);
    let mut script = IngestionScript::default();
    script.end = IngestionEnd::Failed {
        kind: "SQL_TABLE_NOT_FOUND".to_owned(),
        message: "there is no table gghouse.payment".to_owned(),
    };
    double.script_next_ingestion("payments", script);
    Ok(double)
}

/// Runs `spice-refresh` with the doubles' environment and no other.
async fn run(
    stage: &Stage,
    double: &QuickSightDouble,
    arguments: &[&str],
    code: i32,
) -> Result<Output> {
    let output = Command::new(binary("spice-refresh"))
        .args(arguments)
        .args(["--account", double.account_id(), "--first-pause=10ms"])
        .env_clear()
        .envs(double.environment())
        .env("AWS_ENDPOINT_URL_S3", stage.aws.endpoint().url())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await?;
    ensure!(
        output.status.code() == Some(code),
        "spice-refresh {}: {}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}
