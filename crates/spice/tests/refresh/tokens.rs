//! A run that goes on in another process.

use std::time::Duration;

use datatransit_quicksight::testing::double::IngestionEnd;
use datatransit_spice::{How, Outcome, Run, TokenError, Verdict};
use tokio::time::Instant;

use super::{Bench, day, entry, of, refresh};

#[tokio::test]
async fn start_and_poll_are_two_processes() {
    let bench = Bench::new(&["a", "b", "c"]);
    bench.double.build_data_set_on("c", &["a"]);
    bench.double.add_direct_query_data_set("direct", &["x"]);
    let plan = bench
        .refresh
        .plan(of(&["a", "b", "c", "direct", "absent"]), day());
    let mut run = plan.await.expect("a plan");
    bench.refresh.start(&mut run).await;
    let report = run.report();
    assert_eq!(report.verdict, Verdict::Unfinished);
    let outcomes: Vec<Outcome> = report.data_sets.iter().map(|entry| entry.outcome).collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Running,
            Outcome::Running,
            Outcome::Waiting,
            Outcome::Skipped,
            Outcome::Failed
        ]
    );
    assert_eq!(bench.double.calls_of("DescribeIngestion").len(), 0);
    let token = run.token();
    assert!(
        token
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    );
    drop(run);

    let other = refresh(&bench.double);
    let mut run = other.resume(&token).expect("a run");
    other.wait(&mut run, None).await;
    let report = run.report();
    assert_eq!((report.refreshed, report.skipped, report.failed), (3, 1, 1));
    assert_eq!(entry(&report, "a").how, Some(How::Started));
    assert_eq!(bench.asked(), 3);
}

#[tokio::test]
async fn waiting_ends_when_it_is_told_to_and_goes_on_from_there() {
    let bench = Bench::new(&["a", "b"]);
    bench.next("b", IngestionEnd::Never);
    let mut run = bench
        .refresh
        .plan(of(&["a", "b"]), day())
        .await
        .expect("a plan");
    let until = Instant::now() + Duration::from_millis(800);
    bench.refresh.wait(&mut run, Some(until)).await;
    assert!(!run.is_over());
    let report = run.report();
    assert_eq!(entry(&report, "b").outcome, Outcome::Running);
    assert_eq!(entry(&report, "b").status.as_deref(), Some("RUNNING"));
    assert_eq!(entry(&report, "a").outcome, Outcome::Refreshed);
    let mut again = bench.refresh.resume(&run.token()).expect("a run");
    bench.refresh.cancel(&mut again).await;
    assert!(again.is_over());
    assert_eq!(bench.asked(), 2);
}

#[tokio::test]
async fn concurrency_is_a_bound_of_what_is_under_way() {
    let bench = Bench::new(&["a", "b", "c"]);
    let mut config = of(&["a", "b", "c"]);
    config.concurrency = 1;
    let mut run = bench.refresh.plan(config, day()).await.expect("a plan");
    bench.refresh.start(&mut run).await;
    bench.refresh.start(&mut run).await;
    assert_eq!((run.report().unfinished, bench.asked()), (3, 1));
    bench.refresh.wait(&mut run, None).await;
    assert!(run.report().is_complete());
    let lines = bench.recorder.lines();
    let begun = |id: &str| {
        lines
            .iter()
            .position(|line| *line == format!("{id}: started"))
    };
    let done = |id: &str| {
        lines
            .iter()
            .position(|line| *line == format!("{id}: refreshed"))
    };
    assert!(
        done("a") < begun("b") && done("b") < begun("c"),
        "{lines:?}"
    );
}

#[test]
fn what_is_no_token_is_refused() {
    for text in ["", "r1", "r1.", "r1.%%", "r1.e30", "hello"] {
        assert_eq!(
            Run::from_token(text).err(),
            Some(TokenError::Form),
            "{text}"
        );
    }
    assert!(matches!(
        Run::from_token("r9.e30"),
        Err(TokenError::Version(_))
    ));
}
