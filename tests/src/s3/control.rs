//! The log of all calls, and the script of faults applied to them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::StatusCode;
use hyper::http::{Extensions, HeaderMap};
use s3s::{S3Error, S3ErrorCode, S3Result};
use tokio::sync::watch;
use tokio::time::sleep;

use super::faults::{Effect, FaultRule, Operation};

/// A call as the double saw it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Call {
    /// What was asked for.
    pub operation: Operation,
    /// Of which bucket.
    pub bucket: String,
    /// Of which key; empty for operations on a bucket.
    pub key: String,
    /// The number of an uploaded part.
    pub part_number: Option<i32>,
    /// The request's headers without those that let it in; lower-case names.
    pub headers: BTreeMap<String, String>,
    /// `None` while it is under way or if the client went away, else the error's
    /// code or nothing.
    pub outcome: Option<Result<(), String>>,
}

/// What a call is about, before it is one.
pub(super) struct Subject<'a> {
    pub(super) operation: Operation,
    pub(super) bucket: &'a str,
    pub(super) key: &'a str,
    pub(super) part_number: Option<i32>,
}

/// Whether the connection shall close without an answer. Travels in the
/// request's extensions from the HTTP server to the operation.
#[derive(Debug, Clone, Default)]
pub(super) struct Fate(Arc<AtomicBool>);

impl Fate {
    pub(super) fn severed(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn sever(extensions: &Extensions) {
        if let Some(fate) = extensions.get::<Self>() {
            fate.0.store(true, Ordering::Release);
        }
    }
}

#[derive(Debug)]
pub(super) struct Control {
    calls: Mutex<Vec<Call>>,
    rules: Mutex<Vec<FaultRule>>,
    /// How many calls have begun; how often the held ones were released.
    begun: watch::Sender<usize>,
    releases: watch::Sender<u64>,
}

impl Control {
    pub(super) fn new() -> Self {
        Self {
            calls: Mutex::default(),
            rules: Mutex::default(),
            begun: watch::Sender::new(0),
            releases: watch::Sender::new(0),
        }
    }

    pub(super) fn calls(&self) -> MutexGuard<'_, Vec<Call>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn rules(&self) -> MutexGuard<'_, Vec<FaultRule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn release_held(&self) {
        self.releases.send_modify(|count| *count += 1);
    }

    pub(super) fn count(&self, operation: Operation) -> usize {
        self.calls()
            .iter()
            .filter(|call| call.operation == operation)
            .count()
    }

    pub(super) async fn wait_for_calls(&self, operation: Operation, count: usize) {
        let mut begun = self.begun.subscribe();
        while self.count(operation) < count {
            // The sender lives as long as `self`.
            let _ = begun.changed().await;
        }
    }

    /// Notes a call and applies what goes wrong before the operation.
    pub(super) async fn begin<'a>(
        &'a self,
        subject: Subject<'_>,
        headers: &HeaderMap,
        extensions: Extensions,
    ) -> S3Result<OpenCall<'a>> {
        let effect = self.strike(&subject);
        let mut releases = self.releases.subscribe();
        let index = {
            let mut calls = self.calls();
            calls.push(Call {
                operation: subject.operation,
                bucket: subject.bucket.to_owned(),
                key: subject.key.to_owned(),
                part_number: subject.part_number,
                headers: harmless(headers),
                outcome: None,
            });
            calls.len() - 1
        };
        self.begun.send_modify(|count| *count += 1);
        let call = OpenCall {
            control: self,
            index,
            extensions,
            effect,
        };
        match call.effect {
            Some(Effect::Answer { status, code }) => {
                return call.finish(Err(scripted_error(status, code)));
            }
            Some(Effect::Disconnect) => {
                Fate::sever(&call.extensions);
                return call.finish(Err(scripted_error(500, "InternalError")));
            }
            Some(Effect::Delay(duration)) => sleep(duration).await,
            Some(Effect::Hold) => {
                // Fails only when the double itself is gone.
                let _ = releases.changed().await;
            }
            Some(Effect::LoseAnswer | Effect::ErrorInOk { .. } | Effect::CutBody(_)) | None => {}
        }
        Ok(call)
    }

    fn strike(&self, subject: &Subject<'_>) -> Option<Effect> {
        // All rules count the call, the first that befalls it wins.
        let mut rules = self.rules();
        rules
            .iter_mut()
            .map(|rule| rule.strike(subject.operation, subject.key))
            .fold(None, Option::or)
    }
}

/// A call that has begun.
pub(super) struct OpenCall<'a> {
    control: &'a Control,
    index: usize,
    extensions: Extensions,
    effect: Option<Effect>,
}

impl OpenCall<'_> {
    /// `Some(committed)` when the answer shall be an error inside a 200.
    pub(super) const fn error_in_ok(&self) -> Option<bool> {
        match self.effect {
            Some(Effect::ErrorInOk { committed }) => Some(committed),
            _ => None,
        }
    }

    /// After how many bytes the body shall end.
    pub(super) const fn cut_body(&self) -> Option<u64> {
        match self.effect {
            Some(Effect::CutBody(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// Notes the outcome and applies what goes wrong after the operation.
    pub(super) fn finish<T>(self, result: S3Result<T>) -> S3Result<T> {
        if self.effect == Some(Effect::LoseAnswer) {
            Fate::sever(&self.extensions);
        }
        let outcome = result
            .as_ref()
            .map(|_| ())
            .map_err(|error| error.code().as_str().to_owned());
        if let Some(call) = self.control.calls().get_mut(self.index) {
            call.outcome = Some(outcome);
        }
        result
    }
}

pub(super) fn scripted_error(status: u16, code: &'static str) -> S3Error {
    let known = S3ErrorCode::from_bytes(code.as_bytes()).unwrap_or(S3ErrorCode::InternalError);
    let mut error = S3Error::with_message(known, "as the fault script wants it");
    error
        .set_status_code(StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    error
}

fn harmless(headers: &HeaderMap) -> BTreeMap<String, String> {
    headers
        .iter()
        .filter(|(name, _)| !["authorization", "x-amz-security-token"].contains(&name.as_str()))
        .map(|(name, value)| {
            (
                name.to_string(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect()
}
