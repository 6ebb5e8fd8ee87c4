//! Answers, errors, logs and metrics: what the service and its alarms see.

use std::time::Duration;

use e2e::canary::Canary;
use serde_json::{Value, json};

use crate::bench::{Bench, ends, failed, member, report_of, scheduled};

#[test]
fn a_direct_caller_is_answered_as_ever_and_a_warm_process_goes_on() {
    let mut bench = Bench::new(&["a", "b"]);
    let cold = bench.invoke(&json!({}));
    assert!(cold.cold && cold.init.is_some());
    let answer = cold.response();
    assert_eq!(answer["statusCode"], 200);
    let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    for envelope in [answer, &body] {
        assert_eq!(envelope["message"], "2 refreshed");
        assert!(
            envelope["timestamp"]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .is_ok()
        );
        assert_eq!(member(&envelope["results"], "data_set"), ["a", "b"]);
        assert_eq!(
            member(&envelope["results"], "status"),
            ["COMPLETED", "COMPLETED"]
        );
        assert_eq!(envelope["errors"], json!([]));
    }
    assert_eq!(answer["done"], true);
    assert_eq!(answer["rows_ingested"], 200);
    assert!(answer.get("token").is_none());

    let warm = bench.invoke(&json!({}));
    assert!(!warm.cold && warm.init.is_none());
    assert_eq!(warm.response()["refreshed"], 2);
    // Another invocation is another run.
    assert_eq!(bench.started(), 4);
    bench.assert_obedient();
}

#[test]
fn every_data_set_is_tried_and_one_that_failed_fails_the_invocation_with_the_report() {
    let mut bench = Bench::new(&["a", "b", "c"]);
    bench
        .double
        .script_ingestions("b", ends(failed("SQL_EXCEPTION", "no such table: x")));
    bench.change(|options| options.set("QUICKSIGHT_DATASET_IDS", "a, b, c, unknown"));
    let invocation = bench.invoke(&scheduled("e-1"));
    let (kind, message) = invocation.error();
    assert_eq!(kind, "RefreshFailed");
    let summary = message.lines().next().unwrap();
    assert_eq!(summary, "2 refreshed, 2 failed (b, unknown)");
    let report = report_of(message);
    assert_eq!(member(&report["results"], "data_set"), ["a", "c"]);
    assert_eq!(member(&report["errors"], "data_set"), ["b", "unknown"]);
    assert!(
        report["errors"][0].to_string().contains("no such table"),
        "{report}"
    );

    let metrics = bench.metrics();
    assert_eq!(metrics.len(), 1);
    let declared = &metrics[0]["_aws"]["CloudWatchMetrics"][0];
    assert_eq!(declared["Namespace"], "datatransit");
    assert_eq!(metrics[0]["Job"], "spice-refresh");
    for (name, value) in [
        ("Success", 0),
        ("Failure", 1),
        ("Refreshed", 2),
        ("Failed", 2),
        ("Rows", 200),
    ] {
        assert_eq!(metrics[0][name], value, "{name}");
    }

    // The process is as good as new.
    let next = bench.invoke(&json!({"data_sets": [{"id": "a"}]}));
    assert!(!next.cold);
    assert_eq!(next.response()["refreshed"], 1);
    assert_eq!(bench.metrics()[1]["Success"], 1);
    bench.assert_obedient();
}

#[test]
fn a_retry_of_the_same_event_attaches_and_starts_nothing_again() {
    let mut bench = Bench::new(&["a", "b"]);
    bench
        .double
        .script_ingestions("b", ends(failed("SQL_EXCEPTION", "no such table")));
    // The service's own second try: the same event, in another process.
    for attempt in 0..2 {
        let invocation = bench.invoke(&scheduled("e-1"));
        assert_eq!(invocation.error().0, "RefreshFailed", "attempt {attempt}");
        bench.function.retire();
    }
    assert_eq!(bench.started(), 2);
    // Without an event's id the invocation's stands for it, which the service keeps.
    let limit = Duration::from_secs(60);
    for _ in 0..2 {
        let invocation =
            bench
                .function
                .invoke_as("r-7", &json!({"data_sets": [{"id": "a"}]}), limit);
        assert_eq!(invocation.unwrap().response()["refreshed"], 1);
    }
    assert_eq!(bench.started(), 3);
}

