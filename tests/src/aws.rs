//! S3 and Secrets Manager on one port.
//!
//! `AWS_ENDPOINT_URL` is one address for all services; this double tells them
//! apart by the header `x-amz-target`, which S3 does not use.

use std::sync::Arc;

use anyhow::Result;
use hyper::Request;
use hyper::body::Incoming;

use crate::http::{AnswerFuture, Handler, HttpServer};
use crate::s3::{Endpoint, S3Double, S3Options};
use crate::secrets_manager::SecretsManagerDouble;

/// Both services. Dropping it closes the port and removes the objects.
#[derive(Debug)]
pub struct AwsDouble {
    router: Arc<Router>,
    endpoint: Endpoint,
    _http: HttpServer,
}

impl AwsDouble {
    /// Starts both, without secrets.
    ///
    /// # Errors
    ///
    /// Without a port or a temporary directory.
    pub fn start(options: S3Options) -> Result<Self> {
        let router = Arc::new(Router {
            s3: Arc::new(S3Double::new(options)?),
            secrets: Arc::default(),
        });
        let http = HttpServer::start(Arc::<Router>::clone(&router))?;
        Ok(Self {
            router,
            endpoint: Endpoint::new(http.url()),
            _http: http,
        })
    }

    /// Where they are and how to be let in.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The S3.
    #[must_use]
    pub fn s3(&self) -> &S3Double {
        &self.router.s3
    }

    /// The Secrets Manager.
    #[must_use]
    pub fn secrets(&self) -> &SecretsManagerDouble {
        &self.router.secrets
    }
}

#[derive(Debug)]
struct Router {
    s3: Arc<S3Double>,
    secrets: Arc<SecretsManagerDouble>,
}

impl Handler for Router {
    fn handle(self: Arc<Self>, request: Request<Incoming>) -> AnswerFuture {
        if request.headers().contains_key("x-amz-target") {
            Arc::clone(&self.secrets).handle(request)
        } else {
            Arc::clone(&self.s3).handle(request)
        }
    }
}
