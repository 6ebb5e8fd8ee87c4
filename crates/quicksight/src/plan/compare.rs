//! Two states of an asset to the changes between them.

use std::collections::{BTreeMap, BTreeSet};

use crate::environment::Environment;
use crate::id::{Arn, AssetKind};
use crate::json::{Json, Object, Path};
use crate::presets::Grant;
use crate::symbols::Symbols;

use super::change::{Area, Change};
use super::definition;
use super::state::{Rights, State};
use super::structure;

/// Lists what differs between what is (`None`: nothing) and what is wanted. Parts
/// that `wanted` does not manage are not looked at.
pub(crate) fn changes_between(
    before: Option<&State>,
    wanted: &State,
    environment: &Environment,
) -> Vec<Change> {
    let compare = Compare {
        kind: wanted.asset.kind,
        symbols: Symbols::new(environment),
    };
    let empty;
    let before = match before {
        Some(before) => before,
        None => {
            empty = nothing(wanted);
            &empty
        }
    };
    let mut found = compare.all(before, wanted);
    for change in &mut found {
        for value in [&mut change.before, &mut change.after]
            .into_iter()
            .flatten()
        {
            compare.symbols.symbolise(value);
        }
    }
    found.sort_by(|one, two| (one.area, &one.path).cmp(&(two.area, &two.path)));
    found
}

/// An asset like this one of which nothing is there; lists stay, without items, so
/// that each item counts as one that comes.
fn nothing(wanted: &State) -> State {
    let mut definition = Object::new();
    for (name, value) in wanted
        .definition
        .as_object()
        .into_iter()
        .flat_map(Object::iter)
    {
        if value.as_array().is_some() {
            definition.insert(name, Json::Array(Vec::new()));
        }
    }
    State {
        asset: wanted.asset.clone(),
        arn: wanted.arn.clone(),
        name: wanted.name.clone(),
        description: None,
        theme: None,
        publish_options: None,
        secret: None,
        definition: Json::Object(definition),
        permissions: Some(Rights::new()),
        link: Some(Rights::new()),
        tags: Some(BTreeMap::new()),
        folders: Some(BTreeSet::new()),
        links: Some(BTreeSet::new()),
        refresh_properties: Some(None),
        schedules: Some(BTreeMap::new()),
    }
}

/// The theme, unless it is the one that the service gives what has none.
fn theme(state: &State) -> Option<&str> {
    state.theme.as_deref().filter(|arn| !is_default_theme(arn))
}

/// Whether this is the theme of assets without one.
pub(crate) fn is_default_theme(arn: &str) -> bool {
    Arn::parse(arn).is_some_and(|arn| {
        arn.is_managed_by_aws() && arn.resource_type == "theme" && arn.resource == "CLASSIC"
    })
}

struct Compare<'a> {
    kind: AssetKind,
    symbols: Symbols<'a>,
}

