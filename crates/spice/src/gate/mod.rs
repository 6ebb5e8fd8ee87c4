//! The gate: nothing is started before what is upstream is done.
//!
//! [`GateConfig`] waits for the manifest that a dump commits after itself.
//! [`upstream`] reads the events by which AWS says that something upstream has ended.

mod manifest;
#[cfg(feature = "aws")]
mod s3;
pub mod upstream;

use std::{fmt, time::Duration};

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep_until};

use self::manifest::Look;
#[cfg(feature = "aws")]
pub use self::s3::S3Objects;
use crate::{
    config::ConfigError,
    observe::{Event, Observer},
};

/// What must be there before anything is started: the manifest of a dump.
///
/// It opens when the manifest says `"valid_for_etl": true`, was generated lately, and, if
/// its name has a date, stands for that date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct GateConfig {
    /// `s3://BUCKET/KEY`, with strftime's conversions for the run's day.
    pub manifest: String,
    /// Oldest manifest that opens the gate, in hours since it was generated. Default: 20,
    /// so that yesterday's never does for a nightly job.
    #[serde(default = "default_max_age")]
    pub max_age_hours: u32,
    /// IANA name of the zone of the day. Default: `Asia/Tokyo`, as of the dump.
    #[serde(default = "default_zone")]
    pub timezone: String,
    /// How long to wait for the gate to open, in seconds. Default: 0, one look.
    #[serde(default)]
    pub patience_seconds: u64,
}

fn default_max_age() -> u32 {
    20
}
fn default_zone() -> String {
    "Asia/Tokyo".to_owned()
}

/// Pauses between two looks grow from the first to the second.
const PAUSES: [Duration; 2] = [Duration::from_secs(15), Duration::from_secs(60)];

impl GateConfig {
    /// Waits for the manifest of this name, everything else by default.
    pub fn new(manifest: impl Into<String>) -> Self {
        Self {
            manifest: manifest.into(),
            max_age_hours: default_max_age(),
            timezone: default_zone(),
            patience_seconds: 0,
        }
    }

    /// Sets the patience.
    #[must_use]
    pub fn with_patience(mut self, patience: Duration) -> Self {
        self.patience_seconds = patience.as_secs();
        self
    }

    /// Checks name, pattern and zone.
    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.place(None, Timestamp::UNIX_EPOCH).map(drop)
    }

    /// Fills the day into the manifest's name.
    pub(crate) fn place(&self, day: Option<Date>, now: Timestamp) -> Result<Place, ConfigError> {
        let refuse = |member, problem: String| ConfigError::Value { member, problem };
        let zone = TimeZone::get(&self.timezone).map_err(|_| {
            let problem = format!("no zone is named `{}`; use an IANA name", self.timezone);
            refuse("gate.timezone", problem)
        })?;
        let day = day.unwrap_or_else(|| now.to_zoned_datetime(zone).date());
        let filled = jiff::fmt::strtime::format(&self.manifest, day)
            .map_err(|error| refuse("gate.manifest", error.to_string()))?;
        let place = filled
            .strip_prefix("s3://")
            .and_then(|rest| rest.split_once('/'));
        match place {
            Some((bucket, key)) if !bucket.is_empty() && !key.is_empty() => Ok(Place {
                bucket: bucket.to_owned(),
                key: key.to_owned(),
                day: self.manifest.contains('%').then_some(day),
            }),
            _ => Err(refuse(
                "gate.manifest",
                format!("`{}` is not of the form s3://BUCKET/KEY", self.manifest),
            )),
        }
    }

    /// Waits until the gate opens.
    ///
    /// # Errors
    ///
    /// [`GateError`]: at once for what waiting does not mend, otherwise when patience is
    /// over.
    ///
    /// # Cancel safety
    ///
    /// Only reads.
    pub async fn wait(
        &self,
        objects: &dyn Objects,
        day: Option<Date>,
        clock: &(dyn Fn() -> Timestamp + Send + Sync),
        observer: &dyn Observer,
    ) -> Result<GateOpened, GateError> {
        let place = self.place(day, clock()).map_err(GateError::Config)?;
        let began = Instant::now();
        let patience = Duration::from_secs(self.patience_seconds);
        let [mut pause, longest] = PAUSES;
        loop {
            let closed = match manifest::look(objects, &place, self.max_age_hours, clock()).await {
                Look::Open(opened) => return Ok(opened),
                Look::Closed(closed) => closed,
                Look::Never(error) => return Err(error),
            };
            let left = patience.saturating_sub(began.elapsed());
            if left.is_zero() {
                return Err(GateError::Closed {
                    manifest: place.to_string(),
                    waited: began.elapsed(),
                    closed,
                });
            }
            let reason = closed.to_string();
            observer.on(&Event::GateClosed { reason: &reason });
            tracing::debug!(manifest = %place, reason, "the gate is closed");
            // The last look is made when patience is just over.
            sleep_until(Instant::now() + pause.min(left)).await;
            pause = pause.mul_f64(1.5).min(longest);
        }
    }
}