#[test]
fn bad_events_are_named_and_the_process_lives_on() {
    let mut bench = Bench::new(&["a"]);
    for event in [
        json!([]),
        json!("refresh"),
        json!(7),
        json!({"key1": "value1", "key2": "value2"}),
        json!({"action": "stop"}),
        json!({"action": "poll", "token": "not-a-token"}),
        json!({"data_sets": "a"}),
        json!({"Records": [{"eventSource": "aws:kinesis"}]}),
        json!({"detail-type": "Object Deleted", "source": "aws.s3", "detail": {}}),
    ] {
        let invocation = bench.invoke(&event);
        let (kind, message) = invocation.error();
        assert_eq!(kind, "BadEvent", "{event}: {message}");
        assert!(!message.is_empty());
    }
    assert_eq!(bench.started(), 0);
    assert_eq!(bench.metrics().len(), 9);
    assert!(!bench.invoke(&Value::Null).cold);
    assert_eq!(bench.started(), 1);
    bench.assert_obedient();
}

#[test]
fn a_wrong_environment_is_told_by_every_invocation_under_its_name() {
    for (name, value) in [
        ("QUICKSIGHT_AWS_ACCOUNT_ID", "prod"),
        (
            "SPICE_REFRESH_CONFIG",
            "{\"data_sets\": [{\"id\": \"a\"}], \"deadline\": 3}",
        ),
        ("QUICKSIGHT_DATASET_IDS", "[a"),
    ] {
        let mut bench = Bench::with(&["a"], |options| options.set(name, value));
        for _ in 0..2 {
            let invocation = bench.invoke(&json!({}));
            let (kind, message) = invocation.error();
            assert_eq!(kind, "ConfigurationError");
            assert!(message.contains(name), "{message}");
        }
        bench.assert_obedient();
    }
    let mut bench = Bench::with(&["a"], |options| options.set("QUICKSIGHT_DATASET_IDS", ""));
    assert_eq!(bench.invoke(&json!({})).error().0, "ConfigurationError");
    // Of an event's own data sets the environment need not know.
    let event = json!({"data_sets": [{"id": "a"}]});
    assert_eq!(bench.invoke(&event).response()["refreshed"], 1);
}

#[test]
fn an_account_that_is_not_named_is_the_functions_own() {
    let mut bench = Bench::with(&["a"], |options| {
        options.set("QUICKSIGHT_AWS_ACCOUNT_ID", "")
    });
    assert_eq!(bench.invoke(&json!({})).response()["refreshed"], 1);
}

#[test]
fn logs_are_json_or_text_from_the_level_that_is_asked_for_and_hold_no_secret() {
    let of = |format: &str, level: Option<&str>| {
        let mut bench = Bench::with(&["a"], |options| {
            format.clone_into(&mut options.log_format);
            options.log_level = level.map(str::to_owned);
        });
        bench
            .double
            .script_ingestions("a", ends(failed("SQL_EXCEPTION", "no such table")));
        assert_eq!(bench.invoke(&json!({})).error().0, "RefreshFailed");
        let (key_id, secret) = bench.double.credentials();
        let logs = bench.function.logs();
        for hidden in [secret, "a-session-token-of-the-test"] {
            assert_eq!(Canary::new(hidden).find(logs.as_bytes()), None, "{logs}");
        }
        assert!(!logs.contains(key_id), "{logs}");
        logs
    };
    let json = of("JSON", None);
    let mut levels = Vec::new();
    for line in json.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        if line.get("_aws").is_some() {
            continue;
        }
        assert!(
            line["timestamp"].is_string() && line["message"].is_string(),
            "{line}"
        );
        assert_eq!(
            line["span"]["requestId"],
            "8a4c5b9e-0000-4000-8000-000000000001"
        );
        levels.push(line["level"].as_str().unwrap().to_owned());
    }
    assert!(levels.contains(&"INFO".to_owned()) && levels.contains(&"ERROR".to_owned()));

    let quiet = of("JSON", Some("ERROR"));
    assert!(
        !quiet.contains("INFO") && quiet.contains("ERROR"),
        "{quiet}"
    );
    // At the most talkative level too; the SDK's own words are left out.
    let loud = of("JSON", Some("TRACE"));
    assert!(!loud.contains("canonical_request"), "{loud}");
    let text = of("Text", None);
    assert!(
        text.contains("ERROR") && !text.contains("\"level\"") && !text.contains('\u{1b}'),
        "{text}"
    );
}

#[test]
fn sigterm_ends_an_idle_process_at_once() {
    let mut bench = Bench::new(&["a"]);
    bench.invoke(&json!({}));
    let ended = bench.function.terminate(Duration::from_secs(20)).unwrap();
    assert!(ended.is_some_and(|status| !status.success()));
    // What comes next is a cold start, and finds all as it was.
    assert!(bench.invoke(&json!({})).cold);
}
