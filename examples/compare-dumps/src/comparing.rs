//! `compare-dumps OLD NEW`: compares, reports, and leaves word also of a failure.

use std::sync::Arc;

use anyhow::anyhow;
use datatransit_dump::compare::{Comparison, ComparisonReport, Content, Error, ErrorKind};
use datatransit_job::destination::Destination;
use datatransit_job::input::Source;
use datatransit_job::lock::Lock;
use datatransit_job::{ExitCode, Failure};

use crate::cli::CompareCli;
use crate::context::{Context, GRACE};
use crate::daily::Daily;
use crate::exit::{Exit, trouble};
use crate::history::decide::with_gaps;
use crate::html;
use crate::output::{self, destination, publish};
use crate::place::DayPlace;
use crate::progress::ShownProgress;
use crate::reports::Reports;
use crate::text;

/// Days on the chart of a day's page.
const CHART_DAYS: usize = 30;

/// What is compared and where that is told: nothing is left to be resolved.
struct Plan {
    old: Source,
    new: Source,
    content: Content,
    report: Option<DayPlace>,
    html: Option<Destination>,
}

/// Runs the comparison.
pub(crate) async fn run(context: &Context, cli: &CompareCli) -> Result<Exit, Failure> {
    let plan = Plan::resolve(context, cli)?;
    let lock_file = cli.common.run.lock_file.as_deref();
    // The other run will leave a report: this one has nothing to say.
    let _lock = lock_file
        .map(|path| Lock::acquire(path, &context.run_id))
        .transpose()?;
    match compare(context, cli, &plan).await {
        Ok(report) => {
            let exit = if report.is_same() {
                Exit::Good
            } else {
                Exit::Bad
            };
            tell(context, &plan, &Daily::new(context, Ok(report))).await?;
            Ok(exit)
        }
        Err(failure) => {
            // A run that a person ended is no trouble of the dumps.
            if trouble(&failure) == 2 {
                let daily = Daily::new(context, Err(&failure));
                if let Err(second) = tell(context, &plan, &daily).await {
                    tracing::warn!("the failure could not be reported: {}", second.reason());
                }
            }
            Err(failure)
        }
    }
}

impl Plan {
    fn resolve(context: &Context, cli: &CompareCli) -> Result<Self, Failure> {
        let when = &context.when;
        let source = |name: &Option<String>, argument: &str| {
            let name = name.as_deref().ok_or_else(|| {
                Failure::usage(anyhow!("{argument} is missing"))
                    .with_remedy("name both: compare-dumps OLD NEW; see --help")
            })?;
            Source::resolve(name, argument, when)
        };
        let (old, new) = (source(&cli.old, "OLD")?, source(&cli.new, "NEW")?);
        let report = cli.output.report.as_deref();
        let html = cli.output.html.as_deref();
        Ok(Self {
            content: cli.what.content(&old.to_string(), &new.to_string())?,
            report: report
                .map(|place| DayPlace::resolve(place, when))
                .transpose()?,
            html: html
                .map(|file| destination(file, "--html", when))
                .transpose()?,
            old,
            new,
        })
    }
}

