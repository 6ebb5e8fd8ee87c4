//! SDK errors, reduced to what may be kept.

use std::error::Error as StdError;

use aws_sdk_s3::{
    error::{ProvideErrorMetadata, SdkError},
    operation::RequestId,
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::store::{StoreError, StoreErrorKind};

/// Keeps kind, code, status and request id; drops the rest, which holds raw
/// bodies.
#[expect(
    clippy::needless_pass_by_value,
    reason = "the SDK's error ends here, and `map_err` passes it by value"
)]
pub(super) fn store_error<E>(error: SdkError<E, HttpResponse>) -> StoreError
where
    E: ProvideErrorMetadata + StdError + 'static,
{
    let request_id = RequestId::request_id(&error).map(str::to_owned);
    let mut translated = match &error {
        SdkError::TimeoutError(_) => StoreError::new(StoreErrorKind::Timeout),
        SdkError::DispatchFailure(failure) => {
            let connector = failure.as_connector_error();
            if failure.is_timeout() {
                StoreError::new(StoreErrorKind::Timeout)
            } else if failure.is_io() || failure.as_other().is_some() {
                // What the SDK holds for transient among the unclassified: S3 is known to close a
                // connection without an answer.
                let error = StoreError::new(StoreErrorKind::Transport);
                match connector {
                    Some(connector) => error.with_detail(chain(connector)),
                    None => error,
                }
            } else {
                unsent(connector.map(|connector| connector as &dyn StdError))
            }
        }
        SdkError::ServiceError(failure) => {
            let status = failure.raw().status().as_u16();
            let code = failure.err().code();
            let mut error = StoreError::new(kind_of(code, status)).with_http_status(status);
            error.code = code.map(str::to_owned);
            error
        }
        SdkError::ResponseError(failure) => StoreError::new(StoreErrorKind::BadResponse)
            .with_http_status(failure.raw().status().as_u16()),
        _ => unsent(error.source()),
    };
    translated.request_id = request_id;
    translated
}

/// An answer that lacks what it must have.
pub(super) fn malformed(what: &str) -> StoreError {
    StoreError::new(StoreErrorKind::BadResponse).with_detail(what)
}

/// A request that never left: no credentials, or it could not be built. Text of
/// credential providers may quote what they read, so only its class is kept.
fn unsent(mut cause: Option<&dyn StdError>) -> StoreError {
    while let Some(error) = cause {
        if error.to_string().contains("credential") {
            return StoreError::new(StoreErrorKind::Credentials);
        }
        cause = error.source();
    }
    StoreError::new(StoreErrorKind::Client)
}

/// An error of the transport with its causes.
fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.ends_with(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}

fn kind_of(code: Option<&str>, status: u16) -> StoreErrorKind {
    match (code.unwrap_or_default(), status) {
        ("NoSuchUpload", _) => StoreErrorKind::NoSuchUpload,
        ("RequestTimeTooSkewed", _) => StoreErrorKind::ClockSkew,
        ("BadDigest" | "InvalidDigest" | "XAmzContentChecksumMismatch", _) => {
            StoreErrorKind::BadDigest
        }
        ("RequestTimeout", _) => StoreErrorKind::Timeout,
        (
            "ExpiredToken"
            | "InvalidAccessKeyId"
            | "InvalidToken"
            | "SignatureDoesNotMatch"
            | "TokenRefreshRequired",
            _,
        ) => StoreErrorKind::Credentials,
        (
            "SlowDown"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequests"
            | "RequestLimitExceeded",
            _,
        )
        | (_, 429) => StoreErrorKind::Throttled,
        ("NotImplemented" | "MethodNotAllowed", _) | (_, 405 | 501) => StoreErrorKind::Unsupported,
        ("NoSuchKey" | "NoSuchBucket" | "NotFound", _) | (_, 404) => StoreErrorKind::NotFound,
        ("PreconditionFailed", _) | (_, 412) => StoreErrorKind::PreconditionFailed,
        ("ConditionalRequestConflict", _) | (_, 409) => StoreErrorKind::Conflict,
        ("AccessDenied", _) | (_, 401 | 403) => StoreErrorKind::AccessDenied,
        // A success with an error in its body is the server's failure, too.
        (_, 200..=299 | 500..) => StoreErrorKind::Server,
        _ => StoreErrorKind::InvalidRequest,
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_s3::operation::upload_part::UploadPartError;
    use aws_smithy_runtime_api::client::result::ConnectorError;
    use aws_smithy_types::retry::ErrorKind;

    use super::*;

    #[test]
    fn a_connection_that_closes_without_an_answer_is_the_transports_fault() {
        let kind = |error| {
            let error = SdkError::<UploadPartError, _>::dispatch_failure(error);
            store_error(error).kind
        };
        let closed = ConnectorError::other("closed".into(), Some(ErrorKind::TransientError));
        assert_eq!(kind(closed), StoreErrorKind::Transport);
        assert_eq!(
            kind(ConnectorError::io("reset".into())),
            StoreErrorKind::Transport
        );
        let unknown = ConnectorError::other("no region".into(), None);
        assert_eq!(kind(unknown), StoreErrorKind::Client);
    }

    #[test]
    fn codes_win_over_statuses() {
        for (code, status, kind) in [
            (Some("SlowDown"), 503, StoreErrorKind::Throttled),
            (Some("SlowDown"), 200, StoreErrorKind::Throttled),
            (Some("InternalError"), 200, StoreErrorKind::Server),
            (Some("NoSuchUpload"), 404, StoreErrorKind::NoSuchUpload),
            (None, 404, StoreErrorKind::NotFound),
            (None, 412, StoreErrorKind::PreconditionFailed),
            (
                Some("ConditionalRequestConflict"),
                409,
                StoreErrorKind::Conflict,
            ),
            (Some("RequestTimeout"), 400, StoreErrorKind::Timeout),
            (Some("ExpiredToken"), 400, StoreErrorKind::Credentials),
            (Some("InvalidPart"), 400, StoreErrorKind::InvalidRequest),
            (None, 403, StoreErrorKind::AccessDenied),
            (None, 501, StoreErrorKind::Unsupported),
            (None, 500, StoreErrorKind::Server),
        ] {
            assert_eq!(kind_of(code, status), kind, "{code:?} {status}");
        }
    }
}
