//! `datatransit_dump::compare` over dumps that the real clients and ours made of real servers.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod cuts;
mod flavours;
mod objects;
mod options;
mod same;
mod tables;
mod world;
