//! Each way an ingestion ends, and what is made of it.

use datatransit_quicksight::testing::double::IngestionEnd;
use datatransit_spice::{FailureClass, How, Outcome, Verdict};

use super::{Bench, entry, failed, of, script};

#[tokio::test]
async fn one_that_completes_is_followed_through_every_state() {
    let bench = Bench::new(&["sales"]);
    let end = IngestionEnd::Completed {
        ingested: 90,
        dropped: 0,
    };
    bench.next("sales", end);
    let report = bench.run(of(&["sales"])).await;
    assert_eq!(report.verdict, Verdict::Complete);
    let sales = entry(&report, "sales");
    assert_eq!(
        (sales.outcome, sales.how),
        (Outcome::Refreshed, Some(How::Started))
    );
    assert_eq!(
        (sales.rows_ingested, sales.rows_dropped, sales.rows_total),
        (Some(90), Some(0), Some(90))
    );
    assert_eq!(
        (sales.seconds, sales.bytes, sales.attempts),
        (Some(12), Some(4096), 1)
    );
    assert_eq!(
        bench.recorder.lines(),
        [
            "sales: started",
            "sales: INITIALIZED",
            "sales: QUEUED",
            "sales: RUNNING",
            "sales: refreshed"
        ]
    );
}

#[tokio::test]
async fn dropped_rows_fail_beyond_what_is_allowed() {
    for (most, outcome) in [(9, Outcome::Failed), (10, Outcome::Refreshed)] {
        let bench = Bench::new(&["sales"]);
        let end = IngestionEnd::Completed {
            ingested: 90,
            dropped: 10,
        };
        bench.next("sales", end);
        let mut config = of(&["sales"]);
        config.max_dropped_rows = most;
        let report = bench.run(config).await;
        let sales = entry(&report, "sales");
        assert_eq!(sales.outcome, outcome);
        assert_eq!(
            (sales.rows_ingested, sales.rows_dropped),
            (Some(90), Some(10))
        );
        // The same rows would be dropped again.
        assert_eq!(bench.asked(), 1);
    }
}

#[tokio::test]
async fn a_failure_is_tried_again_only_where_that_may_help() {
    for (kind, class, attempts) in [
        ("CONNECTION_FAILURE", FailureClass::SourceUnreachable, 2),
        ("QUERY_TIMEOUT", FailureClass::SourceUnreachable, 2),
        ("SOURCE_RESOURCE_LIMIT_EXCEEDED", FailureClass::Throttled, 2),
        ("INTERNAL_SERVICE_ERROR", FailureClass::Internal, 2),
        (
            "PASSWORD_AUTHENTICATION_FAILURE",
            FailureClass::Credentials,
            1,
        ),
        ("PERMISSION_DENIED", FailureClass::Permission, 1),
        ("ACCOUNT_CAPACITY_LIMIT_EXCEEDED", FailureClass::Capacity, 1),
        ("SQL_EXCEPTION", FailureClass::Sql, 1),
        ("SOMETHING_NEW", FailureClass::Unknown, 1),
    ] {
        let bench = Bench::new(&["sales"]);
        bench
            .double
            .script_ingestions("sales", script(failed(kind)));
        let report = bench.run(of(&["sales"])).await;
        let sales = entry(&report, "sales");
        assert_eq!(sales.outcome, Outcome::Failed, "{kind}");
        let failure = sales.failure.as_ref().expect("a failure");
        assert_eq!(
            (failure.class, failure.code.as_deref()),
            (class, Some(kind))
        );
        assert_eq!(failure.message, format!("because of {kind}"));
        assert_eq!(failure.may_retry, attempts > 1, "{kind}");
        assert_eq!(bench.asked(), attempts, "{kind}");
        assert_eq!(sales.status.as_deref(), Some("FAILED"));
    }
}

