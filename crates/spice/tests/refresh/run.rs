//! One night: ten data sets, three that fail, one under way, one that queries directly,
//! one that is not there.

use datatransit_quicksight::testing::double::IngestionEnd;
use datatransit_spice::Verdict;
use serde_json::json;

use super::{Bench, failed, of};

#[tokio::test]
async fn ten_data_sets_in_one_run_and_the_exact_report() {
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
    bench.next(
        "running",
        IngestionEnd::Completed {
            ingested: 5,
            dropped: 0,
        },
    );
    bench.double.start_scheduled_ingestion("running", "nightly");
    let mut config = of(&[
        "a1",
        "bad_sql",
        "a2",
        "direct",
        "bad_login",
        "a3",
        "absent",
        "running",
        "full",
        "a4",
    ]);
    config.concurrency = 3;
    let report = bench.run(config).await;
    assert_eq!(report.verdict, Verdict::Failed);

    let mut told = serde_json::to_value(&report).expect("JSON");
    for entry in told["data_sets"].as_array_mut().expect("entries") {
        let entry = entry.as_object_mut().expect("an entry");
        // A digest, and the request's id.
        entry.remove("ingestion_id");
        if let Some(failure) = entry.get_mut("failure") {
            let failure = failure.as_object_mut().expect("a failure");
            failure.remove("remedy");
            if failure["class"] == "not-found" {
                failure.remove("message");
            }
        }
    }
    told.as_object_mut().expect("a report").remove("started_at");
    let good = |id: &str| {
        json!({
            "data_set": id, "name": id, "outcome": "refreshed", "mode": "full",
            "how": "started", "status": "COMPLETED", "rows_ingested": 100, "rows_dropped": 0,
            "rows_total": 100, "bytes": 4096, "seconds": 12, "attempts": 1,
            "quota": {"used": 1, "limit": 32}
        })
    };
    let bad = |id: &str, class: &str, code: &str| {
        json!({
            "data_set": id, "name": id, "outcome": "failed", "mode": "full",
            "how": "started", "status": "FAILED", "seconds": 12, "attempts": 1,
            "quota": {"used": 1, "limit": 32},
            "failure": {
                "class": class, "code": code, "message": format!("because of {code}"),
                "may_retry": false
            }
        })
    };
    let expected = json!({
        "trigger": {"day": "2026-11-23"},
        "verdict": "failed",
        "refreshed": 5, "skipped": 1, "failed": 4, "unfinished": 0,
        "rows_ingested": 405, "rows_dropped": 0,
        "data_sets": [
            good("a1"),
            bad("bad_sql", "sql", "SQL_TABLE_NOT_FOUND"),
            good("a2"),
            {
                "data_set": "direct", "name": "direct", "outcome": "skipped", "mode": "full",
                "attempts": 0, "reason": "it queries directly: there is nothing to refresh"
            },
            bad("bad_login", "credentials", "PASSWORD_AUTHENTICATION_FAILURE"),
            good("a3"),
            {
                "data_set": "running", "name": "running", "outcome": "refreshed",
                "mode": "full", "how": "attached", "status": "COMPLETED", "rows_ingested": 5,
                "rows_dropped": 0, "rows_total": 5, "bytes": 4096, "seconds": 12,
                "attempts": 1, "quota": {"used": 0, "limit": 32}
            },
            bad("full", "capacity", "ACCOUNT_CAPACITY_LIMIT_EXCEEDED"),
            good("a4"),
            {
                "data_set": "absent", "name": "", "outcome": "failed", "mode": "full",
                "attempts": 0,
                "failure": {"class": "not-found", "code": "ResourceNotFoundException", "may_retry": false}
            }
        ]
    });
    assert_eq!(told, expected, "{told:#}");

    let table = report.to_string();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(
        lines[..3],
        [
            "DATA SET   OUTCOME    HOW       ROWS  DROPPED  SECONDS  NOTE",
            "a1         refreshed  started    100        0       12",
            "bad_sql    failed     started                       12  sql: because of SQL_TABLE_NOT_FOUND",
        ]
    );
    assert_eq!(
        lines.last(),
        Some(&"5 refreshed, 1 skipped, 4 failed (bad_sql, bad_login, full, absent)")
    );
}
