//! The AWS SDK's client with a double in place of its network.

use std::sync::{Arc, Mutex};

use aws_sdk_secretsmanager::{
    Client,
    config::{
        BehaviorVersion, Builder, Credentials, Region,
        http::{HttpRequest, HttpResponse},
        retry::RetryConfig,
    },
};
use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector,
            http_client_fn,
        },
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body_util::Full;

/// What the double answers, always.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Http(u16, Vec<u8>),
    NoConnection,
    Silence,
}

/// A request that arrived: address and body.
pub(crate) type Seen = (String, String);

#[derive(Clone, Debug)]
pub(crate) struct Wire {
    answer: Answer,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Wire {
    pub(crate) fn new(answer: Answer) -> Self {
        let seen = Arc::default();
        Self { answer, seen }
    }

    pub(crate) fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(Answer::Http(200, body.into()))
    }

    /// A client in `eu-west-1` that makes one attempt.
    pub(crate) fn client(&self) -> Client {
        self.client_with(|config| config)
    }

    pub(crate) fn client_with(&self, change: impl FnOnce(Builder) -> Builder) -> Client {
        let key = Credentials::new("AKID", "key of the caller", None, None, "test");
        Client::from_conf(change(self.config().credentials_provider(key)).build())
    }

    pub(crate) fn client_without_credentials(&self) -> Client {
        Client::from_conf(self.config().build())
    }

    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    fn config(&self) -> Builder {
        Builder::new()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("eu-west-1"))
            .retry_config(RetryConfig::disabled())
            .http_client(self.http_client())
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default();
        let body = String::from_utf8_lossy(body).into_owned();
        self.seen
            .lock()
            .unwrap()
            .push((request.uri().to_owned(), body));
        HttpConnectorFuture::ready(match &self.answer {
            Answer::Silence => return HttpConnectorFuture::new(std::future::pending()),
            Answer::NoConnection => Err(ConnectorError::io("no route".into())),
            Answer::Http(status, body) => {
                let status = StatusCode::try_from(*status).unwrap();
                // A stream, as from a socket: the SDK logs a body in memory as it is.
                let body = Full::new(Bytes::from(body.clone()));
                let mut response = HttpResponse::new(status, SdkBody::from_body_1_x(body));
                let headers = response.headers_mut();
                headers.insert("x-amzn-requestid", "f00d-1");
                headers.insert("content-type", "application/x-amz-json-1.1");
                Ok(response)
            }
        })
    }
}
