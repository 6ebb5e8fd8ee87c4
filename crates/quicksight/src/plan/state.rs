//! What an asset is, or is to be, in the terms of the service: symbols resolved,
//! each part by itself.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::ResourcePermission;
use crate::id::AssetRef;
use crate::json::Json;

/// Actions by principal.
pub(crate) type Rights = BTreeMap<String, BTreeSet<String>>;

/// Collects permissions by principal; a principal that is named twice has both.
fn rights(permissions: &[ResourcePermission]) -> Rights {
    let mut rights = Rights::new();
    for permission in permissions {
        rights
            .entry(permission.principal.clone())
            .or_default()
            .extend(permission.actions.iter().cloned());
    }
    rights.retain(|_, actions| !actions.is_empty());
    rights
}

/// Reads a list of permissions as the service writes it.
pub(crate) fn listed(entries: &[Json]) -> Rights {
    let permissions: Vec<ResourcePermission> = entries
        .iter()
        .filter_map(ResourcePermission::from_json)
        .collect();
    rights(&permissions)
}

/// One asset's parts. A part that is `None` is not managed: it stays as it is.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) asset: AssetRef,
    pub(crate) arn: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) theme: Option<String>,
    pub(crate) publish_options: Option<Json>,
    pub(crate) secret: Option<String>,
    /// The definition, or the members of the Create that are not above.
    pub(crate) definition: Json,
    pub(crate) permissions: Option<Rights>,
    /// Rights by link.
    pub(crate) link: Option<Rights>,
    pub(crate) tags: Option<BTreeMap<String, String>>,
    /// ARNs of the folders.
    pub(crate) folders: Option<BTreeSet<String>>,
    /// ARNs of the linked analyses.
    pub(crate) links: Option<BTreeSet<String>>,
    /// `Some(None)`: there are to be none.
    pub(crate) refresh_properties: Option<Option<Json>>,
    pub(crate) schedules: Option<BTreeMap<String, Json>>,
}

impl State {
    /// Whether it is a data set that keeps its data in SPICE.
    pub(crate) fn loads_data(&self) -> bool {
        self.definition.text("ImportMode") == Some("SPICE")
    }
}
