//! One asset as one file.
//!
//! The room reads and writes texts. What of the service's answers goes into a
//! file is the business of [`normalize`](crate::normalize), what a file means in an
//! environment that of [`resolve`](AssetFile::resolve).

mod accept;
mod canonical;
mod error;
mod members;
mod resolve;
mod store;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

pub use self::{
    error::FileError,
    resolve::{Principals, ResolveError, Resolved},
    store::{FileStore, StoreError, WriteOutcome},
};
use crate::{
    id::{AssetId, AssetKind, AssetRef},
    json::Json,
    presets::Grant,
};

/// An asset as its file says it: symbols instead of what belongs to an
/// environment, no member that changes by itself.
///
/// What is `None` in a list of permissions, tags, folders or links was not said: a
/// deployment leaves it as it is. `Some` and empty means that there shall be none.
/// Files that this crate writes say everything.
///
/// ```
/// use datatransit_quicksight::file::AssetFile;
///
/// let file = AssetFile::parse(r#"{
///   "kind": "dashboard", "id": "sales", "name": "Sales",
///   "theme": "${theme:corporate}",
///   "permissions": {"${group:viewers}": "viewer", "${user:ci}": "owner"},
///   "definition": {"DataSetIdentifierDeclarations": [
///     {"Identifier": "daily", "DataSetArn": "${dataset:daily_activity}"}]}
/// }"#)?;
/// // One canonical text for one content.
/// assert_eq!(AssetFile::parse(&file.to_text())?.to_text(), file.to_text());
/// # Ok::<(), datatransit_quicksight::file::FileError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AssetFile {
    /// Its kind.
    pub kind: AssetKind,
    /// Its identifier, without the environment's prefix.
    pub id: AssetId,
    /// Its name, without the environment's prefix.
    pub name: String,
    /// The description of its version; dashboards and themes only.
    pub description: Option<String>,
    /// The theme's ARN or symbol; `None` is the service's own. Dashboards and
    /// analyses only.
    pub theme: Option<String>,
    /// `DashboardPublishOptions`, as the service has them; dashboards only.
    pub publish_options: Option<Json>,
    /// How strictly the service checks the definition. It cannot be read back: an
    /// export takes it over from the earlier file.
    pub validation: Option<ValidationMode>,
    /// `Parameters` for a creation or update. They cannot be read back either.
    pub parameters: Option<Json>,
    /// ARNs or symbols of linked analyses; dashboards only.
    pub links: Option<BTreeSet<String>>,
    /// ARNs or symbols of the folders that hold it.
    pub folders: Option<BTreeSet<String>>,
    /// Its tags, without the environment's.
    pub tags: Option<BTreeMap<String, String>>,
    /// Who may do what, by ARN or symbol, without what the environment grants.
    pub permissions: Option<BTreeMap<String, Grant>>,
    /// What all who have the link may do, by namespace; dashboards only.
    pub link_sharing: Option<BTreeMap<String, Grant>>,
    /// ARN or symbol of the secret with the credentials; data sources only.
    pub secret: Option<String>,
    /// `DataSetRefreshProperties`, as the service has them; data sets only.
    pub refresh_properties: Option<Json>,
    /// Refresh schedules by their ids, as the service has them; data sets only.
    pub schedules: Option<BTreeMap<String, Json>>,
    /// `Definition` of a dashboard or an analysis; of other kinds the members of the
    /// Create operation which are not above.
    pub definition: Json,
    /// In which form the file was written.
    pub form: FileForm,
}

/// How strictly the service checks a definition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ValidationMode {
    /// `STRICT`: the service's own default. Right for what is written by hand.
    Strict,
    /// `LENIENT`: takes the small errors that the console leaves behind. The default
    /// of a deployment, so that what was exported can be deployed again.
    Lenient,
}

impl ValidationMode {
    /// The word of the service.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "STRICT",
            Self::Lenient => "LENIENT",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        [Self::Strict, Self::Lenient]
            .into_iter()
            .find(|mode| mode.as_str() == word)
    }
}

