//! What an asset is now: all answers of the service about it, and what they mean.

use std::collections::BTreeSet;

use futures_util::future::try_join4;

use crate::api::{ApiErrorKind, DefinitionError, ResourceStatus, VersionRef};
use crate::environment::Environment;
use crate::file::Resolved;
use crate::id::{AssetKind, AssetRef};
use crate::json::{Json, Object};
use crate::normalize::{Answers, NormalizeError, normalize};
use crate::plan::state::{State, listed};
use crate::symbols::Symbols;

use super::context::{Context, Stop};

/// An asset of the account.
#[derive(Clone, Debug)]
pub(crate) struct Live {
    /// Its parts. Of one that never came to be, the content is empty.
    pub(crate) state: State,
    /// The body of an Update that leaves the content as it is.
    pub(crate) update: Json,
    /// The version that readers see, of dashboards.
    pub(crate) published: Option<u64>,
    /// Why it is not ready.
    pub(crate) trouble: Option<Trouble>,
}

/// Why an asset is not ready.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// The service says that it failed.
    Failed {
        status: ResourceStatus,
        errors: Vec<DefinitionError>,
    },
    /// The service is working on it.
    InProgress,
}

impl Live {
    /// Whether readers have nothing of it: it failed, or is being made.
    pub(crate) const fn is_unready(&self) -> bool {
        self.trouble.is_some()
    }

    pub(crate) const fn is_failed(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Failed { .. }))
    }

    /// Says what is wrong with it, for a plan.
    pub(crate) fn note(&self) -> Option<String> {
        match self.trouble.as_ref()? {
            Trouble::InProgress => Some("the service is working on it right now".to_owned()),
            Trouble::Failed { status, errors } => {
                let mut text = format!("the service says {status}");
                for error in errors {
                    text.push_str(&format!("; {error}"));
                }
                Some(text)
            }
        }
    }
}

/// Reads an asset; `None` when it is not there.
///
/// # Errors
///
/// Whatever a call fails with; an answer that makes no file.
pub(crate) async fn read(
    context: &Context<'_>,
    asset: &AssetRef,
    environment: &Environment,
) -> Result<Option<Live>, Stop> {
    let api = context.api;
    let (kind, id) = (asset.kind, &asset.id);
    let description = match context.read(false, || api.describe(kind, id)).await {
        Ok(description) => description,
        Err(Stop::Api(error)) if error.is_not_found() => return Ok(None),
        Err(stop) => return Err(stop),
    };
    if kind == AssetKind::Analysis && description.text("Status") == Some("DELETED") {
        return Err(Stop::refused(format!(
            "{asset} is deleted, and keeps its identifier until it is gone for good: restore it, or wait"
        )));
    }
    let arn = environment.arn_of(kind, id).to_string();
    let definition = async {
        match kind {
            AssetKind::Dashboard | AssetKind::Analysis => {
                let version = description
                    .pointer("/Version/VersionNumber")
                    .and_then(Json::as_u64)
                    .map_or(VersionRef::Published, VersionRef::Number);
                let answer = context
                    .read(false, || api.definition(kind, id, version))
                    .await;
                match answer {
                    Ok(answer) => Ok(Some(answer)),
                    // It is being made, and the service does not show it before.
                    Err(Stop::Api(error)) if error.kind == ApiErrorKind::Conflict => Ok(None),
                    Err(stop) => Err(stop),
                }
            }
            _ => Ok(None),
        }
    };
    let permissions = context.read(false, || api.permissions(kind, id));
    let tags = context.read(false, || api.tags(&arn));
    let folders = async {
        match kind.folder_member_type() {
            Some(_) => context.read(false, || api.folders_of(&arn)).await,
            None => Ok(Vec::new()),
        }
    };
    let (definition, permissions, tags, folders) =
        try_join4(definition, permissions, tags, folders).await?;
    let mut answers = Answers {
        definition,
        permissions,
        tags,
        folders,
        ..Answers::default()
    };
    if kind == AssetKind::DataSet && description.text("ImportMode") == Some("SPICE") {
        answers.refresh_properties = context.read(false, || api.refresh_properties(id)).await?;
        answers.schedules = context.read(false, || api.schedules(id)).await?;
    }
    answers.description = description;
    meaning(asset, &arn, answers, environment).map(Some)
}

