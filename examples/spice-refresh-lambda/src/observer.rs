//! What happens in a run, a line each.

use datatransit_spice::{Event, Observer};
use tracing::{info, warn};

/// Writes to the log.
#[derive(Debug)]
pub(crate) struct Log;

impl Observer for Log {
    fn on(&self, event: &Event<'_>) {
        match event {
            Event::GateClosed { reason, .. } => info!(reason, "the gate is closed"),
            Event::Begun {
                data_set,
                ingestion,
                how,
                ..
            } => info!(data_set, ingestion, %how, "an ingestion is under way"),
            Event::State {
                data_set,
                ingestion,
                status,
                ..
            } => info!(data_set, ingestion, status, "the ingestion goes on"),
            Event::Again {
                data_set, reason, ..
            } => warn!(data_set, reason, "it is tried again"),
            Event::Done(report) => info!(
                data_set = report.data_set,
                outcome = %report.outcome,
                rows = report.rows_ingested,
                note = report.note(),
                "done"
            ),
            _ => {}
        }
    }
}
