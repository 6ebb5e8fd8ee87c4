//! Waits, on a clock that is not real.
#![cfg(feature = "testing")]

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use datatransit_quicksight::{
    ApiError, ApiErrorKind, AssetId, AssetKind, Json,
    testing::MockQuickSight,
    wait::{
        Patience, WaitError, retry, wait_for_asset, wait_for_deletion, wait_for_ingestion,
        wait_for_version,
    },
};
use tokio::time::Instant;

fn id() -> AssetId {
    AssetId::new("sales").expect("an identifier")
}

fn minute() -> Patience {
    Patience::within(Duration::from_secs(60))
}

fn not_found() -> ApiError {
    ApiError::new(ApiErrorKind::NotFound, "DescribeDashboard", "x")
}

/// Answers version 7 with one status after the other, the last for ever.
fn versions(statuses: &'static [&'static str]) -> MockQuickSight {
    let mut api = MockQuickSight::new();
    let calls = AtomicUsize::new(0);
    api.expect_describe_version().returning(move |_, version| {
        assert_eq!(version, 7, "it asks for the very version");
        let call = calls.fetch_add(1, Ordering::SeqCst);
        match statuses[call.min(statuses.len() - 1)] {
            "404" => Err(not_found()),
            "429" => Err(ApiError::new(ApiErrorKind::Throttled, "DescribeDashboard", "x")),
            "401" => Err(ApiError::new(ApiErrorKind::AccessDenied, "DescribeDashboard", "x")),
            status => Ok(Json::parse(&format!(
                r#"{{"Version":{{"Status":"{status}","Errors":[{{"Type":"COLUMN_TYPE_MISMATCH","Message":"m","ViolatedEntities":[{{"Path":"a/b"}}]}}]}}}}"#
            ))
            .expect("JSON")),
        }
    });
    api
}

