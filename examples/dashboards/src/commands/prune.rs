//! `prune`: deletes what has no file any more.

use std::collections::BTreeSet;

use datatransit_quicksight::prune::{self, PruneOptions};
use datatransit_quicksight::{AssetKind, AssetRef};

use super::{Session, deploy};
use crate::cli::WriteArgs;
use crate::confirm::confirm;
use crate::exit::Exit;
use crate::world;
use crate::{print, report};

pub(crate) async fn run(
    session: &Session<'_>,
    kinds: &[AssetKind],
    most: usize,
    write: &WriteArgs,
) -> anyhow::Result<Exit> {
    let world = &session.world;
    // All files: one that --only leaves out is kept all the same.
    let files = world.files(&[], &[])?;
    let kept: BTreeSet<AssetRef> = files
        .iter()
        .map(|source| {
            let id = world.environment.physical_id(&source.file.id)?;
            Ok(AssetRef::new(source.file.kind, id))
        })
        .collect::<anyhow::Result<_>>()?;
    let api = world.api().await;
    let mut options = PruneOptions::default();
    options.kinds = kinds.to_vec();
    options.most = most;
    options.concurrency = usize::from(session.cli.common.concurrency);
    let orphans = prune::find(&api, &world.environment, &kept, &options).await?;
    if write.dry_run || orphans.is_empty() {
        if session.cli.common.json {
            print::json(&orphans)?;
        } else {
            let lines = orphans
                .iter()
                .map(|orphan| format!("- {} \"{}\"\n", orphan.asset, orphan.name));
            let mut text: String = lines.collect();
            text.push_str(&format!(
                "prune {}: {} without a file.\n",
                world.name,
                orphans.len()
            ));
            print::text(&text)?;
        }
        return Ok(Exit::Success);
    }
    let names: Vec<String> = orphans
        .iter()
        .map(|orphan| orphan.asset.to_string())
        .collect();
    confirm(write.yes, &format!("Delete {}?", names.join(", ")))?;
    let held = deploy::lock(session, write).await?.acquire().await?;
    let report = prune::apply(
        &api,
        &orphans,
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
