//! Ingestions: one at a time runs, others wait in its queue, and each follows a script.

use std::collections::VecDeque;

use super::super::clock::{Millis, timestamp};
use super::super::protocol::{Input, Object, Reply, ServiceError};
use super::super::state::{Kind, State};
use super::{find, find_mut, spice};

/// How an ingestion ends.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IngestionEnd {
    /// `COMPLETED`, with counts of rows.
    Completed {
        /// Rows that were loaded.
        ingested: u64,
        /// Rows that were not.
        dropped: u64,
    },
    /// `FAILED`, with `ErrorInfo`.
    Failed {
        /// `SQL_EXCEPTION`, …
        kind: String,
        /// What the service says.
        message: String,
    },
    /// `CANCELLED`, by somebody else.
    Cancelled,
    /// A status that no model knows, for ever.
    Unknown(String),
    /// It runs for ever, unless it is cancelled.
    Never,
}

/// What becomes of an ingestion, in looks at it: each `DescribeIngestion` of it, and each first
/// page of its data set's `ListIngestions`, is one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct IngestionScript {
    /// Looks that find it `INITIALIZED`. Default: 1.
    pub initialized: u32,
    /// Looks that find it `QUEUED`. Default: 1.
    pub queued: u32,
    /// Looks that find it `RUNNING`. Default: 1.
    pub running: u32,
    /// Looks after a cancellation until it is `CANCELLED`. Default: 1.
    pub cancelling: u32,
    /// How it ends. Default: completed, 100 rows.
    pub end: IngestionEnd,
    /// What it says it took, in seconds. Default: 12.
    pub seconds: u64,
    /// What it says it loaded, in bytes. Default: 4096.
    pub bytes: u64,
}

impl Default for IngestionScript {
    fn default() -> Self {
        Self {
            initialized: 1,
            queued: 1,
            running: 1,
            cancelling: 1,
            end: IngestionEnd::Completed {
                ingested: 100,
                dropped: 0,
            },
            seconds: 12,
            bytes: 4096,
        }
    }
}

#[derive(Clone, Debug)]
struct Ingestion {
    id: String,
    created: Millis,
    source: &'static str,
    request_type: String,
    /// Whether it counts towards the quota.
    counts: bool,
    script: IngestionScript,
    looks: u32,
    /// Looks left until a cancellation is done.
    cancelling: Option<u32>,
    cancelled: bool,
}

impl Ingestion {
    fn status(&self) -> &str {
        let IngestionScript {
            initialized,
            queued,
            running,
            ..
        } = self.script;
        if self.cancelled {
            "CANCELLED"
        } else if self.looks < initialized {
            "INITIALIZED"
        } else if self.looks - initialized < queued {
            "QUEUED"
        } else if self.looks - initialized - queued < running {
            "RUNNING"
        } else {
            match &self.script.end {
                IngestionEnd::Completed { .. } => "COMPLETED",
                IngestionEnd::Failed { .. } => "FAILED",
                IngestionEnd::Cancelled => "CANCELLED",
                IngestionEnd::Unknown(status) => status,
                IngestionEnd::Never => "RUNNING",
            }
        }
    }

    fn is_over(&self) -> bool {
        matches!(self.status(), "COMPLETED" | "FAILED" | "CANCELLED")
    }

    fn look(&mut self, waits: bool) {
        if self.is_over() {
            return;
        }
        if let Some(left) = &mut self.cancelling {
            *left = left.saturating_sub(1);
            self.cancelled = *left == 0;
            return;
        }
        // One that waits for another stays queued.
        let last_queued = self.script.initialized + self.script.queued;
        if !waits || self.looks + 1 < last_queued {
            self.looks = self.looks.saturating_add(1);
        }
    }
}

/// The ingestions of a data set, oldest first, and what is to become of the next ones.
#[derive(Debug, Default)]
pub(in super::super) struct Ingestions {
    all: Vec<Ingestion>,
    pub(in super::super) next_scripts: VecDeque<IngestionScript>,
    pub(in super::super) script: IngestionScript,
}

impl Ingestions {
    fn start(
        &mut self,
        id: &str,
        source: &'static str,
        request_type: &str,
        counts: bool,
        now: Millis,
    ) {
        let script = self
            .next_scripts
            .pop_front()
            .unwrap_or_else(|| self.script.clone());
        self.all.push(Ingestion {
            id: id.to_owned(),
            created: now,
            source,
            request_type: request_type.to_owned(),
            counts,
            script,
            looks: 0,
            cancelling: None,
            cancelled: false,
        });
    }

    /// The ingestion that a change of the data set starts by itself.
    pub(super) fn start_edit(&mut self, id: &str, request_type: &str, now: Millis) {
        self.start(id, "MANUAL", request_type, false, now);
    }

    /// One that a schedule has started.
    pub(in super::super) fn start_scheduled(&mut self, id: &str, now: Millis) {
        self.start(id, "SCHEDULED", "FULL_REFRESH", false, now);
    }

    /// Ids and statuses, oldest first.
    pub(in super::super) fn statuses(&self) -> Vec<(String, String)> {
        self.all
            .iter()
            .map(|ingestion| (ingestion.id.clone(), ingestion.status().to_owned()))
            .collect()
    }

    fn counted_since(&self, then: Millis) -> usize {
        self.all
            .iter()
            .filter(|ingestion| ingestion.counts && ingestion.created > then)
            .count()
    }

    fn ahead_of(&self, index: usize) -> Option<&Ingestion> {
        self.all
            .iter()
            .take(index)
            .find(|ingestion| !ingestion.is_over())
    }

