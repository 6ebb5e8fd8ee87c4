//! How data sets get new data.

use async_trait::async_trait;

use super::{
    AwsQuickSight,
    assets::{PAGE, member, receipt, subject},
    call, pages,
};
use crate::{
    api::{ApiError, IngestionPage, PageToken, Receipt, RefreshKind, Refreshing},
    id::{AssetId, AssetKind},
    json::Json,
};

macro_rules! of_data_set {
    ($self:ident, $request:ident, $id:ident) => {
        $self
            .client
            .$request()
            .aws_account_id(&$self.account)
            .data_set_id($id.as_str())
    };
}

#[async_trait]
impl Refreshing for AwsQuickSight {
    async fn refresh_properties(&self, id: &AssetId) -> Result<Option<Json>, ApiError> {
        const OPERATION: &str = "DescribeDataSetRefreshProperties";
        let subject = subject(AssetKind::DataSet, id);
        let request = of_data_set!(self, describe_data_set_refresh_properties, id);
        match call!("DescribeDataSetRefreshProperties", subject, request) {
            Ok(answer) => member(OPERATION, &subject, answer, "DataSetRefreshProperties").map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_refresh_properties(
        &self,
        id: &AssetId,
        properties: &Json,
    ) -> Result<Receipt, ApiError> {
        let subject = subject(AssetKind::DataSet, id);
        let body = Json::object([("DataSetRefreshProperties", properties.clone())]);
        let request = of_data_set!(self, put_data_set_refresh_properties, id);
        call!("PutDataSetRefreshProperties", subject, request, Some(&body)).map(receipt)
    }

    async fn delete_refresh_properties(&self, id: &AssetId) -> Result<Receipt, ApiError> {
        let subject = subject(AssetKind::DataSet, id);
        let request = of_data_set!(self, delete_data_set_refresh_properties, id);
        call!("DeleteDataSetRefreshProperties", subject, request).map(receipt)
    }

    async fn schedules(&self, id: &AssetId) -> Result<Vec<Json>, ApiError> {
        let subject = subject(AssetKind::DataSet, id);
        let request = of_data_set!(self, list_refresh_schedules, id);
        let answer = call!("ListRefreshSchedules", subject, request)?;
        Ok(answer.items("RefreshSchedules").to_vec())
    }

    async fn create_schedule(&self, id: &AssetId, schedule: &Json) -> Result<Receipt, ApiError> {
        let subject = subject(AssetKind::DataSet, id);
        let body = Json::object([("Schedule", schedule.clone())]);
        let request = of_data_set!(self, create_refresh_schedule, id);
        call!("CreateRefreshSchedule", subject, request, Some(&body)).map(receipt)
    }

    async fn update_schedule(&self, id: &AssetId, schedule: &Json) -> Result<Receipt, ApiError> {
        let subject = subject(AssetKind::DataSet, id);
        let body = Json::object([("Schedule", schedule.clone())]);
        let request = of_data_set!(self, update_refresh_schedule, id);
        call!("UpdateRefreshSchedule", subject, request, Some(&body)).map(receipt)
    }

    async fn delete_schedule(&self, id: &AssetId, schedule_id: &str) -> Result<Receipt, ApiError> {
        let subject = format!("schedule `{schedule_id}` of data set `{id}`");
        let request = of_data_set!(self, delete_refresh_schedule, id).schedule_id(schedule_id);
        call!("DeleteRefreshSchedule", subject, request).map(receipt)
    }

    async fn ingestion(&self, id: &AssetId, ingestion_id: &str) -> Result<Json, ApiError> {
        let subject = format!("ingestion `{ingestion_id}` of data set `{id}`");
        let request = of_data_set!(self, describe_ingestion, id).ingestion_id(ingestion_id);
        let answer = call!("DescribeIngestion", subject, request)?;
        member("DescribeIngestion", &subject, answer, "Ingestion")
    }

    async fn ingestions(&self, id: &AssetId) -> Result<Vec<Json>, ApiError> {
        let subject = subject(AssetKind::DataSet, id);
        let page = async |token| {
            let request = of_data_set!(self, list_ingestions, id);
            let request = request.set_next_token(token).max_results(PAGE);
            call!("ListIngestions", subject, request)
        };
        pages::all("ListIngestions", "Ingestions", page).await
    }

    async fn ingestions_page(
        &self,
        id: &AssetId,
        page: Option<PageToken>,
    ) -> Result<IngestionPage, ApiError> {
        let subject = subject(AssetKind::DataSet, id);
        let token = page.map(|token| token.as_str().to_owned());
        let request = of_data_set!(self, list_ingestions, id);
        let request = request.set_next_token(token).max_results(PAGE);
        let answer = call!("ListIngestions", subject, request)?;
        Ok(IngestionPage {
            items: answer.items("Ingestions").to_vec(),
            next: pages::next_token(&answer).map(PageToken::new),
        })
    }

    async fn start_ingestion(
        &self,
        id: &AssetId,
        ingestion_id: &str,
        kind: RefreshKind,
    ) -> Result<Receipt, ApiError> {
        let subject = format!("ingestion `{ingestion_id}` of data set `{id}`");
        let body = Json::object([("IngestionType", kind.as_str())]);
        let request = of_data_set!(self, create_ingestion, id).ingestion_id(ingestion_id);
        call!("CreateIngestion", subject, request, Some(&body)).map(receipt)
    }

    async fn cancel_ingestion(
        &self,
        id: &AssetId,
        ingestion_id: &str,
    ) -> Result<Receipt, ApiError> {
        let subject = format!("ingestion `{ingestion_id}` of data set `{id}`");
        let request = of_data_set!(self, cancel_ingestion, id).ingestion_id(ingestion_id);
        call!("CancelIngestion", subject, request).map(receipt)
    }
}
