//! Many dashboards.

use serde_json::{Value, json};

use crate::bench::{Bench, DASHBOARD};

fn many(bench: &Bench, count: usize) {
    let text = std::fs::read_to_string(bench.dashboard_file()).unwrap();
    let mut file: Value = serde_json::from_str(&text).unwrap();
    for n in 1..count {
        file["id"] = json!(format!("copy-{n:03}"));
        let path = bench.path(&format!("assets/dashboards/copy-{n:03}.json"));
        std::fs::write(path, file.to_string()).unwrap();
    }
}

#[test]
fn complaint_17_a_large_throttled_account_exports_whole_in_bounded_calls() {
    let bench = Bench::new();
    many(&bench, 250);
    bench
        .prod(&["deploy", "--yes", "--concurrency", "16"])
        .assert_code(0);
    bench.double.configure(|options| options.page_size = 30);
    bench.double.forget_calls();
    bench.double.throttle(
        datatransit_quicksight::testing::double::Throttle::EveryNth(40),
        None,
    );
    bench
        .prod(&["export", "--all", "--dir", "out", "--concurrency", "8"])
        .assert_code(0)
        .assert_says(&["250 new"]);
    let files = std::fs::read_dir(bench.path("out/dashboards"))
        .unwrap()
        .count();
    assert_eq!(files, 250);
    // Nine pages of the list, five reads for each dashboard, and what was throttled.
    let answered = bench
        .double
        .calls()
        .iter()
        .filter(|call| call.error.is_none())
        .count();
    assert_eq!(answered, 9 + 250 * 5, "{:?}", bench.double.counts());
}

#[test]
fn a_plan_of_100_unchanged_dashboards_only_reads() {
    let bench = Bench::new();
    many(&bench, 100);
    bench
        .prod(&["deploy", "--yes", "--concurrency", "16"])
        .assert_code(0);
    bench.double.forget_calls();
    let started = std::time::Instant::now();
    bench
        .prod(&["plan", "--only", "dashboard/*"])
        .assert_code(0);
    println!(
        "plan of 100 unchanged dashboards: {:?}, {} requests",
        started.elapsed(),
        bench.double.calls().len()
    );
    assert_eq!(bench.double.calls().len(), 500);
    assert!(bench.double.writes().is_empty());
    assert!(
        bench
            .double
            .ids(datatransit_quicksight::testing::double::Kind::Dashboard)
            .contains(&DASHBOARD.to_owned())
    );
}
