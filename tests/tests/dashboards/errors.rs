//! Errors that people meet, in words that help.

use datatransit_quicksight::testing::double::{AssetError, Fault, FaultKind, Kind};
use serde_json::json;

use crate::bench::{Bench, DASHBOARD};

#[test]
fn a_denied_call_names_operation_and_asset() {
    let bench = Bench::deployed();
    bench.double.deny("DescribeDashboardPermissions");
    bench.prod(&["plan"]).assert_code(1).assert_says(&[
        "DescribeDashboardPermissions",
        "sales-overview",
        "access denied",
    ]);
}

#[test]
fn a_bad_environment_is_named_by_its_line() {
    let bench = Bench::new();
    let path = bench.path("environments/prod.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(
        &path,
        text.replace("account = \"123456789012\"", "account = \"12\""),
    )
    .unwrap();
    bench
        .prod(&["plan"])
        .assert_code(1)
        .assert_says(&["line 2", "12 digits"]);
    bench
        .run(&["plan", "--environment", "nowhere"])
        .assert_code(1)
        .assert_says(&["no environment `nowhere`", "environments/nowhere.toml"]);
    bench
        .run(&["plan"])
        .assert_code(1)
        .assert_says(&["--environment"]);
}

#[test]
fn unknown_symbols_and_two_files_of_one_asset_are_refused_before_any_call() {
    let bench = Bench::new();
    bench.edit(|file| file["permissions"] = json!({"${group:nobody}": "owner"}));
    for command in ["plan", "validate", "deploy"] {
        let arguments: &[&str] = if command == "deploy" {
            &["deploy", "--yes"]
        } else {
            &[command]
        };
        bench
            .prod(arguments)
            .assert_code(1)
            .assert_says(&["${group:nobody}"]);
    }
    bench.edit(|file| file["permissions"] = json!({}));
    std::fs::copy(bench.dashboard_file(), bench.path("assets/copy.json")).unwrap();
    bench
        .prod(&["validate"])
        .assert_code(1)
        .assert_says(&["has a file already", "copy.json"]);
    assert!(bench.double.calls().is_empty());
}

#[test]
fn an_internal_failure_of_the_service_is_tried_once_more() {
    let bench = Bench::deployed();
    bench.edit(|file| file["name"] = json!("Renamed"));
    let failure = || AssetError::new("INTERNAL_FAILURE", "sorry");
    bench
        .double
        .fail_next(Kind::Dashboard, DASHBOARD, failure());
    bench.deploy().assert_code(0);
    assert_eq!(
        bench.double.name(Kind::Dashboard, DASHBOARD).as_deref(),
        Some("Renamed")
    );
    bench.edit(|file| file["name"] = json!("Renamed again"));
    for _ in 0..2 {
        bench
            .double
            .fail_next(Kind::Dashboard, DASHBOARD, failure());
    }
    bench
        .deploy()
        .assert_code(1)
        .assert_says(&["INTERNAL_FAILURE"]);
    assert_eq!(
        bench.double.name(Kind::Dashboard, DASHBOARD).as_deref(),
        Some("Renamed")
    );
}

#[test]
fn a_creation_that_failed_is_mended_by_the_next_deploy() {
    let bench = Bench::new();
    bench.double.fail_next(
        Kind::Dashboard,
        DASHBOARD,
        AssetError::new("ACCESS_DENIED", "no"),
    );
    bench
        .deploy()
        .assert_code(1)
        .assert_says(&["ACCESS_DENIED"]);
    assert!(
        !bench
            .double
            .ids(Kind::Dashboard)
            .contains(&DASHBOARD.to_owned()),
        "what never was is taken away"
    );
    bench.deploy().assert_code(0);
    assert_eq!(bench.double.published_version(DASHBOARD), Some(1));
}

#[test]
fn a_failure_after_the_publication_brings_everything_back() {
    let bench = Bench::deployed();
    bench.edit(|file| {
        file["name"] = json!("Renamed");
        file["permissions"]["${group:viewers}"] = json!("viewer");
        file["tags"] = json!({"late": "x"});
    });
    bench.double.deny("TagResource");
    let before = bench.double.permissions(Kind::Dashboard, DASHBOARD);
    let (code, report) = bench.report(DASHBOARD);
    assert_eq!(
        (code, report["outcome"].as_str()),
        (1, Some("restored")),
        "{report:#}"
    );
    assert_eq!(bench.double.permissions(Kind::Dashboard, DASHBOARD), before);
    assert_eq!(
        bench.double.name(Kind::Dashboard, DASHBOARD).as_deref(),
        Some("Sales overview")
    );
    assert_eq!(
        bench.published_definition()["Sheets"][0]["Name"],
        "Overview"
    );
    bench.double.allow("TagResource");
    bench.deploy().assert_code(0);
    assert_eq!(
        bench.double.name(Kind::Dashboard, DASHBOARD).as_deref(),
        Some("Renamed")
    );
}

#[test]
fn lost_answers_and_throttling_are_no_failure() {
    let bench = Bench::deployed();
    bench.edit(|file| file["name"] = json!("Renamed"));
    bench.double.inject(
        Fault::new(FaultKind::Cut)
            .on("UpdateDashboard")
            .after_effect(),
    );
    bench.double.inject(
        Fault::new(FaultKind::Throttled)
            .on("DescribeDashboard")
            .at(2),
    );
    bench.deploy().assert_code(0);
    assert_eq!(
        bench.double.name(Kind::Dashboard, DASHBOARD).as_deref(),
        Some("Renamed")
    );
    bench.prod(&["plan"]).assert_code(0);
}

#[test]
fn a_quota_that_is_used_up_is_told_at_once_with_the_way_out() {
    let bench = Bench::deployed();
    bench.edit(|file| file["name"] = json!("Renamed"));
    bench.double.inject(
        Fault::new(FaultKind::LimitExceeded)
            .on("UpdateDashboard")
            .times(u64::MAX),
    );
    bench.deploy().assert_code(1).assert_says(&[
        "UpdateDashboard dashboard `sales-overview`: a quota is used up (raise it",
        "LimitExceededException",
        "nothing was written",
    ]);
    assert_eq!(
        bench.double.calls_of("UpdateDashboard").len(),
        1,
        "not tried again"
    );
    assert_eq!(bench.double.published_version(DASHBOARD), Some(1));
}
