//! The service fails at every call of a deploy, before and after the call's effect, and
//! the next deploy converges: no dashboard is without a published version that had one,
//! none shows a version that is not the old or the new one, no owner is lost.

use std::collections::BTreeSet;

use datatransit_quicksight::testing::double::{Fault, FaultKind, Kind, QuickSightDouble};
use serde_json::{Value, json};

use crate::bench::{Bench, DASHBOARD, edit};

const DEPLOY: [&str; 7] = [
    "deploy",
    "--yes",
    "--concurrency=1",
    "--environment",
    "prod",
    "--first-pause",
    "5ms",
];

/// Deploys. The SDK makes one attempt, so that the program sees every fault.
fn deploy(bench: &Bench) -> (i32, String) {
    let mut command = bench.command(&DEPLOY);
    let output = command.env("AWS_MAX_ATTEMPTS", "1").output().unwrap();
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    (output.status.code().unwrap_or(-1), said)
}

/// A fault by its name, made for a call of a number.
type Strike = (&'static str, fn(u64) -> Fault);

/// Each call answered with an error before its effect, and each write lost on the way
/// there and on the way back. (`kill` ends the program itself at every call.)
fn faults() -> [Strike; 3] {
    [
        ("any call refused", |n| {
            Fault::new(FaultKind::Internal).at(n)
        }),
        ("a write cut before its effect", |n| {
            Fault::new(FaultKind::Cut).on_writes().at(n)
        }),
        ("a write cut after its effect", |n| {
            Fault::new(FaultKind::Cut).on_writes().at(n).after_effect()
        }),
    ]
}

/// Runs a deploy with each fault at each call, then another without. `check` sees what
/// the first left, and whether it is the end.
fn at_every_call(
    faults: &[Strike],
    prepare: impl Fn() -> Bench,
    check: impl Fn(&Bench, bool, &str),
) {
    for &(name, fault) in faults {
        for n in 1.. {
            let bench = prepare();
            bench.double.forget_calls();
            bench.double.inject(fault(n));
            let (code, said) = deploy(&bench);
            let calls = bench.double.calls();
            let writes = calls.iter().filter(|call| call.is_write).count();
            let place = format!("{name}: call {n}, exit code {code}: {said}");
            check(&bench, false, &place);
            let reached = match name {
                "any call refused" => calls.len(),
                _ => writes,
            };
            bench.double.clear_faults();
            if reached < usize::try_from(n).unwrap() {
                assert_eq!(code, 0, "{place}");
                assert!(n > 5, "{place}");
                break;
            }
            let (code, said) = deploy(&bench);
            assert_eq!(code, 0, "after {place}then {said}");
            check(&bench, true, &place);
        }
    }
}

fn with_theme(bench: Bench) -> Bench {
    let theme = json!({
        "kind": "theme", "id": "house", "name": "House", "tags": {},
        "permissions": {"${group:analysts}": "owner"},
        "definition": {
            "BaseThemeId": "CLASSIC",
            "Configuration": {"DataColorPalette": {"Colors": ["#2CAD00", "#D62728"]}},
        },
    });
    std::fs::create_dir_all(bench.path("assets/themes")).unwrap();
    std::fs::write(bench.path("assets/themes/house.json"), theme.to_string()).unwrap();
    bench.edit(|file| file["theme"] = json!("${theme:house}"));
    bench
}

fn owned(bench: &Bench, kind: Kind, id: &str) -> bool {
    let owner: BTreeSet<String> = QuickSightDouble::owner_actions(kind).into_iter().collect();
    let rights = bench.double.permissions(kind, id);
    rights.values().any(|actions| *actions == owner)
}

const ALL: [(Kind, &str); 3] = [
    (Kind::Theme, "house"),
    (Kind::DataSet, "daily_activity"),
    (Kind::Dashboard, DASHBOARD),
];

#[test]
fn a_first_deploy_that_loses_any_write_is_finished_by_the_next() {
    at_every_call(
        &faults()[1..],
        || with_theme(Bench::new()),
        |bench, is_end, place| {
            for (kind, id) in ALL {
                let there = bench.double.ids(kind).contains(&id.to_owned());
                assert!(there || !is_end, "{place}");
                assert!(!there || owned(bench, kind, id), "{id}: {place}");
            }
            if is_end {
                assert!(
                    bench.double.published_version(DASHBOARD).is_some(),
                    "{place}"
                );
            }
        },
    );
}

#[test]
fn an_update_that_fails_at_any_call_is_finished_by_the_next() {
    let old: Value = "Overview".into();
    at_every_call(
        &faults(),
        || {
            let bench = with_theme(Bench::new());
            assert_eq!(deploy(&bench).0, 0);
            let user = bench.double.add_user("new-owner");
            bench.edit(|file| {
                file["definition"]["Sheets"][0]["Name"] = json!("Summary");
                // Every owner is another one afterwards.
                file["permissions"] = json!({"${group:viewers}": "viewer", user: "owner"});
                file["tags"] = json!({"late": "x"});
            });
            edit(
                &bench.path("assets/data-sets/daily_activity.json"),
                |file| {
                    file["schedules"][0]["ScheduleFrequency"]["TimeOfTheDay"] = json!("06:30");
                    file["refresh_properties"]["RefreshConfiguration"]["IncrementalRefresh"]["LookbackWindow"]
                        ["Size"] = json!(14);
                    file["name"] = json!("Daily activity of all houses");
                },
            );
            edit(&bench.path("assets/themes/house.json"), |file| {
                file["definition"]["Configuration"]["DataColorPalette"]["Colors"][0] =
                    json!("#112233");
            });
            bench
        },
        |bench, is_end, place| {
            let version = bench.double.published_version(DASHBOARD);
            let version = version.unwrap_or_else(|| panic!("unpublished: {place}"));
            let state = &bench.double.versions(DASHBOARD)[&version];
            assert_eq!(state, "CREATION_SUCCESSFUL", "{place}");
            let name = bench.published_definition()["Sheets"][0]["Name"].clone();
            assert!(
                name == "Summary" || (name == old && !is_end),
                "{name}: {place}"
            );
            for (kind, id) in ALL {
                assert!(owned(bench, kind, id), "{id}: {place}");
            }
            if is_end {
                let rights = bench.double.permissions(Kind::Dashboard, DASHBOARD);
                assert_eq!(rights.len(), 2, "{place}");
                assert_eq!(bench.double.tags(Kind::Dashboard, DASHBOARD)["late"], "x");
                let name = bench.double.name(Kind::DataSet, "daily_activity");
                assert_eq!(name.as_deref(), Some("Daily activity of all houses"));
            }
        },
    );
}
