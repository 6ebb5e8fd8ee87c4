//! What hears of a run: doubles of SNS and CloudWatch, which refuse what AWS refuses, and
//! of what listens on a plain URL, a Slack webhook and healthchecks.io;
//! and STS, which tells who runs it.
//!
//! SNS, CloudWatch and STS are behind [`AwsDouble`](crate::aws::AwsDouble)'s port. Requests
//! must be signed for their service with the harness's access key; the signature itself
//! is not computed again.

mod cloudwatch;
mod hooks;
mod sns;
mod sts;

use hyper::http::HeaderMap;

use crate::s3::ACCESS_KEY;

pub use self::cloudwatch::{CloudWatchDouble, Datum};
pub use self::hooks::{Behaviour, HookServer, Request};
pub use self::sns::{Notification, SnsDouble};
pub use self::sts::{CALLER, StsDouble};

/// What a request was signed for.
pub(crate) struct Scope<'a> {
    pub(crate) region: &'a str,
    pub(crate) service: &'a str,
}

/// Which service a request says it is for, whoever it is from.
pub(crate) fn service(headers: &HeaderMap) -> Option<&str> {
    let header = headers.get("authorization")?.to_str().ok()?;
    let (_, scope) = header.split_once("Credential=")?;
    let (scope, _) = scope.split_once(',')?;
    scope.split('/').nth(3)
}

/// Takes the scope of a request's signature; the error is AWS's code for what is wrong.
pub(crate) fn scope(headers: &HeaderMap) -> Result<Scope<'_>, &'static str> {
    let header = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .ok_or("MissingAuthenticationToken")?;
    let scope = header
        .strip_prefix("AWS4-HMAC-SHA256 Credential=")
        .and_then(|rest| rest.split_once(',').map(|(scope, _)| scope))
        .filter(|_| header.contains("Signature=") && header.contains("SignedHeaders="))
        .ok_or("IncompleteSignature")?;
    match scope.split('/').collect::<Vec<_>>()[..] {
        [key, ..] if key != ACCESS_KEY => Err("InvalidClientTokenId"),
        [_, _date, region, service, "aws4_request"] => Ok(Scope { region, service }),
        _ => Err("SignatureDoesNotMatch"),
    }
}
