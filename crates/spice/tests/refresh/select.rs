//! Which data sets are meant.

use datatransit_quicksight::testing::double::Kind;
use datatransit_spice::{FailureClass, Outcome, RefreshConfig, RefreshKind, Selection, Selector};

use super::{Bench, day, id, of};

fn config(selections: Vec<Selection>) -> RefreshConfig {
    let mut config = of(&[]);
    config.data_sets = selections;
    config
}

async fn planned(bench: &Bench, selectors: Vec<Selector>) -> Vec<(String, Outcome, RefreshKind)> {
    let selections = selectors.into_iter().map(Selection::of).collect();
    plan(bench, selections).await
}

async fn plan(bench: &Bench, selections: Vec<Selection>) -> Vec<(String, Outcome, RefreshKind)> {
    let run = bench.refresh.plan(config(selections), day()).await;
    let report = run.expect("a plan").report();
    report
        .data_sets
        .into_iter()
        .map(|entry| (entry.data_set, entry.outcome, entry.mode))
        .collect()
}

fn waiting(ids: &[&str]) -> Vec<(String, Outcome, RefreshKind)> {
    ids.iter()
        .map(|id| ((*id).to_owned(), Outcome::Waiting, RefreshKind::Full))
        .collect()
}

fn bench() -> Bench {
    let bench = Bench::new(&["a", "b", "c"]);
    bench.double.set_name(Kind::DataSet, "a", "Sales Asia");
    bench.double.set_name(Kind::DataSet, "b", "Sales Europe");
    bench.double.set_name(Kind::DataSet, "c", "Stock");
    bench.double.configure(|options| options.page_size = 2);
    bench
}

#[tokio::test]
async fn an_identifier_needs_no_listing() {
    let bench = bench();
    assert_eq!(
        planned(&bench, vec![Selector::Id(id("a"))]).await,
        waiting(&["a"])
    );
    assert_eq!(
        bench.double.counts().keys().collect::<Vec<_>>(),
        ["DescribeDataSet"]
    );
}

