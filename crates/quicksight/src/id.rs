//! Kinds of assets, their identifiers, their ARNs.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of asset that this crate reads and writes.
///
/// The order is that in which assets stand on each other: folders and themes on
/// nothing, dashboards on everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AssetKind {
    /// A folder, which groups other assets.
    Folder,
    /// A theme: colours and fonts.
    Theme,
    /// A data source: where a data set reads.
    DataSource,
    /// A data set.
    DataSet,
    /// An analysis: what an author edits.
    Analysis,
    /// A dashboard: what readers see.
    Dashboard,
}

impl AssetKind {
    /// Every kind, in the order in which assets stand on each other.
    pub const ALL: [Self; 6] = [
        Self::Folder,
        Self::Theme,
        Self::DataSource,
        Self::DataSet,
        Self::Analysis,
        Self::Dashboard,
    ];

    /// The word before the `/` in an ARN: `dashboard`, `dataset`, `datasource`.
    pub fn arn_type(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Theme => "theme",
            Self::DataSource => "datasource",
            Self::DataSet => "dataset",
            Self::Analysis => "analysis",
            Self::Dashboard => "dashboard",
        }
    }

    /// The name of the member that holds the identifier: `DashboardId`.
    pub fn id_member(self) -> &'static str {
        match self {
            Self::Folder => "FolderId",
            Self::Theme => "ThemeId",
            Self::DataSource => "DataSourceId",
            Self::DataSet => "DataSetId",
            Self::Analysis => "AnalysisId",
            Self::Dashboard => "DashboardId",
        }
    }

    /// The name of the member that holds the description: `Dashboard`.
    pub fn member(self) -> &'static str {
        match self {
            Self::Folder => "Folder",
            Self::Theme => "Theme",
            Self::DataSource => "DataSource",
            Self::DataSet => "DataSet",
            Self::Analysis => "Analysis",
            Self::Dashboard => "Dashboard",
        }
    }

    /// The word that a folder's membership calls it; `None` for what cannot be in
    /// a folder (themes, and folders themselves, which have a parent instead).
    pub fn folder_member_type(self) -> Option<&'static str> {
        Some(match self {
            Self::DataSource => "DATASOURCE",
            Self::DataSet => "DATASET",
            Self::Analysis => "ANALYSIS",
            Self::Dashboard => "DASHBOARD",
            Self::Folder | Self::Theme => return None,
        })
    }

    /// The kind whose ARNs have this type.
    pub fn of_arn_type(arn_type: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.arn_type() == arn_type)
    }

    /// The word in files and on the command line: `dashboard`, `data-set`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Folder => "folder",
            Self::Theme => "theme",
            Self::DataSource => "data-source",
            Self::DataSet => "data-set",
            Self::Analysis => "analysis",
            Self::Dashboard => "dashboard",
        }
    }

    /// The kind of this word; `dataset` and `datasource` are taken too.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.word() == word || kind.arn_type() == word)
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::DataSource => "data source",
            Self::DataSet => "data set",
            other => other.word(),
        })
    }
}

/// Longest identifier that is accepted, in characters: the limit of folders, the
/// largest that the service states. Stricter rules per kind are a matter of
/// [`validate`](crate::validate).
pub const MAX_ID_CHARS: usize = 2048;

/// An asset's identifier, unique for its kind in one account and region.
///
/// Any text of 1 to 2,048 characters without control characters: the service
/// restricts those of dashboards, not those of data sets.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct AssetId(Box<str>);

impl AssetId {
    /// Accepts an identifier.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] for an empty text, a text that is too long, and one with
    /// control characters.
    pub fn new(id: impl Into<String>) -> Result<Self, InvalidId> {
        let id: String = id.into();
        let reason = if id.is_empty() {
            "is empty"
        } else if id.chars().count() > MAX_ID_CHARS {
            "is longer than 2048 characters"
        } else if id.chars().any(char::is_control) {
            "has a control character"
        } else {
            return Ok(Self(id.into()));
        };
        Err(InvalidId { reason })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is no identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the identifier {reason}")]
#[non_exhaustive]
pub struct InvalidId {
    /// What is wrong with it.
    pub reason: &'static str,
}

impl fmt::Display for AssetId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl AsRef<str> for AssetId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for AssetId {
    type Error = InvalidId;

    fn try_from(id: String) -> Result<Self, InvalidId> {
        Self::new(id)
    }
}

impl TryFrom<&str> for AssetId {
    type Error = InvalidId;

    fn try_from(id: &str) -> Result<Self, InvalidId> {
        Self::new(id)
    }
}

impl std::str::FromStr for AssetId {
    type Err = InvalidId;

    fn from_str(id: &str) -> Result<Self, InvalidId> {
        Self::new(id)
    }
}

impl From<AssetId> for String {
    fn from(id: AssetId) -> Self {
        id.0.into()
    }
}

/// One asset: its kind and its identifier. Shown as ``dashboard `sales` ``.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[expect(
    clippy::exhaustive_structs,
    reason = "an asset is its kind and its identifier"
)]
pub struct AssetRef {
    /// Its kind.
    pub kind: AssetKind,
    /// Its identifier.
    pub id: AssetId,
}

impl AssetRef {
    /// The asset of this kind and identifier.
    pub fn new(kind: AssetKind, id: AssetId) -> Self {
        Self { kind, id }
    }
}

impl fmt::Display for AssetRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} `{}`", self.kind, self.id)
    }
}

