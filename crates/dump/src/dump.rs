//! The builder, and the run from connecting to the last byte.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio_util::sync::CancellationToken;

use crate::compress::Compression;
use crate::error::Error;
use crate::execute::Executor;
use crate::failures::Failures;
use crate::flavour::Client;
use crate::options::{DumpOptions, OptionError, Selection};
use crate::pipeline;
use crate::plan::Plan;
use crate::progress::{Progress, ProgressEvent, Silent};
use crate::report::{DumpReport, ServerIdentity, SnapshotKind};
use crate::sink::Sink;
use crate::source::catalogue;
use crate::source::{ConnectOptions, Held, Killer, Session, Snapshot, read_identity};

/// A dump that is ready to run.
///
/// ```no_run
/// use datatransit_dump::{Compression, ConnectOptions, Dump, DumpOptions, Selection, WriterSink};
///
/// # async fn example(password: secrecy::SecretString) -> Result<(), Box<dyn std::error::Error>> {
/// let mut options = DumpOptions::default();
/// options.apply("single-transaction", None)?;
/// let connect = ConnectOptions::new("db.example.com", 3306, "reader", password);
/// let dump = Dump::builder(connect, Selection::database("gghouse"))
///     .options(options)
///     .compression(Compression::GZIP)
///     .build()?;
/// let mut sink = WriterSink::new(Vec::new());
/// let report = dump.run(&mut sink).await?;
/// eprintln!("{} rows, sha256 {}", report.rows, report.stored_sha256);
/// # Ok(())
/// # }
/// ```
pub struct Dump {
    connect: ConnectOptions,
    selection: Selection,
    options: DumpOptions,
    compression: Compression,
    memory_bytes: u64,
    threads: Option<usize>,
    freshness_column: Option<String>,
    required_tables: Vec<String>,
    progress: Arc<dyn Progress>,
    cancellation: CancellationToken,
}

/// What a dump would do, found out without reading a row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The server.
    pub server: ServerIdentity,
    /// How consistency would be had.
    pub snapshot: SnapshotKind,
    /// The tables whose rows would be read, in the dump's order.
    pub tables: Vec<PreviewTable>,
    /// Views that would be dumped.
    pub views: usize,
}

/// One table in a [`Preview`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviewTable {
    /// The database.
    pub database: String,
    /// The table.
    pub name: String,
    /// The server's estimate of its rows.
    pub estimated_rows: u64,
    /// The server's estimate of its data in bytes.
    pub estimated_bytes: u64,
}

impl Dump {
    /// Begins with where and what; everything else has a default.
    #[must_use]
    pub fn builder(connect: ConnectOptions, selection: Selection) -> DumpBuilder {
        DumpBuilder {
            dump: Self {
                connect,
                selection,
                options: DumpOptions::default(),
                compression: Compression::None,
                memory_bytes: DEFAULT_MEMORY_BYTES,
                threads: None,
                freshness_column: None,
                required_tables: Vec::new(),
                progress: Arc::new(Silent),
                cancellation: CancellationToken::new(),
            },
        }
    }

