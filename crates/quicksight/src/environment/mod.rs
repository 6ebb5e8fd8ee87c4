//! One account and region: what files say by symbols, and what they leave out.
//!
//! The room turns a TOML file into an [`Environment`] and knows nothing of assets.

mod error;
mod read;

use std::{collections::BTreeMap, path::Path as FilePath};

pub use self::error::{EnvironmentError, EnvironmentProblem};
use crate::{
    id::{Arn, AssetId, AssetKind, AssetRef, InvalidId},
    presets::{Grant, Presets},
};

/// An account and region that assets are exported from and deployed to.
///
/// ```toml
/// account = "123456789012"
/// region = "ap-northeast-1"
/// identity_region = "us-east-1"     # users and groups live here; default: region
/// partition = "aws"                 # the default
/// namespace = "default"             # the default
/// id_prefix = "dev-"                # before every identifier; default: none
/// name_prefix = "[dev] "            # before every name; default: none
///
/// [data_sets]                       # ${dataset:daily_activity}
/// daily_activity = "5f3c2a"         # an identifier, or a whole ARN
/// [data_sources]                    # ${datasource:…}
/// [themes]                          # ${theme:…}
/// corporate = "arn:aws:quicksight::aws:theme/MIDNIGHT"
/// [folders]                         # ${folder:…}
/// [analyses]                        # ${analysis:…}
/// [dashboards]                      # ${dashboard:…}
/// [vpc_connections]                 # ${vpc:…}
/// [groups]                          # ${group:viewers}
/// viewers = "dashboard-viewers"     # NAME, or NAMESPACE/NAME, or a whole ARN
/// [users]                           # ${user:…}; NAME may have slashes of its own
/// [namespaces]                      # ${namespace:…}; the namespace above is always known
/// [secrets]                         # ${secret:…}: ARNs in Secrets Manager
/// [vars]                            # ${var:…}: any text
/// schema = "app_dev"
///
/// [tags]                            # on every asset, in addition to the file's
/// environment = "dev"
///
/// [permissions.dashboard]           # on every dashboard, in addition to the file's
/// "${group:viewers}" = "viewer"     # a preset, or a list of actions
///
/// [presets.dashboard]               # further presets, or other meanings
/// reader = ["quicksight:DescribeDashboard", "quicksight:QueryDashboard"]
/// ```
///
/// What `tags`, `permissions` and the prefixes add when a file is deployed is taken
/// out again when it is exported.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Environment {
    /// The account, 12 digits.
    pub account: String,
    /// The region of the assets.
    pub region: String,
    /// The region of users, groups and namespaces.
    pub identity_region: String,
    /// The partition: `aws`, `aws-cn`, ….
    pub partition: String,
    /// The namespace of users and groups that name none.
    pub namespace: String,
    /// What stands before every identifier of an asset of ours.
    pub id_prefix: String,
    /// What stands before every name of an asset of ours.
    pub name_prefix: String,
    /// ARNs and texts by symbol, `dataset:daily_activity`.
    pub symbols: BTreeMap<Symbol, String>,
    /// Tags that every asset gets.
    pub tags: BTreeMap<String, String>,
    /// Permissions that every asset of a kind gets, by principal (a symbol or an ARN).
    pub permissions: BTreeMap<AssetKind, BTreeMap<String, Grant>>,
    /// What names of permissions mean.
    pub presets: Presets,
}

/// A name for what is different in each environment. Shown as `${group:viewers}`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a symbol is its kind and its name"
)]
pub struct Symbol {
    /// What it stands for.
    pub kind: SymbolKind,
    /// Its name: no `}`, no control characters, not empty.
    pub name: String,
}

impl std::fmt::Display for Symbol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "${{{}:{}}}", self.kind.word(), self.name)
    }
}

/// What a symbol stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SymbolKind {
    /// The ARN of an asset.
    Asset(AssetKind),
    /// The ARN of a group.
    Group,
    /// The ARN of a user.
    User,
    /// The ARN of a namespace.
    Namespace,
    /// The ARN of a VPC connection.
    VpcConnection,
    /// The ARN of a secret in Secrets Manager.
    Secret,
    /// Any text.
    Var,
}

impl SymbolKind {
    /// Every kind.
    pub const ALL: [Self; 12] = [
        Self::Asset(AssetKind::DataSet),
        Self::Asset(AssetKind::DataSource),
        Self::Asset(AssetKind::Theme),
        Self::Asset(AssetKind::Folder),
        Self::Asset(AssetKind::Analysis),
        Self::Asset(AssetKind::Dashboard),
        Self::Group,
        Self::User,
        Self::Namespace,
        Self::VpcConnection,
        Self::Secret,
        Self::Var,
    ];

