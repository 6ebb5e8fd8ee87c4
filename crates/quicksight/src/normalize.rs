//! The service's answers to a file.
//!
//! The room takes answers, whoever asked for them, and drops what changes by itself,
//! what belongs to the environment, and what only the service can set. It makes no call.

use std::{collections::BTreeMap, fmt};

use crate::{
    api::{DefinitionError, ResourcePermission, ResourceStatus},
    file::AssetFile,
    id::{AssetId, AssetKind, AssetRef},
    json::{Json, Path},
    presets::Grant,
    symbols::{ForeignArn, Symbols, is_foreign},
};

/// All that the service says of one asset.
#[derive(Clone, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "filled in by whoever asked the service"
)]
pub struct Answers {
    /// [`describe`](crate::Assets::describe), or `describe_version` of the version
    /// that `definition` is of.
    pub description: Json,
    /// [`definition`](crate::Assets::definition), of dashboards and analyses.
    pub definition: Option<Json>,
    /// [`permissions`](crate::Access::permissions).
    pub permissions: Json,
    /// [`tags`](crate::Access::tags).
    pub tags: BTreeMap<String, String>,
    /// [`folders_of`](crate::Access::folders_of), of what can be in a folder.
    pub folders: Vec<String>,
    /// [`refresh_properties`](crate::Refreshing::refresh_properties), of data sets in
    /// SPICE.
    pub refresh_properties: Option<Json>,
    /// [`schedules`](crate::Refreshing::schedules), of data sets in SPICE.
    pub schedules: Vec<Json>,
}

/// A file, and what should be looked at by a person.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Normalized {
    /// The file.
    pub file: AssetFile,
    /// What is not as it should be.
    pub notes: Vec<Note>,
}

/// What a person should look at after an export.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Note {
    /// An ARN without a symbol: the file holds in this environment only.
    ForeignArn(ForeignArn),
    /// The name lacks the environment's prefix, and would get it by a deployment.
    NameWithoutPrefix,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForeignArn(foreign) => write!(
                f,
                "`{}` at `{}` has no symbol in the environment",
                foreign.arn, foreign.path
            ),
            Self::NameWithoutPrefix => f.write_str("the name lacks the environment's prefix"),
        }
    }
}

/// Why answers do not make a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NormalizeError {
    /// The service describes the asset as broken; its file could not be deployed.
    #[error("the service says {status}{}", ShowErrors(.errors))]
    #[non_exhaustive]
    Broken {
        /// The status of the service.
        status: ResourceStatus,
        /// What it found wrong.
        errors: Vec<DefinitionError>,
    },
    /// The asset is being created or changed.
    #[error("it is being changed ({status}); try again when that is over")]
    #[non_exhaustive]
    InProgress {
        /// The status of the service.
        status: ResourceStatus,
    },
    /// An answer lacks what it must have.
    #[error("the answer lacks `{member}`")]
    #[non_exhaustive]
    Missing {
        /// The member.
        member: &'static str,
    },
    /// The identifier lacks the environment's prefix: the asset is not ours.
    #[error("the identifier lacks the environment's prefix `{prefix}`")]
    #[non_exhaustive]
    NotOurs {
        /// The prefix.
        prefix: String,
    },
}

struct ShowErrors<'a>(&'a [DefinitionError]);

impl fmt::Display for ShowErrors<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|error| write!(f, "; {error}"))
    }
}

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

/// Makes the file of an asset.
///
/// # Errors
///
/// [`NormalizeError`]; above all for a definition which the service itself describes
/// as broken, although it answers with success.
pub fn normalize(
    asset: &AssetRef,
    answers: Answers,
    symbols: &Symbols<'_>,
) -> Result<Normalized, NormalizeError> {
    let environment = symbols.environment();
    let id = environment
        .logical_id(&asset.id)
        .ok_or_else(|| NormalizeError::NotOurs {
            prefix: environment.id_prefix.clone(),
        })?;
    let mut work = Work {
        symbols,
        notes: Vec::new(),
    };
    let file = work.file(asset.kind, id, answers)?;
    Ok(Normalized {
        file,
        notes: work.notes,
    })
}

