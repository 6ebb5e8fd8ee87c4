//! The refresh itself: gate, plan, start, wait, and the result on standard output.

use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use datatransit_job::progress::Terminal;
use datatransit_job::{RunId, Stop};
use datatransit_quicksight::AwsQuickSight;
use datatransit_spice::gate::S3Objects;
use datatransit_spice::{Pace, Refresh, RefreshError, Report, Run};
use jiff::Timestamp;
use serde::Serialize;

use crate::cli::Cli;
use crate::exit::Exit;
use crate::progress::Progress;
use crate::{Problem, settings, world};

/// The report, and where to go on if the run is not over.
#[derive(Debug, Serialize)]
struct Printed {
    #[serde(flatten)]
    report: Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    resume_token: Option<String>,
}

/// Does what the command line says.
pub(crate) async fn run(
    cli: &Cli,
    run_id: &RunId,
    terminal: &Terminal,
    stop: &Stop,
) -> Result<Exit, Problem> {
    if let Some(token) = &cli.run.resume {
        // A wrong token is told before AWS is asked for anything.
        Run::from_token(token).map_err(Problem::usage)?;
        let refresh = connect(cli, terminal, false).await?;
        let run = refresh.resume(token).map_err(Problem::usage)?;
        return follow(cli, &refresh, run, stop).await;
    }
    let config = settings::config(cli).map_err(Problem::usage)?;
    let now = Timestamp::now();
    let trigger = settings::trigger(cli, &config, run_id, now).map_err(Problem::usage)?;
    let refresh = connect(cli, terminal, config.gate.is_some()).await?;
    let signal = stop.token();
    if cli.run.dry_run {
        let run = tokio::select! {
            run = refresh.plan(config, trigger) => run.map_err(Problem::of)?,
            () = signal.cancelled() => return Ok(Exit::Terminated),
        };
        let report = run.report();
        let exit = if report.failed > 0 {
            Exit::Failed
        } else {
            Exit::Success
        };
        print(cli, report, None)?;
        return Ok(exit);
    }
    let planned = async {
        if let Some(opened) = refresh.gate(&config, &trigger).await? {
            tracing::info!(
                manifest = opened.manifest,
                dump_run_id = opened.run_id,
                "the gate is open"
            );
        }
        refresh.plan(config, trigger).await
    };
    let run = tokio::select! {
        run = planned => run.map_err(Problem::of)?,
        () = signal.cancelled() => {
            tracing::warn!("ended by a signal: nothing was started");
            return Ok(Exit::Terminated);
        }
    };
    follow(cli, &refresh, run, stop).await
}

/// Starts, and waits if that is wanted.
async fn follow(cli: &Cli, refresh: &Refresh, mut run: Run, stop: &Stop) -> Result<Exit, Problem> {
    let signal = stop.token();
    tokio::select! {
        () = async {
            if cli.run.no_wait {
                refresh.start(&mut run).await;
            } else {
                refresh.wait(&mut run, None).await;
            }
        } => {}
        () = signal.cancelled() => {
            tracing::warn!("ended by a signal: what is under way goes on; --resume waits for it");
        }
    }
    let report = run.report();
    let token = (!run.is_over()).then(|| run.token());
    // Something that failed already is told now, though the rest is under way.
    let exit = if report.failed > 0 && !run.is_over() {
        Exit::Failed
    } else {
        Exit::of(report.verdict)
    };
    print(cli, report, token)?;
    Ok(exit)
}

async fn connect(cli: &Cli, terminal: &Terminal, has_gate: bool) -> Result<Refresh, Problem> {
    let (aws, account) = world::connect(cli.common.account.as_deref()).await?;
    let api = AwsQuickSight::from_sdk_config(aws.config().await, account);
    let mut pace = Pace::default();
    if let Some(first) = cli.run.first_pause {
        let longest = pace.longest_pause.min(first * 15);
        pace = pace.with_pauses(first, longest);
        // Who looks every few milliseconds is not asking Amazon.
        if first < Duration::from_millis(100) {
            pace = pace.with_calls_per_second(1000);
        }
    }
    let refresh = Refresh::new(Arc::new(api))
        .with_pace(pace)
        .with_observer(Arc::new(Progress::new(terminal.clone())));
    Ok(if has_gate {
        refresh.with_objects(Arc::new(S3Objects::new(aws.s3().await)))
    } else {
        refresh
    })
}

fn print(cli: &Cli, report: Report, resume_token: Option<String>) -> Result<(), Problem> {
    let text = if cli.common.json {
        let printed = Printed {
            report,
            resume_token,
        };
        serde_json::to_string_pretty(&printed)
            .context("write JSON")
            .map_err(Problem::other)?
            + "\n"
    } else {
        let token = resume_token.map(|token| format!("resume: {token}\n"));
        format!("{report}{}", token.unwrap_or_default())
    };
    io::stdout()
        .write_all(text.as_bytes())
        .context("write to standard output")
        .map_err(Problem::other)
}

impl Problem {
    /// Why nothing was started.
    fn of(error: RefreshError) -> Self {
        let exit = match error {
            RefreshError::Gate(_) => Exit::Gate,
            _ => Exit::Usage,
        };
        Self {
            exit,
            error: error.into(),
        }
    }
}
