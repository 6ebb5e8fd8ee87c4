//! The service's edge over real HTTP: `AwsQuickSight` and the exporter against the double, and
//! against a server that repeats bytes as they are.

mod deploy;
mod export;
mod wire;

use std::{sync::Arc, time::Duration};

use aws_credential_types::Credentials;
use aws_sdk_quicksight::{
    Client,
    config::{BehaviorVersion, Region, StalledStreamProtectionConfig, retry::RetryConfig},
};
use datatransit_quicksight::{AwsQuickSight, testing::double::QuickSightDouble, wait::Patience};

const ACCOUNT: &str = "123456789012";

/// A client that makes eight attempts, without the seconds between them.
fn api(endpoint: &str, keys: (&str, &str)) -> Arc<AwsQuickSight> {
    let retries = RetryConfig::standard()
        .with_max_attempts(8)
        .with_initial_backoff(Duration::from_millis(1))
        .with_max_backoff(Duration::from_millis(5));
    let config = aws_sdk_quicksight::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(endpoint)
        .region(Region::new("eu-west-1"))
        .credentials_provider(Credentials::new(keys.0, keys.1, None, None, "test"))
        .retry_config(retries)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Arc::new(AwsQuickSight::new(Client::from_conf(config), ACCOUNT))
}

fn api_of(double: &QuickSightDouble) -> Arc<AwsQuickSight> {
    api(&double.endpoint_url(), double.credentials())
}

fn minute() -> Patience {
    Patience::within(Duration::from_secs(60))
        .with_pauses(Duration::from_millis(1), Duration::from_millis(20))
}
