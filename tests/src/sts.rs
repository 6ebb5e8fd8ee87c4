//! A Security Token Service in process: `GetCallerIdentity`, which needs no permission.
//!
//! It speaks the query protocol: a form in, XML out. The request must be signed for the
//! service `sts` with the harness's access key; the signature itself is not computed again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use crate::http::{AnswerFuture, Handler};
use crate::s3::ACCESS_KEY;

/// Who every caller with the harness's key is.
pub const CALLER: &str = "arn:aws:sts::123456789012:assumed-role/datatransit-dump/i-0e2e";
const SERVICE: &str = "/sts/aws4_request";

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

    /// Whether a request is for this service: its signature's scope says so.
    pub(crate) fn is_meant(request: &Request<Incoming>) -> bool {
        authorization(request).contains(SERVICE)
    }

    fn answer(&self, known: bool, form: &[u8]) -> (StatusCode, String) {
        self.calls.fetch_add(1, Ordering::AcqRel);
        if !known {
            let text = error("InvalidClientTokenId", "The security token is invalid.");
            return (StatusCode::FORBIDDEN, text);
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

fn authorization(request: &Request<Incoming>) -> &str {
    let header = request.headers().get("authorization");
    header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
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
            let known = authorization(&request).contains(&format!("Credential={ACCESS_KEY}/"));
            let form = request.into_body().collect().await.ok()?.to_bytes();
            let (status, text) = self.answer(known, &form);
            let response = Response::builder().status(status);
            let response = response.header("content-type", "text/xml");
            response.body(s3s::Body::from(text)).ok()
        })
    }
}
