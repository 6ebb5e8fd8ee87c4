//! Carries out a plan: asks the source, lays out the text, feeds the pipeline.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::encode::{RowBatch, RowEncoder, RowForm};
use crate::error::Error;
use crate::flavour::Flavour;
use crate::layout::{HeaderFacts, Layout};
use crate::options::{DumpOptions, Selection};
use crate::pipeline::{BATCH_BYTES, Feeder, StreamTotals};
use crate::plan::{Plan, Step};
use crate::progress::{Progress, ProgressEvent};
use crate::report::{MaxTimestamp, ServerIdentity, TableReport};
use crate::source::catalogue::{self, ColumnEntry, ObjectEntry, RoutineKind};
use crate::source::{Results, RowSource, Session, Snapshot};
use crate::sql::name as quoted;

/// Everything that one run knows.
pub(crate) struct Executor<'a> {
    pub(crate) host: &'a str,
    pub(crate) selection: &'a Selection,
    pub(crate) options: &'a DumpOptions,
    pub(crate) flavour: Flavour,
    pub(crate) server: &'a ServerIdentity,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) plan: &'a Plan,
    pub(crate) tz_utc: bool,
    pub(crate) freshness_column: Option<&'a str>,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) stored_so_far: &'a AtomicU64,
}

/// What has been done so far.
#[derive(Default)]
struct Done {
    tables: Vec<TableReport>,
    rows: u64,
    bytes: u64,
    /// `@@collation_database` of the current database, when it was asked for.
    collation: Option<String>,
}

