//! One connection and its text-protocol queries.

use std::sync::Arc;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row, Value};

use super::connect::ConnectOptions;
use super::ending::cut;
use super::heartbeat::Heartbeat;
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

    /// Closes the socket without a word to the server.
    pub(super) fn cut(self) {
        cut(self.connection);
    }

    /// Says good-bye to the server. Only for a session without a running result.
    pub(crate) async fn close(self) {
        if let Err(error) = self.connection.disconnect().await {
            tracing::debug!(%error, "the connection did not close cleanly");
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
