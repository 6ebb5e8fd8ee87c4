//! What was asked of the double, call by call.

use std::collections::BTreeMap;

/// One request and its answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Call {
    /// Counts from 1.
    pub number: u64,
    /// The operation, `?` where no route matched.
    pub operation: String,
    /// The labels of its path without the account: ids, versions, ARNs.
    pub labels: BTreeMap<String, String>,
    /// The names of the members of its body.
    pub members: Vec<String>,
    /// Whether the operation is one that changes something.
    pub is_write: bool,
    /// Whether it did what it says: `false` for an error and for a fault before the effect.
    pub took_effect: bool,
    /// The HTTP status of the answer; `None` where the connection was cut.
    pub status: Option<u16>,
    /// The exception without `Exception`, if there was one.
    pub error: Option<String>,
    /// The id of the request, as answered.
    pub request_id: String,
}

impl Call {
    /// The id of the asset the path names, or its ARN.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        [
            "DashboardId",
            "AnalysisId",
            "ThemeId",
            "DataSetId",
            "DataSourceId",
            "FolderId",
            "ResourceArn",
        ]
        .iter()
        .find_map(|label| self.labels.get(*label))
        .map(String::as_str)
    }
}

/// All calls since the start, or since they were taken.
#[derive(Debug, Default)]
pub(super) struct Journal {
    pub(super) calls: Vec<Call>,
    numbered: u64,
}

impl Journal {
    /// The number of the next call.
    pub(super) fn number(&mut self) -> u64 {
        self.numbered += 1;
        self.numbered
    }
}
