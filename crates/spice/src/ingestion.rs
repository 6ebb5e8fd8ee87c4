//! One ingestion, as the service describes it.

use std::fmt;

use datatransit_quicksight::Json;
use jiff::{SignedDuration, Timestamp};

/// The state of an ingestion.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IngestionStatus {
    /// `INITIALIZED`: accepted.
    Initialized,
    /// `QUEUED`: it waits for others.
    Queued,
    /// `RUNNING`: rows are being loaded.
    Running,
    /// `COMPLETED`: readers see the new rows. Some may have been dropped.
    Completed,
    /// `FAILED`: readers see the old rows.
    Failed,
    /// `CANCELLED`: readers see the old rows.
    Cancelled,
    /// One that this version of the crate does not know: neither good nor final.
    Unknown(String),
}

impl IngestionStatus {
    /// Whether nothing more will come of it.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// The word of the service.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Initialized => "INITIALIZED",
            Self::Queued => "QUEUED",
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Failed => "FAILED",
            Self::Cancelled => "CANCELLED",
            Self::Unknown(word) => word,
        }
    }
}

impl From<&str> for IngestionStatus {
    fn from(word: &str) -> Self {
        match word {
            "INITIALIZED" => Self::Initialized,
            "QUEUED" => Self::Queued,
            "RUNNING" => Self::Running,
            "COMPLETED" => Self::Completed,
            "FAILED" => Self::Failed,
            "CANCELLED" => Self::Cancelled,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl fmt::Display for IngestionStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of one ingestion.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ingestion {
    /// Its identifier, unique for its data set.
    pub id: String,
    /// Its state.
    pub status: IngestionStatus,
    /// When it was asked for.
    pub created_at: Option<Timestamp>,
    /// Rows that were loaded.
    pub rows_ingested: Option<u64>,
    /// Rows that were not.
    pub rows_dropped: Option<u64>,
    /// Rows that the data set has now.
    pub rows_total: Option<u64>,
    /// How long it took, in seconds.
    pub seconds: Option<u64>,
    /// How much was loaded, in bytes.
    pub bytes: Option<u64>,
    /// The service's word for why it failed: `SQL_EXCEPTION`.
    pub error_kind: Option<String>,
    /// What the service said about it.
    pub error_message: Option<String>,
    /// Whether it counts towards the refreshes of 24 hours: asked for by hand or by the
    /// API, and not by a change of the data set.
    pub counts: bool,
}

impl Ingestion {
    /// Reads the service's description; `None` without an identifier or a status.
    pub fn from_json(raw: &Json) -> Option<Self> {
        let info = |name| raw.get("ErrorInfo").and_then(|info| info.text(name));
        let rows = |name| {
            raw.get("RowInfo")
                .and_then(|rows| rows.get(name))
                .and_then(Json::as_u64)
        };
        let number = |name| raw.get(name).and_then(Json::as_u64);
        let is_refresh = matches!(
            raw.text("RequestType"),
            Some("FULL_REFRESH" | "INCREMENTAL_REFRESH")
        );
        Some(Self {
            id: raw.text("IngestionId")?.to_owned(),
            status: IngestionStatus::from(raw.text("IngestionStatus")?),
            created_at: raw.get("CreatedTime").and_then(timestamp),
            rows_ingested: rows("RowsIngested"),
            rows_dropped: rows("RowsDropped"),
            rows_total: rows("TotalRowsInDataset"),
            seconds: number("IngestionTimeInSeconds"),
            bytes: number("IngestionSizeInBytes"),
            error_kind: info("Type").map(str::to_owned),
            error_message: info("Message").map(str::to_owned),
            counts: is_refresh && raw.text("RequestSource") == Some("MANUAL"),
        })
    }
}

/// Epoch seconds: whole, with a fraction, or with an exponent.
fn timestamp(raw: &Json) -> Option<Timestamp> {
    let seconds: f64 = raw.as_number()?.as_str().parse().ok()?;
    Timestamp::from_duration(SignedDuration::try_from_secs_f64(seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_and_times_may_have_an_exponent() {
        let raw = Json::parse(
            r#"{"IngestionId":"a","IngestionStatus":"COMPLETED","CreatedTime":1.7672256E9,
                "RowInfo":{"RowsIngested":90,"RowsDropped":10,"TotalRowsInDataset":900},
                "IngestionTimeInSeconds":12,"IngestionSizeInBytes":4096,
                "RequestSource":"MANUAL","RequestType":"FULL_REFRESH"}"#,
        )
        .unwrap();
        let ingestion = Ingestion::from_json(&raw).unwrap();
        assert_eq!(ingestion.status, IngestionStatus::Completed);
        assert_eq!(
            ingestion.created_at,
            Some("2026-01-01T00:00:00Z".parse().unwrap())
        );
        assert_eq!(
            (
                ingestion.rows_ingested,
                ingestion.rows_dropped,
                ingestion.rows_total
            ),
            (Some(90), Some(10), Some(900))
        );
        assert!(ingestion.counts);
    }

    #[test]
    fn an_edit_or_a_schedule_does_not_count() {
        for (source, kind) in [("MANUAL", "EDIT"), ("SCHEDULED", "FULL_REFRESH")] {
            let raw = Json::object([
                ("IngestionId", "a"),
                ("IngestionStatus", "RUNNING"),
                ("RequestSource", source),
                ("RequestType", kind),
            ]);
            assert!(
                !Ingestion::from_json(&raw).unwrap().counts,
                "{source} {kind}"
            );
        }
    }

    #[test]
    fn a_state_that_is_not_known_is_not_final() {
        let status = IngestionStatus::from("PONDERING");
        assert!(!status.is_final());
        assert_eq!(status.to_string(), "PONDERING");
    }
}
