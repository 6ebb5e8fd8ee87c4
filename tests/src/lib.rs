//! The harness of the end-to-end tests, the demo and the bench: private database
//! servers, and doubles of the AWS services that the job talks to.
//!
//! Unpublished. The scenarios are in `tests/tests`.

pub mod aws;
pub mod binary;
pub mod browser;
pub mod canary;
pub mod database;
pub mod lambda_runtime;
pub mod page;
pub mod parity;
pub mod production;
pub mod readers;
pub mod s3;
pub mod scratch;
pub mod scripted;
pub mod secrets_manager;
pub mod services;
pub mod sharehouse;
pub mod splitter;
pub mod terraform;

mod http;

/// The examples of the repository's README, compiled.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
pub struct ReadmeExamples;
