//! What each command does, and how it ends.

use datatransit_quicksight::testing::double::Kind;
use serde_json::{Value, json};

use crate::bench::{Bench, DASHBOARD, edit, same_trees};

#[test]
fn export_of_a_deploy_is_the_files_byte_for_byte() {
    let bench = Bench::new();
    bench.deploy().assert_code(0);
    bench
        .prod(&[
            "export",
            "--all",
            "--kind",
            "data-source,data-set,dashboard",
            "--dir",
            "out",
        ])
        .assert_code(0);
    same_trees(&bench.path("out"), &bench.path("assets"));
    // And the files, exported over, are not touched.
    bench
        .prod(&[
            "export",
            "--all",
            "--kind",
            "data-source,data-set,dashboard",
        ])
        .assert_code(0)
        .assert_says(&["3 unchanged"]);
}

#[test]
fn an_unchanged_deploy_makes_no_write_call() {
    let bench = Bench::deployed();
    let report = bench
        .prod(&["deploy", "--yes", "--json"])
        .assert_code(0)
        .json();
    for asset in report["assets"].as_array().unwrap() {
        assert_eq!(asset["outcome"], "unchanged", "{asset:#}");
    }
    assert!(
        bench.double.writes().is_empty(),
        "{:?}",
        bench.double.writes()
    );
}

#[test]
fn plan_and_drift_say_by_their_exit_code_whether_anything_differs() {
    let bench = Bench::new();
    bench
        .prod(&["plan"])
        .assert_code(2)
        .assert_says(&["+ dashboard sales-overview", "3 to create"]);
    bench
        .prod(&["drift"])
        .assert_code(2)
        .assert_says(&["missing"]);
    bench.deploy().assert_code(0);
    bench.prod(&["plan"]).assert_code(0);
    bench.prod(&["drift"]).assert_code(0);
    bench.edit(|file| {
        file["definition"]["CalculatedFields"][0]["Expression"] = json!("sum({rent})")
    });
    let expected = "calculated field \"rent per tenant\" › Expression";
    bench.prod(&["plan"]).assert_code(2).assert_says(&[
        expected,
        "\"sum({rent}) / sum({tenants})\" → \"sum({rent})\"",
    ]);
    bench.prod(&["drift"]).assert_code(2).assert_says(&[
        expected,
        "\"sum({rent})\" → \"sum({rent}) / sum({tenants})\"",
    ]);
    let plan = bench.prod(&["plan", "--json"]).assert_code(2).json();
    let changed: Vec<&Value> = plan["assets"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|asset| asset["action"] == "update")
        .collect();
    assert_eq!(changed.len(), 1);
    assert_eq!(changed[0]["changes"][0]["area"], "calculated_field");
    let markdown = bench.prod(&["plan", "--markdown"]).assert_code(2).stdout();
    assert!(
        markdown.starts_with("### Plan for `prod`: 0 to create, 1 to update"),
        "{markdown}"
    );
    assert!(
        markdown.contains("<details>") && markdown.contains("```diff\n! calculated field"),
        "{markdown}"
    );
    // An error is never taken for a change.
    bench.prod(&["plan", "absent.json"]).assert_code(1);
    bench.run(&["plan", "--nonsense"]).assert_code(1);
    assert!(
        bench
            .double
            .writes()
            .iter()
            .all(|call| call.operation.starts_with("Create") || call.operation.starts_with("Put"))
    );
}