    /// The word before the colon.
    pub fn word(self) -> &'static str {
        match self {
            Self::Asset(kind) => kind.arn_type(),
            Self::Group => "group",
            Self::User => "user",
            Self::Namespace => "namespace",
            Self::VpcConnection => "vpc",
            Self::Secret => "secret",
            Self::Var => "var",
        }
    }

    /// The kind of this word.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

impl Environment {
    /// An environment of this account and region, with nothing else in it.
    pub fn new(account: impl Into<String>, region: impl Into<String>) -> Self {
        let region = region.into();
        let mut environment = Self {
            account: account.into(),
            identity_region: region.clone(),
            region,
            partition: "aws".to_owned(),
            namespace: "default".to_owned(),
            id_prefix: String::new(),
            name_prefix: String::new(),
            symbols: BTreeMap::new(),
            tags: BTreeMap::new(),
            permissions: BTreeMap::new(),
            presets: Presets::built_in(),
        };
        environment.know_namespace();
        environment
    }

    /// Reads an environment's TOML.
    ///
    /// # Errors
    ///
    /// [`EnvironmentError`] with every problem found and its line.
    pub fn parse(text: &str) -> Result<Self, EnvironmentError> {
        read::read(text)
    }

    /// Reads an environment's file.
    ///
    /// # Errors
    ///
    /// As [`Environment::parse`], and when the file cannot be read.
    pub fn load(path: &FilePath) -> Result<Self, EnvironmentError> {
        let text = std::fs::read_to_string(path).map_err(|error| {
            EnvironmentError::whole(format!("cannot be read: {error}")).in_file(path)
        })?;
        Self::parse(&text).map_err(|error| error.in_file(path))
    }

    /// The identifier in the account of an asset that files call by this one.
    ///
    /// # Errors
    ///
    /// [`InvalidId`] when it is too long with the prefix.
    pub fn physical_id(&self, logical: &AssetId) -> Result<AssetId, InvalidId> {
        AssetId::new(format!("{}{logical}", self.id_prefix))
    }

    /// The identifier in files of an asset in the account; `None` for an asset
    /// without our prefix, which is not ours.
    pub fn logical_id(&self, physical: &AssetId) -> Option<AssetId> {
        let rest = physical.as_str().strip_prefix(&self.id_prefix)?;
        AssetId::new(rest).ok()
    }

    /// The ARN of an asset by its identifier in the account.
    pub fn arn_of(&self, kind: AssetKind, physical: &AssetId) -> Arn {
        let Self {
            partition,
            region,
            account,
            ..
        } = self;
        Arn::quicksight(
            partition,
            region,
            account,
            kind.arn_type(),
            physical.as_str(),
        )
    }

    /// Whether an ARN names something of this account: assets in its region, users,
    /// groups and namespaces in its identity region.
    pub fn owns(&self, arn: &Arn) -> bool {
        let region = match arn.resource_type.as_str() {
            "user" | "group" | "namespace" => &self.identity_region,
            _ => &self.region,
        };
        arn.partition == self.partition && arn.account == self.account && arn.region == *region
    }

    /// Sets what a symbol stands for.
    #[must_use]
    pub fn with_symbol(
        mut self,
        kind: SymbolKind,
        name: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        let symbol = Symbol {
            kind,
            name: name.into(),
        };
        self.symbols.insert(symbol, value.into());
        self
    }

    /// Adds a symbol for each of these assets, which files call by their logical
    /// identifiers: what is managed by files can be referred to without an entry
    /// in the environment. Entries of the environment win.
    #[must_use]
    pub fn with_assets<'a>(mut self, logical: impl IntoIterator<Item = &'a AssetRef>) -> Self {
        for asset in logical {
            let Ok(physical) = self.physical_id(&asset.id) else {
                continue;
            };
            if asset.id.as_str().contains('}') {
                continue;
            }
            let symbol = Symbol {
                kind: SymbolKind::Asset(asset.kind),
                name: asset.id.as_str().to_owned(),
            };
            let arn = self.arn_of(asset.kind, &physical).to_string();
            self.symbols.entry(symbol).or_insert(arn);
        }
        self
    }

    /// The namespace of the environment has a symbol without being listed.
    fn know_namespace(&mut self) {
        let symbol = Symbol {
            kind: SymbolKind::Namespace,
            name: self.namespace.clone(),
        };
        let arn = self.identity_arn("namespace", &self.namespace);
        self.symbols.entry(symbol).or_insert(arn);
    }

    fn identity_arn(&self, resource_type: &str, resource: &str) -> String {
        Arn::quicksight(
            &self.partition,
            &self.identity_region,
            &self.account,
            resource_type,
            resource,
        )
        .to_string()
    }
}
