//! HTTP/1.1 on 127.0.0.1, with a runtime of its own: a test's own may stand still or end.

use std::convert::Infallible;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt as _, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

/// A request, read whole.
pub(super) struct Asked {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    /// Names in lower case.
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
}

/// What goes back.
pub(super) enum Answered {
    Whole(Sent),
    /// Half of the body, then the end of the connection.
    Truncated(Sent),
    /// The end of the connection.
    Cut,
}

pub(super) struct Sent {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: String,
}

pub(super) trait Answers: Send + Sync + 'static {
    fn answer(&self, asked: &Asked) -> Answered;
}

/// A running server. Dropping it closes the port and all connections.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    pub(super) fn start(answers: Arc<dyn Answers>) -> io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("quicksight-double")
            .enable_all()
            .build()?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        runtime.spawn(accept(listener, answers));
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Waiting is forbidden where this may well be dropped: in an async test.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept(listener: TcpListener, answers: Arc<dyn Answers>) -> Infallible {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        let _ = stream.set_nodelay(true);
        let answers = Arc::clone(&answers);
        tokio::spawn(async move {
            let service = service_fn(move |request| serve(Arc::clone(&answers), request));
            // Clients hang up as they like; that is theirs to report.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

type Body = BoxBody<Bytes, io::Error>;

async fn serve(
    answers: Arc<dyn Answers>,
    request: Request<Incoming>,
) -> io::Result<Response<Body>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
    let asked = Asked {
        method: head.method.as_str().to_owned(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        headers: head
            .headers
            .iter()
            .map(|(name, value)| {
                (
                    name.as_str().to_owned(),
                    String::from_utf8_lossy(value.as_bytes()).into_owned(),
                )
            })
            .collect(),
        body,
    };
    let (sent, whole) = match answers.answer(&asked) {
        Answered::Whole(sent) => (sent, true),
        Answered::Truncated(sent) => (sent, false),
        // An error makes hyper close the connection.
        Answered::Cut => return Err(io::Error::other("no answer, on purpose")),
    };
    let bytes = Bytes::from(sent.body);
    let mut response = Response::builder()
        .status(sent.status)
        .header("content-type", "application/json")
        .header("content-length", bytes.len());
    for (name, value) in sent.headers {
        response = response.header(name, value);
    }
    let body = if whole {
        Full::new(bytes).map_err(|never| match never {}).boxed()
    } else {
        let half = bytes.slice(..bytes.len() / 2);
        let frames = [
            Ok(Frame::data(half)),
            Err(io::Error::other("truncated, on purpose")),
        ];
        http_body_util::BodyExt::boxed(StreamBody::new(stream::iter(frames)))
    };
    response.body(body).map_err(io::Error::other)
}

/// The decoded names and values of a query.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// Undoes percent-encoding. A `+` is a plus.
pub(super) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let coded = text.get(at + 1..at + 3).filter(|_| *byte == b'%');
        match coded.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(decoded) => {
                out.push(decoded);
                at += 3;
            }
            None => {
                out.push(*byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_queries_are_decoded() {
        assert_eq!(decode("arn%3Aaws%2Fb%20c%zz+"), "arn:aws/b c%zz+");
        assert_eq!(
            pairs("keys=a&keys=%26&x"),
            [
                ("keys".to_owned(), "a".to_owned()),
                ("keys".to_owned(), "&".to_owned()),
                ("x".to_owned(), String::new())
            ]
        );
    }
}
