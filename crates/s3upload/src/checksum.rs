//! CRC-64/NVME: the checksum that S3 stores for a whole object and that folds
//! over parts.
//!
//! Two digests are kept of every upload, on purpose from different places: a
//! rolling one over the bytes as the caller hands them in, and one per part
//! over the finished part buffer. Only if folding the second gives the first is
//! an upload completed, so a mistake between the two (a lost, doubled, swapped
//! or damaged part) is caught on this side, before anything is published.

use std::fmt;

use crc_fast::{CrcAlgorithm, Digest};

/// A CRC-64/NVME value, shown the way S3 writes it: base64 of eight big-endian
/// bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crc64(u64);

impl Crc64 {
    /// The checksum of no bytes at all.
    pub const EMPTY: Self = Self(0);

    /// Wraps a checksum that was computed elsewhere.
    pub const fn from_value(value: u64) -> Self {
        Self(value)
    }

    /// Computes the checksum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(crc_fast::crc64_nvme(bytes))
    }

    /// The checksum as a number.
    pub const fn value(self) -> u64 {
        self.0
    }

    /// The checksum of these bytes followed by `next_len` bytes whose checksum
    /// is `next`.
    ///
    /// Costs about a tenth of a millisecond whatever the lengths.
    #[must_use]
    pub fn followed_by(self, next: Self, next_len: u64) -> Self {
        if next_len == 0 {
            return self;
        }
        Self(crc_fast::checksum_combine(
            CrcAlgorithm::Crc64Nvme,
            self.0,
            next.0,
            next_len,
        ))
    }

    /// Reads the base64 form that S3 answers with; `None` if it is not one.
    pub fn from_base64(text: &str) -> Option<Self> {
        let text = text.strip_suffix('=')?;
        if text.len() != 11 {
            return None;
        }
        let mut bits: u128 = 0;
        for symbol in text.bytes() {
            let digit = ALPHABET.iter().position(|&candidate| candidate == symbol)?;
            bits = (bits << 6) | u128::try_from(digit).ok()?;
        }
        // Eleven symbols carry 66 bits; the two surplus ones are zero.
        if bits & 0b11 != 0 {
            return None;
        }
        u64::try_from(bits >> 2).ok().map(Self)
    }

    /// The base64 form that S3 expects in `x-amz-checksum-crc64nvme`.
    pub fn to_base64(self) -> String {
        let bits = u128::from(self.0) << 2;
        let mut text: String = (0..11)
            .rev()
            .map(|place| {
                let digit = usize::try_from((bits >> (6 * place)) & 0b11_1111).unwrap_or_default();
                char::from(ALPHABET[digit])
            })
            .collect();
        text.push('=');
        text
    }
}

impl fmt::Display for Crc64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_base64())
    }
}

impl fmt::Debug for Crc64 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Crc64({})", self.to_base64())
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The checksum of a stream, fed piece by piece.
#[derive(Debug)]
pub(crate) struct RollingCrc64(Digest);

impl RollingCrc64 {
    pub(crate) fn new() -> Self {
        Self(Digest::new(CrcAlgorithm::Crc64Nvme))
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    pub(crate) fn value(&self) -> Crc64 {
        Crc64(self.0.finalize())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn known_values() {
        // The check value of CRC-64/NVME in the catalogue of CRC algorithms.
        assert_eq!(Crc64::of(b"123456789").value(), 0xae8b_1486_0a79_9888);
        assert_eq!(Crc64::of(b"123456789").to_base64(), "rosUhgp5mIg=");
        assert_eq!(Crc64::of(b""), Crc64::EMPTY);
        assert_eq!(Crc64::EMPTY.to_base64(), "AAAAAAAAAAA=");
    }

    #[test]
    fn base64_refuses_what_is_not_eight_bytes() {
        for text in [
            "",
            "AAAA",
            "AAAAAAAAAAA",
            "AAAAAAAAAAB=",
            "AAAAAAAAAA!=",
            "AAAAAAAAAAAA=",
        ] {
            assert_eq!(Crc64::from_base64(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn base64_round_trips(value: u64) {
            let crc = Crc64::from_value(value);
            prop_assert_eq!(Crc64::from_base64(&crc.to_base64()), Some(crc));
        }

        #[test]
        fn folding_any_split_gives_the_whole(pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..8)) {
            let whole: Vec<u8> = pieces.concat();
            let mut rolling = RollingCrc64::new();
            let mut folded = Crc64::EMPTY;
            for piece in &pieces {
                rolling.update(piece);
                folded = folded.followed_by(Crc64::of(piece), piece.len() as u64);
            }
            prop_assert_eq!(rolling.value(), Crc64::of(&whole));
            prop_assert_eq!(folded, Crc64::of(&whole));
        }
    }
}
