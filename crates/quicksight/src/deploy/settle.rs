//! The waits of a deploy: those of [`wait`](crate::wait), which end with the run.
//!
//! What went badly is a result here, not a failure: what to do about it is the
//! transaction's business.

use crate::api::DefinitionError;
use crate::id::{AssetId, AssetKind, AssetRef};
use crate::wait::{WaitError, wait_for_asset, wait_for_ingestion, wait_for_version};

use super::context::{Context, Stop};
use super::report::Interruption;

/// How it ended.
#[derive(Debug)]
pub(crate) enum Settled {
    Well,
    Badly {
        /// The service's word.
        status: String,
        errors: Vec<DefinitionError>,
    },
}

/// Waits for exactly this version of a dashboard.
pub(crate) async fn version(
    context: &Context<'_>,
    id: &AssetId,
    version: u64,
) -> Result<Settled, Stop> {
    let patience = context.waits();
    let wait = wait_for_version(context.api, id, version, &patience);
    settled(context.interruptible(wait).await?)
}

/// Waits for an asset without versions of its own to wait for.
pub(crate) async fn asset(context: &Context<'_>, asset: &AssetRef) -> Result<Settled, Stop> {
    // Data sets and folders are made at once.
    if matches!(asset.kind, AssetKind::DataSet | AssetKind::Folder) {
        return Ok(Settled::Well);
    }
    let patience = context.waits();
    let wait = wait_for_asset(context.api, asset.kind, &asset.id, &patience);
    settled(context.interruptible(wait).await?)
}

/// Waits for the data of a data set.
pub(crate) async fn ingestion(
    context: &Context<'_>,
    id: &AssetId,
    ingestion: &str,
) -> Result<(), Stop> {
    let patience = context.waits();
    let wait = wait_for_ingestion(context.api, id, ingestion, &patience);
    context.interruptible(wait).await?.map(drop).map_err(stop)
}

fn settled<T>(waited: Result<T, WaitError>) -> Result<Settled, Stop> {
    match waited {
        Ok(_) => Ok(Settled::Well),
        Err(WaitError::Failed { status, errors, .. }) => Ok(Settled::Badly { status, errors }),
        Err(error) => Err(stop(error)),
    }
}

fn stop(error: WaitError) -> Stop {
    match error {
        // The wait has the run's deadline.
        WaitError::Deadline { .. } => {
            tracing::debug!(%error, "the run ends");
            Stop::Interrupted(Interruption::Deadline)
        }
        WaitError::Api { source, .. } => Stop::Api(source),
        error @ WaitError::Failed { .. } => Stop::refused(error.to_string()),
    }
}
