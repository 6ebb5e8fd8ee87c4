//! The complaints that other tools left in the field, each a test named after it.
//! Those that are a matter of the library alone are in its own tests; the list of
//! all is in the program's README.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use datatransit_quicksight::testing::double::{
    AssetError, Fault, FaultKind, IngestionEnd, IngestionScript, Kind, Pace, QuickSightDouble,
};
use serde_json::{Value, json};

use crate::bench::{Bench, DASHBOARD, edit};
use crate::proxy::Proxy;

fn operations(bench: &Bench) -> Vec<String> {
    let calls = bench.double.calls();
    calls.into_iter().map(|call| call.operation).collect()
}

#[test]
fn complaint_01_publish_before_creation_finished() {
    let bench = Bench::deployed();
    bench.double.set_pace(Pace::Polls(5));
    bench.edit(|file| file["name"] = json!("Renamed"));
    bench.deploy().assert_code(0);
    let calls = bench.double.calls_of("UpdateDashboardPublishedVersion");
    assert_eq!(calls.len(), 1, "published once, when it was ready");
    assert_eq!(calls[0].status, Some(200));
    assert_eq!(bench.double.published_version(DASHBOARD), Some(2));
    // The wait named the version: a description without one is the old version's.
    let polls = bench.double.calls_of("DescribeDashboard");
    assert!(polls.len() > 5, "{}", polls.len());
}

#[test]
fn complaint_02_conflict_at_publish_retried_and_other_errors_at_once() {
    let bench = Bench::deployed();
    bench.edit(|file| file["name"] = json!("Renamed"));
    // Somebody else changes the dashboard at the moment of the publication, twice.
    let conflict = Fault::new(FaultKind::Conflict).on("UpdateDashboardPublishedVersion");
    bench.double.inject(conflict.times(2));
    bench.deploy().assert_code(0);
    let tried = bench.double.calls_of("UpdateDashboardPublishedVersion");
    let statuses: Vec<_> = tried.iter().map(|call| call.status).collect();
    assert_eq!(statuses, [Some(409), Some(409), Some(200)]);
    assert_eq!(bench.double.published_version(DASHBOARD), Some(2));

    bench.edit(|file| file["name"] = json!("Renamed again"));
    bench.double.deny("UpdateDashboardPublishedVersion");
    bench.double.forget_calls();
    bench.deploy().assert_code(1);
    let tried = bench.double.calls_of("UpdateDashboardPublishedVersion");
    let tried = tried
        .iter()
        .filter(|call| call.labels["VersionNumber"] == "3")
        .count();
    assert_eq!(tried, 1, "an error that does not pass is not tried again");
    assert_eq!(bench.double.published_version(DASHBOARD), Some(2));
}

#[test]
fn complaint_03_theme_kept_on_every_deploy() {
    let bench = Bench::deployed();
    let midnight = "arn:aws:quicksight::aws:theme/MIDNIGHT";
    bench.edit(|file| file["theme"] = json!(midnight));
    bench.deploy().assert_code(0);
    bench.edit(|file| file["name"] = json!("Renamed"));
    bench.deploy().assert_code(0);
    let described = bench.prod(&["export", DASHBOARD, "--dir", "out"]);
    described.assert_code(0);
    let exported =
        std::fs::read_to_string(bench.path(&format!("out/dashboards/{DASHBOARD}.json"))).unwrap();
    assert!(exported.contains(midnight), "{exported}");

    // The original tool's file knows no theme: what is there stays.
    let definition: Value = serde_json::from_str::<Value>(&exported).unwrap()["definition"].clone();
    let original = json!({"dashboard_id": DASHBOARD, "name": "By the original", "description": "d", "definition": definition});
    std::fs::write(bench.path("original.json"), original.to_string()).unwrap();
    bench
        .prod(&["deploy", "--yes", "original.json"])
        .assert_code(0);
    bench
        .prod(&["export", DASHBOARD, "--dir", "out"])
        .assert_code(0);
    let exported =
        std::fs::read_to_string(bench.path(&format!("out/dashboards/{DASHBOARD}.json"))).unwrap();
    assert!(
        exported.contains("By the original") && exported.contains(midnight),
        "{exported}"
    );
}

