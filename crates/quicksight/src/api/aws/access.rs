//! Permissions, tags and folders.

use std::collections::BTreeMap;

use async_trait::async_trait;
use aws_sdk_quicksight::types::MemberType;

use super::{
    AwsQuickSight,
    assets::{PAGE, receipt, subject},
    call, pages,
};
use crate::{
    api::{Access, ApiError, ApiErrorKind, PermissionChange, Receipt},
    id::{AssetId, AssetKind},
    json::Json,
};

#[async_trait]
impl Access for AwsQuickSight {
    async fn permissions(&self, kind: AssetKind, id: &AssetId) -> Result<Json, ApiError> {
        let (client, account, text) = (&self.client, &self.account, id.as_str());
        let subject = subject(kind, id);
        match kind {
            AssetKind::Dashboard => {
                let request = client.describe_dashboard_permissions();
                let request = request.aws_account_id(account).dashboard_id(text);
                call!("DescribeDashboardPermissions", subject, request)
            }
            AssetKind::Analysis => {
                let request = client.describe_analysis_permissions();
                let request = request.aws_account_id(account).analysis_id(text);
                call!("DescribeAnalysisPermissions", subject, request)
            }
            AssetKind::DataSet => {
                let request = client.describe_data_set_permissions();
                let request = request.aws_account_id(account).data_set_id(text);
                call!("DescribeDataSetPermissions", subject, request)
            }
            AssetKind::DataSource => {
                let request = client.describe_data_source_permissions();
                let request = request.aws_account_id(account).data_source_id(text);
                call!("DescribeDataSourcePermissions", subject, request)
            }
            AssetKind::Theme => {
                let request = client.describe_theme_permissions();
                let request = request.aws_account_id(account).theme_id(text);
                call!("DescribeThemePermissions", subject, request)
            }
            AssetKind::Folder => {
                let page = async |token| {
                    let request = client.describe_folder_permissions();
                    let request = request.aws_account_id(account).folder_id(text);
                    let request = request.set_next_token(token).max_results(PAGE);
                    call!("DescribeFolderPermissions", subject, request)
                };
                let all = pages::all("DescribeFolderPermissions", "Permissions", page).await?;
                Ok(Json::object([("Permissions", all)]))
            }
        }
    }

    async fn update_permissions(
        &self,
        kind: AssetKind,
        id: &AssetId,
        change: &PermissionChange,
    ) -> Result<Receipt, ApiError> {
        if change.is_empty() {
            return Ok(Receipt::default());
        }
        let (client, account, text) = (&self.client, &self.account, id.as_str());
        let subject = subject(kind, id);
        if change.touches_link() && kind != AssetKind::Dashboard {
            let operation = "share by link";
            return Err(ApiError::new(ApiErrorKind::Unsupported, operation, subject));
        }
        let body = change.to_json();
        let body = Some(&body);
        let answer = match kind {
            AssetKind::Dashboard => {
                let request = client.update_dashboard_permissions();
                let request = request.aws_account_id(account).dashboard_id(text);
                call!("UpdateDashboardPermissions", subject, request, body)
            }
            AssetKind::Analysis => {
                let request = client.update_analysis_permissions();
                let request = request.aws_account_id(account).analysis_id(text);
                call!("UpdateAnalysisPermissions", subject, request, body)
            }
            AssetKind::DataSet => {
                let request = client.update_data_set_permissions();
                let request = request.aws_account_id(account).data_set_id(text);
                call!("UpdateDataSetPermissions", subject, request, body)
            }
            AssetKind::DataSource => {
                let request = client.update_data_source_permissions();
                let request = request.aws_account_id(account).data_source_id(text);
                call!("UpdateDataSourcePermissions", subject, request, body)
            }
            AssetKind::Theme => {
                let request = client.update_theme_permissions();
                let request = request.aws_account_id(account).theme_id(text);
                call!("UpdateThemePermissions", subject, request, body)
            }
            AssetKind::Folder => {
                let request = client.update_folder_permissions();
                let request = request.aws_account_id(account).folder_id(text);
                call!("UpdateFolderPermissions", subject, request, body)
            }
        };
        answer.map(receipt)
    }

    async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, ApiError> {
        let request = self.client.list_tags_for_resource().resource_arn(arn);
        let answer = call!("ListTagsForResource", arn, request)?;
        answer
            .items("Tags")
            .iter()
            .map(|tag| {
                let (key, value) = (tag.text("Key"), tag.text("Value"));
                key.zip(value)
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .ok_or_else(|| {
                        let problem = "a tag without key or value";
                        ApiError::malformed("ListTagsForResource", arn, problem)
                    })
            })
            .collect()
    }

    async fn tag(&self, arn: &str, tags: &BTreeMap<String, String>) -> Result<Receipt, ApiError> {
        if tags.is_empty() {
            return Ok(Receipt::default());
        }
        let tags = tags
            .iter()
            .map(|(key, value)| Json::object([("Key", key.as_str()), ("Value", value.as_str())]));
        let body = Json::object([("Tags", tags.collect::<Vec<_>>())]);
        let request = self.client.tag_resource().resource_arn(arn);
        call!("TagResource", arn, request, Some(&body)).map(receipt)
    }

    async fn untag(&self, arn: &str, keys: &[String]) -> Result<Receipt, ApiError> {
        if keys.is_empty() {
            return Ok(Receipt::default());
        }
        let request = self.client.untag_resource().resource_arn(arn);
        let request = request.set_tag_keys(Some(keys.to_vec()));
        call!("UntagResource", arn, request).map(receipt)
    }

    async fn folders_of(&self, arn: &str) -> Result<Vec<String>, ApiError> {
        let page = async |token| {
            let request = self
                .client
                .list_folders_for_resource()
                .aws_account_id(&self.account)
                .resource_arn(arn)
                .set_next_token(token)
                .max_results(PAGE);
            call!("ListFoldersForResource", arn, request)
        };
        let folders = pages::all("ListFoldersForResource", "Folders", page).await?;
        let folders = folders.iter().filter_map(Json::as_str);
        Ok(folders.map(str::to_owned).collect())
    }

    async fn join_folder(
        &self,
        folder: &AssetId,
        kind: AssetKind,
        member: &AssetId,
    ) -> Result<Receipt, ApiError> {
        let subject = format!("{kind} `{member}` in folder `{folder}`");
        let request = self
            .client
            .create_folder_membership()
            .aws_account_id(&self.account)
            .folder_id(folder.as_str())
            .member_type(member_type("CreateFolderMembership", &subject, kind)?)
            .member_id(member.as_str());
        call!("CreateFolderMembership", subject, request).map(receipt)
    }

    async fn leave_folder(
        &self,
        folder: &AssetId,
        kind: AssetKind,
        member: &AssetId,
    ) -> Result<Receipt, ApiError> {
        let subject = format!("{kind} `{member}` in folder `{folder}`");
        let request = self
            .client
            .delete_folder_membership()
            .aws_account_id(&self.account)
            .folder_id(folder.as_str())
            .member_type(member_type("DeleteFolderMembership", &subject, kind)?)
            .member_id(member.as_str());
        call!("DeleteFolderMembership", subject, request).map(receipt)
    }
}

fn member_type(
    operation: &'static str,
    subject: &str,
    kind: AssetKind,
) -> Result<MemberType, ApiError> {
    kind.folder_member_type()
        .map(MemberType::from)
        .ok_or_else(|| ApiError::new(ApiErrorKind::Unsupported, operation, subject))
}