impl Compare<'_> {
    fn all(&self, before: &State, wanted: &State) -> Vec<Change> {
        let mut found = Vec::new();
        let text = |text: &str| Some(Json::from(text));
        for (area, name, old, new) in [
            (Area::Name, "name", text(&before.name), text(&wanted.name)),
            (
                Area::Description,
                "description",
                before.description.as_deref().and_then(text),
                wanted.description.as_deref().and_then(text),
            ),
            (
                Area::Theme,
                "theme",
                theme(before).and_then(text),
                theme(wanted).and_then(text),
            ),
            (
                Area::Other,
                "secret",
                before.secret.as_deref().and_then(text),
                wanted.secret.as_deref().and_then(text),
            ),
        ] {
            if old != new {
                found.push(Change::new(area, name, name, old, new));
            }
        }
        let none = Json::Object(Object::new());
        self.members(
            (Area::PublishOption, "option", "publish_options"),
            before.publish_options.as_ref().unwrap_or(&none),
            wanted.publish_options.as_ref().unwrap_or(&none),
            &mut found,
        );
        found.extend(definition::changes(
            &Path::root().name("definition"),
            &before.definition,
            &wanted.definition,
        ));
        if let Some(rights) = &wanted.permissions {
            let old = before.permissions.clone().unwrap_or_default();
            self.rights(
                (Area::Permission, "permission", "permissions"),
                &old,
                rights,
                &mut found,
            );
        }
        if let Some(rights) = &wanted.link {
            let old = before.link.clone().unwrap_or_default();
            self.rights(
                (Area::LinkSharing, "link sharing", "link_sharing"),
                &old,
                rights,
                &mut found,
            );
        }
        if let Some(tags) = &wanted.tags {
            tag_changes(before.tags.as_ref(), tags, &mut found);
        }
        if let Some(folders) = &wanted.folders {
            self.arns(
                (Area::Folder, "folder", "folders"),
                before.folders.as_ref(),
                folders,
                &mut found,
            );
        }
        if let Some(links) = &wanted.links {
            self.arns(
                (Area::Link, "linked analysis", "links"),
                before.links.as_ref(),
                links,
                &mut found,
            );
        }
        if wanted.loads_data() {
            self.refreshing(before, wanted, &mut found);
        }
        found
    }

    /// Each place that differs below a member of the file, under its first name.
    fn members(
        &self,
        (area, word, member): (Area, &str, &str),
        before: &Json,
        after: &Json,
        found: &mut Vec<Change>,
    ) {
        let root = Path::root().name(member);
        for change in definition::changes(&root, before, after) {
            let name = if change.member.is_empty() {
                word.to_owned()
            } else {
                format!("{word} {}", change.member)
            };
            let mut change = Change::new(area, name, change.path, change.before, change.after);
            change.member = String::new();
            found.push(change);
        }
    }

    fn rights(
        &self,
        (area, word, member): (Area, &str, &str),
        before: &Rights,
        after: &Rights,
        found: &mut Vec<Change>,
    ) {
        let principals: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for principal in principals {
            let (old, new) = (before.get(principal), after.get(principal));
            if old == new {
                continue;
            }
            let name = self.symbols.symbolise_text(principal);
            found.push(Change::new(
                area,
                format!("{word} {name}"),
                Path::root().name(member).name(&name).to_string(),
                old.map(|actions| self.grant(actions)),
                new.map(|actions| self.grant(actions)),
            ));
        }
    }

    /// The preset's name, or the actions.
    fn grant(&self, actions: &BTreeSet<String>) -> Json {
        let presets = &self.symbols.environment().presets;
        match presets.name(self.kind, actions.clone()) {
            Grant::Preset(name) => Json::from(name),
            Grant::Actions(actions) => Json::array(actions),
        }
    }

    fn arns(
        &self,
        (area, word, member): (Area, &str, &str),
        before: Option<&BTreeSet<String>>,
        after: &BTreeSet<String>,
        found: &mut Vec<Change>,
    ) {
        let nothing = BTreeSet::new();
        let before = before.unwrap_or(&nothing);
        for arn in before.symmetric_difference(after) {
            let name = self.symbols.symbolise_text(arn);
            let value = || Some(Json::Null);
            let change = if after.contains(arn) {
                Change::new(area, format!("{word} {name}"), member, None, value())
            } else {
                Change::new(area, format!("{word} {name}"), member, value(), None)
            };
            // The name says it all.
            found.push(Change {
                before: None,
                after: None,
                ..change
            });
        }
    }

    fn refreshing(&self, before: &State, wanted: &State, found: &mut Vec<Change>) {
        let none = Json::Object(Object::new());
        if let Some(properties) = &wanted.refresh_properties {
            let old = before.refresh_properties.clone().flatten();
            self.members(
                (
                    Area::RefreshProperties,
                    "refresh properties",
                    "refresh_properties",
                ),
                old.as_ref().unwrap_or(&none),
                properties.as_ref().unwrap_or(&none),
                found,
            );
        }
        let Some(schedules) = &wanted.schedules else {
            return;
        };
        let nothing = BTreeMap::new();
        let old = before.schedules.as_ref().unwrap_or(&nothing);
        let names: BTreeSet<&String> = old.keys().chain(schedules.keys()).collect();
        for name in names {
            let (old, new) = (
                old.get(name).map(comparable),
                schedules.get(name).map(comparable),
            );
            let same = match (&old, &new) {
                (Some(old), Some(new)) => structure::same(old, new),
                _ => false,
            };
            if !same {
                found.push(Change::new(
                    Area::RefreshSchedule,
                    format!("refresh schedule \"{name}\""),
                    Path::root().name("schedules").to_string(),
                    old,
                    new,
                ));
            }
        }
    }
}

fn tag_changes(
    before: Option<&BTreeMap<String, String>>,
    after: &BTreeMap<String, String>,
    found: &mut Vec<Change>,
) {
    let nothing = BTreeMap::new();
    let before = before.unwrap_or(&nothing);
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for key in keys {
        let (old, new) = (before.get(key), after.get(key));
        // Tags of AWS itself are not ours to touch.
        if old == new || (new.is_none() && key.starts_with("aws:")) {
            continue;
        }
        let value = |text: &String| Json::from(text.as_str());
        found.push(Change::new(
            Area::Tag,
            format!("tag {key}"),
            Path::root().name("tags").name(key).to_string(),
            old.map(value),
            new.map(value),
        ));
    }
}

/// A schedule without what the service adds, and without its start, which is
/// returned later as another time.
pub(crate) fn comparable(schedule: &Json) -> Json {
    let mut schedule = schedule.clone();
    if let Some(object) = schedule.as_object_mut() {
        object.remove("Arn");
        object.remove("StartAfterDateTime");
    }
    schedule
}
