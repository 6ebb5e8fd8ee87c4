//! The run's figures as one line of CloudWatch's embedded metric format, from which the
//! service makes metrics without a call.

use std::io::{self, Write as _};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

const NAMESPACE: &str = "datatransit";
const JOB: &str = "spice-refresh";

/// What became of an invocation.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Figures {
    /// Whether it ended well. Neither this nor its opposite is counted while
    /// ingestions of a caller who polls are still under way.
    pub(crate) success: Option<bool>,
    pub(crate) refreshed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
    /// Rows ingested.
    pub(crate) rows: u64,
    pub(crate) duration: Duration,
}

/// Writes the line. Logs and metrics share the stream, a line each.
pub(crate) fn tell(figures: &Figures, request_id: &str) {
    let line = line(figures, request_id, Timestamp::now());
    // There is nowhere else to say that standard output is gone.
    let _ = writeln!(io::stdout().lock(), "{line}");
}

fn line(figures: &Figures, request_id: &str, now: Timestamp) -> Value {
    let mut values: Vec<(&str, &str, Value)> = Vec::new();
    if let Some(success) = figures.success {
        values.push(("Success", "Count", u8::from(success).into()));
        values.push(("Failure", "Count", u8::from(!success).into()));
    }
    values.extend([
        ("Refreshed", "Count", figures.refreshed.into()),
        ("Failed", "Count", figures.failed.into()),
        ("Skipped", "Count", figures.skipped.into()),
        ("Rows", "Count", figures.rows.into()),
        (
            "DurationSeconds",
            "Seconds",
            figures.duration.as_secs_f64().into(),
        ),
    ]);
    let metrics: Vec<Value> = values
        .iter()
        .map(|(name, unit, _)| json!({"Name": name, "Unit": unit}))
        .collect();
    let mut line = Map::new();
    line.insert(
        "_aws".to_owned(),
        json!({
            "Timestamp": now.as_millisecond(),
            "CloudWatchMetrics": [{
                "Namespace": NAMESPACE,
                "Dimensions": [["Job"]],
                "Metrics": metrics,
            }],
        }),
    );
    line.insert("Job".to_owned(), JOB.into());
    line.insert("requestId".to_owned(), request_id.into());
    for (name, _, value) in values {
        line.insert(name.to_owned(), value);
    }
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_that_is_declared_has_a_value_and_a_dimension() {
        let figures = Figures {
            success: Some(true),
            refreshed: 2,
            rows: 70,
            duration: Duration::from_millis(1500),
            ..Figures::default()
        };
        let line = line(&figures, "r-1", Timestamp::from_millisecond(5000).unwrap());
        assert_eq!(line["_aws"]["Timestamp"], 5000);
        let declared = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(declared["Namespace"], "datatransit");
        assert_eq!(declared["Dimensions"], json!([["Job"]]));
        assert_eq!(line["Job"], "spice-refresh");
        for metric in declared["Metrics"].as_array().unwrap() {
            let name = metric["Name"].as_str().unwrap();
            assert!(line[name].is_number(), "{name}");
        }
        assert_eq!(line["Success"], 1);
        assert_eq!(line["Failure"], 0);
        assert_eq!(line["DurationSeconds"], 1.5);
    }

    #[test]
    fn while_ingestions_run_neither_success_nor_failure_is_counted() {
        let line = line(&Figures::default(), "r-1", Timestamp::UNIX_EPOCH);
        assert!(line.get("Success").is_none());
        assert!(line.get("Failure").is_none());
    }
}