#[test]
fn complaint_04_permissions_of_an_existing_dashboard_are_granted_and_revoked() {
    let bench = Bench::deployed();
    let (owner, viewer) = (
        QuickSightDouble::owner_actions(Kind::Dashboard),
        QuickSightDouble::viewer_actions(Kind::Dashboard),
    );
    let user = bench.double.add_user("new-owner");
    bench.edit(|file| {
        file["permissions"] = json!({"${group:viewers}": "viewer", user.as_str(): "owner"})
    });
    bench.prod(&["plan"]).assert_code(2).assert_says(&[
        "+ permission ${group:viewers}: \"viewer\"",
        "- permission ${group:analysts}: \"owner\"",
    ]);
    bench.double.forget_calls();
    bench.deploy().assert_code(0);
    let now = bench.double.permissions(Kind::Dashboard, DASHBOARD);
    let set = |actions: &[String]| actions.iter().cloned().collect::<BTreeSet<_>>();
    assert_eq!(now.len(), 2, "{now:?}");
    assert_eq!(now[&user], set(&owner));
    let viewers = now
        .keys()
        .find(|arn| arn.ends_with("group/default/everybody"))
        .unwrap();
    assert_eq!(now[viewers], set(&viewer));
    assert!(
        bench.double.calls_of("UpdateDashboard").is_empty(),
        "rights need no new version"
    );

    // Nobody left who could ever change it again: refused before anything is written.
    bench.edit(|file| file["permissions"] = json!({"${group:viewers}": "viewer"}));
    bench.double.forget_calls();
    bench
        .deploy()
        .assert_code(1)
        .assert_says(&["without an owner"]);
    assert!(bench.double.writes().is_empty());
}

#[test]
fn complaint_05_read_back_mismatch_is_an_error() {
    let mut bench = Bench::deployed();
    bench.edit(|file| file["definition"]["Sheets"][0]["Name"] = json!("Summary"));
    // Once a version is published, the service tells of something else.
    let published = AtomicBool::new(false);
    let rewrite = move |line: &str, body: Vec<u8>| {
        if line.starts_with("PUT") && line.contains("/versions/") {
            published.store(true, Ordering::SeqCst);
        }
        if line.contains("/definition") && published.load(Ordering::SeqCst) {
            let text = String::from_utf8(body).unwrap();
            return text.replace("Summary", "Summit").into_bytes();
        }
        body
    };
    let proxy = Proxy::new(&bench.double.endpoint_url(), None, Some(Box::new(rewrite)));
    bench.endpoint = proxy.endpoint();
    bench.deploy().assert_code(1).assert_says(&[
        "read back",
        "\"Summit\" → \"Summary\"",
        "as it was before",
    ]);
    assert_eq!(bench.double.published_version(DASHBOARD), Some(1));
    assert_eq!(
        bench.double.versions(DASHBOARD).len(),
        1,
        "the new version is taken away"
    );
}

#[test]
fn what_the_service_fills_in_is_told_and_taken_over_by_an_export() {
    let mut bench = Bench::deployed();
    bench.edit(|file| file["definition"]["Sheets"][0]["Name"] = json!("Summary"));
    let rewrite = |line: &str, body: Vec<u8>| {
        if !line.contains("/definition") {
            return body;
        }
        let (from, to) = (
            "\"Name\":\"Summary\"",
            "\"Name\":\"Summary\",\"Title\":\"Summary\"",
        );
        let text = String::from_utf8(body).unwrap();
        text.replace(from, to).into_bytes()
    };
    let proxy = Proxy::new(&bench.double.endpoint_url(), None, Some(Box::new(rewrite)));
    bench.endpoint = proxy.endpoint();
    bench.deploy().assert_code(0).assert_says(&[
        "version 1 → 2",
        "the service added what the file does not say",
        "sheet \"Summary\" › Title",
    ]);
    // It differs until the file has it.
    bench.prod(&["plan"]).assert_code(2);
    bench.prod(&["export", DASHBOARD]).assert_code(0);
    bench.prod(&["plan"]).assert_code(0);
}

