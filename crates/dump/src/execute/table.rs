//! A table: its definition, its rows, its triggers, its histograms.

use std::sync::atomic::Ordering;

use super::Run;
use crate::encode::{RowBatch, RowEncoder, RowForm};
use crate::error::Error;
use crate::layout::RowsOf;
use crate::options::{DumpOptions, OptionError};
use crate::pipeline::BATCH_BYTES;
use crate::plan::{Role, role};
use crate::progress::{Pace, ProgressEvent};
use crate::report::{MaxTimestamp, TableReport};
use crate::source::catalogue::{self, ColumnEntry, ObjectEntry, ObjectKind};
use crate::source::{Results, RowSource};

impl<'a> Run<'_, 'a> {
    pub(super) async fn table(
        &mut self,
        database: &str,
        table: &ObjectEntry,
    ) -> Result<Vec<u8>, Error> {
        let mut text = Vec::new();
        let role = role(self.executor.client, database, &table.name);
        if let Some(columns) = self.definition(database, table, role, &mut text).await?
            && table.has_rows
            && self.shows_columns(database, &table.name, &columns)
        {
            let rows = RowsOf {
                table: &table.name,
                role,
                columns: &columns,
                with_history: self.with_history(database, table, &columns)?,
                as_of: self.as_of(table),
            };
            self.data(database, table, &rows, &mut text).await?;
        }
        self.triggers(database, &table.name, &mut text).await?;
        self.histograms(database, &table.name, &mut text).await?;
        self.executor.snapshot.after_table(self.session).await?;
        Ok(text)
    }

    /// MariaDB's client reads no rows of a table whose columns it is not shown: it says nothing
    /// and goes on.
    fn shows_columns(&mut self, database: &str, table: &str, columns: &[ColumnEntry]) -> bool {
        let shown = !(columns.is_empty() && self.executor.client.is_mariadb());
        if !shown {
            self.failures.note(format!(
                "read table {database}.{table}: this user may see none of its columns, so its \
                 rows are left out"
            ));
        }
        shown
    }

    /// Prints the definition; `None` when it cannot be had and the dump goes on.
    async fn definition(
        &mut self,
        database: &str,
        table: &ObjectEntry,
        role: Role,
        text: &mut Vec<u8>,
    ) -> Result<Option<Vec<ColumnEntry>>, Error> {
        let name = &table.name;
        if self.executor.options.create_info && role != Role::Statistics {
            let create = catalogue::create_table(self.session, name).await;
            let Some(create) = self.failures.tolerate(create)? else {
                return Ok(None);
            };
            self.layout.table(text, name, role, &create);
        }
        let client = self.executor.client.flavour();
        let columns = catalogue::columns(self.session, name, client).await;
        let Some(columns) = self.failures.tolerate(columns)? else {
            return Ok(None);
        };
        if columns != table.columns {
            self.failures.forgive(Error::SchemaChanged {
                object: format!("read table {database}.{name}"),
                code: 0,
                message: "its columns are not those that it had when the snapshot was taken".into(),
            })?;
        }
        Ok(Some(columns))
    }

    /// Whether old versions of the rows are printed too.
    fn with_history(
        &self,
        database: &str,
        table: &ObjectEntry,
        columns: &[ColumnEntry],
    ) -> Result<bool, Error> {
        if !self.executor.options.dump_history || table.kind != ObjectKind::VersionedTable {
            return Ok(false);
        }
        let by_transaction = columns
            .iter()
            .any(|column| column.row_start && column.column_type.starts_with("bigint"));
        if by_transaction {
            return Err(OptionError::selection(&format!(
                "--dump-history: {database}.{} keeps its versions by transaction, which no other \
                 server can take over: leave it out with --ignore-table",
                table.name
            ))
            .into());
        }
        Ok(true)
    }

    fn as_of(&self, table: &ObjectEntry) -> Option<&'a str> {
        let options: &'a DumpOptions = self.executor.options;
        options
            .as_of
            .as_deref()
            .filter(|_| table.kind == ObjectKind::VersionedTable)
    }

    /// The rows, and the text around them.
    async fn data(
        &mut self,
        database: &str,
        table: &ObjectEntry,
        rows: &RowsOf<'_>,
        text: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let order = if self.executor.options.order_by_primary {
            let all = self.executor.client.orders_by_all_unique_keys();
            catalogue::primary_order(self.session, &table.name, all).await?
        } else {
            Vec::new()
        };
        self.layout.rows_comment(text, &table.name, &order);
        let read = self.rows(database, table, rows, &order, text).await;
        if let Some(report) = self.failures.tolerate(read)? {
            self.tables.push(report);
            self.layout.after_rows(text, rows);
        }
        Ok(())
    }

    /// Reads, encodes and feeds the rows; `text` goes before them.
    async fn rows(
        &mut self,
        database: &str,
        table: &ObjectEntry,
        printed: &RowsOf<'_>,
        order: &[String],
        text: &mut Vec<u8>,
    ) -> Result<TableReport, Error> {
        let executor = self.executor;
        let qualified = format!("{database}.{}", table.name);
        let step = format!("read table {qualified}");
        executor.progress.event(&ProgressEvent::TableStarted {
            table: qualified.clone(),
            estimated_rows: table.estimated_rows,
        });
        self.session.set_results(Results::Values).await?;
        let select = self.layout.select(printed, order);
        let mut rows = self.session.stream(&step, &select).await?;
        self.layout.before_rows(text, printed);
        self.feeder.text(std::mem::take(text)).await?;
        self.feeder
            .begin_rows(self.layout.insert_form(printed))
            .await?;
        let form = RowForm::new(executor.options, executor.client);
        let printings = self.layout.printings(printed.columns);
        let mut encoder =
            RowEncoder::new(rows.columns(), &printings, form, executor.freshness_column);
        let heartbeat = rows.heartbeat();
        let mut ended = Ok(());
        let mut more = true;
        let mut pace = Pace::new();
        while more && ended.is_ok() {
            let mut batch = RowBatch::with_capacity(BATCH_BYTES);
            {
                let _waiting = heartbeat.wait_for(&step);
                while more && batch.text.len() < BATCH_BYTES {
                    match rows.next_row().await {
                        Ok(Some(row)) => {
                            encoder.encode(&row, &mut batch);
                            if pace.is_due(rows.waited()) {
                                executor.progress.event(&ProgressEvent::Advanced {
                                    rows: self.rows + batch.lengths.len() as u64,
                                    bytes: self.bytes + batch.text.len() as u64,
                                    stored_bytes: executor.stored_so_far.load(Ordering::Relaxed),
                                });
                            }
                        }
                        Ok(None) => more = false,
                        Err(error) => {
                            more = false;
                            ended = Err(error);
                        }
                    }
                }
            }
            self.rows += batch.lengths.len() as u64;
            self.bytes += batch.text.len() as u64;
            if !batch.lengths.is_empty() {
                self.feeder.rows(batch).await?;
            }
            executor.progress.event(&ProgressEvent::Advanced {
                rows: self.rows,
                bytes: self.bytes,
                stored_bytes: executor.stored_so_far.load(Ordering::Relaxed),
            });
        }
        // The statement is ended even where the rows were not: what follows is another one.
        let totals = self.feeder.end_rows().await?;
        ended?;
        executor.progress.event(&ProgressEvent::TableFinished {
            table: qualified,
            rows: totals.rows,
        });
        let newest = encoder.newest().map(|(is_instant, text)| MaxTimestamp {
            text,
            is_instant,
            offset_seconds: executor.snapshot.info.timestamp_offset_seconds,
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

    pub(super) async fn histograms(
        &mut self,
        database: &str,
        table: &str,
        text: &mut Vec<u8>,
    ) -> Result<(), Error> {
        let executor = self.executor;
        if !executor.options.dumps_histograms(executor.client)
            || executor.server.flavour.is_mariadb()
        {
            return Ok(());
        }
        let histograms = catalogue::histograms(self.session, database, table).await;
        if let Some(histograms) = self.failures.tolerate(histograms)? {
            self.layout.histograms(text, table, &histograms);
        }
        Ok(())
    }
}
