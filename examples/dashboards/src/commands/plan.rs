//! `plan` and `drift`: what differs, and in which direction.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use datatransit_quicksight::plan::{Markdown, Plan, Planner, SourceFile, Text};

use super::Session;
use crate::exit::Exit;
use crate::print;
use crate::world;

pub(crate) async fn plan(
    session: &Session<'_>,
    files: &[PathBuf],
    markdown: Option<usize>,
    out: Option<&Path>,
) -> anyhow::Result<Exit> {
    let files = session.world.files(files, &session.cli.common.only)?;
    let plan = look(session, &files, false).await?;
    if let Some(path) = out {
        keep(&plan, path)?;
    }
    match markdown {
        Some(limit) => {
            print::text(&Markdown::new(&plan).with_limit_bytes(limit).to_string())?;
            // The whole is in the log, where nothing is cut.
            tracing::info!("the whole plan:\n{}", Text::new(&plan));
        }
        None => show(session, &plan)?,
    }
    Ok(exit(&plan))
}

pub(crate) async fn drift(session: &Session<'_>, files: &[PathBuf]) -> anyhow::Result<Exit> {
    let files = session.world.files(files, &session.cli.common.only)?;
    let plan = look(session, &files, true).await?;
    show(session, &plan)?;
    Ok(exit(&plan))
}

/// Makes a plan.
pub(crate) async fn look(
    session: &Session<'_>,
    files: &[SourceFile],
    drift: bool,
) -> anyhow::Result<Plan> {
    let api = session.world.api().await;
    let planner = Planner::new(
        &api,
        &session.world.environment,
        session.world.name.as_str(),
    )
    .with_options(world::options(&session.cli.common))
    .with_cancel(session.stop.token());
    Ok(if drift {
        planner.drift(files).await?
    } else {
        planner.plan(files).await?
    })
}

fn keep(plan: &Plan, path: &Path) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(plan).context("write the plan")?;
    std::fs::write(path, format!("{text}\n"))
        .with_context(|| format!("write the plan to {}", path.display()))
}

/// Reads a plan that was kept.
pub(crate) fn read(path: &Path) -> anyhow::Result<Plan> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("read the plan {}", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is not what `plan --out` writes", path.display()))
}

/// Prints a plan; its files are left out.
pub(crate) fn show(session: &Session<'_>, plan: &Plan) -> anyhow::Result<()> {
    if session.cli.common.json {
        print::json(&plan.summary())
    } else {
        print::text(&Text::new(plan).with_colour(print::colour()).to_string())
    }
}

fn exit(plan: &Plan) -> Exit {
    if plan.has_changes() {
        Exit::Changes
    } else {
        Exit::Success
    }
}
