//! Refresh properties: SPICE data sets only, and never the same twice.

use serde_json::Value;

use super::super::protocol::{Input, Object, Reply, ServiceError};
use super::super::state::State;
use super::{find_mut, spice};

pub(crate) fn put(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSetId");
    let data_set = spice(state, id)?;
    let properties = input
        .value("DataSetRefreshProperties")
        .unwrap_or(&Value::Null);
    let window =
        properties.pointer("/RefreshConfiguration/IncrementalRefresh/LookbackWindow/ColumnName");
    if let Some(column) = window.and_then(Value::as_str)
        && !data_set
            .columns
            .iter()
            .any(|(name, kind)| name == column && kind == "DATETIME")
    {
        return Err(ServiceError::invalid(format!(
            "data set {id} has no column {column} of dates to look back by"
        )));
    }
    let before = data_set
        .properties
        .as_deref()
        .map(serde_json::from_str::<Value>);
    if before.and_then(Result::ok).as_ref() == Some(properties) {
        return Err(ServiceError::invalid(format!(
            "the refresh properties of data set {id} are the same as the existing configuration"
        )));
    }
    let raw = input
        .raw("DataSetRefreshProperties")
        .unwrap_or_default()
        .to_owned();
    find_mut(state, id)?.properties = Some(raw);
    Ok(Reply::ok(Object::new()))
}

pub(crate) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSetId");
    match &spice(state, id)?.properties {
        Some(raw) => Ok(Reply::ok(
            Object::new().raw("DataSetRefreshProperties", raw),
        )),
        None => Err(ServiceError::not_found("REFRESH_PROPERTIES", id)),
    }
}

pub(crate) fn delete(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSetId");
    spice(state, id)?;
    match find_mut(state, id)?.properties.take() {
        Some(_) => Ok(Reply::ok(Object::new())),
        None => Err(ServiceError::not_found("REFRESH_PROPERTIES", id)),
    }
}
