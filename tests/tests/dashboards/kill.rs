//! The program is killed at every request of a deploy, before and after the request's
//! effect, and run again: it converges, and at no moment is a dashboard without a
//! published version that had one, shows one that is not whole, or loses an owner.

use std::collections::BTreeSet;

use datatransit_quicksight::testing::double::{Kind, QuickSightDouble};
use serde_json::json;

use crate::bench::{Bench, DASHBOARD, edit};
use crate::proxy::{Proxy, When};

const DEPLOY: [&str; 7] = [
    "deploy",
    "--yes",
    "--concurrency=1",
    "--environment",
    "prod",
    "--first-pause",
    "5ms",
];

/// Runs a deploy that is killed at request `n`; says whether it came that far.
fn killed(bench: &mut Bench, n: usize, when: When) -> bool {
    let proxy = Proxy::new(&bench.double.endpoint_url(), Some((n, when)), None);
    bench.endpoint = proxy.endpoint();
    let code = proxy.watch(bench.command(&DEPLOY));
    bench.endpoint = bench.double.endpoint_url();
    match code {
        Some(code) => {
            assert_eq!(code, 0, "it ended by itself");
            assert!(proxy.requests() < n);
            false
        }
        None => true,
    }
}

fn converges(bench: &Bench, n: usize, when: When) {
    let outcome = bench.run(&DEPLOY);
    assert_eq!(
        outcome.code(),
        0,
        "killed {when:?} request {n}: {}{}",
        outcome.stdout(),
        outcome.stderr()
    );
    let plan = bench.prod(&["plan"]);
    assert_eq!(
        plan.code(),
        0,
        "killed {when:?} request {n}: {}",
        plan.stdout()
    );
}

fn owned(bench: &Bench) -> bool {
    let owner: BTreeSet<String> = QuickSightDouble::owner_actions(Kind::Dashboard)
        .into_iter()
        .collect();
    let rights = bench.double.permissions(Kind::Dashboard, DASHBOARD);
    rights.values().any(|actions| *actions == owner)
}

#[test]
fn a_first_deploy_killed_at_every_request_converges() {
    for when in [When::Before, When::After] {
        for n in 1.. {
            let mut bench = Bench::new();
            if !killed(&mut bench, n, when) {
                assert!(n > 15, "{n}");
                break;
            }
            assert!(
                !bench
                    .double
                    .ids(Kind::Dashboard)
                    .contains(&DASHBOARD.to_owned())
                    || owned(&bench)
            );
            converges(&bench, n, when);
            assert!(bench.double.published_version(DASHBOARD).is_some());
        }
    }
}

#[test]
fn an_update_killed_at_every_request_converges() {
    for when in [When::Before, When::After] {
        for n in 1.. {
            let mut bench = Bench::deployed();
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
                    file["name"] = json!("Daily activity of all houses");
                },
            );
            let old = bench.published_definition();
            let more = killed(&mut bench, n, when);
            // What readers see is the old version or the new one, whole.
            let version = bench.double.published_version(DASHBOARD).unwrap();
            assert_eq!(
                bench.double.versions(DASHBOARD)[&version],
                "CREATION_SUCCESSFUL"
            );
            let name = bench.published_definition()["Sheets"][0]["Name"].clone();
            assert!(name == "Summary" || bench.published_definition() == old);
            assert!(owned(&bench), "killed {when:?} request {n}");
            if !more {
                assert!(n > 20, "{n}");
                break;
            }
            converges(&bench, n, when);
            assert_eq!(bench.published_definition()["Sheets"][0]["Name"], "Summary");
            let rights = bench.double.permissions(Kind::Dashboard, DASHBOARD);
            assert_eq!(rights.len(), 2, "{rights:?}");
            // A version that the killed run made is published, not made again.
            assert_eq!(
                bench.double.versions(DASHBOARD).len(),
                2,
                "killed {when:?} request {n}"
            );
        }
    }
}
