//! The name of one run: in every log line, the manifest, the object's tags.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Serialize, Serializer};

/// A run's name: UTC start time and a random tail, so that names sort by time
/// and two hosts that start in the same second differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunId(String);

/// S3 allows 256 characters in a tag's value; nobody wants to read that many.
const LONGEST: usize = 128;

impl RunId {
    /// Makes a new one for a run that starts at `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self(format!(
            "{}-{:08x}",
            now.strftime("%Y%m%dT%H%M%SZ"),
            fastrand::u32(..)
        ))
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Takes a name given by a scheduler: 1 to 128 characters that an S3 tag may hold.
impl FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "+-=._:/@".contains(c);
        if text.is_empty() || text.len() > LONGEST || !text.chars().all(allowed) {
            return Err(format!(
                "must be 1 to {LONGEST} letters, digits or + - = . _ : / @"
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for RunId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_start_with_the_time_and_differ() {
        let now: Timestamp = "2026-11-23T20:30:00Z".parse().unwrap();
        let (first, second) = (RunId::new(now), RunId::new(now));
        assert!(first.as_str().starts_with("20261123T203000Z-"), "{first}");
        assert_ne!(first, second);
        assert!(first.as_str().parse::<RunId>().is_ok());
    }

    #[test]
    fn refuses_what_a_tag_cannot_hold() {
        for text in ["", "a b", "日", "a\n", &"x".repeat(129)] {
            assert!(text.parse::<RunId>().is_err(), "{text:?}");
        }
        assert!("cron/2026-11-23@host".parse::<RunId>().is_ok());
    }
}
