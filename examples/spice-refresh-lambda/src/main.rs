//! The Lambda function that refreshes SPICE data sets. See the README beside this package.
//!
//! Wiring only: what a refresh is and how it goes is in `datatransit-spice`.

mod answer;
mod clients;
mod config;
mod event;
mod failure;
mod handler;
mod logs;
mod metrics;
mod observer;

use std::env;

use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

use crate::clients::Clients;
use crate::config::Settings;
use crate::handler::Function;

fn main() -> Result<(), Error> {
    logs::install();
    // One thread: an invocation waits for answers, and its share of a CPU is less than one.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let settings = Settings::read(|name| env::var(name).ok());
        let function = Function::new(settings, Clients::load().await);
        let function = &function;
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            function.handle(event)
        }))
        .await
    })
}
