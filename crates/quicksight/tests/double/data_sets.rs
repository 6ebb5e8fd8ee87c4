//! Data sets, their columns, refresh properties and schedules.

use aws_sdk_quicksight::operation::create_data_set::builders::CreateDataSetFluentBuilder;
use aws_sdk_quicksight::types::{
    DataSetFilterAttribute, DataSetImportMode, DataSetRefreshProperties, DataSetSearchFilter,
    DayOfWeek, FilterOperator, IncrementalRefresh, IngestionType, InputColumn, InputColumnDataType,
    LogicalTable, LogicalTableSource, LookbackWindow, LookbackWindowSizeUnit, PhysicalTable,
    ProjectOperation, RefreshConfiguration, RefreshFrequency, RefreshInterval, RefreshSchedule,
    RelationalTable, RenameColumnOperation, ScheduleRefreshOnEntity, TransformOperation,
};
use datatransit_quicksight::testing::double::Kind;

use super::{ACCOUNT, Bench, code};

#[expect(deprecated, reason = "what is written as data sets are today")]
fn create(bench: &Bench, id: &str, mode: DataSetImportMode) -> CreateDataSetFluentBuilder {
    let source = bench.double.add_data_source("warehouse");
    let column = |name: &str, kind| {
        InputColumn::builder()
            .name(name)
            .r#type(kind)
            .build()
            .expect("a column")
    };
    let table = RelationalTable::builder()
        .data_source_arn(source)
        .name("sales")
        .input_columns(column("day", InputColumnDataType::Datetime))
        .input_columns(column("amount", InputColumnDataType::Decimal))
        .input_columns(column("secret", InputColumnDataType::String))
        .build()
        .expect("a table");
    let rename = RenameColumnOperation::builder()
        .column_name("amount")
        .new_column_name("total")
        .build()
        .expect("a renaming");
    let project = ProjectOperation::builder()
        .projected_columns("day")
        .projected_columns("total")
        .build()
        .expect("a projection");
    let logical = LogicalTable::builder()
        .alias("Sales")
        .source(
            LogicalTableSource::builder()
                .physical_table_id("t1")
                .build(),
        )
        .data_transforms(TransformOperation::RenameColumnOperation(rename))
        .data_transforms(TransformOperation::ProjectOperation(project))
        .build()
        .expect("a logical table");
    let create = bench
        .client
        .create_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id(id)
        .name("Sales")
        .import_mode(mode);
    create
        .physical_table_map("t1", PhysicalTable::RelationalTable(table))
        .logical_table_map("l1", logical)
}

fn window(column: &str, size: i64) -> DataSetRefreshProperties {
    let window = LookbackWindow::builder()
        .column_name(column)
        .size(size)
        .size_unit(LookbackWindowSizeUnit::Day)
        .build();
    let refresh = IncrementalRefresh::builder()
        .lookback_window(window.expect("a window"))
        .build();
    let configuration = RefreshConfiguration::builder()
        .incremental_refresh(refresh)
        .build();
    DataSetRefreshProperties::builder()
        .refresh_configuration(configuration)
        .build()
}

#[tokio::test]
async fn columns_follow_the_transformations_and_spice_is_loaded() {
    let bench = Bench::new();
    let created = create(&bench, "s/1", DataSetImportMode::Spice)
        .send()
        .await
        .expect("created");
    let ingestion = created.ingestion_id().expect("an ingestion").to_owned();
    assert!(
        created
            .ingestion_arn()
            .expect("an ARN")
            .ends_with(&format!(":dataset/s/1/ingestion/{ingestion}"))
    );
    let described = bench
        .client
        .describe_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id("s/1")
        .send()
        .await
        .expect("described");
    let data_set = described.data_set().expect("a data set");
    let columns: Vec<_> = data_set
        .output_columns()
        .iter()
        .filter_map(|column| column.name())
        .collect();
    assert_eq!(columns, ["day", "total"]);
    assert_eq!(data_set.physical_table_map().map(|map| map.len()), Some(1));
    assert_eq!(
        bench.double.ingestions("s/1"),
        [(ingestion, "INITIALIZED".to_owned())]
    );
    assert_eq!(
        code(create(&bench, "s/1", DataSetImportMode::Spice).send().await),
        "ResourceExists"
    );

    let direct = create(&bench, "direct", DataSetImportMode::DirectQuery)
        .send()
        .await
        .expect("created");
    assert_eq!(direct.ingestion_id(), None);
    let update = bench
        .client
        .update_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id("direct")
        .name("Now SPICE")
        .import_mode(DataSetImportMode::Spice);
    let tables = data_set.physical_table_map().cloned();
    let updated = update
        .set_physical_table_map(tables)
        .send()
        .await
        .expect("updated");
    assert!(updated.ingestion_id().is_some());
    let list = bench
        .client
        .list_data_sets()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("listed");
    assert_eq!(list.data_set_summaries().len(), 2);
}

