//! `validate`: the files and the environment, without asking the service.

use std::path::PathBuf;

use datatransit_quicksight::AssetFile;
use datatransit_quicksight::plan::check;
use datatransit_quicksight::validate::{Severity, validate};
use serde::Serialize;

use super::Session;
use crate::exit::Exit;
use crate::print;

#[derive(Serialize)]
struct Outcome {
    files: usize,
    errors: usize,
    findings: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    severity: &'static str,
    file: String,
    path: String,
    problem: String,
}

pub(crate) fn run(session: &Session<'_>, files: &[PathBuf]) -> anyhow::Result<Exit> {
    let sources = session.world.files(files, &session.cli.common.only)?;
    let files: Vec<(PathBuf, AssetFile)> = sources
        .iter()
        .map(|source| {
            let path = source.source.clone().unwrap_or_default();
            (path.into(), source.file.clone())
        })
        .collect();
    let findings = validate(&files, Some(&session.world.environment));
    let mut lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    let mut rows: Vec<Row> = findings
        .iter()
        .map(|finding| Row {
            severity: word(finding.severity),
            file: finding.file.display().to_string(),
            path: finding.path.to_string(),
            problem: finding.problem.clone(),
        })
        .collect();
    let mut errors = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    if errors == 0 {
        // What concerns several files at once, such as a circle of references.
        for problem in check(&sources, &session.world.environment) {
            errors += 1;
            lines.push(format!("error {problem}"));
            rows.push(Row {
                severity: "error",
                file: String::new(),
                path: String::new(),
                problem,
            });
        }
    }
    if session.cli.common.json {
        print::json(&Outcome {
            files: files.len(),
            errors,
            findings: rows,
        })?;
    } else {
        let mut text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        text.push_str(&format!(
            "validate {}: {} files, {errors} errors.\n",
            session.world.name,
            files.len(),
        ));
        print::text(&text)?;
    }
    Ok(if errors == 0 {
        Exit::Success
    } else {
        Exit::Error
    })
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        _ => "warning",
    }
}
