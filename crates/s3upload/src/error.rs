//! Why an upload failed, as its caller sees it.

use std::{borrow::Cow, fmt};

use crate::{
    spec::ObjectAddress,
    store::{StoreError, StoreErrorKind},
};

/// A failed upload or request: which step, on what, and why.
///
/// `Display` is one line and names the upload id, if there is one, so that a
/// left-over can be aborted by hand. The store's answer is the
/// [`source`](std::error::Error::source). Neither holds bytes of the object.
#[derive(Debug, Clone)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    kind: ErrorKind,
    stage: Stage,
    address: Option<ObjectAddress>,
    upload_id: Option<String>,
    part: Option<u32>,
    attempts: u32,
    may_be_published: bool,
    reason: Option<Cow<'static, str>>,
    source: Option<StoreError>,
}

/// What class of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The settings or the object's description are impossible.
    Config,
    /// [`Guard::CreateOnly`](crate::Guard::CreateOnly), and there is an object.
    AlreadyExists,
    /// Another write to the key got in between; the upload must be made anew.
    Conflict,
    /// Not permitted, or no credentials.
    AccessDenied,
    /// No such bucket or object.
    NotFound,
    /// More bytes than the memory budget's part schedule reaches.
    TooLarge,
    /// What was sent, what was stored and what was asked for do not agree.
    Mismatch,
    /// The store could not be reached, or failed, until attempts ran out.
    Unreachable,
    /// The upload was aborted, or had failed before.
    Aborted,
    /// The store cannot do what was asked for.
    Unsupported,
    /// The store refused the request.
    Rejected,
    /// No space left, or the file system failed.
    Storage,
    /// A part's task panicked or was lost: an error of this crate.
    Internal,
}

/// The step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Setting up.
    Configure,
    /// Taking in bytes.
    Write,
    /// Opening the multipart upload.
    Create,
    /// Sending a part.
    UploadPart,
    /// Checking all parts against the stream.
    Prove,
    /// Putting the parts together.
    Complete,
    /// Sending a small object.
    Put,
    /// Comparing the published object.
    Verify,
    /// Aborting.
    Abort,
    /// Describing an object.
    Head,
    /// Setting tags.
    Tag,
    /// Listing uploads or parts.
    List,
}

impl Stage {
    const fn text(self) -> &'static str {
        match self {
            Self::Configure => "configure the upload",
            Self::Write => "write to",
            Self::Create => "open a multipart upload of",
            Self::UploadPart => "upload a part of",
            Self::Prove => "prove the parts of",
            Self::Complete => "complete",
            Self::Put => "put",
            Self::Verify => "verify the published",
            Self::Abort => "abort the upload of",
            Self::Head => "describe",
            Self::Tag => "tag",
            Self::List => "list uploads of",
        }
    }
}

impl Error {
    /// What class of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// The step that failed.
    pub fn stage(&self) -> Stage {
        self.inner.stage
    }

    /// The object concerned, if any.
    pub fn address(&self) -> Option<&ObjectAddress> {
        self.inner.address.as_ref()
    }

    /// The multipart upload concerned, if one was open.
    pub fn upload_id(&self) -> Option<&str> {
        self.inner.upload_id.as_deref()
    }

    /// The part concerned, if any.
    pub fn part(&self) -> Option<u32> {
        self.inner.part
    }

    /// How often the request was tried; 0 if the failure was not a request's.
    pub fn attempts(&self) -> u32 {
        self.inner.attempts
    }

    /// The store's own name of the error, e.g. `SlowDown`.
    pub fn code(&self) -> Option<&str> {
        self.inner.source.as_ref()?.code.as_deref()
    }

    /// HTTP status of the last answer.
    pub fn http_status(&self) -> Option<u16> {
        self.inner.source.as_ref()?.http_status
    }

    /// Request id of the last answer.
    pub fn request_id(&self) -> Option<&str> {
        self.inner.source.as_ref()?.request_id.as_deref()
    }

    /// Whether an object may be at the key in spite of this error: publishing
    /// was not answered and could not be cleared up, or verification failed.
    /// It is then whole as far as the store checks, but not proven.
    pub fn may_be_published(&self) -> bool {
        self.inner.may_be_published
    }

