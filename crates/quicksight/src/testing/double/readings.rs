//! What tests look at. Nothing here counts as a poll.

use std::collections::{BTreeMap, BTreeSet};

use super::QuickSightDouble;
use super::journal::Call;
use super::permissions;
use super::state::Kind;

impl QuickSightDouble {
    /// The ARN an asset has, or would have.
    #[must_use]
    pub fn arn(&self, kind: Kind, id: &str) -> String {
        self.state().arn(kind, id)
    }

    /// The ids of all assets of a kind.
    #[must_use]
    pub fn ids(&self, kind: Kind) -> Vec<String> {
        let state = self.state();
        match kind {
            Kind::Dashboard => state.dashboards.keys().cloned().collect(),
            Kind::Analysis => state.analyses.keys().cloned().collect(),
            Kind::DataSet => state.data_sets.keys().cloned().collect(),
            Kind::DataSource => state.data_sources.keys().cloned().collect(),
            Kind::Theme => state.themes.keys().cloned().collect(),
            Kind::Folder => state.folders.keys().cloned().collect(),
            Kind::VpcConnection => state.vpc_connections.keys().cloned().collect(),
        }
    }

    /// The number of the version of a dashboard that readers see.
    #[must_use]
    pub fn published_version(&self, dashboard: &str) -> Option<u64> {
        self.state().dashboards.get(dashboard)?.published
    }

    /// The numbers and statuses of a dashboard's versions.
    #[must_use]
    pub fn versions(&self, dashboard: &str) -> BTreeMap<u64, String> {
        let state = self.state();
        let versions = state
            .dashboards
            .get(dashboard)
            .map(|dashboard| &dashboard.versions);
        versions
            .into_iter()
            .flatten()
            .map(|(number, version)| (*number, version.progress.status(None)))
            .collect()
    }

    /// The text of the definition of a dashboard's version, as it was sent.
    #[must_use]
    pub fn definition(&self, dashboard: &str, version: u64) -> Option<String> {
        let state = self.state();
        let version = state.dashboards.get(dashboard)?.versions.get(&version)?;
        Some(version.content.definition.clone())
    }

    /// The name of an asset; `None` where there is no such asset.
    #[must_use]
    pub fn name(&self, kind: Kind, id: &str) -> Option<String> {
        Some(self.state().common(kind, id)?.name.clone())
    }

    /// The actions by principal of an asset.
    #[must_use]
    pub fn permissions(&self, kind: Kind, id: &str) -> BTreeMap<String, BTreeSet<String>> {
        self.state()
            .common(kind, id)
            .map(|common| common.grants.clone())
            .unwrap_or_default()
    }

    /// The actions by namespace of a dashboard's link.
    #[must_use]
    pub fn link_permissions(&self, dashboard: &str) -> BTreeMap<String, BTreeSet<String>> {
        self.state()
            .dashboards
            .get(dashboard)
            .map(|dashboard| dashboard.links.clone())
            .unwrap_or_default()
    }

    /// The ARNs of a dashboard's linked analyses.
    #[must_use]
    pub fn linked_entities(&self, dashboard: &str) -> Vec<String> {
        self.state()
            .dashboards
            .get(dashboard)
            .map(|dashboard| dashboard.link_entities.clone())
            .unwrap_or_default()
    }

    /// The tags of an asset.
    #[must_use]
    pub fn tags(&self, kind: Kind, id: &str) -> BTreeMap<String, String> {
        self.state()
            .common(kind, id)
            .map(|common| common.tags.clone())
            .unwrap_or_default()
    }

    /// The ids of the folders an asset is in.
    #[must_use]
    pub fn folders_of(&self, kind: Kind, id: &str) -> BTreeSet<String> {
        let member = (kind, id.to_owned());
        let state = self.state();
        let holders = state
            .folders
            .iter()
            .filter(|(_, folder)| folder.members.contains(&member));
        holders.map(|(folder, _)| folder.clone()).collect()
    }

    /// Ids and statuses of a data set's ingestions, oldest first.
    #[must_use]
    pub fn ingestions(&self, data_set: &str) -> Vec<(String, String)> {
        self.state()
            .data_sets
            .get(data_set)
            .map(|data_set| data_set.ingestions.statuses())
            .unwrap_or_default()
    }

    /// The actions of a viewer or user of a kind of asset.
    #[must_use]
    pub fn viewer_actions(kind: Kind) -> Vec<String> {
        permissions::viewer_actions(kind)
    }

    /// The actions of an owner of a kind of asset.
    #[must_use]
    pub fn owner_actions(kind: Kind) -> Vec<String> {
        permissions::owner_actions(kind)
    }

    /// All calls so far, or since [`forget_calls`](Self::forget_calls).
    #[must_use]
    pub fn calls(&self) -> Vec<Call> {
        self.state().journal.calls.clone()
    }

    /// The calls of one operation.
    #[must_use]
    pub fn calls_of(&self, operation: &str) -> Vec<Call> {
        let calls = self.calls();
        calls
            .into_iter()
            .filter(|call| call.operation == operation)
            .collect()
    }

    /// The calls of operations that change something, whether they did or not.
    #[must_use]
    pub fn writes(&self) -> Vec<Call> {
        self.calls()
            .into_iter()
            .filter(|call| call.is_write)
            .collect()
    }

    /// How often each operation was called.
    #[must_use]
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for call in self.calls() {
            *counts.entry(call.operation).or_default() += 1;
        }
        counts
    }

    /// Begins the journal anew. Numbers go on.
    pub fn forget_calls(&self) {
        self.state().journal.calls.clear();
    }
}