#[tokio::test]
#[expect(deprecated, reason = "what is written as data sets are today")]
async fn what_a_data_set_stands_on_must_exist() {
    let bench = Bench::new();
    let source = LogicalTableSource::builder()
        .data_set_arn(bench.double.arn(Kind::DataSet, "absent"))
        .build();
    let logical = LogicalTable::builder()
        .alias("X")
        .source(source)
        .build()
        .expect("a logical table");
    let create = create(&bench, "s", DataSetImportMode::Spice).logical_table_map("l2", logical);
    assert_eq!(code(create.send().await), "InvalidParameterValue");
    assert!(bench.double.ids(Kind::DataSet).is_empty());
}

#[tokio::test]
async fn refresh_properties_are_for_spice_and_never_put_twice() {
    let bench = Bench::with_data_set();
    bench
        .double
        .add_direct_query_data_set("direct", &["day:DATETIME"]);
    let put = |id: &str, properties| {
        let put = bench
            .client
            .put_data_set_refresh_properties()
            .aws_account_id(ACCOUNT)
            .data_set_id(id);
        put.data_set_refresh_properties(properties).send()
    };
    let describe = |id: &str| {
        bench
            .client
            .describe_data_set_refresh_properties()
            .aws_account_id(ACCOUNT)
            .data_set_id(id)
            .send()
    };
    assert_eq!(
        code(put("direct", window("day", 7)).await),
        "InvalidParameterValue"
    );
    assert_eq!(code(describe("direct").await), "InvalidParameterValue");
    assert_eq!(code(describe("sales").await), "ResourceNotFound");
    assert_eq!(
        code(put("sales", window("amount", 7)).await),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(put("sales", window("day", 0)).await),
        "InvalidParameterValue"
    );
    put("sales", window("day", 7)).await.expect("put");
    let same = put("sales", window("day", 7)).await.expect_err("the same");
    assert!(
        format!("{same:?}").contains("same as the existing configuration"),
        "{same:?}"
    );
    put("sales", window("day", 8)).await.expect("put");
    let described = describe("sales").await.expect("described");
    assert_eq!(
        described.data_set_refresh_properties(),
        Some(&window("day", 8))
    );
    let delete = || {
        bench
            .client
            .delete_data_set_refresh_properties()
            .aws_account_id(ACCOUNT)
            .data_set_id("sales")
            .send()
    };
    delete().await.expect("deleted");
    assert_eq!(code(delete().await), "ResourceNotFound");
}

