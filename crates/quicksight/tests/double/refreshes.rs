//! Refresh properties and schedules.

use aws_sdk_quicksight::types::{
    DataSetRefreshProperties, DayOfWeek, IncrementalRefresh, IngestionType, LookbackWindow,
    LookbackWindowSizeUnit, RefreshConfiguration, RefreshFrequency, RefreshInterval,
    RefreshSchedule, ScheduleRefreshOnEntity,
};

use super::{ACCOUNT, Bench, code};

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
