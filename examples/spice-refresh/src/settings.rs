//! The configuration that is used: the file's, and what the command line says instead.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use datatransit_job::RunId;
use datatransit_spice::{
    AssetId, GateConfig, RefreshConfig, RefreshKind, Selection, Selector, Trigger,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cli::{Cli, SelectArgs};

/// Joins the file and the command line. Data sets that the command line names are in
/// place of the file's.
pub(crate) fn config(cli: &Cli) -> anyhow::Result<RefreshConfig> {
    let mut config = match &cli.select.config {
        Some(path) => read(path)?,
        None => RefreshConfig::default(),
    };
    let selections = selections(&cli.select);
    if !selections.is_empty() {
        config.data_sets = selections;
    }
    let run = &cli.run;
    set(&mut config.on_running, run.on_running.map(Into::into));
    set(
        &mut config.deadline_seconds,
        run.deadline.map(|time| time.as_secs()),
    );
    if let Some(time) = run.data_set_deadline {
        config.data_set_deadline_seconds = Some(time.as_secs());
    }
    config.cancel_on_deadline |= run.cancel_on_deadline;
    set(&mut config.concurrency, run.concurrency);
    set(&mut config.max_dropped_rows, run.max_dropped_rows);
    set(&mut config.attempts, run.attempts);
    if let Some(manifest) = &cli.gate.gate_manifest {
        match &mut config.gate {
            Some(gate) => gate.manifest.clone_from(manifest),
            None => config.gate = Some(GateConfig::new(manifest.as_str())),
        }
    }
    match &mut config.gate {
        Some(gate) => {
            let patience = cli.gate.gate_patience.map(|time| time.as_secs());
            set(&mut gate.patience_seconds, patience);
            set(&mut gate.max_age_hours, cli.gate.gate_max_age);
            set(&mut gate.timezone, run.timezone.clone());
        }
        None if cli.gate.gate_patience.is_some() || cli.gate.gate_max_age.is_some() => {
            bail!("--gate-patience and --gate-max-age need a gate: give --gate-manifest")
        }
        None => {}
    }
    if config.data_sets.is_empty() {
        bail!(
            "no data set is named: give --dataset, --incremental, --name, --glob, --tag, \
             --dashboard, --all, or a --config with data_sets"
        );
    }
    config.check()?;
    Ok(config)
}

/// What the run is known by: a name, or its day.
pub(crate) fn trigger(
    cli: &Cli,
    config: &RefreshConfig,
    run_id: &RunId,
    now: Timestamp,
) -> anyhow::Result<Trigger> {
    if let Some(text) = &cli.run.trigger {
        return Ok(Trigger::Run(text.clone()));
    }
    if cli.run.again {
        return Ok(Trigger::Run(run_id.as_str().to_owned()));
    }
    if let Some(day) = cli.run.date {
        return Ok(Trigger::Day(day));
    }
    let gate_zone = config.gate.as_ref().map(|gate| gate.timezone.as_str());
    let zone = cli.run.timezone.as_deref().or(gate_zone);
    let zone = zone.unwrap_or("Asia/Tokyo");
    let zone = TimeZone::get(zone).map_err(|_| {
        anyhow::anyhow!("--timezone: no zone is named `{zone}`; use an IANA name such as UTC")
    })?;
    Ok(Trigger::Day(now.to_zoned_datetime(zone).date()))
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}

fn selections(select: &SelectArgs) -> Vec<Selection> {
    let ids = |ids: &[AssetId], mode| -> Vec<Selection> {
        ids.iter()
            .map(|id| Selection::id(id.clone()).with_mode(mode))
            .collect()
    };
    let of = |selectors: Vec<Selector>| selectors.into_iter().map(Selection::of);
    let names = select.name.iter().cloned().map(Selector::Name).collect();
    let globs = select.glob.iter().cloned().map(Selector::Glob).collect();
    let tags = select
        .tag
        .iter()
        .cloned()
        .map(|(key, value)| Selector::Tag { key, value })
        .collect();
    let dashboards = select.dashboard.iter().cloned().map(Selector::Dashboard);
    let mut selections = ids(&select.dataset, RefreshKind::Full);
    selections.extend(ids(&select.incremental, RefreshKind::Incremental));
    for selectors in [names, globs, tags, dashboards.collect()] {
        selections.extend(of(selectors));
    }
    if select.all {
        selections.push(Selection::of(Selector::All));
    }
    selections
}

fn read(path: &Path) -> anyhow::Result<RefreshConfig> {
    let shown = path.display();
    let text = fs::read_to_string(path).with_context(|| format!("read {shown}"))?;
    if path.extension().is_some_and(|ending| ending == "json") {
        serde_json::from_str(&text).with_context(|| format!("{shown}, as JSON"))
    } else {
        toml::from_str(&text).with_context(|| format!("{shown}, as TOML"))
    }
}
