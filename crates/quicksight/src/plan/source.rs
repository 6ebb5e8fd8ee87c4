//! The files of a plan.

use serde::{Deserialize, Serialize};

use crate::file::{AssetFile, FileError, FileForm};
use crate::json::Json;

/// An asset's file, and where it comes from. Serialised with its canonical content.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(into = "Kept", try_from = "Kept")]
#[non_exhaustive]
pub struct SourceFile {
    /// Its content.
    pub file: AssetFile,
    /// Where it is, for reports.
    pub source: Option<String>,
}

impl SourceFile {
    /// A file from this place.
    pub fn new(file: AssetFile, source: impl Into<String>) -> Self {
        Self {
            file,
            source: Some(source.into()),
        }
    }

    /// As it comes back from a serialised plan.
    pub(crate) fn canonical(&self) -> Result<Self, FileError> {
        Kept::from(self.clone()).try_into()
    }
}

impl From<AssetFile> for SourceFile {
    fn from(file: AssetFile) -> Self {
        Self { file, source: None }
    }
}

/// How a file stands in a serialised plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
    /// What the canonical content cannot tell, and a deploy goes by: which parts the file
    /// had no words for.
    form: FileForm,
    content: Json,
}

impl From<SourceFile> for Kept {
    fn from(source: SourceFile) -> Self {
        Self {
            form: source.file.form,
            content: source.file.to_json(),
            source: source.source,
        }
    }
}

impl TryFrom<Kept> for SourceFile {
    type Error = FileError;

    fn try_from(kept: Kept) -> Result<Self, FileError> {
        let mut file = AssetFile::from_json(kept.content)?;
        file.form = kept.form;
        Ok(Self {
            file,
            source: kept.source,
        })
    }
}