#[tokio::test]
async fn schedules_keep_the_rules() {
    let bench = Bench::with_data_set();
    let frequency = |interval| {
        RefreshFrequency::builder()
            .interval(interval)
            .timezone("Asia/Tokyo")
            .time_of_the_day("05:30")
    };
    let schedule = |id: &str,
                    frequency: aws_sdk_quicksight::types::builders::RefreshFrequencyBuilder,
                    kind| {
        let schedule = RefreshSchedule::builder()
            .schedule_id(id)
            .schedule_frequency(frequency.build().expect("a frequency"))
            .refresh_type(kind);
        schedule.build().expect("a schedule")
    };
    let put = |schedule| {
        bench
            .client
            .create_refresh_schedule()
            .aws_account_id(ACCOUNT)
            .data_set_id("sales")
            .schedule(schedule)
            .send()
    };
    let full = IngestionType::FullRefresh;
    put(schedule(
        "daily",
        frequency(RefreshInterval::Daily),
        full.clone(),
    ))
    .await
    .expect("created");
    assert_eq!(
        code(
            put(schedule(
                "daily",
                frequency(RefreshInterval::Daily),
                full.clone()
            ))
            .await
        ),
        "ResourceExists"
    );
    assert_eq!(
        code(
            put(schedule(
                "w",
                frequency(RefreshInterval::Weekly),
                full.clone()
            ))
            .await
        ),
        "InvalidParameterValue"
    );
    let monday = ScheduleRefreshOnEntity::builder()
        .day_of_week(DayOfWeek::Monday)
        .build();
    put(schedule(
        "w",
        frequency(RefreshInterval::Weekly).refresh_on_day(monday),
        full.clone(),
    ))
    .await
    .expect("created");
    let day = |day: &str| ScheduleRefreshOnEntity::builder().day_of_month(day).build();
    let monthly = |text: &str| {
        schedule(
            "m",
            frequency(RefreshInterval::Monthly).refresh_on_day(day(text)),
            full.clone(),
        )
    };
    assert_eq!(code(put(monthly("29")).await), "InvalidParameterValue");
    put(monthly("LAST_DAY_OF_MONTH")).await.expect("created");
    put(schedule(
        "h",
        frequency(RefreshInterval::Hourly),
        full.clone(),
    ))
    .await
    .expect("created");
    assert_eq!(
        code(
            put(schedule(
                "h2",
                frequency(RefreshInterval::Hourly),
                full.clone()
            ))
            .await
        ),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(
            put(schedule(
                "q",
                frequency(RefreshInterval::Minute15),
                full.clone()
            ))
            .await
        ),
        "InvalidParameterValue"
    );
    let quarter = || {
        schedule(
            "q",
            frequency(RefreshInterval::Minute15),
            IngestionType::IncrementalRefresh,
        )
    };
    assert_eq!(code(put(quarter()).await), "InvalidParameterValue");
    let properties = bench
        .client
        .put_data_set_refresh_properties()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales");
    properties
        .data_set_refresh_properties(window("day", 1))
        .send()
        .await
        .expect("put");
    put(quarter()).await.expect("created");
    assert_eq!(
        code(
            put(schedule(
                "six",
                frequency(RefreshInterval::Daily),
                full.clone()
            ))
            .await
        ),
        "LimitExceeded"
    );

    let update = |schedule| {
        bench
            .client
            .update_refresh_schedule()
            .aws_account_id(ACCOUNT)
            .data_set_id("sales")
            .schedule(schedule)
            .send()
    };
    update(schedule(
        "daily",
        frequency(RefreshInterval::Daily).time_of_the_day("06:00"),
        full.clone(),
    ))
    .await
    .expect("updated");
    assert_eq!(
        code(
            update(schedule(
                "none",
                frequency(RefreshInterval::Daily),
                full.clone()
            ))
            .await
        ),
        "ResourceNotFound"
    );
    let wrong = schedule(
        "daily",
        frequency(RefreshInterval::Daily).time_of_the_day("6"),
        full.clone(),
    );
    assert_eq!(code(update(wrong).await), "InvalidParameterValue");
    let describe = bench
        .client
        .describe_refresh_schedule()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .schedule_id("daily");
    let described = describe.send().await.expect("described");
    let found = described.refresh_schedule().expect("a schedule");
    assert_eq!(
        found
            .schedule_frequency()
            .and_then(|frequency| frequency.time_of_the_day()),
        Some("06:00")
    );
    assert!(found.start_after_date_time().is_some());
    let list = bench
        .client
        .list_refresh_schedules()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .send()
        .await
        .expect("listed");
    assert_eq!(list.refresh_schedules().len(), 5);
    let delete = bench
        .client
        .delete_refresh_schedule()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .schedule_id("daily");
    delete.send().await.expect("deleted");
}

#[tokio::test]
async fn searches_and_uploaded_files() {
    let bench = Bench::with_data_set();
    bench.double.add_data_set("old sales", &["a"]);
    let filter = |operator| {
        let filter = DataSetSearchFilter::builder()
            .name(DataSetFilterAttribute::DatasetName)
            .operator(operator)
            .value("sales");
        filter.build().expect("a filter")
    };
    let search = |operator| {
        bench
            .client
            .search_data_sets()
            .aws_account_id(ACCOUNT)
            .filters(filter(operator))
            .max_results(1)
            .send()
    };
    let found = search(FilterOperator::StringLike).await.expect("searched");
    assert_eq!(found.data_set_summaries().len(), 1);
    let rest = bench
        .client
        .search_data_sets()
        .aws_account_id(ACCOUNT)
        .filters(filter(FilterOperator::StringLike));
    let rest = rest
        .set_next_token(found.next_token().map(str::to_owned))
        .send()
        .await
        .expect("searched");
    assert_eq!(
        (rest.data_set_summaries().len(), rest.next_token()),
        (1, None)
    );
    assert_eq!(
        code(search(FilterOperator::StringEquals).await),
        "InvalidParameterValue"
    );
    bench.double.make_uploaded_file("sales");
    let described = bench
        .client
        .describe_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .send()
        .await;
    assert_eq!(code(described), "InvalidParameterValue");
}