#[test]
fn dev_and_prod_stand_on_their_own_data_sets() {
    let bench = Bench::new();
    for environment in ["dev", "prod"] {
        bench
            .run(&[
                "deploy",
                "--yes",
                "--environment",
                environment,
                "--first-pause",
                "10ms",
            ])
            .assert_code(0);
    }
    let arn_of = |dashboard: &str| {
        let version = bench.double.published_version(dashboard).unwrap();
        let text = bench.double.definition(dashboard, version).unwrap();
        let definition: Value = serde_json::from_str(&text).unwrap();
        definition["DataSetIdentifierDeclarations"][0]["DataSetArn"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(arn_of("sales-overview").ends_with(":dataset/daily_activity"));
    assert!(arn_of("dev-sales-overview").ends_with(":dataset/dev-daily_activity"));
    assert_eq!(
        bench
            .double
            .name(Kind::Dashboard, "dev-sales-overview")
            .as_deref(),
        Some("[dev] Sales overview")
    );
    assert_eq!(
        bench.double.tags(Kind::Dashboard, "dev-sales-overview")["environment"],
        "dev"
    );
    // What dev exports is the same file that prod deploys.
    bench
        .run(&[
            "export",
            "--all",
            "--kind",
            "data-source,data-set,dashboard",
            "--environment",
            "dev",
            "--dir",
            "out",
        ])
        .assert_code(0);
    same_trees(&bench.path("out"), &bench.path("assets"));
}

#[test]
fn rollback_publishes_the_version_before_and_any_other() {
    let bench = Bench::deployed();
    for name in ["Second", "Third"] {
        bench.edit(|file| file["name"] = json!(name));
        bench.deploy().assert_code(0);
    }
    assert_eq!(bench.double.published_version(DASHBOARD), Some(3));
    bench
        .prod(&["rollback", DASHBOARD, "--dry-run"])
        .assert_code(0)
        .assert_says(&["version 3 → 2"]);
    assert_eq!(bench.double.published_version(DASHBOARD), Some(3));
    // Nobody is there to be asked.
    bench
        .prod(&["rollback", DASHBOARD])
        .assert_code(1)
        .assert_says(&["--yes"]);
    bench
        .prod(&["rollback", DASHBOARD, "--yes", "--audit", "audit.json"])
        .assert_code(0);
    assert_eq!(bench.double.published_version(DASHBOARD), Some(2));
    let audit: Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("audit.json")).unwrap()).unwrap();
    assert_eq!(audit["operation"], "rollback");
    assert_eq!(audit["assets"][0]["from_version"], 3);
    assert_eq!(audit["assets"][0]["to_version"], 2);
    assert_eq!(audit["actor"], "tester");
    bench
        .prod(&["rollback", DASHBOARD, "--yes", "--to", "3"])
        .assert_code(0);
    assert_eq!(bench.double.published_version(DASHBOARD), Some(3));
    bench
        .prod(&["rollback", DASHBOARD, "--yes", "--to", "9"])
        .assert_code(1)
        .assert_says(&["version 9", "1, 2, 3"]);
}

#[test]
fn rollback_to_a_revision_deploys_its_file() {
    let bench = Bench::new();
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(bench.path("")).args([
            "-c",
            "user.name=t",
            "-c",
            "user.email=t@example.com",
        ]);
        let output = command.args(arguments).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    bench.deploy().assert_code(0);
    bench.edit(|file| file["definition"]["Sheets"][0]["Name"] = json!("Summary"));
    git(&["commit", "-qam", "two"]);
    bench.deploy().assert_code(0);
    assert_eq!(bench.published_definition()["Sheets"][0]["Name"], "Summary");
    bench
        .prod(&["rollback", DASHBOARD, "--revision", "HEAD~1", "--yes"])
        .assert_code(0);
    assert_eq!(
        bench.published_definition()["Sheets"][0]["Name"],
        "Overview"
    );
    bench
        .prod(&["rollback", DASHBOARD, "--revision", "nowhere", "--yes"])
        .assert_code(1)
        .assert_says(&["nowhere"]);
}

#[test]
fn prune_deletes_only_ours_within_the_cap_and_no_data_source() {
    let bench = Bench::new();
    for n in 0..3 {
        let text = std::fs::read_to_string(bench.dashboard_file()).unwrap();
        let path = bench.path(&format!("assets/dashboards/extra-{n}.json"));
        std::fs::write(&path, text).unwrap();
        edit(&path, |file| file["id"] = json!(format!("extra-{n}")));
    }
    bench.deploy().assert_code(0);
    // One of somebody else: without our tags.
    bench.double.forget_calls();
    for n in 0..3 {
        std::fs::remove_file(bench.path(&format!("assets/dashboards/extra-{n}.json"))).unwrap();
    }
    std::fs::remove_file(bench.path("assets/data-sources/warehouse.json")).unwrap();
    let ids = |kind| bench.double.ids(kind);
    bench
        .prod(&["prune", "--yes", "--max", "2"])
        .assert_code(1)
        .assert_says(&["3 assets", "extra-0"]);
    assert_eq!(
        ids(Kind::Dashboard).len(),
        4,
        "over the cap nothing is deleted"
    );
    bench
        .prod(&["prune", "--dry-run"])
        .assert_code(0)
        .assert_says(&["3 without a file"]);
    bench
        .prod(&["prune"])
        .assert_code(1)
        .assert_says(&["--yes"]);
    assert_eq!(ids(Kind::Dashboard).len(), 4);
    bench.prod(&["prune", "--yes"]).assert_code(0);
    assert_eq!(ids(Kind::Dashboard), [DASHBOARD]);
    assert_eq!(
        ids(Kind::DataSource),
        ["warehouse"],
        "a data source is never pruned unless it is named"
    );
    assert!(
        bench
            .double
            .writes()
            .iter()
            .all(|call| call.operation == "DeleteDashboard")
    );
}

