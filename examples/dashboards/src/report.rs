//! What was done: for people, for machines, for the record.

use std::path::Path;

use anyhow::Context as _;
use datatransit_quicksight::deploy::{AssetReport, AuditReport, Interruption, Outcome, StepResult};

use crate::exit::Exit;
use crate::print;

/// Prints the report, keeps the record, and says how the program ends.
pub(crate) fn finish(
    report: &AuditReport,
    json: bool,
    audit: Option<&Path>,
) -> anyhow::Result<Exit> {
    let kept = audit.map_or(Ok(()), |path| keep(report, path));
    if json {
        print::json(report)?;
    } else {
        print::text(&text(report))?;
    }
    kept?;
    Ok(if report.is_success() {
        Exit::Success
    } else {
        Exit::Error
    })
}

fn keep(report: &AuditReport, path: &Path) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(report).context("write the record")?;
    std::fs::write(path, format!("{text}\n"))
        .with_context(|| format!("write the record to {}", path.display()))
}

fn text(report: &AuditReport) -> String {
    let mut out = String::new();
    for asset in &report.assets {
        if asset.outcome != Outcome::Unchanged {
            one(&mut out, asset);
        }
    }
    match report.interrupted {
        Some(Interruption::Deadline) => {
            out.push_str("The deadline passed: run the same again, it goes on from here.\n");
        }
        Some(_) => out.push_str("Ended early: run the same again, it goes on from here.\n"),
        None => {}
    }
    let mut counts: Vec<(&'static str, usize)> = Vec::new();
    for asset in &report.assets {
        let words = asset.outcome.words();
        match counts.iter_mut().find(|(known, _)| *known == words) {
            Some((_, count)) => *count += 1,
            None => counts.push((words, 1)),
        }
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(words, count)| format!("{count} {words}"))
        .collect();
    let counts = if counts.is_empty() {
        "nothing to do".to_owned()
    } else {
        counts.join(", ")
    };
    out.push_str(&format!(
        "{} {}: {counts}.\n",
        report.operation, report.environment
    ));
    out
}

fn one(out: &mut String, asset: &AssetReport) {
    let versions = match (asset.from_version, asset.to_version) {
        (Some(from), Some(to)) if from != to => format!(", version {from} → {to}"),
        (None, Some(to)) => format!(", version {to}"),
        _ => String::new(),
    };
    out.push_str(&format!(
        "{} {}: {}{versions}\n",
        asset.kind,
        clean(&asset.id),
        asset.outcome.words()
    ));
    for note in &asset.notes {
        out.push_str(&format!("    ! {}\n", clean(note)));
    }
    if asset.outcome.is_success() {
        return;
    }
    for error in &asset.errors {
        out.push_str(&format!("    {}\n", clean(error)));
    }
    if let Some(source) = &asset.source {
        out.push_str(&format!("    file: {source}\n"));
    }
    for step in &asset.steps {
        let how = match step.result {
            StepResult::Done => "done",
            StepResult::Failed => "FAILED",
            StepResult::Undone => "brought back",
            _ => "NOT brought back",
        };
        let detail = match step.result {
            StepResult::Done | StepResult::Undone if !step.detail.is_empty() => {
                format!(" ({})", clean(&step.detail))
            }
            _ => String::new(),
        };
        out.push_str(&format!("    - {}: {how}{detail}\n", step.step.word()));
    }
}

fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
