//! The gates that a finished dump must pass before it may be called valid.
//!
//! Required tables are not here: the dump itself looks for them inside its
//! snapshot, before the first byte.

use std::time::Duration;

use datatransit_dump::{DumpReport, TableReport};
use jiff::Timestamp;

use crate::cli::GateArgs;

/// Returns why the dump is not valid, one sentence each; nothing when it is.
///
/// `datetime_zone` is the zone that DATETIME columns are kept in, `output_zone`
/// the one that times are told in.
pub(crate) fn reasons(
    gates: &GateArgs,
    report: &DumpReport,
    datetime_zone: &str,
    output_zone: &str,
    now: Timestamp,
) -> Vec<String> {
    let mut reasons = Vec::new();
    reasons.extend(
        gates
            .min_bytes
            .and_then(|least| too_small(report.stored_bytes, least.bytes())),
    );
    let Some(limit) = gates.max_staleness else {
        return reasons;
    };
    for wanted in &gates.require_table {
        // The dump has made sure that each exists.
        for table in report.tables.iter().filter(|table| is_named(table, wanted)) {
            let newest = table.max_updated_at.as_ref();
            let newest = newest.and_then(|newest| newest.zoned(datetime_zone, output_zone));
            let newest = newest
                .as_ref()
                .map(|newest| (newest.epoch_seconds, newest.text.as_str()));
            let name = format!("{}.{}", table.database, table.name);
            reasons.extend(stale(&name, &gates.freshness_column, newest, limit, now));
        }
    }
    reasons
}

fn too_small(stored: u64, least: u64) -> Option<String> {
    (stored < least).then(|| format!("too small: {stored} bytes stored, at least {least} wanted"))
}

fn stale(
    table: &str,
    column: &str,
    newest: Option<(i64, &str)>,
    limit: Duration,
    now: Timestamp,
) -> Option<String> {
    let Some((seconds, text)) = newest else {
        return Some(format!(
            "stale: {table} has no value in a date column named {column}"
        ));
    };
    // A value in the future has no age: clocks differ by seconds.
    let age = u64::try_from(now.as_second().saturating_sub(seconds)).unwrap_or(0);
    let age = Duration::from_secs(age);
    (age > limit).then(|| {
        format!(
            "stale: {table} was last updated at {text}, {} ago; at most {} wanted",
            hours(age),
            hours(limit)
        )
    })
}

fn is_named(table: &TableReport, wanted: &str) -> bool {
    table.name == wanted
        || wanted
            .strip_prefix(table.database.as_str())
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|name| name == table.name)
}

fn hours(duration: Duration) -> String {
    let seconds = duration.as_secs();
    format!("{}h {:02}min", seconds / 3_600, seconds % 3_600 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_size_is_enough() {
        assert_eq!(too_small(10, 10), None);
        assert!(too_small(9, 10).unwrap().contains("9 bytes"));
    }

    #[test]
    fn a_table_is_stale_past_the_limit_or_without_a_date() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let limit = Duration::from_secs(3_600);
        let at = |age: i64| Some((now.as_second() - age, "then"));
        assert_eq!(stale("d.t", "updated_at", at(3_600), limit, now), None);
        assert_eq!(stale("d.t", "updated_at", at(-60), limit, now), None);
        let reason = stale("d.t", "updated_at", at(3_660), limit, now).unwrap();
        assert!(
            reason.contains("d.t was last updated at then, 1h 01min ago"),
            "{reason}"
        );
        assert!(
            stale("d.t", "updated_at", None, limit, now)
                .unwrap()
                .contains("updated_at")
        );
    }

    #[test]
    fn durations_are_told_in_hours() {
        assert_eq!(hours(Duration::from_secs(129_600 + 60)), "36h 01min");
    }
}
