//! How a wait can end badly.

use std::{fmt, time::Duration};

use crate::api::{ApiError, DefinitionError};

/// Why a wait ended without what was waited for.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError {
    /// The service came to a final state that is not the wanted one.
    #[error("wait for {subject}: it ended as {status}{}", ShowErrors(.errors))]
    #[non_exhaustive]
    Failed {
        /// What was waited for.
        subject: String,
        /// The final state, in the service's word.
        status: String,
        /// What the service found wrong.
        errors: Vec<DefinitionError>,
    },
    /// Time ran out. The same wait may be begun again.
    #[error("wait for {subject}: not done after {} s; {}", .waited.as_secs(), ShowLast(.last_status.as_deref(), .last_error.as_deref()))]
    #[non_exhaustive]
    Deadline {
        /// What was waited for.
        subject: String,
        /// How long.
        waited: Duration,
        /// The last state seen, in the service's word; it may be one that this crate
        /// does not know. Of an ingestion that is queued, with the one that runs.
        last_status: Option<String>,
        /// The last error, if the last call failed.
        last_error: Option<Box<ApiError>>,
    },
    /// The service could not be asked, and trying again does not help.
    #[error("wait for {subject}")]
    #[non_exhaustive]
    Api {
        /// What was waited for.
        subject: String,
        /// Why.
        source: Box<ApiError>,
    },
}

impl WaitError {
    /// Whether the same wait may be begun again with hope.
    pub fn is_resumable(&self) -> bool {
        matches!(self, Self::Deadline { .. })
    }
}

struct ShowErrors<'a>(&'a [DefinitionError]);

impl fmt::Display for ShowErrors<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|error| write!(f, "; {error}"))
    }
}

struct ShowLast<'a>(Option<&'a str>, Option<&'a ApiError>);

impl fmt::Display for ShowLast<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(_, Some(error)) => write!(f, "last: {error}"),
            Self(Some(status), None) => write!(f, "last seen as {status}"),
            Self(None, None) => f.write_str("no answer was seen"),
        }
    }
}
