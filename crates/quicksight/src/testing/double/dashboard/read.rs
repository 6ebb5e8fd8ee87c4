//! What is said of dashboards.

use super::super::clock::timestamp;
use super::super::protocol::{Input, Object, Reply, ServiceError};
use super::super::state::{Kind, State};
use super::super::theme;
use super::{Dashboard, Version, find};

/// The version a request means: its number, its alias, or the published one, and the latest where none is published.
fn meant<'a>(dashboard: &'a Dashboard, input: &Input) -> Result<(u64, &'a Version), ServiceError> {
    let id = input.must("DashboardId");
    let absent = |what: &str| ServiceError::not_found("DASHBOARD_VERSION", &format!("{id} {what}"));
    let latest = dashboard.versions.keys().next_back().copied();
    let number = match (input.number("VersionNumber"), input.text("AliasName")) {
        (Some(_), Some(_)) => {
            return Err(ServiceError::invalid(
                "VersionNumber and AliasName exclude each other",
            ));
        }
        (Some(number), None) => Some(number),
        (None, Some("$LATEST")) => latest,
        (None, Some("$PUBLISHED")) => Some(
            dashboard
                .published
                .ok_or_else(|| absent("has no published version"))?,
        ),
        (None, Some(alias)) => return Err(absent(&format!("has no alias {alias}"))),
        (None, None) => dashboard.published.or(latest),
    };
    let number = number.unwrap_or_default();
    let version = dashboard
        .versions
        .get(&number)
        .ok_or_else(|| absent(&format!("version {number}")))?;
    Ok((number, version))
}

fn version(state: &State, id: &str, number: u64, version: &Version) -> Object {
    let errors = version.progress.shown_errors();
    let sheets = version.content.sheets.iter().map(|(id, name)| {
        Object::new()
            .text("SheetId", id)
            .maybe_text("Name", name.as_deref())
    });
    let mut object = Object::new()
        .raw("CreatedTime", timestamp(version.created))
        .number("VersionNumber", number)
        .text(
            "Status",
            &version
                .progress
                .status(state.options.unknown_status.as_deref()),
        )
        .text(
            "Arn",
            &format!("{}/version/{number}", state.arn(Kind::Dashboard, id)),
        )
        .texts("DataSetArns", &version.content.data_set_arns)
        .maybe_text("Description", version.description.as_deref())
        .maybe_text(
            "ThemeArn",
            theme::shown(state, version.content.theme.as_deref()).as_deref(),
        )
        .list("Sheets", sheets);
    if !errors.is_empty() {
        object = object.list("Errors", errors);
    }
    object
}

pub(crate) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DashboardId");
    let dashboard = find(state, id)?;
    let (number, found) = meant(dashboard, input)?;
    let published_at = dashboard.published_at.map(timestamp);
    let mut object = Object::new()
        .text("DashboardId", id)
        .text("Arn", &state.arn(Kind::Dashboard, id))
        .text("Name", &dashboard.common.name)
        .object("Version", version(state, id, number, found))
        .raw("CreatedTime", timestamp(dashboard.common.created))
        .maybe_raw("LastPublishedTime", published_at.as_deref())
        .raw("LastUpdatedTime", timestamp(dashboard.common.updated));
    if !dashboard.link_entities.is_empty() {
        object = object.texts("LinkEntities", &dashboard.link_entities);
    }
    Ok(Reply::ok(Object::new().object("Dashboard", object)))
}

pub(crate) fn definition(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DashboardId");
    let dashboard = find(state, id)?;
    let (_, version) = meant(dashboard, input)?;
    let errors = version.progress.shown_errors();
    let mut body = Object::new().text("DashboardId", id);
    if !errors.is_empty() {
        body = body.list("Errors", errors);
    }
    let status = version
        .progress
        .status(state.options.unknown_status.as_deref());
    Ok(Reply::ok(
        body.text("Name", &dashboard.common.name)
            .text("ResourceStatus", &status)
            .maybe_text(
                "ThemeArn",
                theme::shown(state, version.content.theme.as_deref()).as_deref(),
            )
            .raw("Definition", &version.content.definition)
            .maybe_raw(
                "DashboardPublishOptions",
                version.publish_options.as_deref(),
            ),
    ))
}

pub(crate) fn versions(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DashboardId");
    let arn = state.arn(Kind::Dashboard, id);
    let instead = state.options.unknown_status.clone();
    let mut all: Vec<String> = find(state, id)?
        .versions
        .iter()
        .map(|(number, version)| {
            Object::new()
                .text("Arn", &format!("{arn}/version/{number}"))
                .raw("CreatedTime", timestamp(version.created))
                .number("VersionNumber", number)
                .text("Status", &version.progress.status(instead.as_deref()))
                .maybe_text("Description", version.description.as_deref())
                .to_string()
        })
        .collect();
    // No order is promised.
    state.random.shuffle(&mut all);
    let page = state.page(&format!("ListDashboardVersions {id}"), input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("DashboardVersionSummaryList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

/// An entry of a list of dashboards.
pub(crate) fn summary(state: &State, id: &str, dashboard: &Dashboard) -> Object {
    let published = dashboard.published.map(|number| number.to_string());
    let published_at = dashboard.published_at.map(timestamp);
    Object::new()
        .text("Arn", &state.arn(Kind::Dashboard, id))
        .text("DashboardId", id)
        .text("Name", &dashboard.common.name)
        .raw("CreatedTime", timestamp(dashboard.common.created))
        .raw("LastUpdatedTime", timestamp(dashboard.common.updated))
        .maybe_raw("PublishedVersionNumber", published.as_deref())
        .maybe_raw("LastPublishedTime", published_at.as_deref())
}

pub(crate) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let all = state
        .dashboards
        .iter()
        .map(|(id, dashboard)| summary(state, id, dashboard).to_string())
        .collect();
    let page = state.page("ListDashboards", input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("DashboardSummaryList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}