#[tokio::test]
async fn the_second_attempt_may_go_well() {
    let bench = Bench::new(&["sales"]);
    bench.next("sales", failed("CONNECTION_FAILURE"));
    let report = bench.run(of(&["sales"])).await;
    assert!(report.is_complete(), "{report}");
    assert_eq!(entry(&report, "sales").attempts, 2);
    let ids: Vec<String> = bench
        .double
        .ingestions("sales")
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(ids[1], format!("{}-2", ids[0]));
}

#[tokio::test]
async fn one_that_somebody_cancels_has_failed_and_stays_so() {
    let bench = Bench::new(&["sales"]);
    bench.next("sales", IngestionEnd::Cancelled);
    let report = bench.run(of(&["sales"])).await;
    let sales = entry(&report, "sales");
    let failure = sales.failure.as_ref().expect("a failure");
    assert_eq!(failure.class, FailureClass::Cancelled);
    assert_eq!(bench.asked(), 1);
}

#[tokio::test]
async fn one_that_was_superseded_is_that_which_took_its_place() {
    let bench = Bench::new(&["sales"]);
    bench.next("sales", failed("INGESTION_SUPERSEDED"));
    bench.double.advance(std::time::Duration::from_secs(1));
    let mut run = bench
        .refresh
        .plan(of(&["sales"]), super::day())
        .await
        .expect("a plan");
    bench.refresh.start(&mut run).await;
    bench.double.advance(std::time::Duration::from_secs(1));
    bench.double.start_scheduled_ingestion("sales", "later");
    bench.refresh.wait(&mut run, None).await;
    let report = run.report();
    let sales = entry(&report, "sales");
    assert_eq!(sales.outcome, Outcome::Refreshed, "{report}");
    assert_eq!(sales.ingestion_id.as_deref(), Some("later"));
    assert_eq!((sales.how, bench.asked()), (Some(How::Attached), 1));
}

#[tokio::test]
async fn a_state_that_is_not_known_ends_with_the_deadline() {
    let bench = Bench::new(&["sales"]);
    bench.next("sales", IngestionEnd::Unknown("PONDERING".to_owned()));
    let mut config = of(&["sales"]);
    config.data_set_deadline_seconds = Some(1);
    let report = bench.run(config).await;
    assert_eq!(report.verdict, Verdict::Deadline);
    let sales = entry(&report, "sales");
    let failure = sales.failure.as_ref().expect("a failure");
    assert!(
        failure.message.ends_with("last seen as PONDERING"),
        "{failure}"
    );
    assert!(bench.double.calls_of("CancelIngestion").is_empty());
}

#[tokio::test]
async fn at_the_deadline_it_is_cancelled_by_choice() {
    let bench = Bench::new(&["sales"]);
    bench.next("sales", IngestionEnd::Never);
    let mut config = of(&["sales"]);
    config.deadline_seconds = 1;
    config.cancel_on_deadline = true;
    let report = bench.run(config).await;
    assert_eq!(report.verdict, Verdict::Deadline);
    let sales = entry(&report, "sales");
    assert_eq!(sales.status.as_deref(), Some("CANCELLED"));
    assert_eq!(bench.double.ingestions("sales")[0].1, "CANCELLED");
}

#[tokio::test]
async fn a_run_that_is_cancelled_cancels_its_own_and_no_others() {
    let bench = Bench::new(&["own", "other"]);
    bench
        .double
        .script_ingestions("own", script(IngestionEnd::Never));
    bench
        .double
        .script_ingestions("other", script(IngestionEnd::Never));
    bench.double.start_scheduled_ingestion("other", "nightly");
    let plan = bench.refresh.plan(of(&["own", "other"]), super::day());
    let mut run = plan.await.expect("a plan");
    bench.refresh.start(&mut run).await;
    bench.refresh.cancel(&mut run).await;
    assert!(run.is_over());
    assert_eq!(bench.double.ingestions("own")[0].1, "CANCELLED");
    assert_ne!(bench.double.ingestions("other")[0].1, "CANCELLED");
    for entry in run.report().data_sets {
        let failure = entry.failure.expect("a failure");
        assert_eq!(failure.class, FailureClass::Cancelled);
    }
}
