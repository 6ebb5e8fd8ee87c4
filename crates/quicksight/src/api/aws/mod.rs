//! QuickSight itself, through the AWS SDK.
//!
//! Every call is the SDK's own typed operation, so endpoints, credentials, signatures
//! and retries are the SDK's. Only the documents are not: its types drop members which
//! they do not know and cannot be written down. So the body of a request is replaced
//! before it is signed, and the body of an answer is kept as it came.

mod access;
mod assets;
mod dashboards;
mod exchange;
mod pages;
mod quota;
mod refreshing;

use std::{fmt, time::Duration};

use aws_sdk_quicksight::{
    Client,
    config::{BehaviorVersion, Builder, retry::RetryConfig, timeout::TimeoutConfig},
};
use aws_types::SdkConfig;

use self::quota::QuotaIsFinal;

/// For one attempt: a definition of megabytes takes the service a while.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(60);
/// For all attempts of one call, pauses included.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(240);
/// Listings of a large account are throttled for longer than three attempts last.
const MAX_ATTEMPTS: u32 = 8;
const MAX_BACKOFF: Duration = Duration::from_secs(20);

/// Sends one typed operation, with a body of our own, and keeps the answer as it came.
macro_rules! call {
    ($operation:literal, $subject:expr, $request:expr) => {
        call!($operation, $subject, $request, None)
    };
    ($operation:literal, $subject:expr, $request:expr, $body:expr) => {{
        let exchange = $crate::api::aws::exchange::Exchange::new($body);
        let request = $request.customize().interceptor(exchange.clone());
        let sent = request.send().await.map(drop);
        exchange.finish($operation, &$subject, sent)
    }};
}
use call;

/// The QuickSight service, for one account and the client's region.
///
/// # Permissions
///
/// `quicksight:` and the name of each operation that is used: List, Describe and
/// Describe…Definition, …Permissions for an export, with `ListTagsForResource` and
/// `ListFoldersForResource`; Create, Update, Delete and the Update…Permissions,
/// tag, folder membership and published version actions for a deployment, with
/// `PassDataSet` and `PassDataSource` on what is referred to.
#[derive(Clone)]
pub struct AwsQuickSight {
    client: Client,
    account: String,
}

impl AwsQuickSight {
    /// Uses a client for an account of 12 digits.
    ///
    /// The client's credentials, region, endpoint, retries and time limits stay; it
    /// only learns that a quota which is used up is no reason to try again, which the
    /// SDK believes of any service. Give it a time limit for a whole operation: the
    /// SDK sets none.
    pub fn new(client: Client, account: impl Into<String>) -> Self {
        let config = client
            .config()
            .to_builder()
            .retry_classifier(QuotaIsFinal)
            .build();
        Self {
            client: Client::from_conf(config),
            account: account.into(),
        }
    }

    /// Makes a client of its own from a loaded configuration.
    ///
    /// Calls that are throttled are made again, up to 8 times in all with pauses of up
    /// to 20 seconds. Where the configuration has no time limits, an attempt gets a
    /// minute and a call four. A configuration without a behaviour version gets
    /// `v2026_01_12`.
    pub fn from_sdk_config(config: &SdkConfig, account: impl Into<String>) -> Self {
        let retry = config
            .retry_config()
            .cloned()
            .unwrap_or_else(RetryConfig::standard);
        let attempts = retry.max_attempts().max(MAX_ATTEMPTS);
        let retry = retry
            .with_max_attempts(attempts)
            .with_max_backoff(MAX_BACKOFF);
        let limits = config
            .timeout_config()
            .map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder)
            .build();
        let mut with_limits = limits.to_builder();
        if limits.operation_attempt_timeout().is_none() {
            with_limits = with_limits.operation_attempt_timeout(ATTEMPT_TIMEOUT);
        }
        if limits.operation_timeout().is_none() {
            with_limits = with_limits.operation_timeout(OPERATION_TIMEOUT);
        }
        let mut builder = Builder::from(config)
            .retry_config(retry)
            .timeout_config(with_limits.build());
        if config.behavior_version().is_none() {
            builder = builder.behavior_version(BehaviorVersion::v2026_01_12());
        }
        Self::new(Client::from_conf(builder.build()), account)
    }

    /// The account.
    pub fn account(&self) -> &str {
        &self.account
    }
}

/// The client's own output is pages long.
impl fmt::Debug for AwsQuickSight {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsQuickSight")
            .field("account", &self.account)
            .field("region", &self.client.config().region())
            .finish_non_exhaustive()
    }
}
