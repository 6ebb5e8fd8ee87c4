//! Ingestions that take longer than an invocation may.

use std::time::Duration;

use datatransit_quicksight::testing::double::IngestionEnd;
use e2e::lambda_runtime::Outcome;
use serde_json::{Value, json};

use crate::bench::{Bench, completed, ends, failed, member, report_of, runs, scheduled};

/// Polls until it is done, as a state machine does.
fn poll_to_the_end(bench: &mut Bench, mut answer: Value) -> Value {
    for _ in 0..20 {
        if answer["done"] == true {
            return answer;
        }
        let token = answer["token"].as_str().unwrap();
        let event = json!({"action": "poll", "token": token});
        answer = bench.invoke(&event).response().clone();
    }
    panic!("never done: {answer}")
}

#[test]
fn an_invocation_answers_before_its_deadline_and_its_token_leads_to_the_end() {
    let mut bench = Bench::new(&["a", "b"]);
    bench.double.script_ingestions("b", runs(6));
    let invocation = bench.invoke_within(4, &json!({}));
    assert!(invocation.duration < Duration::from_secs(4));
    let answer = invocation.response();
    assert_eq!(answer["done"], false);
    assert_eq!(answer["refreshed"], 1);
    assert_eq!(answer["unfinished"], 1);
    // While a caller still polls there is neither success nor failure.
    let metrics = bench.metrics();
    assert!(metrics[0].get("Success").is_none(), "{metrics:?}");

    let answer = answer.clone();
    bench.function.retire();
    let end = poll_to_the_end(&mut bench, answer);
    assert_eq!(end["refreshed"], 2);
    assert_eq!(bench.started(), 2);
    assert_eq!(bench.metrics().last().unwrap()["Success"], 1);
    bench.assert_obedient();
}

#[test]
fn where_nobody_reads_the_answer_time_that_is_over_is_an_error_and_a_retry_goes_on() {
    let mut bench = Bench::new(&["a"]);
    bench.double.script_ingestions("a", runs(4));
    let invocation = bench.invoke_within(4, &scheduled("e-1"));
    let (kind, message) = invocation.error();
    assert_eq!(kind, "DeadlineExceeded");
    assert!(message.contains("same event"), "{message}");
    assert!(report_of(message)["token"].is_string());
    assert_eq!(bench.metrics()[0]["Failure"], 1);
    let again = bench.invoke(&scheduled("e-1"));
    assert_eq!(again.response()["refreshed"], 1);
    assert_eq!(bench.started(), 1);
}

#[test]
fn start_answers_at_once_and_polls_go_on_to_the_end() {
    let mut bench = Bench::new(&["a", "b", "c"]);
    for data_set in ["a", "b", "c"] {
        bench.double.script_ingestions(data_set, runs(3));
    }
    let started = bench.invoke(&json!({"action": "start", "trigger": "execution-1"}));
    let answer = started.response().clone();
    assert_eq!(answer["done"], false);
    assert_eq!(answer["unfinished"], 3);
    assert_eq!(bench.started(), 3);
    assert!(answer.get("statusCode").is_none());
    // The same start again is the same run.
    let again = bench.invoke(&json!({"action": "start", "trigger": "execution-1"}));
    assert_eq!(again.response()["done"], false);
    assert_eq!(bench.started(), 3);

    bench.function.retire();
    let end = poll_to_the_end(&mut bench, answer);
    assert_eq!(member(&end["results"], "outcome"), ["refreshed"; 3]);
    assert_eq!(bench.started(), 3);
    bench.assert_obedient();
}

#[test]
fn data_sets_beyond_the_concurrency_are_started_by_polls() {
    let mut bench = Bench::new(&["a", "b", "c"]);
    let event = json!({"action": "start", "concurrency": 1});
    let answer = bench.invoke(&event).response().clone();
    assert_eq!(bench.started(), 1);
    let end = poll_to_the_end(&mut bench, answer);
    assert_eq!(end["refreshed"], 3);
}

#[test]
fn a_poll_that_finds_a_failure_fails_when_all_are_done() {
    let mut bench = Bench::new(&["a", "b"]);
    let mut fails = ends(failed("SQL_EXCEPTION", "no such table"));
    fails.running = 1;
    bench.double.script_ingestions("a", fails);
    let mut script = runs(1);
    script.end = completed(7);
    bench.double.script_ingestions("b", script);
    let answer = bench.invoke(&json!({"action": "start"})).response().clone();
    let mut token = answer["token"].as_str().unwrap().to_owned();
    for _ in 0..20 {
        let invocation = bench.invoke(&json!({"action": "poll", "token": token}));
        match &invocation.outcome {
            Outcome::Response(answer) => {
                assert_eq!(answer["done"], false);
                answer["token"].as_str().unwrap().clone_into(&mut token);
            }
            _ => {
                let (kind, message) = invocation.error();
                assert_eq!(kind, "RefreshFailed");
                assert_eq!(member(&report_of(message)["errors"], "data_set"), ["a"]);
                return;
            }
        }
    }
    panic!("never done");
}

#[test]
fn the_refreshs_own_deadline_is_an_error_for_whoever_asks() {
    let mut bench = Bench::new(&["a"]);
    bench
        .double
        .script_ingestions("a", ends(IngestionEnd::Never));
    let event = json!({"deadline_seconds": 1, "cancel_on_deadline": true});
    let invocation = bench.invoke(&event);
    let (kind, message) = invocation.error();
    assert_eq!(kind, "DeadlineExceeded", "{message}");
    assert_eq!(bench.double.calls_of("CancelIngestion").len(), 1);
}