#[test]
fn status_and_list_show_versions() {
    let bench = Bench::deployed();
    bench
        .prod(&["list"])
        .assert_code(0)
        .assert_says(&[DASHBOARD, "Sales overview"]);
    let rows = bench.prod(&["status", "--json"]).assert_code(0).json();
    let row = rows
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["id"] == DASHBOARD)
        .unwrap()
        .clone();
    assert_eq!(row["published_version"], 1);
    assert_eq!(row["state"], "CREATION_SUCCESSFUL");
    bench
        .prod(&["validate"])
        .assert_code(0)
        .assert_says(&["3 files, 0 errors"]);
}

#[test]
fn the_original_spellings_keep_working() {
    let bench = Bench::deployed();
    let with_environment = |arguments: &[&str]| {
        let mut command = bench.command(arguments);
        command.env("DASHBOARDS_ENVIRONMENT", "prod");
        crate::bench::Outcome(command.output().unwrap())
    };
    with_environment(&["--export-all", "--output-dir", "all"]).assert_code(0);
    assert!(
        bench
            .path(&format!("all/dashboards/{DASHBOARD}.json"))
            .is_file()
    );
    with_environment(&[
        "--export",
        "--dashboard-id",
        DASHBOARD,
        "--output-dir",
        "one",
    ])
    .assert_code(0);
    same_trees(&bench.path("all"), &bench.path("one"));

    // The original's file: no theme, the service's own lists of permissions and tags.
    let analysts = bench.double.permissions(Kind::Dashboard, DASHBOARD);
    let (principal, actions) = analysts.iter().next().unwrap();
    let original = json!({
        "dashboard_id": DASHBOARD, "name": "Original", "description": "as it was",
        "definition": bench.published_definition(),
        "permissions": [{"Principal": principal, "Actions": actions}],
        "tags": [{"Key": "team", "Value": "sales"}],
    });
    std::fs::create_dir(bench.path("original")).unwrap();
    std::fs::write(bench.path("original/sales.json"), original.to_string()).unwrap();
    bench
        .run(&[
            "--environment",
            "prod",
            "--dashboard-file",
            "original/sales.json",
        ])
        .assert_code(0);
    assert_eq!(
        bench.double.name(Kind::Dashboard, DASHBOARD).as_deref(),
        Some("Original")
    );
    bench.double.forget_calls();
    bench
        .run(&["--environment", "prod", "--dashboard-dir", "original"])
        .assert_code(0);
    assert!(bench.double.writes().is_empty());
}

#[test]
fn a_failed_asset_skips_what_stands_on_it_and_nothing_else() {
    let bench = Bench::new();
    let text = std::fs::read_to_string(bench.dashboard_file()).unwrap();
    let other = bench.path("assets/dashboards/other.json");
    std::fs::write(&other, text).unwrap();
    let foreign = bench.double.add_data_set(
        "foreign",
        &["day:DATETIME", "house", "tenants:INTEGER", "rent:DECIMAL"],
    );
    edit(&other, |file| {
        file["id"] = json!("other");
        file["definition"]["DataSetIdentifierDeclarations"][0]["DataSetArn"] = json!(foreign);
    });
    bench.double.deny("CreateDataSet");
    let outcome = bench.prod(&["deploy", "--yes", "--json"]).assert_code(1);
    let report = outcome.json();
    let outcome_of = |id: &str| {
        let assets = report["assets"].as_array().unwrap();
        assets.iter().find(|asset| asset["id"] == id).unwrap()["outcome"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(outcome_of("daily_activity"), "failed");
    assert_eq!(outcome_of(DASHBOARD), "skipped");
    assert_eq!(outcome_of("other"), "created");
    // The other data set brought the data source with it.
    assert_eq!(outcome_of("warehouse"), "updated");
}
