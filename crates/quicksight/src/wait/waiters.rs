//! The waits.

use std::{fmt, future::Future};

use tokio::time::timeout_at;

use super::{Patience, WaitError, patience::Pace};
use crate::{
    api::{ApiError, Assets, DefinitionError, Refreshing, ResourceStatus},
    id::{AssetId, AssetKind},
    json::Json,
};

/// Waits until a version of a dashboard is ready, and returns its description.
///
/// It asks for that very version: a description without a version is that of the
/// published one, which has been ready for long.
///
/// # Errors
///
/// [`WaitError::Failed`] when the version failed or was deleted, with the service's
/// errors and their places in the definition; [`WaitError::Deadline`]; and
/// [`WaitError::Api`], after the patience for "not found" for that too.
///
/// # Cancel safety
///
/// Only reads. The wait may be dropped and begun again.
pub async fn wait_for_version(
    api: &(impl Assets + ?Sized),
    dashboard: &AssetId,
    version: u64,
    patience: &Patience,
) -> Result<Json, WaitError> {
    let subject = format_args!("version {version} of dashboard `{dashboard}`").to_string();
    poll(
        patience,
        subject,
        || api.describe_version(dashboard, version),
        |described| state(described.get("Version")),
    )
    .await
}

/// Waits until an asset is ready, and returns its description. Of a dashboard this is
/// the published version: right after a creation, not after an update.
///
/// Data sets and folders have no states: they are ready when they are found.
///
/// # Errors
///
/// As [`wait_for_version`].
///
/// # Cancel safety
///
/// Only reads. The wait may be dropped and begun again.
pub async fn wait_for_asset(
    api: &(impl Assets + ?Sized),
    kind: AssetKind,
    id: &AssetId,
    patience: &Patience,
) -> Result<Json, WaitError> {
    poll(
        patience,
        format!("{kind} `{id}`"),
        || api.describe(kind, id),
        |described| match kind {
            AssetKind::Folder | AssetKind::DataSet => State::Ready,
            AssetKind::Dashboard | AssetKind::Theme => state(described.get("Version")),
            AssetKind::Analysis | AssetKind::DataSource => state(Some(described)),
        },
    )
    .await
}

/// Waits until an asset is not found any more. An analysis that can still be restored
/// counts as deleted.
///
/// # Errors
///
/// [`WaitError::Deadline`] and [`WaitError::Api`].
///
/// # Cancel safety
///
/// Only reads. The wait may be dropped and begun again.
pub async fn wait_for_deletion(
    api: &(impl Assets + ?Sized),
    kind: AssetKind,
    id: &AssetId,
    patience: &Patience,
) -> Result<(), WaitError> {
    let gone = async || match api.describe(kind, id).await {
        Err(error) if error.is_not_found() => Ok(None),
        other => other.map(Some),
    };
    poll(
        patience,
        format!("the deletion of {kind} `{id}`"),
        gone,
        |described| match described {
            None => State::Ready,
            Some(described) => match described.text("Status") {
                Some("DELETED") => State::Ready,
                status => State::Going(status.unwrap_or("still there").to_owned()),
            },
        },
    )
    .await
    .map(drop)
}

/// Waits until an ingestion has brought its rows into SPICE, and returns its
/// description, which says how many rows were dropped.
///
/// # Errors
///
/// [`WaitError::Failed`] for one that failed or was cancelled, with the service's
/// `ErrorInfo`; otherwise as [`wait_for_version`].
///
/// # Cancel safety
///
/// Only reads. The wait may be dropped and begun again.
pub async fn wait_for_ingestion(
    api: &(impl Refreshing + ?Sized),
    data_set: &AssetId,
    ingestion: &str,
    patience: &Patience,
) -> Result<Json, WaitError> {
    poll(
        patience,
        format!("ingestion `{ingestion}` of data set `{data_set}`"),
        || api.ingestion(data_set, ingestion),
        |described| match described.text("IngestionStatus") {
            Some("COMPLETED") => State::Ready,
            Some(status @ ("FAILED" | "CANCELLED")) => {
                let info = described.get("ErrorInfo").cloned();
                State::Failed(
                    status.to_owned(),
                    DefinitionError::list_from_json(info.as_slice()),
                )
            }
            status => State::Going(status.unwrap_or("without a status").to_owned()),
        },
    )
    .await
}

enum State {
    Ready,
    Failed(String, Vec<DefinitionError>),
    /// Not final, or not known.
    Going(String),
}

fn state(described: Option<&Json>) -> State {
    let Some(described) = described else {
        return State::Going("without a version".to_owned());
    };
    let Some(word) = described.text("Status") else {
        return State::Going("without a status".to_owned());
    };
    let status = ResourceStatus::from(word);
    if status.is_successful() {
        State::Ready
    } else if status.is_failed() {
        let mut errors = DefinitionError::list_from_json(described.items("Errors"));
        // Data sources have one, under another name.
        let info = described.get("ErrorInfo").cloned();
        errors.extend(DefinitionError::list_from_json(info.as_slice()));
        State::Failed(word.to_owned(), errors)
    } else {
        State::Going(word.to_owned())
    }
}

async fn poll<T, F, Fut>(
    patience: &Patience,
    subject: impl fmt::Display,
    mut ask: F,
    judge: impl Fn(&T) -> State,
) -> Result<T, WaitError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, ApiError>>,
{
    let mut pace = Pace::new(patience);
    loop {
        let Ok(answer) = timeout_at(patience.deadline, ask()).await else {
            return Err(pace.run_out(subject));
        };
        match answer {
            Ok(described) => match judge(&described) {
                State::Ready => return Ok(described),
                State::Failed(status, errors) => {
                    return Err(WaitError::Failed {
                        subject: subject.to_string(),
                        status,
                        errors,
                    });
                }
                State::Going(status) => pace.saw(&status),
            },
            Err(error) => {
                if let Err(error) = pace.bear(error) {
                    return Err(Pace::refused(subject, error));
                }
            }
        }
        if !pace.pause().await {
            return Err(pace.run_out(subject));
        }
    }
}
