//! `export`: assets of the account into files.

use std::time::Instant;

use anyhow::{anyhow, bail};
use datatransit_quicksight::api::list_all;
use datatransit_quicksight::file::{FileStore, StoreError, WriteOutcome};
use datatransit_quicksight::plan::{Export, Exporting};
use datatransit_quicksight::{AssetId, AssetKind, AssetRef, Symbols};
use serde::Serialize;

use super::Session;
use crate::cli::ExportArgs;
use crate::exit::Exit;
use crate::print;
use crate::world;

#[derive(Serialize)]
struct Row {
    kind: AssetKind,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

pub(crate) async fn run(session: &Session<'_>, arguments: &ExportArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let world = &session.world;
    let api = world.api().await;
    let mut skipped = Vec::new();
    let assets = if arguments.all {
        let mut all = Vec::new();
        for kind in &arguments.kind {
            for summary in list_all(&api, *kind).await? {
                let asset = AssetRef::new(*kind, summary.id);
                match world.environment.logical_id(&asset.id) {
                    Some(_) => all.push(asset),
                    None => skipped.push(asset),
                }
            }
        }
        all
    } else {
        named(session, &arguments.ids)?
    };
    if !skipped.is_empty() {
        tracing::info!(
            assets = skipped.len(),
            prefix = world.environment.id_prefix,
            "assets without the environment's prefix are not exported"
        );
    }
    let store = FileStore::new(&world.dir);
    // What the service calls by an ARN, files call by the symbol of the file.
    let environment = with_known(session, &assets, &store);
    let symbols = Symbols::new(&environment);
    let progress = session.terminal.progress("export", assets.len());
    let exporting = Exporting::new(&api, &environment)
        .with_options(world::options(&session.cli.common))
        .with_cancel(session.stop.token());
    let mut rows = Vec::new();
    let mut failed = 0_usize;
    exporting
        .each(&assets, |asset, export| {
            let row = match export {
                Ok(Some(export)) => write(&store, &export, &symbols, arguments.dry_run),
                Ok(None) => Err(anyhow!("{asset} is not there")),
                Err(error) => Err(anyhow!(error)),
            };
            match row {
                Ok(row) => {
                    progress.done(&asset.to_string(), row.outcome);
                    rows.push(row);
                }
                Err(error) => {
                    failed += 1;
                    tracing::error!("export {asset}: {error:#}");
                    progress.done(&asset.to_string(), "failed");
                    rows.push(Row {
                        kind: asset.kind,
                        id: asset.id.to_string(),
                        file: None,
                        outcome: "failed",
                        notes: vec![format!("{error:#}")],
                    });
                }
            }
        })
        .await;
    drop(progress);
    show(session, &rows, started)?;
    Ok(if failed == 0 { Exit::Success } else { Exit::Error })
}

fn show(session: &Session<'_>, rows: &[Row], started: Instant) -> anyhow::Result<()> {
    if session.cli.common.json {
        return print::json(&rows);
    }
    let mut text = String::new();
    for row in rows {
        for note in &row.notes {
            text.push_str(&format!("! {} {}: {note}\n", row.kind, row.id));
        }
    }
    let count = |outcome| rows.iter().filter(|row| row.outcome == outcome).count();
    text.push_str(&format!(
        "export {}: {} new, {} changed, {} unchanged, {} failed, in {:.1} s.\n",
        session.world.dir.display(),
        count("created"),
        count("replaced"),
        count("unchanged"),
        count("failed"),
        started.elapsed().as_secs_f64(),
    ));
    print::text(&text)
}

/// Ids as they were given: of the account, of dashboards unless a kind stands before.
fn named(session: &Session<'_>, ids: &[String]) -> anyhow::Result<Vec<AssetRef>> {
    let environment = &session.world.environment;
    ids.iter()
        .map(|given| {
            let (kind, id) = match given.split_once('/') {
                Some((word, id)) => match AssetKind::of_word(word) {
                    Some(kind) => (kind, id),
                    None => bail!("{given}: `{word}` is no kind of asset"),
                },
                None => (AssetKind::Dashboard, given.as_str()),
            };
            let id = AssetId::new(id)?;
            // With the prefix it is the account's, without it the files'.
            let physical = match environment.logical_id(&id) {
                Some(_) => id,
                None => environment.physical_id(&id)?,
            };
            Ok(AssetRef::new(kind, physical))
        })
        .collect()
}

/// The environment with a symbol for each asset that is exported or has a file.
fn with_known(
    session: &Session<'_>,
    assets: &[AssetRef],
    store: &FileStore,
) -> datatransit_quicksight::Environment {
    let environment = session.world.environment.clone();
    let mut logical: Vec<AssetRef> = assets
        .iter()
        .filter_map(|asset| {
            let id = environment.logical_id(&asset.id)?;
            Some(AssetRef::new(asset.kind, id))
        })
        .collect();
    // A directory that is not there yet knows nothing.
    let files = store.read_all().unwrap_or_default();
    logical.extend(files.iter().map(|(_, file)| file.asset()));
    environment.with_assets(&logical)
}

fn write(
    store: &FileStore,
    export: &Export,
    symbols: &Symbols<'_>,
    dry_run: bool,
) -> anyhow::Result<Row> {
    let path = store.path_of(&export.file.asset());
    let file = match FileStore::read(&path) {
        Ok(earlier) => export.file.clone().with_earlier(&earlier, symbols),
        Err(StoreError::Io { .. }) => export.file.clone(),
        // A broken file is replaced by a whole one.
        Err(error) => {
            tracing::warn!("{error}");
            export.file.clone()
        }
    };
    let outcome = if dry_run {
        match std::fs::read_to_string(&path) {
            Ok(text) if text == file.to_text() => WriteOutcome::Unchanged,
            Ok(_) => WriteOutcome::Replaced,
            Err(_) => WriteOutcome::Created,
        }
    } else {
        store.write(&file)?
    };
    Ok(Row {
        kind: file.kind,
        id: file.id.to_string(),
        file: Some(path.display().to_string()),
        outcome: match outcome {
            WriteOutcome::Created => "created",
            WriteOutcome::Replaced => "replaced",
            _ => "unchanged",
        },
        notes: export.notes.clone(),
    })
}