#[test]
fn complaint_06_order_of_actions_makes_no_difference() {
    let bench = Bench::deployed();
    for _ in 0..5 {
        // The double shuffles actions and principals with every answer.
        bench.prod(&["plan"]).assert_code(0);
    }
    bench.double.forget_calls();
    bench.deploy().assert_code(0);
    assert!(
        bench.double.writes().is_empty(),
        "{:?}",
        bench.double.writes()
    );
}

#[test]
fn complaint_07_permissions_survive_a_failed_creation() {
    let bench = Bench::new();
    bench.double.fail_next(
        Kind::Dashboard,
        DASHBOARD,
        AssetError::new("ACCESS_DENIED", "no"),
    );
    bench.edit(|file| file["permissions"]["${group:viewers}"] = json!("viewer"));
    bench.deploy().assert_code(1);
    bench.deploy().assert_code(0);
    let now = bench.double.permissions(Kind::Dashboard, DASHBOARD);
    assert_eq!(now.len(), 2, "{now:?}");
    assert!(bench.double.published_version(DASHBOARD).is_some());
    bench.prod(&["plan"]).assert_code(0);
}

#[test]
fn complaint_07_everything_survives_delete_and_recreate() {
    let bench = Bench::new();
    bench
        .double
        .configure(|options| options.failed_creations_take_updates = false);
    let folder = bench.double.add_folder("reports", "Reports");
    let analysis = bench.double.add_analysis("draft", "Draft", "{}");
    bench.edit(|file| {
        file["folders"] = json!([folder]);
        file["links"] = json!([analysis]);
        file["tags"] = json!({"cost-centre": "7"});
        file["permissions"]["${group:viewers}"] = json!("viewer");
        file["link_sharing"] =
            json!({"arn:aws:quicksight:us-east-1:123456789012:namespace/default": "viewer"});
    });
    // The creation fails, and what never came to be stays there.
    let error = AssetError::new("ACCESS_DENIED", "no");
    bench.double.fail_next(Kind::Dashboard, DASHBOARD, error);
    bench.double.deny("DeleteDashboard");
    bench
        .deploy()
        .assert_code(1)
        .assert_says(&["NOT as it was before", "DeleteDashboard"]);
    bench.double.allow("DeleteDashboard");
    let all = || {
        let double = &bench.double;
        (
            double.permissions(Kind::Dashboard, DASHBOARD),
            double.link_permissions(DASHBOARD),
            double.tags(Kind::Dashboard, DASHBOARD),
            double.folders_of(Kind::Dashboard, DASHBOARD),
            double.linked_entities(DASHBOARD),
        )
    };
    let before = all();
    assert_eq!((before.0.len(), before.1.len()), (2, 1), "{before:?}");
    assert_eq!((before.3.len(), before.4.len()), (1, 1), "{before:?}");

    // A file that says nothing of all this, and a service that does not update it.
    bench.edit(|file| {
        let file = file.as_object_mut().unwrap();
        for part in ["folders", "links", "tags", "permissions", "link_sharing"] {
            file.remove(part);
        }
    });
    bench.double.forget_calls();
    let (code, report) = bench.report(DASHBOARD);
    assert_eq!(
        (code, report["outcome"].as_str()),
        (0, Some("updated")),
        "{report:#}"
    );
    let steps: Vec<_> = report["steps"].as_array().unwrap().iter().collect();
    assert!(
        steps.iter().any(|step| step["step"] == "delete"),
        "{report:#}"
    );
    assert_eq!(all(), before);
    assert!(bench.double.published_version(DASHBOARD).is_some());
    bench.prod(&["plan"]).assert_code(0);
}

