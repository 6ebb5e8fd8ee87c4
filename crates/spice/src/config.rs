//! What to refresh, and how: one form for configuration files, events and code.

use std::time::Duration;

use datatransit_quicksight::{AssetId, api::RefreshKind};
use serde::{Deserialize, Serialize};

use crate::gate::GateConfig;

/// What to refresh, and how.
///
/// Its JSON (or TOML) takes no members that it does not know.
///
/// ```
/// use datatransit_spice::RefreshConfig;
///
/// let config = RefreshConfig::from_json(r#"{
///     "data_sets": [{"id": "daily_activity"}, {"tag": {"key": "nightly", "value": "yes"}}],
///     "on_running": "attach",
///     "deadline_seconds": 3600
/// }"#)?;
/// assert_eq!(config.concurrency, 10);
/// # Ok::<(), datatransit_spice::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RefreshConfig {
    /// Which data sets. Default: none, which [`check`](Self::check) refuses.
    #[serde(default)]
    pub data_sets: Vec<Selection>,
    /// What to do about an ingestion that is under way already. Default: attach.
    #[serde(default)]
    pub on_running: OnRunning,
    /// Longest time for all, in seconds, from the plan on: the gate has its own patience.
    /// Default: 7,200.
    #[serde(default = "default_deadline")]
    pub deadline_seconds: u64,
    /// Longest time for one data set, in seconds, from its start. Default: that for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_set_deadline_seconds: Option<u64>,
    /// Ingestions under way at once. Default: 10.
    #[serde(default = "default_concurrency")]
    pub concurrency: usize,
    /// Whether ingestions of this run are cancelled when time is over. Default: no: they
    /// may still complete.
    #[serde(default)]
    pub cancel_on_deadline: bool,
    /// Most dropped rows with which a data set counts as refreshed. Default: 0.
    #[serde(default)]
    pub max_dropped_rows: u64,
    /// Ingestions of one data set in one run, the first included, where another may help.
    /// Default: 2.
    #[serde(default = "default_attempts")]
    pub attempts: u32,
    /// Pause before another attempt, in seconds. Default: 60.
    #[serde(default = "default_retry_pause")]
    pub retry_pause_seconds: u64,
    /// Refreshes of a data set within 24 hours that the account's edition has: 32, or 8 in
    /// the Standard edition. It is only told, never enforced: the service does that.
    /// Default: 32.
    #[serde(default = "default_daily_quota")]
    pub daily_quota: u32,
    /// What must be there before anything is started. Default: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<GateConfig>,
}

fn default_deadline() -> u64 {
    7200
}
fn default_concurrency() -> usize {
    10
}
fn default_attempts() -> u32 {
    2
}
fn default_retry_pause() -> u64 {
    60
}
fn default_daily_quota() -> u32 {
    32
}

impl Default for RefreshConfig {
    fn default() -> Self {
        Self {
            data_sets: Vec::new(),
            on_running: OnRunning::default(),
            deadline_seconds: default_deadline(),
            data_set_deadline_seconds: None,
            concurrency: default_concurrency(),
            cancel_on_deadline: false,
            max_dropped_rows: 0,
            attempts: default_attempts(),
            retry_pause_seconds: default_retry_pause(),
            daily_quota: default_daily_quota(),
            gate: None,
        }
    }
}

impl RefreshConfig {
    /// A full refresh of these data sets, everything else by default.
    pub fn of_ids(ids: impl IntoIterator<Item = AssetId>) -> Self {
        Self {
            data_sets: ids.into_iter().map(Selection::id).collect(),
            ..Self::default()
        }
    }

    /// Reads JSON, and checks it.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], for values that make no sense too.
    pub fn from_json(text: &str) -> Result<Self, ConfigError> {
        let config: Self = serde_json::from_str(text).map_err(ConfigError::Json)?;
        config.check()?;
        Ok(config)
    }

    /// Checks what the types do not.
    ///
    /// # Errors
    ///
    /// [`ConfigError`], which names the member.
    pub fn check(&self) -> Result<(), ConfigError> {
        let refuse = |member, problem: &str| {
            Err(ConfigError::Value {
                member,
                problem: problem.to_owned(),
            })
        };
        if self.data_sets.is_empty() {
            return refuse("data_sets", "name at least one data set");
        }
        for selection in &self.data_sets {
            if let Selector::Glob(pattern) = &selection.selector
                && let Err(error) = globset::Glob::new(pattern)
            {
                return refuse("data_sets", &error.to_string());
            }
        }
        if self.concurrency == 0 {
            return refuse("concurrency", "at least 1");
        }
        if self.attempts == 0 {
            return refuse("attempts", "at least 1");
        }
        if self.deadline_seconds == 0 || self.data_set_deadline_seconds == Some(0) {
            return refuse("deadline_seconds", "at least 1");
        }
        match &self.gate {
            Some(gate) => gate.check(),
            None => Ok(()),
        }
    }

    /// Longest time for all.
    pub fn deadline(&self) -> Duration {
        Duration::from_secs(self.deadline_seconds)
    }

    /// Longest time for one data set.
    pub fn data_set_deadline(&self) -> Duration {
        self.data_set_deadline_seconds
            .map_or_else(|| self.deadline(), Duration::from_secs)
    }
}

/// What to do about an ingestion of a data set that is under way already, and which this
/// run has not started.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OnRunning {
    /// Wait for that one and take its result. It may have begun before the data was new.
    #[default]
    Attach,
    /// Leave the data set alone.
    Skip,
    /// Start another, which waits in the service's queue.
    Queue,
    /// Cancel it, and start another.
    Replace,
}

