//! The sets of actions that the service knows, by kind of asset.

use std::collections::BTreeSet;

use super::super::state::Kind;

const DASHBOARD_VIEWER: &[&str] = &[
    "DescribeDashboard",
    "ListDashboardVersions",
    "QueryDashboard",
];
const DASHBOARD_OWNER: &[&str] = &[
    "UpdateDashboard",
    "DeleteDashboard",
    "UpdateDashboardPermissions",
    "DescribeDashboardPermissions",
    "UpdateDashboardPublishedVersion",
];
const DATA_SET_USER: &[&str] = &[
    "DescribeDataSet",
    "DescribeDataSetPermissions",
    "PassDataSet",
    "DescribeIngestion",
    "ListIngestions",
];
const DATA_SET_OWNER: &[&str] = &[
    "UpdateDataSet",
    "DeleteDataSet",
    "CreateIngestion",
    "CancelIngestion",
    "UpdateDataSetPermissions",
];
const DATA_SET_SCHEDULES: &[&str] = &[
    "CreateRefreshSchedule",
    "UpdateRefreshSchedule",
    "DeleteRefreshSchedule",
    "DescribeRefreshSchedule",
    "ListRefreshSchedules",
];
const DATA_SET_PROPERTIES: &[&str] = &[
    "PutDataSetRefreshProperties",
    "DescribeDataSetRefreshProperties",
    "DeleteDataSetRefreshProperties",
];
const DATA_SOURCE_USER: &[&str] = &[
    "DescribeDataSource",
    "DescribeDataSourcePermissions",
    "PassDataSource",
];
const DATA_SOURCE_OWNER: &[&str] = &[
    "UpdateDataSource",
    "DeleteDataSource",
    "UpdateDataSourcePermissions",
];
const ANALYSIS_OWNER: &[&str] = &[
    "RestoreAnalysis",
    "UpdateAnalysisPermissions",
    "DeleteAnalysis",
    "DescribeAnalysisPermissions",
    "QueryAnalysis",
    "DescribeAnalysis",
    "UpdateAnalysis",
];
const FOLDER_VIEWER: &[&str] = &["DescribeFolder"];
const FOLDER_OWNER: &[&str] = &[
    "CreateFolder",
    "UpdateFolder",
    "DeleteFolder",
    "CreateFolderMembership",
    "DeleteFolderMembership",
    "DescribeFolderPermissions",
    "UpdateFolderPermissions",
];
const THEME_USER: &[&str] = &[
    "DescribeTheme",
    "DescribeThemeAlias",
    "ListThemeAliases",
    "ListThemeVersions",
];
const THEME_OWNER: &[&str] = &[
    "UpdateTheme",
    "DeleteTheme",
    "CreateThemeAlias",
    "UpdateThemeAlias",
    "DeleteThemeAlias",
    "DescribeThemePermissions",
    "UpdateThemePermissions",
];

/// The sets of actions a kind of asset knows, each as parts to join.
///
/// The console made owners of data sets with 10 and with 15 actions before there were 18.
fn known_sets(kind: Kind) -> &'static [&'static [&'static [&'static str]]] {
    match kind {
        Kind::Dashboard => &[&[DASHBOARD_VIEWER], &[DASHBOARD_VIEWER, DASHBOARD_OWNER]],
        Kind::DataSet => &[
            &[DATA_SET_USER],
            &[DATA_SET_USER, DATA_SET_OWNER],
            &[DATA_SET_USER, DATA_SET_OWNER, DATA_SET_SCHEDULES],
            &[
                DATA_SET_USER,
                DATA_SET_OWNER,
                DATA_SET_SCHEDULES,
                DATA_SET_PROPERTIES,
            ],
        ],
        Kind::DataSource => &[&[DATA_SOURCE_USER], &[DATA_SOURCE_USER, DATA_SOURCE_OWNER]],
        Kind::Analysis => &[&[ANALYSIS_OWNER]],
        Kind::Folder => &[&[FOLDER_VIEWER], &[FOLDER_VIEWER, FOLDER_OWNER]],
        Kind::Theme => &[&[THEME_USER], &[THEME_USER, THEME_OWNER]],
        Kind::VpcConnection => &[],
    }
}

pub(super) fn is_known(kind: Kind, actions: &BTreeSet<String>) -> bool {
    known_sets(kind).iter().any(|parts| {
        let set: BTreeSet<String> = parts
            .iter()
            .copied()
            .flatten()
            .map(|action| format!("quicksight:{action}"))
            .collect();
        set == *actions
    })
}

/// The largest set of a kind, the owner's.
pub(crate) fn owner_actions(kind: Kind) -> Vec<String> {
    actions(known_sets(kind).last())
}

/// The smallest set of a kind, the viewer's or user's.
pub(crate) fn viewer_actions(kind: Kind) -> Vec<String> {
    actions(known_sets(kind).first())
}

fn actions(parts: Option<&&[&[&str]]>) -> Vec<String> {
    let parts = parts.into_iter().copied().flatten().copied().flatten();
    parts.map(|action| format!("quicksight:{action}")).collect()
}