    /// Connects, takes the snapshot, and gives every byte to the sink, in order.
    ///
    /// The sink is neither finished nor published: that is the caller's act, after `Ok`.
    ///
    /// # Errors
    ///
    /// Any [`Error`]. The sink has then received a beginning of the dump, of any length.
    ///
    /// # Cancel safety
    ///
    /// The way to cancel is the token given to [`DumpBuilder::cancellation`]: the reading
    /// connection is killed from the side and the future ends with [`Error::Cancelled`].
    /// Dropping the future does the same in a task of the runtime. Either way the threads
    /// end, and the sink has a beginning of the dump.
    pub async fn run<S: Sink>(self, sink: &mut S) -> Result<DumpReport, Error> {
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

    /// Connects and lists what a dump would read; sends no row and takes no lock.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), up to and with the required tables.
    pub async fn preview(&self) -> Result<Preview, Error> {
        let mut held = Held::new(Session::open(&self.connect).await?);
        let session = held.session()?;
        let heartbeat = session.heartbeat();
        let limit = self.connect.read_timeout();
        let previewed = heartbeat.watch(limit, self.look_ahead(session)).await?;
        held.close().await;
        Ok(previewed)
    }

    async fn look_ahead(&self, session: &mut Session) -> Result<Preview, Error> {
        let server = read_identity(session).await?;
        let client = self.client(&server)?;
        let mut failures = Failures::new(&self.options);
        let plan = Plan::make(
            session,
            &self.selection,
            &self.options,
            client,
            &mut failures,
        )
        .await?;
        plan.require(session, &self.required_tables).await?;
        let tables = plan.databases.iter().flat_map(|database| {
            database
                .objects
                .iter()
                .filter(|entry| entry.has_rows)
                .map(|entry| PreviewTable {
                    database: database.name.clone(),
                    name: entry.name.clone(),
                    estimated_rows: entry.estimated_rows,
                    estimated_bytes: entry.estimated_bytes,
                })
        });
        Ok(Preview {
            server,
            snapshot: SnapshotKind::of(&self.options),
            tables: tables.collect(),
            views: plan.views(),
        })
    }

    /// The client whose output is printed, if the options suit it.
    fn client(&self, server: &ServerIdentity) -> Result<Client, Error> {
        let client = Client::resolve(self.options.flavour, server.flavour, &server.version);
        self.options.check_client(client)?;
        Ok(client)
    }

    async fn connect_both(&self) -> Result<(Held, Killer), Error> {
        let mut held = Held::new(Session::open(&self.connect).await?);
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
    ) -> Result<DumpReport, Error> {
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
    ) -> Result<DumpReport, Error> {
        let server = read_identity(session).await?;
        let client = self.client(&server)?;
        let mut failures = Failures::new(&self.options);
        let snapshot = Snapshot::take(session, &self.options, &server, client).await?;
        let plan = Plan::make(
            session,
            &self.selection,
            &self.options,
            client,
            &mut failures,
        )
        .await?;
        plan.check_names(&self.options.charset(client))?;
        snapshot.begin_database(session, &[]).await?;
        plan.require(session, &self.required_tables).await?;
        if self.options.routines && !catalogue::sees_all_routines(session, server.flavour).await? {
            tracing::warn!(
                "this user may not see every routine, and one that it cannot see is left out, as \
                 the real client does: grant SHOW_ROUTINE (MySQL) or SELECT on mysql.proc (MariaDB)"
            );
        }
        snapshot.after_table(session).await?;
        snapshot.end_database(session).await?;
        self.progress.event(&ProgressEvent::Planned {
            tables: plan.tables_with_rows().count(),
            estimated_rows: plan
                .tables_with_rows()
                .map(|entry| entry.estimated_rows)
                .sum(),
            estimated_bytes: plan
                .tables_with_rows()
                .map(|entry| entry.estimated_bytes)
                .sum(),
        });

        let threads = self
            .threads
            .unwrap_or_else(|| default_threads(self.compression, self.memory_bytes));
        let (feeder, exit) = pipeline::start(self.compression, threads, self.memory_bytes)?;
        let stored_so_far = AtomicU64::new(0);
        let executor = Executor {
            host: self.connect.host(),
            user: self.connect.username(),
            selection: &self.selection,
            options: &self.options,
            client,
            server: &server,
            snapshot: &snapshot,
            plan: &plan,
            freshness_column: self.freshness_column.as_deref(),
            progress: self.progress.as_ref(),
            stored_so_far: &stored_so_far,
        };
        let produce = executor.run(session, feeder, &mut failures);
        let consume = pipeline::drain(exit, sink, |total| {
            stored_so_far.store(total, Ordering::Relaxed)
        });
        let ((tables, totals), stored) = join(produce, consume).await?;
        if stored.raw_bytes != totals.bytes {
            return Err(Error::Internal(format!(
                "{} bytes of text were made, {} were compressed",
                totals.bytes, stored.raw_bytes
            )));
        }
        let rows = tables.iter().map(|table| table.rows).sum();
        self.progress.event(&ProgressEvent::Finished {
            rows,
            bytes: totals.bytes,
            stored_bytes: stored.stored_bytes,
        });
        Ok(DumpReport {
            server,
            snapshot: snapshot.info,
            databases: plan
                .databases
                .into_iter()
                .map(|database| database.name)
                .collect(),
            tables,
            failures: failures.into_seen(),
            options: self.options.applied.clone(),
            flavour: client.flavour(),
            client: client.to_string(),
            compression: self.compression.name().to_owned(),
            rows,
            uncompressed_bytes: totals.bytes,
            uncompressed_sha256: totals.sha256,
            stored_bytes: stored.stored_bytes,
            stored_sha256: stored.stored_sha256,
            elapsed: started.elapsed(),
        })
    }
}

/// Runs both to their ends, or to the first error that means something.
///
/// When the sink fails, the producer only notices that the pipeline is gone; when the
/// producer fails, the consumer sees a text that ends. Each knows the reason for its own end.
async fn join<A, B>(
    produce: impl Future<Output = Result<A, Error>>,
    consume: impl Future<Output = Result<B, Error>>,
) -> Result<(A, B), Error> {
    tokio::pin!(produce, consume);
    tokio::select! {
        produced = &mut produce => match produced {
            Ok(produced) => Ok((produced, consume.await?)),
            Err(error @ Error::Internal(_)) => match consume.await {
                Err(reason) => Err(reason),
                Ok(_) => Err(error),
            },
            Err(error) => Err(error),
        },
        consumed = &mut consume => {
            let consumed = consumed?;
            Ok((produce.await?, consumed))
        }
    }
}

const DEFAULT_MEMORY_BYTES: u64 = 64 << 20;

/// One per core, at most 8, as far as the memory reaches; at least one.
fn default_threads(compression: Compression, memory_bytes: u64) -> usize {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    (1..=cores.min(8))
        .rev()
        .find(|&threads| pipeline::minimum_memory(compression, threads) <= memory_bytes)
        .unwrap_or(1)
}

impl fmt::Debug for Dump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dump")
            .field("connect", &self.connect)
            .field("selection", &self.selection)
            .field("options", &self.options)
            .field("compression", &self.compression)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Dump`].
#[derive(Debug)]
pub struct DumpBuilder {
    dump: Dump,
}

impl DumpBuilder {
    /// mysqldump's options. Default: mysqldump's defaults.
    #[must_use]
    pub fn options(mut self, options: DumpOptions) -> Self {
        self.dump.options = options;
        self
    }

    /// The codec. Default: [`Compression::None`].
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> Self {
        self.dump.compression = compression;
        self
    }

    /// The memory, in bytes, for rows and blocks on their way. Default: 64 MiB.
    ///
    /// On top of it come the driver's packet buffers and, for rows longer than a few MiB,
    /// five times the longest row.
    #[must_use]
    pub fn memory_bytes(mut self, bytes: u64) -> Self {
        self.dump.memory_bytes = bytes;
        self
    }

    /// Threads that compress. Default: one per core, at most 8, and no more than the memory
    /// allows.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.dump.threads = Some(threads);
        self
    }

    /// The column whose newest value is reported for each table that has it. Default: none.
    ///
    /// Found on the way, in the rows themselves: it costs no query. TIMESTAMP, DATETIME and
    /// DATE columns count; a column of another type is ignored.
    #[must_use]
    pub fn freshness_column(mut self, name: impl Into<String>) -> Self {
        self.dump.freshness_column = Some(name.into());
        self
    }

    /// Tables (`table` or `database.table`) that must exist and hold a row; checked inside
    /// the snapshot, before the first byte. Default: none.
    #[must_use]
    pub fn required_tables(mut self, names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.dump.required_tables = names.into_iter().map(Into::into).collect();
        self
    }

    /// Who hears of the progress. Default: nobody.
    #[must_use]
    pub fn progress(mut self, progress: Arc<dyn Progress>) -> Self {
        self.dump.progress = progress;
        self
    }

    /// The token that cancels the dump. Default: one that nobody holds.
    #[must_use]
    pub fn cancellation(mut self, token: CancellationToken) -> Self {
        self.dump.cancellation = token;
        self
    }

    /// Checks what can be checked without a server.
    ///
    /// # Errors
    ///
    /// [`Error::Options`]: options or selection that contradict themselves, no thread, or too
    /// little memory for the threads.
    pub fn build(self) -> Result<Dump, Error> {
        let dump = self.dump;
        dump.options.validate(&dump.selection)?;
        if dump.threads == Some(0) {
            return Err(OptionError::value("threads", "0", "at least 1").into());
        }
        let threads = dump.threads.unwrap_or(1);
        let minimum = pipeline::minimum_memory(dump.compression, threads);
        if dump.memory_bytes < minimum {
            let expected = format!("at least {minimum} bytes for {threads} compressing threads");
            let given = dump.memory_bytes.to_string();
            return Err(OptionError::value("memory", &given, &expected).into());
        }
        Ok(dump)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::*;

    fn builder() -> DumpBuilder {
        let connect = ConnectOptions::new("db", 3306, "u", SecretString::from("canary-9"));
        Dump::builder(connect, Selection::database("a"))
    }

    #[test]
    fn too_little_memory_is_told_before_anything_is_touched() {
        let error = builder()
            .threads(8)
            .memory_bytes(1 << 20)
            .build()
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("--memory: \"1048576\" is not at least"),
            "{error}"
        );
        assert!(builder().threads(0).build().is_err());
        assert!(builder().build().is_ok());
    }

    #[test]
    fn debug_shows_no_password() {
        assert!(!format!("{:?}", builder()).contains("canary-9"));
    }

    #[tokio::test]
    async fn the_sinks_reason_wins_over_the_notice_that_it_is_gone() {
        let produce = async { Err::<(), _>(Error::Internal("gone".into())) };
        let consume = async {
            tokio::task::yield_now().await;
            Err::<(), _>(Error::Sink {
                source: "disk full".into(),
            })
        };
        assert_eq!(
            join(produce, consume).await.unwrap_err().kind(),
            crate::ErrorKind::Sink
        );
    }
}
