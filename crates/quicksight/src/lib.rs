//! QuickSight dashboards and what they stand on as canonical JSON files.

pub mod api;
pub mod deploy;
pub mod id;
pub mod json;
pub mod plan;
#[cfg(feature = "testing")]
pub mod testing;

pub use {
    api::{Access, ApiError, ApiErrorKind, Assets, Dashboards, QuickSight, Refreshing},
    id::{Arn, AssetId, AssetKind, AssetRef},
    json::Json,
};
