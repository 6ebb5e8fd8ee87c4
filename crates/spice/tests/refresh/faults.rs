//! The client dies at every call, before or after its effect: the next try of the same run
//! goes on, and starts nothing twice.

use std::time::Duration;

use datatransit_quicksight::testing::double::{Fault, FaultKind, Throttle};
use datatransit_spice::Trigger;

use super::{Bench, day, entry, of};

/// Calls of an undisturbed run of one data set.
async fn calls() -> u64 {
    let bench = Bench::new(&["sales"]);
    assert!(bench.run(of(&["sales"])).await.is_complete());
    bench.double.calls().len().try_into().expect("few")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_try_attaches_wherever_the_first_one_died() {
    let calls = calls().await;
    assert!(calls >= 6, "{calls}");
    for n in 1..=calls {
        for after in [false, true] {
            let bench = Bench::new(&["sales"]);
            if after {
                bench.double.cut_after(n);
            } else {
                bench.double.cut_before(n);
            }
            let refresh = bench.refresh.clone();
            let first = tokio::spawn(async move { refresh.run(of(&["sales"]), day()).await });
            while bench.double.calls().len() < usize::try_from(n).expect("few") {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            first.abort();
            let _ = first.await;
            bench.double.clear_faults();

            let report = bench.run(of(&["sales"])).await;
            assert!(report.is_complete(), "call {n}, after: {after}: {report}");
            assert_eq!(
                bench.double.ingestions("sales").len(),
                1,
                "call {n}, after: {after}"
            );
        }
    }
}

#[tokio::test]
async fn one_call_that_fails_is_made_again_and_starts_nothing_twice() {
    let calls = calls().await;
    for n in 1..=calls {
        for kind in [
            FaultKind::Cut,
            FaultKind::Truncated,
            FaultKind::Internal,
            FaultKind::Unavailable,
            FaultKind::Throttled,
        ] {
            let bench = Bench::new(&["sales"]);
            bench.double.inject(Fault::new(kind).at(n));
            bench
                .double
                .inject(Fault::new(kind).at(n + 1).after_effect());
            let report = bench.run(of(&["sales"])).await;
            assert!(report.is_complete(), "call {n}, {kind:?}: {report}");
            assert_eq!(
                bench.double.ingestions("sales").len(),
                1,
                "call {n}, {kind:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_event_that_is_delivered_again_keeps_a_failure_that_no_attempt_mends() {
    for (kind, asked) in [("SQL_EXCEPTION", 1), ("CONNECTION_FAILURE", 2)] {
        let bench = Bench::new(&["sales"]);
        bench.next("sales", super::failed(kind));
        let mut config = of(&["sales"]);
        config.attempts = 1;
        let event = || Trigger::Event("6a7e8feb-b491-4cf7".to_owned());
        let first = bench
            .refresh
            .run(config.clone(), event())
            .await
            .expect("a run");
        assert_eq!(first.failed, 1);
        let again = bench
            .refresh
            .run(config.clone(), event())
            .await
            .expect("a run");
        assert_eq!(bench.asked(), asked, "{kind}");
        assert_eq!(again.is_complete(), asked == 2, "{again}");
        // A day's run that is started again by hand is another matter.
        let bench = Bench::new(&["sales"]);
        bench.next("sales", super::failed(kind));
        assert!(!bench.run(config.clone()).await.is_complete());
        assert!(bench.run(config.clone()).await.is_complete());
        assert_eq!(bench.asked(), 2);
        // And what is done stays done.
        let third = bench.run(config).await;
        assert_eq!(
            entry(&third, "sales").how,
            Some(datatransit_spice::How::Resumed)
        );
        assert_eq!(bench.asked(), 2);
    }
}

#[tokio::test]
async fn throttling_makes_it_slower_and_nothing_else() {
    let bench = Bench::new(&["a", "b", "c"]);
    bench.double.throttle(Throttle::EveryNth(3), None);
    let report = bench.run(of(&["a", "b", "c"])).await;
    assert!(report.is_complete(), "{report}");
    for id in ["a", "b", "c"] {
        assert_eq!(bench.double.ingestions(id).len(), 1);
    }
}

#[tokio::test]
async fn a_denial_names_the_action_and_keeps_no_other_back() {
    for operation in [
        "DescribeDataSet",
        "ListIngestions",
        "CreateIngestion",
        "DescribeIngestion",
    ] {
        let bench = Bench::new(&["sales"]);
        bench.double.deny(operation);
        let report = bench.run(of(&["sales"])).await;
        let failure = entry(&report, "sales").failure.as_ref().expect("a failure");
        assert_eq!(failure.class, datatransit_spice::FailureClass::Permission);
        assert!(failure.message.contains(operation), "{failure}");
    }
}
