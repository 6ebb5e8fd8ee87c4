use serde_json::json;

use super::*;

fn one(event: Value) -> Request {
    match read(event).unwrap() {
        Ask::One(request) => request,
        Ask::Batch(messages) => panic!("{messages:?}"),
    }
}

fn bad(event: Value) -> String {
    let failure = read(event).unwrap_err();
    assert_eq!(failure.kind(), "BadEvent");
    failure.to_string()
}

fn refresh(answered: bool) -> Task {
    Task::Refresh {
        changes: Map::new(),
        answered,
    }
}

fn scheduled(source: &str, detail: Value) -> Value {
    json!({"version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
        "source": source, "account": "123456789012", "time": "2026-11-23T23:00:00Z", "region": "eu-west-1",
        "resources": ["arn:aws:events:eu-west-1:123456789012:rule/nightly"], "detail": detail})
}

fn glue(state: &str) -> Value {
    json!({"version": "0", "id": "g-1", "detail-type": "Glue Job State Change", "source": "aws.glue",
        "account": "123456789012", "time": "2026-11-23T23:00:00Z", "region": "eu-west-1", "resources": [],
        "detail": {"jobName": "etl", "severity": "INFO", "state": state, "jobRunId": "jr_1", "message": "it says"}})
}

fn notification(name: &str, key: &str) -> Value {
    json!({"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
        "eventTime": "2026-11-23T20:41:00.000Z", "eventName": name,
        "userIdentity": {"principalId": "AWS:A"}, "requestParameters": {"sourceIPAddress": "10.0.0.1"},
        "responseElements": {"x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "F"},
        "s3": {"s3SchemaVersion": "1.0", "configurationId": "c",
            "bucket": {"name": "dumps", "ownerIdentity": {"principalId": "A"}, "arn": "arn:aws:s3:::dumps"},
            "object": {"key": key, "size": 1024, "eTag": "d41d8", "sequencer": "0A1B2C3D4E5F678901"}}}]})
}

#[test]
fn a_schedule_refreshes_under_the_events_id() {
    for event in [
        scheduled("aws.events", json!({})),
        scheduled("aws.scheduler", json!("{}")),
    ] {
        let request = one(event);
        assert_eq!(
            request.id.as_deref(),
            Some("53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa")
        );
        assert_eq!(request.task, refresh(false));
    }
}

#[test]
fn a_glue_job_refreshes_when_it_succeeded_fails_when_it_failed_and_else_is_passed_over() {
    assert_eq!(one(glue("SUCCEEDED")).task, refresh(false));
    for state in ["FAILED", "TIMEOUT", "STOPPED", "ERROR"] {
        let failure = read(glue(state)).unwrap_err();
        assert_eq!(failure.kind(), "UpstreamFailed");
        let text = failure.to_string();
        assert!(
            text.contains("etl") && text.contains(state) && text.contains("it says"),
            "{text}"
        );
    }
    assert!(matches!(one(glue("RUNNING")).task, Task::Ignore(_)));
}

#[test]
fn a_new_object_is_named_as_it_is_stored() {
    let object = |key: &str| vec![("dumps".to_owned(), key.to_owned())];
    let bridged = one(
        json!({"version": "0", "id": "e-1", "detail-type": "Object Created", "source": "aws.s3",
        "account": "123456789012", "time": "2026-11-23T20:41:00Z", "region": "eu-west-1", "resources": [],
        "detail": {"version": "0", "bucket": {"name": "dumps"}, "object": {"key": "a b+c.json", "size": 5}}}),
    );
    assert_eq!(bridged.id.as_deref(), Some("e-1"));
    assert_eq!(bridged.task, Task::RefreshAfter(object("a b+c.json")));

    let classic = one(notification("ObjectCreated:Put", "manifests/a+b%2Bc.json"));
    assert_eq!(classic.id.as_deref(), Some("s3-0A1B2C3D4E5F678901"));
    assert_eq!(
        classic.task,
        Task::RefreshAfter(object("manifests/a b+c.json"))
    );

    for event in [
        notification("ObjectRemoved:Delete", "a"),
        json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "dumps"}),
    ] {
        assert!(matches!(one(event).task, Task::Ignore(_)));
    }
}

#[test]
fn each_message_of_a_batch_stands_for_itself() {
    let message = |id: &str, body: String| {
        json!({"messageId": id, "receiptHandle": "h", "body": body,
        "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:refresh"})
    };
    let event = json!({"Records": [
        message("m-1", "{}".to_owned()),
        message("m-2", scheduled("aws.events", json!({})).to_string()),
        message("m-3", notification("ObjectCreated:Put", "k").to_string()),
        message("m-4", "secret-and-no-json".to_owned()),
        message("m-5", "[]".to_owned()),
    ]});
    let Ask::Batch(messages) = read(event).unwrap() else {
        panic!("a batch")
    };
    let ids: Vec<_> = messages.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, ["m-1", "m-2", "m-3", "m-4", "m-5"]);
    let first = messages[0].request.clone().unwrap();
    // The message's id names a body that has none, and nobody reads an answer.
    assert_eq!(first.id.as_deref(), Some("m-1"));
    assert_eq!(first.task, refresh(false));
    let second = messages[1].request.clone().unwrap();
    assert_eq!(
        second.id.as_deref(),
        Some("53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa")
    );
    assert!(matches!(
        messages[2].request.clone().unwrap().task,
        Task::RefreshAfter(_)
    ));
    let fourth = messages[3].request.clone().unwrap_err().to_string();
    assert!(!fourth.contains("secret"), "{fourth}");
    assert!(messages[4].request.is_err());
}

#[test]
fn a_direct_event_may_name_an_action_a_trigger_and_changes() {
    assert_eq!(one(json!({})).task, refresh(true));
    assert_eq!(one(Value::Null).task, refresh(true));
    let request = one(json!({"trigger": "t", "data_sets": [{"id": "a"}]}));
    assert_eq!(request.id.as_deref(), Some("t"));
    let Task::Refresh { changes, answered } = request.task else {
        panic!("a refresh")
    };
    assert!(answered && changes.contains_key("data_sets") && changes.len() == 1);
    let start = one(json!({"action": "start", "concurrency": 2})).task;
    assert!(matches!(start, Task::Start { changes } if changes["concurrency"] == 2));
    let poll = one(json!({"action": "poll", "token": "abc"})).task;
    assert_eq!(
        poll,
        Task::Poll {
            token: "abc".to_owned()
        }
    );
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    for (event, named) in [
        (json!([]), "a list"),
        (json!("x"), "a text"),
        (json!({"action": "stop"}), "stop"),
        (json!({"action": 1}), "action"),
        (json!({"action": "poll"}), "token"),
        (
            json!({"action": "poll", "token": "t", "mode": "full"}),
            "mode",
        ),
        (json!({"action": "start", "token": "t"}), "poll"),
        (json!({"Records": []}), "no source"),
        (json!({"Records": [{"EventSource": "aws:sns"}]}), "aws:sns"),
        (
            json!({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}),
            "messageId",
        ),
        (
            json!({"detail-type": "Object Tags Added", "source": "aws.s3", "detail": {}}),
            "Object Tags Added",
        ),
        (
            json!({"detail-type": "Object Created", "source": "aws.s3", "detail": {}}),
            "Object Created",
        ),
        (
            json!({"detail-type": "Glue Job State Change", "source": "aws.glue", "detail": {}}),
            "Glue Job State Change",
        ),
        (json!({"detail-type": "Scheduled Event"}), "source"),
    ] {
        let text = bad(event.clone());
        assert!(text.contains(named), "{event}: {text}");
    }
}
