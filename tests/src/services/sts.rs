//! A Security Token Service in process: `GetCallerIdentity`, which needs no permission.
//!
//! It speaks the query protocol: a form in, XML out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use super::scope;
use crate::http::{AnswerFuture, Handler};

/// Who every caller with the harness's key is.
pub const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/datatransit-dump/i-0e2e";

/// The double; part of [`AwsDouble`](crate::aws::AwsDouble).
#[derive(Debug, Default)]
pub struct StsDouble {
    calls: AtomicUsize,
}

impl StsDouble {
    /// How often it was asked.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::Acquire)
    }

    fn answer(&self, refused: Option<&str>, form: &[u8]) -> (StatusCode, String) {
        self.calls.fetch_add(1, Ordering::AcqRel);
        if let Some(code) = refused {
            return (StatusCode::FORBIDDEN, error(code, "The caller is unknown."));
        }
        let asked = form
            .split(|byte| *byte == b'&')
            .any(|pair| pair == b"Action=GetCallerIdentity");
        if !asked {
            let text = error("InvalidAction", "Could not find that operation.");
            return (StatusCode::BAD_REQUEST, text);
        }
        let text = format!(
            "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
             <GetCallerIdentityResult><Arn>{CALLER}</Arn><UserId>AROAE2E:i-0e2e</UserId>\
             <Account>123456789012</Account></GetCallerIdentityResult>\
             <ResponseMetadata><RequestId>00000000-0000-4000-a000-000000000000</RequestId>\
             </ResponseMetadata></GetCallerIdentityResponse>"
        );
        (StatusCode::OK, text)
    }
}

fn error(code: &str, message: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
         <RequestId>00000000-0000-4000-a000-000000000000</RequestId></ErrorResponse>"
    )
}

impl Handler for StsDouble {
    fn handle(self: Arc<Self>, request: Request<Incoming>) -> AnswerFuture {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let refused = match scope(&parts.headers) {
                Ok(scope) if scope.service == "sts" => None,
                Ok(_) => Some("SignatureDoesNotMatch"),
                Err(code) => Some(code),
            };
            let form = body.collect().await.ok()?.to_bytes();
            let (status, text) = self.answer(refused, &form);
            let response = Response::builder().status(status);
            let response = response.header("content-type", "text/xml");
            response.body(s3s::Body::from(text)).ok()
        })
    }
}
