//! Refresh schedules and properties as code.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, anyhow};
use datatransit_job::Stop;
use datatransit_quicksight::refreshes::{self, RefreshSettings};
use datatransit_quicksight::{ApiError, ApiErrorKind, AwsQuickSight};
use datatransit_spice::AssetId;
use serde::{Deserialize, Serialize};

use crate::cli::{Common, SchedulesAction};
use crate::exit::Exit;
use crate::{Problem, world};

/// What `export` prints and `put` reads.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    data_sets: BTreeMap<AssetId, RefreshSettings>,
}

/// Reads or makes schedules.
pub(crate) async fn run(
    common: &Common,
    action: &SchedulesAction,
    stop: &Stop,
) -> Result<Exit, Problem> {
    let signal = stop.token();
    let work = async {
        match action {
            SchedulesAction::Export { ids } => export(common, ids).await,
            SchedulesAction::Put { file } => {
                // A wrong file is told before AWS is asked for anything.
                let settings = read(file).map_err(Problem::usage)?;
                put(common, settings).await
            }
        }
    };
    tokio::select! {
        done = work => done,
        () = signal.cancelled() => Ok(Exit::Terminated),
    }
}

async fn connect(common: &Common) -> Result<AwsQuickSight, Problem> {
    let (aws, account) = world::connect(common.account.as_deref()).await?;
    Ok(AwsQuickSight::from_sdk_config(aws.config().await, account))
}

async fn export(common: &Common, ids: &[AssetId]) -> Result<Exit, Problem> {
    let api = connect(common).await?;
    let mut settings = Settings::default();
    for id in ids {
        let read = refreshes::read(&api, id).await.map_err(problem)?;
        settings.data_sets.insert(id.clone(), read);
    }
    let text = serde_json::to_string_pretty(&settings)
        .context("write JSON")
        .map_err(Problem::other)?;
    print(&format!("{text}\n"))?;
    Ok(Exit::Success)
}

/// Every data set is tried; one that fails keeps no other back.
async fn put(common: &Common, settings: Settings) -> Result<Exit, Problem> {
    let api = connect(common).await?;
    let mut exit = Exit::Success;
    let mut told: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (id, wanted) in &settings.data_sets {
        match refreshes::put(&api, id, wanted).await {
            Ok(changes) => {
                let changes = changes.iter().map(ToString::to_string).collect();
                told.insert(id.to_string(), changes);
            }
            Err(error) => {
                tracing::error!(data_set = %id, "not set: {error}");
                exit = problem(error).exit;
            }
        }
    }
    if common.json {
        let text = serde_json::to_string_pretty(&told)
            .context("write JSON")
            .map_err(Problem::other)?;
        print(&format!("{text}\n"))?;
        return Ok(exit);
    }
    for (id, changes) in told {
        let changes = if changes.is_empty() {
            "unchanged".to_owned()
        } else {
            changes.join(", ")
        };
        print(&format!("{id}: {changes}\n"))?;
    }
    Ok(exit)
}

fn read(path: &Path) -> anyhow::Result<Settings> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("read {shown}"))?;
    let settings: Settings = serde_json::from_str(&text)
        .with_context(|| format!("{shown}, as `schedules export` prints it"))?;
    for (id, of) in &settings.data_sets {
        for (name, schedule) in &of.schedules {
            if schedule.text("ScheduleId") != Some(name) {
                return Err(anyhow!(
                    "{shown}: data set `{id}`: the schedule under `{name}` has another ScheduleId"
                ));
            }
        }
    }
    Ok(settings)
}

fn problem(error: ApiError) -> Problem {
    let exit = match error.kind {
        ApiErrorKind::NoCredentials => Exit::Credentials,
        _ => Exit::Failed,
    };
    Problem {
        exit,
        error: error.into(),
    }
}

fn print(text: &str) -> Result<(), Problem> {
    io::stdout()
        .write_all(text.as_bytes())
        .context("write to standard output")
        .map_err(Problem::other)
}
