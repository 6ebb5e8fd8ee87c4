//! The Runtime API of one process, over HTTP.
//!
//! Its rules and the words of its refusals are those of the service's own emulator:
//! an answer belongs to the invocation that is under way and there is one; the next
//! event is given only when the last is answered.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::Result;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::Outcome;
use crate::http::{Answer, AnswerFuture, Handler, HttpServer};

/// The most bytes of an event, an answer or an error: 6 MiB and 100 bytes.
pub const MAX_PAYLOAD_BYTES: usize = 6 * 1024 * 1024 + 100;

const PREFIX: &str = "/2018-06-01/runtime/";

/// A Runtime API that listens on a port of its own. Dropping it closes the port.
#[derive(Debug)]
pub struct RuntimeApi {
    _http: HttpServer,
    address: String,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// For the process: an event is there.
    event: Notify,
    /// For the emulator: the process has asked or answered.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    arn: String,
    /// When the process asked for its first event.
    first_asked: Option<Instant>,
    /// Whether it waits for an event now.
    waits: bool,
    pending: Option<Event>,
    current: Option<Current>,
    answer: Option<Answered>,
    init_error: Option<Outcome>,
    violations: Vec<String>,
}

#[derive(Debug)]
struct Event {
    request_id: String,
    body: String,
    timeout: Duration,
}

#[derive(Debug)]
struct Current {
    request_id: String,
    delivered: Instant,
    answered: bool,
}

/// An answer and how long it took.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) outcome: Outcome,
    pub(super) duration: Duration,
}

impl RuntimeApi {
    /// Starts one for a process that serves the function `arn`.
    ///
    /// # Errors
    ///
    /// Without a port or threads.
    pub fn start(arn: &str) -> Result<Self> {
        let shared = Arc::<Shared>::default();
        arn.clone_into(&mut shared.state().arn);
        let http = HttpServer::start(Arc::clone(&shared) as Arc<dyn Handler>)?;
        let address = http.url().trim_start_matches("http://").to_owned();
        Ok(Self {
            _http: http,
            address,
            shared,
        })
    }

    /// `127.0.0.1:PORT`, the value of `AWS_LAMBDA_RUNTIME_API`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// What was asked against the rules.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        self.shared.state().violations.clone()
    }

    /// When the process asked for its first event.
    pub(super) fn first_asked(&self) -> Option<Instant> {
        self.shared.state().first_asked
    }

    /// Whether the process waits for an event.
    pub(super) fn waits(&self) -> bool {
        self.shared.state().waits
    }

    /// The error that the process has reported instead of asking for an event.
    pub(super) fn init_error(&self) -> Option<Outcome> {
        self.shared.state().init_error.clone()
    }

    /// Gives the process an event.
    pub(super) fn deliver(&self, request_id: &str, event: &Value, timeout: Duration) {
        let mut state = self.shared.state();
        state.answer = None;
        state.pending = Some(Event {
            request_id: request_id.to_owned(),
            body: event.to_string(),
            timeout,
        });
        drop(state);
        self.shared.event.notify_one();
    }

    /// Takes the answer that has come.
    pub(super) fn take_answer(&self) -> Option<Answered> {
        self.shared.state().answer.take()
    }

    /// Waits until the process asks or answers something, for a moment at most.
    pub(super) fn wait_for_change(&self, moment: Duration) {
        let state = self.shared.state();
        let changed = &self.shared.changed;
        drop(
            changed
                .wait_timeout(state, moment)
                .unwrap_or_else(PoisonError::into_inner),
        );
    }
}

