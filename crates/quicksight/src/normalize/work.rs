//! Members of answers to members of a file.

use std::collections::BTreeMap;

use super::{Answers, NormalizeError, Note};
use crate::{
    api::{DefinitionError, ResourcePermission, ResourceStatus},
    file::AssetFile,
    id::{AssetId, AssetKind},
    json::{Json, Path},
    presets::Grant,
    symbols::{ForeignArn, Symbols, is_foreign},
};

/// Members of descriptions that no Create operation takes, or that stand elsewhere in
/// a file.
const NOT_IN_DEFINITION: [&str; 13] = [
    "Arn",
    "Name",
    "Status",
    "CreatedTime",
    "LastUpdatedTime",
    "RequestId",
    "OutputColumns",
    "ConsumedSpiceCapacityInBytes",
    "ErrorInfo",
    "SecretArn",
    "AlternateDataSourceParameters",
    "VersionNumber",
    "Errors",
];

/// Lists of a data set that are there or absent, never empty, when it is created.
const NEVER_EMPTY: [&str; 4] = [
    "LogicalTableMap",
    "ColumnGroups",
    "ColumnLevelPermissionRules",
    "DatasetParameters",
];

/// Members of a schedule that change by themselves.
const NOT_IN_SCHEDULE: [&str; 2] = ["Arn", "StartAfterDateTime"];

/// Makes one file, and notes what a person should look at.
pub(super) struct Work<'a> {
    pub(super) symbols: &'a Symbols<'a>,
    pub(super) notes: Vec<Note>,
}

impl Work<'_> {
    pub(super) fn file(
        &mut self,
        kind: AssetKind,
        id: AssetId,
        answers: Answers,
    ) -> Result<AssetFile, NormalizeError> {
        let Answers {
            description: described,
            definition: answer,
            permissions,
            tags,
            folders,
            refresh_properties,
            schedules,
        } = answers;
        let answer = answer.unwrap_or_default();
        check_status(kind, &described, &answer)?;
        let name = answer.text("Name").or_else(|| described.text("Name"));
        let name = self.name(name.ok_or(NormalizeError::Missing { member: "Name" })?);
        let version = described.get("Version").unwrap_or(&Json::Null);

        let mut definition = match kind {
            AssetKind::Dashboard | AssetKind::Analysis => {
                answer
                    .get("Definition")
                    .cloned()
                    .ok_or(NormalizeError::Missing {
                        member: "Definition",
                    })?
            }
            AssetKind::Theme => without(version, &["Description"]),
            AssetKind::Folder => folder_definition(&described),
            AssetKind::DataSet | AssetKind::DataSource => without(&described, &[kind.id_member()]),
        };
        if kind == AssetKind::Dashboard
            && let Some(definition) = definition.as_object_mut()
        {
            // A definition of an analysis has these; Create and Update of a dashboard
            // refuse them, even when a description had them.
            definition.remove("QueryExecutionOptions");
            definition.remove("QueryExecutionMode");
        }
        if kind == AssetKind::DataSet
            && let Some(definition) = definition.as_object_mut()
        {
            definition.retain(|name, value| !(NEVER_EMPTY.contains(&name) && is_empty(value)));
        }
        self.symbolise("definition", &mut definition);

        let mut file = AssetFile::new(kind, id, name, definition);
        if matches!(kind, AssetKind::Dashboard | AssetKind::Theme) {
            file.description = version
                .text("Description")
                .filter(|text| !text.is_empty())
                .map(str::to_owned);
        }
        if matches!(kind, AssetKind::Dashboard | AssetKind::Analysis) {
            let theme = answer
                .text("ThemeArn")
                .or_else(|| version.text("ThemeArn"))
                .or_else(|| described.text("ThemeArn"));
            file.theme = theme.map(|arn| self.text("theme", arn));
        }
        if kind == AssetKind::Dashboard {
            file.publish_options = answer.get("DashboardPublishOptions").cloned();
            if let Some(options) = &mut file.publish_options {
                self.symbolise("publish_options", options);
            }
            let links = described.items("LinkEntities").iter();
            let links = links.filter_map(Json::as_str);
            file.links = Some(links.map(|arn| self.text("links", arn)).collect());
            let sharing = permissions.pointer("/LinkSharingConfiguration/Permissions");
            let sharing = sharing.and_then(Json::as_array).unwrap_or_default();
            file.link_sharing = Some(self.grants("link_sharing", kind, sharing, false));
        }
        if kind.folder_member_type().is_some() {
            let folders = folders.iter().map(|arn| self.text("folders", arn));
            file.folders = Some(folders.collect());
        }
        let environment = self.symbols.environment();
        let own_tag = |(key, value): &(String, String)| environment.tags.get(key) != Some(value);
        file.tags = Some(tags.into_iter().filter(own_tag).collect());
        let granted = permissions.items("Permissions");
        file.permissions = Some(self.grants("permissions", kind, granted, true));
        if kind == AssetKind::DataSource {
            let secret = described.text("SecretArn");
            file.secret = secret.map(|arn| self.text("secret", arn));
        }
        if kind == AssetKind::DataSet {
            file.refresh_properties = refresh_properties.map(|mut properties| {
                self.symbolise("refresh_properties", &mut properties);
                properties
            });
            file.schedules = Some(self.schedules(schedules));
        }
        Ok(file)
    }

    fn name(&mut self, name: &str) -> String {
        let prefix = &self.symbols.environment().name_prefix;
        match name
            .strip_prefix(prefix.as_str())
            .filter(|name| !name.is_empty())
        {
            Some(name) => name.to_owned(),
            None => {
                self.notes.push(Note::NameWithoutPrefix);
                name.to_owned()
            }
        }
    }

    fn grants(
        &mut self,
        place: &str,
        kind: AssetKind,
        permissions: &[Json],
        with_environment: bool,
    ) -> BTreeMap<String, Grant> {
        let environment = self.symbols.environment();
        let usual = with_environment
            .then(|| environment.permissions.get(&kind))
            .flatten();
        let mut found = BTreeMap::new();
        for permission in permissions.iter().filter_map(ResourcePermission::from_json) {
            // Granted by the environment on everything: not this file's business.
            let by_environment = usual.into_iter().flatten().any(|(principal, grant)| {
                self.symbols
                    .resolve_text(principal)
                    .is_ok_and(|arn| arn == permission.principal)
                    && environment.presets.expand(kind, grant).as_ref() == Some(&permission.actions)
            });
            if by_environment {
                continue;
            }
            let principal = self.text(place, &permission.principal);
            let grant = environment.presets.name(kind, permission.actions);
            found.insert(principal, grant);
        }
        found
    }

    fn schedules(&mut self, schedules: Vec<Json>) -> BTreeMap<String, Json> {
        let mut found = BTreeMap::new();
        for mut schedule in schedules {
            let Some(id) = schedule.text("ScheduleId").map(str::to_owned) else {
                continue;
            };
            if let Some(schedule) = schedule.as_object_mut() {
                schedule.retain(|name, _| !NOT_IN_SCHEDULE.contains(&name));
            }
            self.symbolise("schedules", &mut schedule);
            found.insert(id, schedule);
        }
        found
    }

    fn text(&mut self, place: &str, text: &str) -> String {
        let written = self.symbols.symbolise_text(text);
        if written == text && is_foreign(text) {
            self.notes.push(Note::ForeignArn(ForeignArn {
                arn: text.to_owned(),
                path: Path::root().name(place),
            }));
        }
        written
    }

    fn symbolise(&mut self, place: &str, json: &mut Json) {
        let foreign = self.symbols.symbolise(json);
        self.notes.extend(foreign.into_iter().map(|foreign| {
            let path = Path::root().name(place).join(&foreign.path);
            Note::ForeignArn(ForeignArn { path, ..foreign })
        }));
    }
}

