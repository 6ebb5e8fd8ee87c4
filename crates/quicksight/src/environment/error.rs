//! What is wrong with an environment's file.

use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Everything that is wrong with an environment's file, each with its line.
#[derive(Clone, Debug, thiserror::Error)]
#[error("read environment{}: {}", ShowFile(.file.as_deref()), ShowProblems(.problems))]
#[non_exhaustive]
pub struct EnvironmentError {
    /// The file, when it was one.
    pub file: Option<PathBuf>,
    /// What is wrong, in the order of the lines.
    pub problems: Vec<EnvironmentProblem>,
}

/// One thing that is wrong with an environment's file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EnvironmentProblem {
    /// The line, from 1; `None` when it concerns the whole file.
    pub line: Option<usize>,
    /// What is wrong, and what to do.
    pub problem: String,
}

impl EnvironmentError {
    pub(super) fn whole(problem: String) -> Self {
        Self::of(vec![EnvironmentProblem {
            line: None,
            problem,
        }])
    }

    pub(super) fn of(mut problems: Vec<EnvironmentProblem>) -> Self {
        problems.sort_by_key(|problem| problem.line);
        Self {
            file: None,
            problems,
        }
    }

    pub(super) fn in_file(mut self, file: &Path) -> Self {
        self.file = Some(file.to_owned());
        self
    }
}

impl fmt::Display for EnvironmentProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.problem),
            None => f.write_str(&self.problem),
        }
    }
}

struct ShowFile<'a>(Option<&'a Path>);

impl fmt::Display for ShowFile<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0
            .map_or(Ok(()), |file| write!(f, " `{}`", file.display()))
    }
}

struct ShowProblems<'a>(&'a [EnvironmentProblem]);

impl fmt::Display for ShowProblems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}
