//! Parameters are declared once, and those that are used are declared.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, at};
use crate::{
    file::AssetFile,
    id::AssetKind,
    json::{Json, Path},
};

/// Members whose text is the name of a parameter of the definition.
const USES: [&str; 4] = [
    "SourceParameterName",
    "DestinationParameterName",
    "ParameterName",
    "Parameter",
];

pub(super) fn check(file: &AssetFile, report: &mut Report<'_>) {
    if !matches!(file.kind, AssetKind::Dashboard | AssetKind::Analysis) {
        return;
    }
    let root = at("definition");
    let place = root.name("ParameterDeclarations");
    let mut declared: BTreeMap<&str, Path> = BTreeMap::new();
    for (index, item) in file
        .definition
        .items("ParameterDeclarations")
        .iter()
        .enumerate()
    {
        // One member, named after the type.
        let Some((kind, inner)) = item.as_object().and_then(|item| item.iter().next()) else {
            continue;
        };
        let path = place.index(index).name(kind).name("Name");
        let Some(name) = inner.text("Name").filter(|name| !name.is_empty()) else {
            report.error(path, "is missing");
            continue;
        };
        if declared.insert(name, path.clone()).is_some() {
            report.error(path, format!("`{name}` is declared twice"));
        }
    }
    let mut used = BTreeSet::new();
    file.definition.walk(&mut |path, value| {
        let Some(text) = value.as_str() else { return };
        used.extend(declared.keys().filter(|name| mentions(text, name)).copied());
        if !path.last_name().is_some_and(|name| USES.contains(&name)) {
            return;
        }
        match declared.get_key_value(text) {
            Some((name, _)) => drop(used.insert(*name)),
            None => {
                let problem =
                    format!("the parameter `{text}` is not declared in `ParameterDeclarations`");
                report.error(root.join(path), problem);
            }
        }
    });
    values(file, &declared, report);
    for (name, path) in declared {
        if !used.contains(name) {
            report.warn(
                path,
                format!("the parameter `{name}` is declared and not used"),
            );
        }
    }
}

/// Whether a text has the parameter's value in it: `${name}`.
fn mentions(text: &str, name: &str) -> bool {
    text.contains("${") && text.contains(&format!("${{{name}}}"))
}

/// The values that a creation or update gives.
fn values(file: &AssetFile, declared: &BTreeMap<&str, Path>, report: &mut Report<'_>) {
    let Some(lists) = file.parameters.as_ref().and_then(Json::as_object) else {
        return;
    };
    for (kind, list) in lists.iter() {
        for (index, value) in list.as_array().unwrap_or_default().iter().enumerate() {
            let name = value.text("Name").unwrap_or_default();
            if !declared.contains_key(name) {
                let path = at("parameters").name(kind).index(index).name("Name");
                report.error(path, format!("the parameter `{name}` is not declared"));
            }
        }
    }
}
