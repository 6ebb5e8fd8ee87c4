//! Analyses: replaced in place, deleted with a window.

use std::time::Duration;

use aws_sdk_quicksight::types::{
    AnalysisDefinition, AnalysisFilterAttribute, AnalysisSearchFilter, FilterOperator,
    QueryExecutionMode, QueryExecutionOptions, ResourceStatus,
};
use datatransit_quicksight::testing::double::{Kind, QuickSightDouble};

use super::{ACCOUNT, Bench, code, permission};

fn definition(bench: &Bench, column: &str) -> AnalysisDefinition {
    let dashboard = bench.definition(column);
    AnalysisDefinition::builder()
        .set_data_set_identifier_declarations(Some(
            dashboard.data_set_identifier_declarations().to_vec(),
        ))
        .set_column_configurations(Some(dashboard.column_configurations().to_vec()))
        .build()
        .expect("a definition")
}

async fn create(bench: &Bench, id: &str) {
    let create = bench
        .client
        .create_analysis()
        .aws_account_id(ACCOUNT)
        .analysis_id(id)
        .name(format!("Name of {id}"));
    create
        .definition(definition(bench, "amount"))
        .send()
        .await
        .expect("created");
    for _ in 0..2 {
        status(bench, id).await;
    }
}

async fn status(bench: &Bench, id: &str) -> ResourceStatus {
    let described = bench
        .client
        .describe_analysis()
        .aws_account_id(ACCOUNT)
        .analysis_id(id)
        .send()
        .await
        .expect("described");
    described
        .analysis()
        .and_then(|analysis| analysis.status().cloned())
        .expect("a status")
}

#[tokio::test]
async fn an_update_replaces_what_is_there_when_it_is_good() {
    let bench = Bench::with_data_set();
    create(&bench, "a").await;
    assert_eq!(
        status(&bench, "a").await,
        ResourceStatus::CreationSuccessful
    );
    let update = |column: &str| {
        let update = bench
            .client
            .update_analysis()
            .aws_account_id(ACCOUNT)
            .analysis_id("a")
            .name("A");
        update.definition(definition(&bench, column)).send()
    };
    let updated = update("day").await.expect("updated");
    assert_eq!(
        updated.update_status(),
        Some(&ResourceStatus::UpdateInProgress)
    );
    assert_eq!(code(update("day").await), "Conflict");
    assert_eq!(status(&bench, "a").await, ResourceStatus::UpdateSuccessful);
    let described = || {
        bench
            .client
            .describe_analysis_definition()
            .aws_account_id(ACCOUNT)
            .analysis_id("a")
            .send()
    };
    let column = |definition: &AnalysisDefinition| {
        let column = definition.column_configurations()[0]
            .column()
            .expect("a column");
        column.column_name().to_owned()
    };
    assert_eq!(
        column(
            described()
                .await
                .expect("described")
                .definition()
                .expect("a definition")
        ),
        "day"
    );

    update("absent").await.expect("accepted");
    status(&bench, "a").await;
    assert_eq!(status(&bench, "a").await, ResourceStatus::UpdateFailed);
    let after = described().await.expect("described");
    assert_eq!(after.errors().len(), 1);
    assert_eq!(column(after.definition().expect("a definition")), "day");
}

