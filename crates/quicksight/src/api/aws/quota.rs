//! What is not worth another attempt.

use aws_smithy_runtime_api::client::{
    interceptors::context::InterceptorContext,
    retries::classifiers::{ClassifyRetry, RetryAction},
};

use super::exchange::error_code;

/// Forbids to try again when a quota is used up.
///
/// The SDK takes `LimitExceededException` of any service for throttling. QuickSight
/// means the capacity of SPICE by it, or the ingestions of a day: seconds later
/// that is the same.
#[derive(Debug)]
pub(super) struct QuotaIsFinal;

impl ClassifyRetry for QuotaIsFinal {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let Some(response) = context.response() else {
            return RetryAction::NoActionIndicated;
        };
        let failed = !response.status().is_success();
        if failed && error_code(response).as_deref() == Some("LimitExceededException") {
            RetryAction::RetryForbidden
        } else {
            RetryAction::NoActionIndicated
        }
    }

    fn name(&self) -> &'static str {
        "quota is final"
    }
}
