//! Identifiers of ingestions, derived from what triggered the run.
//!
//! The same trigger always gives the same identifier for a data set. A second try of the
//! same event, or of the same day's run, so finds the ingestion that the first one
//! started, and spends no refresh of the day's quota.

use std::fmt;

use datatransit_quicksight::AssetId;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// What caused a run.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Trigger {
    /// An event, by its identifier. Whoever delivers it again means the same run: a
    /// failure that another attempt cannot mend stays the run's result.
    Event(String),
    /// The run of a day. Run again, it goes on with what is under way, leaves alone what
    /// is done, and starts anew what failed.
    Day(Date),
    /// A run by any other name; otherwise as [`Trigger::Day`].
    Run(String),
}

impl Trigger {
    /// The day, if it is a day's run.
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Day(day) => Some(*day),
            _ => None,
        }
    }

    /// Whether a failure found from an earlier try is the result of this one too.
    pub(crate) fn keeps_failures(&self) -> bool {
        matches!(self, Self::Event(_))
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Day(_) => "day",
            Self::Run(_) => "run",
        }
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(text) | Self::Run(text) => f.write_str(text),
            Self::Day(day) => day.fmt(f),
        }
    }
}

/// Longest identifier that the service takes.
const MAX_CHARS: usize = 128;
/// Digits of the digest, which make identifiers differ where their texts do not.
const DIGEST_CHARS: usize = 12;

/// The identifier of the `attempt`-th ingestion (from 1) of a data set in a run: 1 to 128
/// letters, digits, `-` and `_`.
///
/// ```
/// use datatransit_quicksight::AssetId;
/// use datatransit_spice::ids::{Trigger, ingestion_id};
///
/// let trigger = Trigger::Day("2026-11-23".parse()?);
/// let id = ingestion_id(&trigger, &AssetId::new("daily_activity")?, 1);
/// assert!(id.starts_with("spice-2026-11-23-"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn ingestion_id(trigger: &Trigger, data_set: &AssetId, attempt: u32) -> String {
    let text = trigger.to_string();
    let mut digest = Sha256::new();
    for part in [trigger.kind(), &text, data_set.as_str()] {
        // Lengths keep "ab" + "c" and "a" + "bc" apart.
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    let digest: String = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let digest = &digest[..DIGEST_CHARS];
    let ending = match attempt {
        0 | 1 => format!("-{digest}"),
        attempt => format!("-{digest}-{attempt}"),
    };
    let begin = "spice-";
    let room = MAX_CHARS - begin.len() - ending.len();
    let shown: String = text
        .chars()
        .map(|c| match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => c,
            _ => '_',
        })
        .take(room)
        .collect();
    format!("{begin}{shown}{ending}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn triggers() -> impl Strategy<Value = Trigger> {
        prop_oneof![
            ".{0,200}".prop_map(Trigger::Event),
            ".{0,200}".prop_map(Trigger::Run),
            (1i16..9999, 1i8..=12, 1i8..=28)
                .prop_map(|(y, m, d)| Trigger::Day(Date::new(y, m, d).unwrap())),
        ]
    }

    fn data_sets() -> impl Strategy<Value = AssetId> {
        "[^\\p{Cc}]{1,60}".prop_map(|id| AssetId::new(id).unwrap())
    }

    proptest! {
        #[test]
        fn the_service_takes_every_identifier(
            trigger in triggers(), data_set in data_sets(), attempt in 0u32..,
        ) {
            let id = ingestion_id(&trigger, &data_set, attempt);
            prop_assert!(!id.is_empty() && id.len() <= MAX_CHARS, "{id}");
            prop_assert!(
                id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'),
                "{id}"
            );
            prop_assert_eq!(id, ingestion_id(&trigger, &data_set, attempt));
        }

        #[test]
        fn another_trigger_data_set_or_attempt_is_another_identifier(
            one in (triggers(), data_sets(), 1u32..5), two in (triggers(), data_sets(), 1u32..5),
        ) {
            let id = |(trigger, data_set, attempt): &(Trigger, AssetId, u32)| {
                ingestion_id(trigger, data_set, *attempt)
            };
            prop_assert_eq!(one == two, id(&one) == id(&two));
        }
    }

    #[test]
    fn texts_that_look_alike_are_told_apart() {
        let data_set = AssetId::new("a").unwrap();
        let of = |text: &str| ingestion_id(&Trigger::Event(text.to_owned()), &data_set, 1);
        assert_ne!(of("a b"), of("a_b"));
        assert_ne!(
            of("2026-11-23"),
            ingestion_id(&Trigger::Day("2026-11-23".parse().unwrap()), &data_set, 1)
        );
    }
}
