//! What can be known to be wrong without asking the service.
//!
//! The room reads files and an environment and makes no call. Its rules are the
//! patterns and bounds of the service's own model, and what this crate adds: symbols,
//! presets, references.

mod columns;
mod definition;
mod envelope;
mod kinds;
mod parameters;

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path as FilePath, PathBuf},
};

use crate::{environment::Environment, file::AssetFile, json::Path};

/// One thing that is wrong, or should be looked at. Shown as one line:
/// ``error dashboards/sales.json: `definition.Sheets[0].SheetId`: stands there twice``.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// The file.
    pub file: PathBuf,
    /// Where in the file.
    pub path: Path,
    /// What is wrong, and what to do.
    pub problem: String,
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Severity {
    /// It works, but is seldom meant.
    Warning,
    /// The service, or a deployment, will refuse it.
    Error,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let Self {
            file,
            path,
            problem,
            ..
        } = self;
        write!(f, "{severity} {}: `{path}`: {problem}", file.display())
    }
}

/// Checks files with each other, and against an environment if one is given.
///
/// The findings are in the order of the files, and of their rules.
pub fn validate(files: &[(PathBuf, AssetFile)], environment: Option<&Environment>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let environment = environment.map(|environment| {
        let assets: Vec<_> = files.iter().map(|(_, file)| file.asset()).collect();
        environment.clone().with_assets(&assets)
    });
    let known = columns::KnownColumns::of(files, environment.as_ref());
    let mut seen = BTreeMap::new();
    for (path, file) in files {
        let mut report = Report {
            file: path,
            findings: &mut findings,
        };
        if let Some(first) = seen.insert(file.asset(), path) {
            let asset = file.asset();
            let problem = format!("{asset} has a file already: `{}`", first.display());
            report.error(Path::root().name("id"), problem);
        }
        envelope::check(file, environment.as_ref(), &mut report);
        definition::check(file, &mut report);
        columns::check(file, &known, environment.as_ref(), &mut report);
        parameters::check(file, &mut report);
        kinds::check(file, &mut report);
        if let Some(environment) = &environment {
            envelope::check_references(file, environment, &mut report);
        }
    }
    findings
}

struct Report<'a> {
    file: &'a FilePath,
    findings: &'a mut Vec<Finding>,
}

impl Report<'_> {
    fn error(&mut self, path: Path, problem: impl Into<String>) {
        self.add(Severity::Error, path, problem.into());
    }

    fn warn(&mut self, path: Path, problem: impl Into<String>) {
        self.add(Severity::Warning, path, problem.into());
    }

    fn add(&mut self, severity: Severity, path: Path, problem: String) {
        self.findings.push(Finding {
            severity,
            file: self.file.to_owned(),
            path,
            problem,
        });
    }
}

/// The path of a member of a file.
fn at(name: &str) -> Path {
    Path::root().name(name)
}
