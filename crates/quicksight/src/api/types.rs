//! What goes over the edge.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    id::{Arn, AssetId, AssetKind},
    json::Json,
};

/// Where the next page begins. Only the service knows what is in it.
#[derive(Clone, PartialEq, Eq)]
pub struct PageToken(String);

impl PageToken {
    /// A token as the service gave it.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PageToken(…)")
    }
}

/// One page of a listing.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a page is what it lists and where the next begins"
)]
pub struct Page {
    /// What is listed.
    pub items: Vec<Summary>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<PageToken>,
}

/// One page of the ingestions of a data set.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a page is what it lists and where the next begins"
)]
pub struct IngestionPage {
    /// The ingestions, as the service describes them.
    pub items: Vec<Json>,
    /// Where the next page begins; `None` on the last.
    pub next: Option<PageToken>,
}

/// What an ingestion loads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(
    clippy::exhaustive_enums,
    reason = "the service has these two kinds of refreshes"
)]
pub enum RefreshKind {
    /// Everything.
    #[default]
    Full,
    /// What lies in the window of the data set's refresh properties, which it must have.
    Incremental,
}

impl RefreshKind {
    /// The word of the service.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Full => "FULL_REFRESH",
            Self::Incremental => "INCREMENTAL_REFRESH",
        }
    }
}

/// An asset in a listing.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Summary {
    /// Its kind.
    pub kind: AssetKind,
    /// Its identifier.
    pub id: AssetId,
    /// Its ARN.
    pub arn: String,
    /// Its name; empty when the service gives none.
    pub name: String,
    /// Its status, where listings have one (analyses, data sources).
    pub status: Option<ResourceStatus>,
    /// The version that readers see, of dashboards.
    pub published_version: Option<u64>,
    /// All that the service lists of it.
    pub raw: Json,
}

impl Summary {
    /// Reads a summary as the service lists it; `None` without identifier or ARN.
    pub fn from_json(kind: AssetKind, raw: Json) -> Option<Self> {
        Some(Self {
            kind,
            id: AssetId::new(raw.text(kind.id_member())?).ok()?,
            arn: raw.text("Arn")?.to_owned(),
            name: raw.text("Name").unwrap_or_default().to_owned(),
            status: raw.text("Status").map(ResourceStatus::from),
            published_version: raw.get("PublishedVersionNumber").and_then(Json::as_u64),
            raw,
        })
    }
}

/// Which version of a dashboard is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the service has these three ways to say it"
)]
pub enum VersionRef {
    /// The one that readers see.
    #[default]
    Published,
    /// The last one made, published or not.
    Latest,
    /// The one of this number, from 1.
    Number(u64),
}

/// How an asset is deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Deletion {
    /// As the service does it: analyses can be restored for 30 days, nothing else can.
    #[default]
    Usual,
    /// At once and for good, for analyses too.
    WithoutRecovery,
}

/// What the service answered to a Create or an Update.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Created {
    /// The ARN of the asset.
    pub arn: String,
    /// The version made, of dashboards and themes.
    pub version: Option<u64>,
    /// The ingestion that was started, of data sets in SPICE.
    pub ingestion: Option<String>,
    /// The status, where the answer has one; most often still in progress.
    pub status: Option<ResourceStatus>,
    /// The request's id, for the audit report.
    pub request_id: Option<String>,
}

impl Created {
    /// What was made, of this ARN; everything else is set by assignment.
    pub fn new(arn: impl Into<String>) -> Self {
        Self {
            arn: arn.into(),
            ..Self::default()
        }
    }

    /// Sets the version.
    #[must_use]
    pub fn with_version(mut self, version: u64) -> Self {
        self.version = Some(version);
        self
    }

    /// Reads the answer of a Create or an Update.
    pub fn from_json(answer: &Json) -> Self {
        let version = answer.text("VersionArn").and_then(Arn::parse);
        Self {
            arn: answer.text("Arn").unwrap_or_default().to_owned(),
            version: version.as_ref().and_then(Arn::version),
            ingestion: answer.text("IngestionId").map(str::to_owned),
            status: answer
                .text("CreationStatus")
                .or_else(|| answer.text("UpdateStatus"))
                .map(ResourceStatus::from),
            request_id: answer.text("RequestId").map(str::to_owned),
        }
    }
}

/// What is kept of the answer to any other change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// The request's id, for the audit report; `None` when no call was needed.
    pub request_id: Option<String>,
}

impl Receipt {
    /// The receipt of a request of this id.
    pub fn new(request_id: Option<String>) -> Self {
        Self { request_id }
    }
}

/// A version in the listing of a dashboard's versions.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct VersionSummary {
    /// Its number, from 1.
    pub version: u64,
    /// Its status.
    pub status: ResourceStatus,
    /// Its description, if it has one.
    pub description: Option<String>,
    /// All that the service lists of it.
    pub raw: Json,
}

impl VersionSummary {
    /// Reads a summary as the service lists it; `None` without a number.
    pub fn from_json(raw: Json) -> Option<Self> {
        Some(Self {
            version: raw.get("VersionNumber").and_then(Json::as_u64)?,
            status: ResourceStatus::from(raw.text("Status").unwrap_or_default()),
            description: raw.text("Description").map(str::to_owned),
            raw,
        })
    }
}

/// The status of an asset, or of a dashboard's version.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ResourceStatus {
    /// `CREATION_IN_PROGRESS`
    CreationInProgress,
    /// `CREATION_SUCCESSFUL`
    CreationSuccessful,
    /// `CREATION_FAILED`
    CreationFailed,
    /// `UPDATE_IN_PROGRESS`
    UpdateInProgress,
    /// `UPDATE_SUCCESSFUL`
    UpdateSuccessful,
    /// `UPDATE_FAILED`
    UpdateFailed,
    /// `DELETED`
    Deleted,
    /// One that this version of the crate does not know: neither good nor final.
    Unknown(String),
}

