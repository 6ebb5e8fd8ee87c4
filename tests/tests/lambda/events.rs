//! Each kind of event, to its end.

use serde_json::json;

use crate::bench::{
    BUCKET, Bench, batch, ends, failed, glue, object_created, scheduled, todays_key,
};

#[test]
fn a_schedule_and_a_glue_job_that_succeeded_refresh() {
    let mut bench = Bench::new(&["a"]);
    for event in [scheduled("e-1"), glue("e-2", "SUCCEEDED")] {
        let invocation = bench.invoke(&event);
        assert_eq!(invocation.response()["refreshed"], 1);
        // Nobody reads it: it needs no envelope.
        assert!(invocation.response().get("body").is_none());
    }
    assert_eq!(bench.started(), 2);
}

#[test]
fn a_glue_job_that_failed_fails_by_name_and_one_that_runs_is_passed_over() {
    let mut bench = Bench::new(&["a"]);
    for state in ["FAILED", "TIMEOUT", "STOPPED"] {
        let invocation = bench.invoke(&glue("e-1", state));
        let (kind, message) = invocation.error();
        assert_eq!(kind, "UpstreamFailed");
        assert!(
            message.contains("etl") && message.contains(state),
            "{message}"
        );
    }
    let invocation = bench.invoke(&glue("e-2", "RUNNING"));
    assert_eq!(invocation.response()["done"], true);
    assert_eq!(bench.started(), 0);
    // A failure of the upstream is one of the refresh; what was passed over is nothing.
    assert_eq!(bench.metrics().len(), 3);
}

#[tokio::test]
async fn a_manifest_opens_the_gate_when_it_is_todays_and_valid() {
    let mut bench = Bench::with_gate(&["a"]);
    let key = todays_key();
    let closed = bench.invoke(&scheduled("e-1"));
    let (kind, message) = closed.error();
    assert_eq!(kind, "GateClosed");
    assert!(
        message.contains(&key) && message.contains("no manifest"),
        "{message}"
    );

    bench.write_manifest(&key, false).await;
    let invalid = bench.invoke(&object_created("e-2", &key));
    assert_eq!(invalid.error().0, "GateClosed");
    assert!(invalid.error().1.contains("too few rows"));
    assert_eq!(bench.started(), 0);

    bench.write_manifest(&key, true).await;
    for other in ["manifest/20200101.json", "dumps/full.sql.gz"] {
        let invocation = bench.invoke(&object_created("e-3", other));
        assert_eq!(invocation.response()["done"], true);
        assert_eq!(bench.started(), 0, "{other}");
    }
    let opened = bench.invoke(&object_created("e-2", &key));
    assert_eq!(opened.response()["refreshed"], 1);
    assert_eq!(bench.started(), 1);
    bench.assert_obedient();
}

#[tokio::test]
async fn a_buckets_own_notification_is_as_good() {
    let mut bench = Bench::with_gate(&["a"]);
    let key = todays_key();
    bench.write_manifest(&key, true).await;
    let event = json!({"Records": [{"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "ap-northeast-1",
        "eventTime": "2026-11-23T20:41:00.000Z", "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "configurationId": "c", "bucket": {"name": BUCKET},
            "object": {"key": key.replace('/', "%2F"), "size": 5, "sequencer": "0A1B2C3D4E5F678901"}}}]});
    for _ in 0..2 {
        assert_eq!(bench.invoke(&event).response()["refreshed"], 1);
    }
    // Delivered twice, it is one refresh.
    assert_eq!(bench.started(), 1);
    let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": BUCKET});
    assert_eq!(bench.invoke(&test).response()["done"], true);
}

#[tokio::test]
async fn a_manifest_that_must_not_be_read_is_told_with_its_remedy() {
    let mut bench = Bench::with_gate(&["a"]);
    bench.change(|options| options.set("AWS_REGION", "ap-northeast-1"));
    bench.change(|options| {
        let gate = json!({"gate": {"manifest": "s3://no-such-bucket/m.json"}});
        options.set("SPICE_REFRESH_CONFIG", gate.to_string());
    });
    let invocation = bench.invoke(&json!({}));
    let (kind, message) = invocation.error();
    assert_eq!(kind, "ConfigurationError");
    assert!(message.contains("s3:GetObject"), "{message}");
}

#[test]
fn of_a_batch_only_what_failed_goes_back_to_the_queue() {
    let mut bench = Bench::new(&["a", "b"]);
    bench
        .double
        .script_ingestions("b", ends(failed("SQL_EXCEPTION", "no such table")));
    let event = batch(&[
        ("m-1", json!({"data_sets": [{"id": "a"}]}).to_string()),
        ("m-2", json!({"data_sets": [{"id": "b"}]}).to_string()),
        ("m-3", "no json".to_owned()),
        ("m-4", glue("e-1", "FAILED").to_string()),
        ("m-5", glue("e-2", "RUNNING").to_string()),
    ]);
    let invocation = bench.invoke(&event);
    let failures = json!({"batchItemFailures": [
        {"itemIdentifier": "m-2"}, {"itemIdentifier": "m-3"}, {"itemIdentifier": "m-4"}]});
    assert_eq!(invocation.response(), &failures);
    assert_eq!(bench.started(), 2);

    // Delivered again, a message is the same run.
    let again = batch(&[("m-1", json!({"data_sets": [{"id": "a"}]}).to_string())]);
    let before = bench.started();
    assert_eq!(
        bench.invoke(&again).response(),
        &json!({"batchItemFailures": []})
    );
    assert_eq!(bench.started(), before);
    bench.assert_obedient();
}
