//! S3, Secrets Manager, SNS, CloudWatch and STS on one port.
//!
//! `AWS_ENDPOINT_URL` is one address for all services; this double tells them
//! apart by the service that a request is signed for, and by the header `x-amz-target`,
//! which S3 does not use.

use std::sync::Arc;

use anyhow::Result;
use hyper::Request;
use hyper::body::Incoming;

use crate::http::{AnswerFuture, Handler, HttpServer};
use crate::s3::{Endpoint, OwnedDouble, S3Double, S3Options};
use crate::secrets_manager::SecretsManagerDouble;
use crate::services::{CloudWatchDouble, SnsDouble, StsDouble, service};

/// All services. Dropping it closes the port and removes the objects.
#[derive(Debug)]
pub struct AwsDouble {
    // In this order: no more requests, then no more objects.
    _http: HttpServer,
    s3: OwnedDouble,
    secrets: Arc<SecretsManagerDouble>,
    sns: Arc<SnsDouble>,
    cloudwatch: Arc<CloudWatchDouble>,
    sts: Arc<StsDouble>,
    endpoint: Endpoint,
}

impl AwsDouble {
    /// Starts them, without secrets and topics.
    ///
    /// # Errors
    ///
    /// Without a port or a temporary directory.
    pub fn start(options: S3Options) -> Result<Self> {
        let s3 = OwnedDouble::new(options)?;
        let secrets = Arc::<SecretsManagerDouble>::default();
        let sns = Arc::<SnsDouble>::default();
        let cloudwatch = Arc::<CloudWatchDouble>::default();
        let sts = Arc::<StsDouble>::default();
        let router = Router {
            s3: Arc::clone(&s3.double),
            secrets: Arc::clone(&secrets),
            sns: Arc::clone(&sns),
            cloudwatch: Arc::clone(&cloudwatch),
            sts: Arc::clone(&sts),
        };
        let http = HttpServer::start(Arc::new(router))?;
        let endpoint = Endpoint::new(http.url());
        Ok(Self {
            _http: http,
            s3,
            secrets,
            sns,
            cloudwatch,
            sts,
            endpoint,
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
        &self.s3.double
    }

    /// The Secrets Manager.
    #[must_use]
    pub fn secrets(&self) -> &SecretsManagerDouble {
        &self.secrets
    }

    /// The SNS.
    #[must_use]
    pub fn sns(&self) -> &SnsDouble {
        &self.sns
    }

    /// The CloudWatch.
    #[must_use]
    pub fn cloudwatch(&self) -> &CloudWatchDouble {
        &self.cloudwatch
    }

    /// The Security Token Service.
    #[must_use]
    pub fn sts(&self) -> &StsDouble {
        &self.sts
    }
}

#[derive(Debug)]
struct Router {
    s3: Arc<S3Double>,
    secrets: Arc<SecretsManagerDouble>,
    sns: Arc<SnsDouble>,
    cloudwatch: Arc<CloudWatchDouble>,
    sts: Arc<StsDouble>,
}

impl Handler for Router {
    fn handle(self: Arc<Self>, request: Request<Incoming>) -> AnswerFuture {
        match service(request.headers()) {
            Some("sns") => Arc::clone(&self.sns).handle(request),
            Some("sts") => Arc::clone(&self.sts).handle(request),
            Some("monitoring") => Arc::clone(&self.cloudwatch).handle(request),
            _ if request.headers().contains_key("x-amz-target") => {
                Arc::clone(&self.secrets).handle(request)
            }
            _ => Arc::clone(&self.s3).handle(request),
        }
    }
}
