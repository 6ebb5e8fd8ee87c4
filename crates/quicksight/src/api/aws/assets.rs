//! Assets themselves.

use async_trait::async_trait;
use aws_sdk_quicksight::types::ThemeType;

use super::{AwsQuickSight, call, pages::next_token};
use crate::{
    api::{
        ApiError, ApiErrorKind, Assets, Created, Deletion, Page, PageToken, Receipt, Summary,
        VersionRef,
    },
    id::{AssetId, AssetKind},
    json::Json,
};

/// Most that one page may hold.
pub(super) const PAGE: i32 = 100;

#[async_trait]
impl Assets for AwsQuickSight {
    async fn list(&self, kind: AssetKind, page: Option<PageToken>) -> Result<Page, ApiError> {
        let (client, account) = (&self.client, &self.account);
        let token = page.map(|token| token.as_str().to_owned());
        macro_rules! list {
            ($operation:literal, $request:ident) => {
                call!(
                    $operation,
                    "",
                    client
                        .$request()
                        .aws_account_id(account)
                        .set_next_token(token)
                        .max_results(PAGE)
                )
            };
        }
        let (operation, members, answer) = match kind {
            AssetKind::Dashboard => (
                "ListDashboards",
                "DashboardSummaryList",
                list!("ListDashboards", list_dashboards),
            ),
            AssetKind::Analysis => (
                "ListAnalyses",
                "AnalysisSummaryList",
                list!("ListAnalyses", list_analyses),
            ),
            AssetKind::DataSet => (
                "ListDataSets",
                "DataSetSummaries",
                list!("ListDataSets", list_data_sets),
            ),
            AssetKind::DataSource => (
                "ListDataSources",
                "DataSources",
                list!("ListDataSources", list_data_sources),
            ),
            AssetKind::Folder => (
                "ListFolders",
                "FolderSummaryList",
                list!("ListFolders", list_folders),
            ),
            AssetKind::Theme => {
                let request = client
                    .list_themes()
                    .aws_account_id(account)
                    .set_next_token(token)
                    .max_results(PAGE)
                    .r#type(ThemeType::Custom);
                (
                    "ListThemes",
                    "ThemeSummaryList",
                    call!("ListThemes", "", request),
                )
            }
        };
        let answer = answer?;
        let items = answer.items(members).iter().map(|item| {
            Summary::from_json(kind, item.clone()).ok_or_else(|| {
                ApiError::malformed(operation, kind, "an item without identifier or ARN")
            })
        });
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            next: next_token(&answer).map(PageToken::new),
        })
    }

    async fn describe(&self, kind: AssetKind, id: &AssetId) -> Result<Json, ApiError> {
        let (client, account, text) = (&self.client, &self.account, id.as_str());
        let subject = subject(kind, id);
        let (operation, answer) = match kind {
            AssetKind::Dashboard => {
                let request = client.describe_dashboard().aws_account_id(account);
                let request = request.dashboard_id(text);
                (
                    "DescribeDashboard",
                    call!("DescribeDashboard", subject, request),
                )
            }
            AssetKind::Analysis => {
                let request = client.describe_analysis().aws_account_id(account);
                let request = request.analysis_id(text);
                (
                    "DescribeAnalysis",
                    call!("DescribeAnalysis", subject, request),
                )
            }
            AssetKind::DataSet => {
                let request = client.describe_data_set().aws_account_id(account);
                let request = request.data_set_id(text);
                (
                    "DescribeDataSet",
                    call!("DescribeDataSet", subject, request),
                )
            }
            AssetKind::DataSource => {
                let request = client.describe_data_source().aws_account_id(account);
                let request = request.data_source_id(text);
                (
                    "DescribeDataSource",
                    call!("DescribeDataSource", subject, request),
                )
            }
            AssetKind::Folder => {
                let request = client.describe_folder().aws_account_id(account);
                let request = request.folder_id(text);
                ("DescribeFolder", call!("DescribeFolder", subject, request))
            }
            AssetKind::Theme => {
                let request = client.describe_theme().aws_account_id(account);
                let request = request.theme_id(text).alias_name("$LATEST");
                ("DescribeTheme", call!("DescribeTheme", subject, request))
            }
        };
        member(operation, &subject, answer?, kind.member())
    }

    async fn describe_version(&self, dashboard: &AssetId, version: u64) -> Result<Json, ApiError> {
        const OPERATION: &str = "DescribeDashboard";
        let subject = format!("version {version} of dashboard `{dashboard}`");
        let request = self
            .client
            .describe_dashboard()
            .aws_account_id(&self.account)
            .dashboard_id(dashboard.as_str())
            .version_number(version_number(OPERATION, &subject, version)?);
        let answer = call!("DescribeDashboard", subject, request)?;
        member(OPERATION, &subject, answer, "Dashboard")
    }

    async fn definition(
        &self,
        kind: AssetKind,
        id: &AssetId,
        version: VersionRef,
    ) -> Result<Json, ApiError> {
        let subject = subject(kind, id);
        match kind {
            AssetKind::Dashboard => {
                let request = self
                    .client
                    .describe_dashboard_definition()
                    .aws_account_id(&self.account)
                    .dashboard_id(id.as_str());
                let request = match version {
                    VersionRef::Published => request.alias_name("$PUBLISHED"),
                    VersionRef::Latest => request.alias_name("$LATEST"),
                    VersionRef::Number(version) => {
                        let operation = "DescribeDashboardDefinition";
                        let number = version_number(operation, &subject, version)?;
                        request.version_number(number)
                    }
                };
                call!("DescribeDashboardDefinition", subject, request)
            }
            AssetKind::Analysis => call!(
                "DescribeAnalysisDefinition",
                subject,
                self.client
                    .describe_analysis_definition()
                    .aws_account_id(&self.account)
                    .analysis_id(id.as_str())
            ),
            _ => Err(ApiError::new(
                ApiErrorKind::Unsupported,
                "read the definition of",
                subject,
            )),
        }
    }

    async fn create(
        &self,
        kind: AssetKind,
        id: &AssetId,
        body: &Json,
    ) -> Result<Created, ApiError> {
        let (client, account, text) = (&self.client, &self.account, id.as_str());
        let subject = subject(kind, id);
        // Two operations have the identifier in the body, the others in the path.
        let mut with_id = body.clone();
        if let Some(members) = with_id.as_object_mut() {
            members.insert(kind.id_member(), text);
        }
        let answer = match kind {
            AssetKind::Dashboard => {
                let request = client.create_dashboard().aws_account_id(account);
                let request = request.dashboard_id(text);
                call!("CreateDashboard", subject, request, Some(body))
            }
            AssetKind::Analysis => {
                let request = client.create_analysis().aws_account_id(account);
                let request = request.analysis_id(text);
                call!("CreateAnalysis", subject, request, Some(body))
            }
            AssetKind::DataSet => {
                let request = client.create_data_set().aws_account_id(account);
                let request = request.data_set_id(text);
                call!("CreateDataSet", subject, request, Some(&with_id))
            }
            AssetKind::DataSource => {
                let request = client.create_data_source().aws_account_id(account);
                let request = request.data_source_id(text);
                call!("CreateDataSource", subject, request, Some(&with_id))
            }
            AssetKind::Folder => {
                let request = client.create_folder().aws_account_id(account);
                let request = request.folder_id(text);
                call!("CreateFolder", subject, request, Some(body))
            }
            AssetKind::Theme => {
                let request = client.create_theme().aws_account_id(account);
                let request = request.theme_id(text);
                call!("CreateTheme", subject, request, Some(body))
            }
        };
        answer.map(|answer| Created::from_json(&answer))
    }

    async fn update(
        &self,
        kind: AssetKind,
        id: &AssetId,
        body: &Json,
    ) -> Result<Created, ApiError> {
        let (client, account, text) = (&self.client, &self.account, id.as_str());
        let subject = subject(kind, id);
        let answer = match kind {
            AssetKind::Dashboard => {
                let request = client.update_dashboard().aws_account_id(account);
                let request = request.dashboard_id(text);
                call!("UpdateDashboard", subject, request, Some(body))
            }
            AssetKind::Analysis => {
                let request = client.update_analysis().aws_account_id(account);
                let request = request.analysis_id(text);
                call!("UpdateAnalysis", subject, request, Some(body))
            }
            AssetKind::DataSet => {
                let request = client.update_data_set().aws_account_id(account);
                let request = request.data_set_id(text);
                call!("UpdateDataSet", subject, request, Some(body))
            }
            AssetKind::DataSource => {
                let request = client.update_data_source().aws_account_id(account);
                let request = request.data_source_id(text);
                call!("UpdateDataSource", subject, request, Some(body))
            }
            AssetKind::Folder => {
                let request = client.update_folder().aws_account_id(account);
                let request = request.folder_id(text);
                call!("UpdateFolder", subject, request, Some(body))
            }
            AssetKind::Theme => {
                let request = client.update_theme().aws_account_id(account);
                let request = request.theme_id(text);
                call!("UpdateTheme", subject, request, Some(body))
            }
        };
        answer.map(|answer| Created::from_json(&answer))
    }

    async fn delete(
        &self,
        kind: AssetKind,
        id: &AssetId,
        deletion: Deletion,
    ) -> Result<Receipt, ApiError> {
        let (client, account, text) = (&self.client, &self.account, id.as_str());
        let subject = subject(kind, id);
        let answer = match kind {
            AssetKind::Dashboard => {
                let request = client.delete_dashboard().aws_account_id(account);
                call!("DeleteDashboard", subject, request.dashboard_id(text))
            }
            AssetKind::Analysis => {
                let mut request = client.delete_analysis().aws_account_id(account);
                if deletion == Deletion::WithoutRecovery {
                    request = request.force_delete_without_recovery(true);
                }
                call!("DeleteAnalysis", subject, request.analysis_id(text))
            }
            AssetKind::DataSet => {
                let request = client.delete_data_set().aws_account_id(account);
                call!("DeleteDataSet", subject, request.data_set_id(text))
            }
            AssetKind::DataSource => {
                let request = client.delete_data_source().aws_account_id(account);
                call!("DeleteDataSource", subject, request.data_source_id(text))
            }
            AssetKind::Folder => {
                let request = client.delete_folder().aws_account_id(account);
                call!("DeleteFolder", subject, request.folder_id(text))
            }
            AssetKind::Theme => {
                let request = client.delete_theme().aws_account_id(account);
                call!("DeleteTheme", subject, request.theme_id(text))
            }
        };
        answer.map(receipt)
    }
}

pub(super) fn subject(kind: AssetKind, id: &AssetId) -> String {
    format!("{kind} `{id}`")
}

#[expect(clippy::needless_pass_by_value, reason = "the answer ends here")]
pub(super) fn receipt(answer: Json) -> Receipt {
    Receipt::new(answer.text("RequestId").map(str::to_owned))
}

/// One member of an answer, which must be there.
pub(super) fn member(
    operation: &'static str,
    subject: &str,
    mut answer: Json,
    name: &str,
) -> Result<Json, ApiError> {
    answer
        .as_object_mut()
        .and_then(|members| members.remove(name))
        .ok_or_else(|| ApiError::malformed(operation, subject, format!("no `{name}` in it")))
}

/// Versions begin at 1. A zero, or none, would mean something else to the service.
pub(super) fn version_number(
    operation: &'static str,
    subject: &str,
    version: u64,
) -> Result<i64, ApiError> {
    i64::try_from(version)
        .ok()
        .filter(|version| *version > 0)
        .ok_or_else(|| {
            ApiError::new(ApiErrorKind::Invalid, operation, subject)
                .with_message("versions are numbers from 1; no request was made")
        })
}
