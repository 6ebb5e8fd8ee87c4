//! How large each part is, and how far that reaches. Pure arithmetic: knows no
//! store and no network.
//!
//! S3 allows 10,000 parts. A fixed part size therefore caps an object of unknown
//! length (8 MiB parts: 78 GiB), and a large fixed size wastes memory on small
//! ones. The schedule here starts at a base size for 1,000 parts and then grows
//! by a thousandth per part, up to the largest size of which the memory budget
//! holds [`MIN_BUFFERS`]. Memory rises smoothly with the object, and how far an
//! upload can reach is known before its first byte.

use crate::store::StoreProfile;

/// Part buffers that the memory budget always holds: one being filled while
/// another is being sent.
pub(crate) const MIN_BUFFERS: u64 = 2;

/// Parts that have the base size before growth sets in.
const FLAT_PARTS: u32 = 1_000;

/// With a hint of the object's size the first parts are this fraction of it, so
/// that the hint may be short by a tenth even before growth helps.
const HINT_PARTS: u64 = 9_000;

const MIB: u64 = 1024 * 1024;

/// The size of the next part, part by part.
#[derive(Debug, Clone)]
pub(crate) struct PartSchedule {
    next_number: u32,
    next_bytes: u64,
    cap_bytes: u64,
    max_parts: u32,
}

impl PartSchedule {
    /// Plans parts for `memory_bytes`, starting from `base_bytes`.
    ///
    /// The caller has checked that the budget holds [`MIN_BUFFERS`] parts of the
    /// store's smallest size.
    pub(crate) fn new(
        memory_bytes: u64,
        base_bytes: u64,
        expected_bytes: Option<u64>,
        profile: &StoreProfile,
    ) -> Self {
        let cap_bytes = (memory_bytes / MIN_BUFFERS)
            .min(profile.max_part_bytes)
            .max(profile.min_part_bytes);
        let hinted =
            expected_bytes.map_or(0, |bytes| bytes.div_ceil(HINT_PARTS).next_multiple_of(MIB));
        // A hint that the base size reaches anyway leaves the base alone.
        let hinted = if hinted > base_bytes { hinted } else { 0 };
        Self {
            next_number: 1,
            next_bytes: base_bytes
                .max(hinted)
                .clamp(profile.min_part_bytes, cap_bytes),
            cap_bytes,
            max_parts: profile.max_parts,
        }
    }

    /// The size of the next part; `None` when no further part is allowed.
    pub(crate) fn next_bytes(&self) -> Option<u64> {
        (self.next_number <= self.max_parts).then_some(self.next_bytes)
    }

    /// Moves on to the part after the next one.
    pub(crate) fn advance(&mut self) {
        if self.next_number >= FLAT_PARTS {
            self.next_bytes = self
                .next_bytes
                .saturating_add(self.next_bytes.div_ceil(1_000))
                .min(self.cap_bytes);
        }
        self.next_number += 1;
    }

    /// How many bytes all remaining parts hold together.
    pub(crate) fn reachable_bytes(&self) -> u64 {
        let mut walk = self.clone();
        let mut total = 0_u64;
        while let Some(bytes) = walk.next_bytes() {
            total = total.saturating_add(bytes);
            walk.advance();
        }
        total
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const GIB: u64 = 1024 * MIB;
    const TIB: u64 = 1024 * GIB;

    fn schedule(memory_bytes: u64, expected: Option<u64>) -> PartSchedule {
        PartSchedule::new(memory_bytes, 8 * MIB, expected, &StoreProfile::s3())
    }

    #[test]
    fn reach_follows_the_memory_budget() {
        // Cap 64 MiB, 512 MiB and 5 GiB: the figures of the README's table.
        let hundredths_of_tib = |memory| schedule(memory, None).reachable_bytes() * 100 / TIB;
        assert_eq!(hundredths_of_tib(64 * MIB), 26);
        assert_eq!(hundredths_of_tib(128 * MIB), 48);
        assert_eq!(hundredths_of_tib(GIB), 285);
        assert_eq!(hundredths_of_tib(10 * GIB), 1726);
    }

    #[test]
    fn first_thousand_parts_have_the_base_size() {
        let mut schedule = schedule(GIB, None);
        for _ in 0..1_000 {
            assert_eq!(schedule.next_bytes(), Some(8 * MIB));
            schedule.advance();
        }
        assert!(schedule.next_bytes() > Some(8 * MIB));
    }

    #[test]
    fn a_hint_raises_the_start_and_never_lowers_it() {
        assert_eq!(schedule(GIB, Some(GIB)).next_bytes(), Some(8 * MIB));
        assert_eq!(schedule(GIB, Some(TIB)).next_bytes(), Some(117 * MIB));
        // Beyond the memory cap the hint cannot go.
        assert_eq!(
            schedule(64 * MIB, Some(10 * TIB)).next_bytes(),
            Some(32 * MIB)
        );
        assert!(schedule(64 * MIB, Some(TIB)).reachable_bytes() > 300 * GIB);
    }

    #[test]
    fn the_largest_object_of_s3_is_reached_with_a_hint() {
        let schedule = schedule(10 * GIB, Some(48 * TIB));
        assert_eq!(schedule.next_bytes(), Some(5 * GIB));
        assert_eq!(schedule.reachable_bytes(), 10_000 * 5 * GIB);
    }

    proptest! {
        #[test]
        fn sizes_are_legal_and_never_shrink(memory in 10 * MIB..20 * GIB, expected in prop::option::of(1..60 * TIB)) {
            let profile = StoreProfile::s3();
            let mut schedule = schedule(memory, expected);
            let reach = schedule.reachable_bytes();
            let (mut total, mut parts, mut before) = (0, 0, 0);
            while let Some(bytes) = schedule.next_bytes() {
                prop_assert!(bytes >= profile.min_part_bytes && bytes <= profile.max_part_bytes);
                prop_assert!(bytes >= before);
                prop_assert!(bytes * MIN_BUFFERS <= memory);
                before = bytes;
                total += bytes;
                parts += 1;
                schedule.advance();
            }
            prop_assert_eq!(parts, 10_000);
            prop_assert_eq!(total, reach);
        }
    }
}