/// An Amazon resource name, in its parts:
/// `arn:PARTITION:SERVICE:REGION:ACCOUNT:TYPE/ID`.
///
/// Parsing and printing give the same text. The resource is split at its first
/// `/` only: names of users may have more.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Arn {
    /// `aws`, `aws-cn`, …
    pub partition: String,
    /// `quicksight`, for what this crate handles.
    pub service: String,
    /// The region; empty for AWS's own themes.
    pub region: String,
    /// The account; `aws` for AWS's own themes.
    pub account: String,
    /// The type of the resource: `dashboard`, `group`, `vpcConnection`.
    pub resource_type: String,
    /// What follows the first `/` of the resource: `sales`, `default/viewers`,
    /// `sales/version/7`.
    pub resource: String,
}

impl Arn {
    /// The ARN of a resource in the `quicksight` service.
    pub fn quicksight(
        partition: &str,
        region: &str,
        account: &str,
        resource_type: &str,
        resource: &str,
    ) -> Self {
        Self {
            partition: partition.to_owned(),
            service: "quicksight".to_owned(),
            region: region.to_owned(),
            account: account.to_owned(),
            resource_type: resource_type.to_owned(),
            resource: resource.to_owned(),
        }
    }

    /// Takes an ARN apart; `None` for a text that is none, or whose resource has
    /// no `/`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next() != Some("arn") {
            return None;
        }
        let mut next = || parts.next().map(str::to_owned);
        let (partition, service) = (next()?, next()?);
        let (region, account) = (next()?, next()?);
        let (resource_type, resource) = parts.next()?.split_once('/')?;
        if partition.is_empty() || service.is_empty() || resource.is_empty() {
            return None;
        }
        Some(Self {
            partition,
            service,
            region,
            account,
            resource_type: resource_type.to_owned(),
            resource: resource.to_owned(),
        })
    }

    /// Whether AWS itself owns it, as the theme `CLASSIC`: the same in every account.
    pub fn is_managed_by_aws(&self) -> bool {
        self.account == "aws"
    }

    /// The asset it names, if it names one of this service. A version of a dashboard,
    /// or an ingestion of a data set, is no asset.
    pub fn asset(&self) -> Option<AssetRef> {
        if self.service != "quicksight" {
            return None;
        }
        let kind = AssetKind::of_arn_type(&self.resource_type)?;
        let below = match kind {
            AssetKind::Dashboard | AssetKind::Theme => self.resource.contains("/version/"),
            AssetKind::DataSet => {
                self.resource.contains("/ingestion/")
                    || self.resource.contains("/refresh-schedule/")
            }
            _ => false,
        };
        if below {
            return None;
        }
        let id = AssetId::new(self.resource.as_str()).ok()?;
        Some(AssetRef::new(kind, id))
    }

    /// The version at its end, of `…:dashboard/sales/version/7`.
    pub fn version(&self) -> Option<u64> {
        let (_, version) = self.resource.rsplit_once("/version/")?;
        version.parse().ok().filter(|version| *version > 0)
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            service,
            region,
            account,
            resource_type,
            resource,
        } = self;
        write!(
            f,
            "arn:{partition}:{service}:{region}:{account}:{resource_type}/{resource}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_are_split_at_the_first_slash_only() {
        for text in [
            "arn:aws:quicksight:eu-west-1:123456789012:dashboard/sales",
            "arn:aws:quicksight:us-east-1:123456789012:user/default/Role/some.one@example.org",
            "arn:aws:quicksight::aws:theme/CLASSIC",
            "arn:aws-cn:quicksight:cn-north-1:123456789012:dataset/a:b/c",
        ] {
            assert_eq!(Arn::parse(text).unwrap().to_string(), text);
        }
        let user = Arn::parse("arn:aws:quicksight:us-east-1:1:user/default/Role/x").unwrap();
        assert_eq!(
            (user.resource_type.as_str(), user.resource.as_str()),
            ("user", "default/Role/x")
        );
        assert_eq!(user.asset(), None);
        for text in [
            "",
            "arn:aws:quicksight:r:a",
            "arn:aws:s3:::bucket",
            "arn:aws:quicksight:r:a:dashboard/",
        ] {
            assert_eq!(Arn::parse(text), None, "{text}");
        }
    }

    #[test]
    fn versions_are_integers_and_versions_are_no_assets() {
        let arn = Arn::parse("arn:aws:quicksight:r:1:dashboard/a/version/12").unwrap();
        assert_eq!(arn.version(), Some(12));
        assert_eq!(arn.asset(), None);
        let arn = Arn::parse("arn:aws:quicksight:r:1:dashboard/a/version/x").unwrap();
        assert_eq!(arn.version(), None);
        let arn = Arn::parse("arn:aws:quicksight:r:1:dataset/a/b").unwrap();
        assert_eq!(arn.asset().unwrap().to_string(), "data set `a/b`");
        assert!(
            Arn::parse("arn:aws:quicksight::aws:theme/CLASSIC")
                .unwrap()
                .is_managed_by_aws()
        );
    }

    #[test]
    fn identifiers_without_text_or_with_controls_are_refused() {
        assert!(AssetId::new("a/b é").is_ok());
        for id in ["", "a\nb", &"x".repeat(MAX_ID_CHARS + 1)] {
            assert!(AssetId::new(id).is_err());
        }
        for kind in AssetKind::ALL {
            assert_eq!(AssetKind::of_word(kind.word()), Some(kind));
            assert_eq!(AssetKind::of_arn_type(kind.arn_type()), Some(kind));
        }
    }
}
