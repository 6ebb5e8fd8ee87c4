//! How a double behaves, where the real service may do either or takes its time.

use std::time::Duration;

/// How long the service works on a creation or an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Pace {
    /// So many requests that name the asset find it in progress.
    Polls(u32),
    /// So much time passes on the double's clock.
    Time(Duration),
}

/// Where a new name shows which an update gives a dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameShows {
    /// As soon as the update is accepted.
    AtUpdate,
    /// When the version is published.
    AtPublish,
}

/// Settings of a [`QuickSightDouble`](super::QuickSightDouble). Change what matters, and leave the rest:
///
/// ```
/// use datatransit_quicksight::testing::double::DoubleOptions;
///
/// let mut options = DoubleOptions::default();
/// options.page_size = 3;
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DoubleOptions {
    /// The account, 12 digits. Default: `123456789012`.
    pub account_id: String,
    /// The region of assets. Default: `eu-west-1`.
    pub region: String,
    /// The region of users, groups and namespaces. Default: `us-east-1`.
    pub identity_region: String,
    /// The access key it takes. Default: one of its own. A program that also asks another double, which
    /// wants another key, has one key only.
    pub access_key_id: String,
    /// That key's secret, which protects nothing.
    pub secret_access_key: String,
    /// The most items on a page, even if more are asked for. Default: 100.
    pub page_size: usize,
    /// How long creations and updates take. Default: one poll.
    pub pace: Pace,
    /// The seed of what is shuffled. Default: 1.
    pub seed: u64,
    /// Whether a version made by an update is `UPDATE_…` instead of `CREATION_…`. Default: no.
    pub update_statuses: bool,
    /// When a new name of a dashboard shows. Default: [`NameShows::AtUpdate`].
    pub name_shows: NameShows,
    /// Whether an asset without a theme says that it has `CLASSIC`, instead of saying nothing. Default: yes.
    pub classic_is_told: bool,
    /// Whether the first good version of a dashboard whose creation failed is published by itself. Default: no.
    pub first_success_publishes: bool,
    /// Whether a dashboard whose only version failed takes an update. Default: yes.
    pub failed_creations_take_updates: bool,
    /// Whether an update that sends no publish options leaves those of the version before. Default: no.
    pub publish_options_survive: bool,
    /// Whether an analysis with `QueryExecutionOptions` is refused. Default: no.
    pub refuses_query_execution_options: bool,
    /// Whether only whole sets of actions are accepted. Default: yes.
    pub knows_only_sets: bool,
    /// Whether the id of an ingestion that is over may be used again. Default: no.
    pub finished_ingestion_ids_are_free: bool,
    /// Whether declared data sets which a definition does not use are an error in `STRICT` mode. Default: no.
    pub refuses_unused_identifiers: bool,
    /// Reads of a new asset that find nothing yet, as the service's copies lag. Default: 0.
    pub lagging_reads: u32,
    /// Whether requests with members which the model does not know are refused; the service ignores them. Default: yes.
    pub refuses_unknown_members: bool,
    /// Whether answers have members which no model knows. Default: no.
    pub adds_unknown_members: bool,
    /// A status that no model knows, said instead of `…_IN_PROGRESS`. Default: none.
    pub unknown_status: Option<String>,
    /// Manual ingestions of a data set within 24 hours. Default: 32.
    pub ingestion_quota: usize,
    /// Whether [`ingestion_quota`](Self::ingestion_quota) is the whole account's. Default: no.
    pub quota_is_of_account: bool,
    /// Whether signatures are verified, and not only their presence and scope. Default: yes.
    pub verifies_signatures: bool,
}

impl Default for DoubleOptions {
    fn default() -> Self {
        Self {
            account_id: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            identity_region: "us-east-1".to_owned(),
            access_key_id: super::service::ACCESS_KEY_ID.to_owned(),
            secret_access_key: super::service::SECRET_ACCESS_KEY.to_owned(),
            page_size: 100,
            pace: Pace::Polls(1),
            seed: 1,
            update_statuses: false,
            name_shows: NameShows::AtUpdate,
            classic_is_told: true,
            first_success_publishes: false,
            failed_creations_take_updates: true,
            publish_options_survive: false,
            refuses_query_execution_options: false,
            knows_only_sets: true,
            finished_ingestion_ids_are_free: false,
            refuses_unused_identifiers: false,
            lagging_reads: 0,
            refuses_unknown_members: true,
            adds_unknown_members: false,
            unknown_status: None,
            ingestion_quota: 32,
            quota_is_of_account: false,
            verifies_signatures: true,
        }
    }
}
