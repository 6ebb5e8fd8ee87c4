//! The refresh over real HTTP, against the double of QuickSight.

mod faults;
mod quota;
mod run;
mod running;
mod select;
mod states;
mod tokens;

use std::{sync::Arc, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use datatransit_quicksight::{
    AssetId, AwsQuickSight,
    testing::double::{DoubleOptions, IngestionEnd, IngestionScript, QuickSightDouble},
};
use datatransit_spice::{
    DataSetReport, Pace, Refresh, RefreshConfig, Report, Trigger, testing::Recorder,
};

/// A double, and what refreshes there without the seconds between two looks.
struct Bench {
    double: QuickSightDouble,
    refresh: Refresh,
    recorder: Recorder,
}

impl Bench {
    /// With these data sets in SPICE.
    fn new(data_sets: &[&str]) -> Self {
        let double = QuickSightDouble::start(DoubleOptions::default()).expect("a free port");
        for id in data_sets {
            double.add_data_set(id, &["day:DATETIME", "amount:DECIMAL"]);
        }
        let recorder = Recorder::default();
        let refresh = refresh(&double).with_observer(Arc::new(recorder.clone()));
        Self {
            double,
            refresh,
            recorder,
        }
    }

    /// A day's run to its end.
    async fn run(&self, config: RefreshConfig) -> Report {
        self.refresh.run(config, day()).await.expect("a run")
    }

    /// What the next ingestion of a data set comes to.
    fn next(&self, data_set: &str, end: IngestionEnd) {
        self.double.script_next_ingestion(data_set, script(end));
    }

    /// Ingestions that the service was asked for, and accepted or not.
    fn asked(&self) -> usize {
        self.double.calls_of("CreateIngestion").len()
    }
}

fn refresh(double: &QuickSightDouble) -> Refresh {
    let (key, secret) = double.credentials();
    let credentials = Credentials::new(key, secret, None, None, "test");
    let retries = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(double.endpoint_url())
        .region(Region::new(double.region().to_owned()))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retries)
        .build();
    let api = AwsQuickSight::from_sdk_config(&config, double.account_id());
    let pace = Pace::default()
        .with_pauses(Duration::from_millis(1), Duration::from_millis(5))
        .with_calls_per_second(10_000);
    Refresh::new(Arc::new(api)).with_pace(pace)
}

fn day() -> Trigger {
    Trigger::Day("2026-11-23".parse().expect("a day"))
}

fn id(text: &str) -> AssetId {
    AssetId::new(text).expect("an identifier")
}

/// Full refreshes of these, another attempt without a pause.
fn of(ids: &[&str]) -> RefreshConfig {
    let mut config = RefreshConfig::of_ids(ids.iter().map(|text| id(text)));
    config.retry_pause_seconds = 0;
    config
}

fn script(end: IngestionEnd) -> IngestionScript {
    let mut script = IngestionScript::default();
    script.end = end;
    script
}

fn failed(kind: &str) -> IngestionEnd {
    IngestionEnd::Failed {
        kind: kind.to_owned(),
        message: format!("because of {kind}"),
    }
}

/// The entry of a data set.
fn entry<'a>(report: &'a Report, data_set: &str) -> &'a DataSetReport {
    let mut entries = report.data_sets.iter();
    entries
        .find(|entry| entry.data_set == data_set)
        .expect("an entry")
}
