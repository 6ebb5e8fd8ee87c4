//! What a refresh asks of QuickSight, and nothing else.
//!
//! A trait of its own, although the traits of `datatransit-quicksight` have all of it: a
//! program that only refreshes would otherwise carry every call that changes an asset,
//! more than half of its size.

use std::{collections::BTreeMap, fmt};

use async_trait::async_trait;
use datatransit_quicksight::{
    Access, ApiError, AssetId, AssetKind, Assets, Json, Refreshing,
    api::{IngestionPage, PageToken, Receipt, RefreshKind, Summary, list_all},
};

/// What a refresh needs of QuickSight. Implemented for whatever implements the three
/// traits: [`AwsQuickSight`](datatransit_quicksight::AwsQuickSight), and the mock.
#[async_trait]
pub trait Spice: Send + Sync + fmt::Debug {
    /// Lists all data sets, of all pages.
    async fn data_sets(&self) -> Result<Vec<Summary>, ApiError>;

    /// Describes a data set: the member `DataSet` of the answer.
    async fn data_set(&self, id: &AssetId) -> Result<Json, ApiError>;

    /// Describes the published version of a dashboard: the member `Dashboard` of the answer.
    async fn dashboard(&self, id: &AssetId) -> Result<Json, ApiError>;

    /// Reads the tags of an asset.
    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, ApiError>;

    /// As [`Refreshing::ingestion`].
    async fn ingestion(&self, id: &AssetId, ingestion_id: &str) -> Result<Json, ApiError>;

    /// As [`Refreshing::ingestions_page`].
    async fn ingestions_page(
        &self,
        id: &AssetId,
        page: Option<PageToken>,
    ) -> Result<IngestionPage, ApiError>;

    /// As [`Refreshing::start_ingestion`].
    async fn start_ingestion(
        &self,
        id: &AssetId,
        ingestion_id: &str,
        kind: RefreshKind,
    ) -> Result<Receipt, ApiError>;

    /// As [`Refreshing::cancel_ingestion`].
    async fn cancel_ingestion(&self, id: &AssetId, ingestion_id: &str)
    -> Result<Receipt, ApiError>;
}

#[async_trait]
impl<T: Assets + Access + Refreshing + ?Sized> Spice for T {
    async fn data_sets(&self) -> Result<Vec<Summary>, ApiError> {
        list_all(self, AssetKind::DataSet).await
    }

    async fn data_set(&self, id: &AssetId) -> Result<Json, ApiError> {
        self.describe(AssetKind::DataSet, id).await
    }

    async fn dashboard(&self, id: &AssetId) -> Result<Json, ApiError> {
        self.describe(AssetKind::Dashboard, id).await
    }

    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        Access::tags(self, arn).await
    }

    async fn ingestion(&self, id: &AssetId, ingestion_id: &str) -> Result<Json, ApiError> {
        Refreshing::ingestion(self, id, ingestion_id).await
    }

    async fn ingestions_page(
        &self,
        id: &AssetId,
        page: Option<PageToken>,
    ) -> Result<IngestionPage, ApiError> {
        Refreshing::ingestions_page(self, id, page).await
    }

    async fn start_ingestion(
        &self,
        id: &AssetId,
        ingestion_id: &str,
        kind: RefreshKind,
    ) -> Result<Receipt, ApiError> {
        Refreshing::start_ingestion(self, id, ingestion_id, kind).await
    }

    async fn cancel_ingestion(
        &self,
        id: &AssetId,
        ingestion_id: &str,
    ) -> Result<Receipt, ApiError> {
        Refreshing::cancel_ingestion(self, id, ingestion_id).await
    }
}
