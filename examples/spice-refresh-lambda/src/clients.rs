//! The services, made once.

use std::sync::{Arc, OnceLock};

use aws_config::{BehaviorVersion, SdkConfig};
use datatransit_quicksight::AwsQuickSight;
use datatransit_spice::Refresh;
use datatransit_spice::gate::{Objects, S3Objects};

use crate::config::Settings;
use crate::failure::Failure;
use crate::observer::Log;

/// Clients that live as long as the process, so that warm invocations find their
/// connections open.
#[derive(Debug)]
pub(crate) struct Clients {
    config: SdkConfig,
    refresh: OnceLock<Refresh>,
    /// Only a gate needs S3.
    objects: OnceLock<Arc<dyn Objects>>,
}

impl Clients {
    /// Loads the configuration, from the environment that Lambda gives.
    pub(crate) async fn load() -> Self {
        // Pinned: a newer SDK must not change retries or time-outs by itself.
        let config = aws_config::load_defaults(BehaviorVersion::v2026_01_12()).await;
        Self {
            config,
            refresh: OnceLock::new(),
            objects: OnceLock::new(),
        }
    }

    /// QuickSight, in the account of the data sets.
    ///
    /// # Errors
    ///
    /// [`Failure::Configuration`] when there is no account.
    pub(crate) fn refresh(&self, settings: &Settings, arn: &str) -> Result<&Refresh, Failure> {
        if let Some(refresh) = self.refresh.get() {
            return Ok(refresh);
        }
        let account = settings.account(arn)?;
        Ok(self.refresh.get_or_init(|| {
            let api = AwsQuickSight::from_sdk_config(&self.config, account);
            Refresh::new(Arc::new(api)).with_observer(Arc::new(Log))
        }))
    }

    /// S3, for the gate's manifest.
    pub(crate) fn objects(&self) -> Arc<dyn Objects> {
        let objects = self.objects.get_or_init(|| {
            let client = aws_sdk_s3::Client::new(&self.config);
            Arc::new(S3Objects::new(client))
        });
        Arc::clone(objects)
    }
}
