//! Exports from the double.

use datatransit_quicksight::{
    AssetFile, AssetId, AssetKind, AssetRef, Environment, FileStore, Symbols,
    api::Assets as _,
    export::Exporter,
    file::WriteOutcome,
    testing::double::{DoubleOptions, Fault, FaultKind, Kind, QuickSightDouble, Throttle},
    wait::wait_for_version,
};

use super::{api_of, minute};

fn double(change: impl FnOnce(&mut DoubleOptions)) -> QuickSightDouble {
    let mut options = DoubleOptions::default();
    change(&mut options);
    let double = QuickSightDouble::start(options).expect("a free port");
    double.add_data_set("daily", &["day:DATETIME", "hours:DECIMAL"]);
    double
}

const ENVIRONMENT: &str = r#"
account = "123456789012"
region = "eu-west-1"
identity_region = "us-east-1"
id_prefix = "dev-"
name_prefix = "[dev] "
[data_sets]
daily_activity = "daily"
[groups]
viewers = "viewers"
[users]
ci = "ci"
[tags]
environment = "dev"
[permissions.dashboard]
"${user:ci}" = "owner"
"#;

fn environment() -> Environment {
    Environment::parse(ENVIRONMENT).expect("an environment")
}

const DEFINITION: &str = r#"{"DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"arn:aws:quicksight:eu-west-1:123456789012:dataset/daily"}],"Sheets":[{"SheetId":"s","Name":"S"}]}"#;

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_and_fifty_dashboards_in_bounded_calls_though_every_fifth_is_throttled() {
    let double = double(|options| options.page_size = 30);
    for index in 0..250 {
        double.add_dashboard(
            &format!("dev-{index}"),
            &format!("[dev] {index}"),
            DEFINITION,
        );
    }
    double.add_dashboard("prod-1", "P", DEFINITION);
    double.throttle(Throttle::EveryNth(5), None);
    let exporter = Exporter::new(api_of(&double), environment()).with_concurrency(8);
    let export = exporter
        .export_all(&[AssetKind::Dashboard], &minute())
        .await
        .expect("a list");
    assert!(export.is_complete(), "{:?}", export.failed.first());
    assert_eq!(export.exported.len(), 250);
    assert_eq!(export.skipped.len(), 1);
    let served = double
        .calls()
        .iter()
        .filter(|call| call.status == Some(200))
        .count();
    assert_eq!(served, 9 + 5 * 250, "nine pages, five calls each");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_created_from_a_file_is_exported_as_that_file() {
    let double = double(|_| {});
    double.add_user("ci");
    double.add_group("viewers");
    double.add_folder("dev-f", "[dev] F");
    let text = r#"{"kind":"dashboard","id":"sales","name":"Sales","description":"first","theme":"arn:aws:quicksight::aws:theme/MIDNIGHT",
      "publish_options":{"AdHocFilteringOption":{"AvailabilityStatus":"DISABLED"}},"links":[],"folders":["${folder:f}"],"tags":{"team":"x"},
      "permissions":{"${group:viewers}":"viewer"},"link_sharing":{},
      "definition":{"DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"${dataset:daily_activity}"}],"Sheets":[{"SheetId":"s","Name":"é ${P}"}]}}"#;
    let file = AssetFile::parse(text).expect("a file");
    let folder = AssetRef::new(AssetKind::Folder, AssetId::new("f").expect("an identifier"));
    let environment = environment().with_assets([&folder]);
    let api = api_of(&double);
    let resolved = file.resolve(&Symbols::new(&environment)).expect("resolved");
    let id = &resolved.asset.id;
    let created = api
        .create(AssetKind::Dashboard, id, &resolved.create)
        .await
        .expect("created");
    let version = created.version.expect("a version");
    wait_for_version(&*api, id, version, &minute())
        .await
        .expect("ready");

    let exporter = Exporter::new(api, environment);
    let exported = exporter
        .export(&resolved.asset, &minute())
        .await
        .expect("exported");
    assert_eq!(exported.file.to_text(), file.to_text());
    assert_eq!(exported.version, Some(1));
    assert!(exported.notes.is_empty(), "{:?}", exported.notes);

    let directory = tempfile::tempdir().expect("a directory");
    let store = FileStore::new(directory.path());
    assert_eq!(
        store.write(&exported.file).expect("written"),
        WriteOutcome::Created
    );
    assert_eq!(
        store.write(&file).expect("written"),
        WriteOutcome::Unchanged
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_is_never_an_empty_answer() {
    let double = double(|options| options.page_size = 2);
    for index in 0..5 {
        double.add_dashboard(&format!("dev-{index}"), "[dev] x", DEFINITION);
    }
    let exporter = Exporter::new(api_of(&double), environment());
    // An answer that breaks off on the second page, for ever.
    double.inject(
        Fault::new(FaultKind::Truncated)
            .on("ListDashboards")
            .at(2)
            .times(u64::MAX),
    );
    let soon =
        datatransit_quicksight::wait::Patience::within(std::time::Duration::from_millis(300));
    assert!(
        exporter
            .export_all(&[AssetKind::Dashboard], &soon)
            .await
            .is_err()
    );
    double.clear_faults();

    double.deny("DescribeDashboardPermissions");
    let export = exporter
        .export_all(&[AssetKind::Dashboard], &minute())
        .await
        .expect("a list");
    assert_eq!((export.exported.len(), export.failed.len()), (0, 5));
    let line = export.failed[0].to_string();
    assert!(
        line.contains("access denied") && line.contains("http status 401"),
        "{line}"
    );
    assert!(
        line.starts_with("export dashboard `dev-0`: DescribeDashboardPermissions"),
        "{line}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_is_exported_and_a_data_set_that_queries_directly_is_not_asked_for_refreshes() {
    let double = double(|_| {});
    double.add_direct_query_data_set("direct", &["a"]);
    double.add_analysis("an", "A", DEFINITION);
    double.add_theme("th", "T");
    double.add_folder("fo", "F");
    double.set_tag(Kind::Folder, "fo", "a", "b");
    let environment = Environment::new("123456789012", "eu-west-1");
    let exporter = Exporter::new(api_of(&double), environment);
    let export = exporter
        .export_all(&AssetKind::ALL, &minute())
        .await
        .expect("lists");
    assert!(export.is_complete(), "{:?}", export.failed);
    let words: Vec<_> = export
        .exported
        .iter()
        .map(|done| done.asset.to_string())
        .collect();
    assert_eq!(
        words,
        [
            "folder `fo`",
            "theme `th`",
            "data source `warehouse`",
            "data set `daily`",
            "data set `direct`",
            "analysis `an`"
        ]
    );
    let analysis = &export.exported[5].file.to_text();
    assert!(
        analysis.contains("${dataset:daily}"),
        "exported together, so by symbol: {analysis}"
    );
    for operation in ["DescribeDataSetRefreshProperties", "ListRefreshSchedules"] {
        let calls = double.calls_of(operation);
        assert!(
            calls.iter().all(|call| call.id() == Some("daily")),
            "{calls:?}"
        );
    }
    for done in &export.exported {
        let text = done.file.to_text();
        assert_eq!(AssetFile::parse(&text).expect("a file").to_text(), text);
    }
}
