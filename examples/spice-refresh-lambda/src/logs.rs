//! Logs as Lambda's logging controls want them, on standard output.

use std::env;
use std::str::FromStr as _;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt;

/// Installs the process's subscriber.
///
/// `AWS_LAMBDA_LOG_LEVEL` names the least level, `INFO` by default; with
/// `AWS_LAMBDA_LOG_FORMAT=JSON` each line is an object with `timestamp`, `level`,
/// `message` and the request's id, otherwise text. What crates say about their
/// connections is left out below `WARN`: at `DEBUG` it would bury the rest.
pub(crate) fn install() {
    let level = env::var("AWS_LAMBDA_LOG_LEVEL").unwrap_or_default();
    // Lambda's FATAL has no equal here.
    let level = match level.to_ascii_uppercase().as_str() {
        "" => LevelFilter::INFO,
        "FATAL" => LevelFilter::ERROR,
        name => LevelFilter::from_str(name).unwrap_or(LevelFilter::INFO),
    };
    let subscriber = fmt().with_max_level(level).with_target(false);
    let json = env::var("AWS_LAMBDA_LOG_FORMAT").is_ok_and(|it| it.eq_ignore_ascii_case("json"));
    if json {
        subscriber
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .init();
    } else {
        // CloudWatch Logs keeps the time of each line, and shows no colours.
        subscriber.without_time().with_ansi(false).init();
    }
}
