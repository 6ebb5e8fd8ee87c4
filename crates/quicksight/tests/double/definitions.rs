//! Definitions, themes and options of dashboards, and what fails.

use aws_sdk_quicksight::types::{
    AdHocFilteringOption, DashboardBehavior, DashboardPublishOptions, DataSetIdentifierDeclaration,
    ResourceStatus, ValidationStrategy, ValidationStrategyMode,
};
use datatransit_quicksight::testing::double::{AssetError, Kind};

use super::dashboards::status;
use super::{ACCOUNT, Bench, code, definition};

#[tokio::test]
async fn an_update_without_theme_and_options_resets_them() {
    let bench = Bench::with_data_set();
    let options = DashboardPublishOptions::builder()
        .ad_hoc_filtering_option(
            AdHocFilteringOption::builder()
                .availability_status(DashboardBehavior::Disabled)
                .build(),
        )
        .build();
    bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D")
        .definition(bench.definition("amount"))
        .theme_arn("arn:aws:quicksight::aws:theme/SEASIDE")
        .dashboard_publish_options(options)
        .send()
        .await
        .expect("created");
    bench.settle("d").await;
    let definition = || {
        bench
            .client
            .describe_dashboard_definition()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
    };
    let before = definition().send().await.expect("described");
    assert_eq!(
        before.theme_arn(),
        Some("arn:aws:quicksight::aws:theme/SEASIDE")
    );
    assert!(before.dashboard_publish_options().is_some());

    let update = bench
        .client
        .update_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    update
        .definition(bench.definition("amount"))
        .send()
        .await
        .expect("updated");
    let after = definition()
        .alias_name("$LATEST")
        .send()
        .await
        .expect("described");
    assert_eq!(
        after.theme_arn(),
        Some("arn:aws:quicksight::aws:theme/CLASSIC")
    );
    assert!(after.dashboard_publish_options().is_none());
    let both = definition()
        .alias_name("$LATEST")
        .version_number(1)
        .send()
        .await;
    assert_eq!(code(both), "InvalidParameterValue");
}

#[tokio::test]
async fn a_failed_creation_leaves_the_dashboard_and_tells_where() {
    let bench = Bench::with_data_set();
    let create = bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    create
        .definition(bench.definition("no_such_column"))
        .send()
        .await
        .expect("accepted");
    bench.settle("d").await;
    assert_eq!(status(&bench, "d", 1).await, ResourceStatus::CreationFailed);
    let definition = bench
        .client
        .describe_dashboard_definition()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .send()
        .await
        .expect("described");
    let error = &definition.errors()[0];
    assert_eq!(
        error.r#type().map(|kind| kind.as_str()),
        Some("COLUMN_REPLACEMENT_MISSING")
    );
    assert_eq!(
        error.violated_entities()[0].path(),
        Some("$.ColumnConfigurations[0].Column.ColumnName")
    );
    let publish = bench
        .client
        .update_dashboard_published_version()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    assert_eq!(
        code(publish.version_number(1).send().await),
        "InvalidParameterValue"
    );

    // The next run updates it, and then publishes what it made.
    let update = bench
        .client
        .update_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    update
        .definition(bench.definition("amount"))
        .send()
        .await
        .expect("updated");
    bench.settle("d").await;
    assert_eq!(
        status(&bench, "d", 2).await,
        ResourceStatus::CreationSuccessful
    );
    assert_eq!(bench.double.published_version("d"), None);
    let publish = bench
        .client
        .update_dashboard_published_version()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    publish.version_number(2).send().await.expect("published");
    let delete = bench
        .client
        .delete_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .version_number(1);
    delete.send().await.expect("deleted");
    assert_eq!(
        bench.double.versions("d").into_keys().collect::<Vec<_>>(),
        [2]
    );
}

