//! What a call can fail with.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::json::Json;

/// A call that failed: which, on what, why, and what the service said.
///
/// No error of the SDK is kept, since those repeat whole answers.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{operation} {subject}: {kind}{}", ShowReply(self))]
#[non_exhaustive]
pub struct ApiError {
    /// The class of the failure: what to decide by.
    pub kind: ApiErrorKind,
    /// The operation of the service, such as `UpdateDashboard`.
    pub operation: &'static str,
    /// What the call was about: ``dashboard `sales` ``, an ARN.
    pub subject: Box<str>,
    /// The service's error code, such as `ConflictException`.
    pub code: Option<Box<str>>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The request's id, which AWS support asks for.
    pub request_id: Option<String>,
    /// What the service said, or what could not be understood.
    pub message: Option<Box<str>>,
    /// What the service found wrong in a definition, with places in it.
    pub errors: Vec<DefinitionError>,
}

impl ApiError {
    /// A failure of this kind.
    pub fn new(kind: ApiErrorKind, operation: &'static str, subject: impl fmt::Display) -> Self {
        Self {
            kind,
            operation,
            subject: subject.to_string().into(),
            code: None,
            status: None,
            request_id: None,
            message: None,
            errors: Vec::new(),
        }
    }

    /// Sets what the service said.
    #[must_use]
    pub fn with_message(mut self, message: impl Into<Box<str>>) -> Self {
        self.message = Some(message.into());
        self
    }

    /// Sets code and status.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<Box<str>>, status: u16) -> Self {
        self.code = Some(code.into());
        self.status = Some(status);
        self
    }

    /// Sets the request's id.
    #[must_use]
    pub fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.request_id = request_id;
        self
    }

    /// An answer that is not as the service describes its answers.
    pub fn malformed(
        operation: &'static str,
        subject: impl fmt::Display,
        problem: impl Into<Box<str>>,
    ) -> Self {
        Self::new(ApiErrorKind::Malformed, operation, subject).with_message(problem)
    }

    /// Whether the same call may succeed later with nothing changed by hand.
    /// An implementation has already made its own attempts by then.
    pub fn is_retryable(&self) -> bool {
        self.kind.is_retryable()
    }

    /// Whether a change may have been made although the call failed: the answer was
    /// lost, or was not understood.
    pub fn may_have_applied(&self) -> bool {
        matches!(
            self.kind,
            ApiErrorKind::Unreachable | ApiErrorKind::Service | ApiErrorKind::Malformed
        )
    }

    /// Whether what the call was about is not there.
    pub fn is_not_found(&self) -> bool {
        self.kind == ApiErrorKind::NotFound
    }
}

struct ShowReply<'a>(&'a ApiError);

impl fmt::Display for ShowReply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.0;
        if let Some(message) = &error.message {
            write!(f, ": {message}")?;
        }
        for problem in &error.errors {
            write!(f, "; {problem}")?;
        }
        let parts = [
            error.code.as_deref().map(str::to_owned),
            error.status.map(|status| format!("http status {status}")),
            error
                .request_id
                .as_ref()
                .map(|id| format!("request id {id}")),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", parts.join(", "))
    }
}

/// Classes of failures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// There is no such asset, version or principal. Of one just made this may pass.
    NotFound,
    /// There is already one of this identifier.
    AlreadyExists,
    /// Another change of the same asset is in progress. It passes: wait and try
    /// again, within a bound.
    Conflict,
    /// The service limits the rate of calls.
    Throttled,
    /// A quota is used up (capacity, schedules, calls a day). Trying again does not help.
    LimitExceeded,
    /// The caller may not do this.
    AccessDenied,
    /// The request is not as the service wants it.
    Invalid,
    /// The page token is not known any more: begin the listing again.
    InvalidToken,
    /// The account's edition or pricing plan does not have this.
    Edition,
    /// No AWS credentials were found, or they are expired or invalid.
    NoCredentials,
    /// No answer: name resolution, connection or time-out.
    Unreachable,
    /// The service failed.
    Service,
    /// The answer could not be understood.
    Malformed,
    /// The call has no meaning for this kind of asset; no request was made.
    Unsupported,
}

