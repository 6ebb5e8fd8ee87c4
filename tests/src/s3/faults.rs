//! What may go wrong, and when.

use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The operations that the double knows, by S3's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "S3's own names")]
#[non_exhaustive]
pub enum Operation {
    AbortMultipartUpload,
    CompleteMultipartUpload,
    CreateMultipartUpload,
    DeleteObject,
    GetObject,
    GetObjectTagging,
    HeadBucket,
    HeadObject,
    ListMultipartUploads,
    ListObjectsV2,
    ListParts,
    PutObject,
    PutObjectTagging,
    UploadPart,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// One thing that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// An S3 error with this status and code, instead of the operation.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The error's code, `SlowDown` say.
        code: &'static str,
    },
    /// The connection closes without an answer; the operation is not done.
    Disconnect,
    /// The operation is done, then the connection closes without an answer.
    LoseAnswer,
    /// `CompleteMultipartUpload` only: status 200 and an error in the body, as S3
    /// answers when it fails late.
    ErrorInOk {
        /// Whether the object is there nevertheless.
        committed: bool,
    },
    /// `GetObject` only: the body ends after this many bytes, its connection with it,
    /// though more was announced.
    CutBody(u64),
    /// The operation waits this long, then is done.
    Delay(Duration),
    /// The operation waits until [`S3Double::release_held`](super::S3Double::release_held).
    Hold,
}

/// An [`Effect`] and the calls that it befalls: by default every call of one
/// operation.
#[derive(Debug, Clone)]
pub struct FaultRule {
    operation: Operation,
    key_part: Option<String>,
    calls: RangeInclusive<u32>,
    effect: Effect,
    seen: u32,
}

impl FaultRule {
    /// Befalls every call of `operation`.
    #[must_use]
    pub const fn new(operation: Operation, effect: Effect) -> Self {
        Self {
            operation,
            key_part: None,
            calls: 1..=u32::MAX,
            effect,
            seen: 0,
        }
    }

    /// 503 `SlowDown`.
    #[must_use]
    pub const fn slow_down(operation: Operation) -> Self {
        Self::new(
            operation,
            Effect::Answer {
                status: 503,
                code: "SlowDown",
            },
        )
    }

    /// 403 `AccessDenied`.
    #[must_use]
    pub const fn access_denied(operation: Operation) -> Self {
        Self::new(
            operation,
            Effect::Answer {
                status: 403,
                code: "AccessDenied",
            },
        )
    }

    /// 409 `ConditionalRequestConflict`: the whole upload has to be started again.
    #[must_use]
    pub const fn conflict(operation: Operation) -> Self {
        Self::new(
            operation,
            Effect::Answer {
                status: 409,
                code: "ConditionalRequestConflict",
            },
        )
    }

    /// Only the `number`-th matching call from now on; the first is 1.
    #[must_use]
    pub const fn nth(self, number: u32) -> Self {
        self.calls(number..=number)
    }

    /// Only these of the matching calls from now on; the first is 1.
    #[must_use]
    pub const fn calls(mut self, numbers: RangeInclusive<u32>) -> Self {
        self.calls = numbers;
        self
    }

    /// Only calls whose key contains `part`.
    #[must_use]
    pub fn key_containing(mut self, part: &str) -> Self {
        self.key_part = Some(part.to_owned());
        self
    }

    /// Counts a call, and gives the effect if it befalls this one.
    pub(super) fn strike(&mut self, operation: Operation, key: &str) -> Option<Effect> {
        if self.operation != operation
            || self
                .key_part
                .as_ref()
                .is_some_and(|part| !key.contains(part))
        {
            return None;
        }
        self.seen = self.seen.saturating_add(1);
        self.calls.contains(&self.seen).then(|| self.effect.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_only_what_matches() {
        let mut rule = FaultRule::slow_down(Operation::UploadPart)
            .calls(2..=3)
            .key_containing("dump");
        let mut strikes = |operation, key| rule.strike(operation, key).is_some();
        assert!(!strikes(Operation::UploadPart, "dump"));
        assert!(!strikes(Operation::UploadPart, "other"));
        assert!(!strikes(Operation::PutObject, "dump"));
        assert!(strikes(Operation::UploadPart, "a-dump"));
        assert!(strikes(Operation::UploadPart, "dump"));
        assert!(!strikes(Operation::UploadPart, "dump"));
    }
}
