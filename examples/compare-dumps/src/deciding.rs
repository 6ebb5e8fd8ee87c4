//! `compare-dumps history`: reads the days and answers.

use anyhow::anyhow;
use datatransit_job::{Failure, destination::Destination};
use jiff::civil::Date;

use crate::cli::HistoryCli;
use crate::context::{Context, GRACE};
use crate::exit::Exit;
use crate::history::{Answer, Rules, decide::decide};
use crate::html;
use crate::output::{self, destination, pretty, publish};
use crate::place::Place;
use crate::reports::Reports;
use crate::text;

/// Reports that are read at least, for the chart.
const CHART_DAYS: usize = 30;

/// Reads, decides, tells.
pub(crate) async fn run(context: &Context, cli: &HistoryCli) -> Result<Exit, Failure> {
    let reports = cli.reports.as_deref().ok_or_else(|| {
        Failure::usage(anyhow!("--reports is missing"))
            .with_remedy("name the prefix or directory of the daily reports")
    })?;
    let place = Place::resolve(reports, "--reports", &context.when)?;
    let page = cli.html.as_deref();
    let page = page
        .map(|file| destination(file, "--html", &context.when))
        .transpose()?;
    let rules = match &cli.rules {
        Some(path) => Rules::read(path)?,
        None => Rules::default(),
    };
    let today: Date = cli.today.unwrap_or_else(|| context.when.moment.date());
    let most = usize::from(rules.consecutive_days.max(rules.roll_back_failures)).max(CHART_DAYS);
    let read = Reports::read(context, &place, most);
    let reports = context
        .stop
        .guard("reports", std::time::Duration::ZERO, read)
        .await?;
    let decision = decide(&rules, today, reports.history(), reports.consumer.clone());
    tracing::info!(
        answer = decision.answer.words(),
        days = reports.days.len(),
        reasons = decision.reasons.len(),
        "decided"
    );
    if let Some(page) = &page {
        let text = html::history(
            &decision,
            &reports,
            lies_beside(page, &place, context),
            &place,
        );
        let published = publish(context, page, output::HTML, text);
        context.stop.guard("report", GRACE, published).await?;
    }
    let told = if context.json {
        pretty(&decision)
    } else {
        text::decision(&decision, &place.to_string())
    };
    context.tell(&told)?;
    Ok(match decision.answer {
        Answer::Go => Exit::Good,
        Answer::NotYet => Exit::Bad,
        Answer::RollBack => Exit::RollBack,
    })
}

/// Whether a page can link the days' own pages by their names alone.
fn lies_beside(page: &Destination, place: &Place, context: &Context) -> bool {
    place
        .document(page.name(), &context.when)
        .is_ok_and(|beside| beside == *page)
}
