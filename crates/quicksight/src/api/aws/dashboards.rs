//! What only dashboards have.

use async_trait::async_trait;

use super::{
    AwsQuickSight,
    assets::{PAGE, receipt, subject, version_number},
    call, pages,
};
use crate::{
    api::{ApiError, Dashboards, Receipt, VersionSummary},
    id::{AssetId, AssetKind},
    json::Json,
};

#[async_trait]
impl Dashboards for AwsQuickSight {
    async fn versions(&self, id: &AssetId) -> Result<Vec<VersionSummary>, ApiError> {
        const OPERATION: &str = "ListDashboardVersions";
        let subject = subject(AssetKind::Dashboard, id);
        let page = async |token| {
            let request = self
                .client
                .list_dashboard_versions()
                .aws_account_id(&self.account)
                .dashboard_id(id.as_str())
                .set_next_token(token)
                .max_results(PAGE);
            call!("ListDashboardVersions", subject, request)
        };
        let listed = pages::all(OPERATION, "DashboardVersionSummaryList", page).await?;
        let mut versions = listed
            .into_iter()
            .map(|item| {
                VersionSummary::from_json(item).ok_or_else(|| {
                    ApiError::malformed(OPERATION, &subject, "a version without a number")
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        // The service promises no order, and pages may overlap while it changes.
        versions.sort_by_key(|version| version.version);
        versions.dedup_by_key(|version| version.version);
        Ok(versions)
    }

    async fn publish(&self, id: &AssetId, version: u64) -> Result<Receipt, ApiError> {
        let subject = format!("version {version} of dashboard `{id}`");
        let number = version_number("UpdateDashboardPublishedVersion", &subject, version)?;
        let request = self
            .client
            .update_dashboard_published_version()
            .aws_account_id(&self.account)
            .dashboard_id(id.as_str())
            .version_number(number);
        call!("UpdateDashboardPublishedVersion", subject, request).map(receipt)
    }

    async fn delete_version(&self, id: &AssetId, version: u64) -> Result<Receipt, ApiError> {
        let subject = format!("version {version} of dashboard `{id}`");
        let number = version_number("DeleteDashboard", &subject, version)?;
        let request = self
            .client
            .delete_dashboard()
            .aws_account_id(&self.account)
            .dashboard_id(id.as_str())
            .version_number(number);
        call!("DeleteDashboard", subject, request).map(receipt)
    }

    async fn set_links(&self, id: &AssetId, arns: &[String]) -> Result<Receipt, ApiError> {
        let links = arns.iter().map(String::as_str);
        let body = Json::object([("LinkEntities", Json::array(links))]);
        let request = self
            .client
            .update_dashboard_links()
            .aws_account_id(&self.account)
            .dashboard_id(id.as_str());
        let subject = subject(AssetKind::Dashboard, id);
        call!("UpdateDashboardLinks", subject, request, Some(&body)).map(receipt)
    }
}
