//! The answer to who asked: the former function's members, and what came since.

use datatransit_spice::{Outcome, Report};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// A report as JSON: `message`, `timestamp`, `results` and `errors`, which the function's
/// callers have always read, the run's counts, and whether it is done. A run that is not
/// has a token, with which it is polled.
pub(crate) fn of(report: &Report, token: Option<String>, now: Timestamp) -> Map<String, Value> {
    let of = |failed: bool| -> Value {
        let chosen = report
            .data_sets
            .iter()
            .filter(|it| (it.outcome == Outcome::Failed) == failed);
        chosen.map(|it| json!(it)).collect()
    };
    let mut answer = Map::new();
    let mut set = |name: &str, value: Value| answer.insert(name.to_owned(), value);
    set("message", report.summary().into());
    set("timestamp", now.to_string().into());
    set("results", of(false));
    set("errors", of(true));
    set("done", token.is_none().into());
    if let Some(token) = token {
        set("token", token.into());
    }
    set("verdict", json!(report.verdict));
    set("trigger", report.trigger.to_string().into());
    set("started_at", report.started_at.to_string().into());
    for (name, count) in [
        ("refreshed", report.refreshed),
        ("skipped", report.skipped),
        ("failed", report.failed),
        ("unfinished", report.unfinished),
    ] {
        set(name, count.into());
    }
    set("rows_ingested", report.rows_ingested.into());
    set("rows_dropped", report.rows_dropped.into());
    answer
}

/// The same in the former function's envelope: `statusCode`, and the four members again
/// as a text of JSON in `body`.
pub(crate) fn in_envelope(mut answer: Map<String, Value>) -> Map<String, Value> {
    let body: Map<String, Value> = ["message", "timestamp", "results", "errors"]
        .into_iter()
        .filter_map(|name| Some((name.to_owned(), answer.get(name)?.clone())))
        .collect();
    answer.insert("statusCode".to_owned(), 200.into());
    answer.insert("body".to_owned(), Value::Object(body).to_string().into());
    answer
}
