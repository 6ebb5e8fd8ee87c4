//! How an invocation fails: a word for alarms and state machines, a sentence for people,
//! and the report for both.

use lambda_runtime::Diagnostic;
use serde_json::Value;
use thiserror::Error;

/// Longest message, in bytes. Step Functions cuts the cause of an error at 32,768
/// characters, and JSON inside of JSON grows by its quotes' escapes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 24_000;

/// Why an invocation failed. The names of [`Failure::kind`] are a contract.
#[derive(Debug, Clone, PartialEq, Error)]
pub(crate) enum Failure {
    /// The function's environment makes no sense.
    #[error("{0}")]
    Configuration(String),
    /// The event is not one of those that the function knows.
    #[error("{0}")]
    Event(String),
    /// What the data comes from has failed.
    #[error("{0}")]
    Upstream(String),
    /// The gate did not open in time; nothing was started.
    #[error("{0}")]
    Gate(String),
    /// At least one data set was not refreshed.
    #[error("{summary}")]
    Refresh { summary: String, report: Value },
    /// Time was over before the end, and nobody would have read the answer that says so.
    #[error("{summary}")]
    Deadline { summary: String, report: Value },
}

impl Failure {
    /// A [`Failure::Event`].
    pub(crate) fn event(text: impl Into<String>) -> Self {
        Self::Event(text.into())
    }

    /// The `errorType`.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::Configuration(_) => "ConfigurationError",
            Self::Event(_) => "BadEvent",
            Self::Upstream(_) => "UpstreamFailed",
            Self::Gate(_) => "GateClosed",
            Self::Refresh { .. } => "RefreshFailed",
            Self::Deadline { .. } => "DeadlineExceeded",
        }
    }

    /// The `errorMessage`: the sentence, and on the next line the report as JSON.
    pub(crate) fn message(&self) -> String {
        match self {
            Self::Refresh { summary, report } | Self::Deadline { summary, report } => {
                let room = MAX_MESSAGE_BYTES.saturating_sub(summary.len() + 1);
                format!("{summary}\n{}", shortened(report.clone(), room))
            }
            other => other.to_string(),
        }
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.kind().to_owned(),
            error_message: failure.message(),
        }
    }
}

/// The report within so many bytes: first the data sets that are well are left out, then
/// the last of the others, and the count of both is told.
fn shortened(mut report: Value, room: usize) -> String {
    let whole = report.to_string();
    if whole.len() <= room {
        return whole;
    }
    let good = take(&mut report, "results");
    let bad = take(&mut report, "errors");
    let all = good.len() + bad.len();
    // The count that is told in the end is no longer than this one.
    report["left_out"] = Value::from(all);
    let mut left = room.saturating_sub(report.to_string().len());
    let mut kept = Vec::new();
    for error in bad {
        let comma = 1;
        let Some(rest) = left.checked_sub(error.to_string().len() + comma) else {
            break;
        };
        left = rest;
        kept.push(error);
    }
    report["left_out"] = Value::from(all - kept.len());
    report["errors"] = Value::Array(kept);
    report.to_string()
}

/// Takes a list's entries out of a report.
fn take(report: &mut Value, list: &str) -> Vec<Value> {
    match report.get_mut(list) {
        Some(Value::Array(entries)) => std::mem::take(entries),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failed(errors: usize) -> Failure {
        let error = json!({"data_set": "x".repeat(90), "message": "no such table"});
        Failure::Refresh {
            summary: "1 of 2 failed".to_owned(),
            report: json!({"results": [{"data_set": "good"}], "errors": vec![error; errors]}),
        }
    }

    #[test]
    fn a_report_that_fits_is_told_whole_below_its_summary() {
        let message = failed(2).message();
        let (summary, report) = message.split_once('\n').unwrap();
        assert_eq!(summary, "1 of 2 failed");
        let report: Value = serde_json::from_str(report).unwrap();
        assert_eq!(report["errors"].as_array().unwrap().len(), 2);
        assert_eq!(report["results"][0]["data_set"], "good");
        assert!(report.get("left_out").is_none());
    }

    #[test]
    fn a_report_that_does_not_fit_leaves_out_the_good_first_and_says_how_many() {
        let message = failed(1000).message();
        assert!(message.len() <= MAX_MESSAGE_BYTES);
        let report: Value = serde_json::from_str(message.split_once('\n').unwrap().1).unwrap();
        assert_eq!(report["results"], json!([]));
        let kept = report["errors"].as_array().unwrap().len();
        assert!(kept > 100, "{kept}");
        assert_eq!(report["left_out"], json!(1001 - kept));
    }
}
