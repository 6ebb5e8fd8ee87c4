//! What the AWS SDK's errors mean, without keeping any of them.
//!
//! An SDK error's `Debug` prints the raw answer with its body, and for a
//! `GetSecretValue` that succeeded but could not be parsed the body is the
//! secret. So the error is read here and dropped.

use std::error::Error as _;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_secretsmanager::{
    error::{ProvideErrorMetadata as _, SdkError},
    operation::{RequestId as _, get_secret_value::GetSecretValueError},
};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::{
    error::{Error, ErrorKind, ServiceReply},
    id::{SecretId, Stage},
    raw::Location,
};

type Failure = SdkError<GetSecretValueError, HttpResponse>;

pub(super) fn describe(error: &Failure, id: &SecretId, stage: &Stage) -> Error {
    let status = error.raw_response().map(|r| r.status().as_u16());
    // A code in an answer that was not recognised as an error is not one.
    let code = matches!(error, SdkError::ServiceError(_))
        .then(|| error.code())
        .flatten();
    let kind = match error {
        SdkError::ServiceError(_) => kind_of(code, error.message(), status),
        SdkError::DispatchFailure(_) if lacks_credentials(error) => ErrorKind::NoCredentials,
        SdkError::DispatchFailure(_) => ErrorKind::Unreachable,
        SdkError::TimeoutError(_) => ErrorKind::Unreachable,
        SdkError::ConstructionFailure(_) => ErrorKind::Config,
        _ => ErrorKind::Service,
    };
    let reply = ServiceReply {
        code: code.and_then(word),
        status,
        request_id: error.request_id().and_then(word),
    };
    Error::Fetch {
        id: id.clone(),
        stage: stage.clone(),
        location: Location::SecretsManager,
        kind,
        reply: (reply != ServiceReply::default()).then(|| Box::new(reply)),
    }
}

/// Whether the identity chain failed, which the SDK reports as a failure to send.
fn lacks_credentials(error: &Failure) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        // Without any provider the error is of a type that cannot be named.
        if cause.is::<CredentialsError>() || cause.to_string().contains("auth scheme") {
            return true;
        }
        next = cause.source();
    }
    false
}

fn kind_of(code: Option<&str>, message: Option<&str>, status: Option<u16>) -> ErrorKind {
    match code.unwrap_or_default() {
        "ResourceNotFoundException" => ErrorKind::NotFound,
        "InvalidRequestException" => ErrorKind::Deleted,
        "DecryptionFailure" | "EncryptionFailure" => ErrorKind::Kms,
        // Without kms:Decrypt the answer is AccessDenied too, and only its text tells.
        "AccessDeniedException" | "AccessDenied"
            if message.is_some_and(|text| text.to_ascii_lowercase().contains("kms")) =>
        {
            ErrorKind::Kms
        }
        "AccessDeniedException" | "AccessDenied" | "NotAuthorized" => ErrorKind::AccessDenied,
        "UnrecognizedClientException"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "IncompleteSignature"
        | "MissingAuthenticationToken"
        | "MissingAuthenticationTokenException"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "SignatureDoesNotMatch"
        | "OptInRequired" => ErrorKind::NoCredentials,
        "ThrottlingException"
        | "Throttling"
        | "ThrottledException"
        | "TooManyRequestsException"
        | "RequestLimitExceeded"
        | "LimitExceededException"
        | "SlowDown" => ErrorKind::Throttled,
        "InvalidParameterException" | "ValidationException" | "ValidationError" => {
            ErrorKind::Config
        }
        _ => match status {
            Some(401 | 403) => ErrorKind::AccessDenied,
            Some(429) => ErrorKind::Throttled,
            _ => ErrorKind::Service,
        },
    }
}

/// A code or request id that looks like one; anything else is dropped.
fn word(text: &str) -> Option<String> {
    let fits = !text.is_empty()
        && text.len() <= 64
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    fits.then(|| text.to_owned())
}