impl Handler for Shared {
    fn handle(self: Arc<Self>, request: Request<Incoming>) -> AnswerFuture {
        Box::pin(async move { self.answer(request).await })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn answer(&self, request: Request<Incoming>) -> Answer {
        let (head, body) = request.into_parts();
        let body = body.collect().await.ok()?.to_bytes();
        let path = head.uri.path().to_owned();
        let Some(what) = path.strip_prefix(PREFIX) else {
            return self.refuse(
                StatusCode::NOT_FOUND,
                "NotFound",
                &format!("no path {path}"),
            );
        };
        let parts: Vec<&str> = what.split('/').collect();
        let function_error = head
            .headers
            .get("lambda-runtime-function-error-type")
            .and_then(|value| value.to_str().ok());
        match (&head.method, parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => self.response(id, &body),
            (&Method::POST, ["invocation", id, "error"]) => self.error(id, &body, function_error),
            (&Method::POST, ["init", "error"]) => self.init_error(&body),
            (method, _) => {
                let text = format!("no {method} {path}");
                self.refuse(StatusCode::NOT_FOUND, "NotFound", &text)
            }
        }
    }

    /// Waits for an event as long as it takes: the service freezes who waits.
    async fn next(&self) -> Answer {
        let early = {
            let mut state = self.state();
            state.first_asked.get_or_insert_with(Instant::now);
            let early = state.waits || state.current.as_ref().is_some_and(|it| !it.answered);
            state.waits = !early;
            early
        };
        self.changed.notify_all();
        if early {
            let text = "asked for an event before the last was answered";
            return self.refuse(StatusCode::FORBIDDEN, "InvalidStateTransition", text);
        }
        loop {
            let pending = self.state().pending.take();
            if let Some(event) = pending {
                return self.hand_out(event);
            }
            self.event.notified().await;
        }
    }

    fn hand_out(&self, event: Event) -> Answer {
        let mut state = self.state();
        let deadline = SystemTime::now() + event.timeout;
        let deadline = deadline.duration_since(UNIX_EPOCH).ok()?.as_millis();
        state.waits = false;
        state.current = Some(Current {
            request_id: event.request_id.clone(),
            delivered: Instant::now(),
            answered: false,
        });
        Response::builder()
            .header("content-type", "application/json")
            .header("lambda-runtime-aws-request-id", &event.request_id)
            .header("lambda-runtime-deadline-ms", deadline.to_string())
            .header("lambda-runtime-invoked-function-arn", &state.arn)
            .header(
                "lambda-runtime-trace-id",
                "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0",
            )
            .body(s3s::Body::from(event.body))
            .ok()
    }

    fn response(&self, id: &str, body: &[u8]) -> Answer {
        let outcome = match serde_json::from_slice(body) {
            _ if body.len() > MAX_PAYLOAD_BYTES => Err(too_large(body.len())),
            Ok(value) => Ok(Outcome::Response(value)),
            Err(_) => Err(Failed {
                status: StatusCode::BAD_REQUEST,
                kind: "InvalidResponse",
                text: "an answer that is not JSON".to_owned(),
                outcome: None,
            }),
        };
        self.finish(id, outcome)
    }

    fn error(&self, id: &str, body: &[u8], header: Option<&str>) -> Answer {
        let outcome = match error_of(body) {
            _ if body.len() > MAX_PAYLOAD_BYTES => Err(too_large(body.len())),
            Some(error) if header.is_some() => Ok(error),
            _ => Err(Failed {
                status: StatusCode::BAD_REQUEST,
                kind: "InvalidErrorShape",
                text: "an error without type, message or the header for its type".to_owned(),
                outcome: None,
            }),
        };
        self.finish(id, outcome)
    }

    /// The end of the invocation under way, and of no other.
    fn finish(&self, id: &str, outcome: Result<Outcome, Failed>) -> Answer {
        let mut state = self.state();
        let current = state.current.as_mut().filter(|it| it.request_id == id);
        let Some(current) = current else {
            drop(state);
            let text = format!("an answer for {id}, which is not under way");
            return self.refuse(StatusCode::BAD_REQUEST, "InvalidRequestID", &text);
        };
        if current.answered {
            drop(state);
            let text = format!("a second answer for {id}");
            return self.refuse(StatusCode::FORBIDDEN, "InvalidStateTransition", &text);
        }
        let duration = current.delivered.elapsed();
        let (outcome, refusal) = match outcome {
            Ok(outcome) => (Some(outcome), None),
            Err(failed) => (
                failed.outcome,
                Some((failed.status, failed.kind, failed.text)),
            ),
        };
        current.answered = outcome.is_some();
        if let Some(outcome) = outcome {
            state.answer = Some(Answered { outcome, duration });
        }
        drop(state);
        self.changed.notify_all();
        match refusal {
            Some((status, kind, text)) => self.refuse(status, kind, &text),
            None => accepted(),
        }
    }

    fn init_error(&self, body: &[u8]) -> Answer {
        let mut state = self.state();
        if state.first_asked.is_some() {
            drop(state);
            let text = "an error of the initialisation after it was over";
            return self.refuse(StatusCode::FORBIDDEN, "InvalidStateTransition", text);
        }
        state.init_error = error_of(body);
        let is_error = state.init_error.is_some();
        drop(state);
        self.changed.notify_all();
        if is_error {
            accepted()
        } else {
            let text = "an error without type or message";
            self.refuse(StatusCode::BAD_REQUEST, "InvalidErrorShape", text)
        }
    }

    fn refuse(&self, status: StatusCode, kind: &str, text: &str) -> Answer {
        self.state().violations.push(format!("{kind}: {text}"));
        answer(status, &json!({"errorType": kind, "errorMessage": text}))
    }
}

struct Failed {
    status: StatusCode,
    kind: &'static str,
    text: String,
    /// How the invocation ends all the same.
    outcome: Option<Outcome>,
}

fn too_large(bytes: usize) -> Failed {
    let text =
        format!("Exceeded maximum allowed payload size ({MAX_PAYLOAD_BYTES} bytes): {bytes}");
    Failed {
        status: StatusCode::PAYLOAD_TOO_LARGE,
        kind: "RequestEntityTooLarge",
        outcome: Some(Outcome::Error {
            error_type: "Function.ResponseSizeTooLarge".to_owned(),
            error_message: text.clone(),
        }),
        text,
    }
}

fn error_of(body: &[u8]) -> Option<Outcome> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    Some(Outcome::Error {
        error_type: text("errorType")?,
        error_message: text("errorMessage")?,
    })
}

fn accepted() -> Answer {
    answer(StatusCode::ACCEPTED, &json!({"status": "OK"}))
}

fn answer(status: StatusCode, body: &Value) -> Answer {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .body(s3s::Body::from(body.to_string()))
        .ok()
}
