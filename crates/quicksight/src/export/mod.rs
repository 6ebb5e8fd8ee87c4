//! Assets of the account to files.
//!
//! The room asks, each asset a bounded number of calls, and lets
//! [`normalize`](crate::normalize) make files of the answers. It writes none:
//! see [`FileStore`](crate::FileStore).

mod exporter;

use std::fmt;

pub use self::exporter::Exporter;
use crate::{
    api::{ApiError, ResourceStatus},
    file::AssetFile,
    id::AssetRef,
    normalize::{NormalizeError, Note},
    wait::WaitError,
};

/// An asset that was exported.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exported {
    /// Kind and identifier in the account.
    pub asset: AssetRef,
    /// Its file.
    pub file: AssetFile,
    /// The version that was exported, of dashboards.
    pub version: Option<u64>,
    /// What a person should look at.
    pub notes: Vec<Note>,
}

/// What an export of many assets did. It failed if anything [failed](Export::is_complete).
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Export {
    /// What was exported, by kind and identifier.
    pub exported: Vec<Exported>,
    /// What was not, and why, by kind and identifier.
    pub failed: Vec<ExportError>,
    /// What is not the business of this environment.
    pub skipped: Vec<Skipped>,
}

impl Export {
    /// Whether everything that was asked for is there.
    pub fn is_complete(&self) -> bool {
        self.failed.is_empty()
    }
}

/// An asset that an export of everything leaves out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// Kind and identifier in the account.
    pub asset: AssetRef,
    /// Why.
    pub reason: SkipReason,
}

/// Why an asset is left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SkipReason {
    /// Its identifier lacks the environment's prefix.
    OtherPrefix,
    /// It is deleted, and only listed since it can be restored.
    Deleted,
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::OtherPrefix => "its identifier lacks the environment's prefix",
            Self::Deleted => "it is deleted and can only be restored",
        })
    }
}

/// Why an asset was not exported.
#[derive(Clone, Debug, thiserror::Error)]
#[error("export {asset}: {cause}")]
#[non_exhaustive]
pub struct ExportError {
    /// Kind and identifier in the account.
    pub asset: AssetRef,
    /// Why.
    pub cause: ExportCause,
}

/// Why an asset was not exported.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportCause {
    /// A call failed for good.
    #[error(transparent)]
    Api(Box<ApiError>),
    /// Time ran out, most often by throttling.
    #[error(transparent)]
    Deadline(Box<WaitError>),
    /// The answers do not make a file.
    #[error(transparent)]
    Answers(#[from] NormalizeError),
    /// It has the status of something that cannot be read.
    #[error("it is {0}")]
    Status(ResourceStatus),
}

impl From<WaitError> for ExportCause {
    fn from(error: WaitError) -> Self {
        match error {
            WaitError::Api { source, .. } => Self::Api(source),
            other => Self::Deadline(Box::new(other)),
        }
    }
}
