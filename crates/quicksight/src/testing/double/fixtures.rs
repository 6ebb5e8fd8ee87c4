//! Assets that tests put in place without a request.

use std::collections::BTreeMap;

use super::analysis::Analysis;
use super::dashboard::Dashboard;
use super::dataset::DataSet;
use super::datasource::DataSource;
use super::definition::Content;
use super::folder::Folder;
use super::protocol::Object;
use super::state::{Common, Kind, State};
use super::theme::Theme;
use super::vpc::VpcConnection;

pub(super) fn add_data_source(state: &mut State, id: &str) -> String {
    let common = Common::new(id, state.now());
    state
        .data_sources
        .insert(id.to_owned(), DataSource::ready(common));
    state.arn(Kind::DataSource, id)
}

pub(super) fn add_vpc_connection(state: &mut State, id: &str) -> String {
    let common = Common::new(id, state.now());
    state
        .vpc_connections
        .insert(id.to_owned(), VpcConnection { common });
    state.arn(Kind::VpcConnection, id)
}

pub(super) fn add_dashboard(state: &mut State, id: &str, name: &str, definition: &str) -> String {
    let common = Common::new(name, state.now());
    state.dashboards.insert(
        id.to_owned(),
        Dashboard::ready(common, Content::unseen(definition)),
    );
    state.arn(Kind::Dashboard, id)
}

pub(super) fn add_analysis(state: &mut State, id: &str, name: &str, definition: &str) -> String {
    let common = Common::new(name, state.now());
    state.analyses.insert(
        id.to_owned(),
        Analysis::ready(common, Content::unseen(definition)),
    );
    state.arn(Kind::Analysis, id)
}

pub(super) fn add_theme(state: &mut State, id: &str, name: &str) -> String {
    let common = Common::new(name, state.now());
    state.themes.insert(id.to_owned(), Theme::ready(common));
    state.arn(Kind::Theme, id)
}

pub(super) fn add_folder(state: &mut State, id: &str, name: &str) -> String {
    let common = Common::new(name, state.now());
    state.folders.insert(id.to_owned(), Folder::ready(common));
    state.arn(Kind::Folder, id)
}

pub(super) fn add_data_set(
    state: &mut State,
    id: &str,
    columns: &[&str],
    is_spice: bool,
) -> String {
    if !state.data_sources.contains_key("warehouse") {
        add_data_source(state, "warehouse");
    }
    let columns: Vec<(String, String)> = columns
        .iter()
        .map(|column| column.split_once(':').unwrap_or((column, "STRING")))
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect();
    let inputs = columns
        .iter()
        .map(|(name, kind)| Object::new().text("Name", name).text("Type", kind));
    let table = Object::new()
        .text("DataSourceArn", &state.arn(Kind::DataSource, "warehouse"))
        .text("Schema", "main")
        .text("Name", id)
        .list("InputColumns", inputs);
    let tables = Object::new().object("table", Object::new().object("RelationalTable", table));
    let mode = if is_spice { "SPICE" } else { "DIRECT_QUERY" };
    let members = BTreeMap::from([
        ("PhysicalTableMap".to_owned(), tables.to_string()),
        ("ImportMode".to_owned(), format!("\"{mode}\"")),
    ]);
    let common = Common::new(id, state.now());
    state.data_sets.insert(
        id.to_owned(),
        DataSet::new(common, members, is_spice, columns),
    );
    state.arn(Kind::DataSet, id)
}

pub(super) fn build_data_set_on(state: &mut State, id: &str, others: &[&str]) {
    let mut tables = Object::new();
    for other in others {
        let source = Object::new().text("DataSetArn", &state.arn(Kind::DataSet, other));
        let table = Object::new().text("Alias", other).object("Source", source);
        tables = tables.object(other, table);
    }
    if let Some(data_set) = state.data_sets.get_mut(id) {
        data_set.set_member("LogicalTableMap", tables.to_string());
    }
}

pub(super) fn show_on_dashboard(state: &mut State, id: &str, data_sets: &[&str]) {
    let arns = data_sets
        .iter()
        .map(|data_set| state.arn(Kind::DataSet, data_set))
        .collect();
    let dashboard = state.dashboards.get_mut(id);
    let version = dashboard.and_then(|dashboard| {
        let published = dashboard.published?;
        dashboard.versions.get_mut(&published)
    });
    if let Some(version) = version {
        version.content.data_set_arns = arns;
    }
}
