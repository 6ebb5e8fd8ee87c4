//! `rollback`: to an older version of the service, or to an older file.

use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, anyhow, bail};
use datatransit_quicksight::file::AssetFile;
use datatransit_quicksight::plan::SourceFile;
use datatransit_quicksight::rollback::{self, Goal};
use datatransit_quicksight::{AssetId, AssetKind, Json};
use serde::Serialize;

use super::{Session, deploy};
use crate::cli::{OnMismatch, WriteArgs};
use crate::confirm::confirm;
use crate::exit::Exit;
use crate::world;
use crate::{print, report};

pub(crate) async fn run(
    session: &Session<'_>,
    id: &str,
    to: Option<u64>,
    revision: Option<&str>,
    write: &WriteArgs,
) -> anyhow::Result<Exit> {
    match revision {
        Some(revision) => to_revision(session, id, revision, write).await,
        None => to_version(session, id, to, write).await,
    }
}

#[derive(Serialize)]
struct Intent<'a> {
    dashboard: &'a str,
    from: Option<u64>,
    to: u64,
}

async fn to_version(
    session: &Session<'_>,
    id: &str,
    to: Option<u64>,
    write: &WriteArgs,
) -> anyhow::Result<Exit> {
    let world = &session.world;
    let api = world.api().await;
    // As files call it; else as the account does.
    let given = AssetId::new(id)?;
    let prefix = world.environment.id_prefix.as_str();
    let physical = if !prefix.is_empty() && id.starts_with(prefix) {
        given
    } else {
        world.environment.physical_id(&given)?
    };
    let goal = to.map_or(Goal::Previous, Goal::Version);
    let found = rollback::find(&api, &physical, goal)
        .await
        .map_err(|error| anyhow!(error))?;
    let from = found
        .from
        .map_or_else(|| "none".to_owned(), |from| from.to_string());
    if write.dry_run {
        let intent = Intent {
            dashboard: found.asset.id.as_str(),
            from: found.from,
            to: found.to,
        };
        if session.cli.common.json {
            print::json(&intent)?;
        } else {
            print::text(&format!("{}: version {from} → {}\n", found.asset, found.to))?;
        }
        return Ok(Exit::Success);
    }
    let question = format!(
        "Publish version {} of {} instead of {from}?",
        found.to, found.asset
    );
    confirm(write.yes, &question)?;
    let held = deploy::lock(session, write).await?.acquire().await?;
    let report = rollback::apply(
        &api,
        &found,
        (&world.name, &world.environment),
        deploy::origin(session, write),
        &world::options(&session.cli.common),
        &session.stop.token(),
    )
    .await;
    if let Err(error) = held.release().await {
        tracing::warn!(%error, "the lock was not given back: it runs out by itself");
    }
    report::finish(&report, session.cli.common.json, write.audit.as_deref())
}

/// Deploys the asset's file as it was in a revision.
async fn to_revision(
    session: &Session<'_>,
    id: &str,
    revision: &str,
    write: &WriteArgs,
) -> anyhow::Result<Exit> {
    if revision.starts_with('-') {
        bail!("--revision {revision}: not a revision");
    }
    let (kind, id) = match id.split_once('/') {
        Some((word, id)) if AssetKind::of_word(word).is_some() => (AssetKind::of_word(word), id),
        _ => (None, id),
    };
    let now = session.world.files(&[], &[])?;
    let mut of_it = now.iter().filter(|source| {
        source.file.id.as_str() == id && kind.is_none_or(|kind| source.file.kind == kind)
    });
    let source = of_it
        .next()
        .with_context(|| format!("no file in {} is of `{id}`", session.world.dir.display()))?;
    if of_it.next().is_some() {
        bail!("several kinds of assets are called `{id}`: say KIND/{id}");
    }
    let path = source.source.clone().unwrap_or_default();
    let text = show(Path::new(&path), revision)?;
    let file = Json::parse(&text)
        .map_err(anyhow::Error::new)
        .and_then(|json| AssetFile::from_json(json).map_err(anyhow::Error::new))
        .with_context(|| format!("read {path} of revision {revision}"))?;
    let files = [SourceFile::new(file, format!("{revision}:{path}"))];
    let named = Some(revision.to_owned());
    deploy::carry_out(
        session,
        deploy::Work::Files(&files),
        write,
        OnMismatch::RollBack,
        "rollback",
        named,
    )
    .await
}

fn show(path: &Path, revision: &str) -> anyhow::Result<String> {
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let name = path
        .file_name()
        .context("the file has no name")?
        .to_string_lossy();
    let output = Command::new("git")
        .arg("-C")
        .arg(directory.unwrap_or(Path::new(".")))
        .args(["show", "--no-textconv", &format!("{revision}:./{name}")])
        .output()
        .context("run git")?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "git has no {} in {revision}: {}",
            path.display(),
            said.trim()
        );
    }
    String::from_utf8(output.stdout).context("the file is not UTF-8")
}