struct Work<'a> {
    symbols: &'a Symbols<'a>,
    notes: Vec<Note>,
}

impl Work<'_> {
    fn file(
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    fn environment() -> Environment {
        Environment::parse(
            r#"
account = "123456789012"
region = "r"
id_prefix = "dev-"
name_prefix = "[dev] "
[data_sets]
daily = "ds-1"
[groups]
viewers = "v"
[users]
ci = "ci"
[tags]
environment = "dev"
[permissions.dashboard]
"${user:ci}" = "owner"
"#,
        )
        .unwrap()
    }

    fn json(text: &str) -> Json {
        Json::parse(text).unwrap()
    }

    fn dashboard() -> Answers {
        let environment = environment();
        let owner = environment
            .presets
            .actions(AssetKind::Dashboard, "owner")
            .unwrap();
        let owner = ResourcePermission::new(
            "arn:aws:quicksight:r:123456789012:user/default/ci",
            owner.clone(),
        );
        Answers {
            description: json(
                r#"{"Arn":"a","DashboardId":"dev-x","Name":"[dev] X","CreatedTime":1,"LinkEntities":["arn:aws:quicksight:r:123456789012:analysis/z"],"Version":{"Status":"UPDATE_SUCCESSFUL","Description":"d","VersionNumber":3}}"#,
            ),
            definition: Some(json(
                r#"{"DashboardId":"dev-x","Name":"[dev] X","ResourceStatus":"CREATION_SUCCESSFUL","ThemeArn":"arn:aws:quicksight::aws:theme/CLASSIC","DashboardPublishOptions":{"B":{"b":1.0},"A":2},"Definition":{"Z":1.6565093E9,"DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"arn:aws:quicksight:r:123456789012:dataset/ds-1"}],"QueryExecutionOptions":{}},"RequestId":"q"}"#,
            )),
            permissions: Json::object([(
                "Permissions",
                Json::array([
                    json(
                        r#"{"Principal":"arn:aws:quicksight:r:123456789012:group/default/v","Actions":["quicksight:QueryDashboard","quicksight:ListDashboardVersions","quicksight:DescribeDashboard"]}"#,
                    ),
                    owner.to_json(),
                ]),
            )]),
            tags: BTreeMap::from([
                ("environment".into(), "dev".into()),
                ("team".into(), "x".into()),
            ]),
            ..Answers::default()
        }
    }

    #[test]
    fn a_dashboard_becomes_a_file_without_what_the_environment_adds() {
        let environment = environment();
        let symbols = Symbols::new(&environment);
        let asset = AssetRef::new(AssetKind::Dashboard, AssetId::new("dev-x").unwrap());
        let normalized = normalize(&asset, dashboard(), &symbols).unwrap();
        let expected = r#"{"kind":"dashboard","id":"x","name":"X","description":"d","theme":"arn:aws:quicksight::aws:theme/CLASSIC","publish_options":{"A":2,"B":{"b":1.0}},"links":["arn:aws:quicksight:r:123456789012:analysis/z"],"folders":[],"tags":{"team":"x"},"permissions":{"${group:viewers}":"viewer"},"link_sharing":{},"definition":{"DataSetIdentifierDeclarations":[{"DataSetArn":"${dataset:daily}","Identifier":"d"}],"Z":1.6565093E9}}"#;
        assert_eq!(normalized.file.to_json().to_compact(), expected);
        assert_eq!(normalized.notes.len(), 1, "{:?}", normalized.notes);
        assert!(normalized.notes[0].to_string().contains("at `links`"));
    }

    #[test]
    fn a_broken_definition_is_refused_though_the_service_answers() {
        let environment = environment();
        let symbols = Symbols::new(&environment);
        let asset = AssetRef::new(AssetKind::Dashboard, AssetId::new("dev-x").unwrap());
        let mut answers = dashboard();
        answers.definition = Some(json(
            r#"{"Name":"[dev] X","ResourceStatus":"CREATION_FAILED","Errors":[{"Type":"COLUMN_TYPE_MISMATCH","Message":"m","ViolatedEntities":[{"Path":"p"}]}],"Definition":{}}"#,
        ));
        let error = normalize(&asset, answers, &symbols).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the service says CREATION_FAILED; COLUMN_TYPE_MISMATCH: m at p"
        );
        let mut answers = dashboard();
        answers.definition = Some(json(
            r#"{"Name":"[dev] X","Errors":[{"Type":"X"}],"Definition":{}}"#,
        ));
        assert!(matches!(
            normalize(&asset, answers, &symbols),
            Err(NormalizeError::Broken { .. })
        ));
        let mut answers = dashboard();
        answers.definition = Some(json(
            r#"{"Name":"[dev] X","ResourceStatus":"UPDATE_IN_PROGRESS","Definition":{}}"#,
        ));
        assert!(matches!(
            normalize(&asset, answers, &symbols),
            Err(NormalizeError::InProgress { .. })
        ));
        let other = AssetRef::new(AssetKind::Dashboard, AssetId::new("prod-x").unwrap());
        assert!(matches!(
            normalize(&other, dashboard(), &symbols),
            Err(NormalizeError::NotOurs { .. })
        ));
    }

    #[test]
    fn what_other_kinds_are_made_of() {
        let environment = Environment::new("123456789012", "r");
        let symbols = Symbols::new(&environment);
        let definition = |kind, description: &str| {
            let asset = AssetRef::new(kind, AssetId::new("x").unwrap());
            let answers = Answers {
                description: json(description),
                ..Answers::default()
            };
            normalize(&asset, answers, &symbols).unwrap().file
        };
        let file = definition(
            AssetKind::DataSet,
            r#"{"Arn":"a","DataSetId":"x","Name":"n","ImportMode":"SPICE","LogicalTableMap":{},"PhysicalTableMap":{},"OutputColumns":[],"ConsumedSpiceCapacityInBytes":1,"NewMember":1}"#,
        );
        assert_eq!(
            file.definition.to_compact(),
            r#"{"ImportMode":"SPICE","PhysicalTableMap":{},"NewMember":1}"#
        );
        let file = definition(
            AssetKind::Theme,
            r#"{"Name":"n","Type":"CUSTOM","Version":{"Arn":"a","BaseThemeId":"MIDNIGHT","Description":"d","Status":"CREATION_SUCCESSFUL","VersionNumber":2,"Configuration":{"X":1}}}"#,
        );
        assert_eq!(
            file.definition.to_compact(),
            r#"{"BaseThemeId":"MIDNIGHT","Configuration":{"X":1}}"#
        );
        assert_eq!(file.description.as_deref(), Some("d"));
        let file = definition(
            AssetKind::Folder,
            r#"{"Arn":"arn:aws:quicksight:r:123456789012:folder/x","FolderId":"x","Name":"n","FolderType":"SHARED","SharingModel":"ACCOUNT","FolderPath":["arn:aws:quicksight:r:123456789012:folder/a","arn:aws:quicksight:r:123456789012:folder/b"]}"#,
        );
        assert_eq!(
            file.definition.to_compact(),
            r#"{"FolderType":"SHARED","SharingModel":"ACCOUNT","ParentFolderArn":"arn:aws:quicksight:r:123456789012:folder/b"}"#
        );
        let file = definition(
            AssetKind::DataSource,
            r#"{"Arn":"a","DataSourceId":"x","Name":"n","Type":"AURORA","Status":"UPDATE_SUCCESSFUL","SecretArn":"arn:aws:secretsmanager:r:1:secret:s","DataSourceParameters":{"AuroraParameters":{"Port":3306}}}"#,
        );
        assert_eq!(
            file.definition.to_compact(),
            r#"{"Type":"AURORA","DataSourceParameters":{"AuroraParameters":{"Port":3306}}}"#
        );
        assert_eq!(
            file.secret.as_deref(),
            Some("arn:aws:secretsmanager:r:1:secret:s")
        );
    }
}
