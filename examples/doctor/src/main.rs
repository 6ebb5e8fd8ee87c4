//! One command that looks at all that the cron jobs need, and says what to do about
//! what is missing. See the README beside this package.
//!
//! The checks are the jobs' own (`--check`): here they are asked of several files at
//! once.

mod cli;
mod job_file;

use std::process::ExitCode as ProcessExitCode;

use clap::FromArgMatches as _;
use datatransit_job::aws::{Aws, PathStyle};
use datatransit_job::check::{Report, caller};
use datatransit_job::{ExitCode, Failure, tool};
use serde_json::json;

use crate::cli::Cli;
use crate::job_file::Examined;

fn main() -> ProcessExitCode {
    tool::run(
        "doctor",
        &cli::command(),
        std::env::args_os(),
        async |matches| {
            let cli = Cli::from_arg_matches(&matches)
                .map_err(|error| Failure::usage(anyhow::anyhow!("{error}")))?;
            examine(&cli).await
        },
    )
}

async fn examine(cli: &Cli) -> Result<ExitCode, Failure> {
    let mut examined = Vec::new();
    for path in &cli.job_files {
        examined.push(job_file::examine(path, cli.timeout).await);
    }
    if examined.is_empty() {
        examined.push(machine().await);
    }
    let exits = examined.iter().map(|examined| examined.report.exit());
    let exit = exits
        .into_iter()
        .find(|exit| *exit != ExitCode::Success)
        .unwrap_or(ExitCode::Success);
    let text = if cli.json {
        to_json(&examined, exit)
    } else {
        to_text(&examined)
    };
    tool::print(&text)?;
    Ok(exit)
}

/// What can be told without a job: who this machine is to AWS.
async fn machine() -> Examined {
    let mut report = Report::default();
    report.add("AWS identity", caller(&Aws::new(PathStyle::Auto)).await);
    Examined {
        name: "this machine".to_owned(),
        program: None,
        report,
    }
}

fn to_json(examined: &[Examined], exit: ExitCode) -> String {
    let jobs: Vec<_> = examined
        .iter()
        .map(|examined| {
            json!({
                "name": examined.name,
                "program": examined.program,
                "status": examined.report.status(),
                "exit_code": examined.report.exit().code(),
                "checks": examined.report.checks(),
            })
        })
        .collect();
    let document = json!({
        "status": if exit == ExitCode::Success { "ok" } else { "failed" },
        "exit_code": exit.code(),
        "jobs": jobs,
    });
    format!("{document}\n")
}

fn to_text(examined: &[Examined]) -> String {
    let tables: Vec<String> = examined
        .iter()
        .map(|examined| {
            let program = examined.program.map(|name| format!(" ({name})"));
            let program = program.unwrap_or_default();
            format!("{}{program}\n{}", examined.name, examined.report.to_text())
        })
        .collect();
    tables.join("\n")
}
