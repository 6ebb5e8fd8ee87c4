//! A request's members by name, wherever they travelled: path, query or body.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::ServiceError;
use super::catalogue::{Catalogue, Kind, Operation, Place};
use super::check::check;

/// The checked members of one request.
#[derive(Debug, Default)]
pub(crate) struct Input {
    values: BTreeMap<&'static str, Value>,
    /// The text of each member of the body, to the byte.
    raws: BTreeMap<String, String>,
}

impl Input {
    /// Reads and checks what an operation was sent.
    pub(crate) fn read(
        operation: &'static Operation,
        labels: &BTreeMap<&'static str, String>,
        query: &[(String, String)],
        body: &[u8],
        refuses_unknown: bool,
    ) -> Result<Self, ServiceError> {
        let mut sent = if body.is_empty() {
            BTreeMap::new()
        } else {
            let Members(sent) = serde_json::from_slice(body).map_err(|_| {
                ServiceError::serialization("the body is not a JSON object with each member once")
            })?;
            sent
        };
        sent.retain(|_, value| value.get() != "null");
        let mut input = Self::default();
        for member in &operation.members {
            let value = match member.place {
                Place::Path => labels
                    .get(member.name)
                    .map(|text| from_text(&member.kind, &[text])),
                Place::Query(key) => {
                    let texts: Vec<&String> = query
                        .iter()
                        .filter(|(name, _)| name == key)
                        .map(|(_, value)| value)
                        .collect();
                    (!texts.is_empty()).then(|| from_text(&member.kind, &texts))
                }
                Place::Body => match sent.remove(member.name) {
                    Some(raw) => {
                        let value = body_value(member.name, &member.kind, raw.get())?;
                        input
                            .raws
                            .insert(member.name.to_owned(), raw.get().to_owned());
                        Some(value)
                    }
                    None => None,
                },
            };
            match value {
                Some(value) => {
                    check(Catalogue::get(), member.name, &member.kind, &value)?;
                    input.values.insert(member.name, value);
                }
                None if member.required => {
                    return Err(ServiceError::invalid(format!(
                        "{}: a required member is missing",
                        member.name
                    )));
                }
                None => {}
            }
        }
        if refuses_unknown {
            if let Some(name) = sent.keys().next() {
                return Err(ServiceError::invalid(format!(
                    "{name}: {} has no such member",
                    operation.name
                )));
            }
            let known = |name: &str| {
                operation
                    .members
                    .iter()
                    .any(|member| matches!(member.place, Place::Query(key) if key == name))
            };
            if let Some((name, _)) = query.iter().find(|(name, _)| !known(name)) {
                return Err(ServiceError::invalid(format!(
                    "{name}: {} has no such query parameter",
                    operation.name
                )));
            }
        }
        Ok(input)
    }

    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.value(name).and_then(Value::as_str)
    }

    /// A member which the tables require.
    pub(crate) fn must(&self, name: &str) -> &str {
        self.text(name).expect("the tables require this member")
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.value(name).and_then(Value::as_u64)
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        self.value(name)
            .and_then(Value::as_bool)
            .unwrap_or_default()
    }

    pub(crate) fn list(&self, name: &str) -> &[Value] {
        self.value(name)
            .and_then(Value::as_array)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        self.list(name).iter().filter_map(Value::as_str).collect()
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// The text of a member of the body.
    pub(crate) fn raw(&self, name: &str) -> Option<&str> {
        self.raws.get(name).map(String::as_str)
    }

    /// The members of the body, by name.
    pub(crate) fn body_members(&self) -> impl Iterator<Item = &str> {
        self.raws.keys().map(String::as_str)
    }
}

/// The members of a body. One that comes twice is refused: which would count is anybody's guess.
struct Members(BTreeMap<String, Box<RawValue>>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Once;

        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member comes twice"));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Once)
    }
}

/// A document's inside is nobody's business here, and may be deep.
fn body_value(name: &str, kind: &Kind, raw: &str) -> Result<Value, ServiceError> {
    if matches!(kind, Kind::Document) {
        return Ok(if raw.starts_with('{') {
            Value::Object(serde_json::Map::new())
        } else {
            Value::Bool(false)
        });
    }
    serde_json::from_str(raw)
        .map_err(|_| ServiceError::serialization(format!("{name}: nested too deep")))
}

/// The value of a label or of query parameters, by the kind the table gives it.
fn from_text<T: AsRef<str>>(kind: &Kind, texts: &[T]) -> Value {
    let text = texts.first().map(AsRef::as_ref).unwrap_or_default();
    match kind {
        Kind::List(..) => texts.iter().map(AsRef::as_ref).collect(),
        Kind::Integer(_) => text
            .parse::<u64>()
            .map_or_else(|_| Value::from(text), Value::from),
        Kind::Flag => text
            .parse::<bool>()
            .map_or_else(|_| Value::from(text), Value::from),
        _ => Value::from(text),
    }
}
