//! What goes into a request's signature.

use aws_runtime::auth::PayloadSigningOverride;
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        interceptors::{
            Intercept, context::BeforeTransmitInterceptorContextMut, dyn_dispatch_hint,
        },
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;

/// Leaves the body out of the signature when TLS protects it anyway.
///
/// The SDK hashes an in-memory body by SHA-256 for the signature, which costs
/// more than everything else an upload does but TLS; the body's integrity is
/// carried by its CRC, which is itself a signed header. Over plain HTTP the hash
/// stays. Whether it is TLS is only known for certain once the endpoint has been
/// resolved, hence an interceptor and not the SDK's per-request switch.
#[derive(Debug)]
pub(super) struct UnsignedOverTls;

#[dyn_dispatch_hint]
impl Intercept for UnsignedOverTls {
    fn name(&self) -> &'static str {
        "UnsignedOverTls"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _runtime_components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.request().uri().starts_with("https:") {
            config
                .interceptor_state()
                .store_put(PayloadSigningOverride::unsigned_payload());
        }
        Ok(())
    }
}