#[test]
fn complaint_08_owner_sets_are_not_cut_to_an_old_limit() {
    let bench = Bench::deployed();
    let owners = bench.double.permissions(Kind::DataSet, "daily_activity");
    assert_eq!(owners.values().next().unwrap().len(), 18);
    bench.prod(&["plan"]).assert_code(0);
}

#[test]
fn complaint_09_members_that_nobody_models_round_trip() {
    let bench = Bench::new();
    bench
        .double
        .configure(|options| options.refuses_unknown_members = false);
    bench.edit(|file| {
        file["definition"]["Novelty"] = json!({"Deep": [1, {"Answer": "UNHEARD_OF"}]});
        file["definition"]["Options"]["WeekStart"] = json!("MONDAY");
    });
    bench.deploy().assert_code(0);
    assert_eq!(
        bench.published_definition()["Novelty"]["Deep"][1]["Answer"],
        "UNHEARD_OF"
    );
    bench.prod(&["plan"]).assert_code(0);
    bench
        .prod(&["export", DASHBOARD, "--dir", "out"])
        .assert_code(0);
    let exported =
        std::fs::read_to_string(bench.path(&format!("out/dashboards/{DASHBOARD}.json"))).unwrap();
    assert!(exported.contains("UNHEARD_OF"));
}

#[test]
fn complaint_10_output_of_the_aws_cli_is_usable_as_it_is() {
    let bench = Bench::deployed();
    let definition = bench.published_definition();
    let answer = json!({
        "Status": 200, "DashboardId": DASHBOARD, "Name": "From the command line",
        "ResourceStatus": "CREATION_SUCCESSFUL", "Definition": definition,
        "ThemeArn": "arn:aws:quicksight::aws:theme/CLASSIC", "RequestId": "r",
    });
    std::fs::write(bench.path("cli.json"), answer.to_string()).unwrap();
    bench.prod(&["deploy", "--yes", "cli.json"]).assert_code(0);
    assert_eq!(
        bench.double.name(Kind::Dashboard, DASHBOARD).as_deref(),
        Some("From the command line")
    );
    // It says nothing of permissions and tags: they stay.
    assert_eq!(
        bench.double.permissions(Kind::Dashboard, DASHBOARD).len(),
        1
    );
    assert_eq!(
        bench.double.tags(Kind::Dashboard, DASHBOARD)["team"],
        "sales"
    );
}

#[test]
fn complaint_12_failed_and_unknown_states_are_errors() {
    let bench = Bench::deployed();
    bench.edit(|file| file["definition"]["Sheets"][0]["Name"] = json!("Summary"));
    let place = "$.Sheets[0].Visuals[0].BarChartVisual.ChartConfiguration";
    let error = AssetError::new("COLUMN_TYPE_MISMATCH", "rent is no number").at(place);
    bench.double.fail_next(Kind::Dashboard, DASHBOARD, error);
    let (code, report) = bench.report(DASHBOARD);
    assert_eq!(code, 1);
    assert_eq!(report["outcome"], "restored", "{report:#}");
    let problem = &report["problems"][0];
    assert_eq!(
        problem["paths"][0],
        "definition.Sheets[0].Visuals[0].BarChartVisual.ChartConfiguration"
    );
    assert!(
        problem["subjects"][0]
            .as_str()
            .unwrap()
            .contains("Rent by house"),
        "{problem}"
    );
    assert_eq!(bench.double.published_version(DASHBOARD), Some(1));
    assert_eq!(
        bench.double.name(Kind::Dashboard, DASHBOARD).as_deref(),
        Some("Sales overview")
    );

    // A state that nobody knows is neither good nor bad: the deadline ends the wait.
    bench.double.set_pace(Pace::Polls(u32::MAX));
    bench
        .double
        .configure(|options| options.unknown_status = Some("CREATION_PONDERED".to_owned()));
    let outcome = bench.prod(&["deploy", "--yes", "--deadline", "2s"]);
    outcome.assert_code(1).assert_says(&["run the same again"]);
}

