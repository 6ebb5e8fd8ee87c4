//! How a data set in SPICE gets new data by itself: refresh properties and schedules,
//! read, compared, made as they are wanted.
//!
//! A deploy keeps them with the data set's file; this room is for who has only them.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    api::{ApiError, ApiErrorKind, Receipt, Refreshing},
    id::AssetId,
    json::Json,
    plan::{compare::comparable, structure},
};

/// Refresh properties and schedules of one data set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RefreshSettings {
    /// The refresh properties, as the service has them; `None` for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refresh_properties: Option<Json>,
    /// The schedules by their `ScheduleId`, as the service has them.
    #[serde(default)]
    pub schedules: BTreeMap<String, Json>,
}

/// One call that brings a data set nearer to what is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RefreshChange {
    /// Sets the refresh properties.
    PutProperties(Json),
    /// Takes the refresh properties away.
    DeleteProperties,
    /// Deletes the schedule of this id.
    DeleteSchedule(String),
    /// Replaces a schedule.
    UpdateSchedule(Json),
    /// Creates a schedule.
    CreateSchedule(Json),
}

impl fmt::Display for RefreshChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = |schedule: &Json| schedule.text("ScheduleId").unwrap_or("?").to_owned();
        match self {
            Self::PutProperties(_) => f.write_str("refresh properties set"),
            Self::DeleteProperties => f.write_str("refresh properties deleted"),
            Self::DeleteSchedule(name) => write!(f, "schedule `{name}` deleted"),
            Self::UpdateSchedule(schedule) => write!(f, "schedule `{}` updated", id(schedule)),
            Self::CreateSchedule(schedule) => write!(f, "schedule `{}` created", id(schedule)),
        }
    }
}

/// Reads the settings of a data set in SPICE, without what the service adds to schedules
/// and without their start, which it tells as another time later.
///
/// # Errors
///
/// Whatever a call fails with; for a data set that queries directly the service answers
/// that it is invalid.
///
/// # Cancel safety
///
/// Only reads.
pub async fn read(
    api: &(impl Refreshing + ?Sized),
    data_set: &AssetId,
) -> Result<RefreshSettings, ApiError> {
    let refresh_properties = api.refresh_properties(data_set).await?;
    let schedules = api.schedules(data_set).await?;
    let named = |schedule: &Json| {
        let id = schedule.text("ScheduleId")?.to_owned();
        Some((id, comparable(schedule)))
    };
    Ok(RefreshSettings {
        refresh_properties,
        schedules: schedules.iter().filter_map(named).collect(),
    })
}

/// Makes the settings as they are wanted, and returns the calls that were needed: none
/// when they are so already.
///
/// # Errors
///
/// The first call that fails; those before it have had their effect, and the same call
/// goes on from there.
///
/// # Cancel safety
///
/// A call under way may have had its effect. Call it again.
pub async fn put(
    api: &(impl Refreshing + ?Sized),
    data_set: &AssetId,
    wanted: &RefreshSettings,
) -> Result<Vec<RefreshChange>, ApiError> {
    let current_properties = api.refresh_properties(data_set).await?;
    let current_schedules = api.schedules(data_set).await?;
    let properties = property_change(
        current_properties.as_ref(),
        wanted.refresh_properties.as_ref(),
    );
    let changes: Vec<RefreshChange> = properties
        .into_iter()
        .chain(schedule_changes(&current_schedules, &wanted.schedules))
        .collect();
    for change in &changes {
        carry_out(api, data_set, change).await?;
    }
    Ok(changes)
}

/// What makes one set of properties of the other; `None` when they mean the same.
pub(crate) fn property_change(
    current: Option<&Json>,
    wanted: Option<&Json>,
) -> Option<RefreshChange> {
    match (current, wanted) {
        (Some(current), Some(wanted)) if structure::same(current, wanted) => None,
        (_, Some(wanted)) => Some(RefreshChange::PutProperties(wanted.clone())),
        (Some(_), None) => Some(RefreshChange::DeleteProperties),
        (None, None) => None,
    }
}

/// What makes the schedules of one list those of the other. Those that go come first: the
/// service takes five, and one of some kinds.
pub(crate) fn schedule_changes(
    current: &[Json],
    wanted: &BTreeMap<String, Json>,
) -> Vec<RefreshChange> {
    let gone = current
        .iter()
        .filter_map(|schedule| schedule.text("ScheduleId"))
        .filter(|name| !wanted.contains_key(*name))
        .map(|name| RefreshChange::DeleteSchedule(name.to_owned()));
    let others = wanted.iter().filter_map(|(name, schedule)| {
        let there = current
            .iter()
            .find(|one| one.text("ScheduleId") == Some(name));
        match there {
            Some(there) if structure::same(&comparable(there), &comparable(schedule)) => None,
            Some(_) => Some(RefreshChange::UpdateSchedule(schedule.clone())),
            None => Some(RefreshChange::CreateSchedule(schedule.clone())),
        }
    });
    gone.chain(others).collect()
}

/// Makes the call of a change. What has its effect already is no error: an answer was
/// lost, or somebody was faster. The receipt is `None` where nothing was done.
pub(crate) async fn carry_out(
    api: &(impl Refreshing + ?Sized),
    id: &AssetId,
    change: &RefreshChange,
) -> Result<Option<Receipt>, ApiError> {
    let done = match change {
        RefreshChange::PutProperties(properties) => {
            match api.put_refresh_properties(id, properties).await {
                Err(error) if is_same_as_existing(&error) => return Ok(None),
                put => put,
            }
        }
        RefreshChange::DeleteProperties => api.delete_refresh_properties(id).await,
        RefreshChange::DeleteSchedule(name) => match api.delete_schedule(id, name).await {
            Err(error) if error.is_not_found() => return Ok(None),
            deleted => deleted,
        },
        RefreshChange::UpdateSchedule(schedule) => api.update_schedule(id, schedule).await,
        RefreshChange::CreateSchedule(schedule) => match api.create_schedule(id, schedule).await {
            // An answer that was lost: it is there, and is made as it is wanted.
            Err(error) if error.kind == ApiErrorKind::AlreadyExists => {
                api.update_schedule(id, schedule).await
            }
            created => created,
        },
    };
    done.map(Some)
}

/// The service refuses properties that are those it has, though it spells them
/// otherwise when they are read.
fn is_same_as_existing(error: &ApiError) -> bool {
    let message = error.message.as_deref().unwrap_or_default().to_lowercase();
    error.kind == ApiErrorKind::Invalid
        && message.contains("same as")
        && message.contains("existing")
}
