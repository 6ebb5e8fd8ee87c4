//! The commands, one room each.

mod deploy;
mod export;
mod list;
mod plan;
mod prune;
mod rollback;
mod status;
mod validate;

use datatransit_job::{RunId, Stop};

use crate::cli::{Cli, Command};
use crate::exit::Exit;
use crate::progress::Terminal;
use crate::world::World;

/// What a command has at hand.
pub(crate) struct Session<'a> {
    pub(crate) cli: &'a Cli,
    pub(crate) run_id: &'a RunId,
    pub(crate) terminal: &'a Terminal,
    pub(crate) stop: &'a Stop,
    pub(crate) world: World,
}

/// Does what was asked for.
pub(crate) async fn run(
    cli: &Cli,
    run_id: &RunId,
    terminal: &Terminal,
    stop: &Stop,
) -> anyhow::Result<Exit> {
    let session = Session {
        cli,
        run_id,
        terminal,
        stop,
        world: World::load(&cli.common)?,
    };
    match &cli.command {
        Command::List { kind } => session.reading(list::run(&session, kind)).await,
        Command::Export(arguments) => session.reading(export::run(&session, arguments)).await,
        Command::Plan {
            files,
            markdown,
            markdown_limit,
            out,
        } => {
            let limit = markdown.then_some(*markdown_limit);
            plan::plan(&session, files, limit, out.as_deref()).await
        }
        Command::Drift { files } => plan::drift(&session, files).await,
        Command::Deploy(arguments) => deploy::run(&session, arguments).await,
        Command::Rollback {
            id,
            to,
            revision,
            write,
        } => rollback::run(&session, id, *to, revision.as_deref(), write).await,
        Command::Status { files } => session.reading(status::run(&session, files)).await,
        Command::Prune { kind, max, write } => prune::run(&session, kind, *max, write).await,
        Command::Validate { files } => validate::run(&session, files),
    }
}

impl Session<'_> {
    /// Ends what only reads when the deadline passes or a signal comes.
    async fn reading(
        &self,
        work: impl Future<Output = anyhow::Result<Exit>>,
    ) -> anyhow::Result<Exit> {
        let token = self.stop.token();
        tokio::select! {
            done = tokio::time::timeout(self.cli.common.deadline, work) => {
                done.unwrap_or_else(|_| Err(anyhow::anyhow!("the deadline passed")))
            }
            () = token.cancelled() => Err(anyhow::anyhow!("ended by a signal")),
        }
    }
}
