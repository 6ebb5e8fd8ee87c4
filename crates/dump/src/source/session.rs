//! One connection and its text-protocol queries.

use std::borrow::Cow;
use std::sync::Arc;

use mysql_async::prelude::Queryable;
use mysql_async::{Conn, Row, Value};

use super::connect::ConnectOptions;
use super::ending::cut;
use super::heartbeat::Heartbeat;
use super::rows::TableRows;
use crate::error::Error;
use crate::options::Letters;

/// The character set of statements, unless the dump's own is needed.
const UTF8: &str = "utf8mb4";

/// A connection to the source.
///
/// Every query goes through the text protocol: the binary one prints a FLOAT otherwise.
pub(crate) struct Session {
    connection: Conn,
    heartbeat: Arc<Heartbeat>,
    results: Results,
    forms: Forms,
    /// Whether statements are sent in the character set of the dump.
    speaks_charset: bool,
    /// The letters of that set; all, until they are known.
    letters: Letters,
}

/// What the server is asked for: it sends the two in different character sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Results {
    /// Definitions, unconverted: the bytes as the server keeps them.
    Definitions,
    /// Definitions of tables, unconverted too. MariaDB writes the values of partitions for
    /// the character set in which it is asked: so it is asked as the real client asks.
    Tables,
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
    /// Whether the server's definitions of tables depend on the character set of the question.
    pub(crate) asks_tables_in_charset: bool,
    /// Run before the first definition is read.
    pub(crate) before_definitions: Option<String>,
}

impl Default for Forms {
    fn default() -> Self {
        Self {
            charset: "utf8mb4".into(),
            raw_definitions: true,
            asks_tables_in_charset: false,
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
            speaks_charset: false,
            letters: Letters::All,
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
        let sql = self.spoken(sql);
        self.connection
            .query_drop(&*sql)
            .await
            .map_err(|error| Error::from_driver(step, &error))
    }

    /// Runs a statement and collects its (small) result.
    pub(crate) async fn rows(&mut self, step: &str, sql: &str) -> Result<Vec<Record>, Error> {
        let _waiting = self.heartbeat.wait_for(step);
        let sql = self.spoken(sql);
        let rows: Vec<Row> = self
            .connection
            .query(&*sql)
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

    /// Starts a result that is streamed row by row; the statement is sent as it is.
    pub(crate) async fn stream<'s>(
        &'s mut self,
        step: &str,
        sql: &[u8],
    ) -> Result<TableRows<'s>, Error> {
        let heartbeat = Arc::clone(&self.heartbeat);
        let waiting = heartbeat.wait_for(step);
        let result = self
            .connection
            .query_iter(sql.to_vec())
            .await
            .map_err(|error| Error::from_driver(step, &error))?;
        drop(waiting);
        Ok(TableRows::new(result, heartbeat, step))
    }

    /// Decides in which form values and definitions come from now on.
    pub(crate) async fn set_forms(&mut self, forms: Forms) -> Result<(), Error> {
        self.forms = forms;
        self.results = Results::Values;
        self.switch(false, false).await
    }

    /// Tells the letters of the dump's character set: with rows, statements are sent in it.
    pub(crate) fn set_letters(&mut self, letters: Letters) {
        self.letters = letters;
    }

    /// Switches to the character sets of what is read next, if they are others now.
    ///
    /// Rows are asked for in the dump's own set, because a condition of `--where` means what
    /// its bytes mean there. Most definitions are asked for in UTF-8: it has all names.
    pub(crate) async fn set_results(&mut self, results: Results) -> Result<(), Error> {
        let speaks = match results {
            Results::Definitions => false,
            Results::Tables => self.forms.asks_tables_in_charset,
            Results::Values => true,
        } && !self.forms.charset.eq_ignore_ascii_case(UTF8);
        let raw = results != Results::Values;
        let same = raw == (self.results != Results::Values) && speaks == self.speaks_charset;
        // Without raw definitions, whose names are all ASCII, there is no way back.
        if same || (!self.forms.raw_definitions && (self.speaks_charset || !speaks)) {
            return Ok(());
        }
        self.switch(speaks, raw && self.forms.raw_definitions)
            .await?;
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

    async fn switch(&mut self, speaks: bool, raw: bool) -> Result<(), Error> {
        let charset = &self.forms.charset;
        let results = if raw { "binary" } else { charset };
        let mut sql = format!("SET SESSION character_set_results = '{results}'");
        if speaks != self.speaks_charset {
            let spoken = if speaks { charset } else { UTF8 };
            sql.push_str(&format!(
                ", character_set_client = '{spoken}', character_set_connection = '{spoken}'"
            ));
        }
        self.run("set up the session", &sql).await?;
        self.speaks_charset = speaks;
        Ok(())
    }

    /// A statement in the character set in which the server expects it.
    fn spoken<'s>(&self, sql: &'s str) -> Cow<'s, [u8]> {
        if self.speaks_charset {
            self.letters.encode(sql)
        } else {
            Cow::Borrowed(sql.as_bytes())
        }
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
