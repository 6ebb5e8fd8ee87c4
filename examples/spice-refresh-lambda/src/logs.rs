//! Logs as Lambda's logging controls want them, on standard output.

use std::env;
use std::str::FromStr as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

/// Installs the process's subscriber.
///
/// `AWS_LAMBDA_LOG_LEVEL` names the least level, `INFO` by default; with
/// `AWS_LAMBDA_LOG_FORMAT=JSON` each line is an object with `timestamp`, `level`,
/// `message` and the request's id, otherwise text.
pub(crate) fn install() {
    let level = env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    // Lambda's FATAL has no equal here.
    let level = match level.to_ascii_uppercase().as_str() {
        "" => LevelFilter::INFO,
        "FATAL" => LevelFilter::ERROR,
        name => LevelFilter::from_str(name).unwrap_or(LevelFilter::INFO),
    };
    let targets = Targets::new()
        // What others say of each call and connection would bury the rest.
        .with_default(level.min(LevelFilter::WARN))
        .with_target("bootstrap", level)
        .with_target("datatransit", level)
        // The span that has the request's id.
        .with_target("lambda_runtime::layers::trace", LevelFilter::INFO)
        // Says every error again, as a value of Rust. A panic is still said by its hook.
        .with_target("lambda_runtime::layers::panic", LevelFilter::OFF);
    let lines = fmt::layer().with_target(false);
    let json = env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|it| it.eq_ignore_ascii_case("json"));
    let lines = if json {
        let lines = lines.json().flatten_event(true).with_span_list(false);
        lines.boxed()
    } else {
        // CloudWatch Logs keeps the time of each line, and shows no colours.
        lines.without_time().with_ansi(false).boxed()
    };
    tracing_subscriber::registry()
        .with(targets)
        .with(lines)
        .init();
}