    /// Whether making the whole upload anew may succeed. All retries of single
    /// requests are spent by the time an error is returned.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.inner.kind,
            ErrorKind::Unreachable | ErrorKind::Conflict | ErrorKind::Mismatch
        )
    }

    /// What the store answered, where it was the store.
    pub(crate) fn cause_text(&self) -> Option<String> {
        self.inner.source.as_ref().map(ToString::to_string)
    }

    /// This error and its cause in one line.
    pub(crate) fn with_cause_text(&self) -> String {
        match self.cause_text() {
            Some(cause) => format!("{self}: {cause}"),
            None => self.to_string(),
        }
    }

    pub(crate) fn config(reason: String) -> Self {
        Self::new(ErrorKind::Config, Stage::Configure).with_reason(reason)
    }

    pub(crate) fn new(kind: ErrorKind, stage: Stage) -> Self {
        Self {
            inner: Box::new(Inner {
                kind,
                stage,
                address: None,
                upload_id: None,
                part: None,
                attempts: 0,
                may_be_published: false,
                reason: None,
                source: None,
            }),
        }
    }

    pub(crate) fn from_store(stage: Stage, attempts: u32, source: StoreError) -> Self {
        let kind = match source.kind {
            StoreErrorKind::NotFound => ErrorKind::NotFound,
            StoreErrorKind::NoSuchUpload => ErrorKind::Aborted,
            StoreErrorKind::PreconditionFailed => ErrorKind::AlreadyExists,
            StoreErrorKind::Conflict => ErrorKind::Conflict,
            StoreErrorKind::AccessDenied | StoreErrorKind::Credentials => ErrorKind::AccessDenied,
            StoreErrorKind::BadDigest => ErrorKind::Mismatch,
            StoreErrorKind::InvalidRequest | StoreErrorKind::Client => ErrorKind::Rejected,
            StoreErrorKind::Throttled
            | StoreErrorKind::Server
            | StoreErrorKind::Timeout
            | StoreErrorKind::Transport
            | StoreErrorKind::BadResponse
            | StoreErrorKind::ClockSkew => ErrorKind::Unreachable,
            StoreErrorKind::Unsupported => ErrorKind::Unsupported,
            StoreErrorKind::Full | StoreErrorKind::Io => ErrorKind::Storage,
        };
        let mut error = Self::new(kind, stage);
        error.inner.attempts = attempts;
        error.inner.source = Some(source);
        error
    }

    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.inner.kind = kind;
        self
    }

    pub(crate) fn with_address(mut self, address: &ObjectAddress) -> Self {
        self.inner.address = Some(address.clone());
        self
    }

    pub(crate) fn with_upload_id(mut self, upload_id: Option<&str>) -> Self {
        self.inner.upload_id = upload_id.map(str::to_owned);
        self
    }

    pub(crate) fn with_part(mut self, number: u32) -> Self {
        self.inner.part = Some(number);
        self
    }

    pub(crate) fn with_reason(mut self, reason: impl Into<Cow<'static, str>>) -> Self {
        self.inner.reason = Some(reason.into());
        self
    }

    pub(crate) fn possibly_published(mut self) -> Self {
        self.inner.may_be_published = true;
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.inner;
        match inner.part {
            Some(number) => write!(f, "upload part {number} of")?,
            None => f.write_str(inner.stage.text())?,
        }
        if let Some(address) = &inner.address {
            write!(f, " {address}")?;
        }
        if inner.attempts > 1 {
            write!(f, " in {} attempts", inner.attempts)?;
        }
        if let Some(upload_id) = &inner.upload_id {
            write!(f, " (upload id {upload_id})")?;
        }
        if let Some(reason) = &inner.reason {
            write!(f, ": {reason}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.inner
            .source
            .as_ref()
            .map(|source| source as &(dyn std::error::Error + 'static))
    }
}

impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::AlreadyExists => std::io::ErrorKind::AlreadyExists,
            ErrorKind::AccessDenied => std::io::ErrorKind::PermissionDenied,
            ErrorKind::NotFound => std::io::ErrorKind::NotFound,
            ErrorKind::TooLarge => std::io::ErrorKind::FileTooLarge,
            ErrorKind::Aborted => std::io::ErrorKind::BrokenPipe,
            ErrorKind::Unsupported => std::io::ErrorKind::Unsupported,
            ErrorKind::Config => std::io::ErrorKind::InvalidInput,
            _ => std::io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn one_line_names_part_object_attempts_and_upload() {
        let error = Error::from_store(
            Stage::UploadPart,
            8,
            StoreError::new(StoreErrorKind::Throttled)
                .with_code("SlowDown")
                .with_http_status(503),
        )
        .with_address(&ObjectAddress::new("b", "k"))
        .with_upload_id(Some("U1"))
        .with_part(17);
        assert_eq!(
            error.to_string(),
            "upload part 17 of b/k in 8 attempts (upload id U1)"
        );
        assert_eq!(error.kind(), ErrorKind::Unreachable);
        assert_eq!(error.code(), Some("SlowDown"));
        assert!(error.is_retryable());
        assert_eq!(
            error.source().unwrap().to_string(),
            "the store asks to slow down (SlowDown, HTTP 503)"
        );
    }

    #[test]
    fn a_writer_error_keeps_the_upload_error_inside() {
        let io: std::io::Error = Error::new(ErrorKind::TooLarge, Stage::Write).into();
        assert_eq!(io.kind(), std::io::ErrorKind::FileTooLarge);
        let inner = io.get_ref().unwrap().downcast_ref::<Error>().unwrap();
        assert_eq!(inner.kind(), ErrorKind::TooLarge);
    }
}
