//! Carries out a plan: asks the source, lays out the text, feeds the pipeline.

mod programs;
mod table;

use std::sync::atomic::AtomicU64;

use crate::error::Error;
use crate::failures::Failures;
use crate::flavour::Client;
use crate::layout::{HeaderFacts, Layout};
use crate::options::{DumpOptions, Letters, Selection};
use crate::pipeline::{Feeder, StreamTotals};
use crate::plan::{Plan, Role, Step};
use crate::progress::Progress;
use crate::report::{ServerIdentity, TableReport};
use crate::source::catalogue;
use crate::source::{Session, Snapshot};
use crate::sql::name as quoted;

/// Everything that one run knows.
pub(crate) struct Executor<'a> {
    pub(crate) host: &'a str,
    pub(crate) user: &'a str,
    pub(crate) selection: &'a Selection,
    pub(crate) options: &'a DumpOptions,
    pub(crate) client: Client,
    pub(crate) server: &'a ServerIdentity,
    pub(crate) snapshot: &'a Snapshot,
    pub(crate) plan: &'a Plan,
    pub(crate) letters: &'a Letters,
    pub(crate) freshness_column: Option<&'a str>,
    pub(crate) progress: &'a dyn Progress,
    pub(crate) stored_so_far: &'a AtomicU64,
}

/// A run under way: where it reads, where it writes, and what has been done so far.
struct Run<'r, 'a> {
    executor: &'r Executor<'a>,
    session: &'r mut Session,
    layout: Layout<'a>,
    feeder: &'r Feeder,
    failures: &'r mut Failures,
    tables: Vec<TableReport>,
    rows: u64,
    bytes: u64,
    /// Whether a view was printed: else there is no second pass.
    seen_views: bool,
    /// `@@collation_database` of the current database, when it was asked for.
    collation: Option<String>,
}

impl<'a> Executor<'a> {
    /// Goes through the plan; returns when the last byte is packed.
    pub(crate) async fn run(
        &self,
        session: &mut Session,
        feeder: Feeder,
        failures: &mut Failures,
    ) -> Result<(Vec<TableReport>, StreamTotals), Error> {
        let layout = Layout::new(self.options, self.client, self.letters.clone());
        let gtid_executed = self.snapshot.gtid_executed.as_deref();
        let position = self.snapshot.position.as_ref();
        let with_statistics = self.selection.includes_statistics();
        let mut text = Vec::new();
        layout.header(
            &mut text,
            &HeaderFacts {
                host: self.host,
                database: self.selection.first_name(),
                server_version: &self.server.version,
                with_statistics,
            },
        );
        layout.replication_header(&mut text, gtid_executed, position);
        feeder.text(text).await?;

        let mut run = Run {
            executor: self,
            session,
            layout,
            feeder: &feeder,
            failures,
            tables: Vec::new(),
            rows: 0,
            bytes: 0,
            seen_views: false,
            collation: None,
        };
        for step in &self.plan.steps {
            let text = run.step(step).await?;
            if !text.is_empty() {
                feeder.text(text).await?;
            }
        }
        let Run { tables, layout, .. } = run;

        let mut text = Vec::new();
        let now = footer_time(&jiff::ZonedDateTime::now());
        layout.replication_footer(&mut text, gtid_executed.is_some(), position);
        layout.footer(&mut text, with_statistics, &now);
        feeder.text(text).await?;
        Ok((tables, feeder.finish().await?))
    }
}

