//! The edge of the world: what this crate needs from QuickSight.
//!
//! Four small traits over JSON documents, for one account and region. Documents are
//! those of the service, unknown members and values included; what they mean is the
//! business of the rooms behind. An implementation makes one call of the service per
//! page or call here, retries what is throttled or broken in transit, and nothing
//! else.

#[cfg(feature = "aws")]
mod aws;
mod error;
mod types;

use std::{collections::BTreeMap, fmt::Debug};

use async_trait::async_trait;

#[cfg(feature = "aws")]
pub use self::aws::AwsQuickSight;
pub use self::{
    error::{ApiError, ApiErrorKind, DefinitionError},
    types::{
        Created, Deletion, IngestionPage, Page, PageToken, PermissionChange, Receipt, RefreshKind,
        ResourcePermission, ResourceStatus, Summary, VersionRef, VersionSummary,
    },
};
use crate::{
    id::{AssetId, AssetKind},
    json::Json,
};

/// Assets themselves.
///
/// # Cancel safety
///
/// A dropped future may or may not have had its effect, as with any request over a
/// network. This holds for every trait of this module.
#[async_trait]
pub trait Assets: Send + Sync + Debug {
    /// Lists one page of the assets of a kind; `None` is the first page. Analyses
    /// which are deleted but can be restored are listed, with their status. Of themes
    /// only those of the account are listed.
    ///
    /// See [`list_all`] for all pages.
    async fn list(&self, kind: AssetKind, page: Option<PageToken>) -> Result<Page, ApiError>;

    /// Describes an asset: the member `Dashboard`, `DataSet`, … of the answer.
    ///
    /// Of a dashboard this is the **published** version, of a theme the latest.
    async fn describe(&self, kind: AssetKind, id: &AssetId) -> Result<Json, ApiError>;

    /// Describes one version of a dashboard: the member `Dashboard` of the answer.
    /// This is what to wait on after an update.
    async fn describe_version(&self, dashboard: &AssetId, version: u64) -> Result<Json, ApiError>;

    /// Reads the definition of a dashboard or an analysis: the whole answer
    /// (`Definition`, `Name`, `ThemeArn`, `DashboardPublishOptions`, `ResourceStatus`,
    /// `Errors`). An answer with `Errors` is not an error of this call. An analysis
    /// has no versions: `version` is not looked at.
    ///
    /// # Errors
    ///
    /// [`ApiErrorKind::Unsupported`] for kinds that have no definition.
    async fn definition(
        &self,
        kind: AssetKind,
        id: &AssetId,
        version: VersionRef,
    ) -> Result<Json, ApiError>;

    /// Creates an asset with a body as the service's Create operation takes it,
    /// without the identifier and the account: those are added. The service goes on
    /// after the answer; see [`wait`](crate::wait).
    async fn create(&self, kind: AssetKind, id: &AssetId, body: &Json)
    -> Result<Created, ApiError>;

    /// Updates an asset, as [`create`](Assets::create). What the body leaves out is
    /// taken away or set to its default by the service. The new version of a
    /// dashboard is not published.
    async fn update(&self, kind: AssetKind, id: &AssetId, body: &Json)
    -> Result<Created, ApiError>;

    /// Deletes a whole asset, with all its versions.
    async fn delete(
        &self,
        kind: AssetKind,
        id: &AssetId,
        deletion: Deletion,
    ) -> Result<Receipt, ApiError>;
}

/// Who may use an asset, its tags, and the folders it is in.
#[async_trait]
pub trait Access: Send + Sync + Debug {
    /// Reads the permissions: the whole answer (`Permissions`, of dashboards also
    /// `LinkSharingConfiguration`), all pages in one.
    async fn permissions(&self, kind: AssetKind, id: &AssetId) -> Result<Json, ApiError>;

    /// Grants and revokes, in one call. An empty change makes no call.
    ///
    /// # Errors
    ///
    /// [`ApiErrorKind::Unsupported`] for a change of link sharing of anything but
    /// a dashboard.
    async fn update_permissions(
        &self,
        kind: AssetKind,
        id: &AssetId,
        change: &PermissionChange,
    ) -> Result<Receipt, ApiError>;

    /// Reads the tags of the asset with this ARN.
    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, ApiError>;

    /// Sets tags, those already there to new values.
    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<Receipt, ApiError>;

    /// Takes tags away, by key.
    async fn untag(&self, arn: &str, keys: &[String]) -> Result<Receipt, ApiError>;

    /// Lists the ARNs of the folders that hold the asset with this ARN, of all pages.
    async fn folders_of(&self, arn: &str) -> Result<Vec<String>, ApiError>;

    /// Puts an asset into a folder.
    ///
    /// # Errors
    ///
    /// [`ApiErrorKind::Unsupported`] for kinds that cannot be in a folder.
    async fn join_folder(
        &self,
        folder: &AssetId,
        kind: AssetKind,
        member: &AssetId,
    ) -> Result<Receipt, ApiError>;

    /// Takes an asset out of a folder; errors as [`join_folder`](Access::join_folder).
    async fn leave_folder(
        &self,
        folder: &AssetId,
        kind: AssetKind,
        member: &AssetId,
    ) -> Result<Receipt, ApiError>;
}

