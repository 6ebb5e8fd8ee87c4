//! The CI workflow that is handed out.

use std::process::Command;

use crate::bench::{Bench, example};

/// The workflow as JSON, read by a YAML reader that is not ours; `None` where there is
/// none on this machine.
fn workflow() -> Option<serde_json::Value> {
    let script =
        "import json,sys,yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1])), default=str))";
    let output = Command::new(e2e::readers::python()?)
        .args(["-c", script])
        .arg(example().join("ci/dashboards.yml"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn the_workflow_is_yaml_and_every_command_in_it_exists() {
    let Some(workflow) = workflow() else { return };
    let bench = Bench::deployed();
    let mut commands = 0;
    for (name, job) in workflow["jobs"].as_object().unwrap() {
        assert!(job["timeout-minutes"].is_number(), "{name}");
        for step in job["steps"].as_array().unwrap() {
            let Some(script) = step["run"].as_str() else {
                continue;
            };
            for line in script
                .lines()
                .filter(|line| line.trim_start().starts_with("dashboards "))
            {
                let line = line
                    .split(['>', '|'])
                    .next()
                    .unwrap()
                    .replace("\"${{ vars.DASHBOARDS_LOCK }}\"", "deploy.lock");
                let arguments: Vec<&str> = line.split_whitespace().skip(1).collect();
                bench.prod(&arguments).assert_code(0);
                commands += 1;
            }
        }
    }
    assert_eq!(commands, 5, "validate twice, plan, deploy, drift");
}

#[test]
fn no_key_is_in_the_workflow() {
    let text = std::fs::read_to_string(example().join("ci/dashboards.yml")).unwrap();
    assert!(text.contains("id-token: write") && text.contains("role-to-assume"));
    for word in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "secrets."] {
        assert!(!text.contains(word), "{word}");
    }
}
