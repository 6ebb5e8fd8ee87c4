//! One that is under way already.

use datatransit_quicksight::testing::double::IngestionEnd;
use datatransit_spice::{How, OnRunning, Outcome};

use super::{Bench, entry, of};

async fn with(policy: OnRunning, end: IngestionEnd) -> (Bench, datatransit_spice::Report) {
    let bench = Bench::new(&["sales"]);
    bench.next("sales", end);
    bench.double.start_scheduled_ingestion("sales", "nightly");
    let mut config = of(&["sales"]);
    config.on_running = policy;
    let report = bench.run(config).await;
    (bench, report)
}

fn completed() -> IngestionEnd {
    IngestionEnd::Completed {
        ingested: 7,
        dropped: 0,
    }
}

#[tokio::test]
async fn attach_takes_its_result() {
    let (bench, report) = with(OnRunning::Attach, completed()).await;
    let sales = entry(&report, "sales");
    assert_eq!(
        (sales.outcome, sales.how),
        (Outcome::Refreshed, Some(How::Attached))
    );
    assert_eq!(sales.ingestion_id.as_deref(), Some("nightly"));
    assert_eq!((sales.rows_ingested, bench.asked()), (Some(7), 0));
}

#[tokio::test]
async fn skip_leaves_it_alone() {
    let (bench, report) = with(OnRunning::Skip, IngestionEnd::Never).await;
    let sales = entry(&report, "sales");
    assert_eq!(sales.outcome, Outcome::Skipped);
    assert_eq!(sales.note(), "ingestion `nightly` is under way");
    assert_eq!((report.is_complete(), bench.asked()), (true, 0));
}

#[tokio::test]
async fn queue_starts_another_behind_it() {
    let bench = Bench::new(&["sales"]);
    bench.double.start_scheduled_ingestion("sales", "nightly");
    let mut config = of(&["sales"]);
    config.on_running = OnRunning::Queue;
    let plan = bench.refresh.plan(config, super::day());
    let mut run = plan.await.expect("a plan");
    bench.refresh.start(&mut run).await;
    let both = bench.double.ingestions("sales");
    assert_eq!(both.len(), 2);
    // The double works while it is looked at; others look here.
    for n in 0..5 {
        let mut config = of(&["sales"]);
        config.on_running = OnRunning::Skip;
        let trigger = datatransit_spice::Trigger::Run(n.to_string());
        bench.refresh.run(config, trigger).await.expect("a run");
    }
    assert_eq!(bench.double.ingestions("sales")[0].1, "COMPLETED");
    bench.refresh.wait(&mut run, None).await;
    let report = run.report();
    assert_eq!(entry(&report, "sales").how, Some(How::Started));
    assert!(report.is_complete(), "{report}");
}

#[tokio::test]
async fn replace_cancels_it_first() {
    let (bench, report) = with(OnRunning::Replace, IngestionEnd::Never).await;
    assert!(report.is_complete(), "{report}");
    let ingestions = bench.double.ingestions("sales");
    assert_eq!(
        ingestions[0],
        ("nightly".to_owned(), "CANCELLED".to_owned())
    );
    assert_eq!(ingestions[1].1, "COMPLETED");
}