/// A definition that is broken, or of something being changed, must not become a file.
fn check_status(kind: AssetKind, described: &Json, answer: &Json) -> Result<(), NormalizeError> {
    let version = described.get("Version").unwrap_or(described);
    let errors = [answer.items("Errors"), version.items("Errors")].concat();
    let errors = DefinitionError::list_from_json(&errors);
    let words = [answer.text("ResourceStatus"), version.text("Status")];
    let statuses: Vec<_> = words
        .into_iter()
        .flatten()
        .map(ResourceStatus::from)
        .collect();
    let worst = statuses
        .iter()
        .find(|status| status.is_failed())
        .or_else(|| statuses.iter().find(|status| !status.is_successful()));
    match worst {
        Some(status) if status.is_failed() => Err(NormalizeError::Broken {
            status: status.clone(),
            errors,
        }),
        _ if !errors.is_empty() && kind != AssetKind::DataSource => Err(NormalizeError::Broken {
            status: statuses
                .first()
                .cloned()
                .unwrap_or_else(|| ResourceStatus::from("no status")),
            errors,
        }),
        Some(status) => Err(NormalizeError::InProgress {
            status: status.clone(),
        }),
        None => Ok(()),
    }
}

fn without(json: &Json, also: &[&str]) -> Json {
    let mut json = json.clone();
    if let Some(object) = json.as_object_mut() {
        object.retain(|name, value| {
            !NOT_IN_DEFINITION.contains(&name) && !also.contains(&name) && !value.is_null()
        });
        json
    } else {
        Json::Object(crate::json::Object::new())
    }
}

/// A folder's path lists its ancestors; the last is its parent.
fn folder_definition(described: &Json) -> Json {
    let own = described.text("Arn");
    let parent = described
        .items("FolderPath")
        .iter()
        .filter_map(Json::as_str)
        .rfind(|arn| Some(*arn) != own)
        .map(str::to_owned);
    let mut definition = without(described, &["FolderId", "FolderPath"]);
    if let (Some(parent), Some(definition)) = (parent, definition.as_object_mut()) {
        definition.insert("ParentFolderArn", parent);
    }
    definition
}

fn is_empty(json: &Json) -> bool {
    match json {
        Json::Array(items) => items.is_empty(),
        Json::Object(object) => object.is_empty(),
        _ => false,
    }
}
