//! What this program makes: the rows of one query in one of the formats.

use std::sync::Arc;

use anyhow::anyhow;
use clap::{ArgMatches, Command};
use datatransit_dump::export::{Export, ExportBuilder, Format};
use datatransit_dump::{Error, Inspection};
use datatransit_job::check::Report;
use datatransit_job::dry_run::Plan;
use datatransit_job::output::Output;
use datatransit_job::{Failure, Job, Program, Source, gates};
use datatransit_secrets::DatabaseCredentials;
use jiff::Timestamp;

use crate::exported::Exported;
use crate::query::Asked;
use crate::{cli, format, plan};

/// One run, resolved.
#[derive(Debug)]
pub struct QueryExport {
    job: Job,
    asked: Asked,
    format: Format,
    time_zone: Option<String>,
    min_rows: Option<u64>,
}

impl Program for QueryExport {
    const NAME: &'static str = "query-export";
    const NOUN: &'static str = "export";
    const CHECKS: &'static [&'static str] = &["query"];

    /// The session's database.
    type Selection = Option<String>;
    type Product = Exported;

    fn command() -> Command {
        cli::command()
    }

    fn resolve(matches: &ArgMatches) -> Result<Self, Failure> {
        let cli = cli::read(matches)?;
        let job = Job::resolve(Self::NAME, cli.job)?;
        Ok(Self {
            asked: cli.query.resolve(&job.when)?,
            format: cli.format.resolve(job.destination.name())?,
            time_zone: cli.query.session_time_zone,
            min_rows: cli.min_rows,
            job,
        })
    }

    fn job(&self) -> &Job {
        &self.job
    }

    fn content_type(&self) -> &'static str {
        format::content_type(&self.format, self.job.compression)
    }

    /// The rules are asked about the session's database and about that of `--table`;
    /// what else a query names, only the user's grants can forbid.
    fn select(&self, login: &DatabaseCredentials) -> Result<Option<String>, Failure> {
        let session = login.database().map(str::to_owned);
        if self.asked.table.is_some() && self.asked.database.is_none() && session.is_none() {
            return Err(Failure::usage(anyhow!("no database is named"))
                .with_remedy("name it as --table DB.TABLE, with --database, or in the secret"));
        }
        let databases = session.iter().chain(&self.asked.database);
        let databases = databases.map(String::as_str);
        self.job.args.targets.check(login, databases)?;
        Ok(session)
    }

    fn announce(&self, source: &Source<Option<String>>) {
        tracing::info!(
            login = %source.login,
            origin = %source.login.origin(),
            destination = %self.job.destination,
            date = self.job.when.date(),
            query = self.asked.name,
            parameters = self.asked.parameters.join(" "),
            format = self.format.name(),
            "starting"
        );
    }

    async fn produce(
        &self,
        source: &Source<Option<String>>,
        output: &mut Output,
    ) -> Result<Exported, Failure> {
        let export = self
            .export(source)
            .progress(Arc::new(self.job.progress("the rows begin", "exporting")))
            .cancellation(self.job.stop.token())
            .build()
            .map_err(failure)?;
        Ok(Exported {
            report: export.run(output).await.map_err(failure)?,
            database: source.selection.clone(),
        })
    }

    fn reasons(&self, exported: &Exported, now: Timestamp) -> Vec<String> {
        let report = &exported.report;
        let small = gates::too_small(&self.job, report.stored_bytes);
        let few = self.min_rows.and_then(|least| too_few(report.rows, least));
        let newest = report.max_updated_at.as_ref();
        let stale = gates::stale(&self.job, "the result", newest, now);
        small.into_iter().chain(few).chain(stale).collect()
    }

    async fn plan(&self, source: &Source<Option<String>>) -> Result<Plan, Failure> {
        let export = self.export(source).build().map_err(failure)?;
        let preview = export.preview().await.map_err(failure)?;
        let zone = self.time_zone.as_deref();
        Ok(plan::of(&preview, &self.asked, &self.format, zone))
    }

    async fn examine(
        &self,
        source: &Source<Option<String>>,
        _inspection: &Inspection,
        report: &mut Report,
    ) {
        let preview = match self.export(source).build() {
            Ok(export) => export.preview().await,
            Err(error) => Err(error),
        };
        report.add_with("query", preview.map_err(failure), |preview| {
            let columns = preview.columns.iter();
            let names: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
            format!("{} columns: {}", names.len(), names.join(", "))
        });
    }
}

impl QueryExport {
    /// Prepares the export but for who watches and who may cancel it.
    fn export(&self, source: &Source<Option<String>>) -> ExportBuilder {
        let mut builder = Export::builder(source.connect.clone(), self.asked.query.clone())
            .format(self.format.clone())
            .compression(self.job.compression)
            .memory_bytes(self.job.source_memory().bytes())
            .freshness_column(self.job.args.gates.freshness_column.clone());
        if let Some(database) = &source.selection {
            builder = builder.database(database.clone());
        }
        if let Some(zone) = &self.time_zone {
            builder = builder.time_zone(zone.clone());
        }
        if let Some(threads) = self.job.args.destination.threads {
            builder = builder.threads(usize::from(threads));
        }
        builder
    }
}

/// What a failed export means to a scheduler.
fn failure(mut error: Error) -> Failure {
    if let Error::Read {
        code: 1.., reason, ..
    } = &mut error
    {
        *reason = without_quoted(reason);
    }
    let remedy = match &error {
        Error::Query { .. } => Some("mend it; --dry-run prepares a query without running it"),
        Error::AccessDenied { .. } => Some("grant the user SELECT on what the query reads"),
        Error::NotFound { .. } => Some("check the names of database and tables"),
        _ => None,
    };
    let failure = Failure::from(error);
    let failure = match failure.stage() {
        "dump" => failure.in_stage(QueryExport::NOUN),
        _ => failure,
    };
    match remedy {
        Some(remedy) => failure.with_remedy(remedy),
        None => failure,
    }
}

/// The server's words without what they quote: amid the rows that may be a value of one,
/// as in `Duplicate entry '…' for key`.
fn without_quoted(text: &str) -> String {
    let quotes = ['\'', '"'];
    match (text.find(quotes), text.rfind(quotes)) {
        (Some(first), Some(last)) if first < last => {
            format!("{}…{}", &text[..=first], &text[last..])
        }
        // Cut off by the server within the quotes.
        (Some(first), _) => format!("{}…", &text[..=first]),
        _ => text.to_owned(),
    }
}

fn too_few(rows: u64, least: u64) -> Option<String> {
    (rows < least).then(|| format!("too few rows: {rows}, at least {least} wanted"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_quotes_is_not_repeated() {
        for (text, shown) in [
            (
                "Duplicate entry 'it's 日本' for key 'k'",
                "Duplicate entry '…'",
            ),
            ("Incorrect value: 'canary", "Incorrect value: '…"),
            (
                "Subquery returns more than 1 row",
                "Subquery returns more than 1 row",
            ),
        ] {
            assert_eq!(without_quoted(text), shown);
        }
    }

    #[test]
    fn the_least_number_of_rows_is_enough() {
        assert_eq!(too_few(3, 3), None);
        assert!(too_few(0, 1).unwrap().contains("at least 1"));
    }
}