impl Executor<'_> {
    /// Goes through the plan; returns when the last byte is packed.
    pub(crate) async fn run(
        &self,
        session: &mut Session,
        feeder: Feeder,
    ) -> Result<(Vec<TableReport>, StreamTotals), Error> {
        let layout = Layout::new(self.options, self.flavour);
        let gtid_executed = self.snapshot.gtid_executed.as_deref();
        let mut text = Vec::new();
        layout.header(
            &mut text,
            &HeaderFacts {
                host: self.host,
                database: self
                    .plan
                    .databases
                    .first()
                    .map_or("", |database| &database.name),
                server_version: &self.server.version,
                tz_utc: self.tz_utc,
                gtid_executed,
            },
        );
        feeder.text(text).await?;

        let mut done = Done::default();
        for step in &self.plan.steps {
            let text = self
                .step(session, &layout, &feeder, step, &mut done)
                .await?;
            if !text.is_empty() {
                feeder.text(text).await?;
            }
        }

        let mut text = Vec::new();
        let now = jiff::ZonedDateTime::now()
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string();
        layout.footer(&mut text, self.tz_utc, gtid_executed.is_some(), &now);
        feeder.text(text).await?;
        Ok((done.tables, feeder.finish().await?))
    }

    /// One step; returns the text that is still to be printed.
    async fn step(
        &self,
        session: &mut Session,
        layout: &Layout<'_>,
        feeder: &Feeder,
        step: &Step,
        done: &mut Done,
    ) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        let name = |index: &usize| self.plan.databases[*index].name.as_str();
        match step {
            Step::BeginDatabase(index) => {
                done.collation = None;
                self.begin_database(session, layout, *index, &mut text)
                    .await?;
            }
            Step::Table(index, table) => {
                return self
                    .table(session, layout, feeder, name(index), table, done)
                    .await;
            }
            Step::ViewPlaceholder(_, view) => {
                let columns = catalogue::columns(session, &view.name).await?;
                if columns.is_empty() {
                    return Err(Error::NotFound {
                        step: format!("read the columns of view {}", view.name),
                        code: 0,
                        message: "it refers to something that is gone, or that its definer may \
                                  not see; leave it out with --ignore-table or mend it"
                            .into(),
                    });
                }
                layout.view_placeholder(&mut text, &view.name, &columns);
                self.snapshot.after_table(session).await?;
            }
            Step::Events(index) => {
                let collation = self.collation(session, done).await?;
                let events = catalogue::events(session, name(index)).await?;
                layout.events(&mut text, name(index), &collation, &events);
            }
            Step::Routines(index) => {
                self.routines(session, layout, name(index), done, &mut text)
                    .await?;
            }
            Step::EndDatabase(_) => self.snapshot.end_database(session).await?,
            Step::BeginFinalViews(index) => {
                catalogue::use_database(session, name(index)).await?;
                if self.selection.names_databases() {
                    layout.database_again(&mut text, name(index));
                }
            }
            Step::FinalView(_, view) => {
                let definition = catalogue::view(session, &view.name).await?;
                layout.view(&mut text, &view.name, &definition);
            }
        }
        Ok(text)
    }

    async fn begin_database(
        &self,
        session: &mut Session,
        layout: &Layout<'_>,
        index: usize,
        text: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let database = &self.plan.databases[index];
        catalogue::use_database(session, &database.name).await?;
        if self.selection.names_databases() {
            let create = catalogue::create_database(session, &database.name).await?;
            layout.database(text, &database.name, &create);
        }
        let names: Vec<String> = database
            .objects
            .iter()
            .map(|entry| quoted(&entry.name))
            .collect();
        self.snapshot.begin_database(session, &names).await
    }

    /// A table: its definition, its rows, its triggers.
    async fn table(
        &self,
        session: &mut Session,
        layout: &Layout<'_>,
        feeder: &Feeder,
        database: &str,
        table: &ObjectEntry,
        done: &mut Done,
    ) -> Result<Vec<u8>, Error> {
        let name = &table.name;
        let create = catalogue::create_table(session, name).await?;
        let columns = catalogue::columns(session, name).await?;
        if columns != table.columns {
            return Err(Error::SchemaChanged {
                object: format!("read table {database}.{name}"),
                code: 0,
                message: "its columns are not those that it had when the snapshot was taken".into(),
            });
        }
        let mut text = Vec::new();
        if self.options.create_info {
            layout.table(&mut text, name, &create);
        }
        if self.options.data && table.has_rows {
            let order = if self.options.order_by_primary {
                catalogue::primary_order(session, name).await?
            } else {
                Vec::new()
            };
            layout.before_rows(&mut text, name, &order);
            feeder.text(std::mem::take(&mut text)).await?;
            let report = self
                .rows(
                    session, layout, feeder, database, table, &columns, &order, done,
                )
                .await?;
            done.tables.push(report);
            layout.after_rows(&mut text, name);
        }
        if self.options.triggers {
            let triggers = catalogue::triggers(session, name, self.server.flavour).await?;
            if !triggers.is_empty() {
                let collation = self.collation(session, done).await?;
                for trigger in &triggers {
                    require_body("trigger", &trigger.name, trigger.definition.as_ref())?;
                    layout.trigger(&mut text, database, &collation, trigger);
                }
            }
        }
        self.snapshot.after_table(session).await?;
        Ok(text)
    }

    /// Reads, encodes and feeds the rows of a table.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call, at the meeting point of all rooms"
    )]
    async fn rows(
        &self,
        session: &mut Session,
        layout: &Layout<'_>,
        feeder: &Feeder,
        database: &str,
        table: &ObjectEntry,
        columns: &[ColumnEntry],
        order: &[String],
        done: &mut Done,
    ) -> Result<TableReport, Error> {
        let qualified = format!("{database}.{}", table.name);
        self.progress.event(&ProgressEvent::TableStarted {
            table: qualified.clone(),
            estimated_rows: table.estimated_rows,
        });
        session.set_results(Results::Utf8mb4).await?;
        feeder
            .begin_rows(layout.insert_form(&table.name, columns))
            .await?;
        let select = layout.select(&table.name, columns, order);
        let mut rows = session
            .stream(&format!("read table {qualified}"), &select)
            .await?;
        let form = RowForm {
            flavour: layout.flavour(),
            hex_blob: self.options.hex_blob,
            extended: self.options.extended_insert,
        };
        let mut encoder = RowEncoder::new(rows.columns(), form, self.freshness_column);
        let heartbeat = rows.heartbeat();
        let step = format!("read table {qualified}");
        loop {
            let mut batch = RowBatch::with_capacity(BATCH_BYTES);
            let mut more = true;
            {
                let _waiting = heartbeat.wait_for(&step);
                while batch.text.len() < BATCH_BYTES {
                    match rows.next_row().await? {
                        Some(row) => encoder.encode(&row, &mut batch),
                        None => {
                            more = false;
                            break;
                        }
                    }
                }
            }
            done.rows += batch.lengths.len() as u64;
            done.bytes += batch.text.len() as u64;
            if !batch.lengths.is_empty() {
                feeder.rows(batch).await?;
            }
            self.progress.event(&ProgressEvent::Advanced {
                rows: done.rows,
                bytes: done.bytes,
                stored_bytes: self.stored_so_far.load(Ordering::Relaxed),
            });
            if !more {
                break;
            }
        }
        let newest = encoder.newest().map(|(is_instant, text)| MaxTimestamp {
            text,
            is_instant,
            offset_seconds: self.snapshot.info.timestamp_offset_seconds,
        });
        let totals = feeder.end_rows().await?;
        self.progress.event(&ProgressEvent::TableFinished {
            table: qualified,
            rows: totals.rows,
        });
        Ok(TableReport {
            database: database.to_owned(),
            name: table.name.clone(),
            rows: totals.rows,
            bytes: totals.bytes,
            sha256: totals.sha256,
            max_updated_at: newest,
        })
    }

    async fn routines(
        &self,
        session: &mut Session,
        layout: &Layout<'_>,
        database: &str,
        done: &mut Done,
        text: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let collation = self.collation(session, done).await?;
        layout.routines_comment(text, database);
        for kind in RoutineKind::of(self.server.flavour) {
            for routine in catalogue::routines(session, database, *kind).await? {
                require_body(kind.keyword(), &routine.name, routine.definition.as_ref())?;
                layout.routine(text, database, &collation, *kind, &routine);
            }
        }
        Ok(())
    }

    async fn collation(&self, session: &mut Session, done: &mut Done) -> Result<String, Error> {
        if let Some(collation) = &done.collation {
            return Ok(collation.clone());
        }
        let collation = catalogue::database_collation(session).await?;
        done.collation = Some(collation.clone());
        Ok(collation)
    }
}

/// A definition that the user may not read is no reason to print a dump without it.
fn require_body(kind: &str, name: &str, definition: Option<&Vec<u8>>) -> Result<(), Error> {
    if definition.is_some() {
        return Ok(());
    }
    Err(Error::AccessDenied {
        step: format!("read the definition of {} {name}", kind.to_lowercase()),
        code: 0,
        message: "the user may not see its body: grant SHOW_ROUTINE (MySQL 8.0.20 and later) or \
                  SELECT on mysql.proc (MariaDB), or dump as its definer"
            .into(),
    })
}
