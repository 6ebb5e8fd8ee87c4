//! Deadlines and the gate's patience, on a clock that is not real.

use std::{sync::Arc, time::Duration};

use datatransit_quicksight::{
    Json,
    api::{IngestionPage, Receipt},
};
use datatransit_spice::{
    AssetId, FailureClass, GateConfig, Refresh, RefreshConfig, RefreshError, Trigger, Verdict,
    gate::{Closed, GateError, ObjectsError},
    testing::{MemoryObjects, MockObjects, MockQuickSight, Recorder},
};
use jiff::Timestamp;
use tokio::time::Instant;

fn config() -> RefreshConfig {
    RefreshConfig::of_ids([AssetId::new("sales").expect("an identifier")])
}

fn day() -> Trigger {
    Trigger::Day("2026-11-23".parse().expect("a day"))
}

/// A service where ingestions take this long, by tokio's clock.
fn api(takes: Duration) -> MockQuickSight {
    let mut api = MockQuickSight::new();
    api.expect_describe()
        .returning(|_, _| Ok(Json::object([("Name", "sales"), ("ImportMode", "SPICE")])));
    api.expect_ingestions_page()
        .returning(|_, _| Ok(IngestionPage::default()));
    api.expect_start_ingestion()
        .returning(|_, _, _| Ok(Receipt::default()));
    let began = Instant::now();
    api.expect_ingestion().returning(move |_, id| {
        let status = if began.elapsed() < takes {
            "RUNNING"
        } else {
            "COMPLETED"
        };
        Ok(Json::object([
            ("IngestionId", id),
            ("IngestionStatus", status),
        ]))
    });
    api
}

#[tokio::test(start_paused = true)]
async fn the_deadline_is_kept_to_the_second_and_looks_become_seldom() {
    let began = Instant::now();
    let refresh = Refresh::new(Arc::new(api(Duration::from_secs(3 * 3600))));
    let report = refresh.run(config(), day()).await.expect("a run");
    assert_eq!(began.elapsed().as_secs(), 7200);
    assert_eq!(report.verdict, Verdict::Deadline);
    let failure = report.data_sets[0].failure.as_ref().expect("a failure");
    assert_eq!(failure.class, FailureClass::Deadline);
    assert!(
        failure.message.contains("was last seen as RUNNING"),
        "{failure}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_end_is_seen_half_a_minute_later_at_most() {
    let refresh = Refresh::new(Arc::new(api(Duration::from_secs(3600))));
    let began = Instant::now();
    let report = refresh.run(config(), day()).await.expect("a run");
    assert!(report.is_complete());
    let late = began.elapsed().as_secs() - 3600;
    assert!(late <= 31, "{late} s after it was done");
}

#[tokio::test(start_paused = true)]
async fn a_token_takes_the_deadline_along() {
    let refresh = Refresh::new(Arc::new(api(Duration::from_secs(3 * 3600))));
    let began: Timestamp = "2026-11-22T20:30:00Z".parse().expect("a time");
    let refresh = refresh.with_clock(Arc::new(move || began));
    let mut run = refresh.plan(config(), day()).await.expect("a plan");
    refresh.start(&mut run).await;
    let token = run.token();
    // An hour later, in another process.
    let later = began + jiff::SignedDuration::from_hours(1);
    let refresh = refresh.with_clock(Arc::new(move || later));
    let mut run = refresh.resume(&token).expect("a run");
    let resumed = Instant::now();
    refresh.wait(&mut run, None).await;
    assert_eq!(resumed.elapsed().as_secs(), 3600);
    assert_eq!(run.report().verdict, Verdict::Deadline);
}

const KEY: &str = "manifests/db_20261123.json";

fn gated() -> RefreshConfig {
    let mut config = config();
    let gate = GateConfig::new("s3://dumps/manifests/db_%Y%m%d.json");
    config.gate = Some(gate.with_patience(Duration::from_secs(3600)));
    config
}

fn manifest(valid: bool, generated_at: &str, dump_date: &str) -> String {
    format!(
        r#"{{"valid_for_etl":{valid},"generated_at":"{generated_at}","dump_date":"{dump_date}",
            "run_id":"r","invalid_reasons":["stale source"],"more":1}}"#
    )
}

