//! What this program makes: a dump of the databases and tables named.

use std::sync::Arc;

use anyhow::anyhow;
use clap::{ArgMatches, Command};
use datatransit_dump::{Dump, DumpBuilder, Inspection, Selection};
use datatransit_job::check::Report;
use datatransit_job::dry_run::Plan;
use datatransit_job::output::Output;
use datatransit_job::{ExitCode, Failure, Job, Program, Source, gates};
use datatransit_secrets::DatabaseCredentials;
use jiff::Timestamp;

use crate::dumped::{Dumped, is_named};
use crate::mysqldump::{self, Given};
use crate::{cli, grants, plan};

/// One run, resolved.
#[derive(Debug)]
pub struct FullDump {
    job: Job,
    given: Given,
    names: Vec<String>,
    require_table: Vec<String>,
}

impl Program for FullDump {
    const NAME: &'static str = "full-dump";
    const NOUN: &'static str = "dump";
    const CHECKS: &'static [&'static str] = &["grants", "tables"];

    type Selection = Selection;
    type Product = Dumped;

    fn command() -> Command {
        cli::command()
    }

    fn explain(arguments: &[String]) -> Option<Failure> {
        mysqldump::explain(arguments)
    }

    fn resolve(matches: &ArgMatches) -> Result<Self, Failure> {
        let cli = cli::read(matches)?;
        let given = mysqldump::apply(matches)?;
        let job = Job::resolve(Self::NAME, cli.job)?;
        if job.args.gates.max_staleness.is_some() && cli.require_table.is_empty() {
            return Err(
                Failure::usage(anyhow!("--max-staleness is asked of no table"))
                    .with_remedy("name the tables that must be fresh with --require-table"),
            );
        }
        Ok(Self {
            job,
            given,
            names: names(cli.names),
            require_table: cli.require_table,
        })
    }

    fn job(&self) -> &Job {
        &self.job
    }

    fn content_type(&self) -> &'static str {
        self.job.compression.content_type()
    }

    fn select(&self, login: &DatabaseCredentials) -> Result<Selection, Failure> {
        let selection = self.selection(login.database())?;
        match &selection {
            Selection::AllDatabases => self.job.args.targets.check_all(login)?,
            _ => self
                .job
                .args
                .targets
                .check(login, selection.database_names())?,
        }
        Ok(selection)
    }

    fn announce(&self, source: &Source<Selection>) {
        tracing::info!(
            login = %source.login,
            origin = %source.login.origin(),
            databases = source.selection.database_names().join(" "),
            destination = %self.job.destination,
            date = self.job.when.date(),
            options = self.given.options.applied().join(" "),
            "starting"
        );
    }

    async fn produce(
        &self,
        source: &Source<Selection>,
        output: &mut Output,
    ) -> Result<Dumped, Failure> {
        let dump = self
            .dump(source)
            .progress(Arc::new(
                self.job.progress("the snapshot stands, dumping", "dumping"),
            ))
            .cancellation(self.job.stop.token())
            .build()?;
        Ok(Dumped(dump.run(output).await?))
    }

    fn reasons(&self, Dumped(report): &Dumped, now: Timestamp) -> Vec<String> {
        let small = gates::too_small(&self.job, report.stored_bytes);
        // The dump has made sure that each of the required tables exists.
        let stale = self.require_table.iter().flat_map(|wanted| {
            let tables = report.tables.iter();
            tables
                .filter(move |table| is_named(table, wanted))
                .filter_map(|table| {
                    let name = format!("{}.{}", table.database, table.name);
                    gates::stale(&self.job, &name, table.max_updated_at.as_ref(), now)
                })
        });
        small.into_iter().chain(stale).collect()
    }

    async fn plan(&self, source: &Source<Selection>) -> Result<Plan, Failure> {
        let preview = self.dump(source).build()?.preview().await?;
        Ok(plan::of(&preview, self.given.options.applied()))
    }

    async fn examine(
        &self,
        source: &Source<Selection>,
        inspection: &Inspection,
        report: &mut Report,
    ) {
        let dump = match self.dump(source).build().map_err(Failure::from) {
            Ok(dump) => dump,
            Err(failure) => return report.fail("options", &failure),
        };
        let preview = dump.preview().await.map_err(Failure::from);
        if let Ok(preview) = &preview {
            let databases = match &source.selection {
                // What covers everything covers a name that no pattern has.
                Selection::AllDatabases => vec!["*"],
                selection => selection.database_names(),
            };
            let missing = grants::missing(
                &inspection.grants,
                &databases,
                &self.given.options,
                preview.snapshot,
                inspection.identity.flavour,
            );
            report_grants(report, &missing, &inspection.current_user);
        }
        report.add_with("tables", preview, |preview| {
            let rows = plan::rows(preview);
            format!(
                "{} tables, {} views, about {rows} rows",
                preview.tables.len(),
                preview.views
            )
        });
    }
}

impl FullDump {
    /// The names given, else the login's database.
    fn selection(&self, fallback: Option<&str>) -> Result<Selection, Failure> {
        let mut names = self.names.clone();
        if self.given.all_databases {
            return if names.is_empty() {
                Ok(Selection::AllDatabases)
            } else {
                Err(Failure::usage(anyhow!(
                    "--all-databases takes no names: {}",
                    names.join(" ")
                ))
                .with_remedy("leave them out, or dump them alone with --databases"))
            };
        }
        if names.is_empty() {
            names.extend(fallback.map(str::to_owned));
        }
        if self.given.databases {
            return if names.is_empty() {
                Err(no_database())
            } else {
                Ok(Selection::Databases(names))
            };
        }
        let mut names = names.into_iter();
        let name = names.next().ok_or_else(no_database)?;
        Ok(Selection::Database {
            name,
            tables: names.collect(),
        })
    }

    /// Prepares the dump but for who watches and who may cancel it.
    fn dump(&self, source: &Source<Selection>) -> DumpBuilder {
        let mut builder = Dump::builder(source.connect.clone(), source.selection.clone())
            .options(self.given.options.clone())
            .compression(self.job.compression)
            .memory_bytes(self.job.source_memory().bytes())
            .freshness_column(self.job.args.gates.freshness_column.clone())
            .required_tables(self.require_table.clone());
        if let Some(threads) = self.job.args.destination.threads {
            builder = builder.threads(usize::from(threads));
        }
        builder
    }
}

/// Positional names have no option and so no variable of clap's: `FULL_DUMP_NAMES`
/// holds them, separated by white space.
fn names(given: Vec<String>) -> Vec<String> {
    if !given.is_empty() {
        return given;
    }
    let variable = std::env::var("FULL_DUMP_NAMES").unwrap_or_default();
    variable.split_whitespace().map(str::to_owned).collect()
}

fn no_database() -> Failure {
    Failure::usage(anyhow!("no database is named"))
        .with_remedy("name it as an argument, with --database, or in the secret")
}

fn report_grants(report: &mut Report, missing: &grants::Missing, account: &str) {
    if missing.needed.is_empty() {
        return report.ok("grants", "all that the options need".to_owned());
    }
    let detail = format!("not granted: {}", missing.told().join(", "));
    let remedy = format!("{};", missing.statements(account).join("; "));
    if missing.through_roles {
        let detail = format!("{detail}; perhaps by a role, whose grants are not listed");
        return report.warn("grants", detail, remedy);
    }
    let failure = Failure::new(ExitCode::Source, "grants", anyhow!(detail)).with_remedy(remedy);
    report.fail("grants", &failure);
}
