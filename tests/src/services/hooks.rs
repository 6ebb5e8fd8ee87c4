//! What listens on a plain URL: `/hook/…` takes what Slack's webhooks take, `/ping/UUID`
//! what healthchecks.io takes. Both keep what they were sent.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Method, Response, StatusCode};
use serde_json::Value;

use crate::http::{AnswerFuture, Handler, HttpServer};

/// A request as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The path.
    pub path: String,
    /// The query, if there was one.
    pub query: Option<String>,
    /// The body.
    pub body: String,
    /// The status it was answered with.
    pub status: u16,
}

/// How requests are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Behaviour {
    /// As the service would.
    #[default]
    Normal,
    /// With this status.
    Status(u16),
    /// Not within a minute.
    Hang,
    /// By a closed connection.
    Disconnect,
}

/// The server; dropping it closes the port.
#[derive(Debug)]
pub struct HookServer {
    http: HttpServer,
    hooks: Arc<Hooks>,
}

#[derive(Debug, Default)]
struct Hooks {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    requests: Vec<Request>,
    behaviour: Behaviour,
    /// How many more requests behave so; `None` is all.
    left: Option<usize>,
}

impl HookServer {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// Without a free port.
    pub fn start() -> Result<Self> {
        let hooks = Arc::<Hooks>::default();
        let http = HttpServer::start(Arc::<Hooks>::clone(&hooks))?;
        Ok(Self { http, hooks })
    }

    /// The URL of a path.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.http.url())
    }

    /// Changes how requests are answered from now on.
    pub fn behave(&self, behaviour: Behaviour) {
        let mut state = self.hooks.state();
        (state.behaviour, state.left) = (behaviour, None);
    }

    /// Changes how the next requests are answered.
    pub fn behave_for(&self, behaviour: Behaviour, requests: usize) {
        let mut state = self.hooks.state();
        (state.behaviour, state.left) = (behaviour, Some(requests));
    }

    /// All requests so far.
    #[must_use]
    pub fn requests(&self) -> Vec<Request> {
        self.hooks.state().requests.clone()
    }
}

impl Hooks {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next(&mut self) -> Behaviour {
        match &mut self.left {
            Some(0) => Behaviour::Normal,
            Some(left) => {
                *left -= 1;
                self.behaviour
            }
            None => self.behaviour,
        }
    }
}

impl Handler for Hooks {
    fn handle(self: Arc<Self>, request: hyper::Request<Incoming>) -> AnswerFuture {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.ok()?.to_bytes();
            let body = String::from_utf8_lossy(&body).into_owned();
            let path = parts.uri.path().to_owned();
            let query = parts.uri.query().map(str::to_owned);
            let behaviour = self.state().next();
            let is_json = parts
                .headers
                .get("content-type")
                .is_some_and(|it| it.as_bytes().starts_with(b"application/json"));
            let status = match behaviour {
                Behaviour::Status(status) => status,
                _ if path.starts_with("/hook/") => slack(&parts.method, is_json, &body),
                _ => healthchecks(&path, query.as_deref()),
            };
            self.state().requests.push(Request {
                path,
                query,
                body,
                status,
            });
            match behaviour {
                Behaviour::Hang => tokio::time::sleep(Duration::from_secs(60)).await,
                Behaviour::Disconnect => return None,
                Behaviour::Normal | Behaviour::Status(_) => {}
            }
            Response::builder()
                .status(StatusCode::from_u16(status).ok()?)
                .body(s3s::Body::empty())
                .ok()
        })
    }
}

/// A JSON object with a text that is not empty.
fn slack(method: &Method, is_json: bool, body: &str) -> u16 {
    let value: Option<Value> = serde_json::from_str(body).ok();
    let text = value.as_ref().and_then(|value| value["text"].as_str());
    match text {
        _ if method != Method::POST => 405,
        Some(text) if is_json && !text.is_empty() => 200,
        _ => 400,
    }
}

/// A check's UUID, one of the known signals, and a run's id that is a UUID.
fn healthchecks(path: &str, query: Option<&str>) -> u16 {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    let is_known = match parts[..] {
        ["ping", check] => is_uuid(check),
        ["ping", check, "start" | "fail" | "log"] => is_uuid(check),
        _ => false,
    };
    let rid = query.and_then(|query| query.split('&').find_map(|it| it.strip_prefix("rid=")));
    match (is_known, rid) {
        (false, _) => 404,
        (true, Some(rid)) if !is_uuid(rid) => 400,
        (true, _) => 200,
    }
}

fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && text.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_the_services_refuse() {
        let post = Method::POST;
        assert_eq!(slack(&post, true, r#"{"text": "x"}"#), 200);
        assert_eq!(slack(&post, true, r#"{"message": "x"}"#), 400);
        assert_eq!(slack(&post, false, r#"{"text": "x"}"#), 400);
        assert_eq!(slack(&Method::GET, true, r#"{"text": "x"}"#), 405);
        let check = "/ping/0f178997-0000-4000-8000-00000000000a";
        assert_eq!(healthchecks(check, None), 200);
        assert_eq!(
            healthchecks(&format!("{check}/start"), Some("rid=run-7")),
            400
        );
        assert_eq!(healthchecks(&format!("{check}/begin"), None), 404);
        assert_eq!(healthchecks("/ping/x", None), 404);
    }
}
