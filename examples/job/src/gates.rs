//! The gates that a finished product must pass before it may be called valid: the
//! sentences, which each program asks of what it made.

use std::time::Duration;

use datatransit_dump::MaxTimestamp;
use jiff::Timestamp;

use crate::job::Job;

/// Returns why the stored object is too small, if it is.
#[must_use]
pub fn too_small(job: &Job, stored: u64) -> Option<String> {
    smaller(stored, job.args.gates.min_bytes?.bytes())
}

/// Returns why the newest value of the freshness column in `name` is too old, if a
/// limit is set and it is.
#[must_use]
pub fn stale(
    job: &Job,
    name: &str,
    newest: Option<&MaxTimestamp>,
    now: Timestamp,
) -> Option<String> {
    let gates = &job.args.gates;
    let newest = newest.and_then(|newest| newest.zoned(&job.datetime_zone, &job.when.zone_name));
    let newest = newest
        .as_ref()
        .map(|newest| (newest.epoch_seconds, newest.text.as_str()));
    older(
        name,
        &gates.freshness_column,
        newest,
        gates.max_staleness?,
        now,
    )
}

fn smaller(stored: u64, least: u64) -> Option<String> {
    (stored < least).then(|| format!("too small: {stored} bytes stored, at least {least} wanted"))
}

fn older(
    name: &str,
    column: &str,
    newest: Option<(i64, &str)>,
    limit: Duration,
    now: Timestamp,
) -> Option<String> {
    let Some((seconds, text)) = newest else {
        return Some(format!(
            "stale: {name} has no value in a date column named {column}"
        ));
    };
    // A value in the future has no age: clocks differ by seconds.
    let age = u64::try_from(now.as_second().saturating_sub(seconds)).unwrap_or(0);
    let age = Duration::from_secs(age);
    (age > limit).then(|| {
        format!(
            "stale: {name} was last updated at {text}, {} ago; at most {} wanted",
            hours(age),
            hours(limit)
        )
    })
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
        assert_eq!(smaller(10, 10), None);
        assert!(smaller(9, 10).unwrap().contains("9 bytes"));
    }

    #[test]
    fn a_table_is_stale_past_the_limit_or_without_a_date() {
        let now: Timestamp = "2026-11-23T00:00:00Z".parse().unwrap();
        let limit = Duration::from_secs(3_600);
        let at = |age: i64| Some((now.as_second() - age, "then"));
        assert_eq!(older("d.t", "updated_at", at(3_600), limit, now), None);
        assert_eq!(older("d.t", "updated_at", at(-60), limit, now), None);
        let reason = older("d.t", "updated_at", at(3_660), limit, now).unwrap();
        assert!(
            reason.contains("d.t was last updated at then, 1h 01min ago"),
            "{reason}"
        );
        assert!(
            older("d.t", "updated_at", None, limit, now)
                .unwrap()
                .contains("updated_at")
        );
    }

    #[test]
    fn durations_are_told_in_hours() {
        assert_eq!(hours(Duration::from_secs(129_600 + 60)), "36h 01min");
    }
}
