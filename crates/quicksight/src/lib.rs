#![cfg_attr(feature = "aws", doc = include_str!("../README.md"))]
// The page's examples and links need the feature.
#![cfg_attr(
    not(feature = "aws"),
    doc = "QuickSight dashboards and what they stand on as canonical JSON files."
)]

pub mod api;
pub mod deploy;
pub mod environment;
pub mod export;
pub mod file;
pub mod id;
pub mod json;
pub mod normalize;
pub mod plan;
pub mod presets;
pub mod prune;
pub mod refreshes;
pub mod rollback;
pub mod symbols;
#[cfg(feature = "testing")]
pub mod testing;
pub mod validate;
pub mod wait;

#[cfg(feature = "aws")]
pub use api::AwsQuickSight;
pub use {
    api::{Access, ApiError, ApiErrorKind, Assets, Dashboards, QuickSight, Refreshing},
    environment::Environment,
    file::{AssetFile, FileStore},
    id::{Arn, AssetId, AssetKind, AssetRef},
    json::Json,
    symbols::Symbols,
};