/// In which form a file was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileForm {
    /// Ours.
    #[default]
    Canonical,
    /// The one of earlier tools: `dashboard_id`, `name`, `description`,
    /// `definition`, `permissions`, `tags`. It cannot say theme and publish options, so
    /// a deployment leaves those as they are.
    Original,
    /// What the AWS CLI prints for `describe-dashboard-definition` or
    /// `describe-analysis-definition`. It says nothing of permissions, tags, folders
    /// and links.
    CommandLine,
}

/// SHA-256 of a text, in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl AssetFile {
    /// An asset of which nothing is said but this.
    pub fn new(kind: AssetKind, id: AssetId, name: impl Into<String>, definition: Json) -> Self {
        Self {
            kind,
            id,
            name: name.into(),
            description: None,
            theme: None,
            publish_options: None,
            validation: None,
            parameters: None,
            links: None,
            folders: None,
            tags: None,
            permissions: None,
            link_sharing: None,
            secret: None,
            refresh_properties: None,
            schedules: None,
            definition,
            form: FileForm::Canonical,
        }
    }

    /// Reads a file in any of the three [forms](FileForm).
    ///
    /// # Errors
    ///
    /// [`FileError`] with the place; it repeats no value. A data source with
    /// literal credentials is refused.
    pub fn parse(text: &str) -> Result<Self, FileError> {
        Self::from_json(Json::parse(text)?)
    }

    /// Reads a document in any of the three [forms](FileForm).
    ///
    /// # Errors
    ///
    /// As [`AssetFile::parse`].
    pub fn from_json(json: Json) -> Result<Self, FileError> {
        accept::accept(json)
    }

    /// The canonical document: fixed order of members, those of definitions sorted by
    /// name, lists without a promised order sorted.
    #[must_use]
    pub fn to_json(&self) -> Json {
        canonical::document(self)
    }

    /// The canonical text: [`AssetFile::to_json`], two spaces, LF, a final newline.
    #[must_use]
    pub fn to_text(&self) -> String {
        self.to_json().to_pretty()
    }

    /// SHA-256 of the canonical text, in hexadecimal.
    #[must_use]
    pub fn content_hash(&self) -> String {
        sha256(&self.to_text())
    }

    /// Its kind and identifier, as files have them.
    pub fn asset(&self) -> AssetRef {
        AssetRef::new(self.kind, self.id.clone())
    }

    /// Fills in what the file did not say from what the account has: a deployment
    /// leaves that as it is. `current` is an export of the same asset.
    #[must_use]
    pub fn completed_from(mut self, current: &Self) -> Self {
        fn fill<T: Clone>(said: &mut Option<T>, current: &Option<T>) {
            if said.is_none() {
                said.clone_from(current);
            }
        }
        fill(&mut self.links, &current.links);
        fill(&mut self.folders, &current.folders);
        fill(&mut self.tags, &current.tags);
        fill(&mut self.permissions, &current.permissions);
        fill(&mut self.link_sharing, &current.link_sharing);
        fill(&mut self.schedules, &current.schedules);
        fill(&mut self.validation, &current.validation);
        fill(&mut self.parameters, &current.parameters);
        if self.form == FileForm::Original {
            fill(&mut self.theme, &current.theme);
            fill(&mut self.publish_options, &current.publish_options);
        }
        self.form = FileForm::Canonical;
        self
    }

    /// Takes over from an earlier file what cannot be read from the service
    /// (`validation`, `parameters`), and how it spelt what still means the same.
    #[must_use]
    pub fn with_earlier(mut self, earlier: &Self, symbols: &crate::symbols::Symbols<'_>) -> Self {
        self.validation = self.validation.or(earlier.validation);
        if self.parameters.is_none() {
            self.parameters.clone_from(&earlier.parameters);
        }
        symbols.keep_spelling(&mut self.definition, &earlier.canonical_definition());
        if let (Some(now), Some(before)) = (&mut self.publish_options, &earlier.publish_options) {
            symbols.keep_spelling(now, before);
        }
        let before = earlier.permissions.iter().flatten();
        if let Some(permissions) = &mut self.permissions {
            for (principal, _) in before {
                canonical::respell(permissions, principal, symbols);
            }
        }
        self
    }

    /// The definition as it stands in a canonical text.
    fn canonical_definition(&self) -> Json {
        let mut definition = self.definition.clone();
        definition.sort_members();
        definition
    }
}
