//! One connection, its text-protocol queries, its sign of life, and the way to cancel it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row, Value};

use super::connect::ConnectOptions;
use super::rows::TableRows;
use crate::error::Error;

/// A connection to the source.
///
/// Every query goes through the text protocol: the binary one prints a FLOAT otherwise.
pub(crate) struct Session {
    connection: Conn,
    heartbeat: Arc<Heartbeat>,
    results: Results,
    forms: Forms,
}

/// What the server is asked for: it sends the two in different character sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Results {
    /// Definitions, unconverted: the bytes as the server keeps them.
    Definitions,
    /// Rows and names, in the character set of the dump.
    Values,
}

/// In which form the server sends values and definitions.
#[derive(Debug)]
pub(crate) struct Forms {
    /// The character set of values.
    pub(crate) charset: String,
    /// Whether definitions come unconverted: not so for dumps to servers of old.
    pub(crate) raw_definitions: bool,
    /// Run before the first definition is read.
    pub(crate) before_definitions: Option<String>,
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            charset: "utf8mb4".into(),
            raw_definitions: true,
            before_definitions: None,
        }
    }
}

impl Session {
    /// Connects; the session has the driver's defaults, `SET NAMES utf8mb4` and no SQL mode.
    pub(crate) async fn open(options: &ConnectOptions) -> Result<Self, Error> {
        let connection = options.open().await?;
        let mut session = Self {
            connection,
            heartbeat: Arc::new(Heartbeat::default()),
            results: Results::Values,
            forms: Forms::default(),
        };
        let heartbeat = session.heartbeat();
        let set_up = async {
            session
                .run("set up the session", "SET NAMES utf8mb4")
                .await?;
            session
                .run("set up the session", "/*!40100 SET @@SQL_MODE='' */")
                .await
        };
        match heartbeat.watch(options.read_timeout(), set_up).await {
            Ok(()) => Ok(session),
            Err(error) => {
                cut(session.connection);
                Err(error)
            }
        }
    }

    /// The server's number for this connection, which `KILL` takes.
    pub(crate) fn id(&self) -> u32 {
        self.connection.id()
    }

    pub(crate) fn heartbeat(&self) -> Arc<Heartbeat> {
        Arc::clone(&self.heartbeat)
    }

    /// Runs a statement and drops its result.
    pub(crate) async fn run(&mut self, step: &str, sql: &str) -> Result<(), Error> {
        let _waiting = self.heartbeat.wait_for(step);
        self.connection
            .query_drop(sql)
            .await
            .map_err(|error| Error::from_driver(step, &error))
    }

    /// Runs a statement and collects its (small) result.
    pub(crate) async fn rows(&mut self, step: &str, sql: &str) -> Result<Vec<Record>, Error> {
        let _waiting = self.heartbeat.wait_for(step);
        let rows: Vec<Row> = self
            .connection
            .query(sql)
            .await
            .map_err(|error| Error::from_driver(step, &error))?;
        Ok(rows.into_iter().map(Record::from).collect())
    }

    /// The first row of a result that must have one.
    pub(crate) async fn one(&mut self, step: &str, sql: &str) -> Result<Record, Error> {
        let rows = self.rows(step, sql).await?;
        rows.into_iter().next().ok_or_else(|| Error::NotFound {
            step: step.to_owned(),
            code: 0,
            message: "the server's answer is empty".into(),
        })
    }

    /// Starts a result that is streamed row by row.
    pub(crate) async fn stream<'s>(
        &'s mut self,
        step: &str,
        sql: &str,
    ) -> Result<TableRows<'s>, Error> {
        let heartbeat = Arc::clone(&self.heartbeat);
        let waiting = heartbeat.wait_for(step);
        let result = self
            .connection
            .query_iter(sql.to_owned())
            .await
            .map_err(|error| Error::from_driver(step, &error))?;
        drop(waiting);
        Ok(TableRows::new(result, heartbeat, step))
    }

    /// Decides in which form values and definitions come from now on.
    pub(crate) async fn set_forms(&mut self, forms: Forms) -> Result<(), Error> {
        let charset = forms.charset.clone();
        self.forms = forms;
        self.results = Results::Values;
        self.switch_results(&charset).await
    }

    /// Switches to the character set of what is read next, if it is another one now.
    pub(crate) async fn set_results(&mut self, results: Results) -> Result<(), Error> {
        if self.results == results || !self.forms.raw_definitions {
            return Ok(());
        }
        let charset = match results {
            Results::Definitions => "binary".to_owned(),
            Results::Values => self.forms.charset.clone(),
        };
        self.switch_results(&charset).await?;
        self.results = results;
        Ok(())
    }

    /// Sets what decides the look of definitions; the real clients do so with the first one.
    pub(crate) async fn prepare_definitions(&mut self) -> Result<(), Error> {
        match self.forms.before_definitions.take() {
            Some(sql) => self.run("set up the session", &sql).await,
            None => Ok(()),
        }
    }

    async fn switch_results(&mut self, charset: &str) -> Result<(), Error> {
        let sql = format!("SET SESSION character_set_results = '{charset}'");
        self.run("set up the session", &sql).await
    }

    /// Says good-bye to the server. Only for a session without a running result.
    pub(crate) async fn close(self) {
        if let Err(error) = self.connection.disconnect().await {
            tracing::debug!(%error, "the connection did not close cleanly");
        }
    }
}

