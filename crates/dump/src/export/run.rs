//! The run, from connecting to the last byte.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use sha2::{Digest as _, Sha256};

use super::column::ResultColumn;
use super::format::RowWriter;
use super::query::Parameter;
use super::report::{ColumnReport, ExportPreview, ExportReport};
use super::{Export, Query, zone};
use crate::encode::Freshness;
use crate::error::Error;
use crate::pipeline::{self, BATCH_BYTES, Feeder, StreamTotals};
use crate::progress::{Pace, ProgressEvent};
use crate::report::{MaxTimestamp, ServerIdentity};
use crate::sink::Sink;
use crate::source::catalogue;
use crate::source::{Bound, Held, Killer, RowSource as _, Session, TableRows, read_identity};

/// What the statement is called in errors.
const STEP: &str = "run the query";
/// What it is called in progress.
const NAME: &str = "query";

/// What is known when the rows are all read.
struct Read {
    columns: Vec<ColumnReport>,
    rows: u64,
    newest: Option<(bool, String)>,
    totals: StreamTotals,
}

impl Export {
    /// Connects, runs the query, and gives every byte to the sink, in order.
    ///
    /// The sink is neither finished nor published: that is the caller's act, after `Ok`.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a statement that the server does not understand or that would write,
    /// [`Error::Value`] for a value that the format cannot hold, and those of connecting, reading
    /// and of the sink. The sink has then received a beginning of the export, of any length.
    ///
    /// # Cancel safety
    ///
    /// The way to cancel is the token given to
    /// [`ExportBuilder::cancellation`](super::ExportBuilder::cancellation): the reading connection
    /// is killed from the side and the future ends with [`Error::Cancelled`]. Dropping the future
    /// does the same in a task of the runtime. Either way the threads end, and the sink has a
    /// beginning of the export.
    pub async fn run<S: Sink>(self, sink: &mut S) -> Result<ExportReport, Error> {
        let started = Instant::now();
        let cancelled = self.cancellation.clone();
        tokio::select! {
            biased;
            () = cancelled.cancelled() => Err(Error::Cancelled),
            connected = self.connect_both() => {
                let (held, killer) = connected?;
                self.guarded(held, killer, sink, started).await
            }
        }
    }

    /// Connects and tells the columns as they would be written; asks for no row.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), up to the first row.
    pub async fn preview(&self) -> Result<ExportPreview, Error> {
        let mut held = Held::new(Session::open_as_client(&self.connect).await?);
        let session = held.session()?;
        let heartbeat = session.heartbeat();
        let limit = self.connect.read_timeout();
        let previewed = heartbeat.watch(limit, self.look_ahead(session)).await?;
        held.close().await;
        Ok(previewed)
    }

    async fn look_ahead(&self, session: &mut Session) -> Result<ExportPreview, Error> {
        let server = read_identity(session).await?;
        self.prepare(session, &server).await?;
        let zone = zone::read(session).await?;
        let columns = session.described(STEP, self.query.sql()).await;
        let columns = ResultColumn::all(&columns.map_err(of_query)?);
        refuse_none(&columns)?;
        let writer = self.format.writer(&columns, &zone)?;
        Ok(ExportPreview {
            server,
            columns: described(&columns, writer.as_ref()),
        })
    }

    async fn connect_both(&self) -> Result<(Held, Killer), Error> {
        let mut held = Held::new(Session::open_as_client(&self.connect).await?);
        let killer = Killer::open(&self.connect, held.session()?).await?;
        Ok((held, killer))
    }

    /// Runs under the watchdog and the token, with the means to kill at hand.
    async fn guarded<S: Sink>(
        self,
        mut held: Held,
        killer: Killer,
        sink: &mut S,
        started: Instant,
    ) -> Result<ExportReport, Error> {
        let session = held.session()?;
        let heartbeat = session.heartbeat();
        let limit = self.connect.read_timeout();
        let cancelled = self.cancellation.clone();
        let result = tokio::select! {
            biased;
            () = cancelled.cancelled() => Err(Error::Cancelled),
            result = heartbeat.watch(limit, self.stream(session, sink, started)) => result,
        };
        if result.is_ok() {
            killer.disarm().await;
            held.close().await;
        } else {
            killer.kill().await;
        }
        result
    }