impl<'a> Run<'_, 'a> {
    fn database(&self, index: usize) -> &'a str {
        self.executor.plan.databases[index].name.as_str()
    }

    /// One step; returns the text that is still to be printed.
    async fn step(&mut self, step: &Step) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        let snapshot = self.executor.snapshot;
        match step {
            Step::BeginDatabase(index) => {
                self.collation = None;
                self.begin_database(*index, &mut text).await?;
            }
            Step::KeptTables(_, tables) => self.kept_tables(tables, &mut text).await?,
            Step::Lock(index) => self.lock(*index).await?,
            Step::Sequence(entry) => {
                self.sequence(&entry.name, &mut text).await?;
            }
            Step::Table(index, entry) => return self.table(self.database(*index), entry).await,
            Step::ViewPlaceholder(index, view) => {
                self.view_placeholder(&view.name, &mut text).await?;
                self.histograms(self.database(*index), &view.name, &mut text)
                    .await?;
                snapshot.after_table(self.session).await?;
            }
            Step::Events(index) => self.events(self.database(*index), &mut text).await?,
            Step::Routines(index) => self.routines(self.database(*index), &mut text).await?,
            Step::Unlock => snapshot.end_database(self.session).await?,
            Step::FlushPrivileges => self.layout.flush_privileges(&mut text),
            Step::BeginFinalViews(_) | Step::FinalView(..) if !self.seen_views => {}
            Step::BeginFinalViews(index) => {
                let name = self.database(*index);
                catalogue::use_database(self.session, name).await?;
                if self.executor.selection.names_databases() {
                    self.layout.database_again(&mut text, name);
                }
            }
            Step::FinalView(_, view) => self.final_view(&view.name, &mut text).await?,
        }
        Ok(text)
    }

    async fn begin_database(&mut self, index: usize, text: &mut Vec<u8>) -> Result<(), Error> {
        let name = self.database(index);
        catalogue::use_database(self.session, name).await?;
        if self.executor.selection.names_databases() {
            let create = if self.executor.options.create_db {
                catalogue::create_database(self.session, name).await?
            } else {
                Vec::new()
            };
            self.layout.database(text, name, &create);
        }
        Ok(())
    }

    async fn lock(&mut self, index: usize) -> Result<(), Error> {
        let names: Vec<String> = self.executor.plan.databases[index]
            .objects
            .iter()
            .map(|entry| quoted(&entry.name))
            .collect();
        let locked = self
            .executor
            .snapshot
            .begin_database(self.session, &names)
            .await;
        self.failures.tolerate(locked).map(|_| ())
    }

    /// A sequence, and its value if this user may read it.
    async fn sequence(&mut self, name: &str, text: &mut Vec<u8>) -> Result<(), Error> {
        let create = catalogue::create_sequence(self.session, name).await;
        let Some(create) = self.failures.tolerate(create)? else {
            return Ok(());
        };
        self.layout.sequence(text, name, &create);
        let value = catalogue::next_value(self.session, name).await;
        if let Some(value) = self.failures.tolerate(value)?.flatten() {
            self.layout.sequence_value(text, name, &value);
        }
        Ok(())
    }

    /// Definitions of tables that the restoring server may be using.
    async fn kept_tables(&mut self, tables: &[String], text: &mut Vec<u8>) -> Result<(), Error> {
        for table in tables {
            let create = catalogue::create_table(self.session, table).await;
            if let Some(create) = self.failures.tolerate(create)?
                && self.executor.options.create_info
            {
                self.layout.table(text, table, Role::Kept, &create);
            }
        }
        if tables.len() > 1 {
            self.layout.after_logs(text);
        }
        Ok(())
    }

    /// The columns of a view; an invalid one has none, and is named in a comment when the dump
    /// goes on without it.
    async fn view_placeholder(&mut self, view: &str, text: &mut Vec<u8>) -> Result<(), Error> {
        if !self.executor.options.create_info {
            let columns = catalogue::view_columns(self.session, view).await;
            return self.failures.tolerate(columns).map(|_| ());
        }
        let create = catalogue::create_view(self.session, view).await;
        let Some(create) = self.failures.tolerate(create)? else {
            return Ok(());
        };
        self.layout.view_placeholder(text, view);
        match catalogue::view_columns(self.session, view).await {
            Ok(columns) => {
                self.seen_views = true;
                if !columns.is_empty() {
                    self.layout.view_columns(text, view, &columns);
                }
                Ok(())
            }
            Err(error) => {
                if error.code() == Some(ER_VIEW_INVALID) {
                    self.layout.failed_view(text, view, &create);
                }
                self.failures.forgive(error)
            }
        }
    }

    async fn final_view(&mut self, view: &str, text: &mut Vec<u8>) -> Result<(), Error> {
        let create = catalogue::create_view(self.session, view).await;
        let Some(create) = self.failures.tolerate(create)? else {
            return Ok(());
        };
        let definition = catalogue::view_facts(self.session, view, create).await;
        if let Some(definition) = self.failures.tolerate(definition)? {
            self.layout.view(text, view, &definition);
        }
        Ok(())
    }
}

const ER_VIEW_INVALID: u16 = 1356;

/// Local time as both clients print it: the hour is padded with a blank.
fn footer_time(now: &jiff::ZonedDateTime) -> String {
    now.strftime("%Y-%m-%d %k:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_early_hour_is_padded_with_a_blank() {
        let time = |text: &str| super::footer_time(&text.parse().unwrap());
        assert_eq!(
            time("2026-11-24T03:05:09+00:00[UTC]"),
            "2026-11-24  3:05:09"
        );
        assert_eq!(
            time("2026-11-24T13:05:09+00:00[UTC]"),
            "2026-11-24 13:05:09"
        );
    }
}
