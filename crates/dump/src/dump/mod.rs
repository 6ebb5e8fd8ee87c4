//! The run, from connecting to the last byte.

mod builder;
mod preview;

pub use builder::DumpBuilder;
pub use preview::{Preview, PreviewTable};

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
use crate::options::{DumpOptions, Selection};
use crate::pipeline;
use crate::plan::Plan;
use crate::progress::{Progress, ProgressEvent, Silent};
use crate::report::{DumpReport, ServerIdentity};
use crate::sink::Sink;
use crate::source::catalogue;
use crate::source::{ConnectOptions, Session, Snapshot, guarded, read_identity};

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
                memory_bytes: pipeline::DEFAULT_MEMORY_BYTES,
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
        guarded(
            &self.connect,
            &self.cancellation,
            Session::open(&self.connect),
            async |session: &mut Session| self.stream(session, sink, started).await,
        )
        .await
    }

    /// The client whose output is printed, if the options suit it.
    fn client(&self, server: &ServerIdentity) -> Result<Client, Error> {
        let client = Client::resolve(self.options.flavour, server.flavour, &server.version);
        self.options.check_client(client)?;
        Ok(client)
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
        let charset = self.options.charset(client);
        let letters = catalogue::letters(session, &charset).await?;
        plan.check_names(&charset, &letters, client)?;
        session.set_letters(letters.clone());
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
            .unwrap_or_else(|| pipeline::default_threads(self.compression, self.memory_bytes));
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
            letters: &letters,
            freshness_column: self.freshness_column.as_deref(),
            progress: self.progress.as_ref(),
            stored_so_far: &stored_so_far,
        };
        let produce = executor.run(session, feeder, &mut failures);
        let consume = pipeline::drain(exit, sink, |total| {
            stored_so_far.store(total, Ordering::Relaxed)
        });
        let ((tables, totals), stored) = pipeline::join(produce, consume).await?;
        pipeline::check_totals(&totals, &stored)?;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::WriterSink;

    /// A service runs a dump in a task of its own.
    #[test]
    fn a_run_can_move_between_threads() {
        fn sent<T: Send>(_: fn(Dump, &'static mut WriterSink<Vec<u8>>) -> T) {}
        sent(|dump, sink| dump.run(sink));
    }
}