    async fn stream<S: Sink>(
        &self,
        session: &mut Session,
        sink: &mut S,
        started: Instant,
    ) -> Result<ExportReport, Error> {
        let server = read_identity(session).await?;
        self.prepare(session, &server).await?;
        let zone = zone::read(session).await?;
        let clock = session.clock().await?;

        let threads = self
            .threads
            .unwrap_or_else(|| pipeline::default_threads(self.compression, self.memory_bytes));
        let (feeder, exit) = pipeline::start(self.compression, threads, self.memory_bytes)?;
        let stored_so_far = AtomicU64::new(0);
        let produce = async {
            let rows = start(session, &self.query).await.map_err(of_query)?;
            self.rows(rows, &zone, feeder, &stored_so_far).await
        };
        let consume = pipeline::drain(exit, sink, |total| {
            stored_so_far.store(total, Ordering::Relaxed);
        });
        let (read, stored) = pipeline::join(produce, consume).await?;
        pipeline::check_totals(&read.totals, &stored)?;
        self.progress.event(&ProgressEvent::Finished {
            rows: read.rows,
            bytes: read.totals.bytes,
            stored_bytes: stored.stored_bytes,
        });
        Ok(ExportReport {
            server,
            taken_at: clock.now,
            timestamp_offset_seconds: clock.offset_seconds,
            columns: read.columns,
            rows: read.rows,
            max_updated_at: read.newest.map(|(is_instant, text)| MaxTimestamp {
                text,
                is_instant,
                offset_seconds: clock.offset_seconds,
            }),
            format: self.format.name().to_owned(),
            compression: self.compression.name().to_owned(),
            query_sha256: digest(self.query.sql()),
            uncompressed_bytes: read.totals.bytes,
            uncompressed_sha256: read.totals.sha256,
            stored_bytes: stored.stored_bytes,
            stored_sha256: stored.stored_sha256,
            elapsed: started.elapsed(),
        })
    }

    /// The session as `mysql` has it, but patient, in the zone asked for, and unable to write.
    async fn prepare(&self, session: &mut Session, server: &ServerIdentity) -> Result<(), Error> {
        let step = "set up the session";
        session.be_patient(server).await?;
        if let Some(zone) = &self.time_zone {
            // Bound: under the server's own SQL mode a backslash may not escape.
            let set = session.bind(step, "SET time_zone = ?", Bound::Text(zone));
            set.await.map_err(|error| match error {
                // ER_UNKNOWN_TIME_ZONE
                Error::Read { code: 1298, .. } => Error::Query {
                    reason: format!(
                        "the server knows no time zone {zone:?}: give an offset, or load its time \
                         zone tables"
                    ),
                },
                error => error,
            })?;
        }
        if let Some(database) = &self.database {
            catalogue::use_database(session, database).await?;
        }
        // Of this transaction, and of whatever one a function of the server may begin.
        session
            .run(step, "SET SESSION TRANSACTION READ ONLY")
            .await?;
        session.run(step, "START TRANSACTION READ ONLY").await
    }

    /// Reads, writes and feeds the rows.
    async fn rows(
        &self,
        mut rows: TableRows<'_>,
        zone: &zone::Zone,
        feeder: Feeder,
        stored_so_far: &AtomicU64,
    ) -> Result<Read, Error> {
        let columns = ResultColumn::all(rows.columns());
        refuse_none(&columns)?;
        let mut writer = self.format.writer(&columns, zone)?;
        let mut freshness = Freshness::of(rows.columns(), self.freshness_column.as_deref());
        self.progress.event(&ProgressEvent::Planned {
            tables: 1,
            estimated_rows: 0,
            estimated_bytes: 0,
        });
        self.progress.event(&ProgressEvent::TableStarted {
            table: NAME.to_owned(),
            estimated_rows: 0,
        });
        let heartbeat = rows.heartbeat();
        let (mut count, mut bytes) = (0, 0);
        let mut text = Vec::with_capacity(BATCH_BYTES);
        writer.begin(&mut text)?;
        let mut more = true;
        let mut pace = Pace::new();
        while more {
            {
                let _waiting = heartbeat.wait_for(STEP);
                while more && text.len() < BATCH_BYTES {
                    match rows.next_row().await.map_err(of_query)? {
                        Some(row) => {
                            count += 1;
                            writer.row(&row, &mut text)?;
                            freshness.see(&row);
                            if pace.is_due(rows.waited()) {
                                self.progress.event(&ProgressEvent::Advanced {
                                    rows: count,
                                    bytes: bytes + text.len() as u64,
                                    stored_bytes: stored_so_far.load(Ordering::Relaxed),
                                });
                            }
                        }
                        None => more = false,
                    }
                }
            }
            if !more {
                writer.end(&mut text)?;
            }
            bytes += text.len() as u64;
            let full = std::mem::replace(&mut text, Vec::with_capacity(BATCH_BYTES));
            feeder.budgeted_text(full).await?;
            self.progress.event(&ProgressEvent::Advanced {
                rows: count,
                bytes,
                stored_bytes: stored_so_far.load(Ordering::Relaxed),
            });
        }
        if rows.has_more_results() {
            return Err(Error::Query {
                reason: "it returns several results, and an export is one".to_owned(),
            });
        }
        self.progress.event(&ProgressEvent::TableFinished {
            table: NAME.to_owned(),
            rows: count,
        });
        Ok(Read {
            columns: described(&columns, writer.as_ref()),
            rows: count,
            newest: freshness.newest(),
            totals: feeder.finish().await?,
        })
    }
}

