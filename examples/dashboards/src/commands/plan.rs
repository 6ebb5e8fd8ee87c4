//! `plan` and `drift`: what differs, and in which direction.

use std::path::PathBuf;

use datatransit_quicksight::plan::{Markdown, Plan, Planner, SourceFile, Text};

use super::Session;
use crate::exit::Exit;
use crate::print;
use crate::world;

pub(crate) async fn plan(
    session: &Session<'_>,
    files: &[PathBuf],
    markdown: Option<usize>,
) -> anyhow::Result<Exit> {
    let files = session.world.files(files, &session.cli.common.only)?;
    let plan = look(session, &files, false).await?;
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

/// Prints a plan.
pub(crate) fn show(session: &Session<'_>, plan: &Plan) -> anyhow::Result<()> {
    if session.cli.common.json {
        print::json(plan)
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
