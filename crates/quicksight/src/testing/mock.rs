//! A mock for tests that set expectations call by call.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::{
    api::{
        Access, ApiError, Assets, Created, Dashboards, Deletion, IngestionPage, Page, PageToken,
        PermissionChange, Receipt, RefreshKind, Refreshing, VersionRef, VersionSummary,
    },
    id::{AssetId, AssetKind},
    json::Json,
};

mockall::mock! {
    /// A [`QuickSight`](crate::QuickSight) whose every call must be expected (`mockall`).
    #[derive(Debug)]
    pub QuickSight {}

    #[async_trait]
    impl Assets for QuickSight {
        async fn list(&self, kind: AssetKind, page: Option<PageToken>) -> Result<Page, ApiError>;
        async fn describe(&self, kind: AssetKind, id: &AssetId) -> Result<Json, ApiError>;
        async fn describe_version(&self, dashboard: &AssetId, version: u64) -> Result<Json, ApiError>;
        async fn definition(&self, kind: AssetKind, id: &AssetId, version: VersionRef) -> Result<Json, ApiError>;
        async fn create(&self, kind: AssetKind, id: &AssetId, body: &Json) -> Result<Created, ApiError>;
        async fn update(&self, kind: AssetKind, id: &AssetId, body: &Json) -> Result<Created, ApiError>;
        async fn delete(&self, kind: AssetKind, id: &AssetId, deletion: Deletion) -> Result<Receipt, ApiError>;
    }

    #[async_trait]
    impl Access for QuickSight {
        async fn permissions(&self, kind: AssetKind, id: &AssetId) -> Result<Json, ApiError>;
        async fn update_permissions(&self, kind: AssetKind, id: &AssetId, change: &PermissionChange) -> Result<Receipt, ApiError>;
        async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, ApiError>;
        async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<Receipt, ApiError>;
        async fn untag(&self, arn: &str, keys: &[String]) -> Result<Receipt, ApiError>;
        async fn folders_of(&self, arn: &str) -> Result<Vec<String>, ApiError>;
        async fn join_folder(&self, folder: &AssetId, kind: AssetKind, member: &AssetId) -> Result<Receipt, ApiError>;
        async fn leave_folder(&self, folder: &AssetId, kind: AssetKind, member: &AssetId) -> Result<Receipt, ApiError>;
    }

    #[async_trait]
    impl Dashboards for QuickSight {
        async fn versions(&self, id: &AssetId) -> Result<Vec<VersionSummary>, ApiError>;
        async fn publish(&self, id: &AssetId, version: u64) -> Result<Receipt, ApiError>;
        async fn delete_version(&self, id: &AssetId, version: u64) -> Result<Receipt, ApiError>;
        async fn set_links(&self, id: &AssetId, arns: &[String]) -> Result<Receipt, ApiError>;
    }

    #[async_trait]
    impl Refreshing for QuickSight {
        async fn refresh_properties(&self, id: &AssetId) -> Result<Option<Json>, ApiError>;
        async fn put_refresh_properties(&self, id: &AssetId, properties: &Json) -> Result<Receipt, ApiError>;
        async fn delete_refresh_properties(&self, id: &AssetId) -> Result<Receipt, ApiError>;
        async fn schedules(&self, id: &AssetId) -> Result<Vec<Json>, ApiError>;
        async fn create_schedule(&self, id: &AssetId, schedule: &Json) -> Result<Receipt, ApiError>;
        async fn update_schedule(&self, id: &AssetId, schedule: &Json) -> Result<Receipt, ApiError>;
        async fn delete_schedule(&self, id: &AssetId, schedule_id: &str) -> Result<Receipt, ApiError>;
        async fn ingestion(&self, id: &AssetId, ingestion_id: &str) -> Result<Json, ApiError>;
        async fn ingestions(&self, id: &AssetId) -> Result<Vec<Json>, ApiError>;
        async fn ingestions_page(&self, id: &AssetId, page: Option<PageToken>) -> Result<IngestionPage, ApiError>;
        async fn start_ingestion(&self, id: &AssetId, ingestion_id: &str, kind: RefreshKind) -> Result<Receipt, ApiError>;
        async fn cancel_ingestion(&self, id: &AssetId, ingestion_id: &str) -> Result<Receipt, ApiError>;
    }
}
