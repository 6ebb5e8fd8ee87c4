//! Data sets: changed at once, and loaded by ingestions.

mod columns;
mod ingestion;
mod properties;
mod schedule;

use std::collections::BTreeMap;

use serde_json::Value;

pub(super) use ingestion::Ingestions;
pub use ingestion::{IngestionEnd, IngestionScript};

use super::progress::times;
use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Common, Kind, State};
use super::{folder, permissions, tags};

/// What the rooms of data sets answer.
pub(super) mod operations {
    pub(crate) use super::ingestion::{
        cancel, create as ingest, describe as describe_ingestion, list as list_ingestions,
    };
    pub(crate) use super::properties::{
        delete as delete_properties, describe as describe_properties, put as put_properties,
    };
    pub(crate) use super::schedule::{
        create as create_schedule, delete as delete_schedule, describe as describe_schedule,
        list as list_schedules, update as update_schedule,
    };
    pub(crate) use super::{create, delete, describe, list, update};
}

/// Names and types of columns, in order.
type Columns = Vec<(String, String)>;

pub(super) struct DataSet {
    pub(super) common: Common,
    /// The members it was made of, as they came.
    members: BTreeMap<String, String>,
    is_spice: bool,
    /// Names and types.
    pub(super) columns: Columns,
    /// `DataSetRefreshProperties`, as they came.
    properties: Option<String>,
    schedules: BTreeMap<String, schedule::Schedule>,
    pub(super) ingestions: Ingestions,
    /// Whether describe refuses it, as it does for data sets of uploaded files.
    pub(super) is_uploaded_file: bool,
}

const KIND: Kind = Kind::DataSet;

impl DataSet {
    pub(super) fn new(
        common: Common,
        members: BTreeMap<String, String>,
        is_spice: bool,
        columns: Columns,
    ) -> Self {
        Self {
            common,
            members,
            is_spice,
            columns,
            properties: None,
            schedules: BTreeMap::new(),
            ingestions: Ingestions::default(),
            is_uploaded_file: false,
        }
    }

    /// Sets a member that it is made of.
    pub(super) fn set_member(&mut self, name: &str, text: String) {
        self.members.insert(name.to_owned(), text);
    }
}

/// Members of a creation that are not the data set's own.
const NOT_KEPT: &[&str] = &["DataSetId", "Name", "Permissions", "Tags", "FolderArns"];

fn find<'a>(state: &'a State, id: &str) -> Result<&'a DataSet, ServiceError> {
    state
        .data_sets
        .get(id)
        .ok_or_else(|| ServiceError::not_found(KIND.resource_type(), id))
}

fn find_mut<'a>(state: &'a mut State, id: &str) -> Result<&'a mut DataSet, ServiceError> {
    state
        .data_sets
        .get_mut(id)
        .ok_or_else(|| ServiceError::not_found(KIND.resource_type(), id))
}

/// Refuses what only SPICE data sets have.
fn spice<'a>(state: &'a State, id: &str) -> Result<&'a DataSet, ServiceError> {
    let data_set = find(state, id)?;
    if data_set.is_spice {
        Ok(data_set)
    } else {
        Err(ServiceError::invalid(format!(
            "data set {id} is not a SPICE data set"
        )))
    }
}

fn import_mode(data_set: &DataSet) -> &'static str {
    if data_set.is_spice {
        "SPICE"
    } else {
        "DIRECT_QUERY"
    }
}

pub(super) fn summary(state: &State, id: &str, data_set: &DataSet) -> Object {
    let object = Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("DataSetId", id)
        .text("Name", &data_set.common.name)
        .text("ImportMode", import_mode(data_set))
        .maybe_raw(
            "RowLevelPermissionDataSet",
            data_set
                .members
                .get("RowLevelPermissionDataSet")
                .map(String::as_str),
        )
        .flag(
            "RowLevelPermissionTagConfigurationApplied",
            data_set
                .members
                .contains_key("RowLevelPermissionTagConfiguration"),
        )
        .flag(
            "ColumnLevelPermissionRulesApplied",
            data_set.members.contains_key("ColumnLevelPermissionRules"),
        )
        .maybe_raw("UseAs", data_set.members.get("UseAs").map(String::as_str));
    times(object, data_set.common.created, data_set.common.updated)
}

