//! Sets of actions by name.
//!
//! The service takes only certain sets together, and those have grown over the
//! years. A file says `owner`; which actions that is stands here, and an environment
//! can say otherwise. A set that has no name stays a list of actions.

use std::collections::{BTreeMap, BTreeSet};

use crate::id::AssetKind;

/// A set of actions, by name or one by one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a file has these two ways to say it"
)]
pub enum Grant {
    /// The preset of this name.
    Preset(String),
    /// These actions, such as `quicksight:DescribeDashboard`.
    Actions(BTreeSet<String>),
}

/// Names of sets of actions, for each kind of asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presets(BTreeMap<AssetKind, BTreeMap<String, BTreeSet<String>>>);

impl Presets {
    /// What is built in: `viewer` and `owner` for every kind that has them.
    pub fn built_in() -> Self {
        let mut presets = Self(BTreeMap::new());
        for (kind, viewer, owner) in BUILT_IN {
            let prefixed = |actions: &[&str]| {
                actions
                    .iter()
                    .map(|action| format!("quicksight:{action}"))
                    .collect::<BTreeSet<_>>()
            };
            let viewer = prefixed(viewer);
            let owner = prefixed(owner).union(&viewer).cloned().collect();
            if !viewer.is_empty() {
                presets.set(kind, "viewer", viewer);
            }
            presets.set(kind, "owner", owner);
        }
        presets
    }

    /// Sets what a name means for a kind.
    pub fn set(&mut self, kind: AssetKind, name: impl Into<String>, actions: BTreeSet<String>) {
        self.0.entry(kind).or_default().insert(name.into(), actions);
    }

    /// The actions of a name.
    pub fn actions(&self, kind: AssetKind, name: &str) -> Option<&BTreeSet<String>> {
        self.0.get(&kind)?.get(name)
    }

    /// The names that a kind has, sorted.
    pub fn names(&self, kind: AssetKind) -> impl Iterator<Item = &str> {
        self.0
            .get(&kind)
            .into_iter()
            .flat_map(|presets| presets.keys().map(String::as_str))
    }

    /// The actions that a grant stands for; `None` for a name that is not known.
    pub fn expand(&self, kind: AssetKind, grant: &Grant) -> Option<BTreeSet<String>> {
        match grant {
            Grant::Preset(name) => self.actions(kind, name).cloned(),
            Grant::Actions(actions) => Some(actions.clone()),
        }
    }

    /// The name of exactly these actions (the first, if there are several), or the
    /// actions themselves.
    pub fn name(&self, kind: AssetKind, actions: BTreeSet<String>) -> Grant {
        let named = self.0.get(&kind).and_then(|presets| {
            presets
                .iter()
                .find_map(|(name, known)| (*known == actions).then(|| name.clone()))
        });
        named.map_or(Grant::Actions(actions), Grant::Preset)
    }

    /// Whether these actions let a principal change the asset and its permissions.
    pub fn is_owner(kind: AssetKind, actions: &BTreeSet<String>) -> bool {
        let member = kind.member();
        let needed = format!("quicksight:Update{member}Permissions");
        actions.contains(&needed)
    }
}

impl Default for Presets {
    fn default() -> Self {
        Self::built_in()
    }
}

/// Kind, the viewer's actions, and what the owner has in addition.
const BUILT_IN: [(AssetKind, &[&str], &[&str]); 6] = [
    (
        AssetKind::Dashboard,
        &[
            "DescribeDashboard",
            "ListDashboardVersions",
            "QueryDashboard",
        ],
        &[
            "UpdateDashboard",
            "DeleteDashboard",
            "UpdateDashboardPermissions",
            "DescribeDashboardPermissions",
            "UpdateDashboardPublishedVersion",
        ],
    ),
    (
        AssetKind::DataSet,
        &[
            "DescribeDataSet",
            "DescribeDataSetPermissions",
            "PassDataSet",
            "DescribeIngestion",
            "ListIngestions",
        ],
        &[
            "UpdateDataSet",
            "DeleteDataSet",
            "CreateIngestion",
            "CancelIngestion",
            "UpdateDataSetPermissions",
            "CreateRefreshSchedule",
            "UpdateRefreshSchedule",
            "DeleteRefreshSchedule",
            "DescribeRefreshSchedule",
            "ListRefreshSchedules",
            "PutDataSetRefreshProperties",
            "DescribeDataSetRefreshProperties",
            "DeleteDataSetRefreshProperties",
        ],
    ),
    (
        AssetKind::DataSource,
        &[
            "DescribeDataSource",
            "DescribeDataSourcePermissions",
            "PassDataSource",
        ],
        &[
            "UpdateDataSource",
            "DeleteDataSource",
            "UpdateDataSourcePermissions",
        ],
    ),
    (
        AssetKind::Analysis,
        &[],
        &[
            "RestoreAnalysis",
            "UpdateAnalysisPermissions",
            "DeleteAnalysis",
            "DescribeAnalysisPermissions",
            "QueryAnalysis",
            "DescribeAnalysis",
            "UpdateAnalysis",
        ],
    ),
    (
        AssetKind::Folder,
        &["DescribeFolder"],
        &[
            "CreateFolder",
            "UpdateFolder",
            "DeleteFolder",
            "CreateFolderMembership",
            "DeleteFolderMembership",
            "DescribeFolderPermissions",
            "UpdateFolderPermissions",
        ],
    ),
    (
        AssetKind::Theme,
        &[
            "DescribeTheme",
            "DescribeThemeAlias",
            "ListThemeAliases",
            "ListThemeVersions",
        ],
        &[
            "UpdateTheme",
            "DeleteTheme",
            "CreateThemeAlias",
            "UpdateThemeAlias",
            "DeleteThemeAlias",
            "DescribeThemePermissions",
            "UpdateThemePermissions",
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_data_set_has_eighteen_actions() {
        let presets = Presets::built_in();
        let count = |kind, name| presets.actions(kind, name).map(BTreeSet::len);
        assert_eq!(count(AssetKind::DataSet, "owner"), Some(18));
        assert_eq!(count(AssetKind::Dashboard, "owner"), Some(8));
        assert_eq!(count(AssetKind::Dashboard, "viewer"), Some(3));
        assert_eq!(count(AssetKind::Analysis, "viewer"), None);
    }

    #[test]
    fn names_and_action_sets_lead_to_each_other_and_other_sets_stay_lists() {
        let presets = Presets::built_in();
        for kind in AssetKind::ALL {
            for name in presets.names(kind) {
                let actions = presets.actions(kind, name).unwrap().clone();
                assert_eq!(
                    presets.name(kind, actions.clone()),
                    Grant::Preset(name.to_owned())
                );
                assert_eq!(
                    Presets::is_owner(kind, &actions),
                    name == "owner",
                    "{kind} {name}"
                );
            }
        }
        // The ten actions of an owner before 2023.
        let mut old = presets
            .actions(AssetKind::DataSet, "owner")
            .unwrap()
            .clone();
        old.retain(|action| !action.contains("Refresh"));
        assert_eq!(old.len(), 10);
        assert_eq!(
            presets.name(AssetKind::DataSet, old.clone()),
            Grant::Actions(old)
        );
    }

    #[test]
    fn an_environment_can_say_what_a_name_means() {
        let mut presets = Presets::built_in();
        let actions = BTreeSet::from(["quicksight:DescribeDashboard".to_owned()]);
        presets.set(AssetKind::Dashboard, "peeper", actions.clone());
        assert_eq!(
            presets.name(AssetKind::Dashboard, actions),
            Grant::Preset("peeper".to_owned())
        );
    }
}
