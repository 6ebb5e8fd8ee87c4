//! The refreshes of 24 hours.

use std::{sync::Arc, time::Duration};

use datatransit_spice::{FailureClass, Trigger};
use jiff::Timestamp;

use super::{Bench, entry, of};

#[tokio::test]
async fn when_all_are_used_the_next_slot_is_told_and_nothing_is_tried_again() {
    const BEGIN: i64 = 1_767_225_600;
    let mut bench = Bench::new(&["sales"]);
    bench.double.stop_clock_at(BEGIN.unsigned_abs());
    bench
        .double
        .configure(|options| options.ingestion_quota = 3);
    // The configured limit is wrong: the service's word counts.
    for (minutes, used) in [(0, 1), (10, 2), (20, 3)] {
        let now = Timestamp::from_second(BEGIN + minutes * 60).expect("a time");
        bench.refresh = bench.refresh.with_clock(Arc::new(move || now));
        let trigger = Trigger::Run(minutes.to_string());
        let report = bench.refresh.run(of(&["sales"]), trigger).await;
        let report = report.expect("a run");
        assert!(report.is_complete(), "{report}");
        let quota = entry(&report, "sales").quota.as_ref().expect("a quota");
        assert_eq!(
            (quota.used, quota.limit, quota.next_slot_at),
            (used, 32, None)
        );
        bench.double.advance(Duration::from_secs(600));
    }
    let calls = bench.asked();
    let now = Timestamp::from_second(BEGIN + 1800).expect("a time");
    bench.refresh = bench.refresh.with_clock(Arc::new(move || now));
    let report = bench.run(of(&["sales"])).await;
    let sales = entry(&report, "sales");
    let failure = sales.failure.as_ref().expect("a failure");
    assert_eq!(failure.class, FailureClass::Quota);
    assert_eq!(bench.asked(), calls + 1, "once, and never again");
    let note = sales.note();
    assert!(
        note.ends_with("; next slot frees at 2026-01-02T00:00:00Z"),
        "{note}"
    );

    // A second later than it says there is room.
    bench
        .double
        .advance(Duration::from_secs(24 * 3600 - 1800 + 1));
    let now = Timestamp::from_second(BEGIN + 24 * 3600 + 1).expect("a time");
    bench.refresh = bench.refresh.with_clock(Arc::new(move || now));
    let report = bench.run(of(&["sales"])).await;
    assert!(report.is_complete(), "{report}");
}
