//! A failed run: its class, the stage it was in, the reason, and what to do.
//!
//! A `Failure` is made where something went wrong and logged once, by the
//! binary, when it ends.

use anyhow::Error;

use crate::ExitCode;

/// Why a run failed.
#[derive(Debug)]
pub struct Failure {
    exit: ExitCode,
    stage: &'static str,
    error: Error,
    remedy: Option<String>,
}

impl Failure {
    /// Records a failure of `stage` (a word such as `dump` or `upload`).
    pub fn new(exit: ExitCode, stage: &'static str, error: impl Into<Error>) -> Self {
        Self {
            exit,
            stage,
            error: error.into(),
            remedy: None,
        }
    }

    /// Records wrong arguments or a wrong configuration.
    pub fn usage(error: impl Into<Error>) -> Self {
        Self::new(ExitCode::Usage, "configuration", error)
    }

    /// Adds one sentence that says what the reader can do about it.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Names another stage: that of a program which calls its work by another word.
    #[must_use]
    pub fn in_stage(mut self, stage: &'static str) -> Self {
        self.stage = stage;
        self
    }

    /// Returns the class.
    #[must_use]
    pub const fn exit(&self) -> ExitCode {
        self.exit
    }

    /// Returns the stage that failed.
    #[must_use]
    pub const fn stage(&self) -> &'static str {
        self.stage
    }

    /// Returns the reason with its causes, in one line.
    #[must_use]
    pub fn reason(&self) -> String {
        format!("{:#}", self.error)
    }

    /// Looks for an error of this type among the reason's causes.
    #[must_use]
    pub fn downcast_ref<E: std::error::Error + Send + Sync + 'static>(&self) -> Option<&E> {
        self.error
            .chain()
            .find_map(|cause| cause.downcast_ref::<E>())
    }

    /// Returns what to do about it, where that is known.
    #[must_use]
    pub fn remedy(&self) -> Option<&str> {
        self.remedy.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reason_names_every_cause_once() {
        let failure =
            Failure::usage(anyhow::anyhow!("inner").context("outer")).with_remedy("do this");
        assert_eq!(failure.reason(), "outer: inner");
        assert_eq!(failure.exit(), ExitCode::Usage);
        assert_eq!(failure.remedy(), Some("do this"));
    }
}
