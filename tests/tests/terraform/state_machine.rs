//! The state machine's document, as Step Functions reads it.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::example;

/// The name of the execution.
const EXECUTION: &str = "an-execution";

fn document() -> Value {
    let path = example().join("modules/quicksight/refresh.asl.json");
    let mut text = std::fs::read_to_string(path).unwrap();
    for (name, value) in [
        ("partition", "aws"),
        (
            "function_arn",
            "arn:aws:lambda:ap-northeast-1:123456789012:function:spice-refresh:live",
        ),
        ("poll_seconds", "60"),
        ("timeout_seconds", "14400"),
    ] {
        let place = format!("${{{name}}}");
        assert!(text.contains(&place), "{name} is not used");
        text = text.replace(&place, value);
    }
    assert!(!text.contains("${"), "a placeholder that nobody fills in");
    serde_json::from_str(&text).unwrap()
}

/// Where a state may go.
fn exits(state: &Value) -> Vec<&str> {
    let catches = state["Catch"].as_array().into_iter().flatten();
    let choices = state["Choices"].as_array().into_iter().flatten();
    let mut exits: Vec<&str> = catches
        .chain(choices)
        .filter_map(|branch| branch["Next"].as_str())
        .collect();
    exits.extend(state["Next"].as_str());
    exits.extend(state["Default"].as_str());
    exits
}

#[test]
fn every_state_exists_is_reached_and_leads_to_the_end() {
    let document = document();
    let states = document["States"].as_object().unwrap();
    let mut reached = BTreeSet::new();
    let mut open = vec![document["StartAt"].as_str().unwrap()];
    while let Some(name) = open.pop() {
        let state = states
            .get(name)
            .unwrap_or_else(|| panic!("there is no state {name}"));
        if reached.insert(name) {
            open.extend(exits(state));
        }
    }
    assert_eq!(
        reached,
        states.keys().map(String::as_str).collect::<BTreeSet<_>>()
    );

    // Backwards: from each state an end can be reached.
    let is_end = |state: &Value| {
        matches!(state["Type"].as_str(), Some("Succeed" | "Fail")) || state["End"] == true
    };
    let mut ending: BTreeSet<&str> = BTreeSet::new();
    loop {
        let before = ending.len();
        for (name, state) in states {
            if is_end(state) || exits(state).iter().any(|exit| ending.contains(exit)) {
                ending.insert(name);
            }
        }
        if ending.len() == before {
            break;
        }
    }
    assert_eq!(ending, reached, "a state without a way to the end");
}

/// A small interpreter of the four kinds of states that there are: what the function
/// is given, when it needs so many polls.
fn execute(polls: usize) -> Vec<Value> {
    let document = document();
    let mut state = document["StartAt"].as_str().unwrap().to_owned();
    let mut data = Value::Null;
    let mut payloads = Vec::new();
    loop {
        let description = &document["States"][&state];
        let next = match description["Type"].as_str().unwrap() {
            "Task" => {
                let mut payload = description["Parameters"]["Payload"].clone();
                let members = payload.as_object_mut().unwrap();
                if let Some(path) = members.remove("token.$") {
                    assert_eq!(path, "$.token");
                    members.insert("token".to_owned(), data["token"].clone());
                }
                // As the function wants it, so that a repeated start is the same run.
                if let Some(path) = members.remove("trigger.$") {
                    assert_eq!(path, "$$.Execution.Name");
                    members.insert("trigger".to_owned(), EXECUTION.into());
                }
                payloads.push(payload);
                assert_eq!(description["OutputPath"], "$.Payload");
                data = serde_json::json!({
                    "done": payloads.len() > polls,
                    "token": format!("token-{}", payloads.len()),
                });
                description["Next"].as_str()
            }
            "Choice" => {
                let choice = &description["Choices"][0];
                assert_eq!(
                    (&choice["Variable"], &choice["BooleanEquals"]),
                    (&"$.done".into(), &true.into())
                );
                if data["done"] == true {
                    choice["Next"].as_str()
                } else {
                    description["Default"].as_str()
                }
            }
            "Wait" => {
                assert_eq!(description["Seconds"], 60);
                description["Next"].as_str()
            }
            "Succeed" => return payloads,
            other => panic!("a state of type {other}"),
        };
        state = next.unwrap().to_owned();
    }
}

#[test]
fn it_starts_once_and_asks_with_the_newest_token() {
    let start = serde_json::json!({"action": "start", "trigger": EXECUTION});
    assert_eq!(execute(0), std::slice::from_ref(&start));
    assert_eq!(
        execute(2),
        [
            start,
            serde_json::json!({"action": "poll", "token": "token-1"}),
            serde_json::json!({"action": "poll", "token": "token-2"}),
        ]
    );
}

#[test]
fn only_what_lambda_itself_failed_on_is_tried_again() {
    let document = document();
    assert_eq!(document["TimeoutSeconds"], 14400);
    for name in ["Start", "Poll"] {
        let retries = document["States"][name]["Retry"].as_array().unwrap();
        for error in retries
            .iter()
            .flat_map(|retry| retry["ErrorEquals"].as_array().unwrap())
        {
            // A failed refresh is `RefreshFailed`, and ends the execution.
            assert!(error.as_str().unwrap().starts_with("Lambda."), "{error}");
        }
    }
}
