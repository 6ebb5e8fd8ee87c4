//! `compare-dumps flag`: records what the consumer of a day's dump did.

use anyhow::anyhow;
use datatransit_job::Failure;

use crate::cli::FlagCli;
use crate::context::{Context, GRACE};
use crate::exit::Exit;
use crate::output::{self, pretty, publish};
use crate::place::Place;
use crate::reports::{ConsumerRecord, ConsumerStatus};

/// Writes the record.
pub(crate) async fn run(context: &Context, cli: &FlagCli) -> Result<Exit, Failure> {
    let record = record(context, cli)?;
    let reports = cli.reports.as_deref().ok_or_else(|| {
        Failure::usage(anyhow!("--reports is missing"))
            .with_remedy("name the prefix or directory of the daily reports")
    })?;
    let place = Place::resolve(reports, "--reports", &context.when)?;
    let name = format!("{}.consumer.json", record.date);
    let destination = place.document(&name, &context.when)?;
    let text = pretty(&record);
    let published = publish(context, &destination, output::JSON, text.clone());
    context.stop.guard("flag", GRACE, published).await?;
    let told = if context.json {
        text
    } else {
        let what = match record.status {
            ConsumerStatus::Failed => "the consumer failed, which means to roll back",
            ConsumerStatus::Cleared => "the flag is cleared",
        };
        format!(
            "{}: {what}: {}\nRecorded in {destination}\n",
            record.date, record.reason
        )
    };
    context.tell(&told)?;
    Ok(Exit::Good)
}

fn record(context: &Context, cli: &FlagCli) -> Result<ConsumerRecord, Failure> {
    // Today by default would flag the wrong day after midnight.
    let date = cli.common.when.date.ok_or_else(|| {
        Failure::usage(anyhow!("--date is missing")).with_remedy("name the day of the dump")
    })?;
    let reason = cli.reason.as_deref().map(str::trim).unwrap_or_default();
    if reason.is_empty() {
        return Err(Failure::usage(anyhow!("--reason is missing"))
            .with_remedy("say in a few words what happened"));
    }
    Ok(ConsumerRecord {
        date,
        status: if cli.clear {
            ConsumerStatus::Cleared
        } else {
            ConsumerStatus::Failed
        },
        reason: reason.to_owned(),
        recorded_at: context.generated_at(),
        run_id: context.run_id.to_string(),
    })
}
