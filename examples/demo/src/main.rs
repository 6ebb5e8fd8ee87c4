//! The nightly job, shown and proven on one machine.
//!
//! Starts a private database with the data of a share-house company, and doubles
//! of S3 and Secrets Manager; runs the very `full-dump` that cron would run; then
//! proves what it published: by its digest, by restoring it, and byte by byte
//! against the real dump tool. Then the old jobs beside the new, compared over seven
//! days; dashboards as files on a double of QuickSight, and data sets there refreshed
//! behind the dump. Leaves nothing running, and behind nothing but a page beside the program.

mod compare;
mod cutover;
mod dashboards;
mod job;
mod proof;
mod refresh;
mod report;
mod stage;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::Result;
use clap::{Parser, ValueEnum};
use e2e::database::Flavour;
use tokio::signal::unix::{SignalKind, signal};

use crate::job::Job;
use crate::report::{failure, heading, note};
use crate::stage::Stage;

const EXAMPLES: &str = "\
Examples:
  demo                      200,000 rows on MariaDB
  demo --rows 2000000       ten times as many
  demo --keep               leave the servers up for a look around, until Ctrl-C
  demo --flavour mysql      the same on MySQL (after tests/setup/mysql.sh)

Exit code: 0 every proof holds, 1 one does not or something went wrong,
130 interrupted, 143 terminated.";

/// Runs the nightly dump on a private database and S3 server, proves the result, compares the
/// old jobs with the new, and deploys dashboards to a double of QuickSight.
#[derive(Debug, Parser)]
#[command(name = "demo", after_help = EXAMPLES)]
struct Arguments {
    /// Rows to generate, over all tables
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u64).range(1_000..=50_000_000))]
    rows: u64,
    /// Seed of the generated rows
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Database server to use
    #[arg(long, value_enum, default_value = "mariadb")]
    flavour: FlavourName,
    /// Keep everything running after the proofs, until Ctrl-C
    #[arg(long)]
    keep: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FlavourName {
    Mariadb,
    Mysql,
}

impl From<FlavourName> for Flavour {
    fn from(name: FlavourName) -> Self {
        match name {
            FlavourName::Mariadb => Self::MariaDb,
            FlavourName::Mysql => Self::MySql,
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let stopped = async {
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(tokio::select! {
            _ = tokio::signal::ctrl_c() => 130,
            _ = terminate.recv() => 143,
        })
    };
    // Whichever branch wins, what the other one holds is dropped here: servers,
    // children and directories with it.
    let code: Result<u8> = tokio::select! {
        proven = demo(&arguments) => proven.map(|proven| u8::from(!proven)),
        code = stopped => code,
    };
    match code {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            failure(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Whether every proof holds.
async fn demo(arguments: &Arguments) -> Result<bool> {
    let begun = Instant::now();
    heading("The stage");
    let stage = Stage::set(arguments.flavour.into(), arguments.rows, arguments.seed).await?;

    heading("The job, as cron runs it");
    let job = Job::run(&stage).await?;

    heading("The proofs");
    let proven = proof::all(&stage, &job).await?;

    heading("The old jobs beside the new");
    let proven = cutover::shown(&stage, &job).await? && proven;

    heading("Dashboards as files");
    let proven = dashboards::shown().await? && proven;

    heading("Data sets refreshed behind the dump");
    let proven = refresh::shown(&stage, &job).await? && proven;

    heading(if proven { "Proven" } else { "NOT proven" });
    note(&format!(
        "{:.1} seconds in all",
        begun.elapsed().as_secs_f64()
    ));
    report::next_steps();
    if arguments.keep {
        stage.invite();
        std::future::pending::<()>().await;
    }
    Ok(proven)
}
