//! The day's report: where it lies, and that trouble leaves one too.

use e2e::s3::{FaultRule, Operation};

use crate::bench::{BUCKET, Bench, dump};

fn dumps(bench: &Bench) {
    bench.write("old.sql", dump(20, "x"));
    bench.write("new.sql", dump(20, "x"));
}

#[tokio::test]
async fn a_report_is_data_and_a_page() {
    let bench = Bench::new();
    dumps(&bench);
    let to = |place: &'static str| {
        [
            "old.sql",
            "new.sql",
            "--date",
            "2026-11-23",
            "--report",
            place,
        ]
    };
    bench.run(&to("s3://dumps-bucket/a/")).await.assert_code(0);
    bench
        .run(&to("s3://dumps-bucket/b/%Y/day-%F.json"))
        .await
        .assert_code(0);
    assert_eq!(
        bench.s3.keys(BUCKET),
        [
            "a/2026-11-23.html",
            "a/2026-11-23.json",
            "b/2026/day-2026-11-23.html",
            "b/2026/day-2026-11-23.json"
        ]
    );
    let object = bench.s3.object(BUCKET, "a/2026-11-23.json").unwrap();
    assert_eq!(object.content_type.as_deref(), Some("application/json"));
    assert_eq!(
        bench.document("a/2026-11-23.json").unwrap()["comparison"]["verdict"],
        "same"
    );
    let page = bench
        .s3
        .object(BUCKET, "a/2026-11-23.html")
        .unwrap()
        .bytes()
        .unwrap();
    assert!(
        String::from_utf8(page)
            .unwrap()
            .contains("The dumps are the same")
    );

    std::fs::create_dir(bench.path("reports")).unwrap();
    bench.run(&to("reports")).await.assert_code(0);
    bench
        .run(&["old.sql", "new.sql", "--html", "page.html"])
        .await
        .assert_code(0);
    for file in [
        "reports/2026-11-23.json",
        "reports/2026-11-23.html",
        "page.html",
    ] {
        assert!(bench.path(file).is_file(), "{file}");
    }
    assert!(bench.s3.open_uploads().is_empty());
}

#[tokio::test]
async fn trouble_leaves_a_report_of_a_failed_run() {
    let bench = Bench::new();
    dumps(&bench);
    let usual = [
        "--date",
        "2026-11-23",
        "--report",
        "s3://dumps-bucket/c/",
        "--run-id",
        "r9",
    ];
    let gone = "s3://dumps-bucket/dumps/gone.sql.gz";
    let ran = bench.run(&[&["old.sql", gone][..], &usual].concat()).await;
    ran.assert_trouble(&["gone.sql.gz does not exist"]);
    assert_eq!(ran.stdout, "");
    let report = bench.document("c/2026-11-23.json").unwrap();
    assert_eq!(
        (report["status"].as_str(), report["run_id"].as_str()),
        (Some("failed"), Some("r9"))
    );
    assert!(
        report["error"]
            .as_str()
            .unwrap()
            .contains("gone.sql.gz does not exist")
    );
    assert!(report.get("comparison").is_none());
    let page = bench
        .s3
        .object(BUCKET, "c/2026-11-23.html")
        .unwrap()
        .bytes()
        .unwrap();
    assert!(
        String::from_utf8(page)
            .unwrap()
            .contains("The comparison failed")
    );

    let again = bench
        .run(&[&["old.sql", "new.sql"][..], &usual].concat())
        .await;
    again.assert_code(0);
    assert_eq!(
        bench.document("c/2026-11-23.json").unwrap()["status"],
        "compared"
    );
}

#[tokio::test]
async fn a_passed_deadline_is_trouble_that_is_reported() {
    let bench = Bench::new();
    dumps(&bench);
    bench.put("slow.sql", dump(20, "x")).await;
    bench.s3.add_fault(
        FaultRule::new(Operation::GetObject, e2e::s3::Effect::Hold).key_containing("slow"),
    );
    let ran = bench
        .run(&[
            "old.sql",
            "s3://dumps-bucket/slow.sql",
            "--timeout",
            "1s",
            "--date",
            "2026-11-23",
            "--report",
            "s3://dumps-bucket/c/",
        ])
        .await;
    ran.assert_trouble(&["the deadline passed"]);
    let report = bench.document("c/2026-11-23.json").unwrap();
    assert_eq!(report["error"], "the deadline passed");
    bench.s3.release_held();
}

#[tokio::test]
async fn a_report_that_cannot_be_stored_is_trouble_whatever_the_verdict() {
    let bench = Bench::new();
    dumps(&bench);
    bench
        .s3
        .add_fault(FaultRule::access_denied(Operation::PutObject));
    let arguments = ["old.sql", "new.sql", "--report", "s3://dumps-bucket/c/"];
    bench
        .run(&arguments)
        .await
        .assert_trouble(&["dumps-bucket/c/", "AccessDenied"]);
    bench
        .run(&["old.sql", "new.sql", "--html", "old.sql/page.html"])
        .await
        .assert_code(2);
}

#[tokio::test]
async fn a_page_goes_without_the_days_before_when_they_cannot_be_listed() {
    let bench = Bench::new();
    dumps(&bench);
    bench
        .s3
        .add_fault(FaultRule::access_denied(Operation::ListObjectsV2));
    let ran = bench
        .run(&["old.sql", "new.sql", "--report", "s3://dumps-bucket/c/"])
        .await;
    ran.assert_code(0);
    assert!(
        ran.stderr.contains("without the days before"),
        "{}",
        ran.stderr
    );
    assert_eq!(bench.s3.keys(BUCKET).len(), 2);
}

#[tokio::test]
async fn the_rights_of_the_readme_are_all_that_is_used() {
    let bench = Bench::new();
    dumps(&bench);
    bench.put("dumps/old.sql", dump(20, "x")).await;
    let report = ["--report", "s3://dumps-bucket/c/", "--date", "2026-11-23"];
    bench
        .run(&[&["s3://dumps-bucket/dumps/old.sql", "new.sql"][..], &report].concat())
        .await
        .assert_code(0);
    bench
        .run(&["history", "--reports", "s3://dumps-bucket/c/"])
        .await
        .assert_code(1);
    let used: Vec<String> = bench
        .s3
        .operations()
        .iter()
        .map(ToString::to_string)
        .collect();
    // HeadObject is allowed by s3:GetObject.
    assert_eq!(
        used,
        ["GetObject", "HeadObject", "ListObjectsV2", "PutObject"]
    );
}