async fn compare(
    context: &Context,
    cli: &CompareCli,
    plan: &Plan,
) -> Result<ComparisonReport, Failure> {
    let owner = context.store.expected_bucket_owner.as_deref();
    let found = async {
        let (old, new) = tokio::join!(
            plan.old.find(&context.aws, owner),
            plan.new.find(&context.aws, owner)
        );
        match (old, new) {
            (Ok(old), Ok(new)) => Ok((old, new)),
            // Both names, so that nobody has to run it again to learn the second.
            (Err(first), Err(second)) => {
                let reason = anyhow!("{}; {}", first.reason(), second.reason());
                let both = Failure::new(first.exit(), "open", reason);
                Err(match first.remedy() {
                    Some(remedy) => both.with_remedy(remedy),
                    None => both,
                })
            }
            (Err(failure), _) | (_, Err(failure)) => Err(failure),
        }
    };
    let (old, new) = context
        .stop
        .guard("open", std::time::Duration::ZERO, found)
        .await?;
    tracing::info!(old = %plan.old, new = %plan.new, "comparing");
    let work = async {
        Comparison::builder(old, new)
            .content(plan.content)
            .ignore_auto_increment(cli.what.ignore_auto_increment)
            .show_values(cli.output.show_values)
            .max_differences(cli.output.max_differences)
            .updated_at_column(&cli.what.updated_at_column)
            .memory_bytes(cli.what.memory.bytes())
            .progress(Arc::new(ShownProgress::new(&context.terminal)))
            .cancellation(context.stop.token())
            .build()
            .map_err(failed)?
            .run()
            .await
            .map_err(failed)
    };
    // It heeds the token by itself, and is dropped only if it does not.
    let report = context.stop.guard("compare", GRACE, work).await?;
    tracing::info!(
        verdict = ?report.verdict,
        old_bytes = report.old.uncompressed_bytes,
        new_bytes = report.new.uncompressed_bytes,
        elapsed_ms = report.elapsed_ms,
        "compared"
    );
    Ok(report)
}

fn failed(error: Error) -> Failure {
    let (exit, remedy) = match error.kind() {
        ErrorKind::Options => (ExitCode::Usage, "see --help"),
        ErrorKind::Changed => (
            ExitCode::Read,
            "run again when nothing writes to it any more",
        ),
        ErrorKind::TooLong => (ExitCode::Usage, "raise --memory"),
        ErrorKind::Damaged => (
            ExitCode::Read,
            "see whether it was stored whole; for an export name the format with --content",
        ),
        ErrorKind::Input => (
            ExitCode::Read,
            "run again; see what stands in the way of reading it",
        ),
        _ => (ExitCode::Read, ""),
    };
    let failure = Failure::new(exit, "compare", error);
    if remedy.is_empty() {
        failure
    } else {
        failure.with_remedy(remedy)
    }
}

/// Publishes the reports that were asked for, then prints.
async fn tell(context: &Context, plan: &Plan, daily: &Daily) -> Result<(), Failure> {
    let publishing = async {
        if plan.report.is_some() || plan.html.is_some() {
            let page = html::day(daily, &neighbours(context, plan, daily).await);
            if let Some(destination) = &plan.html {
                publish(context, destination, output::HTML, page.clone()).await?;
            }
            if let Some(place) = &plan.report {
                // The data last: whoever finds it finds the page too.
                publish(context, &place.html, output::HTML, page).await?;
                publish(context, &place.json, output::JSON, daily.to_json()).await?;
            }
        }
        Ok::<(), Failure>(())
    };
    // A deadline that passed is what is reported here: it may not stop the report.
    match tokio::time::timeout(GRACE.saturating_mul(8), publishing).await {
        Ok(published) => published?,
        Err(_) => {
            let error = anyhow!("the report was not stored in time");
            return Err(Failure::new(ExitCode::Upload, "report", error));
        }
    }
    if context.json {
        context.tell(&daily.to_json())
    } else if let Some(report) = &daily.comparison {
        context.tell(&text::comparison(report))
    } else {
        Ok(())
    }
}

/// The days before, for the chart; a page without them is better than none.
async fn neighbours(context: &Context, plan: &Plan, daily: &Daily) -> Vec<crate::history::Day> {
    let place = plan
        .report
        .as_ref()
        .and_then(|place| place.neighbours.as_ref());
    let mut days = match place {
        Some(place) => match Reports::read(context, place, CHART_DAYS).await {
            Ok(reports) => reports.history(),
            Err(failure) => {
                tracing::warn!(
                    "the page goes without the days before: {}",
                    failure.reason()
                );
                Vec::new()
            }
        },
        None => Vec::new(),
    };
    days.retain(|day| day.date < daily.date);
    days.push(daily.day());
    let mut days = with_gaps(days);
    days.split_off(days.len().saturating_sub(CHART_DAYS))
}
