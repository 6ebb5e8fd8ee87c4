//! What changes dashboards.

use std::collections::BTreeMap;

use super::super::definition::{self, Content};
use super::super::options::NameShows;
use super::super::permissions;
use super::super::progress::{AssetError, Phase, Progress};
use super::super::protocol::{Input, Object, Reply, ServiceError};
use super::super::state::{Common, Kind, State};
use super::super::{folder, tags};
use super::{Dashboard, Version, find};

/// Most versions of a dashboard. The service's own limit is not documented; nobody should come near.
const MOST_VERSIONS: usize = 1000;

fn version(
    state: &mut State,
    id: &str,
    input: &Input,
    phase: Phase,
    content: Content,
    mut errors: Vec<AssetError>,
) -> Version {
    if let Some(failure) = state.planned_failure(Kind::Dashboard, id) {
        errors.push(failure);
    }
    Version {
        name: input.must("Name").to_owned(),
        created: state.now(),
        description: input.text("VersionDescription").map(str::to_owned),
        progress: Progress::begin(phase, state.options.pace, state.now(), errors),
        content,
        publish_options: input.raw("DashboardPublishOptions").map(str::to_owned),
    }
}

fn answer(state: &State, id: &str, number: u64) -> Result<Object, ServiceError> {
    let arn = state.arn(Kind::Dashboard, id);
    let progress = find(state, id)?
        .versions
        .get(&number)
        .map(|version| &version.progress);
    let status = progress.map(|progress| progress.status(state.options.unknown_status.as_deref()));
    Ok(Object::new()
        .text("Arn", &arn)
        .text("VersionArn", &format!("{arn}/version/{number}"))
        .text("DashboardId", id)
        .maybe_text("CreationStatus", status.as_deref()))
}

/// The linked analyses must exist.
fn link_entities(state: &State, input: &Input) -> Result<Vec<String>, ServiceError> {
    let arns = input.texts("LinkEntities");
    for arn in &arns {
        match state.parse_arn(arn) {
            Some((Kind::Analysis, id)) if state.analyses.contains_key(&id) => {}
            _ => {
                return Err(ServiceError::invalid(format!(
                    "LinkEntities: {arn} is no analysis of this account"
                )));
            }
        }
    }
    Ok(arns.into_iter().map(str::to_owned).collect())
}

pub(crate) fn create(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DashboardId");
    state.must_be_new(Kind::Dashboard, id)?;
    let mut common = Common::new(input.must("Name"), state.now());
    common.grants = permissions::of_creation(state, Kind::Dashboard, input)?;
    common.tags = tags::of_creation(input)?;
    let links = permissions::links_of_creation(state, input)?;
    let link_entities = link_entities(state, input)?;
    let folders = folder::of_creation(state, input)?;
    let (content, errors) = definition::content(state, input)?;
    let version = version(state, id, input, Phase::Creation, content, errors);
    let dashboard = Dashboard {
        common,
        versions: BTreeMap::from([(1, version)]),
        last_number: 1,
        published: None,
        published_at: None,
        links,
        link_entities,
    };
    state.dashboards.insert(id.to_owned(), dashboard);
    folder::join(state, &folders, Kind::Dashboard, id);
    Ok(Reply::with_status(202, answer(state, id, 1)?))
}

