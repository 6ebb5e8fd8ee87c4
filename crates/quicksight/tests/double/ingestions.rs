//! Ingestions: states, quota, queue, cancellation.

use std::time::Duration;

use aws_sdk_quicksight::types::{
    Ingestion, IngestionRequestSource, IngestionStatus, IngestionType,
};
use datatransit_quicksight::testing::double::{IngestionEnd, IngestionScript};

use super::{ACCOUNT, Bench, code};

async fn start(bench: &Bench, id: &str) {
    let create = bench
        .client
        .create_ingestion()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .ingestion_id(id);
    create.send().await.expect("accepted");
}

async fn look(bench: &Bench, id: &str) -> Ingestion {
    let describe = bench
        .client
        .describe_ingestion()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .ingestion_id(id);
    describe
        .send()
        .await
        .expect("described")
        .ingestion()
        .cloned()
        .expect("an ingestion")
}

fn script(end: IngestionEnd) -> IngestionScript {
    let mut script = IngestionScript::default();
    script.end = end;
    script
}

#[tokio::test]
async fn it_goes_through_its_states() {
    let bench = Bench::with_data_set();
    let mut slow = script(IngestionEnd::Completed {
        ingested: 90,
        dropped: 10,
    });
    slow.running = 2;
    bench.double.script_next_ingestion("sales", slow);
    start(&bench, "run-1").await;
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(
            look(&bench, "run-1")
                .await
                .ingestion_status()
                .as_str()
                .to_owned(),
        );
    }
    assert_eq!(
        seen,
        ["INITIALIZED", "QUEUED", "RUNNING", "RUNNING", "COMPLETED"]
    );
    let ingestion = look(&bench, "run-1").await;
    let rows = ingestion.row_info().expect("rows");
    assert_eq!(
        (rows.rows_ingested(), rows.rows_dropped()),
        (Some(90), Some(10))
    );
    assert_eq!(ingestion.ingestion_time_in_seconds(), Some(12));
    assert_eq!(
        ingestion.request_source(),
        Some(&IngestionRequestSource::Manual)
    );

    let create = bench
        .client
        .create_ingestion()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .ingestion_id("run-1");
    assert_eq!(code(create.send().await), "ResourceExists");
    let create = bench
        .client
        .create_ingestion()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .ingestion_id("a b");
    assert_eq!(code(create.send().await), "InvalidParameterValue");
    let create = bench
        .client
        .create_ingestion()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .ingestion_id("inc");
    let incremental = create
        .ingestion_type(IngestionType::IncrementalRefresh)
        .send()
        .await;
    assert_eq!(code(incremental), "InvalidParameterValue");
}

#[tokio::test]
async fn it_fails_with_a_reason_or_ends_in_nothing_known() {
    let bench = Bench::with_data_set();
    bench.double.script_next_ingestion(
        "sales",
        script(IngestionEnd::Failed {
            kind: "SQL_EXCEPTION".to_owned(),
            message: "no table".to_owned(),
        }),
    );
    start(&bench, "bad").await;
    for _ in 0..3 {
        look(&bench, "bad").await;
    }
    let failed = look(&bench, "bad").await;
    assert_eq!(failed.ingestion_status(), &IngestionStatus::Failed);
    let error = failed.error_info().expect("a reason");
    assert_eq!(
        (error.r#type().map(|kind| kind.as_str()), error.message()),
        (Some("SQL_EXCEPTION"), Some("no table"))
    );
    bench.double.script_next_ingestion(
        "sales",
        script(IngestionEnd::Unknown("PONDERING".to_owned())),
    );
    start(&bench, "odd").await;
    for _ in 0..3 {
        look(&bench, "odd").await;
    }
    assert_eq!(
        look(&bench, "odd").await.ingestion_status().as_str(),
        "PONDERING"
    );
}

#[tokio::test]
async fn thirty_two_in_a_day_and_the_window_rolls() {
    let bench = Bench::with_data_set();
    bench.double.stop_clock_at(1_767_225_600);
    let create = |id: String| {
        bench
            .client
            .create_ingestion()
            .aws_account_id(ACCOUNT)
            .data_set_id("sales")
            .ingestion_id(id)
            .send()
    };
    for number in 0..32 {
        create(format!("run-{number}")).await.expect("accepted");
        bench.double.advance(Duration::from_secs(60));
    }
    bench
        .double
        .start_scheduled_ingestion("sales", "scheduled-1");
    assert_eq!(code(create("run-32".to_owned()).await), "LimitExceeded");
    assert_eq!(
        bench
            .double
            .calls_of("CreateIngestion")
            .last()
            .and_then(|call| call.status),
        Some(409)
    );
    bench
        .double
        .advance(Duration::from_secs(24 * 3600 - 32 * 60));
    create("run-32".to_owned())
        .await
        .expect("the first has left the window");
    assert_eq!(code(create("run-33".to_owned()).await), "LimitExceeded");
}

#[tokio::test]
async fn a_second_one_waits_in_the_queue() {
    let bench = Bench::with_data_set();
    bench
        .double
        .start_scheduled_ingestion("sales", "scheduled-1");
    start(&bench, "run-1").await;
    for _ in 0..5 {
        look(&bench, "run-1").await;
    }
    let waiting = look(&bench, "run-1").await;
    assert_eq!(waiting.ingestion_status(), &IngestionStatus::Queued);
    assert_eq!(
        waiting
            .queue_info()
            .map(|queue| queue.waiting_on_ingestion()),
        Some("scheduled-1")
    );
    for _ in 0..4 {
        look(&bench, "scheduled-1").await;
    }
    for _ in 0..3 {
        look(&bench, "run-1").await;
    }
    assert_eq!(
        look(&bench, "run-1").await.ingestion_status(),
        &IngestionStatus::Completed
    );
}

#[tokio::test]
async fn cancelling_takes_a_moment() {
    let bench = Bench::with_data_set();
    let mut endless = script(IngestionEnd::Never);
    endless.cancelling = 2;
    bench.double.script_next_ingestion("sales", endless);
    start(&bench, "run-1").await;
    for _ in 0..6 {
        look(&bench, "run-1").await;
    }
    let cancel = || {
        bench
            .client
            .cancel_ingestion()
            .aws_account_id(ACCOUNT)
            .data_set_id("sales")
            .ingestion_id("run-1")
            .send()
    };
    cancel().await.expect("asked");
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(
            look(&bench, "run-1")
                .await
                .ingestion_status()
                .as_str()
                .to_owned(),
        );
    }
    assert_eq!(seen, ["RUNNING", "RUNNING", "CANCELLED"]);
    assert_eq!(code(cancel().await), "InvalidParameterValue");
}

