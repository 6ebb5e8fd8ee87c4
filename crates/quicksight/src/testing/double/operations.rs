//! Which room answers which operation.

use super::dataset::operations as data_set;
use super::protocol::{Input, Reply, ServiceError};
use super::state::{Kind, State};
use super::{
    analysis, dashboard, datasource, folder, identity, permissions, search, tags, theme, vpc,
};

/// The operation of a name of the catalogue.
pub(super) fn run(state: &mut State, name: &str, input: &Input) -> Result<Reply, ServiceError> {
    match name {
        "ListDashboards" => dashboard::list(state, input),
        "SearchDashboards" => search::search(state, Kind::Dashboard, input),
        "DescribeDashboard" => dashboard::describe(state, input),
        "DescribeDashboardDefinition" => dashboard::definition(state, input),
        "CreateDashboard" => dashboard::create(state, input),
        "UpdateDashboard" => dashboard::update(state, input),
        "UpdateDashboardPublishedVersion" => dashboard::publish(state, input),
        "ListDashboardVersions" => dashboard::versions(state, input),
        "DeleteDashboard" => dashboard::delete(state, input),
        "DescribeDashboardPermissions" => permissions::describe(state, Kind::Dashboard, input),
        "UpdateDashboardPermissions" => permissions::change(state, Kind::Dashboard, input),
        "UpdateDashboardLinks" => dashboard::set_links(state, input),

        "ListAnalyses" => analysis::list(state, input),
        "SearchAnalyses" => search::search(state, Kind::Analysis, input),
        "DescribeAnalysis" => analysis::describe(state, input),
        "DescribeAnalysisDefinition" => analysis::describe_definition(state, input),
        "CreateAnalysis" => analysis::create(state, input),
        "UpdateAnalysis" => analysis::update(state, input),
        "DeleteAnalysis" => analysis::delete(state, input),
        "RestoreAnalysis" => analysis::restore(state, input),
        "DescribeAnalysisPermissions" => permissions::describe(state, Kind::Analysis, input),
        "UpdateAnalysisPermissions" => permissions::change(state, Kind::Analysis, input),

        "ListThemes" => theme::list(state, input),
        "DescribeTheme" => theme::describe(state, input),
        "CreateTheme" => theme::create(state, input),
        "UpdateTheme" => theme::update(state, input),
        "DeleteTheme" => theme::delete(state, input),
        "ListThemeVersions" => theme::list_versions(state, input),
        "DescribeThemePermissions" => permissions::describe(state, Kind::Theme, input),
        "UpdateThemePermissions" => permissions::change(state, Kind::Theme, input),

        "ListDataSets" => data_set::list(state, input),
        "SearchDataSets" => search::search(state, Kind::DataSet, input),
        "DescribeDataSet" => data_set::describe(state, input),
        "CreateDataSet" => data_set::create(state, input),
        "UpdateDataSet" => data_set::update(state, input),
        "DeleteDataSet" => data_set::delete(state, input),
        "DescribeDataSetPermissions" => permissions::describe(state, Kind::DataSet, input),
        "UpdateDataSetPermissions" => permissions::change(state, Kind::DataSet, input),
        "PutDataSetRefreshProperties" => data_set::put_properties(state, input),
        "DescribeDataSetRefreshProperties" => data_set::describe_properties(state, input),
        "DeleteDataSetRefreshProperties" => data_set::delete_properties(state, input),
        "CreateRefreshSchedule" => data_set::create_schedule(state, input),
        "UpdateRefreshSchedule" => data_set::update_schedule(state, input),
        "DescribeRefreshSchedule" => data_set::describe_schedule(state, input),
        "ListRefreshSchedules" => data_set::list_schedules(state, input),
        "DeleteRefreshSchedule" => data_set::delete_schedule(state, input),
        "CreateIngestion" => data_set::ingest(state, input),
        "DescribeIngestion" => data_set::describe_ingestion(state, input),
        "ListIngestions" => data_set::list_ingestions(state, input),
        "CancelIngestion" => data_set::cancel(state, input),

        "ListDataSources" => datasource::list(state, input),
        "SearchDataSources" => search::search(state, Kind::DataSource, input),
        "DescribeDataSource" => datasource::describe(state, input),
        "CreateDataSource" => datasource::create(state, input),
        "UpdateDataSource" => datasource::update(state, input),
        "DeleteDataSource" => datasource::delete(state, input),
        "DescribeDataSourcePermissions" => permissions::describe(state, Kind::DataSource, input),
        "UpdateDataSourcePermissions" => permissions::change(state, Kind::DataSource, input),

        "ListFolders" => folder::list(state, input),
        "SearchFolders" => search::search(state, Kind::Folder, input),
        "DescribeFolder" => folder::describe(state, input),
        "CreateFolder" => folder::create(state, input),
        "UpdateFolder" => folder::update(state, input),
        "DeleteFolder" => folder::delete(state, input),
        "ListFolderMembers" => folder::list_members(state, input),
        "CreateFolderMembership" => folder::add_member(state, input),
        "DeleteFolderMembership" => folder::remove_member(state, input),
        "ListFoldersForResource" => folder::of_resource(state, input),
        "DescribeFolderPermissions" => permissions::describe(state, Kind::Folder, input),
        "UpdateFolderPermissions" => permissions::change(state, Kind::Folder, input),

        "ListTagsForResource" => tags::list(state, input),
        "TagResource" => tags::tag(state, input),
        "UntagResource" => tags::untag(state, input),

        "ListVPCConnections" => vpc::list(state, input),
        "DescribeVPCConnection" => vpc::describe(state, input),
        "ListNamespaces" => identity::list_namespaces(state, input),
        "ListUsers" => identity::list_users(state, input),
        "ListGroups" => identity::list_groups(state, input),
        "DescribeUser" => identity::describe_user(state, input),
        "DescribeGroup" => identity::describe_group(state, input),
        "DescribeAccountSubscription" => Ok(identity::account_subscription()),
        "DescribeAccountSettings" => Ok(identity::account_settings()),
        _ => Err(ServiceError::unknown_operation(format!(
            "the double has no {name}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::super::protocol::catalogue::Catalogue;

    #[test]
    fn every_operation_of_the_tables_is_answered() {
        let source = include_str!("operations.rs");
        for operation in &Catalogue::get().operations {
            assert!(
                source.contains(&format!("\"{}\" =>", operation.name)),
                "{}",
                operation.name
            );
        }
    }
}
