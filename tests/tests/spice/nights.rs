//! Whole runs, by their exit codes, tables and JSON.

use datatransit_quicksight::testing::double::{IngestionEnd, Kind};

use crate::bench::{Bench, failed};

#[test]
fn all_good_is_zero_and_a_table() {
    let bench = Bench::new(&["daily_activity", "sales"]);
    bench.double.set_name(Kind::DataSet, "sales", "Sales");
    let outcome = bench
        .run(&["--dataset", "daily_activity,sales"])
        .assert_code(0);
    assert_eq!(
        outcome.stdout(),
        "\
DATA SET        OUTCOME    HOW      ROWS  DROPPED  SECONDS  NOTE
daily_activity  refreshed  started   100        0       12
sales (Sales)   refreshed  started   100        0       12
2 refreshed
"
    );
    let log = outcome.stderr();
    for line in [
        "started",
        "status=QUEUED",
        "refreshed data_set=sales rows=100 seconds=12",
    ] {
        assert!(log.contains(line), "no {line:?} in: {log}");
    }
    // Run again the same day, it finds them done; --again is another matter.
    let again = bench.run(&["--dataset", "daily_activity,sales", "--json"]);
    let report = again.assert_code(0).json();
    assert_eq!(report["data_sets"][0]["how"], "resumed");
    assert_eq!(bench.double.calls_of("CreateIngestion").len(), 2);
    bench.run(&["--dataset", "sales", "--again"]).assert_code(0);
    assert_eq!(bench.double.calls_of("CreateIngestion").len(), 3);
}

#[test]
fn ten_data_sets_with_everything_that_can_go_wrong() {
    let spice = [
        "a1",
        "a2",
        "a3",
        "a4",
        "bad_sql",
        "bad_login",
        "full",
        "running",
    ];
    let bench = Bench::new(&spice);
    bench.double.add_direct_query_data_set("direct", &["x"]);
    bench.next("bad_sql", failed("SQL_TABLE_NOT_FOUND"));
    bench.next("bad_login", failed("PASSWORD_AUTHENTICATION_FAILURE"));
    bench.next("full", failed("ACCOUNT_CAPACITY_LIMIT_EXCEEDED"));
    bench.double.start_scheduled_ingestion("running", "nightly");
    let ids = "a1,bad_sql,a2,direct,bad_login,a3,absent,running,full,a4";
    let outcome = bench.run(&["--dataset", ids]).assert_code(1);
    let table = outcome.stdout();
    for line in [
        "direct     skipped                                      it queries directly: there is nothing to refresh",
        "bad_sql    failed     started                       12  sql: as the service says",
        "running    refreshed  attached   100        0       12",
        "5 refreshed, 1 skipped, 4 failed (bad_sql, bad_login, full, absent)",
    ] {
        assert!(
            table.lines().any(|found| found == line),
            "no {line:?} in:\n{table}"
        );
    }
    assert!(table.contains("absent     failed"), "{table}");
    let log = outcome.stderr();
    assert!(log.contains("class=capacity"), "{log}");
    assert!(log.contains("remedy=\"buy SPICE capacity"), "{log}");
}

#[test]
fn the_file_and_the_command_line_are_joined() {
    let bench = Bench::new(&["a", "b"]);
    bench.double.set_tag(Kind::DataSet, "b", "nightly", "yes");
    std::fs::write(
        bench.path("nightly.toml"),
        "max_dropped_rows = 5\n[[data_sets]]\ntag = { key = \"nightly\", value = \"yes\" }\n",
    )
    .unwrap();
    let dropped = || IngestionEnd::Completed {
        ingested: 10,
        dropped: 5,
    };
    bench.next("b", dropped());
    let report = bench
        .run(&["--config", "nightly.toml", "--json"])
        .assert_code(0)
        .json();
    assert_eq!(report["data_sets"][0]["data_set"], "b");
    assert_eq!(report["rows_dropped"], 5);
    bench.next("a", dropped());
    bench
        .run(&[
            "--config",
            "nightly.toml",
            "--dataset",
            "a",
            "--max-dropped-rows",
            "4",
        ])
        .assert_code(1)
        .assert_says(&[
            "dropped-rows: 5 rows were dropped, 4 are allowed",
            "a         ",
        ]);
}

#[test]
fn a_dry_run_starts_nothing() {
    let bench = Bench::new(&["a", "b"]);
    bench.double.add_direct_query_data_set("direct", &["x"]);
    bench
        .run(&["--all", "--dry-run"])
        .assert_code(0)
        .assert_says(&["a         waiting", "1 skipped, 2 unfinished"]);
    bench.run(&["--name", "nobody", "--dry-run"]).assert_code(1);
    assert!(bench.double.writes().is_empty());
}

#[test]
fn start_now_and_look_later() {
    let bench = Bench::new(&["a", "b"]);
    let started = bench
        .run(&["--all", "--no-wait", "--json"])
        .assert_code(0)
        .json();
    assert_eq!(started["verdict"], "unfinished");
    assert!(bench.double.calls_of("DescribeIngestion").is_empty());
    let token = started["resume_token"].as_str().unwrap();
    let report = bench
        .run(&["--resume", token, "--json"])
        .assert_code(0)
        .json();
    assert_eq!(
        (&report["verdict"], &report["refreshed"]),
        (&"complete".into(), &2.into())
    );
    assert!(report.get("resume_token").is_none());
    let text = bench
        .run(&["--all", "--again", "--no-wait"])
        .assert_code(0)
        .stdout();
    assert!(
        text.lines().last().unwrap().starts_with("resume: r1."),
        "{text}"
    );
}

#[test]
fn a_deadline_is_ten() {
    let bench = Bench::new(&["a", "b"]);
    bench.next("b", IngestionEnd::Never);
    bench
        .run(&["--all", "--deadline", "2s", "--cancel-on-deadline"])
        .assert_code(10)
        .assert_says(&["a         refreshed", "deadline: ", "was cancelled"]);
    assert_eq!(bench.double.ingestions("b")[0].1, "CANCELLED");
}

#[test]
fn a_quota_that_is_used_up_tells_when_the_next_slot_frees() {
    let bench = Bench::new(&["a"]);
    bench
        .double
        .configure(|options| options.ingestion_quota = 1);
    bench.run(&["--dataset", "a"]).assert_code(0);
    bench
        .run(&["--dataset", "a", "--again"])
        .assert_code(1)
        .assert_says(&["quota: CreateIngestion", "; next slot frees at 20"]);
    assert_eq!(bench.double.calls_of("CreateIngestion").len(), 2);
}
