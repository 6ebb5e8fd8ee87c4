//! A provider that Terraform attaches to: gRPC over HTTP/2 on 127.0.0.1.
//!
//! It answers what `init`, `validate` and mocked tests ask: the schema, and an empty
//! message (no complaint) to each question whether a configuration is valid. Whatever
//! would plan or change something is UNIMPLEMENTED.

use std::convert::Infallible;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use bytes::{BufMut as _, Bytes, BytesMut};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Empty, Full};
use hyper::body::Incoming;
use hyper::http::{HeaderMap, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

use super::wire;

/// What gRPC's status `UNIMPLEMENTED` is as a number.
const UNIMPLEMENTED: &str = "12";

/// The running provider. Dropping it closes the port.
pub(super) struct Provider {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Provider {
    /// Starts it with a schema in the form of `terraform providers schema -json`.
    pub(super) fn start(schema: &str) -> Result<Self> {
        let answer = wire::schema_response(&wire::parse(schema)?);
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("terraform-provider")
            .enable_all()
            .build()
            .context("the runtime of the provider's double")?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        runtime.spawn(accept(listener, framed(&answer)));
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Provider")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, schema: Bytes) -> Infallible {
    let schema = Arc::new(schema);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let schema = Arc::clone(&schema);
        tokio::spawn(async move {
            let service = service_fn(move |request| answer(request, Arc::clone(&schema)));
            // Terraform hangs up when it has what it wants.
            let _ = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    request: Request<Incoming>,
    schema: Arc<Bytes>,
) -> Result<Response<BoxBody<Bytes, Infallible>>, hyper::Error> {
    let path = request.uri().path().to_owned();
    let harmless = [
        "Validate",
        "Configure",
        "Stop",
        "GetFunctions",
        "GetResourceIdentitySchemas",
    ];
    let message = match path.strip_prefix("/tfplugin6.Provider/") {
        Some("GetProviderSchema") => Some(Bytes::clone(&schema)),
        Some(method) if harmless.iter().any(|name| method.starts_with(name)) => Some(framed(&[])),
        // Terraform's own streams beside the provider's (output, broker) included.
        _ => None,
    };
    let response = Response::builder().header("content-type", "application/grpc");
    let response = match message {
        Some(message) => {
            request.into_body().collect().await?;
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
            let body = Full::new(message).with_trailers(async move { Some(Ok(trailers)) });
            response.body(body.boxed())
        }
        None => response
            .header("grpc-status", UNIMPLEMENTED)
            .body(Empty::new().boxed()),
    };
    Ok(response.expect("the headers are constants"))
}

/// A message as gRPC sends it: not compressed, its length before it.
fn framed(message: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(message.len() + 5);
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).expect("a schema has fewer than 4 GiB"));
    frame.put_slice(message);
    frame.freeze()
}