#[tokio::test(start_paused = true)]
async fn a_version_is_waited_for_through_every_state_that_is_not_final() {
    for good in ["CREATION_SUCCESSFUL", "UPDATE_SUCCESSFUL"] {
        let statuses: &'static [&'static str] = match good {
            "CREATION_SUCCESSFUL" => &[
                "404",
                "CREATION_IN_PROGRESS",
                "429",
                "SOMETHING_NEW",
                "CREATION_SUCCESSFUL",
            ],
            _ => &["UPDATE_IN_PROGRESS", "UPDATE_SUCCESSFUL"],
        };
        let api = versions(statuses);
        let described = wait_for_version(&api, &id(), 7, &minute())
            .await
            .expect(good);
        assert_eq!(
            described.pointer("/Version/Status").and_then(Json::as_str),
            Some(good)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn every_bad_end_is_an_error_with_the_places_in_the_definition() {
    for statuses in [
        &["CREATION_IN_PROGRESS", "CREATION_FAILED"] as &'static [&'static str],
        &["UPDATE_FAILED"],
        &["DELETED"],
    ] {
        let api = versions(statuses);
        let error = wait_for_version(&api, &id(), 7, &minute())
            .await
            .expect_err("a failure");
        let status = statuses[statuses.len() - 1];
        assert_eq!(
            error.to_string(),
            format!(
                "wait for version 7 of dashboard `sales`: it ended as {status}; COLUMN_TYPE_MISMATCH: m at a/b"
            )
        );
        assert!(!error.is_resumable());
    }
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_every_wait_and_says_what_was_seen_last() {
    let began = Instant::now();
    let api = versions(&["CREATION_PAUSED"]);
    let error = wait_for_version(&api, &id(), 7, &minute())
        .await
        .expect_err("no end");
    assert_eq!(began.elapsed().as_secs(), 60);
    assert!(error.is_resumable());
    assert!(
        error
            .to_string()
            .ends_with("not done after 60 s; last seen as CREATION_PAUSED"),
        "{error}"
    );

    // A call that is never answered does not hold it up either.
    let mut api = MockQuickSight::new();
    api.expect_describe_version().returning(|_, _| {
        Err(ApiError::new(
            ApiErrorKind::Throttled,
            "DescribeDashboard",
            "x",
        ))
    });
    let error = wait_for_version(&api, &id(), 7, &minute())
        .await
        .expect_err("no end");
    assert!(error.to_string().contains("throttled"), "{error}");
    let patience = minute();
    let never = std::future::pending::<Result<(), ApiError>>;
    let error = retry(&patience, "x", |_| false, never)
        .await
        .expect_err("no end");
    assert!(error.is_resumable());
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_ends_the_wait_at_once() {
    let began = Instant::now();
    let error = wait_for_version(&versions(&["401"]), &id(), 7, &minute()).await;
    let Err(WaitError::Api { source, .. }) = error else {
        panic!("{error:?}")
    };
    assert_eq!(source.kind, ApiErrorKind::AccessDenied);
    assert_eq!(began.elapsed(), Duration::ZERO);
    // "Not found" is "not yet" for a while only.
    let error = wait_for_version(&versions(&["404"]), &id(), 7, &minute()).await;
    assert!(matches!(error, Err(WaitError::Api { .. })), "{error:?}");
    let waited = began.elapsed().as_secs();
    assert!((30..50).contains(&waited), "{waited}");
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_borne_within_the_bound_and_other_errors_are_not() {
    let calls = AtomicUsize::new(0);
    let publish = || async {
        let kind = match calls.fetch_add(1, Ordering::SeqCst) {
            0..3 => ApiErrorKind::Conflict,
            3 => return Ok(()),
            _ => ApiErrorKind::Invalid,
        };
        Err(ApiError::new(kind, "UpdateDashboardPublishedVersion", "x"))
    };
    let conflict = |error: &ApiError| error.kind == ApiErrorKind::Conflict;
    retry(&minute(), "publish", conflict, publish)
        .await
        .expect("the fourth");
    assert_eq!(calls.load(Ordering::SeqCst), 4);
    assert!(
        retry(&minute(), "publish", conflict, publish)
            .await
            .is_err()
    );
    assert_eq!(calls.load(Ordering::SeqCst), 5, "at once");
}

#[tokio::test(start_paused = true)]
async fn other_kinds_and_deletions_and_ingestions() {
    let mut api = MockQuickSight::new();
    let calls = AtomicUsize::new(0);
    api.expect_describe().returning(move |kind, _| {
        let call = calls.fetch_add(1, Ordering::SeqCst);
        match (kind, call) {
            (AssetKind::DataSet, 0) => Ok(Json::object([("Name", "n")])),
            (AssetKind::DataSource, _) => Ok(Json::parse(
                r#"{"Status":"UPDATE_FAILED","ErrorInfo":{"Type":"TIMEOUT","Message":"m"}}"#,
            )
            .expect("JSON")),
            (AssetKind::Analysis, _) => Ok(Json::object([("Status", "DELETED")])),
            _ => Err(not_found()),
        }
    });
    wait_for_asset(&api, AssetKind::DataSet, &id(), &minute())
        .await
        .expect("found is ready");
    let error = wait_for_asset(&api, AssetKind::DataSource, &id(), &minute())
        .await
        .expect_err("failed");
    assert!(
        error.to_string().ends_with("UPDATE_FAILED; TIMEOUT: m"),
        "{error}"
    );
    assert!(
        wait_for_asset(&api, AssetKind::Analysis, &id(), &minute())
            .await
            .is_err()
    );
    wait_for_deletion(&api, AssetKind::Analysis, &id(), &minute())
        .await
        .expect("deleted");
    wait_for_deletion(&api, AssetKind::Dashboard, &id(), &minute())
        .await
        .expect("not found");

    let mut api = MockQuickSight::new();
    let calls = AtomicUsize::new(0);
    api.expect_ingestion().returning(move |_, ingestion| {
        let running = calls.fetch_add(1, Ordering::SeqCst) < 3;
        let status = if running { "RUNNING" } else { ingestion };
        Ok(Json::object([("IngestionStatus", status)]))
    });
    wait_for_ingestion(&api, &id(), "COMPLETED", &minute())
        .await
        .expect("completed");
    for bad in ["FAILED", "CANCELLED"] {
        let error = wait_for_ingestion(&api, &id(), bad, &minute())
            .await
            .expect_err(bad);
        assert!(matches!(error, WaitError::Failed { .. }), "{error}");
    }
}

/// Ingestions by their names, as `status type created`; the listing has them all.
fn ingestions(all: &[(&'static str, &'static str)]) -> MockQuickSight {
    let all = all.to_vec();
    let listed = all.clone();
    let described = |(id, text): &(&str, &str)| {
        let mut words = text.split(' ');
        let mut word = || words.next().unwrap_or_default();
        let (status, kind, created) = (word(), word(), word());
        Json::parse(&format!(
            r#"{{"IngestionId":"{id}","IngestionStatus":"{status}","CreatedTime":{created},"ErrorInfo":{{"Type":"{kind}"}}}}"#
        ))
        .expect("JSON")
    };
    let mut api = MockQuickSight::new();
    api.expect_ingestion().returning(move |_, id| {
        let found = all.iter().find(|(name, _)| *name == id);
        found.map(described).ok_or_else(not_found)
    });
    api.expect_ingestions()
        .returning(move |_| Ok(listed.iter().map(described).collect()));
    api
}

#[tokio::test(start_paused = true)]
async fn a_superseded_ingestion_leads_to_the_one_that_took_its_place() {
    let first = "FAILED INGESTION_SUPERSEDED 1.7E9";
    for (all, end) in [
        // One under way, whose own fate counts.
        (
            &[
                ("a", first),
                ("b", "RUNNING x 1700000005"),
                ("0", "COMPLETED x 5"),
            ] as &[_],
            Err("ingestion `b`"),
        ),
        // Two times in a row, and the last is complete already.
        (
            &[
                ("a", first),
                ("b", "CANCELLED REFRESH_SUPPRESSED_BY_EDIT 1700000005"),
                ("c", "COMPLETED x 1700000009"),
            ],
            Ok("c"),
        ),
        (&[("a", first), ("c", "COMPLETED x 1700000009.5")], Ok("c")),
        // An older one does not count, and nothing follows itself.
        (
            &[("a", first), ("0", "COMPLETED x 1600000000")],
            Err("INGESTION_SUPERSEDED"),
        ),
    ] {
        let api = ingestions(all);
        let ended = wait_for_ingestion(&api, &id(), "a", &minute()).await;
        match (ended, end) {
            (Ok(described), Ok(last)) => assert_eq!(described.text("IngestionId"), Some(last)),
            (Err(error), Err(words)) => assert!(error.to_string().contains(words), "{error}"),
            (ended, _) => panic!("{all:?}: {ended:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_queued_ingestion_says_which_one_it_waits_for() {
    let api = ingestions(&[("a", "QUEUED x 2"), ("nightly", "RUNNING x 1")]);
    let error = wait_for_ingestion(&api, &id(), "a", &minute())
        .await
        .expect_err("no end");
    assert!(
        error
            .to_string()
            .ends_with("last seen as QUEUED behind `nightly`"),
        "{error}"
    );
}
