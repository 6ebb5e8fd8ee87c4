//! Why a single request to a store failed.

use std::{fmt, io};

/// A failed request, reduced to what may be shown.
///
/// SDK errors print raw response bodies under `Debug`; nothing of them is kept
/// but kind, code, status and request id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub struct StoreError {
    /// What went wrong.
    pub kind: StoreErrorKind,
    /// The store's own name of it, e.g. `SlowDown`.
    pub code: Option<String>,
    /// HTTP status of the answer.
    pub http_status: Option<u16>,
    /// Request id, for the store's support.
    pub request_id: Option<String>,
    /// What the transport or the file system said, where that was it.
    pub detail: Option<String>,
}

impl StoreError {
    /// An error of this kind without further particulars.
    pub const fn new(kind: StoreErrorKind) -> Self {
        Self {
            kind,
            code: None,
            http_status: None,
            request_id: None,
            detail: None,
        }
    }

    /// Adds an explanation; it must not contain a secret.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds the store's own name of the error.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Adds the HTTP status.
    #[must_use]
    pub fn with_http_status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
    }

    /// Translates an error of the file system.
    pub(crate) fn from_io(doing: &str, error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound => StoreErrorKind::NotFound,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                StoreErrorKind::AccessDenied
            }
            io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => StoreErrorKind::Full,
            io::ErrorKind::Unsupported | io::ErrorKind::CrossesDevices => {
                StoreErrorKind::Unsupported
            }
            _ => StoreErrorKind::Io,
        };
        Self::new(kind).with_detail(format!("{doing}: {error}"))
    }

    /// Whether the same request may succeed a moment later.
    pub const fn is_retryable(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Throttled
                | StoreErrorKind::Server
                | StoreErrorKind::Timeout
                | StoreErrorKind::Transport
                | StoreErrorKind::BadDigest
                | StoreErrorKind::ClockSkew
                | StoreErrorKind::BadResponse
        )
    }

    /// Whether the request may have had its effect in spite of the error: there
    /// was no answer, or one that does not say.
    pub const fn may_have_applied(&self) -> bool {
        matches!(
            self.kind,
            StoreErrorKind::Timeout
                | StoreErrorKind::Transport
                | StoreErrorKind::Server
                | StoreErrorKind::Throttled
                | StoreErrorKind::BadResponse
        )
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.text())?;
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        let facts = [
            self.code.clone(),
            self.http_status.map(|status| format!("HTTP {status}")),
            self.request_id
                .as_ref()
                .map(|id| format!("request id {id}")),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        Ok(())
    }
}

/// What went wrong in a single request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// No such bucket or object.
    NotFound,
    /// No such multipart upload: completed, aborted, or never there.
    NoSuchUpload,
    /// The guard's condition does not hold (HTTP 412).
    PreconditionFailed,
    /// Another write got in between (HTTP 409); the upload must be made anew.
    Conflict,
    /// Not permitted.
    AccessDenied,
    /// No usable credentials.
    Credentials,
    /// The signature's time differs too much from the store's.
    ClockSkew,
    /// The bytes that arrived do not have the checksum stated.
    BadDigest,
    /// The store refuses the request as malformed or out of its limits.
    InvalidRequest,
    /// The store asks for fewer requests.
    Throttled,
    /// The store failed (HTTP 5xx, or an error inside a successful answer).
    Server,
    /// No answer in time.
    Timeout,
    /// No connection, or it broke.
    Transport,
    /// An answer that cannot be read.
    BadResponse,
    /// The request could not be built or signed.
    Client,
    /// This store cannot do it.
    Unsupported,
    /// No space left.
    Full,
    /// The file system failed.
    Io,
}

impl StoreErrorKind {
    const fn text(self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::NoSuchUpload => "no such multipart upload",
            Self::PreconditionFailed => "the condition on the existing object does not hold",
            Self::Conflict => "another write to the key got in between",
            Self::AccessDenied => "access denied",
            Self::Credentials => {
                "no usable credentials (in a container on EC2 the metadata service needs a hop limit of at least 2)"
            }
            Self::ClockSkew => "this machine's clock is too far off",
            Self::BadDigest => "the bytes were damaged on the way",
            Self::InvalidRequest => "the store refused the request",
            Self::Throttled => "the store asks to slow down",
            Self::Server => "the store failed",
            Self::Timeout => "no answer in time",
            Self::Transport => "the connection failed",
            Self::BadResponse => "the store's answer cannot be read",
            Self::Client => "the request could not be built or signed",
            Self::Unsupported => "not supported by this store",
            Self::Full => "no space left",
            Self::Io => "the file system failed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn display_is_one_line_with_what_support_asks_for() {
        let mut error = StoreError::new(StoreErrorKind::AccessDenied)
            .with_code("AccessDenied")
            .with_http_status(403);
        error.request_id = Some("R1".to_owned());
        assert_eq!(
            error.to_string(),
            "access denied (AccessDenied, HTTP 403, request id R1)"
        );
        let error = StoreError::from_io("fsync", &io::Error::from(io::ErrorKind::StorageFull));
        assert_eq!(error.kind, StoreErrorKind::Full);
        assert!(!error.is_retryable());
    }
}