#[test]
fn complaint_13_a_deadline_always_and_a_result_that_can_be_gone_on_with() {
    let bench = Bench::deployed();
    bench.edit(|file| file["definition"]["Sheets"][0]["Name"] = json!("Summary"));
    let hours = Duration::from_secs(5 * 3600);
    bench.double.set_pace(Pace::Time(hours));
    let outcome = bench.prod(&["deploy", "--yes", "--json", "--deadline", "2s"]);
    let report = outcome.json();
    assert_eq!(outcome.code(), 1);
    assert_eq!(report["interrupted"], "deadline");
    let assets = report["assets"].as_array().unwrap();
    let dashboard = assets
        .iter()
        .find(|asset| asset["id"] == DASHBOARD)
        .unwrap();
    assert_eq!(dashboard["outcome"], "unfinished", "{dashboard:#}");
    assert_eq!(bench.double.published_version(DASHBOARD), Some(1));

    // The service gets there in its own time; the next run waits for that version and
    // publishes it, instead of making a third.
    bench.double.advance(hours);
    bench.double.forget_calls();
    bench.deploy().assert_code(0);
    assert!(bench.double.calls_of("UpdateDashboard").is_empty());
    assert_eq!(bench.double.published_version(DASHBOARD), Some(2));
    assert_eq!(bench.double.versions(DASHBOARD).len(), 2);
    bench.prod(&["plan"]).assert_code(0);
}

#[test]
fn complaint_14_direct_query_data_sets_get_no_refresh_calls() {
    let bench = Bench::new();
    edit(
        &bench.path("assets/data-sets/daily_activity.json"),
        |file| {
            file["definition"]["ImportMode"] = json!("DIRECT_QUERY");
            file.as_object_mut().unwrap().remove("refresh_properties");
            file["schedules"] = json!([]);
        },
    );
    bench.deploy().assert_code(0);
    bench.prod(&["plan"]).assert_code(0);
    let about_refresh: Vec<String> = operations(&bench)
        .into_iter()
        .filter(|operation| operation.contains("Refresh") || operation.contains("Ingestion"))
        .collect();
    assert!(about_refresh.is_empty(), "{about_refresh:?}");
}

#[test]
fn complaint_15_refresh_properties_that_are_the_same_are_not_put() {
    let bench = Bench::deployed();
    bench.deploy().assert_code(0);
    assert!(
        bench
            .double
            .calls_of("PutDataSetRefreshProperties")
            .is_empty()
    );
    edit(
        &bench.path("assets/data-sets/daily_activity.json"),
        |file| {
            file["refresh_properties"]["RefreshConfiguration"]["IncrementalRefresh"]["LookbackWindow"]
                ["Size"] = json!(14);
        },
    );
    bench.deploy().assert_code(0);
    assert_eq!(
        bench.double.calls_of("PutDataSetRefreshProperties").len(),
        1
    );
    bench.prod(&["plan"]).assert_code(0);
}

#[test]
fn complaint_16_a_load_under_way_is_attached_to_and_not_doubled() {
    let bench = Bench::deployed();
    bench
        .double
        .start_scheduled_ingestion("daily_activity", "scheduled");
    edit(
        &bench.path("assets/data-sets/daily_activity.json"),
        |file| {
            file["name"] = json!("Daily activity, renamed");
        },
    );
    bench.deploy().assert_code(0);
    assert!(bench.double.calls_of("CreateIngestion").is_empty());

    // A load that fails is the deploy's failure.
    let mut script = IngestionScript::default();
    script.end = IngestionEnd::Failed {
        kind: "SQL_EXCEPTION".to_owned(),
        message: "no such table".to_owned(),
    };
    bench.double.script_next_ingestion("daily_activity", script);
    edit(
        &bench.path("assets/data-sets/daily_activity.json"),
        |file| {
            file["name"] = json!("Daily activity, again");
        },
    );
    bench
        .deploy()
        .assert_code(1)
        .assert_says(&["SQL_EXCEPTION: no such table"]);
}