pub(crate) fn update(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DashboardId");
    state.must_exist(Kind::Dashboard, id)?;
    state.must_rest(Kind::Dashboard, id)?;
    if find(state, id)?.versions.len() >= MOST_VERSIONS {
        return Err(ServiceError::limit(
            "DASHBOARD",
            format!("dashboard {id} has {MOST_VERSIONS} versions"),
        ));
    }
    let mut versions = find(state, id)?.versions.values();
    let never_was = versions.all(|version| !version.progress.is_successful());
    if never_was && !state.options.failed_creations_take_updates {
        return Err(ServiceError::invalid(format!(
            "dashboard {id} was never created"
        )));
    }
    let (content, errors) = definition::content(state, input)?;
    let phase = if state.options.update_statuses {
        Phase::Update
    } else {
        Phase::Creation
    };
    let mut version = version(state, id, input, phase, content, errors);
    if state.options.publish_options_survive && version.publish_options.is_none() {
        let before = find(state, id)?.versions.values().next_back();
        version.publish_options = before.and_then(|before| before.publish_options.clone());
    }
    let (now, shows) = (state.now(), state.options.name_shows);
    let mut number = 0;
    if let Some(dashboard) = state.dashboards.get_mut(id) {
        dashboard.last_number += 1;
        number = dashboard.last_number;
        dashboard.versions.insert(number, version);
        dashboard.common.updated = now;
        if shows == NameShows::AtUpdate {
            input.must("Name").clone_into(&mut dashboard.common.name);
        }
    }
    Ok(Reply::with_status(202, answer(state, id, number)?).showing_status())
}

/// Publishes a good version; one in progress is a conflict, a failed one is refused for good.
pub(crate) fn publish(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DashboardId");
    let number = input.number("VersionNumber").unwrap_or_default();
    let version = find(state, id)?.versions.get(&number);
    let Some(version) = version else {
        return Err(ServiceError::not_found(
            "DASHBOARD_VERSION",
            &format!("{id} version {number}"),
        ));
    };
    state.must_rest(Kind::Dashboard, id)?;
    if !version.progress.is_successful() {
        return Err(ServiceError::invalid(format!(
            "version {number} of dashboard {id} failed and cannot be published"
        )));
    }
    let (now, shows) = (state.now(), state.options.name_shows);
    if let Some(dashboard) = state.dashboards.get_mut(id) {
        dashboard.publish(number, now, shows);
    }
    let arn = state.arn(Kind::Dashboard, id);
    Ok(Reply::ok(
        Object::new()
            .text("DashboardId", id)
            .text("DashboardArn", &arn),
    ))
}

/// Removes one version, or the whole dashboard where no version is named.
///
/// The published version and the only one stay: whether the service would remove them is not documented.
pub(crate) fn delete(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DashboardId");
    state.must_exist(Kind::Dashboard, id)?;
    state.must_rest(Kind::Dashboard, id)?;
    let arn = state.arn(Kind::Dashboard, id);
    match input.number("VersionNumber") {
        None => {
            state.dashboards.remove(id);
            folder::leave_all(state, Kind::Dashboard, id);
        }
        Some(number) => {
            let dashboard = find(state, id)?;
            if !dashboard.versions.contains_key(&number) {
                return Err(ServiceError::not_found(
                    "DASHBOARD_VERSION",
                    &format!("{id} version {number}"),
                ));
            }
            if dashboard.published == Some(number) {
                return Err(ServiceError::invalid(format!(
                    "version {number} of dashboard {id} is the published one"
                )));
            }
            if dashboard.versions.len() == 1 {
                return Err(ServiceError::invalid(format!(
                    "version {number} is the only one of dashboard {id}"
                )));
            }
            if let Some(dashboard) = state.dashboards.get_mut(id) {
                dashboard.versions.remove(&number);
            }
        }
    }
    Ok(Reply::ok(
        Object::new().text("Arn", &arn).text("DashboardId", id),
    ))
}

pub(crate) fn set_links(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DashboardId");
    state.must_exist(Kind::Dashboard, id)?;
    state.must_rest(Kind::Dashboard, id)?;
    let entities = link_entities(state, input)?;
    let arn = state.arn(Kind::Dashboard, id);
    let body = Object::new()
        .text("DashboardArn", &arn)
        .texts("LinkEntities", &entities);
    if let Some(dashboard) = state.dashboards.get_mut(id) {
        dashboard.link_entities = entities;
    }
    Ok(Reply::ok(body))
}
