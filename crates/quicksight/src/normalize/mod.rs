//! The service's answers to a file.
//!
//! The room takes answers, whoever asked for them, and drops what changes by itself,
//! what belongs to the environment, and what only the service can set. It makes no call.

mod work;

use std::{collections::BTreeMap, fmt};

use self::work::Work;
use crate::{
    api::{DefinitionError, ResourceStatus},
    file::AssetFile,
    id::AssetRef,
    json::Json,
    symbols::{ForeignArn, Symbols},
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        api::ResourcePermission,
        environment::Environment,
        id::{AssetId, AssetKind},
    };

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