/// Closes a connection's socket, without a word to the server.
///
/// Dropped inside a runtime, the driver's connection spawns a task that reads the rest of the
/// running result: for ever, where the server has vanished. A thread of its own has no runtime.
fn cut(connection: Conn) {
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
            cut(session.connection);
        }
    }
}

/// One row of a small result.
#[derive(Debug)]
pub(crate) struct Record(Vec<Option<Vec<u8>>>);

impl From<Row> for Record {
    fn from(row: Row) -> Self {
        let cell = |value| match value {
            Some(Value::Bytes(bytes)) => Some(bytes),
            _ => None,
        };
        Self(row.unwrap_raw().into_iter().map(cell).collect())
    }
}

impl Record {
    /// The bytes of a column; empty for NULL and for a column that is not there.
    pub(crate) fn bytes(&self, index: usize) -> &[u8] {
        self.0
            .get(index)
            .and_then(Option::as_deref)
            .unwrap_or_default()
    }

    pub(crate) fn is_null(&self, index: usize) -> bool {
        self.0.get(index).is_none_or(Option::is_none)
    }

    /// A column's text: names, versions, character sets, which every server sends in UTF-8.
    pub(crate) fn text(&self, index: usize) -> String {
        String::from_utf8_lossy(self.bytes(index)).into_owned()
    }

    pub(crate) fn number(&self, index: usize) -> Option<u64> {
        std::str::from_utf8(self.bytes(index)).ok()?.parse().ok()
    }
}

/// The connection's sign of life, watched from outside: the driver has no read timeout.
#[derive(Debug, Default)]
pub(crate) struct Heartbeat {
    /// Counts answers and rows.
    beats: AtomicU64,
    /// How many waits for the server are open: 0 while the dump waits for its own sink.
    waiting: AtomicU64,
    step: Mutex<String>,
}

impl Heartbeat {
    /// Marks the time until the guard is dropped as waiting for the server.
    pub(crate) fn wait_for(&self, step: &str) -> Waiting<'_> {
        step.clone_into(&mut self.step.lock().unwrap_or_else(PoisonError::into_inner));
        self.waiting.fetch_add(1, Ordering::Relaxed);
        Waiting(self)
    }

    /// Something came from the server.
    pub(crate) fn beat(&self) {
        self.beats.fetch_add(1, Ordering::Relaxed);
    }

    /// Does the work, unless the server falls silent under it.
    pub(crate) async fn watch<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        tokio::select! {
            biased;
            stalled = self.stalled(limit) => Err(stalled),
            result = work => result,
        }
    }

    /// Resolves when the server was waited for, and sent nothing, for `limit`.
    pub(crate) async fn stalled(&self, limit: Duration) -> Error {
        let tick = (limit / 8).clamp(Duration::from_millis(5), Duration::from_secs(5));
        let mut seen = self.beats.load(Ordering::Relaxed);
        let mut quiet = Duration::ZERO;
        loop {
            tokio::time::sleep(tick).await;
            let beats = self.beats.load(Ordering::Relaxed);
            if beats != seen || self.waiting.load(Ordering::Relaxed) == 0 {
                seen = beats;
                quiet = Duration::ZERO;
                continue;
            }
            quiet += tick;
            if quiet >= limit {
                let step = self
                    .step
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone();
                return Error::Stalled {
                    step,
                    waited: limit,
                };
            }
        }
    }
}

/// While it lives, the server is being waited for.
#[derive(Debug)]
pub(crate) struct Waiting<'a>(&'a Heartbeat);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.beat();
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_is_a_stall_only_while_the_server_is_waited_for() {
        let heartbeat = Heartbeat::default();
        let limit = Duration::from_secs(60);
        let idle = tokio::time::timeout(limit * 10, heartbeat.stalled(limit)).await;
        assert!(idle.is_err(), "nobody waits: no stall");

        let _waiting = heartbeat.wait_for("read t");
        let error = heartbeat.stalled(limit).await;
        assert_eq!(
            error.to_string(),
            "read t: the server sent nothing for 60 s"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn beats_put_the_stall_off() {
        let heartbeat = Heartbeat::default();
        let limit = Duration::from_secs(60);
        let _waiting = heartbeat.wait_for("read t");
        let beating = async {
            for _ in 0..20 {
                tokio::time::sleep(limit / 2).await;
                heartbeat.beat();
            }
        };
        tokio::select! {
            error = heartbeat.stalled(limit) => panic!("stalled: {error}"),
            () = beating => {}
        }
    }
}