#[tokio::test]
async fn definitions_are_looked_at() {
    let bench = Bench::with_data_set();
    let absent = bench.double.arn(Kind::DataSet, "absent");
    let create = |id: &str| {
        bench
            .client
            .create_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id(id)
            .name("D")
    };
    create("d")
        .definition(definition(&absent, "amount"))
        .send()
        .await
        .expect("accepted");
    bench.settle("d").await;
    let described = bench
        .client
        .describe_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .send()
        .await
        .expect("described");
    let errors = described
        .dashboard()
        .and_then(|dashboard| dashboard.version())
        .expect("a version")
        .errors();
    assert_eq!(
        errors[0].r#type().map(|kind| kind.as_str()),
        Some("DATA_SET_NOT_FOUND")
    );
    assert_eq!(
        errors[0].violated_entities()[0].path(),
        Some("$.DataSetIdentifierDeclarations[0].DataSetArn")
    );
    assert_eq!(code(create("e").send().await), "InvalidParameterValue");
    assert_eq!(
        code(
            create("a b")
                .definition(bench.definition("day"))
                .send()
                .await
        ),
        "InvalidParameterValue"
    );
    let nameless = bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("f");
    assert_eq!(
        code(nameless.definition(bench.definition("day")).send().await),
        "InvalidParameterValue"
    );
    let theme = create("g")
        .definition(bench.definition("day"))
        .theme_arn("arn:aws:quicksight::aws:theme/NONE");
    assert_eq!(code(theme.send().await), "ResourceNotFound");
}

#[tokio::test]
async fn a_planned_failure_and_an_unknown_status() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    bench.double.fail_next(
        Kind::Dashboard,
        "d",
        AssetError::new("INTERNAL_FAILURE", "again, please").at("$.Sheets[0]"),
    );
    let update = bench
        .client
        .update_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    update
        .definition(bench.definition("day"))
        .send()
        .await
        .expect("updated");
    bench.settle("d").await;
    assert_eq!(bench.double.versions("d")[&2], "CREATION_FAILED");
    assert_eq!(bench.double.published_version("d"), Some(1));

    bench
        .double
        .configure(|options| options.unknown_status = Some("BEING_THOUGHT_ABOUT".to_owned()));
    let update = bench
        .client
        .update_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    let updated = update
        .definition(bench.definition("day"))
        .send()
        .await
        .expect("updated");
    assert_eq!(
        updated.creation_status().map(ResourceStatus::as_str),
        Some("BEING_THOUGHT_ABOUT")
    );
}

#[tokio::test]
async fn a_new_dashboard_is_not_found_at_once_where_copies_lag() {
    let bench = Bench::with_data_set();
    bench.double.configure(|options| options.lagging_reads = 2);
    let create = bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    create
        .definition(bench.definition("day"))
        .send()
        .await
        .expect("created");
    let describe = || {
        bench
            .client
            .describe_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .send()
    };
    assert_eq!(code(describe().await), "ResourceNotFound");
    assert_eq!(code(describe().await), "ResourceNotFound");
    describe().await.expect("described");
}

#[tokio::test]
async fn declared_and_not_used_is_an_error_where_it_is_asked_for() {
    let bench = Bench::with_data_set();
    let other = bench.double.add_data_set("other", &["x"]);
    bench
        .double
        .configure(|options| options.refuses_unused_identifiers = true);
    let declaration = DataSetIdentifierDeclaration::builder()
        .identifier("other")
        .data_set_arn(other)
        .build()
        .expect("a declaration");
    let mut definition = bench.definition("day");
    definition
        .data_set_identifier_declarations
        .push(declaration);
    for (id, mode, expected) in [
        (
            "strict",
            ValidationStrategyMode::Strict,
            ResourceStatus::CreationFailed,
        ),
        (
            "lenient",
            ValidationStrategyMode::Lenient,
            ResourceStatus::CreationSuccessful,
        ),
    ] {
        let strategy = ValidationStrategy::builder()
            .mode(mode)
            .build()
            .expect("a strategy");
        let create = bench
            .client
            .create_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id(id)
            .name("D");
        create
            .definition(definition.clone())
            .validation_strategy(strategy)
            .send()
            .await
            .expect("accepted");
        bench.settle(id).await;
        assert_eq!(status(&bench, id, 1).await, expected);
    }
}

#[tokio::test]
async fn publish_options_may_survive_an_update() {
    let bench = Bench::with_data_set();
    bench
        .double
        .configure(|options| options.publish_options_survive = true);
    let options = DashboardPublishOptions::builder()
        .ad_hoc_filtering_option(
            AdHocFilteringOption::builder()
                .availability_status(DashboardBehavior::Disabled)
                .build(),
        )
        .build();
    let create = bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    create
        .definition(bench.definition("day"))
        .dashboard_publish_options(options.clone())
        .send()
        .await
        .expect("created");
    bench.settle("d").await;
    let update = bench
        .client
        .update_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    update
        .definition(bench.definition("day"))
        .send()
        .await
        .expect("updated");
    let described = bench
        .client
        .describe_dashboard_definition()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .version_number(2);
    let described = described.send().await.expect("described");
    assert_eq!(described.dashboard_publish_options(), Some(&options));
}