#[tokio::test]
async fn lists_are_newest_first_in_pages_and_count_as_looks() {
    let bench = Bench::with_data_set();
    bench.double.configure(|options| options.page_size = 2);
    for number in 0..5 {
        start(&bench, &format!("run-{number}")).await;
    }
    let list = bench
        .client
        .list_ingestions()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales");
    let mut pages = list.into_paginator().items().send();
    let mut ids = Vec::new();
    while let Some(ingestion) = pages.next().await {
        ids.push(
            ingestion
                .expect("an ingestion")
                .ingestion_id()
                .expect("an id")
                .to_owned(),
        );
    }
    assert_eq!(ids, ["run-4", "run-3", "run-2", "run-1", "run-0"]);
    // Three pages, one look.
    assert_eq!(bench.double.ingestions("sales")[0].1, "QUEUED");
    bench.double.add_direct_query_data_set("direct", &["a"]);
    let create = bench
        .client
        .create_ingestion()
        .aws_account_id(ACCOUNT)
        .data_set_id("direct")
        .ingestion_id("x");
    assert_eq!(code(create.send().await), "InvalidParameterValue");
    let absent = bench
        .client
        .list_ingestions()
        .aws_account_id(ACCOUNT)
        .data_set_id("absent")
        .send()
        .await;
    assert_eq!(code(absent), "ResourceNotFound");
}

#[tokio::test]
async fn the_id_of_one_that_is_over_may_be_free() {
    let bench = Bench::with_data_set();
    bench
        .double
        .configure(|options| options.finished_ingestion_ids_are_free = true);
    let create = || {
        let create = bench
            .client
            .create_ingestion()
            .aws_account_id(ACCOUNT)
            .data_set_id("sales");
        create.ingestion_id("run-1").send()
    };
    create().await.expect("accepted");
    assert_eq!(code(create().await), "ResourceExists");
    for _ in 0..3 {
        look(&bench, "run-1").await;
    }
    create().await.expect("accepted again");
    assert_eq!(
        look(&bench, "run-1").await.ingestion_status(),
        &IngestionStatus::Initialized
    );
    assert_eq!(bench.double.ingestions("sales").len(), 2);
}

#[tokio::test]
async fn the_quota_may_be_the_accounts() {
    let bench = Bench::with_data_set();
    bench.double.add_data_set("other", &["x"]);
    bench.double.configure(|options| {
        options.ingestion_quota = 1;
        options.quota_is_of_account = true;
    });
    start(&bench, "run-1").await;
    let create = bench
        .client
        .create_ingestion()
        .aws_account_id(ACCOUNT)
        .data_set_id("other")
        .ingestion_id("run-1");
    assert_eq!(code(create.send().await), "LimitExceeded");
    bench
        .double
        .configure(|options| options.quota_is_of_account = false);
    let create = bench
        .client
        .create_ingestion()
        .aws_account_id(ACCOUNT)
        .data_set_id("other")
        .ingestion_id("run-1");
    create.send().await.expect("accepted");
}
