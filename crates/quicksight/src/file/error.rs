//! Why a text is no file of an asset.

use crate::json::{JsonError, Path};

/// Why a text is no file of an asset. It names the place and repeats no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is no JSON document.
    #[error(transparent)]
    Json(#[from] JsonError),
    /// It is none of the forms that are known.
    #[error(
        "neither a file of this tool (`kind`), nor one of the earlier tool (`dashboard_id`), nor the output of `describe-dashboard-definition` or `describe-analysis-definition`"
    )]
    UnknownForm,
    /// A member is not as it must be.
    #[error("`{path}` {problem}")]
    #[non_exhaustive]
    Member {
        /// Its place.
        path: Path,
        /// What is wrong with it, and what to do.
        problem: String,
    },
    /// Credentials stand in the file itself.
    #[error(
        "`{path}` holds credentials: keep them in Secrets Manager, name them by `\"secret\": \"${{secret:…}}\"`, and change them now that they were written down"
    )]
    #[non_exhaustive]
    LiteralCredentials {
        /// Their place.
        path: Path,
    },
    /// The service says that the definition is broken.
    #[error("the service described the definition as {status} with {errors} errors")]
    #[non_exhaustive]
    Broken {
        /// The status of the service.
        status: String,
        /// How many errors it lists.
        errors: usize,
    },
}

impl FileError {
    pub(super) fn member(path: Path, problem: impl Into<String>) -> Self {
        Self::Member {
            path,
            problem: problem.into(),
        }
    }
}
