//! AWS Secrets Manager.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_secretsmanager::{
    Client,
    config::{BehaviorVersion, Builder, Region, timeout::TimeoutConfig},
};
use aws_types::SdkConfig;

use super::{SecretSource, aws_fault};
use crate::{
    error::{Error, ErrorKind},
    id::{SecretId, Stage},
    raw::{Location, Origin, RawSecret},
};

const OPERATION_TIMEOUT: Duration = Duration::from_secs(30);

/// Reads secrets from AWS Secrets Manager, one `GetSecretValue` each time.
///
/// The stage is always named in the request. A secret may be given by name, by
/// ARN or by an ARN without its random ending; the region of an ARN overrides
/// the client's, for that call only.
///
/// Needs `secretsmanager:GetSecretValue` on the secret, and `kms:Decrypt` if it
/// is encrypted under a key of your own.
#[derive(Clone, Debug)]
pub struct AwsSource {
    client: Client,
}

impl AwsSource {
    /// A source that uses the client as it is. Give it a time limit for a whole
    /// operation: the SDK sets none.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// A source with a client of its own, made from a loaded configuration.
    ///
    /// A configuration without a behaviour version gets `v2026_01_12`. One
    /// without a time limit for a whole operation gets thirty seconds: the SDK
    /// sets none, and would wait for ever on a connection that went silent.
    pub fn from_sdk_config(config: &SdkConfig) -> Self {
        let mut builder = Builder::from(config);
        let limits = config.timeout_config();
        if limits.is_none_or(|limits| limits.operation_timeout().is_none()) {
            let limits = limits.map_or_else(TimeoutConfig::builder, TimeoutConfig::to_builder);
            builder = builder.timeout_config(limits.operation_timeout(OPERATION_TIMEOUT).build());
        }
        if config.behavior_version().is_none() {
            builder = builder.behavior_version(BehaviorVersion::v2026_01_12());
        }
        Self::new(Client::from_conf(builder.build()))
    }
}

#[async_trait]
impl SecretSource for AwsSource {
    async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error> {
        let fault = |kind| Error::fetch(kind, Location::SecretsManager, id, stage);
        let region = arn_region(id.as_str()).map_err(fault)?;
        if region.is_none() && self.client.config().region().is_none() {
            return Err(fault(ErrorKind::Config));
        }
        let mut request = self
            .client
            .get_secret_value()
            .secret_id(id.as_str())
            .version_stage(stage.as_str())
            .customize();
        let configured = self.client.config().region().map(Region::as_ref);
        if let Some(region) = region.filter(|region| Some(*region) != configured) {
            request =
                request.config_override(Builder::new().region(Region::new(region.to_owned())));
        }
        let mut output = request
            .send()
            .await
            .map_err(|error| aws_fault::describe(&error, id, stage))?;

        let origin = Origin::new(id.clone(), Location::SecretsManager, stage.clone())
            .with_arn(output.arn.take())
            .with_version(output.version_id.take());
        tracing::debug!(%origin, "a secret was read");
        match (output.secret_string.take(), output.secret_binary.take()) {
            (Some(text), _) => Ok(RawSecret::from_text(text, origin)),
            (None, Some(blob)) => Ok(RawSecret::from_bytes(blob.into_inner(), origin)),
            (None, None) => Err(fault(ErrorKind::NotFound)),
        }
    }
}

/// The region of a Secrets Manager ARN; none for a plain name.
fn arn_region(id: &str) -> Result<Option<&str>, ErrorKind> {
    if !id.starts_with("arn:") {
        return Ok(None);
    }
    let mut fields = id.splitn(7, ':').skip(1);
    let (_partition, service, region) = (fields.next(), fields.next(), fields.next());
    let (_account, resource) = (fields.next(), fields.next());
    match (service, region, resource) {
        // The region becomes part of a host name: only its own letters may.
        (Some("secretsmanager"), Some(region), Some("secret"))
            if !region.is_empty()
                && region
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') =>
        {
            Ok(Some(region))
        }
        _ => Err(ErrorKind::Config),
    }
}
