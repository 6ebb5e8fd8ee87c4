//! A job file, looked at by the program that it is for.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use datatransit_job::check::{self, Report};
use datatransit_job::config::{self, Parsed};
use datatransit_job::deadline::Deadline;
use datatransit_job::launch::prefix;
use datatransit_job::{Failure, Program, signals};
use full_dump::FullDump;
use query_export::QueryExport;

/// Keys that only the exports' files have.
const OF_EXPORTS: [&str; 3] = ["query", "query-file", "table"];

/// What was found about one job.
#[derive(Debug)]
pub(crate) struct Examined {
    /// Its file.
    pub(crate) name: String,
    /// Which program it is for, where that is known.
    pub(crate) program: Option<&'static str>,
    pub(crate) report: Report,
}

/// Looks at one job file.
pub(crate) async fn examine(path: &Path, timeout: Duration) -> Examined {
    match is_export(path) {
        Ok(true) => examined_by::<QueryExport>(path, timeout).await,
        Ok(false) => examined_by::<FullDump>(path, timeout).await,
        Err(failure) => Examined {
            name: path.display().to_string(),
            program: None,
            report: refused(&failure),
        },
    }
}

fn is_export(path: &Path) -> Result<bool, Failure> {
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("read the job file {}", path.display()))
        .map_err(Failure::usage)?;
    // What is wrong with a file that is no TOML, its program says.
    let table: toml::Table = text.parse().unwrap_or_default();
    Ok(OF_EXPORTS.iter().any(|key| table.contains_key(*key)))
}

async fn examined_by<P: Program>(path: &Path, timeout: Duration) -> Examined {
    let report = match resolve::<P>(path) {
        Ok(program) => {
            let stop = &program.job().stop;
            let _deadline = Deadline::start(timeout, stop);
            match signals::listen(stop) {
                Ok(()) => check::examine(&program).await,
                Err(failure) => refused(&failure),
            }
        }
        Err(failure) => refused(&failure),
    };
    Examined {
        name: path.display().to_string(),
        program: Some(P::NAME),
        report,
    }
}

/// Reads the file as the program itself would.
fn resolve<P: Program>(path: &Path) -> Result<P, Failure> {
    let arguments: [OsString; 3] = [P::NAME.into(), "--config".into(), path.into()];
    match config::parse(&P::command(), &prefix(P::NAME), arguments)? {
        Parsed::Run(matches) => P::resolve(&matches),
        Parsed::Show(_) => Err(Failure::usage(anyhow!("the file asks for help"))),
    }
}

fn refused(failure: &Failure) -> Report {
    let mut report = Report::default();
    report.fail("configuration", failure);
    report
}
