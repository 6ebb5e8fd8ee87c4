//! How clients come to the doubles.

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};

/// The one access key that the doubles know.
pub const ACCESS_KEY: &str = "AKIAE2EHARNESS000001";
/// Its secret. A dummy: it opens nothing but the doubles.
pub const SECRET_KEY: &str = "dummy-secret-key-of-the-test-harness-only";
/// The region that the doubles are in.
pub const REGION: &str = "ap-northeast-1";

/// The address of a double, and ways to use it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    url: String,
}

impl Endpoint {
    pub(crate) const fn new(url: String) -> Self {
        Self { url }
    }

    /// `http://127.0.0.1:PORT`, for all services that the double serves.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The environment of a child process that shall reach the double through the
    /// SDK's default configuration, and nothing else.
    #[must_use]
    pub fn env(&self) -> Vec<(String, String)> {
        [
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_ACCESS_KEY_ID", ACCESS_KEY),
            ("AWS_SECRET_ACCESS_KEY", SECRET_KEY),
            ("AWS_REGION", REGION),
            // Neither the developer's own profile nor an instance's role.
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .to_vec()
    }

    /// An S3 client configuration without retries, for callers that want to see
    /// each answer; change it as needed.
    #[must_use]
    pub fn s3_config(&self) -> aws_sdk_s3::config::Builder {
        aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .endpoint_url(&self.url)
            .region(Region::from_static(REGION))
            .credentials_provider(Credentials::new(
                ACCESS_KEY, SECRET_KEY, None, None, "harness",
            ))
            .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
    }

    /// An S3 client of [`s3_config`](Self::s3_config).
    #[must_use]
    pub fn s3_client(&self) -> aws_sdk_s3::Client {
        aws_sdk_s3::Client::from_conf(self.s3_config().build())
    }
}
