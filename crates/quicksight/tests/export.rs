//! Exports from a service whose every answer is set.
#![cfg(feature = "testing")]

use std::{sync::Arc, time::Duration};

use datatransit_quicksight::{
    ApiError, ApiErrorKind, AssetId, AssetKind, AssetRef, Environment, Json,
    api::{Page, PageToken, Summary},
    export::{ExportCause, Exporter},
    testing::MockQuickSight,
    wait::{Patience, WaitError},
};

fn exporter(api: MockQuickSight) -> Exporter {
    let text = "account = \"123456789012\"\nregion = \"eu-west-1\"\n";
    let environment = Environment::parse(text).expect("an environment");
    Exporter::new(Arc::new(api), environment)
}

fn minute() -> Patience {
    Patience::within(Duration::from_secs(60))
}

fn json(text: &str) -> Json {
    Json::parse(text).expect("JSON")
}

fn error(kind: ApiErrorKind) -> ApiError {
    ApiError::new(kind, "ListDashboards", "every dashboard")
}

/// Lists one dashboard on a first page; what the second says is given.
fn pages(second: impl Fn() -> Result<Page, ApiError> + Send + Sync + 'static) -> MockQuickSight {
    let mut api = MockQuickSight::new();
    api.expect_list().returning(move |_, page| match page {
        None => {
            let listed = r#"{"DashboardId":"sales","Name":"Sales","Arn":"arn:aws:quicksight:eu-west-1:123456789012:dashboard/sales"}"#;
            Ok(Page {
                items: Summary::from_json(AssetKind::Dashboard, json(listed))
                    .into_iter()
                    .collect(),
                next: Some(PageToken::new("2")),
            })
        }
        Some(_) => second(),
    });
    api
}

#[tokio::test(start_paused = true)]
async fn an_error_in_the_middle_of_pages_is_never_an_empty_or_a_short_answer() {
    let denied = exporter(pages(|| Err(error(ApiErrorKind::AccessDenied))));
    let Err(WaitError::Api { source, .. }) =
        denied.export_all(&[AssetKind::Dashboard], &minute()).await
    else {
        panic!("the list is not whole")
    };
    assert_eq!(source.kind, ApiErrorKind::AccessDenied);

    // What passes is waited out, and no longer than the deadline.
    let throttled = exporter(pages(|| Err(error(ApiErrorKind::Throttled))));
    let ended = throttled
        .export_all(&[AssetKind::Dashboard], &minute())
        .await;
    let Err(WaitError::Deadline { last_error, .. }) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(
        last_error.map(|error| error.kind),
        Some(ApiErrorKind::Throttled)
    );

    // The same token again and again would be a list without an end.
    let circle = exporter(pages(|| {
        Ok(Page {
            items: Vec::new(),
            next: Some(PageToken::new("2")),
        })
    }));
    let ended = circle.list(AssetKind::Dashboard, &minute()).await;
    assert!(matches!(ended, Err(WaitError::Api { .. })), "{ended:?}");
}

/// A dashboard whose definition is answered so.
fn dashboard(definition: &'static str) -> MockQuickSight {
    let mut api = MockQuickSight::new();
    api.expect_describe().returning(|_, _| {
        Ok(json(
            r#"{"DashboardId":"sales","Name":"Sales","Arn":"arn:aws:quicksight:eu-west-1:123456789012:dashboard/sales",
            "Version":{"VersionNumber":4,"Status":"CREATION_SUCCESSFUL"}}"#,
        ))
    });
    api.expect_definition().returning(move |_, _, version| {
        assert_eq!(version, datatransit_quicksight::api::VersionRef::Number(4));
        Ok(json(definition))
    });
    api.expect_permissions()
        .returning(|_, _| Ok(json(r#"{"Permissions":[]}"#)));
    api.expect_tags().returning(|_| Ok(Default::default()));
    api.expect_folders_of().returning(|_| Ok(Vec::new()));
    api
}

#[tokio::test(start_paused = true)]
async fn a_definition_that_the_service_calls_broken_is_refused_though_it_answers() {
    let sales = AssetRef::new(
        AssetKind::Dashboard,
        AssetId::new("sales").expect("an identifier"),
    );
    let broken = dashboard(
        r#"{"Name":"Sales","ResourceStatus":"CREATION_FAILED","Definition":{"Sheets":[]},
        "Errors":[{"Type":"DATA_SET_NOT_FOUND","Message":"gone","ViolatedEntities":[{"Path":"DataSetIdentifierDeclarations/0"}]}]}"#,
    );
    let error = exporter(broken)
        .export(&sales, &minute())
        .await
        .expect_err("it is broken");
    assert!(matches!(error.cause, ExportCause::Answers(_)), "{error:?}");
    let line = error.to_string();
    assert!(
        line.contains("DATA_SET_NOT_FOUND: gone at DataSetIdentifierDeclarations/0"),
        "{line}"
    );
    // And with others: they are exported, and it is named.
    let good = dashboard(
        r#"{"Name":"Sales","ResourceStatus":"CREATION_SUCCESSFUL","Definition":{"Sheets":[],"Novelty":1.50}}"#,
    );
    let exported = exporter(good)
        .export(&sales, &minute())
        .await
        .expect("a file");
    assert_eq!(exported.version, Some(4));
    assert!(exported.file.to_text().contains("\"Novelty\": 1.50"));
}

#[tokio::test(start_paused = true)]
async fn one_asset_that_fails_does_not_keep_back_the_others_and_is_never_left_out() {
    let mut api = MockQuickSight::new();
    api.expect_describe().returning(|_, id| match id.as_str() {
        "sales" => Err(ApiError::new(
            ApiErrorKind::AccessDenied,
            "DescribeDashboard",
            "dashboard `sales`",
        )),
        _ => Ok(json(
            r#"{"DashboardId":"rent","Name":"Rent","Arn":"arn:aws:quicksight:eu-west-1:123456789012:dashboard/rent",
            "Version":{"VersionNumber":1,"Status":"CREATION_SUCCESSFUL"}}"#,
        )),
    });
    api.expect_definition().returning(|_, _, _| {
        Ok(json(
            r#"{"Name":"Rent","ResourceStatus":"CREATION_SUCCESSFUL","Definition":{"Sheets":[]}}"#,
        ))
    });
    api.expect_permissions()
        .returning(|_, _| Ok(json(r#"{"Permissions":[]}"#)));
    api.expect_tags().returning(|_| Ok(Default::default()));
    api.expect_folders_of().returning(|_| Ok(Vec::new()));
    let assets = ["rent", "sales"].map(|id| {
        AssetRef::new(
            AssetKind::Dashboard,
            AssetId::new(id).expect("an identifier"),
        )
    });
    let export = exporter(api).export_these(&assets, &minute()).await;
    assert!(!export.is_complete());
    assert_eq!(export.exported.len(), 1);
    assert_eq!(export.failed[0].asset, assets[1]);
}
