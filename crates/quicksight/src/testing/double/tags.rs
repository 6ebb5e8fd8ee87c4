//! Tags of anything that has an ARN here.

use std::collections::BTreeMap;

use serde_json::Value;

use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Kind, State};

/// Most tags of one resource; the model's own bound of a request is 200.
const MOST: usize = 50;

fn sent(input: &Input) -> Result<BTreeMap<String, String>, ServiceError> {
    let mut tags = BTreeMap::new();
    for tag in input.list("Tags") {
        let text = |name: &str| {
            tag.get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let key = text("Key");
        if key.to_ascii_lowercase().starts_with("aws:") {
            return Err(ServiceError::invalid(format!(
                "Tags: the prefix of {key} is reserved"
            )));
        }
        if tags.insert(key.clone(), text("Value")).is_some() {
            return Err(ServiceError::invalid(format!(
                "Tags: the key {key} is given twice"
            )));
        }
    }
    Ok(tags)
}

/// The tags of a creation.
pub(super) fn of_creation(input: &Input) -> Result<BTreeMap<String, String>, ServiceError> {
    let tags = sent(input)?;
    if tags.len() > MOST {
        return Err(ServiceError::limit(
            "TAG",
            format!("a resource has at most {MOST} tags"),
        ));
    }
    Ok(tags)
}

fn resource(state: &State, input: &Input) -> Result<(Kind, String), ServiceError> {
    let arn = input.must("ResourceArn");
    if !arn.starts_with("arn:") {
        return Err(ServiceError::invalid(format!(
            "ResourceArn: {arn} is not an ARN"
        )));
    }
    let (kind, id) = state
        .parse_arn(arn)
        .ok_or_else(|| ServiceError::not_found("RESOURCE", arn))?;
    state.must_exist(kind, &id)?;
    Ok((kind, id))
}

pub(super) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (kind, id) = resource(state, input)?;
    let mut tags: Vec<Object> = state
        .must_exist(kind, &id)?
        .tags
        .iter()
        .map(|(key, value)| Object::new().text("Key", key).text("Value", value))
        .collect();
    state.random.shuffle(&mut tags);
    Ok(Reply::ok(Object::new().list("Tags", tags)))
}

pub(super) fn tag(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (kind, id) = resource(state, input)?;
    let mut tags = state.must_exist(kind, &id)?.tags.clone();
    tags.extend(sent(input)?);
    if tags.len() > MOST {
        return Err(ServiceError::limit(
            "TAG",
            format!("a resource has at most {MOST} tags"),
        ));
    }
    if let Some(common) = state.common_mut(kind, &id) {
        common.tags = tags;
    }
    Ok(Reply::ok(Object::new()))
}

pub(super) fn untag(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let (kind, id) = resource(state, input)?;
    let keys = input.texts("TagKeys");
    if let Some(common) = state.common_mut(kind, &id) {
        common.tags.retain(|key, _| !keys.contains(&key.as_str()));
    }
    Ok(Reply::ok(Object::new()))
}
