//! Waits until the service is done, with pauses that grow. Every end counts: what
//! went badly is told apart from what goes on, and a status that nobody knows is
//! waited for until the deadline.

use std::collections::BTreeSet;

use crate::api::{DefinitionError, ResourceStatus};
use crate::id::{AssetId, AssetKind, AssetRef};
use crate::json::Json;

use super::context::{Context, Stop};

/// How it ended.
#[derive(Debug)]
pub(crate) enum Settled {
    Well,
    Badly {
        status: ResourceStatus,
        errors: Vec<DefinitionError>,
    },
}

/// Waits for exactly this version of a dashboard.
pub(crate) async fn version(
    context: &Context<'_>,
    id: &AssetId,
    version: u64,
) -> Result<Settled, Stop> {
    let api = context.api;
    let mut pauses = Pauses::new(context);
    loop {
        let described = context
            .read(true, || api.describe_version(id, version))
            .await?;
        let found = described.get("Version").unwrap_or(&Json::Null);
        if let Some(settled) = end(found, "Status") {
            return Ok(settled);
        }
        pauses.next(context).await?;
    }
}

/// Waits for an asset without versions of its own to wait for.
pub(crate) async fn asset(context: &Context<'_>, asset: &AssetRef) -> Result<Settled, Stop> {
    // Data sets and folders are made at once.
    if matches!(asset.kind, AssetKind::DataSet | AssetKind::Folder) {
        return Ok(Settled::Well);
    }
    let api = context.api;
    let mut pauses = Pauses::new(context);
    loop {
        let described = context
            .read(true, || api.describe(asset.kind, &asset.id))
            .await?;
        let found = match asset.kind {
            AssetKind::Theme | AssetKind::Dashboard => {
                described.get("Version").unwrap_or(&Json::Null)
            }
            _ => &described,
        };
        if let Some(settled) = end(found, "Status") {
            return Ok(settled);
        }
        pauses.next(context).await?;
    }
}

fn end(found: &Json, member: &str) -> Option<Settled> {
    let status = ResourceStatus::from(found.text(member)?);
    if status.is_successful() {
        return Some(Settled::Well);
    }
    if !status.is_failed() {
        return None;
    }
    let mut errors = DefinitionError::list_from_json(found.items("Errors"));
    if let Some(info) = found.get("ErrorInfo") {
        errors.extend(DefinitionError::list_from_json(std::slice::from_ref(info)));
    }
    Some(Settled::Badly { status, errors })
}

/// Waits for the data of a data set. One that another load takes the place of leads
/// to that one: what counts is that the data are there in the end.
pub(crate) async fn ingestion(
    context: &Context<'_>,
    id: &AssetId,
    ingestion: &str,
) -> Result<(), Stop> {
    let api = context.api;
    let mut current = ingestion.to_owned();
    let mut seen = BTreeSet::from([current.clone()]);
    let mut pauses = Pauses::new(context);
    loop {
        let found = context.read(true, || api.ingestion(id, &current)).await?;
        let error = found.get("ErrorInfo");
        let error_type = error
            .and_then(|error| error.text("Type"))
            .unwrap_or_default();
        match found.text("IngestionStatus") {
            Some("COMPLETED") => return Ok(()),
            Some("FAILED" | "CANCELLED")
                if matches!(
                    error_type,
                    "INGESTION_SUPERSEDED" | "REFRESH_SUPPRESSED_BY_EDIT"
                ) =>
            {
                match newer(context, id, &seen).await? {
                    Some(newer) => {
                        seen.insert(newer.clone());
                        current = newer;
                        continue;
                    }
                    None => return Err(failed(&current, "was superseded", error)),
                }
            }
            Some("FAILED") => return Err(failed(&current, "failed", error)),
            Some("CANCELLED") => return Err(failed(&current, "was cancelled", error)),
            // Behind another load, which is waited for as well instead of being doubled.
            Some("QUEUED") => {
                let all = context.read(true, || api.ingestions(id)).await?;
                let running = all
                    .iter()
                    .find(|one| one.text("IngestionStatus") == Some("RUNNING"))
                    .and_then(|one| one.text("IngestionId"));
                tracing::debug!(ingestion = current, running, "the load is queued");
            }
            _ => {}
        }
        pauses.next(context).await?;
    }
}

fn failed(ingestion: &str, how: &str, error: Option<&Json>) -> Stop {
    let part = |name| error.and_then(|error| error.text(name)).unwrap_or_default();
    let mut reason = format!("the load {ingestion} of the data {how}");
    for text in [part("Type"), part("Message")] {
        if !text.is_empty() {
            reason.push_str(": ");
            reason.push_str(text);
        }
    }
    Stop::refused(reason)
}

async fn newer(
    context: &Context<'_>,
    id: &AssetId,
    seen: &BTreeSet<String>,
) -> Result<Option<String>, Stop> {
    let api = context.api;
    let all = context.read(true, || api.ingestions(id)).await?;
    let running = all.iter().find(|one| {
        matches!(
            one.text("IngestionStatus"),
            Some("INITIALIZED" | "QUEUED" | "RUNNING")
        )
    });
    let id = running.and_then(|one| one.text("IngestionId"));
    Ok(id.filter(|id| !seen.contains(*id)).map(str::to_owned))
}

/// Pauses that grow by half each.
struct Pauses(std::time::Duration);

impl Pauses {
    const fn new(context: &Context<'_>) -> Self {
        Self(context.patience.first)
    }

    async fn next(&mut self, context: &Context<'_>) -> Result<(), Stop> {
        let pause = self.0;
        self.0 = pause.mul_f64(1.5).min(context.patience.longest);
        context.pause(pause).await
    }
}
