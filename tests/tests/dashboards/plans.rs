//! A plan that is kept, reviewed, and carried out later.

use datatransit_quicksight::testing::double::Kind;
use serde_json::{Value, json};

use crate::bench::{Bench, DASHBOARD, edit};

fn plan(bench: &Bench) {
    bench
        .prod(&["plan", "--out", "plan.json"])
        .assert_code(2)
        .assert_says(&["sales-overview"]);
}

fn apply(bench: &Bench) -> crate::bench::Outcome {
    bench.prod(&["deploy", "--plan", "plan.json", "--yes"])
}

#[test]
fn a_kept_plan_is_carried_out_though_its_files_are_gone() {
    let bench = Bench::new();
    plan(&bench);
    let kept: Value =
        serde_json::from_str(&std::fs::read_to_string(bench.path("plan.json")).unwrap()).unwrap();
    assert_eq!(kept["files"].as_array().unwrap().len(), 3);
    // What is printed is the plan without the files.
    let printed = bench.prod(&["plan", "--json"]).assert_code(2).json();
    assert!(printed.get("files").is_none());
    assert_eq!(printed["assets"], kept["assets"]);

    let files = std::fs::read_to_string(bench.dashboard_file()).unwrap();
    std::fs::remove_file(bench.dashboard_file()).unwrap();
    bench
        .prod(&["deploy", "--plan", "plan.json", "--dry-run"])
        .assert_code(0)
        .assert_says(&["+ dashboard sales-overview", "3 to create"]);
    bench
        .prod(&["deploy", "--plan", "plan.json"])
        .assert_code(1)
        .assert_says(&["--yes"]);
    assert!(bench.double.writes().is_empty());
    apply(&bench).assert_code(0);
    std::fs::write(bench.dashboard_file(), files).unwrap();
    bench.prod(&["plan"]).assert_code(0);
    // Carried out already: there is nothing to do.
    bench.double.forget_calls();
    apply(&bench).assert_code(0).assert_says(&["3 unchanged"]);
    assert!(bench.double.writes().is_empty());
}

#[test]
fn a_plan_is_refused_when_the_account_has_changed_since() {
    let bench = Bench::deployed();
    bench.edit(|file| file["definition"]["Sheets"][0]["Name"] = json!("Summary"));
    plan(&bench);
    // Somebody gives rights that nobody has reviewed.
    let user = bench.double.add_user("stranger");
    let owner =
        datatransit_quicksight::testing::double::QuickSightDouble::owner_actions(Kind::Dashboard);
    bench
        .double
        .set_permissions(Kind::Dashboard, DASHBOARD, &user, owner);
    bench.double.forget_calls();
    apply(&bench).assert_code(1).assert_says(&[
        "the plan no longer holds",
        "dashboard `sales-overview`: - permission",
        "stranger",
    ]);
    assert!(
        bench.double.writes().is_empty(),
        "{:?}",
        bench.double.writes()
    );
    // And takes them away again.
    bench
        .double
        .set_permissions(Kind::Dashboard, DASHBOARD, &user, Vec::new());
    apply(&bench).assert_code(0);
    assert_eq!(bench.published_definition()["Sheets"][0]["Name"], "Summary");
}

#[test]
fn a_plan_of_another_environment_meaning_or_kind_is_refused() {
    let bench = Bench::new();
    plan(&bench);
    bench
        .run(&[
            "deploy",
            "--plan",
            "plan.json",
            "--yes",
            "--environment",
            "dev",
        ])
        .assert_code(1)
        .assert_says(&["of the environment `prod`, not of `dev`"]);
    let environment = bench.path("environments/prod.toml");
    let text = std::fs::read_to_string(&environment).unwrap();
    std::fs::write(&environment, text.replace("share_house", "elsewhere")).unwrap();
    apply(&bench)
        .assert_code(1)
        .assert_says(&["data set `daily_activity`", "another meaning now"]);
    std::fs::write(&environment, text).unwrap();
    edit(&bench.path("plan.json"), |plan| {
        plan.as_object_mut().unwrap().remove("files");
    });
    apply(&bench)
        .assert_code(1)
        .assert_says(&["it has no files"]);
    std::fs::write(bench.path("plan.json"), "{}").unwrap();
    apply(&bench)
        .assert_code(1)
        .assert_says(&["is not what `plan --out` writes"]);
    assert!(bench.double.writes().is_empty());
}

#[test]
fn a_plan_of_the_original_tools_file_keeps_the_theme_as_well() {
    let bench = Bench::deployed();
    let midnight = "arn:aws:quicksight::aws:theme/MIDNIGHT";
    bench.edit(|file| file["theme"] = json!(midnight));
    bench.deploy().assert_code(0);
    let original = json!({
        "dashboard_id": DASHBOARD, "name": "By the original",
        "definition": bench.published_definition(),
    });
    std::fs::write(bench.path("original.json"), original.to_string()).unwrap();
    bench
        .prod(&["plan", "original.json", "--out", "plan.json"])
        .assert_code(2);
    apply(&bench).assert_code(0);
    let name = bench.double.name(Kind::Dashboard, DASHBOARD);
    assert_eq!(name.as_deref(), Some("By the original"));
    bench
        .prod(&["export", DASHBOARD, "--dir", "out"])
        .assert_code(0);
    let exported = bench.path(&format!("out/dashboards/{DASHBOARD}.json"));
    assert!(
        std::fs::read_to_string(exported)
            .unwrap()
            .contains(midnight)
    );
}
