//! The AWS SDK's configuration, loaded here and nowhere else.

use std::net::IpAddr;
use std::sync::{Arc, Once};

use aws_config::{BehaviorVersion, SdkConfig};
use clap::ValueEnum;
use tokio::sync::OnceCell;

/// How a bucket is addressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[non_exhaustive]
pub enum PathStyle {
    /// By path where the endpoint is an IP address or `localhost`, which no
    /// bucket's name can be put in front of; else by host name, as Amazon wants it.
    #[default]
    Auto,
    /// `https://endpoint/bucket/key`.
    Always,
    /// `https://bucket.endpoint/key`.
    Never,
}

/// The SDK's configuration, loaded when it is first needed.
///
/// A job that reads a file and writes to standard output never asks for it, and
/// so never waits for a metadata service that is not there. Clones share it.
#[derive(Clone, Debug)]
pub struct Aws {
    path_style: PathStyle,
    config: Arc<OnceCell<SdkConfig>>,
}

impl Aws {
    /// Loads nothing yet.
    #[must_use]
    pub fn new(path_style: PathStyle) -> Self {
        Self {
            path_style,
            config: Arc::default(),
        }
    }

    /// Returns the configuration of the SDK's usual chain: environment, profile
    /// files, container and instance roles. `AWS_ENDPOINT_URL` is honoured.
    pub async fn config(&self) -> &SdkConfig {
        self.config
            .get_or_init(|| {
                install_crypto();
                // Pinned: a newer SDK must not change retries or time-outs by itself.
                aws_config::load_defaults(BehaviorVersion::v2026_01_12())
            })
            .await
    }

    /// Makes a client for S3.
    pub async fn s3(&self) -> aws_sdk_s3::Client {
        let config = self.config().await;
        let by_path = match self.path_style {
            PathStyle::Always => true,
            PathStyle::Never => false,
            PathStyle::Auto => s3_endpoint(config).is_some_and(|url| needs_path_style(&url)),
        };
        let config = aws_sdk_s3::config::Builder::from(config)
            .force_path_style(by_path)
            .build();
        aws_sdk_s3::Client::from_conf(config)
    }
}

/// The endpoint that the S3 client will use, if not Amazon's own.
fn s3_endpoint(config: &SdkConfig) -> Option<String> {
    std::env::var("AWS_ENDPOINT_URL_S3")
        .ok()
        .or_else(|| config.endpoint_url().map(str::to_owned))
}

fn needs_path_style(url: &str) -> bool {
    let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = authority.split(['/', '?']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok()
}

/// Makes aws-lc the process's one provider of cryptography.
///
/// The SDK names it itself; the database driver takes the process's default and
/// would panic when two providers are compiled in and none is chosen.
pub fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that one is installed already, which is all that is wanted.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_need_the_path_style() {
        for url in [
            "http://127.0.0.1:9000",
            "http://localhost",
            "http://[::1]:4566/x",
        ] {
            assert!(needs_path_style(url), "{url}");
        }
        for url in [
            "https://s3.ap-northeast-1.amazonaws.com",
            "https://minio.example:9000/",
        ] {
            assert!(!needs_path_style(url), "{url}");
        }
    }
}
