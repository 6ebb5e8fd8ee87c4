//! What happens, for people on a terminal (a line per data set) and for logs.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use datatransit_job::progress::Terminal;
use datatransit_spice::{Event, Observer, Outcome};
use indicatif::ProgressBar;

/// Shows the events of a run.
#[derive(Debug)]
pub(crate) struct Progress {
    terminal: Terminal,
    bars: Mutex<BTreeMap<String, ProgressBar>>,
}

const TEMPLATE: &str = "{spinner} {elapsed_precise} {prefix}: {msg}";

impl Progress {
    pub(crate) fn new(terminal: Terminal) -> Self {
        Self {
            terminal,
            bars: Mutex::default(),
        }
    }

    /// Sets a data set's line; `false` where lines are not shown.
    fn line(&self, data_set: &str, message: String, is_over: bool) -> bool {
        let mut bars = self.bars.lock().unwrap_or_else(PoisonError::into_inner);
        if !bars.contains_key(data_set) {
            let Some(bar) = self.terminal.bar(TEMPLATE) else {
                return false;
            };
            bar.set_prefix(data_set.to_owned());
            bar.enable_steady_tick(Duration::from_millis(200));
            bars.insert(data_set.to_owned(), bar);
        }
        if let Some(bar) = bars.get(data_set) {
            if is_over {
                bar.finish_with_message(message);
            } else {
                bar.set_message(message);
            }
        }
        true
    }
}

impl Observer for Progress {
    fn on(&self, event: &Event<'_>) {
        match event {
            Event::GateClosed { reason, .. } => tracing::info!("the gate is closed: {reason}"),
            Event::Begun {
                data_set,
                ingestion,
                how,
                ..
            } => {
                let is_shown = self.line(data_set, how.to_string(), false);
                log_unless(is_shown, || tracing::info!(data_set, ingestion, "{how}"));
            }
            Event::State {
                data_set,
                ingestion,
                status,
                ..
            } => {
                let is_shown = self.line(data_set, (*status).to_owned(), false);
                log_unless(is_shown, || {
                    tracing::info!(data_set, ingestion, status, "under way");
                });
            }
            Event::Again {
                data_set, reason, ..
            } => tracing::warn!(data_set, reason, "another attempt"),
            Event::Done(report) => {
                let (data_set, note) = (report.data_set.as_str(), report.note());
                let message = format!("{} {note}", report.outcome);
                if self.line(data_set, message, true) {
                    return;
                }
                match (&report.failure, report.outcome) {
                    (Some(failure), _) => tracing::error!(
                        data_set,
                        class = failure.class.word(),
                        remedy = failure.remedy,
                        "not refreshed: {note}"
                    ),
                    (None, Outcome::Skipped) => tracing::info!(data_set, "skipped: {note}"),
                    (None, _) => tracing::info!(
                        data_set,
                        rows = report.rows_ingested,
                        seconds = report.seconds,
                        "refreshed"
                    ),
                }
            }
            _ => {}
        }
    }
}

/// What a terminal's line shows is not logged too.
fn log_unless(is_shown: bool, log: impl FnOnce()) {
    if !is_shown {
        log();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let bars = self.bars.get_mut().unwrap_or_else(PoisonError::into_inner);
        for bar in bars.values() {
            bar.finish_and_clear();
        }
    }
}
