//! Values with units as people write them: sizes (`256MiB`) and durations (`36h`).

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::SignedDuration;
use serde::{Serialize, Serializer};

/// A number of bytes.
///
/// `K`, `M`, `G`, `T` (also `KiB`, `MiB`, …) are powers of 1024; `KB`, `MB`, …
/// are powers of 1000; no unit means bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(u64);

impl ByteSize {
    /// Takes a number of bytes.
    #[must_use]
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    /// Takes a number of MiB.
    #[must_use]
    pub const fn mib(mebibytes: u64) -> Self {
        Self(mebibytes * 1024 * 1024)
    }

    /// Returns the number of bytes.
    #[must_use]
    pub const fn bytes(self) -> u64 {
        self.0
    }
}

impl FromStr for ByteSize {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let digits = text
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(text.len());
        let (number, unit) = text.split_at(digits);
        let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kib" => 1 << 10,
            "m" | "mib" => 1 << 20,
            "g" | "gib" => 1 << 30,
            "t" | "tib" => 1 << 40,
            "kb" => 1_000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "tb" => 1_000_000_000_000,
            _ => {
                return Err(format!(
                    "unknown unit {unit:?}: use B, KiB, MiB, GiB, TiB, KB, MB, GB or TB"
                ));
            }
        };
        number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(factor))
            .map(Self)
            .ok_or_else(|| "not a size such as 512, 64MiB or 2GB".to_owned())
    }
}

/// Prints with one decimal in the largest binary unit that fits.
impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (unit, shift) in [("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)] {
            let size = 1_u64 << shift;
            if self.0 >= size {
                let tenths = u128::from(self.0) * 10 / u128::from(size);
                return if tenths % 10 == 0 {
                    write!(f, "{} {unit}", tenths / 10)
                } else {
                    write!(f, "{}.{} {unit}", tenths / 10, tenths % 10)
                };
            }
        }
        write!(f, "{} B", self.0)
    }
}

impl Serialize for ByteSize {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

/// Parses a duration such as `45s`, `90m`, `36h`, `1d 6h` or ISO 8601's `PT36H`.
///
/// A day is 24 hours.
///
/// # Errors
/// When the text is no duration, has no unit, or is not positive.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    // A day is not a unit of an absolute duration to jiff; to an operator it is 24 hours.
    let (days, rest) = match text.split_once('d') {
        Some((days, rest)) if !days.is_empty() && days.bytes().all(|b| b.is_ascii_digit()) => (
            days.parse::<u64>()
                .map_err(|_| "too many days".to_owned())?,
            rest.trim(),
        ),
        _ => (0, text),
    };
    let rest = if rest.is_empty() && days > 0 {
        Duration::ZERO
    } else {
        rest.parse::<SignedDuration>()
            .ok()
            .and_then(|duration| Duration::try_from(duration).ok())
            .ok_or_else(|| "not a duration such as 45s, 90m, 36h or 2d".to_owned())?
    };
    let total = days
        .checked_mul(86_400)
        .and_then(|seconds| Duration::from_secs(seconds).checked_add(rest))
        .ok_or_else(|| "too long".to_owned())?;
    if total.is_zero() {
        Err("must be longer than zero".to_owned())
    } else {
        Ok(total)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (text, bytes) in [
            ("0", 0),
            ("512", 512),
            ("1K", 1024),
            ("64MiB", 64 << 20),
            ("64 mib", 64 << 20),
            ("2GB", 2_000_000_000),
            ("1t", 1 << 40),
        ] {
            assert_eq!(text.parse::<ByteSize>(), Ok(ByteSize::new(bytes)), "{text}");
        }
        for text in ["", "MiB", "-1", "1.5G", "10 parsecs", "99999999999T"] {
            assert!(text.parse::<ByteSize>().is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_print_as_they_are_written() {
        assert_eq!(ByteSize::new(999).to_string(), "999 B");
        assert_eq!(ByteSize::mib(64).to_string(), "64 MiB");
        assert_eq!(ByteSize::new(1536).to_string(), "1.5 KiB");
        assert_eq!(ByteSize::new(u64::MAX).to_string(), "16777215.9 TiB");
    }

    #[test]
    fn durations() {
        for (text, seconds) in [
            ("45s", 45),
            ("90m", 5_400),
            ("36h", 129_600),
            ("2d", 172_800),
            ("1d 6h", 108_000),
            ("PT36H", 129_600),
        ] {
            assert_eq!(
                parse_duration(text),
                Ok(Duration::from_secs(seconds)),
                "{text}"
            );
        }
        for text in ["", "36", "0s", "-1h", "soon", "d"] {
            assert!(parse_duration(text).is_err(), "{text}");
        }
    }
}