/// Sends the statement. With parameters it is prepared in SQL and executed in the text protocol,
/// so that values look the same either way; SQL and values go to the server as bound variables,
/// so that no text of one ever becomes part of the other.
async fn start<'s>(session: &'s mut Session, query: &Query) -> Result<TableRows<'s>, Error> {
    let values = query.bound()?;
    // The driver lets a server run several statements of one text, and where the server's SQL
    // mode reads a string otherwise than the lexer does, there may be several. None prepares them.
    session.described(STEP, query.sql()).await?;
    if values.is_empty() {
        return session.stream(STEP, query.sql().as_bytes()).await;
    }
    let mut names = Vec::new();
    for (index, value) in values.into_iter().enumerate() {
        let name = format!("@datatransit_{index}");
        let (expression, bound) = match value {
            Parameter::Text(text) => ("?".to_owned(), Bound::Text(text)),
            Parameter::Integer(number) => ("?".to_owned(), Bound::Integer(*number)),
            Parameter::Decimal(text) => {
                let scale = text.split_once('.').map_or(0, |(_, digits)| digits.len());
                (format!("CAST(? AS DECIMAL(65,{scale}))"), Bound::Text(text))
            }
            Parameter::Null => ("?".to_owned(), Bound::Null),
        };
        session
            .bind(STEP, &format!("SET {name} = {expression}"), bound)
            .await?;
        names.push(name);
    }
    session
        .bind(STEP, "SET @datatransit_sql = ?", Bound::Text(query.sql()))
        .await?;
    session
        .run(STEP, "PREPARE datatransit FROM @datatransit_sql")
        .await?;
    let execute = format!("EXECUTE datatransit USING {}", names.join(", "));
    session.stream(STEP, execute.as_bytes()).await
}

/// Sorts what the server says of a statement: most of it is the statement's fault.
fn of_query(error: Error) -> Error {
    match error {
        // ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION
        Error::Read { code: 1792, .. } => Error::Query {
            reason: "it writes, and an export only reads".to_owned(),
        },
        // ER_BAD_FIELD, ER_PARSE, ER_WRONG_FIELD_WITH_GROUP, ER_NON_UNIQ, ER_SP_DOES_NOT_EXIST,
        // ER_WRONG_ARGUMENTS, ER_NO_DB, ER_MIX_OF_GROUP_FUNC_AND_FIELDS, ER_UNKNOWN_TABLE, ER_UNSUPPORTED_PS
        Error::Read {
            code: 1054 | 1064 | 1055 | 1052 | 1305 | 1210 | 1046 | 1140 | 1109 | 1295,
            reason,
            ..
        } => Error::Query {
            reason: format!("the server refuses it: {reason}"),
        },
        // ER_NO_SUCH_TABLE: nothing was planned, so nothing has changed.
        Error::SchemaChanged {
            object,
            code: code @ 1146,
            message,
        } => Error::NotFound {
            step: object,
            code,
            message,
        },
        error => error,
    }
}

fn refuse_none(columns: &[ResultColumn]) -> Result<(), Error> {
    if columns.is_empty() {
        return Err(Error::Query {
            reason: "it returns no columns".to_owned(),
        });
    }
    Ok(())
}

fn described(columns: &[ResultColumn], writer: &dyn RowWriter) -> Vec<ColumnReport> {
    columns
        .iter()
        .zip(writer.written_as())
        .map(|(column, written_as)| ColumnReport {
            name: column.name.clone(),
            mysql_type: column.mysql_type.clone(),
            nullable: column.nullable,
            written_as,
        })
        .collect()
}

fn digest(text: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(text.as_bytes());
    pipeline::hex_digest(digest)
}
