//! The rules of the cutover, as a TOML file without sections.

use std::path::Path;

use anyhow::anyhow;
use datatransit_job::Failure;
use serde::{Deserialize, Serialize};

/// The rules; `Default` is what production uses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Rules {
    /// Days in a row, up to the newest, that must be reported, whole and identical.
    pub(crate) consecutive_days: u16,
    /// By how many percent the new dump may differ in size from the old one of the
    /// same day, and from the new one of the day before.
    pub(crate) max_size_change_percent: f64,
    /// Which size that is.
    pub(crate) size_of: SizeOf,
    /// How many tables there must be; without it, as many as on the first day.
    pub(crate) expected_tables: Option<u64>,
    /// How many days old the newest report may be.
    pub(crate) max_age_days: u16,
    /// Bad days in a row, up to the newest, at which to roll back.
    pub(crate) roll_back_failures: u16,
    /// By how many percent the sizes of one day must differ to roll back.
    pub(crate) roll_back_size_percent: f64,
}

/// Which size of a dump is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SizeOf {
    /// Of the SQL or the rows themselves, whatever compressed them.
    #[default]
    Uncompressed,
    /// Of the object: two compressors differ by more than 5 %.
    Stored,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            consecutive_days: 7,
            max_size_change_percent: 5.0,
            size_of: SizeOf::Uncompressed,
            expected_tables: None,
            max_age_days: 1,
            roll_back_failures: 3,
            roll_back_size_percent: 10.0,
        }
    }
}

impl Rules {
    /// Reads a file of rules.
    ///
    /// # Errors
    /// A usage failure with file, line and reason.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::usage(anyhow!(error).context(format!("read the rules {}", path.display())))
        })?;
        Self::parse(&text).map_err(|error| {
            Failure::usage(error.context(format!("--rules {}", path.display())))
                .with_remedy("the README of compare-dumps lists the rules and their defaults")
        })
    }

    /// Takes rules from TOML; what is not named keeps its default.
    pub(crate) fn parse(text: &str) -> anyhow::Result<Self> {
        let rules: Self = toml::from_str(text).map_err(|error| {
            let line = error
                .span()
                .map_or(0, |span| 1 + text[..span.start].matches('\n').count());
            anyhow!("line {line}: {}", error.message())
        })?;
        rules.check()?;
        Ok(rules)
    }

    fn check(&self) -> anyhow::Result<()> {
        let percent = |name: &str, value: f64| {
            if value.is_finite() && value >= 0.0 {
                Ok(())
            } else {
                Err(anyhow!("{name} must be zero or more"))
            }
        };
        percent("max_size_change_percent", self.max_size_change_percent)?;
        percent("roll_back_size_percent", self.roll_back_size_percent)?;
        if self.consecutive_days == 0 || self.roll_back_failures == 0 {
            return Err(anyhow!(
                "consecutive_days and roll_back_failures must be at least 1"
            ));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_keeps_its_default() {
        assert_eq!(Rules::parse("").unwrap(), Rules::default());
        let rules = Rules::parse("consecutive_days = 14\nsize_of = \"stored\"").unwrap();
        assert_eq!(rules.consecutive_days, 14);
        assert_eq!(rules.size_of, SizeOf::Stored);
        assert_eq!(rules.max_age_days, 1);
    }

    #[test]
    fn unknown_and_impossible_rules_are_refused() {
        for (text, reason) in [
            ("consecutive_day = 7", "unknown field"),
            ("[rules]\nconsecutive_days = 7", "unknown field"),
            ("consecutive_days = 0", "at least 1"),
            ("consecutive_days = -1", "line 1"),
            ("roll_back_failures = 0", "at least 1"),
            ("max_size_change_percent = -0.5", "zero or more"),
            ("roll_back_size_percent = nan", "zero or more"),
            ("size_of = \"packed\"", "unknown variant"),
        ] {
            let error = format!("{:#}", Rules::parse(text).unwrap_err());
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn the_readme_lists_every_rule_with_its_default() {
        let readme = include_str!("../../README.md");
        let defaults = serde_json::to_value(Rules::default()).unwrap();
        let set = defaults.as_object().unwrap().iter();
        for (name, value) in set.filter(|(_, value)| !value.is_null()) {
            let row = format!("| `{name}` | `{value}` |");
            assert!(readme.contains(&row), "the README lacks {row}");
        }
        assert!(readme.contains("| `expected_tables` | not set |"));
    }
}