impl ApiErrorKind {
    /// Whether the same call may succeed later with nothing changed by hand.
    pub fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Conflict | Self::Throttled | Self::Unreachable | Self::Service
        )
    }

    /// The class of a service's code; `None` for codes that say nothing to us.
    pub fn of_code(code: &str) -> Option<Self> {
        Some(match code {
            "ResourceNotFoundException" => Self::NotFound,
            "ResourceExistsException" => Self::AlreadyExists,
            "ConflictException" => Self::Conflict,
            "ThrottlingException"
            | "TooManyRequestsException"
            | "Throttling"
            | "RequestLimitExceeded" => Self::Throttled,
            "LimitExceededException" => Self::LimitExceeded,
            "AccessDeniedException" | "AccessDenied" => Self::AccessDenied,
            "InvalidNextTokenException" => Self::InvalidToken,
            "UnsupportedUserEditionException" | "UnsupportedPricingPlanException" => Self::Edition,
            "InvalidParameterValueException"
            | "InvalidParameterException"
            | "InvalidRequestException"
            | "InvalidDataSetParameterValueException"
            | "PreconditionNotMetException"
            | "CustomerManagedKeyUnavailableException"
            | "ValidationException" => Self::Invalid,
            "UnrecognizedClientException"
            | "InvalidClientTokenId"
            | "InvalidSignatureException"
            | "SignatureDoesNotMatch"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignature"
            | "ExpiredToken"
            | "ExpiredTokenException" => Self::NoCredentials,
            "InternalFailureException"
            | "InternalServerException"
            | "InternalFailure"
            | "ServiceUnavailable"
            | "ResourceUnavailableException"
            | "ConcurrentUpdatingException" => Self::Service,
            _ => return None,
        })
    }

    /// The class of an HTTP status, for answers without a code that is known.
    pub fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::AccessDenied,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::Throttled,
            400..=499 => Self::Invalid,
            500..=599 => Self::Service,
            _ => Self::Malformed,
        }
    }
}

impl fmt::Display for ApiErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "not found",
            Self::AlreadyExists => "already there",
            Self::Conflict => "another change is in progress",
            Self::Throttled => "throttled",
            Self::LimitExceeded => "a quota is used up (raise it, or delete what nobody needs)",
            Self::AccessDenied => "access denied",
            Self::Invalid => "refused as invalid",
            Self::InvalidToken => "the page token is not known any more",
            Self::Edition => "not in this edition of QuickSight",
            Self::NoCredentials => "no usable AWS credentials",
            Self::Unreachable => "unreachable",
            Self::Service => "the service failed",
            Self::Malformed => "the answer was not understood",
            Self::Unsupported => "not possible for this kind of asset",
        })
    }
}

/// What the service found wrong in the definition of a dashboard or analysis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DefinitionError {
    /// The service's word, such as `COLUMN_TYPE_MISMATCH`; empty if it gave none.
    pub kind: String,
    /// What the service said; empty if it said nothing.
    pub message: String,
    /// Places in the definition, as the service writes them.
    pub paths: Vec<String>,
}

impl DefinitionError {
    /// Reads the members of an `Errors` list.
    pub fn list_from_json(errors: &[Json]) -> Vec<Self> {
        let text = |json: &Json, name| json.text(name).unwrap_or_default().to_owned();
        errors
            .iter()
            .map(|error| Self {
                kind: text(error, "Type"),
                message: text(error, "Message"),
                paths: error
                    .items("ViolatedEntities")
                    .iter()
                    .filter_map(|entity| entity.text("Path").map(str::to_owned))
                    .collect(),
            })
            .collect()
    }
}

impl fmt::Display for DefinitionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.kind.is_empty() {
            "error"
        } else {
            &self.kind
        };
        f.write_str(kind)?;
        if !self.message.is_empty() {
            write!(f, ": {}", self.message)?;
        }
        if !self.paths.is_empty() {
            write!(f, " at {}", self.paths.join(", "))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_says_what_where_and_the_request_id() {
        let mut error = ApiError::new(
            ApiErrorKind::Invalid,
            "UpdateDashboard",
            "dashboard `sales`",
        )
        .with_message("1 validation error")
        .with_code("InvalidParameterValueException", 400)
        .with_request_id(Some("7d0".to_owned()));
        error.errors = DefinitionError::list_from_json(
            Json::parse(
                r#"{"Errors":[{"Type":"PARAMETER_NOT_FOUND","Message":"no p","ViolatedEntities":[{"Path":"Sheets/0"}]}]}"#,
            )
            .unwrap()
            .items("Errors"),
        );
        assert_eq!(
            error.to_string(),
            "UpdateDashboard dashboard `sales`: refused as invalid: 1 validation error; PARAMETER_NOT_FOUND: no p at Sheets/0 (InvalidParameterValueException, http status 400, request id 7d0)"
        );
    }

    #[test]
    fn a_quota_is_no_throttling_and_401_is_a_denial() {
        assert_eq!(
            ApiErrorKind::of_code("LimitExceededException"),
            Some(ApiErrorKind::LimitExceeded)
        );
        assert!(!ApiErrorKind::LimitExceeded.is_retryable());
        assert_eq!(ApiErrorKind::of_status(401), ApiErrorKind::AccessDenied);
        assert!(ApiErrorKind::Conflict.is_retryable());
    }
}
