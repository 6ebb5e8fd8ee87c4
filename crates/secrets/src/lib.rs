#![cfg_attr(feature = "aws", doc = include_str!("../README.md"))]
// The page's example and links need the feature.
#![cfg_attr(
    not(feature = "aws"),
    doc = "Typed, cached, rotation-aware database credentials; no value ever shows."
)]

mod cache;
mod connect;
mod credentials;
mod error;
mod id;
mod pattern;
mod raw;
mod rules;
mod source;
#[cfg(feature = "testing")]
pub mod testing;

pub use cache::CredentialsCache;
pub use connect::{ConnectError, ConnectPolicy};
pub use credentials::{DatabaseCredentials, Engine, Overlay};
pub use error::{Error, ErrorKind, Fault, Problem, Refusal, ServiceReply, Subject};
pub use id::{SecretId, Stage};
pub use raw::{Location, Origin, RawSecret};
pub use rules::{TargetRules, TargetRulesBuilder};
#[cfg(feature = "aws")]
pub use source::AwsSource;
pub use source::{Chain, EnvSource, FileSource, SecretSource};
