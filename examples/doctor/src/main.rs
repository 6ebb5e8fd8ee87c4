//! One command that looks at all that the cron jobs need, and says what to do about
//! what is missing. See the README beside this package.
//!
//! The checks are the jobs' own (`--check`): here they are asked of several files at
//! once.

mod cli;
mod job_file;

use std::fmt::Write as _;
use std::process::ExitCode as ProcessExitCode;

use clap::FromArgMatches as _;
use datatransit_job::aws::{Aws, PathStyle};
use datatransit_job::check::{Report, caller};
use datatransit_job::{ExitCode, Failure, tool};
use serde_json::json;

use crate::cli::Cli;

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
    let mut machine = Report::default();
    machine.add("AWS identity", caller(&Aws::new(PathStyle::Auto)).await);
    let mut jobs = Vec::new();
    for path in &cli.job_files {
        jobs.push((path, job_file::examine(path, cli.timeout).await));
    }
    // A machine that is nobody to AWS may run jobs that do without: they say so.
    let reports = jobs.iter().map(|(_, examined)| &examined.report);
    let exit = if jobs.is_empty() {
        machine.exit()
    } else {
        reports
            .map(Report::exit)
            .find(|exit| *exit != ExitCode::Success)
            .unwrap_or(ExitCode::Success)
    };
    let mut text = String::new();
    // Writing to a String cannot fail.
    if cli.json {
        let jobs: Vec<_> = jobs
            .iter()
            .map(|(path, examined)| {
                json!({
                    "config": path.display().to_string(),
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
            "machine": machine.checks(),
            "jobs": jobs,
        });
        let _ = writeln!(text, "{document}");
    } else if jobs.is_empty() {
        text = machine.to_text();
    } else {
        for (path, examined) in &jobs {
            let _ = writeln!(text, "{} ({})", path.display(), examined.program);
            let _ = writeln!(text, "{}", examined.report.to_text());
        }
    }
    tool::print(&text)?;
    Ok(exit)
}
