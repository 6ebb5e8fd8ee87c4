//! The ways in which a connection ends: with a good-bye, by KILL from the side, or cut.

use std::time::Duration;

use mysql_async::Conn;
use mysql_async::prelude::Queryable;

use super::connect::ConnectOptions;
use super::session::Session;
use crate::error::Error;

/// Closes a connection's socket, without a word to the server.
///
/// Dropped inside a runtime, the driver's connection spawns a task that reads the rest of the
/// running result: for ever, where the server has vanished. A thread of its own has no runtime.
pub(super) fn cut(connection: Conn) {
    let closing = std::thread::Builder::new().spawn(move || drop(connection));
    if let Err(error) = closing {
        tracing::debug!(%error, "no thread to close the connection in");
    }
}

/// A session that is cut when it is dropped, whatever it was doing.
pub(crate) struct Held(Option<Session>);

impl Held {
    pub(crate) fn new(session: Session) -> Self {
        Self(Some(session))
    }

    /// The session, until it is closed.
    ///
    /// # Errors
    ///
    /// None before [`close`](Self::close), which takes the holder away.
    pub(crate) fn session(&mut self) -> Result<&mut Session, Error> {
        self.0
            .as_mut()
            .ok_or_else(|| Error::Internal("the session is closed".into()))
    }

    /// Says good-bye to the server.
    pub(crate) async fn close(mut self) {
        if let Some(session) = self.0.take() {
            session.close().await;
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(session) = self.0.take() {
            session.cut();
        }
    }
}

/// Kills the main connection from the side when a dump ends early.
///
/// Without it, dropping the main connection amid a result would first read the rest of the
/// result, hours of it for a large table. Any user may kill a connection of its own.
pub(crate) struct Killer {
    side: Option<Conn>,
    victim: u32,
}

impl Killer {
    /// Opens the side connection, early: later the credentials may have been rotated.
    pub(crate) async fn open(options: &ConnectOptions, victim: &Session) -> Result<Self, Error> {
        Ok(Self {
            side: Some(options.open().await?),
            victim: victim.id(),
        })
    }

    /// The dump ended well: closes the side connection and kills nothing.
    pub(crate) async fn disarm(mut self) {
        if let Some(side) = self.side.take() {
            let _: Result<(), _> = side.disconnect().await;
        }
    }

    /// Kills the main connection now.
    pub(crate) async fn kill(mut self) {
        if let Some(side) = self.side.take() {
            kill(side, self.victim).await;
        }
    }
}

impl Drop for Killer {
    /// A dump whose future was dropped: the killing goes on in a task of its own.
    fn drop(&mut self) {
        if let Some(side) = self.side.take()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let victim = self.victim;
            runtime.spawn(async move { kill(side, victim).await });
        }
    }
}

/// How long the side connection may take: a server that has fallen silent kills nothing.
const KILL_TIMEOUT: Duration = Duration::from_secs(5);

async fn kill(mut side: Conn, victim: u32) {
    let killing = side.query_drop(format!("KILL {victim}"));
    match tokio::time::timeout(KILL_TIMEOUT, killing).await {
        Ok(Ok(())) => tracing::debug!(victim, "killed the reading connection"),
        // ER_NO_SUCH_THREAD: it is gone already.
        Ok(Err(mysql_async::Error::Server(error))) if error.code == 1094 => {}
        Ok(Err(error)) => {
            tracing::warn!(victim, %error, "could not kill the reading connection");
        }
        Err(_) => tracing::warn!(
            victim,
            "the server did not answer KILL; its connection may live on"
        ),
    }
    cut(side);
}
