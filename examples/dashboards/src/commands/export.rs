//! `export`: assets of the account into files.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use datatransit_quicksight::export::{Export, Exported, Exporter};
use datatransit_quicksight::file::{FileStore, WriteOutcome};
use datatransit_quicksight::wait::Patience;
use datatransit_quicksight::{AssetId, AssetKind, AssetRef};
use serde::Serialize;

use super::Session;
use crate::cli::ExportArgs;
use crate::exit::Exit;
use crate::print;

#[derive(Serialize)]
struct Row {
    kind: AssetKind,
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

pub(crate) async fn run(session: &Session<'_>, arguments: &ExportArgs) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let world = &session.world;
    let store = FileStore::new(&world.dir);
    // A directory that is not there yet has no earlier files; one that cannot be read
    // is an error, or symbols and spellings would be lost without a word.
    let earlier = if world.dir.is_dir() {
        store.read_all()?
    } else {
        Vec::new()
    };
    let exporter = Exporter::new(Arc::new(world.api().await), world.environment.clone())
        .with_concurrency(usize::from(session.cli.common.concurrency))
        .with_earlier(earlier.into_iter().map(|(_, file)| file));
    // A little before the whole run's, so that what fails is told asset by asset.
    let time = session.cli.common.deadline;
    let patience = Patience::within(time.saturating_sub(Duration::from_secs(2).min(time / 4)));
    let export = if arguments.all {
        exporter.export_all(&arguments.kind, &patience).await?
    } else {
        exporter
            .export_these(&named(session, &arguments.ids)?, &patience)
            .await
    };
    let rows = written(session, &store, &export, arguments.dry_run)?;
    if !export.skipped.is_empty() {
        let skipped = export.skipped.len();
        tracing::info!(
            skipped,
            "assets that are not this environment's are left out"
        );
    }
    show(session, &rows, started)?;
    Ok(if export.is_complete() {
        Exit::Success
    } else {
        Exit::Error
    })
}

fn written(
    session: &Session<'_>,
    store: &FileStore,
    export: &Export,
    dry_run: bool,
) -> anyhow::Result<Vec<Row>> {
    let total = export.exported.len() + export.failed.len();
    let progress = session.terminal.progress("export", total);
    let mut rows = Vec::with_capacity(total);
    for done in &export.exported {
        let outcome = write(store, done, dry_run)?;
        progress.done(&done.asset.to_string(), outcome);
        rows.push(Row {
            kind: done.asset.kind,
            id: done.asset.id.to_string(),
            version: done.version,
            file: Some(store.path_of(&done.file.asset()).display().to_string()),
            outcome,
            notes: done.notes.iter().map(ToString::to_string).collect(),
        });
    }
    for error in &export.failed {
        tracing::error!("{error}");
        rows.push(Row {
            kind: error.asset.kind,
            id: error.asset.id.to_string(),
            version: None,
            file: None,
            outcome: "failed",
            notes: vec![error.cause.to_string()],
        });
    }
    Ok(rows)
}

fn write(store: &FileStore, done: &Exported, dry_run: bool) -> anyhow::Result<&'static str> {
    let outcome = if dry_run {
        match std::fs::read_to_string(store.path_of(&done.file.asset())) {
            Ok(text) if text == done.file.to_text() => WriteOutcome::Unchanged,
            Ok(_) => WriteOutcome::Replaced,
            Err(_) => WriteOutcome::Created,
        }
    } else {
        store.write(&done.file)?
    };
    Ok(match outcome {
        WriteOutcome::Created => "created",
        WriteOutcome::Replaced => "replaced",
        _ => "unchanged",
    })
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

/// Ids as they were given: of dashboards, unless a kind stands before.
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
