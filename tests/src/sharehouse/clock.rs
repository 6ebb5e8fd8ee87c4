//! Dates of the company's history, in its time zone.

use fastrand::Rng;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// How far back the data go.
const HISTORY_DAYS: i64 = 8 * 365;
const DAY: i64 = 24 * 60 * 60;
/// Nothing is younger than this, in seconds.
const OLDER_THAN: i64 = 300;

/// The present moment of the data. Japan has no summer time, so an offset does
/// for a zone.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    now: Timestamp,
    zone: TimeZone,
}

impl Clock {
    pub(super) fn new(now: Timestamp) -> Self {
        Self {
            now,
            zone: TimeZone::fixed(Offset::constant(9)),
        }
    }

    /// Wall-clock time that long before now.
    pub(super) fn ago(&self, seconds: i64) -> DateTime {
        let time = self
            .now
            .saturating_sub(SignedDuration::from_secs(seconds))
            .unwrap_or(self.now);
        // Whole seconds, as the columns hold.
        let time = Timestamp::from_second(time.as_second()).unwrap_or(time);
        self.zone.to_datetime(time)
    }

    pub(super) fn day_ago(&self, days: i64) -> Date {
        self.ago(days * DAY).date()
    }

    /// When row `index` of `count` was created, in seconds before now: the later
    /// the row, the younger.
    pub(super) fn age(random: &mut Rng, index: u64, count: u64) -> i64 {
        let span = HISTORY_DAYS * DAY;
        let left = i64::try_from(count - index).unwrap_or_default();
        let step = (span / i64::try_from(count).unwrap_or(1).max(1)).max(1);
        (left * step - random.i64(0..step)).max(OLDER_THAN)
    }

    /// When such a row was last changed. The last row of a table always minutes
    /// ago, so that every table is fresh.
    pub(super) fn age_of_change(random: &mut Rng, age: i64, index: u64, count: u64) -> i64 {
        match random.u8(0..4) {
            _ if index + 1 == count => OLDER_THAN,
            0 => age,
            1 => random.i64(OLDER_THAN..=age),
            _ => (age - random.i64(0..90 * DAY)).max(OLDER_THAN),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_was_changed_minutes_ago_and_none_in_the_future() {
        let mut random = Rng::with_seed(1);
        for count in [1, 10, 200_000] {
            for index in [0, count / 2, count - 1] {
                let age = Clock::age(&mut random, index, count);
                let change = Clock::age_of_change(&mut random, age, index, count);
                assert!((OLDER_THAN..=age).contains(&change));
                assert!(index + 1 < count || change == OLDER_THAN);
            }
        }
    }
}