/// Some data sets, and how they are refreshed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
#[expect(clippy::exhaustive_structs, reason = "which and how is all there is")]
pub struct Selection {
    /// Which.
    pub selector: Selector,
    /// How.
    pub mode: RefreshKind,
}

/// Which data sets.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Selector {
    /// The one of this identifier.
    Id(AssetId),
    /// The one of exactly this name. Two of that name are an error.
    Name(String),
    /// Those whose name matches a pattern: `*`, `?`, `[a-z]`, `{a,b}`.
    Glob(String),
    /// Those with a tag of this key and value.
    Tag {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// Those that the published version of a dashboard shows.
    Dashboard(AssetId),
    /// All of the account and region.
    All,
}

impl Selector {
    /// Whether it names one data set, and does not look for some.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self, Self::Id(_) | Self::Name(_))
    }
}

impl std::fmt::Display for Selector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "{id}"),
            Self::Name(name) => write!(f, "name `{name}`"),
            Self::Glob(pattern) => write!(f, "names like `{pattern}`"),
            Self::Tag { key, value } => write!(f, "tag {key}={value}"),
            Self::Dashboard(id) => write!(f, "behind dashboard `{id}`"),
            Self::All => f.write_str("all"),
        }
    }
}

impl Selection {
    /// The data set of this identifier, in full.
    pub fn id(id: AssetId) -> Self {
        Self::of(Selector::Id(id))
    }

    /// These, in full.
    pub fn of(selector: Selector) -> Self {
        Self {
            selector,
            mode: RefreshKind::Full,
        }
    }

    /// Sets how.
    #[must_use]
    pub fn with_mode(mut self, mode: RefreshKind) -> Self {
        self.mode = mode;
        self
    }
}

/// A selection as it is written: one of the selectors, and a mode.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<AssetId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    glob: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tag: Option<Tag>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    dashboard: Option<AssetId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    all: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<RefreshKind>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tag {
    key: String,
    value: String,
}

impl TryFrom<Written> for Selection {
    type Error = &'static str;

    fn try_from(written: Written) -> Result<Self, Self::Error> {
        let Written {
            id,
            name,
            glob,
            tag,
            dashboard,
            all,
            mode,
        } = written;
        let given = [
            id.map(Selector::Id),
            name.map(Selector::Name),
            glob.map(Selector::Glob),
            tag.map(|Tag { key, value }| Selector::Tag { key, value }),
            dashboard.map(Selector::Dashboard),
            all.unwrap_or_default().then_some(Selector::All),
        ];
        let mut given = given.into_iter().flatten();
        let (Some(selector), None) = (given.next(), given.next()) else {
            return Err(
                "a data set is selected by exactly one of id, name, glob, tag, dashboard, all",
            );
        };
        let mode = mode.unwrap_or_default();
        Ok(Self { selector, mode })
    }
}

impl From<Selection> for Written {
    fn from(selection: Selection) -> Self {
        let mut written = Self {
            mode: (selection.mode != RefreshKind::Full).then_some(selection.mode),
            ..Self::default()
        };
        match selection.selector {
            Selector::Id(id) => written.id = Some(id),
            Selector::Name(name) => written.name = Some(name),
            Selector::Glob(glob) => written.glob = Some(glob),
            Selector::Tag { key, value } => written.tag = Some(Tag { key, value }),
            Selector::Dashboard(id) => written.dashboard = Some(id),
            Selector::All => written.all = Some(true),
        }
        written
    }
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// It is not JSON, or not of this form.
    #[error("read the refresh configuration")]
    Json(#[source] serde_json::Error),
    /// A member has a value that makes no sense.
    #[error("the refresh configuration's `{member}`: {problem}")]
    #[non_exhaustive]
    Value {
        /// The member.
        member: &'static str,
        /// What is wrong, and what would be right.
        problem: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selections(text: &str) -> Result<RefreshConfig, ConfigError> {
        RefreshConfig::from_json(&format!(r#"{{"data_sets":[{text}]}}"#))
    }

    #[test]
    fn every_way_to_select_is_read_and_written_alike() {
        let text = r#"{"id":"a"},{"name":"Daily"},{"glob":"sales*"},{"tag":{"key":"k","value":"v"}},{"dashboard":"d"},{"all":true,"mode":"incremental"}"#;
        let config = selections(text).unwrap();
        assert_eq!(config.data_sets.len(), 6);
        assert_eq!(config.data_sets[5].mode, RefreshKind::Incremental);
        let written = serde_json::to_string(&config.data_sets).unwrap();
        for part in text.split("},{") {
            let part = part.trim_matches(['{', '}']);
            assert!(written.contains(part), "{part} in {written}");
        }
        let again: RefreshConfig =
            serde_json::from_str(&serde_json::to_string(&config).unwrap()).unwrap();
        assert_eq!(again, config);
    }

    #[test]
    fn two_selectors_none_or_a_strange_member_are_refused() {
        for text in [
            r#"{"id":"a","name":"b"}"#,
            r#"{"mode":"full"}"#,
            r#"{"all":false}"#,
            r#"{"id":"a","modus":"full"}"#,
            r#"{"id":"a","mode":"partial"}"#,
            r#"{"glob":"[a"}"#,
            "",
        ] {
            assert!(selections(text).is_err(), "{text}");
        }
        for text in [
            r#"{"data_sets":[{"all":true}],"deadline":3}"#,
            r#"{"data_sets":[{"all":true}],"concurrency":0}"#,
            r#"{"data_sets":[{"all":true}],"deadline_seconds":0}"#,
            r#"{"data_sets":[{"all":true}],"on_running":"stop"}"#,
        ] {
            assert!(RefreshConfig::from_json(text).is_err(), "{text}");
        }
    }
}
