//! `Search…`: filters in the body, and pages in the body too.

use serde_json::Value;

use super::permissions::owner_actions;
use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Common, Kind, State};
use super::{analysis, dashboard, dataset, datasource, folder};

/// What one filter asks.
struct Filter<'a> {
    name: &'a str,
    is_like: bool,
    value: &'a str,
}

fn filters(input: &Input) -> Result<Vec<Filter<'_>>, ServiceError> {
    input
        .list("Filters")
        .iter()
        .map(|filter| {
            if filter.get("Name").is_none() || filter.get("Value").is_none() {
                return Err(ServiceError::invalid(
                    "Filters: a filter has a name and a value",
                ));
            }
            let filter = Filter {
                name: filter
                    .get("Name")
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
                is_like: filter.get("Operator").and_then(Value::as_str) == Some("StringLike"),
                value: filter
                    .get("Value")
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            };
            if filter.is_like && !filter.name.ends_with("_NAME") {
                return Err(ServiceError::invalid(format!(
                    "Filters: {} needs StringEquals",
                    filter.name
                )));
            }
            if !filter.is_like && matches!(filter.name, "DATASET_NAME" | "DATASOURCE_NAME") {
                return Err(ServiceError::invalid(format!(
                    "Filters: {} needs StringLike",
                    filter.name
                )));
            }
            Ok(filter)
        })
        .collect()
}

fn meets(kind: Kind, common: &Common, parent: Option<&str>, filter: &Filter<'_>) -> bool {
    let owner: usize = owner_actions(kind).len();
    let owns = |principal: &str| {
        common
            .grants
            .get(principal)
            .is_some_and(|actions| actions.len() > owner / 2)
    };
    match filter.name {
        name if name.ends_with("_NAME") && filter.is_like => common.name.contains(filter.value),
        name if name.ends_with("_NAME") => common.name == filter.value,
        "PARENT_FOLDER_ARN" => parent == Some(filter.value),
        name if name.ends_with("SOLE_OWNER") => {
            let owners = common
                .grants
                .keys()
                .filter(|principal| owns(principal))
                .count();
            owners == 1 && owns(filter.value)
        }
        name if name.ends_with("VIEWER_OR_OWNER") || name == "QUICKSIGHT_USER" => {
            common.grants.contains_key(filter.value)
        }
        _ => owns(filter.value),
    }
}

/// One page of what meets all filters.
pub(super) fn search(state: &mut State, kind: Kind, input: &Input) -> Result<Reply, ServiceError> {
    let filters = filters(input)?;
    let meet = |common: &Common, parent: Option<&str>| {
        filters
            .iter()
            .all(|filter| meets(kind, common, parent, filter))
    };
    let (list, all): (&str, Vec<Object>) = match kind {
        Kind::Dashboard => {
            let found = state
                .dashboards
                .iter()
                .filter(|(_, asset)| meet(&asset.common, None));
            (
                "DashboardSummaryList",
                found
                    .map(|(id, asset)| dashboard::summary(state, id, asset))
                    .collect(),
            )
        }
        Kind::Analysis => {
            let found = state
                .analyses
                .iter()
                .filter(|(_, asset)| meet(&asset.common, None));
            (
                "AnalysisSummaryList",
                found
                    .map(|(id, asset)| analysis::summary(state, id, asset))
                    .collect(),
            )
        }
        Kind::DataSet => {
            let found = state
                .data_sets
                .iter()
                .filter(|(_, asset)| meet(&asset.common, None));
            (
                "DataSetSummaries",
                found
                    .map(|(id, asset)| dataset::summary(state, id, asset))
                    .collect(),
            )
        }
        Kind::DataSource => {
            let found = state
                .data_sources
                .iter()
                .filter(|(_, asset)| meet(&asset.common, None));
            (
                "DataSourceSummaries",
                found
                    .map(|(id, asset)| datasource::summary(state, id, asset))
                    .collect(),
            )
        }
        _ => {
            let found = state.folders.iter().filter(|(_, asset)| {
                let parent = asset.parent().map(|parent| state.arn(Kind::Folder, parent));
                meet(&asset.common, parent.as_deref())
            });
            (
                "FolderSummaryList",
                found
                    .map(|(id, asset)| folder::summary(state, id, asset))
                    .collect(),
            )
        }
    };
    let asked: Vec<String> = filters
        .iter()
        .map(|filter| format!("{}={}", filter.name, filter.value))
        .collect();
    let all = all.iter().map(Object::to_string).collect();
    let page = state.page(&format!("Search {list} {}", asked.join(" ")), input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list(list, page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}
