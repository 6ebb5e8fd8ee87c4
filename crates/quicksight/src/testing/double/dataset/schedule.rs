//! Refresh schedules, with the service's rules on their number and form.

use std::time::Duration;

use serde_json::Value;

use super::super::clock::{Millis, millis, timestamp};
use super::super::protocol::{Input, Object, Reply, ServiceError};
use super::super::state::{Kind, State};
use super::{DataSet, find, find_mut, spice};

pub(super) struct Schedule {
    frequency: String,
    refresh_type: String,
    interval: String,
    starts: Millis,
}

/// Most schedules of one data set.
const MOST: usize = 5;
const RESOURCE: &str = "REFRESH_SCHEDULE";

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// `HH:MM`.
fn is_time(text: &str) -> bool {
    let part = |part: &str, below: u8| {
        part.len() == 2 && part.parse().is_ok_and(|number: u8| number < below)
    };
    text.split_once(':')
        .is_some_and(|(hour, minute)| part(hour, 24) && part(minute, 60))
}

fn read(
    state: &State,
    data_set: &DataSet,
    id: &str,
    schedule: &Value,
) -> Result<Schedule, ServiceError> {
    let invalid = |message: &str| Err(ServiceError::invalid(format!("Schedule: {message}")));
    let interval = text(schedule, "/ScheduleFrequency/Interval");
    let refresh_type = text(schedule, "/RefreshType");
    let others = |wanted: &dyn Fn(&str) -> bool| {
        data_set
            .schedules
            .iter()
            .any(|(known, other)| known != id && wanted(&other.interval))
    };
    match interval {
        "MINUTE15" | "MINUTE30" => {
            if refresh_type != "INCREMENTAL_REFRESH" {
                return invalid("by the minute only incremental refreshes are possible");
            }
            if others(&|interval| interval.starts_with("MINUTE")) {
                return invalid("a data set has one schedule by the minute");
            }
        }
        "HOURLY" if others(&|interval| interval == "HOURLY") => {
            return invalid("a data set has one hourly schedule");
        }
        "WEEKLY" if text(schedule, "/ScheduleFrequency/RefreshOnDay/DayOfWeek").is_empty() => {
            return invalid("a weekly one needs RefreshOnDay.DayOfWeek");
        }
        "MONTHLY" if text(schedule, "/ScheduleFrequency/RefreshOnDay/DayOfMonth").is_empty() => {
            return invalid("a monthly one needs RefreshOnDay.DayOfMonth");
        }
        _ => {}
    }
    let time = text(schedule, "/ScheduleFrequency/TimeOfTheDay");
    if matches!(interval, "DAILY" | "WEEKLY" | "MONTHLY") && time.is_empty() {
        return invalid("TimeOfTheDay is needed");
    }
    if !time.is_empty() && !is_time(time) {
        return invalid("TimeOfTheDay is HH:MM");
    }
    if refresh_type == "INCREMENTAL_REFRESH" && data_set.properties.is_none() {
        return invalid("an incremental refresh needs refresh properties first");
    }
    let starts = match schedule.get("StartAfterDateTime").and_then(Value::as_f64) {
        Some(seconds) => Duration::try_from_secs_f64(seconds)
            .map(millis)
            .unwrap_or_default(),
        // The next midnight.
        None => (state.now() / 86_400_000 + 1) * 86_400_000,
    };
    Ok(Schedule {
        frequency: schedule
            .get("ScheduleFrequency")
            .map(Value::to_string)
            .unwrap_or_default(),
        refresh_type: refresh_type.to_owned(),
        interval: interval.to_owned(),
        starts,
    })
}

fn arn(state: &State, data_set: &str, id: &str) -> String {
    format!(
        "{}/refresh-schedule/{id}",
        state.arn(Kind::DataSet, data_set)
    )
}

fn object(state: &State, data_set: &str, id: &str, schedule: &Schedule) -> Object {
    Object::new()
        .text("ScheduleId", id)
        .raw("ScheduleFrequency", &schedule.frequency)
        .raw("StartAfterDateTime", timestamp(schedule.starts))
        .text("RefreshType", &schedule.refresh_type)
        .text("Arn", &arn(state, data_set, id))
}

fn named(state: &State, data_set: &str, id: &str) -> Object {
    Object::new()
        .text("ScheduleId", id)
        .text("Arn", &arn(state, data_set, id))
}

fn put(state: &mut State, input: &Input, is_new: bool) -> Result<Reply, ServiceError> {
    let data_set_id = input.must("DataSetId");
    let data_set = spice(state, data_set_id)?;
    let sent = input.value("Schedule").unwrap_or(&Value::Null);
    let id = text(sent, "/ScheduleId");
    if id.is_empty() {
        return Err(ServiceError::invalid("Schedule.ScheduleId: is empty"));
    }
    match (data_set.schedules.contains_key(id), is_new) {
        (true, true) => return Err(ServiceError::exists(RESOURCE, id)),
        (false, false) => return Err(ServiceError::not_found(RESOURCE, id)),
        (false, true) if data_set.schedules.len() >= MOST => {
            return Err(ServiceError::limit(
                RESOURCE,
                format!("a data set has at most {MOST} schedules"),
            ));
        }
        _ => {}
    }
    let schedule = read(state, data_set, id, sent)?;
    let id = id.to_owned();
    find_mut(state, data_set_id)?
        .schedules
        .insert(id.clone(), schedule);
    Ok(Reply::ok(named(state, data_set_id, &id)))
}

pub(crate) fn create(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    put(state, input, true)
}

pub(crate) fn update(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    put(state, input, false)
}

pub(crate) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let (data_set, id) = (input.must("DataSetId"), input.must("ScheduleId"));
    let schedule = find(state, data_set)?
        .schedules
        .get(id)
        .ok_or_else(|| ServiceError::not_found(RESOURCE, id))?;
    Ok(Reply::ok(
        Object::new()
            .object("RefreshSchedule", object(state, data_set, id, schedule))
            .text("Arn", &arn(state, data_set, id)),
    ))
}

/// All of them: this listing has no pages.
pub(crate) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let data_set = input.must("DataSetId");
    let schedules = find(state, data_set)?.schedules.iter();
    let mut all: Vec<Object> = schedules
        .map(|(id, schedule)| object(state, data_set, id, schedule))
        .collect();
    state.random.shuffle(&mut all);
    Ok(Reply::ok(Object::new().list("RefreshSchedules", all)))
}

pub(crate) fn delete(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (data_set, id) = (input.must("DataSetId"), input.must("ScheduleId"));
    let removed = find_mut(state, data_set)?.schedules.remove(id);
    if removed.is_none() {
        return Err(ServiceError::not_found(RESOURCE, id));
    }
    Ok(Reply::ok(named(state, data_set, id)))
}
