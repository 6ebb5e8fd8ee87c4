//! One connection and its text-protocol queries.

use std::borrow::Cow;
use std::sync::Arc;

use mysql_async::prelude::Queryable;
use mysql_async::{Column, Conn, Params, Row, Value};

use super::connect::ConnectOptions;
use super::ending::cut;
use super::heartbeat::Heartbeat;
use super::rows::TableRows;
use crate::error::Error;
use crate::options::Letters;
use crate::report::ServerIdentity;

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
        let set_up = ["SET NAMES utf8mb4", "/*!40100 SET @@SQL_MODE='' */"];
        Self::open_with(options, &set_up).await
    }

    /// Connects as `mysql --default-character-set=utf8mb4` does: the mode is the server's own.
    pub(crate) async fn open_as_client(options: &ConnectOptions) -> Result<Self, Error> {
        Self::open_with(options, &["SET NAMES utf8mb4"]).await
    }

    async fn open_with(options: &ConnectOptions, statements: &[&str]) -> Result<Self, Error> {
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
            for statement in statements {
                session.run("set up the session", statement).await?;
            }
            Ok(())
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

    /// Runs a statement with one bound value, by the binary protocol, and drops its result.
    pub(crate) async fn bind(
        &mut self,
        step: &str,
        sql: &str,
        value: Bound<'_>,
    ) -> Result<(), Error> {
        let _waiting = self.heartbeat.wait_for(step);
        let value = match value {
            Bound::Text(text) => Value::Bytes(text.as_bytes().to_vec()),
            Bound::Integer(number) => Value::Int(number),
            Bound::Null => Value::NULL,
        };
        self.connection
            .exec_drop(sql, Params::Positional(vec![value]))
            .await
            .map_err(|error| Error::from_driver(step, &error))
    }

    /// The columns that a statement will return, by the server's word; it is not run.
    pub(crate) async fn described(&mut self, step: &str, sql: &str) -> Result<Vec<Column>, Error> {
        let _waiting = self.heartbeat.wait_for(step);
        let statement = self
            .connection
            .prep(sql)
            .await
            .map_err(|error| Error::from_driver(step, &error))?;
        let columns = statement.columns().to_vec();
        self.connection
            .close(statement)
            .await
            .map_err(|error| Error::from_driver(step, &error))?;
        Ok(columns)
    }

    /// Keeps a slow sink, or a slow statement, from getting the connection cut.
    pub(crate) async fn be_patient(&mut self, server: &ServerIdentity) -> Result<(), Error> {
        let step = "set up the session";
        let no_limit = if server.flavour.is_mariadb() {
            "SET SESSION max_statement_time=0"
        } else {
            "/*!50704 SET SESSION max_execution_time=0 */"
        };
        self.run(step, no_limit).await?;
        self.run(
            step,
            "SET SESSION net_read_timeout=86400, SESSION net_write_timeout=86400, \
             SESSION wait_timeout=86400",
        )
        .await
    }

    /// The server's clock, and the session's offset from UTC.
    pub(crate) async fn clock(&mut self) -> Result<Clock, Error> {
        let clock = self
            .one(
                "read the server's clock",
                "SELECT DATE_FORMAT(UTC_TIMESTAMP(6), '%Y-%m-%dT%H:%i:%s.%fZ'), \
                 TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(), NOW())",
            )
            .await?;
        Ok(Clock {
            now: clock.text(0),
            offset_seconds: String::from_utf8_lossy(clock.bytes(1)).parse().unwrap_or(0),
        })
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

/// A value that the server binds.
#[derive(Clone, Copy)]
pub(crate) enum Bound<'a> {
    Text(&'a str),
    Integer(i64),
    Null,
}

/// What the server's clock says.
#[derive(Debug)]
pub(crate) struct Clock {
    /// UTC, RFC 3339, microseconds.
    pub(crate) now: String,
    /// The offset in which the session prints instants.
    pub(crate) offset_seconds: i32,
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
