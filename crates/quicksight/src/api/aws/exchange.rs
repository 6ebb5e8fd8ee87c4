//! One request and its answer, as they are on the wire.

use std::{
    error::Error as StdError,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_quicksight::error::SdkError;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept,
            context::{
                AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextMut,
            },
            dyn_dispatch_hint,
        },
        orchestrator::HttpResponse,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::{body::SdkBody, config_bag::ConfigBag};
use bytes::Bytes;

use crate::{
    api::{ApiError, ApiErrorKind, DefinitionError},
    json::{Json, Object},
};

/// Puts a body into a request, and keeps the body of the answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    body: Option<Bytes>,
    answer: Arc<Mutex<Option<Answer>>>,
}

struct Answer {
    status: u16,
    code: Option<String>,
    request_id: Option<String>,
    body: Bytes,
}

/// Bodies may hold business data.
impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

impl Exchange {
    pub(super) fn new(body: Option<&Json>) -> Self {
        Self {
            body: body.map(|body| Bytes::from(body.to_compact())),
            answer: Arc::default(),
        }
    }

    fn set(&self, answer: Option<Answer>) {
        *self.answer.lock().unwrap_or_else(PoisonError::into_inner) = answer;
    }

    /// The document of the answer, with the request's id in it.
    ///
    /// Whether the SDK could make sense of a good answer is not asked: it has fewer
    /// members and values than the service, and none of its types is used.
    pub(super) fn finish<E: StdError + 'static>(
        &self,
        operation: &'static str,
        subject: &(impl fmt::Display + ?Sized),
        sent: Result<(), SdkError<E, HttpResponse>>,
    ) -> Result<Json, ApiError> {
        let answer = self
            .answer
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match (answer, sent) {
            (Some(answer), _) if (200..300).contains(&answer.status) => {
                answer.document(operation, subject)
            }
            (Some(answer), _) => Err(answer.error(operation, subject)),
            (None, Err(error)) => Err(lost(&error, operation, subject)),
            (None, Ok(())) => Err(ApiError::malformed(
                operation,
                subject,
                "no answer was kept",
            )),
        }
    }
}

#[dyn_dispatch_hint]
impl Intercept for Exchange {
    fn name(&self) -> &'static str {
        "QuickSightExchange"
    }

    /// Runs for each attempt: what the attempt before it left behind is void.
    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _runtime_components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.set(None);
        if let Some(body) = &self.body {
            let request = context.request_mut();
            *request.body_mut() = SdkBody::from(body.clone());
            let headers = request.headers_mut();
            headers.insert("content-length", body.len().to_string());
            headers.insert("content-type", "application/json");
        }
        Ok(())
    }

    /// Before this the body is still on its way; here it is in memory, whether the
    /// SDK could read it or not.
    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _runtime_components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let answer = response.body().bytes().map(|body| Answer {
            status: response.status().as_u16(),
            code: error_code(response),
            request_id: response
                .headers()
                .get("x-amzn-requestid")
                .map(str::to_owned),
            body: Bytes::copy_from_slice(body),
        });
        self.set(answer);
        Ok(())
    }
}

impl Answer {
    fn document(
        self,
        operation: &'static str,
        subject: &(impl fmt::Display + ?Sized),
    ) -> Result<Json, ApiError> {
        let malformed = |problem: String| {
            ApiError::malformed(operation, subject, problem)
                .with_request_id(self.request_id.clone())
        };
        let mut document = if self.body.is_empty() {
            Json::Object(Object::new())
        } else {
            Json::parse_bytes(&self.body).map_err(|error| malformed(error.to_string()))?
        };
        let Some(members) = document.as_object_mut() else {
            return Err(malformed("the answer is no JSON object".to_owned()));
        };
        if let Some(id) = &self.request_id
            && !members.contains("RequestId")
        {
            members.insert("RequestId", id.as_str());
        }
        Ok(document)
    }

    fn error(self, operation: &'static str, subject: &(impl fmt::Display + ?Sized)) -> ApiError {
        let body = Json::parse_bytes(&self.body).unwrap_or_default();
        let kind = self
            .code
            .as_deref()
            .and_then(ApiErrorKind::of_code)
            .unwrap_or_else(|| ApiErrorKind::of_status(self.status));
        let mut error = ApiError::new(kind, operation, subject);
        error.status = Some(self.status);
        error.code = self.code;
        error.message = ["message", "Message", "errorMessage"]
            .into_iter()
            .find_map(|name| body.text(name))
            .map(str::to_owned);
        error.request_id = self
            .request_id
            .or_else(|| body.text("RequestId").map(str::to_owned));
        error.errors = DefinitionError::list_from_json(body.items("Errors"));
        error
    }
}

/// The code of a failed answer: the header wins, then `code`, then `__type`; without
/// the namespace before it and the address behind it.
pub(super) fn error_code(response: &HttpResponse) -> Option<String> {
    if response.status().is_success() {
        return None;
    }
    let header = response
        .headers()
        .get("x-amzn-errortype")
        .map(str::to_owned);
    let code = header.or_else(|| {
        let body = Json::parse_bytes(response.body().bytes()?).ok()?;
        let code = body.text("code").or_else(|| body.text("__type"))?;
        Some(code.to_owned())
    })?;
    let code = code.rsplit('#').next().unwrap_or_default();
    let code = code.split(':').next().unwrap_or_default().trim();
    let fits = !code.is_empty()
        && code.len() <= 128
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    fits.then(|| code.to_owned())
}

/// A call without an answer.
fn lost<E: StdError + 'static>(
    error: &SdkError<E, HttpResponse>,
    operation: &'static str,
    subject: &(impl fmt::Display + ?Sized),
) -> ApiError {
    let failed = |kind| ApiError::new(kind, operation, subject);
    match error {
        SdkError::TimeoutError(_) => {
            failed(ApiErrorKind::Unreachable).with_message("it took too long")
        }
        SdkError::DispatchFailure(failure) => {
            // Text of credential providers may quote what they read.
            if lacks_credentials(error) {
                return failed(ApiErrorKind::NoCredentials);
            }
            let cause = failure.as_connector_error().map(|error| chain(error));
            let unreachable = failed(ApiErrorKind::Unreachable);
            match cause {
                Some(cause) => unreachable.with_message(cause),
                None => unreachable,
            }
        }
        SdkError::ConstructionFailure(_) => failed(ApiErrorKind::Invalid)
            .with_message("no request could be made of it; check identifiers, region and account"),
        SdkError::ResponseError(_) => {
            failed(ApiErrorKind::Unreachable).with_message("the answer broke off")
        }
        _ => failed(ApiErrorKind::Malformed),
    }
}

/// Whether the identity chain failed, which the SDK reports as a failure to send.
fn lacks_credentials(error: &(dyn StdError + 'static)) -> bool {
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        // The types of these errors cannot be named without another dependency.
        if text.contains("auth scheme") || text.contains("credential") {
            return true;
        }
        next = cause.source();
    }
    false
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
