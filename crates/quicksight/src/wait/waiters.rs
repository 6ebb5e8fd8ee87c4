//! The waits.

use std::{cmp::Ordering, collections::BTreeSet, fmt, future::Future};

use tokio::time::timeout_at;

use super::{Patience, WaitError, patience::Pace, retry};
use crate::{
    api::{ApiError, ApiErrorKind, Assets, DefinitionError, Refreshing, ResourceStatus},
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
/// What counts is that the data are there in the end. So an ingestion whose place
/// another one takes, since the data set was edited or loaded again meanwhile, leads to
/// that one: the description's `IngestionId` then is another than was asked for. One
/// that is queued is waited for behind the one that runs.
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
    let mut current = ingestion.to_owned();
    let mut seen = BTreeSet::from([current.clone()]);
    loop {
        let ask = async || {
            let described = api.ingestion(data_set, &current).await?;
            let running = match described.text("IngestionStatus") {
                Some("QUEUED") => running(&api.ingestions(data_set).await?),
                _ => None,
            };
            Ok((described, running))
        };
        let subject = format!("ingestion `{current}` of data set `{data_set}`");
        let ended = poll(patience, subject, ask, |(described, running)| {
            loading(described, running.as_deref())
        });
        let failed = match ended.await {
            Err(failed) if is_superseded(&failed) => failed,
            ended => return ended.map(|(described, _)| described),
        };
        let subject = format!("the ingestions of data set `{data_set}`");
        let busy = |error: &ApiError| error.kind == ApiErrorKind::Conflict;
        let all = retry(patience, subject, busy, || api.ingestions(data_set)).await?;
        match successor(&all, &current, &seen) {
            Some(next) => current = next,
            None => return Err(failed),
        }
        seen.insert(current.clone());
    }
}

fn loading(described: &Json, running: Option<&str>) -> State {
    match described.text("IngestionStatus") {
        Some("COMPLETED") => State::Ready,
        Some(status @ ("FAILED" | "CANCELLED")) => {
            let info = described.get("ErrorInfo").cloned();
            State::Failed(
                status.to_owned(),
                DefinitionError::list_from_json(info.as_slice()),
            )
        }
        status => {
            let status = status.unwrap_or("without a status");
            State::Going(match running {
                Some(running) => format!("{status} behind `{running}`"),
                None => status.to_owned(),
            })
        }
    }
}

/// Whether the service says that another ingestion took its place.
fn is_superseded(error: &WaitError) -> bool {
    let WaitError::Failed { errors, .. } = error else {
        return false;
    };
    errors.iter().any(|error| {
        matches!(
            error.kind.as_str(),
            "INGESTION_SUPERSEDED" | "REFRESH_SUPPRESSED_BY_EDIT"
        )
    })
}

/// The ingestion that runs.
fn running(all: &[Json]) -> Option<String> {
    let running = all
        .iter()
        .find(|one| one.text("IngestionStatus") == Some("RUNNING"))?;
    running.text("IngestionId").map(str::to_owned)
}

/// The ingestion that took the place of `superseded`: one under way, else the newest
/// that was begun later and is complete already.
fn successor(all: &[Json], superseded: &str, seen: &BTreeSet<String>) -> Option<String> {
    let id = |one: &Json| one.text("IngestionId").map(str::to_owned);
    let unseen = || {
        all.iter()
            .filter(|one| id(one).is_some_and(|id| !seen.contains(&id)))
    };
    let under_way = unseen().find(|one| {
        matches!(
            one.text("IngestionStatus"),
            Some("INITIALIZED" | "QUEUED" | "RUNNING")
        )
    });
    let began =
        |one: &Json| -> Option<f64> { one.get("CreatedTime")?.as_number()?.as_str().parse().ok() };
    let before = all
        .iter()
        .find(|one| one.text("IngestionId") == Some(superseded))
        .and_then(began);
    let complete = || {
        unseen()
            .filter(|one| one.text("IngestionStatus") == Some("COMPLETED"))
            .filter(|one| before.is_some() && began(one) > before)
            .max_by(|one, two| {
                began(one)
                    .partial_cmp(&began(two))
                    .unwrap_or(Ordering::Equal)
            })
    };
    id(under_way.or_else(complete)?)
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
