//! The members of a file's document, each read once and by its type.

use std::collections::{BTreeMap, BTreeSet};

use super::{FileError, ValidationMode};
use crate::{
    id::{AssetId, AssetKind},
    json::{Json, Object, Path},
    presets::{Grant, Presets},
};

/// The members of a document, each taken once.
pub(super) struct Members(Object);

impl Members {
    pub(super) fn new(object: Object) -> Self {
        Self(object)
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        self.0.remove(name).filter(|value| !value.is_null())
    }

    #[expect(clippy::unused_self, reason = "reads as what it is about")]
    pub(super) fn wrong(&self, name: &str, problem: impl Into<String>) -> FileError {
        FileError::member(Path::root().name(name), problem)
    }

    pub(super) fn need(&mut self, name: &str) -> Result<Json, FileError> {
        self.take(name)
            .ok_or_else(|| self.wrong(name, "is missing"))
    }

    pub(super) fn text(&mut self, name: &str) -> Result<String, FileError> {
        match self.need(name)? {
            Json::String(text) if !text.is_empty() => Ok(text),
            Json::String(_) => Err(self.wrong(name, "is empty")),
            other => Err(self.must_be(name, "a text", &other)),
        }
    }

    pub(super) fn id(&mut self, name: &str) -> Result<AssetId, FileError> {
        let id = self.text(name)?;
        AssetId::new(id).map_err(|error| self.wrong(name, error.reason))
    }

    pub(super) fn optional_text(&mut self, name: &str) -> Result<Option<String>, FileError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::String(text)) => Ok(Some(text)),
            Some(other) => Err(self.must_be(name, "a text", &other)),
        }
    }

    pub(super) fn object(&mut self, name: &str) -> Result<Json, FileError> {
        match self.need(name)? {
            object @ Json::Object(_) => Ok(object),
            other => Err(self.must_be(name, "an object", &other)),
        }
    }

    pub(super) fn optional_object(&mut self, name: &str) -> Result<Option<Json>, FileError> {
        match self.take(name) {
            None => Ok(None),
            Some(object @ Json::Object(_)) => Ok(Some(object)),
            Some(other) => Err(self.must_be(name, "an object", &other)),
        }
    }

    pub(super) fn validation(&mut self) -> Result<Option<ValidationMode>, FileError> {
        match self.optional_text("validation")? {
            None => Ok(None),
            Some(word) => ValidationMode::of_word(&word)
                .map(Some)
                .ok_or_else(|| self.wrong("validation", "must be STRICT or LENIENT")),
        }
    }

    pub(super) fn texts(&mut self, name: &str) -> Result<Option<BTreeSet<String>>, FileError> {
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let Some(items) = value.as_array() else {
            return Err(self.must_be(name, "an array of texts", &value));
        };
        let path = Path::root().name(name);
        items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let text = item.as_str().map(str::to_owned);
                text.ok_or_else(|| FileError::member(path.index(index), "must be a text"))
            })
            .collect::<Result<BTreeSet<_>, _>>()
            .map(Some)
    }

    /// An object of texts, or the service's list of `Key` and `Value`.
    pub(super) fn tags(
        &mut self,
        name: &str,
    ) -> Result<Option<BTreeMap<String, String>>, FileError> {
        let path = Path::root().name(name);
        let text = |value: Option<&Json>, path: Path| {
            value
                .and_then(Json::as_str)
                .map(str::to_owned)
                .ok_or_else(|| FileError::member(path, "must be a text"))
        };
        match self.take(name) {
            None => Ok(None),
            Some(Json::Object(object)) => object
                .iter()
                .map(|(key, value)| Ok((key.to_owned(), text(Some(value), path.name(key))?)))
                .collect::<Result<_, _>>()
                .map(Some),
            Some(Json::Array(items)) => items
                .iter()
                .enumerate()
                .map(|(index, tag)| {
                    let path = path.index(index);
                    let key = text(tag.get("Key"), path.name("Key"))?;
                    Ok((key, text(tag.get("Value"), path.name("Value"))?))
                })
                .collect::<Result<_, _>>()
                .map(Some),
            Some(other) => Err(self.must_be(name, "an object of texts", &other)),
        }
    }

    /// Principals with presets or actions, or the service's list of `Principal` and
    /// `Actions`.
    pub(super) fn grants(
        &mut self,
        name: &str,
    ) -> Result<Option<BTreeMap<String, Grant>>, FileError> {
        let path = Path::root().name(name);
        let mut found = BTreeMap::new();
        match self.take(name) {
            None => return Ok(None),
            Some(Json::Object(object)) => {
                for (principal, grant) in object.iter() {
                    let path = path.name(principal);
                    let grant = match grant {
                        Json::String(preset) => Grant::Preset(preset.clone()),
                        actions => Grant::Actions(action_set(actions, &path)?),
                    };
                    found.insert(principal.to_owned(), grant);
                }
            }
            Some(Json::Array(items)) => {
                let presets = Presets::built_in();
                for (index, item) in items.iter().enumerate() {
                    let path = path.index(index);
                    let principal = item.text("Principal").ok_or_else(|| {
                        FileError::member(path.name("Principal"), "must be a text")
                    })?;
                    let actions = item.get("Actions").unwrap_or(&Json::Null);
                    let actions = action_set(actions, &path.name("Actions"))?;
                    let grant = presets.name(AssetKind::Dashboard, actions);
                    if found.insert(principal.to_owned(), grant).is_some() {
                        let problem = "names a principal that stands in the list already";
                        return Err(FileError::member(path.name("Principal"), problem));
                    }
                }
            }
            Some(other) => {
                let expected = "an object of principals with a preset or actions";
                return Err(self.must_be(name, expected, &other));
            }
        }
        Ok(Some(found))
    }

    pub(super) fn schedules(
        &mut self,
        name: &str,
    ) -> Result<Option<BTreeMap<String, Json>>, FileError> {
        let path = Path::root().name(name);
        let Some(value) = self.take(name) else {
            return Ok(None);
        };
        let Some(items) = value.as_array() else {
            return Err(self.must_be(name, "an array of schedules", &value));
        };
        let mut found = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            let path = path.index(index).name("ScheduleId");
            let id = item
                .text("ScheduleId")
                .filter(|id| !id.is_empty())
                .ok_or_else(|| FileError::member(path.clone(), "must be a text"))?;
            if found.insert(id.to_owned(), item.clone()).is_some() {
                return Err(FileError::member(path, "stands in the list already"));
            }
        }
        Ok(Some(found))
    }

    /// Anything left was not understood: it would be lost.
    pub(super) fn done(self, kind: AssetKind) -> Result<(), FileError> {
        match self.0.names().next() {
            None => Ok(()),
            Some(name) => Err(self.wrong(name, format!("is no member of a file of a {kind}"))),
        }
    }

    pub(super) fn must_be(&self, name: &str, expected: &str, found: &Json) -> FileError {
        self.wrong(
            name,
            format!("must be {expected}, not {}", found.kind_name()),
        )
    }
}

fn action_set(actions: &Json, path: &Path) -> Result<BTreeSet<String>, FileError> {
    let wrong = || FileError::member(path.clone(), "must be a preset or an array of actions");
    let items = actions.as_array().ok_or_else(wrong)?;
    items
        .iter()
        .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
        .collect()
}
