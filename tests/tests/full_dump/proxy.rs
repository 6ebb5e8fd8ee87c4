//! A TCP proxy before the database that waits for one query and then plays a
//! trick: what a real server does rarely, and never when a test wants it.

use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, watch};

/// What happens when the query comes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trick {
    /// The server refuses it with this error, without having seen it.
    Refuse(u16, &'static str),
    /// The connection breaks after this many bytes of the answer.
    CutAfter(usize),
    /// It waits until [`Proxy::release`].
    Hold,
}

/// The proxy. Dropping it closes the port.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    reached: watch::Receiver<bool>,
    released: watch::Sender<bool>,
    accepting: tokio::task::JoinHandle<()>,
}

#[derive(Clone)]
struct Script {
    needle: &'static str,
    trick: Trick,
    reached: watch::Sender<bool>,
    released: watch::Receiver<bool>,
}

impl Proxy {
    /// Listens before `target`, waiting for a query that contains `needle`.
    pub(crate) async fn start(target: u16, needle: &'static str, trick: Trick) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (reached_by, reached) = watch::channel(false);
        let (released, wait) = watch::channel(false);
        let script = Script {
            needle,
            trick,
            reached: reached_by,
            released: wait,
        };
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, target, script.clone()));
            }
        });
        Self {
            port,
            reached,
            released,
            accepting,
        }
    }

    /// Waits until the query has come.
    pub(crate) async fn reached(&self) {
        self.reached
            .clone()
            .wait_for(|reached| *reached)
            .await
            .unwrap();
    }

    /// Lets a held query go on.
    pub(crate) fn release(&self) {
        self.released.send_replace(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn serve(client: TcpStream, target: u16, script: Script) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)).await else {
        return;
    };
    let (client_read, client_write) = client.into_split();
    let (server_read, server_write) = server.into_split();
    let client_write = Arc::new(Mutex::new(client_write));
    // `None` until the connection is to break, then what it may still carry.
    let (limit, limited) = watch::channel(None::<usize>);
    let down = tokio::spawn(answers(server_read, Arc::clone(&client_write), limited));
    questions(client_read, server_write, &client_write, &script, &limit).await;
    down.abort();
}

async fn answers(
    mut from: OwnedReadHalf,
    to: Arc<Mutex<OwnedWriteHalf>>,
    limited: watch::Receiver<Option<usize>>,
) {
    let mut buffer = vec![0; 16 * 1024];
    let mut carried = 0;
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let mut to = to.lock().await;
        let limit = *limited.borrow();
        let length = limit.map_or(length, |limit| length.min(limit.saturating_sub(carried)));
        if limit.is_some() {
            carried += length;
        }
        if to.write_all(&buffer[..length]).await.is_err() {
            return;
        }
        if limit.is_some_and(|limit| carried >= limit) {
            let _ = to.shutdown().await;
            return;
        }
    }
    let _ = to.lock().await.shutdown().await;
}

async fn questions(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    back: &Mutex<OwnedWriteHalf>,
    script: &Script,
    limit: &watch::Sender<Option<usize>>,
) {
    let mut buffer = vec![0; 64 * 1024];
    let needle = script.needle.as_bytes();
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let question = &buffer[..length];
        if question
            .windows(needle.len())
            .any(|window| window == needle)
        {
            script.reached.send_replace(true);
            match script.trick {
                Trick::Refuse(code, message) => {
                    let _ = back
                        .lock()
                        .await
                        .write_all(&error_packet(code, message))
                        .await;
                    continue;
                }
                Trick::CutAfter(bytes) => {
                    limit.send_replace(Some(bytes));
                }
                Trick::Hold => {
                    let mut released = script.released.clone();
                    if released.wait_for(|released| *released).await.is_err() {
                        return;
                    }
                }
            }
        }
        if to.write_all(question).await.is_err() {
            return;
        }
    }
}

/// MySQL's error packet, the first of an answer.
fn error_packet(code: u16, message: &str) -> Vec<u8> {
    let mut payload = vec![0xff];
    payload.extend(code.to_le_bytes());
    payload.extend(b"#HY000");
    payload.extend(message.as_bytes());
    let length = u32::try_from(payload.len()).unwrap().to_le_bytes();
    let mut packet = length[..3].to_vec();
    packet.push(1);
    packet.extend(payload);
    packet
}
