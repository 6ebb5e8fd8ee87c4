//! Rules for what stands around a definition.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, at};
use crate::{
    environment::Environment,
    file::AssetFile,
    id::{Arn, AssetId, AssetKind},
    json::Path,
    presets::{Grant, Presets},
    symbols::{Symbols, is_foreign},
};

/// Most tags on one asset.
const MAX_TAGS: usize = 50;
/// Most principals when an asset is created.
const MAX_PRINCIPALS: usize = 64;
/// Most actions of one principal.
const MAX_ACTIONS: usize = 20;
/// Most analyses that a dashboard is linked to.
const MAX_LINKS: usize = 5;
/// Most folders of one asset.
const MAX_FOLDERS: usize = 20;

pub(super) fn check(file: &AssetFile, environment: Option<&Environment>, report: &mut Report<'_>) {
    identity(file, environment, report);
    let none = Presets::built_in();
    let presets = environment.map_or(&none, |environment| &environment.presets);
    if let Some(tags) = &file.tags {
        check_tags(tags, environment, report);
    }
    if let Some(permissions) = &file.permissions {
        grants("permissions", file.kind, permissions, presets, report);
        let owned = permissions.values().chain(
            environment
                .and_then(|environment| environment.permissions.get(&file.kind))
                .into_iter()
                .flat_map(BTreeMap::values),
        );
        let mut owned = owned.filter_map(|grant| presets.expand(file.kind, grant));
        if !owned.any(|actions| Presets::is_owner(file.kind, &actions)) {
            report.warn(
                at("permissions"),
                "nobody owns it: no one can change it in the console",
            );
        }
    }
    if let Some(sharing) = &file.link_sharing {
        grants("link_sharing", file.kind, sharing, presets, report);
        for principal in sharing.keys() {
            let namespace = principal.starts_with("${namespace:")
                || Arn::parse(principal).is_some_and(|arn| arn.resource_type == "namespace");
            if !namespace {
                let problem = "must be a namespace: links are shared with all who are in one";
                report.error(at("link_sharing").name(principal), problem);
            }
        }
    }
    let lists = [
        ("links", &file.links, AssetKind::Analysis, MAX_LINKS),
        ("folders", &file.folders, AssetKind::Folder, MAX_FOLDERS),
    ];
    for (name, list, kind, most) in lists {
        let Some(list) = list else { continue };
        if list.len() > most {
            report.error(
                at(name),
                format!("holds {} items, at most {most} are taken", list.len()),
            );
        }
        for (index, text) in list.iter().enumerate() {
            reference(text, kind, at(name).index(index), report);
        }
    }
    if let Some(theme) = &file.theme {
        reference(theme, AssetKind::Theme, at("theme"), report);
    }
}

fn identity(file: &AssetFile, environment: Option<&Environment>, report: &mut Report<'_>) {
    let id = environment.map_or_else(
        || Ok(file.id.clone()),
        |environment| environment.physical_id(&file.id),
    );
    match id {
        Ok(id) => {
            if let Some(rule) = id_problem(file.kind, &id) {
                report.error(at("id"), rule);
            }
        }
        Err(error) => report.error(at("id"), format!("with the environment's prefix {error}")),
    }
    let prefix = environment.map_or("", |environment| &environment.name_prefix);
    let length = prefix.chars().count() + file.name.chars().count();
    let most = match file.kind {
        AssetKind::DataSet | AssetKind::DataSource => 128,
        AssetKind::Folder => 200,
        _ => 2048,
    };
    if length > most || file.name.is_empty() {
        let problem = format!("must be 1 to {most} characters with the prefix, not {length}");
        report.error(at("name"), problem);
    }
    if let Some(description) = &file.description
        && !(1..=512).contains(&description.chars().count())
    {
        report.error(at("description"), "must be 1 to 512 characters, or absent");
    }
}

fn id_problem(kind: AssetKind, id: &AssetId) -> Option<&'static str> {
    let word = id
        .as_str()
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
    let most = match kind {
        AssetKind::Folder => 2048,
        // The service restricts neither their letters nor their length.
        AssetKind::DataSet | AssetKind::DataSource => return None,
        _ => 512,
    };
    if !word {
        Some("must be of letters, digits, `_` and `-`")
    } else if id.as_str().len() > most {
        Some("is longer than the service takes (512; folders 2048)")
    } else {
        None
    }
}

fn check_tags(
    tags: &BTreeMap<String, String>,
    environment: Option<&Environment>,
    report: &mut Report<'_>,
) {
    let added = environment.map_or(0, |environment| {
        let new = |key: &&String| !tags.contains_key(*key);
        environment.tags.keys().filter(new).count()
    });
    if tags.len() + added > MAX_TAGS {
        let count = tags.len() + added;
        report.error(
            at("tags"),
            format!("{count} with the environment's, at most {MAX_TAGS} are taken"),
        );
    }
    for (key, value) in tags {
        let path = at("tags").name(key);
        if !(1..=128).contains(&key.chars().count()) {
            report.error(path.clone(), "the key must be 1 to 128 characters");
        }
        if key.starts_with("aws:") {
            report.error(path.clone(), "keys that begin with `aws:` belong to AWS");
        }
        if !(1..=256).contains(&value.chars().count()) {
            report.error(path.clone(), "the value must be 1 to 256 characters");
        }
        let usual = environment.and_then(|environment| environment.tags.get(key));
        if usual == Some(value) {
            report.warn(
                path,
                "the environment sets it already; an export leaves it out",
            );
        }
    }
}

