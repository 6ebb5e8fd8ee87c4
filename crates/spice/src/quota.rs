//! The refreshes of the last 24 hours, counted.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::ingestion::Ingestion;

/// The window of the service's quota; it rolls.
pub const WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// How much of a data set's quota is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quota {
    /// Refreshes asked for within the last 24 hours.
    pub used: u32,
    /// How many there may be, by the configuration.
    pub limit: u32,
    /// When the next slot frees, if all are used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_slot_at: Option<Timestamp>,
}

impl Quota {
    /// Counts what the service listed.
    pub fn count(ingestions: &[Ingestion], limit: u32, now: Timestamp) -> Self {
        let mut counted: Vec<Timestamp> = ingestions
            .iter()
            .filter(|ingestion| ingestion.counts)
            .filter_map(|ingestion| ingestion.created_at)
            .filter(|created| now.duration_since(*created) < WINDOW)
            .collect();
        // The newest first: the slot that frees next is that of the oldest of `limit`.
        counted.sort_unstable_by(|one, two| two.cmp(one));
        let used = u32::try_from(counted.len()).unwrap_or(u32::MAX);
        let next_slot_at = (used >= limit)
            .then(|| counted.get(usize::try_from(limit).ok()?.checked_sub(1)?))
            .flatten()
            .and_then(|oldest| oldest.checked_add(WINDOW).ok());
        Self {
            used,
            limit,
            next_slot_at,
        }
    }

    /// The same, after the service has said that all are used: whatever the limit, it is
    /// not more than what was counted.
    pub(crate) fn exhausted(ingestions: &[Ingestion], limit: u32, now: Timestamp) -> Self {
        let counted = Self::count(ingestions, limit, now);
        if counted.used == 0 || counted.used >= limit {
            return counted;
        }
        Self::count(ingestions, counted.used, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingestion::IngestionStatus;

    fn at(seconds: i64, counts: bool) -> Ingestion {
        Ingestion {
            id: seconds.to_string(),
            status: IngestionStatus::Completed,
            created_at: Some(Timestamp::from_second(seconds).unwrap()),
            rows_ingested: None,
            rows_dropped: None,
            rows_total: None,
            seconds: None,
            bytes: None,
            error_kind: None,
            error_message: None,
            counts,
        }
    }

    const DAY: i64 = 24 * 3600;

    fn count(created: &[i64], limit: u32, now: i64) -> Quota {
        let all: Vec<Ingestion> = created.iter().map(|at_| at(*at_, true)).collect();
        Quota::count(&all, limit, Timestamp::from_second(now).unwrap())
    }

    #[test]
    fn the_window_rolls() {
        let quota = count(&[0, 60, 120], 3, 200);
        assert_eq!(
            (quota.used, quota.next_slot_at),
            (3, Timestamp::from_second(DAY).ok())
        );
        // The first has just left it.
        let quota = count(&[0, 60, 120], 3, DAY);
        assert_eq!((quota.used, quota.next_slot_at), (2, None));
        // One second before that it was still in it.
        assert_eq!(count(&[0, 60, 120], 3, DAY - 1).used, 3);
    }

    #[test]
    fn with_more_than_the_limit_the_last_ones_count() {
        let quota = count(&[300, 0, 60, 120], 3, 400);
        assert_eq!(quota.used, 4);
        assert_eq!(quota.next_slot_at, Timestamp::from_second(DAY + 60).ok());
    }

    #[test]
    fn schedules_and_edits_do_not_count() {
        let all = [at(0, false), at(10, true)];
        let quota = Quota::count(&all, 32, Timestamp::from_second(20).unwrap());
        assert_eq!(quota.used, 1);
    }

    #[test]
    fn a_refusal_below_the_limit_corrects_the_limit() {
        let all = [at(0, true), at(10, true)];
        let quota = Quota::exhausted(&all, 32, Timestamp::from_second(20).unwrap());
        assert_eq!((quota.used, quota.limit), (2, 2));
        assert_eq!(quota.next_slot_at, Timestamp::from_second(DAY).ok());
    }
}
