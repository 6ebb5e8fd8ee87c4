#![cfg_attr(feature = "aws", doc = include_str!("../README.md"))]
// The page's examples and links need the feature.
#![cfg_attr(
    not(feature = "aws"),
    doc = "SPICE refreshes of QuickSight data sets: started, waited for, reported."
)]

pub mod classify;
pub mod config;
pub mod gate;
pub mod graph;
pub mod ids;
pub mod ingestion;
mod limiter;
mod observe;
pub mod quota;
mod refresh;
pub mod report;
mod run;
pub mod select;
#[cfg(feature = "testing")]
pub mod testing;

pub use {
    classify::{Failure, FailureClass},
    config::{ConfigError, OnRunning, RefreshConfig, Selection, Selector},
    datatransit_quicksight::{AssetId, api::RefreshKind},
    gate::{GateConfig, GateError},
    ids::Trigger,
    limiter::Pace,
    observe::{Event, Observer},
    refresh::{Refresh, RefreshError, Spice},
    report::{DataSetReport, How, Outcome, Report, Verdict},
    run::{Run, TokenError},
};
