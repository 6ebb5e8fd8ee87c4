//! Reading: serde_json finds where values begin and end, their texts are kept.
//!
//! Each level is read as members and raw texts, then each raw text by itself. A
//! byte is so looked at once per level above it; nesting is bounded. The features of
//! serde_json which would keep number texts for us change what *other* crates of a
//! program get, so they are not an option for a library.

use std::{collections::HashSet, fmt};

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Json, Number, Object, Path};

/// Deepest nesting of arrays and objects that is read. Definitions of the service
/// are up to about 40 deep.
pub const MAX_DEPTH: usize = 128;

/// Why a text is not read as a JSON document. It names the place, never the text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}{}", ShowPlace(self))]
#[non_exhaustive]
pub struct JsonError {
    /// What is wrong.
    pub problem: &'static str,
    /// Line of the text, from 1; 0 when only the path is known.
    pub line: usize,
    /// Column in the line, in bytes, from 1; 0 when only the path is known.
    pub column: usize,
    /// Path of the value concerned, when the text could be read so far.
    pub path: Option<Path>,
}

impl JsonError {
    fn at_place(problem: &'static str, line: usize, column: usize) -> Self {
        Self {
            problem,
            line,
            column,
            path: None,
        }
    }

    fn at_path(problem: &'static str, path: &Path) -> Self {
        Self {
            problem,
            line: 0,
            column: 0,
            path: Some(path.clone()),
        }
    }

    pub(super) fn no_form() -> Self {
        Self::at_path("the value has no JSON form", &Path::default())
    }
}

struct ShowPlace<'a>(&'a JsonError);

impl fmt::Display for ShowPlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let JsonError {
            line, column, path, ..
        } = self.0;
        if *line > 0 {
            write!(f, " at line {line}, column {column}")?;
        }
        match path {
            Some(path) => write!(f, " at `{path}`"),
            None => Ok(()),
        }
    }
}

pub(super) fn parse_bytes(bytes: &[u8]) -> Result<Json, JsonError> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => parse(text),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = before
                .iter()
                .rev()
                .take_while(|byte| **byte != b'\n')
                .count()
                + 1;
            Err(JsonError::at_place(
                "bytes that are not UTF-8",
                line,
                column,
            ))
        }
    }
}

pub(super) fn parse(text: &str) -> Result<Json, JsonError> {
    // The whole text once, so that errors of syntax have a line and a column.
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| {
        let problem = if error.is_eof() {
            "the JSON text ends too early"
        } else {
            "not JSON"
        };
        JsonError::at_place(problem, error.line(), error.column())
    })?;
    value(raw.get(), 0, &mut Path::default())
}

fn value(raw: &str, depth: usize, path: &mut Path) -> Result<Json, JsonError> {
    let raw = raw.trim_matches([' ', '\t', '\n', '\r']);
    match raw.as_bytes().first() {
        Some(b'{' | b'[') if depth >= MAX_DEPTH => {
            Err(JsonError::at_path("nested too deeply", path))
        }
        Some(b'{') => object(raw, depth, path),
        Some(b'[') => array(raw, depth, path),
        Some(b'"') => serde_json::from_str(raw)
            .map(Json::String)
            .map_err(|_| JsonError::at_path("a text with half of a surrogate pair", path)),
        Some(b't') => Ok(Json::Bool(true)),
        Some(b'f') => Ok(Json::Bool(false)),
        Some(b'n') => Ok(Json::Null),
        _ => Number::new(raw)
            .map(Json::Number)
            .ok_or_else(|| JsonError::at_path("not a number", path)),
    }
}

fn array(raw: &str, depth: usize, path: &mut Path) -> Result<Json, JsonError> {
    let items = serde_json::Deserializer::from_str(raw)
        .deserialize_seq(Items)
        .map_err(|_| JsonError::at_path("not an array", path))?;
    let mut array = Vec::with_capacity(items.len());
    for (index, item) in items.into_iter().enumerate() {
        path.push_index(index);
        array.push(value(item.get(), depth + 1, path)?);
        path.pop();
    }
    Ok(Json::Array(array))
}

fn object(raw: &str, depth: usize, path: &mut Path) -> Result<Json, JsonError> {
    let found = serde_json::Deserializer::from_str(raw)
        .deserialize_map(Members)
        .map_err(|_| {
            JsonError::at_path("a member name with half of a surrogate pair below", path)
        })?;
    let mut seen = HashSet::with_capacity(found.len());
    for (name, _) in &found {
        if !seen.insert(name.as_str()) {
            path.push_name(name);
            return Err(JsonError::at_path("a member that occurs twice", path));
        }
    }
    drop(seen);
    let mut members = Vec::with_capacity(found.len());
    for (name, raw) in found {
        path.push_name(&name);
        let value = value(raw.get(), depth + 1, path)?;
        path.pop();
        members.push((name, value));
    }
    Ok(Json::Object(Object::from_distinct(members)))
}

struct Items;

impl<'de> Visitor<'de> for Items {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(items)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> String {
        parse(text).unwrap_err().to_string()
    }

    #[test]
    fn numbers_and_order_stay_as_they_were_written() {
        let text = r#"{"b":[1.6565093E9,12345678901234567890.12,-0,1e400],"a":{"ü":"\u00fc\n"}}"#;
        let json = parse(text).unwrap();
        assert_eq!(
            json.to_compact(),
            r#"{"b":[1.6565093E9,12345678901234567890.12,-0,1e400],"a":{"ü":"ü\n"}}"#
        );
    }

    #[test]
    fn what_two_readers_would_understand_differently_is_refused() {
        assert_eq!(
            problem(r#"{"Sheets":[{"Name":1,"Name":2}]}"#),
            "a member that occurs twice at `Sheets[0].Name`"
        );
        assert_eq!(
            problem(r#"{"a":{"b\ud800":1}}"#),
            "a member name with half of a surrogate pair below at `a`"
        );
        assert_eq!(
            problem(r#"{"a":["\ud800"]}"#),
            "a text with half of a surrogate pair at `a[0]`"
        );
    }

    #[test]
    fn errors_of_syntax_have_a_line_and_repeat_nothing() {
        assert_eq!(problem("{\n  \"a\": 1,\n}"), "not JSON at line 3, column 1");
        assert_eq!(
            problem("[1, 2"),
            "the JSON text ends too early at line 1, column 5"
        );
        assert_eq!(problem("{} {}"), "not JSON at line 1, column 4");
        let error = problem(r#"{"Password": hunter2}"#);
        assert!(!error.contains("hunter"), "{error}");
        let error = parse_bytes(b"{\n\"a\": \"\xff\"}").unwrap_err();
        assert_eq!((error.line, error.column), (2, 7));
    }

    #[test]
    fn nesting_is_bounded() {
        let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(parse(&deep(MAX_DEPTH)).is_ok());
        assert!(problem(&deep(MAX_DEPTH + 1)).starts_with("nested too deeply"));
        assert!(problem(&deep(100_000)).starts_with("nested too deeply"));
    }
}
