//! Places in a document.

use std::fmt;

use super::Json;

/// A place in a document, shown as `Sheets[0].Visuals[2].Title`.
///
/// A name that has other characters than letters, digits, `_` and `-` is shown as
/// `["a.b"]`. The document itself is `$`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, PartialOrd, Ord)]
pub struct Path(Vec<Step>);

/// One step of a [`Path`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(clippy::exhaustive_enums, reason = "JSON has two kinds of containers")]
pub enum Step {
    /// Into a member of an object.
    Name(String),
    /// Into an item of an array, from 0.
    Index(usize),
}

impl Path {
    /// The document itself.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// The steps from the document to the place.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// The last step's name; `None` for the root and for items of arrays.
    pub fn last_name(&self) -> Option<&str> {
        match self.0.last() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// The place of a member below this place.
    #[must_use]
    pub fn name(&self, name: &str) -> Self {
        let mut below = self.clone();
        below.push_name(name);
        below
    }

    /// The place of an item below this place.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut below = self.clone();
        below.push_index(index);
        below
    }

    /// The place that the other path has, seen from here.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self(self.0.iter().chain(&other.0).cloned().collect())
    }

    pub(crate) fn push_name(&mut self, name: &str) {
        self.0.push(Step::Name(name.to_owned()));
    }

    pub(crate) fn push_index(&mut self, index: usize) {
        self.0.push(Step::Index(index));
    }

    pub(crate) fn pop(&mut self) {
        self.0.pop();
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Name(name) if is_plain(name) => {
                    let dot = if position == 0 { "" } else { "." };
                    write!(f, "{dot}{name}")?;
                }
                Step::Name(name) => write!(f, "[{}]", Json::from(name.as_str()).to_compact())?,
            }
        }
        Ok(())
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}

pub(super) fn at<'a>(json: &'a Json, path: &Path) -> Option<&'a Json> {
    path.0.iter().try_fold(json, |json, step| match step {
        Step::Name(name) => json.get(name),
        Step::Index(index) => json.as_array()?.get(*index),
    })
}

pub(super) fn pointer<'a>(json: &'a Json, pointer: &str) -> Option<&'a Json> {
    tokens(pointer)?.try_fold(json, |json, token| match json {
        Json::Object(object) => object.get(&token),
        Json::Array(items) => items.get(array_index(&token)?),
        _ => None,
    })
}

pub(super) fn pointer_mut<'a>(json: &'a mut Json, pointer: &str) -> Option<&'a mut Json> {
    tokens(pointer)?.try_fold(json, |json, token| match json {
        Json::Object(object) => object.get_mut(&token),
        Json::Array(items) => items.get_mut(array_index(&token)?),
        _ => None,
    })
}

fn tokens(pointer: &str) -> Option<impl Iterator<Item = String>> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return None;
    }
    Some(
        pointer
            .split('/')
            .skip(1)
            .map(|token| token.replace("~1", "/").replace("~0", "~")),
    )
}

fn array_index(token: &str) -> Option<usize> {
    let canonical = token == "0" || !token.starts_with(['0', '+']);
    canonical.then(|| token.parse().ok()).flatten()
}

pub(super) fn walk<'a>(json: &'a Json, visit: &mut dyn FnMut(&Path, &'a Json)) {
    fn go<'a>(json: &'a Json, path: &mut Path, visit: &mut dyn FnMut(&Path, &'a Json)) {
        visit(path, json);
        match json {
            Json::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    path.push_index(index);
                    go(item, path, visit);
                    path.pop();
                }
            }
            Json::Object(object) => {
                for (name, value) in object.iter() {
                    path.push_name(name);
                    go(value, path, visit);
                    path.pop();
                }
            }
            _ => {}
        }
    }
    go(json, &mut Path::default(), visit);
}

pub(super) fn map_texts(json: &mut Json, change: &mut dyn FnMut(&Path, &str) -> Option<String>) {
    fn go(json: &mut Json, path: &mut Path, change: &mut dyn FnMut(&Path, &str) -> Option<String>) {
        match json {
            Json::String(text) => {
                if let Some(changed) = change(path, text) {
                    *text = changed;
                }
            }
            Json::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    path.push_index(index);
                    go(item, path, change);
                    path.pop();
                }
            }
            Json::Object(object) => {
                for (name, value) in object.iter_mut() {
                    path.push_name(name);
                    go(value, path, change);
                    path.pop();
                }
            }
            _ => {}
        }
    }
    go(json, &mut Path::default(), change);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_and_pointers_lead_to_the_same_values() {
        let json = Json::parse(r#"{"a":[{"b/c":1,"d.e":[2]}],"01":3}"#).unwrap();
        let mut shown = Vec::new();
        json.walk(&mut |path, value| {
            assert_eq!(json.at(path), Some(value));
            shown.push(path.to_string());
        });
        let expected = [
            "$",
            "a",
            "a[0]",
            r#"a[0]["b/c"]"#,
            r#"a[0]["d.e"]"#,
            r#"a[0]["d.e"][0]"#,
            "01",
        ];
        assert_eq!(shown, expected);
        assert_eq!(json.pointer("/a/0/b~1c").and_then(Json::as_u64), Some(1));
        assert_eq!(json.pointer(""), Some(&json));
        assert_eq!(json.pointer("/a/00"), None);
        assert_eq!(json.pointer("a"), None);
    }

    #[test]
    fn texts_are_changed_in_place_and_names_are_not() {
        let mut json = Json::parse(r#"{"x":["x",{"x":"y"}]}"#).unwrap();
        json.map_texts(&mut |_, text| (text == "x").then(|| "z".to_owned()));
        assert_eq!(json.to_compact(), r#"{"x":["z",{"x":"y"}]}"#);
    }
}