    fn look(&mut self, wanted: Option<&str>) {
        for index in 0..self.all.len() {
            let waits = self.ahead_of(index).is_some();
            let ingestion = &mut self.all[index];
            if wanted.is_none_or(|id| id == ingestion.id) {
                ingestion.look(waits);
            }
        }
    }
}

/// The quota's window.
const DAY_MS: Millis = 24 * 3600 * 1000;

fn arn(state: &State, data_set: &str, id: &str) -> String {
    format!("{}/ingestion/{id}", state.arn(Kind::DataSet, data_set))
}

fn object(state: &State, data_set: &str, index: usize) -> Result<Object, ServiceError> {
    let ingestions = &find(state, data_set)?.ingestions;
    let ingestion = &ingestions.all[index];
    let mut object = Object::new()
        .text("Arn", &arn(state, data_set, &ingestion.id))
        .text("IngestionId", &ingestion.id)
        .text("IngestionStatus", ingestion.status())
        .raw("CreatedTime", timestamp(ingestion.created))
        .text("RequestSource", ingestion.source)
        .text("RequestType", &ingestion.request_type);
    if ingestion.status() == "QUEUED"
        && let Some(ahead) = ingestions.ahead_of(index)
    {
        let queue = Object::new()
            .text("WaitingOnIngestion", &ahead.id)
            .text("QueuedIngestion", &ingestion.id);
        object = object.object("QueueInfo", queue);
    }
    if ingestion.is_over() {
        object = object.number("IngestionTimeInSeconds", ingestion.script.seconds);
    }
    match (&ingestion.script.end, ingestion.status()) {
        (IngestionEnd::Completed { ingested, dropped }, "COMPLETED") => {
            let rows = Object::new()
                .number("RowsIngested", ingested)
                .number("RowsDropped", dropped)
                .number("TotalRowsInDataset", ingested);
            object = object
                .object("RowInfo", rows)
                .number("IngestionSizeInBytes", ingestion.script.bytes);
        }
        (IngestionEnd::Failed { kind, message }, "FAILED") => {
            object = object.object(
                "ErrorInfo",
                Object::new().text("Type", kind).text("Message", message),
            );
        }
        _ => {}
    }
    Ok(object)
}

/// The newest ingestion of an id.
fn index(state: &State, data_set: &str, id: &str) -> Result<usize, ServiceError> {
    let all = &find(state, data_set)?.ingestions.all;
    all.iter()
        .rposition(|ingestion| ingestion.id == id)
        .ok_or_else(|| ServiceError::not_found("INGESTION", id))
}

pub(crate) fn create(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (data_set_id, id) = (input.must("DataSetId"), input.must("IngestionId"));
    let data_set = spice(state, data_set_id)?;
    let request_type = input
        .text("IngestionType")
        .unwrap_or("FULL_REFRESH")
        .to_owned();
    if request_type == "INCREMENTAL_REFRESH" && data_set.properties.is_none() {
        return Err(ServiceError::invalid(format!(
            "data set {data_set_id} has no refresh properties for an incremental refresh"
        )));
    }
    let known = index(state, data_set_id, id).ok();
    let is_free = |index: usize| {
        state.options.finished_ingestion_ids_are_free && data_set.ingestions.all[index].is_over()
    };
    if known.is_some_and(|index| !is_free(index)) {
        return Err(ServiceError::exists("INGESTION", id));
    }
    let now = state.now();
    let then = now.saturating_sub(DAY_MS);
    let used: usize = if state.options.quota_is_of_account {
        state
            .data_sets
            .values()
            .map(|data_set| data_set.ingestions.counted_since(then))
            .sum()
    } else {
        data_set.ingestions.counted_since(then)
    };
    if used >= state.options.ingestion_quota {
        return Err(ServiceError::limit(
            "INGESTION",
            format!("{used} refreshes within 24 hours are the most"),
        ));
    }
    find_mut(state, data_set_id)?
        .ingestions
        .start(id, "MANUAL", &request_type, true, now);
    Ok(Reply::with_status(
        201,
        Object::new()
            .text("Arn", &arn(state, data_set_id, id))
            .text("IngestionId", id)
            .text("IngestionStatus", "INITIALIZED"),
    ))
}

pub(crate) fn describe(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (data_set, id) = (input.must("DataSetId"), input.must("IngestionId"));
    let index = index(state, data_set, id)?;
    let body = Object::new().object("Ingestion", object(state, data_set, index)?);
    find_mut(state, data_set)?.ingestions.look(Some(id));
    Ok(Reply::ok(body))
}

/// Newest first.
pub(crate) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let data_set = input.must("DataSetId");
    let count = find(state, data_set)?.ingestions.all.len();
    let all: Result<Vec<String>, ServiceError> = (0..count)
        .rev()
        .map(|index| Ok(object(state, data_set, index)?.to_string()))
        .collect();
    if !input.has("NextToken") {
        find_mut(state, data_set)?.ingestions.look(None);
    }
    let page = state.page(&format!("ListIngestions {data_set}"), input, all?)?;
    Ok(Reply::ok(
        Object::new()
            .list("Ingestions", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

/// Asks for an end, which looks at the ingestion will find a little later.
pub(crate) fn cancel(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (data_set, id) = (input.must("DataSetId"), input.must("IngestionId"));
    let index = index(state, data_set, id)?;
    let ingestion = &mut find_mut(state, data_set)?.ingestions.all[index];
    if ingestion.is_over() {
        return Err(ServiceError::invalid(format!("ingestion {id} is over")));
    }
    if ingestion.cancelling.is_none() {
        ingestion.cancelling = Some(ingestion.script.cancelling);
        ingestion.cancelled = ingestion.script.cancelling == 0;
    }
    Ok(Reply::ok(
        Object::new()
            .text("Arn", &arn(state, data_set, id))
            .text("IngestionId", id),
    ))
}