impl ResourceStatus {
    /// Whether the asset is ready.
    pub fn is_successful(&self) -> bool {
        matches!(self, Self::CreationSuccessful | Self::UpdateSuccessful)
    }

    /// Whether it will never be ready.
    pub fn is_failed(&self) -> bool {
        matches!(
            self,
            Self::CreationFailed | Self::UpdateFailed | Self::Deleted
        )
    }

    /// The word of the service.
    pub fn as_str(&self) -> &str {
        match self {
            Self::CreationInProgress => "CREATION_IN_PROGRESS",
            Self::CreationSuccessful => "CREATION_SUCCESSFUL",
            Self::CreationFailed => "CREATION_FAILED",
            Self::UpdateInProgress => "UPDATE_IN_PROGRESS",
            Self::UpdateSuccessful => "UPDATE_SUCCESSFUL",
            Self::UpdateFailed => "UPDATE_FAILED",
            Self::Deleted => "DELETED",
            Self::Unknown(word) => word,
        }
    }
}

impl From<&str> for ResourceStatus {
    fn from(word: &str) -> Self {
        match word {
            "CREATION_IN_PROGRESS" => Self::CreationInProgress,
            "CREATION_SUCCESSFUL" => Self::CreationSuccessful,
            "CREATION_FAILED" => Self::CreationFailed,
            "UPDATE_IN_PROGRESS" => Self::UpdateInProgress,
            "UPDATE_SUCCESSFUL" => Self::UpdateSuccessful,
            "UPDATE_FAILED" => Self::UpdateFailed,
            "DELETED" => Self::Deleted,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

impl fmt::Display for ResourceStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What one principal may do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the service's permission is these two"
)]
pub struct ResourcePermission {
    /// The ARN of a user, a group or a namespace.
    pub principal: String,
    /// Actions such as `quicksight:DescribeDashboard`; their order means nothing.
    pub actions: BTreeSet<String>,
}

impl ResourcePermission {
    /// Allows a principal these actions.
    pub fn new<A: Into<String>>(
        principal: impl Into<String>,
        actions: impl IntoIterator<Item = A>,
    ) -> Self {
        Self {
            principal: principal.into(),
            actions: actions.into_iter().map(Into::into).collect(),
        }
    }

    /// The form of the service, actions sorted.
    pub fn to_json(&self) -> Json {
        Json::object([
            ("Principal", Json::from(self.principal.as_str())),
            (
                "Actions",
                Json::array(self.actions.iter().map(String::as_str)),
            ),
        ])
    }

    /// Reads the form of the service; `None` without a principal.
    pub fn from_json(raw: &Json) -> Option<Self> {
        Some(Self::new(
            raw.text("Principal")?,
            raw.items("Actions").iter().filter_map(Json::as_str),
        ))
    }
}

/// Permissions to be granted and revoked in one call.
///
/// To revoke takes the exact actions away; to grant adds to what the principal has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "the service's call has these four lists"
)]
pub struct PermissionChange {
    /// To be granted.
    pub grant: Vec<ResourcePermission>,
    /// To be revoked.
    pub revoke: Vec<ResourcePermission>,
    /// To be granted to all who have the link; dashboards only.
    pub grant_link: Vec<ResourcePermission>,
    /// To be revoked from all who have the link; dashboards only.
    pub revoke_link: Vec<ResourcePermission>,
}

impl PermissionChange {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.grant.is_empty() && self.revoke.is_empty() && !self.touches_link()
    }

    /// Whether link sharing changes.
    pub fn touches_link(&self) -> bool {
        !(self.grant_link.is_empty() && self.revoke_link.is_empty())
    }

    /// The body of the service's call; empty lists are left out.
    pub fn to_json(&self) -> Json {
        let lists = [
            ("GrantPermissions", &self.grant),
            ("RevokePermissions", &self.revoke),
            ("GrantLinkPermissions", &self.grant_link),
            ("RevokeLinkPermissions", &self.revoke_link),
        ];
        Json::object(
            lists
                .into_iter()
                .filter(|(_, list)| !list.is_empty())
                .map(|(name, list)| {
                    (
                        name,
                        Json::array(list.iter().map(ResourcePermission::to_json)),
                    )
                }),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_new_version_is_read_from_the_versions_arn_as_an_integer() {
        let answer = Json::parse(
            r#"{"Arn":"arn:aws:quicksight:r:1:dashboard/a","VersionArn":"arn:aws:quicksight:r:1:dashboard/a/version/12","CreationStatus":"CREATION_IN_PROGRESS","RequestId":"q"}"#,
        )
        .unwrap();
        let created = Created::from_json(&answer);
        assert_eq!(created.version, Some(12));
        assert_eq!(created.status, Some(ResourceStatus::CreationInProgress));
        assert_eq!(created.request_id.as_deref(), Some("q"));
    }

    #[test]
    fn a_status_that_is_not_known_is_neither_good_nor_final() {
        let status = ResourceStatus::from("CREATION_PAUSED");
        assert!(!status.is_successful() && !status.is_failed());
        assert_eq!(status.to_string(), "CREATION_PAUSED");
    }

    #[test]
    fn empty_lists_of_a_change_are_left_out() {
        let change = PermissionChange {
            revoke: vec![ResourcePermission::new("p", ["b", "a"])],
            ..PermissionChange::default()
        };
        assert_eq!(
            change.to_json().to_compact(),
            r#"{"RevokePermissions":[{"Principal":"p","Actions":["a","b"]}]}"#
        );
    }
}
