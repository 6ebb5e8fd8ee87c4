//! What the checks found: a line each, with what to do about it.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Value, json};

use crate::{ExitCode, Failure};

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok,
    /// Not certain to fail a run.
    Warning,
    Failed,
    /// An earlier failure left nothing to try, or nobody may look.
    Skipped,
}

#[derive(Clone, Debug, Serialize)]
struct Check {
    name: Cow<'static, str>,
    outcome: Outcome,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

/// All checks so far, and the class of the first that failed.
#[derive(Clone, Debug, Default)]
pub struct Report {
    checks: Vec<Check>,
    exit: Option<ExitCode>,
}

impl Report {
    /// Returns the class of the first check that failed; success when none did.
    #[must_use]
    pub fn exit(&self) -> ExitCode {
        self.exit.unwrap_or(ExitCode::Success)
    }

    /// Records what is as it should be.
    pub fn ok(&mut self, name: impl Into<Cow<'static, str>>, detail: String) {
        self.push(name.into(), Outcome::Ok, detail, None, None);
    }

    /// Records a check that ends in a text. Returns whether it went well.
    pub fn add(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        result: Result<String, Failure>,
    ) -> bool {
        self.add_with(name, result, Clone::clone).is_some()
    }

    /// Records a check that ends in a value, with a text about it. Returns the value.
    pub fn add_with<T>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        result: Result<T, Failure>,
        detail: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.ok(name, detail(&value));
                Some(value)
            }
            Err(failure) => {
                self.fail(name, &failure);
                None
            }
        }
    }

    /// Records what would fail a run.
    pub fn fail(&mut self, name: impl Into<Cow<'static, str>>, failure: &Failure) {
        let remedy = failure.remedy().map(str::to_owned);
        self.push(
            name.into(),
            Outcome::Failed,
            failure.reason(),
            remedy,
            Some(failure.exit()),
        );
    }

    /// Records what may fail a run, and perhaps does not.
    pub fn warn(&mut self, name: impl Into<Cow<'static, str>>, detail: String, remedy: String) {
        self.push(name.into(), Outcome::Warning, detail, Some(remedy), None);
    }

    /// Records what an earlier failure left nobody to try.
    pub fn skip(&mut self, names: &[&'static str]) {
        for name in names {
            self.skip_because(*name, "not tried".to_owned());
        }
    }

    /// Records what was not looked at, and why.
    pub fn skip_because(&mut self, name: impl Into<Cow<'static, str>>, why: String) {
        self.push(name.into(), Outcome::Skipped, why, None, None);
    }

    fn push(
        &mut self,
        name: Cow<'static, str>,
        outcome: Outcome,
        detail: String,
        remedy: Option<String>,
        exit: Option<ExitCode>,
    ) {
        self.exit = self.exit.or(exit);
        let exit_code = exit.map(ExitCode::code);
        self.checks.push(Check {
            name,
            outcome,
            detail,
            remedy,
            exit_code,
        });
    }

    /// Returns `ok` or `failed`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.exit {
            None => "ok",
            Some(_) => "failed",
        }
    }

    /// Returns the checks for a machine: name, outcome, detail, remedy, exit code.
    #[must_use]
    pub fn checks(&self) -> Value {
        json!(self.checks)
    }

    /// Returns them as lines for people.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        for check in &self.checks {
            let outcome = match check.outcome {
                Outcome::Ok => "ok",
                Outcome::Warning => "warning",
                Outcome::Failed => "FAILED",
                Outcome::Skipped => "skipped",
            };
            let _ = writeln!(text, "{outcome:<8} {:<22} {}", check.name, check.detail);
            if let Some(remedy) = &check.remedy {
                let _ = writeln!(text, "{:<31} → {remedy}", "");
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_decides_and_a_warning_does_not() {
        let mut report = Report::default();
        report.warn("a", "odd".to_owned(), "look".to_owned());
        assert_eq!(report.exit(), ExitCode::Success);
        let failure = Failure::new(ExitCode::Upload, "upload", anyhow::anyhow!("no"));
        report.fail("b", &failure.with_remedy("grant it"));
        report.fail("c", &Failure::usage(anyhow::anyhow!("wrong")));
        assert_eq!(report.exit(), ExitCode::Upload);
        assert_eq!(report.status(), "failed");
        assert_eq!(report.checks()[1]["exit_code"], 8);
        let text = report.to_text();
        assert!(
            text.contains("FAILED   b                      no\n"),
            "{text}"
        );
        assert!(text.contains("→ grant it"), "{text}");
    }
}