#[tokio::test]
async fn names_globs_tags_dashboards_and_all() {
    let bench = bench();
    bench.double.set_tag(Kind::DataSet, "b", "nightly", "yes");
    bench.double.set_tag(Kind::DataSet, "c", "nightly", "no");
    bench.double.add_dashboard("overview", "Overview", "{}");
    bench.double.show_on_dashboard("overview", &["c", "a"]);
    let tag = Selector::Tag {
        key: "nightly".to_owned(),
        value: "yes".to_owned(),
    };
    for (selector, found) in [
        (Selector::Name("Stock".to_owned()), &["c"][..]),
        (Selector::Glob("Sales *".to_owned()), &["a", "b"]),
        (Selector::Glob("S{tock,ales E}*".to_owned()), &["b", "c"]),
        (tag, &["b"]),
        (Selector::Dashboard(id("overview")), &["c", "a"]),
        (Selector::All, &["a", "b", "c"]),
    ] {
        let shown = selector.to_string();
        assert_eq!(
            planned(&bench, vec![selector]).await,
            waiting(found),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn what_is_not_found_is_an_entry_and_the_rest_goes_on() {
    let bench = bench();
    bench.double.set_name(Kind::DataSet, "b", "Sales Asia");
    let selections = vec![
        Selection::of(Selector::Name("Sales Asia".to_owned())),
        Selection::of(Selector::Name("sales asia".to_owned())),
        Selection::of(Selector::Glob("X*".to_owned())),
        Selection::of(Selector::Dashboard(id("absent"))),
        Selection::id(id("absent")),
        Selection::id(id("c")),
    ];
    let run = bench.refresh.plan(config(selections), day()).await;
    let report = run.expect("a plan").report();
    let entries: Vec<_> = report
        .data_sets
        .iter()
        .map(|entry| {
            let class = entry.failure.as_ref().map(|failure| failure.class);
            (entry.data_set.as_str(), class)
        })
        .collect();
    assert_eq!(
        entries,
        [
            ("c", None),
            ("name `Sales Asia`", Some(FailureClass::Configuration)),
            ("name `sales asia`", Some(FailureClass::NotFound)),
            ("names like `X*`", Some(FailureClass::NotFound)),
            ("behind dashboard `absent`", Some(FailureClass::NotFound)),
            ("absent", Some(FailureClass::NotFound)),
        ]
    );
    let ambiguous = report.data_sets[1].failure.as_ref().expect("a failure");
    assert!(ambiguous.message.contains("`a`, `b`"), "{ambiguous}");
}

#[tokio::test]
async fn one_selected_twice_is_refreshed_once_as_it_is_named() {
    let bench = bench();
    let found = plan(
        &bench,
        vec![
            Selection::of(Selector::All),
            Selection::id(id("b")).with_mode(RefreshKind::Incremental),
            Selection::of(Selector::Glob("Sales*".to_owned())).with_mode(RefreshKind::Incremental),
        ],
    )
    .await;
    let modes: Vec<_> = found.into_iter().map(|(id, _, mode)| (id, mode)).collect();
    let expected = [
        ("a".to_owned(), RefreshKind::Full),
        ("b".to_owned(), RefreshKind::Incremental),
        ("c".to_owned(), RefreshKind::Full),
    ];
    assert_eq!(modes, expected);
}

#[tokio::test]
async fn direct_queries_and_uploaded_files_are_skipped_and_never_called() {
    let bench = bench();
    bench.double.add_direct_query_data_set("direct", &["x"]);
    bench.double.make_uploaded_file("b");
    let mut config = config(vec![Selection::of(Selector::All)]);
    config.concurrency = 2;
    let report = bench.run(config).await;
    assert!(report.is_complete(), "{report}");
    assert_eq!((report.refreshed, report.skipped), (2, 2));
    for operation in ["CreateIngestion", "ListIngestions", "DescribeIngestion"] {
        for call in bench.double.calls_of(operation) {
            assert!(
                !["b", "direct"].contains(&call.id().unwrap_or_default()),
                "{call:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_incremental_refresh_without_properties_is_told_as_such() {
    let bench = bench();
    let selection = Selection::id(id("a")).with_mode(RefreshKind::Incremental);
    let report = bench.run(config(vec![selection])).await;
    let failure = report.data_sets[0].failure.as_ref().expect("a failure");
    assert_eq!(failure.class, FailureClass::Configuration);
    assert!(failure.message.contains("refresh properties"), "{failure}");
}

#[tokio::test]
async fn what_others_are_built_on_comes_first_and_keeps_them_back() {
    let bench = Bench::new(&["top", "middle", "base"]);
    bench.double.build_data_set_on("top", &["middle"]);
    bench.double.build_data_set_on("middle", &["base"]);
    let report = bench.run(of(&["top", "middle", "base"])).await;
    assert!(report.is_complete(), "{report}");
    let order: Vec<String> = bench
        .recorder
        .lines()
        .into_iter()
        .filter(|line| line.ends_with("started") || line.ends_with("refreshed"))
        .collect();
    assert_eq!(
        order,
        [
            "base: started",
            "base: refreshed",
            "middle: started",
            "middle: refreshed",
            "top: started",
            "top: refreshed"
        ]
    );

    let bench = Bench::new(&["top", "middle", "base"]);
    bench.double.build_data_set_on("top", &["middle"]);
    bench.double.build_data_set_on("middle", &["base"]);
    bench.next("base", super::failed("SQL_EXCEPTION"));
    let report = bench.run(of(&["top", "middle", "base"])).await;
    assert_eq!((report.failed, bench.asked()), (3, 1));
    let top = super::entry(&report, "top").note();
    assert_eq!(top, "dependency: it is built on `middle`, not refreshed");

    bench.double.build_data_set_on("base", &["top"]);
    let circle = bench
        .refresh
        .plan(of(&["top", "middle", "base"]), day())
        .await;
    let error = circle.expect_err("a circle").to_string();
    assert!(error.contains("top → middle → base → top"), "{error}");
}

#[tokio::test]
async fn an_uploaded_file_that_is_asked_for_by_its_id_has_failed() {
    let bench = bench();
    bench.double.make_uploaded_file("b");
    let report = bench.run(of(&["b"])).await;
    let failure = report.data_sets[0].failure.as_ref().expect("a failure");
    assert_eq!(failure.class, FailureClass::Configuration);
    assert_eq!(bench.asked(), 0);
}