fn grants(
    place: &str,
    kind: AssetKind,
    grants: &BTreeMap<String, Grant>,
    presets: &Presets,
    report: &mut Report<'_>,
) {
    if grants.len() > MAX_PRINCIPALS {
        let problem = format!(
            "{} principals, at most {MAX_PRINCIPALS} are taken",
            grants.len()
        );
        report.error(at(place), problem);
    }
    for (principal, grant) in grants {
        let path = at(place).name(principal);
        match grant {
            Grant::Preset(name) => {
                if presets.actions(kind, name).is_none() {
                    let known: Vec<_> = presets.names(kind).collect();
                    let known = known.join(", ");
                    report.error(
                        path.clone(),
                        format!("no preset `{name}`; there are: {known}"),
                    );
                }
            }
            Grant::Actions(actions) => check_actions(actions, &path, report),
        }
        let names_one = ["${user:", "${group:", "${namespace:"]
            .iter()
            .any(|symbol| principal.starts_with(symbol));
        let arn = Arn::parse(principal).is_some_and(|arn| {
            matches!(arn.resource_type.as_str(), "user" | "group" | "namespace")
        });
        if !names_one && !arn {
            report.error(
                path,
                "must be a user, a group or a namespace, by symbol or ARN",
            );
        }
    }
}

fn check_actions(actions: &BTreeSet<String>, path: &Path, report: &mut Report<'_>) {
    if !(1..=MAX_ACTIONS).contains(&actions.len()) {
        let problem = format!(
            "1 to {MAX_ACTIONS} actions are taken, not {}",
            actions.len()
        );
        report.error(path.clone(), problem);
    }
    for action in actions {
        if !action.starts_with("quicksight:") {
            report.error(
                path.clone(),
                format!("`{action}` does not begin with `quicksight:`"),
            );
        }
    }
}

/// A text that must name an asset of a kind, by symbol or ARN.
fn reference(text: &str, kind: AssetKind, path: Path, report: &mut Report<'_>) {
    let symbol = text.starts_with(&format!("${{{}:", kind.arn_type())) && text.ends_with('}');
    let arn = Arn::parse(text).is_some_and(|arn| arn.resource_type == kind.arn_type());
    if !symbol && !arn {
        report.error(path, format!("must be the symbol or the ARN of a {kind}"));
    }
}

/// Every symbol has a value, and no ARN of another environment stays.
pub(super) fn check_references(
    file: &AssetFile,
    environment: &Environment,
    report: &mut Report<'_>,
) {
    let symbols = Symbols::new(environment);
    // Names of members hold symbols too, where they are principals.
    let document = file.to_json();
    let mut texts: Vec<(Path, String)> = Vec::new();
    document.walk(&mut |path, value| {
        if let Some(text) = value.as_str() {
            texts.push((path.clone(), text.to_owned()));
        }
        let principals = matches!(path.last_name(), Some("permissions" | "link_sharing"))
            && path.steps().len() == 1;
        if principals && let Some(members) = value.as_object() {
            let names = members.names();
            texts.extend(names.map(|name| (path.name(name), name.to_owned())));
        }
    });
    for (path, text) in texts {
        if matches!(
            path.to_string().as_str(),
            "kind" | "id" | "name" | "description"
        ) {
            continue;
        }
        match symbols.resolve_text(&text) {
            Err(unknown) => {
                let problem = format!("{} has no entry in the environment", unknown.symbol);
                report.error(path, problem);
            }
            Ok(resolved) => check_arn(&text, &resolved, environment, path, report),
        }
    }
    if let Some(secret) = document
        .text("secret")
        .and_then(|text| symbols.resolve_text(text).ok())
        && !secret.starts_with("arn:")
    {
        report.error(at("secret"), "must be the ARN of a secret");
    }
}

fn check_arn(
    text: &str,
    resolved: &str,
    environment: &Environment,
    path: Path,
    report: &mut Report<'_>,
) {
    if text != resolved {
        return;
    }
    if is_foreign(text) {
        let owned = Arn::parse(text).is_some_and(|arn| environment.owns(&arn));
        if owned {
            let problem = "an ARN of this environment: in any other it is wrong; give it a symbol";
            report.warn(path, problem);
        } else {
            let problem = "an ARN of another account or region: it would be read from there; give it a symbol";
            report.error(path, problem);
        }
    } else if !text.starts_with("arn:") && text.contains(&environment.account) {
        report.warn(
            path,
            "names the account, perhaps in an address; use a ${var:…}",
        );
    }
}