pub(crate) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let all = state
        .data_sets
        .iter()
        .map(|(id, data_set)| summary(state, id, data_set).to_string())
        .collect();
    let page = state.page("ListDataSets", input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("DataSetSummaries", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(crate) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSetId");
    let data_set = find(state, id)?;
    if data_set.is_uploaded_file {
        return Err(ServiceError::invalid(format!(
            "data set {id} is of an uploaded file, which this does not support"
        )));
    }
    let mut object = Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("DataSetId", id)
        .text("Name", &data_set.common.name);
    for (name, json) in &data_set.members {
        object = object.raw(name, json);
    }
    let columns = data_set.columns.iter();
    let columns = columns.map(|(name, kind)| Object::new().text("Name", name).text("Type", kind));
    let object = object.list("OutputColumns", columns).number(
        "ConsumedSpiceCapacityInBytes",
        if data_set.is_spice { 1024 } else { 0 },
    );
    let object = times(object, data_set.common.created, data_set.common.updated);
    Ok(Reply::ok(Object::new().object("DataSet", object)))
}

/// The members to keep, and the columns they come to.
fn contents(
    state: &State,
    input: &Input,
) -> Result<(BTreeMap<String, String>, Columns), ServiceError> {
    let mut members = BTreeMap::new();
    for name in input.body_members().filter(|name| !NOT_KEPT.contains(name)) {
        members.insert(
            name.to_owned(),
            input.raw(name).unwrap_or_default().to_owned(),
        );
    }
    let document = |name: &str| {
        input.raw(name).map_or(Value::Null, |raw| {
            serde_json::from_str(raw).unwrap_or_default()
        })
    };
    let preparation = document("DataPrepConfiguration");
    let tables = columns::Tables {
        physical: input.value("PhysicalTableMap").unwrap_or(&Value::Null),
        logical: input.value("LogicalTableMap").unwrap_or(&Value::Null),
        preparation: &preparation,
    };
    Ok((members, columns::of(state, &tables)?))
}

/// Names the asset and the ingestion that its change has started, if it is a SPICE one.
fn answer(state: &mut State, id: &str, request_type: &'static str) -> Result<Object, ServiceError> {
    let arn = state.arn(KIND, id);
    let body = Object::new().text("Arn", &arn).text("DataSetId", id);
    if !find(state, id)?.is_spice {
        return Ok(body);
    }
    let (now, ingestion) = (state.now(), format!("{:032x}", state.random.u128(..)));
    find_mut(state, id)?
        .ingestions
        .start_edit(&ingestion, request_type, now);
    Ok(body
        .text("IngestionArn", &format!("{arn}/ingestion/{ingestion}"))
        .text("IngestionId", &ingestion))
}

pub(crate) fn create(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSetId");
    if id.is_empty() {
        return Err(ServiceError::invalid("DataSetId: is empty"));
    }
    state.must_be_new(KIND, id)?;
    let mut common = Common::new(input.must("Name"), state.now());
    common.grants = permissions::of_creation(state, KIND, input)?;
    common.tags = tags::of_creation(input)?;
    let folders = folder::of_creation(state, input)?;
    let (members, columns) = contents(state, input)?;
    let is_spice = input.must("ImportMode") == "SPICE";
    let data_set = DataSet::new(common, members, is_spice, columns);
    state.data_sets.insert(id.to_owned(), data_set);
    folder::join(state, &folders, KIND, id);
    let body = answer(state, id, "INITIAL_INGESTION")?;
    Ok(Reply::with_status(201, body))
}

/// Replaces everything but what only a creation says.
pub(crate) fn update(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSetId");
    if find(state, id)?.is_uploaded_file {
        return Err(ServiceError::invalid(format!(
            "data set {id} is of an uploaded file, which this does not support"
        )));
    }
    let (mut members, columns) = contents(state, input)?;
    let (now, is_spice) = (state.now(), input.must("ImportMode") == "SPICE");
    let data_set = find_mut(state, id)?;
    if let Some(use_as) = data_set.members.remove("UseAs") {
        members.insert("UseAs".to_owned(), use_as);
    }
    data_set.members = members;
    data_set.columns = columns;
    data_set.is_spice = is_spice;
    data_set.common.updated = now;
    input.must("Name").clone_into(&mut data_set.common.name);
    if !is_spice {
        data_set.properties = None;
        data_set.schedules.clear();
    }
    answer(state, id, "EDIT").map(Reply::ok)
}

pub(crate) fn delete(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSetId");
    find(state, id)?;
    state.data_sets.remove(id);
    folder::leave_all(state, KIND, id);
    Ok(Reply::ok(
        Object::new()
            .text("Arn", &state.arn(KIND, id))
            .text("DataSetId", id),
    ))
}