fn refresh(objects: &MemoryObjects) -> Refresh {
    let now: Timestamp = "2026-11-22T21:00:00Z".parse().expect("a time");
    Refresh::new(Arc::new(api(Duration::ZERO)))
        .with_objects(Arc::new(objects.clone()))
        .with_clock(Arc::new(move || now))
}

#[tokio::test(start_paused = true)]
async fn the_gate_opens_when_the_manifest_comes() {
    let objects = MemoryObjects::default();
    let later = objects.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(600)).await;
        let text = manifest(true, "2026-11-23T05:40:00+09:00", "2026-11-23");
        later.put("dumps", KEY, text);
    });
    let recorder = Recorder::default();
    let began = Instant::now();
    // The day is that of Tokyo, where it is 06:00 already.
    let refresh = refresh(&objects).with_observer(Arc::new(recorder.clone()));
    let report = refresh.run(gated(), Trigger::Event("e".to_owned())).await;
    assert!(report.expect("a run").is_complete());
    assert!(
        (600..=670).contains(&began.elapsed().as_secs()),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(recorder.lines()[0], "closed: there is no manifest yet");
}

#[tokio::test(start_paused = true)]
async fn a_gate_that_never_opens_says_why_and_nothing_is_called() {
    let good = "2026-11-23T05:40:00+09:00";
    for (text, reason) in [
        (None, "there is no manifest yet"),
        (
            Some(manifest(false, good, "2026-11-23")),
            "the manifest says that the dump is not valid: stale source",
        ),
        (
            Some(manifest(true, "2026-11-22T05:40:00+09:00", "2026-11-23")),
            "the manifest is of 2026-11-21T20:40:00Z, older than 20 hours",
        ),
        (
            Some(manifest(true, good, "2026-11-22")),
            "the manifest stands for 2026-11-22, not for 2026-11-23",
        ),
        (
            Some(r#"{"valid_for_etl": "hunter2"}"#.to_owned()),
            "it is no manifest: line 1, column 27: JSON with `valid_for_etl` and `generated_at` is expected",
        ),
    ] {
        let objects = MemoryObjects::default();
        if let Some(text) = text {
            objects.put("dumps", KEY, text);
        }
        let began = Instant::now();
        let error = refresh(&objects)
            .run(gated(), day())
            .await
            .expect_err("closed");
        assert_eq!(began.elapsed().as_secs(), 3600, "{reason}");
        let RefreshError::Gate(GateError::Closed {
            closed, manifest, ..
        }) = &error
        else {
            panic!("{error}");
        };
        assert_eq!(closed.to_string(), reason);
        assert_eq!(manifest, &format!("s3://dumps/{KEY}"));
        assert!(!error.to_string().contains("hunter2"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_refuses_ends_the_wait_and_one_that_fails_does_not() {
    let began = Instant::now();
    let mut objects = MockObjects::new();
    objects
        .expect_read()
        .returning(|bucket, key| Err(ObjectsError::new(bucket, key, "AccessDenied", false)));
    let refused = refresh(&MemoryObjects::default()).with_objects(Arc::new(objects));
    let error = refused.run(gated(), day()).await.expect_err("refused");
    assert!(
        matches!(error, RefreshError::Gate(GateError::Refused { .. })),
        "{error}"
    );
    assert!(began.elapsed().is_zero());

    let mut objects = MockObjects::new();
    objects
        .expect_read()
        .returning(|bucket, key| Err(ObjectsError::new(bucket, key, "SlowDown", true)));
    let failing = refresh(&MemoryObjects::default()).with_objects(Arc::new(objects));
    let error = failing.run(gated(), day()).await.expect_err("closed");
    let RefreshError::Gate(GateError::Closed { closed, .. }) = error else {
        panic!("{error}");
    };
    assert_eq!(
        closed,
        Closed::Unreadable {
            reason: "SlowDown".to_owned()
        }
    );
    let bare = Refresh::new(Arc::new(api(Duration::ZERO)));
    let error = bare.run(gated(), day()).await.expect_err("no store");
    assert!(matches!(error, RefreshError::Gate(GateError::NoObjects)));
}