#[tokio::test]
async fn deleted_ones_can_be_restored_for_a_while() {
    let bench = Bench::with_data_set();
    create(&bench, "a").await;
    let folder = bench
        .client
        .create_folder()
        .aws_account_id(ACCOUNT)
        .folder_id("f")
        .name("F")
        .send()
        .await;
    folder.expect("created");
    let member = bench
        .client
        .create_folder_membership()
        .aws_account_id(ACCOUNT)
        .folder_id("f")
        .member_id("a");
    member
        .member_type("ANALYSIS".into())
        .send()
        .await
        .expect("a member");
    let delete = || {
        bench
            .client
            .delete_analysis()
            .aws_account_id(ACCOUNT)
            .analysis_id("a")
    };
    let both = delete()
        .recovery_window_in_days(7)
        .force_delete_without_recovery(true)
        .send()
        .await;
    assert_eq!(code(both), "InvalidParameterValue");
    assert_eq!(
        code(delete().recovery_window_in_days(6).send().await),
        "InvalidParameterValue"
    );
    let deleted = delete()
        .recovery_window_in_days(7)
        .send()
        .await
        .expect("deleted");
    assert!(deleted.deletion_time().is_some());
    assert_eq!(status(&bench, "a").await, ResourceStatus::Deleted);
    assert!(bench.double.folders_of(Kind::Analysis, "a").is_empty());
    let restore = || {
        bench
            .client
            .restore_analysis()
            .aws_account_id(ACCOUNT)
            .analysis_id("a")
            .restore_to_folders(true)
    };
    restore().send().await.expect("restored");
    assert_eq!(bench.double.folders_of(Kind::Analysis, "a").len(), 1);
    assert_eq!(code(restore().send().await), "PreconditionNotMet");

    delete().send().await.expect("deleted");
    bench.double.advance(Duration::from_secs(31 * 24 * 3600));
    assert_eq!(code(restore().send().await), "ResourceNotFound");
    create(&bench, "a").await;
    delete()
        .force_delete_without_recovery(true)
        .send()
        .await
        .expect("deleted");
    let list = bench
        .client
        .list_analyses()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("listed");
    assert!(list.analysis_summary_list().is_empty());
}

#[tokio::test]
async fn they_are_searched_and_granted() {
    let bench = Bench::with_data_set();
    create(&bench, "a").await;
    create(&bench, "b").await;
    let user = bench.double.add_user("u");
    let update = bench
        .client
        .update_analysis_permissions()
        .aws_account_id(ACCOUNT)
        .analysis_id("b");
    update
        .grant_permissions(permission(
            &user,
            QuickSightDouble::owner_actions(Kind::Analysis),
        ))
        .send()
        .await
        .expect("granted");
    let described = bench
        .client
        .describe_analysis_permissions()
        .aws_account_id(ACCOUNT)
        .analysis_id("b")
        .send()
        .await
        .expect("described");
    assert_eq!(described.permissions()[0].actions().len(), 7);
    let filter = |name, operator, value: &str| {
        AnalysisSearchFilter::builder()
            .name(name)
            .operator(operator)
            .value(value)
            .build()
    };
    let search = |filter| {
        bench
            .client
            .search_analyses()
            .aws_account_id(ACCOUNT)
            .filters(filter)
            .send()
    };
    let owned = search(filter(
        AnalysisFilterAttribute::QuicksightOwner,
        FilterOperator::StringEquals,
        &user,
    ))
    .await
    .expect("searched");
    assert_eq!(owned.analysis_summary_list()[0].analysis_id(), Some("b"));
    let named = search(filter(
        AnalysisFilterAttribute::AnalysisName,
        FilterOperator::StringLike,
        "Name of",
    ))
    .await
    .expect("searched");
    assert_eq!(named.analysis_summary_list().len(), 2);
    let wrong = search(filter(
        AnalysisFilterAttribute::QuicksightOwner,
        FilterOperator::StringLike,
        &user,
    ))
    .await;
    assert_eq!(code(wrong), "InvalidParameterValue");
}

#[tokio::test]
async fn options_of_queries_are_refused_where_that_is_asked_for() {
    let bench = Bench::with_data_set();
    bench
        .double
        .configure(|options| options.refuses_query_execution_options = true);
    let mut definition = definition(&bench, "day");
    definition.query_execution_options = Some(
        QueryExecutionOptions::builder()
            .query_execution_mode(QueryExecutionMode::Auto)
            .build(),
    );
    let create = bench
        .client
        .create_analysis()
        .aws_account_id(ACCOUNT)
        .analysis_id("a")
        .name("A");
    assert_eq!(
        code(create.definition(definition).send().await),
        "InvalidParameterValue"
    );
}