/// Where a manifest is, and the day that it must stand for.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) bucket: String,
    pub(crate) key: String,
    pub(crate) day: Option<Date>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}/{}", self.bucket, self.key)
    }
}

/// What opened the gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GateOpened {
    /// The manifest, `s3://BUCKET/KEY`.
    pub manifest: String,
    /// The run that made the dump.
    pub run_id: Option<String>,
    /// The day that the dump stands for.
    pub dump_date: Option<String>,
    /// When the manifest was generated.
    pub generated_at: Timestamp,
}

/// Why the gate is closed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Closed {
    /// There is no manifest.
    Missing,
    /// The manifest says that the dump is not to be used.
    NotValid {
        /// Why, by its own word.
        reasons: Vec<String>,
    },
    /// It was generated too long ago.
    Stale {
        /// When.
        generated_at: Timestamp,
        /// Oldest age that opens the gate, in hours.
        max_age_hours: u32,
    },
    /// It stands for another day.
    OtherDay {
        /// The day that it stands for.
        dump_date: String,
        /// The day that it should stand for.
        wanted: Date,
    },
    /// It is not a manifest.
    NotAManifest {
        /// What is wrong with it.
        problem: String,
    },
    /// It could not be read, which may pass.
    Unreadable {
        /// Why.
        reason: String,
    },
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("there is no manifest yet"),
            Self::NotValid { reasons } if reasons.is_empty() => {
                f.write_str("the manifest says that the dump is not valid")
            }
            Self::NotValid { reasons } => write!(
                f,
                "the manifest says that the dump is not valid: {}",
                reasons.join("; ")
            ),
            Self::Stale {
                generated_at,
                max_age_hours,
            } => write!(
                f,
                "the manifest is of {generated_at:.0}, older than {max_age_hours} hours"
            ),
            Self::OtherDay { dump_date, wanted } => {
                write!(f, "the manifest stands for {dump_date}, not for {wanted}")
            }
            Self::NotAManifest { problem } => write!(f, "it is no manifest: {problem}"),
            Self::Unreadable { reason } => write!(f, "it could not be read: {reason}"),
        }
    }
}

/// Why the gate did not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// Patience is over.
    #[error("the gate stayed closed for {} s: {manifest}: {closed}; nothing was refreshed: see why the dump is late, or give gate.patience_seconds more", .waited.as_secs())]
    #[non_exhaustive]
    Closed {
        /// The manifest.
        manifest: String,
        /// How long it was waited for.
        waited: Duration,
        /// The last reason.
        closed: Closed,
    },
    /// The manifest must not be read, or the bucket is not there.
    #[error(
        "the gate's manifest {manifest} cannot be read; grant s3:GetObject on it and s3:ListBucket on its bucket, or correct gate.manifest"
    )]
    #[non_exhaustive]
    Refused {
        /// The manifest.
        manifest: String,
        /// Why.
        source: ObjectsError,
    },
    /// What is upstream has failed: no waiting helps.
    #[error("{subject} ended as {state}; nothing was refreshed: mend it and let it run again")]
    #[non_exhaustive]
    UpstreamFailed {
        /// What is upstream.
        subject: String,
        /// How it ended.
        state: String,
    },
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(ConfigError),
    /// A gate is configured, and nothing to read manifests with.
    #[error("a gate is configured, but no store of objects; call Refresh::with_objects")]
    NoObjects,
}

/// Where manifests are read.
#[async_trait]
pub trait Objects: Send + Sync + fmt::Debug {
    /// Reads a small object; `None` when there is none.
    async fn read(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, ObjectsError>;
}

/// A read that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read s3://{bucket}/{key}: {message}")]
#[non_exhaustive]
pub struct ObjectsError {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// What the store said.
    pub message: String,
    /// Whether the same read may succeed later with nothing changed by hand.
    pub may_pass: bool,
}

impl ObjectsError {
    /// A read that failed.
    pub fn new(
        bucket: impl Into<String>,
        key: impl Into<String>,
        message: impl Into<String>,
        may_pass: bool,
    ) -> Self {
        Self {
            bucket: bucket.into(),
            key: key.into(),
            message: message.into(),
            may_pass,
        }
    }
}
