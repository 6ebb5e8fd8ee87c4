//! Fast digests of rows: what decides whether two sides are equal.
//!
//! A row is hashed by XXH3 to 128 bits, under a seed drawn for each comparison. XXH3 is an
//! order of magnitude faster than SHA-256 on short texts, where even SHA-256 in hardware costs
//! more than the whole scan. Nobody who makes a dump has a say in the seed, so that an equality
//! by chance stays at 2^-128 even for rows made to collide. What a report shows is SHA-256.

use std::hash::{BuildHasher, RandomState};

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::{Xxh3, xxh3_128_with_seed};

/// The hash function of one comparison.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seed(u64);

impl Seed {
    pub(super) fn random() -> Self {
        Self(RandomState::new().hash_one(0_u64))
    }

    pub(super) fn hash(self, bytes: &[u8]) -> u128 {
        xxh3_128_with_seed(bytes, self.0)
    }

    /// For text that comes in pieces; gives what [`hash`](Self::hash) gives of the whole.
    pub(super) fn stream(self) -> Xxh3 {
        Xxh3::with_seed(self.0)
    }
}

/// A digest of a sequence of hashes: the order counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Ordered(u128);

/// Odd and without structure: the fractional bits of the golden ratio.
const FACTOR: u128 = 0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835;

impl Ordered {
    pub(super) fn add(&mut self, hash: u128) {
        self.0 = self.0.wrapping_mul(FACTOR).wrapping_add(hash);
        // Brings the high half down, which multiplication alone never does.
        self.0 ^= self.0 >> 67;
    }
}

/// A digest of a multiset of hashes: the order does not count, how often does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Multiset(u128);

impl Multiset {
    pub(super) fn add(&mut self, hash: u128) {
        self.0 = self.0.wrapping_add(hash);
    }
}

pub(super) fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub(super) fn hex(digest: &[u8]) -> String {
    use std::fmt::Write;
    digest.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_multiset_is_free_of_order_and_a_sequence_is_not(
            hashes in prop::collection::vec(any::<u128>(), 0..40),
            turn in any::<prop::sample::Index>(),
        ) {
            let mut turned = hashes.clone();
            if !turned.is_empty() {
                turned.rotate_left(turn.index(hashes.len()));
            }
            let sums = [&hashes, &turned].map(|list| {
                let (mut multiset, mut ordered) = (Multiset::default(), Ordered::default());
                for &hash in list.iter() {
                    multiset.add(hash);
                    ordered.add(hash);
                }
                (multiset, ordered)
            });
            prop_assert_eq!(sums[0].0, sums[1].0);
            prop_assert_eq!(sums[0].1 == sums[1].1, hashes == turned);
        }

        #[test]
        fn pieces_hash_like_the_whole(bytes in prop::collection::vec(any::<u8>(), 0..700), at in any::<prop::sample::Index>()) {
            let seed = Seed::random();
            let (left, right) = bytes.split_at(at.index(bytes.len() + 1));
            let mut stream = seed.stream();
            stream.update(left);
            stream.update(right);
            prop_assert_eq!(stream.digest128(), seed.hash(&bytes));
        }
    }

    #[test]
    fn a_row_twice_is_not_no_row() {
        let mut twice = Multiset::default();
        twice.add(7);
        twice.add(7);
        assert_ne!(twice, Multiset::default());
    }
}
