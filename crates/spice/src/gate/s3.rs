//! Manifests in S3.

use async_trait::async_trait;
use aws_sdk_s3::{
    Client,
    error::{ProvideErrorMetadata as _, SdkError},
    operation::get_object::GetObjectError,
};

use super::{Objects, ObjectsError};

/// Largest manifest that is read, in bytes.
const LARGEST: i64 = 16 << 20;

/// Reads manifests from S3.
#[derive(Clone)]
pub struct S3Objects {
    client: Client,
}

impl S3Objects {
    /// Reads with this client, whose retries and time limits stay.
    ///
    /// It needs `s3:GetObject`, and `s3:ListBucket` on the bucket: without that S3 says
    /// that access is denied where an object is not there yet.
    pub fn new(client: Client) -> Self {
        Self { client }
    }
}

/// The client's own output is pages long.
impl std::fmt::Debug for S3Objects {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Objects").finish_non_exhaustive()
    }
}

#[async_trait]
impl Objects for S3Objects {
    async fn read(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, ObjectsError> {
        let fail = |message: String, may_pass| ObjectsError::new(bucket, key, message, may_pass);
        let sent = self
            .client
            .get_object()
            .bucket(bucket)
            .key(key)
            .send()
            .await;
        let answer = match sent {
            Ok(answer) => answer,
            Err(error) => {
                return match error.as_service_error() {
                    Some(GetObjectError::NoSuchKey(_)) => Ok(None),
                    _ => Err(fail(said(&error), may_pass(&error))),
                };
            }
        };
        if answer.content_length().is_some_and(|bytes| bytes > LARGEST) {
            return Err(fail(format!("it is larger than {LARGEST} bytes"), false));
        }
        let body = answer.body.collect().await;
        let body = body.map_err(|_| fail("the answer broke off".to_owned(), true))?;
        Ok(Some(body.to_vec()))
    }
}

/// Code and status; never the error itself, which repeats the whole answer.
fn said(error: &SdkError<GetObjectError>) -> String {
    let status = error
        .raw_response()
        .map(|response| format!(" (http status {})", response.status().as_u16()));
    let code = error.code().unwrap_or(match error {
        SdkError::TimeoutError(_) => "it took too long",
        SdkError::DispatchFailure(_) => "no connection, or no AWS credentials",
        _ => "the answer was not understood",
    });
    format!("{code}{}", status.unwrap_or_default())
}

/// Lost connections, throttling and failures of the service pass; refusals do not.
fn may_pass(error: &SdkError<GetObjectError>) -> bool {
    match error
        .raw_response()
        .map(|response| response.status().as_u16())
    {
        Some(status) => status >= 500 || status == 429,
        None => true,
    }
}
