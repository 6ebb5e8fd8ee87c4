//! A file to its one canonical document.

use std::collections::{BTreeMap, BTreeSet};

use super::AssetFile;
use crate::{
    id::AssetKind,
    json::{Json, Object},
    presets::Grant,
    symbols::Symbols,
};

pub(super) fn document(file: &AssetFile) -> Json {
    let mut out = Object::new();
    out.insert("kind", file.kind.word());
    out.insert("id", file.id.as_str());
    out.insert("name", file.name.as_str());
    let mut optional = |name: &str, value: Option<Json>| {
        if let Some(value) = value {
            out.insert(name, value);
        }
    };
    optional("description", file.description.as_deref().map(Json::from));
    optional("theme", file.theme.as_deref().map(Json::from));
    optional("publish_options", file.publish_options.clone().map(sorted));
    optional(
        "validation",
        file.validation.map(|mode| mode.as_str().into()),
    );
    optional("parameters", file.parameters.clone().map(sorted));
    optional("links", file.links.as_ref().map(texts));
    optional("folders", file.folders.as_ref().map(texts));
    optional("tags", file.tags.as_ref().map(Json::object_of));
    optional("permissions", file.permissions.as_ref().map(grants));
    optional("link_sharing", file.link_sharing.as_ref().map(grants));
    optional("secret", file.secret.as_deref().map(Json::from));
    optional(
        "refresh_properties",
        file.refresh_properties.clone().map(sorted),
    );
    optional(
        "schedules",
        file.schedules
            .as_ref()
            .map(|schedules| Json::array(schedules.values().cloned().map(sorted))),
    );
    let mut definition = file.definition.clone();
    sort_lists(file.kind, &mut definition);
    out.insert("definition", sorted(definition));
    Json::Object(out)
}

impl Json {
    fn object_of(texts: &BTreeMap<String, String>) -> Self {
        Self::object(
            texts
                .iter()
                .map(|(key, value)| (key.as_str(), value.as_str())),
        )
    }
}

fn sorted(mut json: Json) -> Json {
    json.sort_members();
    json
}

fn texts(texts: &BTreeSet<String>) -> Json {
    Json::array(texts.iter().map(String::as_str))
}

fn grants(grants: &BTreeMap<String, Grant>) -> Json {
    Json::object(grants.iter().map(|(principal, grant)| {
        let grant = match grant {
            Grant::Preset(name) => Json::from(name.as_str()),
            Grant::Actions(actions) => texts(actions),
        };
        (principal.as_str(), grant)
    }))
}

/// Sorts the lists of which the service does not promise an order. Everything else in
/// a definition is in an order that readers see.
fn sort_lists(kind: AssetKind, definition: &mut Json) {
    match kind {
        AssetKind::DataSet => {
            let rules = definition.get_mut("ColumnLevelPermissionRules");
            for rule in rules.and_then(Json::as_array_mut).into_iter().flatten() {
                sort_texts(rule.get_mut("Principals"));
                sort_texts(rule.get_mut("ColumnNames"));
            }
        }
        AssetKind::Dashboard | AssetKind::Analysis => {
            sort_texts(definition.pointer_mut("/Options/ExcludedDataSetArns"));
        }
        _ => {}
    }
}

fn sort_texts(list: Option<&mut Json>) {
    if let Some(items) = list.and_then(Json::as_array_mut)
        && items.iter().all(|item| item.as_str().is_some())
    {
        items.sort_by(|one, two| one.as_str().cmp(&two.as_str()));
    }
}

/// Names a principal as an earlier file did, if it is the same.
pub(super) fn respell(
    permissions: &mut BTreeMap<String, Grant>,
    earlier: &str,
    symbols: &Symbols<'_>,
) {
    if permissions.contains_key(earlier) {
        return;
    }
    let Ok(arn) = symbols.resolve_text(earlier) else {
        return;
    };
    let now = permissions
        .keys()
        .find(|key| symbols.resolve_text(key).is_ok_and(|other| other == arn))
        .cloned();
    if let Some(grant) = now.and_then(|now| permissions.remove(&now)) {
        permissions.insert(earlier.to_owned(), grant);
    }
}