fn meaning(
    asset: &AssetRef,
    arn: &str,
    answers: Answers,
    environment: &Environment,
) -> Result<Live, Stop> {
    let symbols = Symbols::new(environment);
    let permissions = listed(answers.permissions.items("Permissions"));
    let sharing = answers
        .permissions
        .pointer("/LinkSharingConfiguration/Permissions");
    let link = listed(sharing.and_then(Json::as_array).unwrap_or_default());
    let links: BTreeSet<String> = texts(answers.description.items("LinkEntities"));
    let (tags, folders) = (answers.tags.clone(), answers.folders.clone());
    let name = answers
        .description
        .text("Name")
        .unwrap_or_default()
        .to_owned();
    let version = answers.description.pointer("/Version/VersionNumber");
    let version = version.and_then(Json::as_u64);

    let (file, trouble) = match normalize(asset, answers, &symbols) {
        Ok(normalized) => (Some(normalized.file), None),
        Err(NormalizeError::Broken { status, errors }) => {
            (None, Some(Trouble::Failed { status, errors }))
        }
        Err(NormalizeError::InProgress { .. } | NormalizeError::Missing { .. }) => {
            (None, Some(Trouble::InProgress))
        }
        Err(error) => return Err(Stop::refused(format!("{asset}: {error}"))),
    };
    let resolved = match &file {
        Some(file) => Some(
            file.resolve(&symbols)
                .map_err(|error| Stop::refused(format!("{asset} cannot be read back: {error}")))?,
        ),
        None => None,
    };
    let mut state = match &resolved {
        Some(resolved) => state_of(resolved),
        None => empty(asset, arn, name),
    };
    state.permissions = Some(permissions);
    state.link = Some(link);
    state.links = Some(links);
    state.tags = Some(tags);
    state.folders = Some(folders.into_iter().collect());
    let published = match trouble {
        None if asset.kind == AssetKind::Dashboard => version,
        _ => None,
    };
    Ok(Live {
        state,
        update: resolved.map_or(Json::Null, |resolved| resolved.update),
        published,
        trouble,
    })
}

fn texts(items: &[Json]) -> BTreeSet<String> {
    items
        .iter()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

fn empty(asset: &AssetRef, arn: &str, name: String) -> State {
    State {
        asset: asset.clone(),
        arn: arn.to_owned(),
        name,
        description: None,
        theme: None,
        publish_options: None,
        secret: None,
        definition: Json::Object(Object::new()),
        permissions: None,
        link: None,
        tags: None,
        folders: None,
        links: None,
        refresh_properties: Some(None),
        schedules: None,
    }
}

/// Members of a Create that are parts of their own in a [`State`].
const NOT_IN_DEFINITION: [&str; 10] = [
    "Name",
    "VersionDescription",
    "ThemeArn",
    "DashboardPublishOptions",
    "Credentials",
    "Permissions",
    "Tags",
    "FolderArns",
    "LinkEntities",
    "LinkSharingConfiguration",
];

/// The parts of a file that is resolved.
pub(crate) fn state_of(resolved: &Resolved) -> State {
    let asset = resolved.asset.clone();
    let update = &resolved.update;
    let text = |name: &str| update.text(name).map(str::to_owned);
    let definition = match asset.kind {
        AssetKind::Dashboard | AssetKind::Analysis => {
            update.get("Definition").cloned().unwrap_or_default()
        }
        _ => {
            let mut create = resolved.create.clone();
            if let Some(object) = create.as_object_mut() {
                object.retain(|name, _| !NOT_IN_DEFINITION.contains(&name));
            }
            create
        }
    };
    State {
        arn: resolved.arn.clone(),
        name: resolved.name.clone(),
        description: text("VersionDescription"),
        theme: text("ThemeArn"),
        publish_options: update.get("DashboardPublishOptions").cloned(),
        secret: update
            .pointer("/Credentials/SecretArn")
            .and_then(Json::as_str)
            .map(str::to_owned),
        definition,
        permissions: resolved.permissions.clone(),
        link: resolved.link_sharing.clone(),
        tags: resolved.tags.clone(),
        folders: resolved.folders.clone(),
        links: resolved.links.clone(),
        refresh_properties: Some(resolved.refresh_properties.clone()),
        schedules: resolved.schedules.clone(),
        asset,
    }
}