/// What only dashboards have.
#[async_trait]
pub trait Dashboards: Send + Sync + Debug {
    /// Lists all versions, of all pages, the oldest first.
    async fn versions(&self, id: &AssetId) -> Result<Vec<VersionSummary>, ApiError>;

    /// Makes a version the one that readers see.
    async fn publish(&self, id: &AssetId, version: u64) -> Result<Receipt, ApiError>;

    /// Deletes one version, never the dashboard. Version 0, which no dashboard has,
    /// is refused before any call.
    async fn delete_version(&self, id: &AssetId, version: u64) -> Result<Receipt, ApiError>;

    /// Replaces the analyses that the dashboard is linked to, by their ARNs; none
    /// takes all links away.
    async fn set_links(&self, id: &AssetId, arns: &[String]) -> Result<Receipt, ApiError>;
}

/// How data sets in SPICE get new data.
#[async_trait]
pub trait Refreshing: Send + Sync + Debug {
    /// Reads the refresh properties: the member `DataSetRefreshProperties`; `None`
    /// when the data set has none. Not to be called for data sets that query
    /// directly, for which the service answers with an error.
    async fn refresh_properties(&self, id: &AssetId) -> Result<Option<Json>, ApiError>;

    /// Sets the refresh properties.
    async fn put_refresh_properties(
        &self,
        id: &AssetId,
        properties: &Json,
    ) -> Result<Receipt, ApiError>;

    /// Takes the refresh properties away.
    async fn delete_refresh_properties(&self, id: &AssetId) -> Result<Receipt, ApiError>;

    /// Lists the refresh schedules, as the service describes them.
    async fn schedules(&self, id: &AssetId) -> Result<Vec<Json>, ApiError>;

    /// Creates a schedule; its `ScheduleId` is in it.
    async fn create_schedule(&self, id: &AssetId, schedule: &Json) -> Result<Receipt, ApiError>;

    /// Replaces the schedule of the same `ScheduleId`.
    async fn update_schedule(&self, id: &AssetId, schedule: &Json) -> Result<Receipt, ApiError>;

    /// Deletes a schedule.
    async fn delete_schedule(&self, id: &AssetId, schedule_id: &str) -> Result<Receipt, ApiError>;

    /// Describes an ingestion: the member `Ingestion` of the answer. Creating or
    /// updating a data set in SPICE starts one.
    async fn ingestion(&self, id: &AssetId, ingestion_id: &str) -> Result<Json, ApiError>;

    /// Lists the ingestions of a data set, of all pages, in the service's order.
    async fn ingestions(&self, id: &AssetId) -> Result<Vec<Json>, ApiError>;

    /// Lists one page of the ingestions of a data set; `None` is the first page. The
    /// service begins with the newest, which it does not promise.
    async fn ingestions_page(
        &self,
        id: &AssetId,
        page: Option<PageToken>,
    ) -> Result<IngestionPage, ApiError>;

    /// Starts an ingestion of a data set in SPICE, under an identifier of the caller's
    /// choice (1 to 128 letters, digits, `-` and `_`).
    ///
    /// # Errors
    ///
    /// [`ApiErrorKind::AlreadyExists`] when the data set has one of this identifier: a
    /// call that is made again after its answer was lost starts nothing twice.
    /// [`ApiErrorKind::LimitExceeded`] when the ingestions of 24 hours are used up.
    async fn start_ingestion(
        &self,
        id: &AssetId,
        ingestion_id: &str,
        kind: RefreshKind,
    ) -> Result<Receipt, ApiError>;

    /// Asks for the end of an ingestion, which comes a little later: see
    /// [`ingestion`](Refreshing::ingestion). Refused as invalid for one that is over.
    async fn cancel_ingestion(&self, id: &AssetId, ingestion_id: &str)
    -> Result<Receipt, ApiError>;
}

/// All of it. Implemented for whatever implements the four traits.
pub trait QuickSight: Assets + Access + Dashboards + Refreshing {}

impl<T: Assets + Access + Dashboards + Refreshing + ?Sized> QuickSight for T {}

/// Lists the assets of a kind, of all pages.
///
/// A page token that the service no longer knows makes it begin once more from the
/// first page, once. An asset that two pages list is listed once.
///
/// # Errors
///
/// Whatever a page fails with: never a part of the list.
pub async fn list_all(
    api: &(impl Assets + ?Sized),
    kind: AssetKind,
) -> Result<Vec<Summary>, ApiError> {
    match list_pages(api, kind).await {
        Err(error) if error.kind == ApiErrorKind::InvalidToken => {
            tracing::debug!(%kind, %error, "the listing begins again");
            list_pages(api, kind).await
        }
        done => done,
    }
}

async fn list_pages(
    api: &(impl Assets + ?Sized),
    kind: AssetKind,
) -> Result<Vec<Summary>, ApiError> {
    let mut found = BTreeMap::new();
    let mut next = None;
    let mut last: Option<PageToken> = None;
    loop {
        let page = api.list(kind, next.take()).await?;
        found.extend(page.items.into_iter().map(|item| (item.id.clone(), item)));
        let Some(token) = page.next else {
            return Ok(found.into_values().collect());
        };
        if last.as_ref() == Some(&token) {
            return Err(ApiError::malformed(
                "list",
                kind,
                "the same page token twice in a row",
            ));
        }
        last = Some(token.clone());
        next = Some(token);
    }
}
