//! A manifest as a document: what it says of its dump, and what is changed in it.
//!
//! Members that are not known here stay as they are, for a manifest may be of a dump or
//! of an export, and of a later release.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

const VALID: &str = "valid_for_etl";
const REASONS: &str = "invalid_reasons";
const HISTORY: &str = "quarantine";
/// Before a reason that was given here, among those of the gates.
const PREFIX: &str = "quarantined: ";

/// Who said what, and when: one entry of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) action: Action,
    /// With the zone's offset.
    pub(crate) at: String,
    pub(crate) by: String,
    pub(crate) reason: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Action {
    Marked,
    Cleared,
}

/// A manifest.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document(Map<String, Value>);

impl Document {
    /// Reads it.
    ///
    /// # Errors
    /// Why it is none, without its text.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let value: Value = serde_json::from_slice(bytes).map_err(|error| {
            format!(
                "it is no JSON (line {}, column {})",
                error.line(),
                error.column()
            )
        })?;
        let Value::Object(members) = value else {
            return Err("it is no JSON object".to_owned());
        };
        let document = Self(members);
        if document.0.get(VALID).and_then(Value::as_bool).is_none() {
            return Err(format!("it has no {VALID}, and so is no manifest"));
        }
        if document.text("dump_key").is_none() {
            return Err("it names no dump_key".to_owned());
        }
        Ok(document)
    }

    /// As it is stored: indented JSON with a final newline.
    pub(crate) fn to_json(&self) -> String {
        // Members that came from JSON always go back.
        let mut text = serde_json::to_string_pretty(&self.0).unwrap_or_default();
        text.push('\n');
        text
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.0.get(VALID).and_then(Value::as_bool) == Some(true)
    }

    pub(crate) fn dump_key(&self) -> &str {
        self.text("dump_key").unwrap_or_default()
    }

    pub(crate) fn dump_date(&self) -> Option<&str> {
        self.text("dump_date")
    }

    pub(crate) fn dump_size(&self) -> Option<u64> {
        self.0.get("dump_size_bytes").and_then(Value::as_u64)
    }

    /// Without quotes; manifests of older releases have none.
    pub(crate) fn dump_etag(&self) -> Option<&str> {
        self.text("dump_etag")
    }

    /// Why it is not valid, one sentence each.
    pub(crate) fn reasons(&self) -> Vec<String> {
        let reasons = self.0.get(REASONS).and_then(Value::as_array);
        let reasons = reasons.into_iter().flatten().filter_map(Value::as_str);
        reasons.map(str::to_owned).collect()
    }

    /// Marks it. Returns whether that changed anything: the same mark twice is one.
    pub(crate) fn mark(&mut self, entry: Entry) -> bool {
        let reason = format!("{PREFIX}{}", entry.reason);
        let mut reasons = self.reasons();
        if reasons.contains(&reason) && !self.is_valid() {
            return false;
        }
        reasons.push(reason);
        self.set(reasons, entry);
        true
    }

    /// Takes every mark back. Returns whether there was one.
    pub(crate) fn clear(&mut self, entry: Entry) -> bool {
        let all = self.reasons();
        let rest: Vec<String> = all
            .iter()
            .filter(|reason| !reason.starts_with(PREFIX))
            .cloned()
            .collect();
        if rest.len() == all.len() {
            return false;
        }
        self.set(rest, entry);
        true
    }

    fn set(&mut self, reasons: Vec<String>, entry: Entry) {
        let source_valid = self.0.get("source_valid").and_then(Value::as_bool);
        let valid = source_valid != Some(false) && reasons.is_empty();
        self.0.insert(VALID.to_owned(), json!(valid));
        self.0.insert(REASONS.to_owned(), json!(reasons));
        let history = self
            .0
            .entry(HISTORY)
            .or_insert_with(|| Value::Array(Vec::new()));
        match history {
            Value::Array(entries) => entries.push(json!(entry)),
            // Not of ours: it becomes the first entry rather than being lost.
            other => *other = json!([other.take(), entry]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(valid: bool, reasons: &[&str]) -> Document {
        let text = json!({
            "dump_key": "dumps/x.sql.gz", "source_valid": true, "valid_for_etl": valid,
            "invalid_reasons": reasons, "rows": 18_446_744_073_709_551_615_u64, "later": {"a": null},
        });
        Document::parse(text.to_string().as_bytes()).unwrap()
    }

    fn entry(action: Action, reason: &str) -> Entry {
        Entry {
            action,
            at: "2026-11-23T07:00:00+09:00".to_owned(),
            by: "somebody".to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_mark_is_taken_back_and_remembered() {
        let before = document(true, &[]);
        let mut marked = before.clone();
        assert!(marked.mark(entry(Action::Marked, "wrong server")));
        assert!(!marked.is_valid());
        assert_eq!(marked.reasons(), ["quarantined: wrong server"]);
        assert!(!marked.mark(entry(Action::Marked, "wrong server")));
        let mut cleared = Document::parse(marked.to_json().as_bytes()).unwrap();
        assert!(cleared.clear(entry(Action::Cleared, "it was right")));
        assert!(cleared.is_valid());
        assert!(!cleared.clear(entry(Action::Cleared, "again")));
        let history = cleared.0[HISTORY].as_array().unwrap();
        assert_eq!(history[0]["action"], "marked");
        assert_eq!(history[1]["reason"], "it was right");
        // All else is as it was.
        cleared.0.remove(HISTORY);
        assert_eq!(cleared, before);
    }

    #[test]
    fn what_a_gate_found_stays_when_a_mark_is_taken_back() {
        let mut document = document(false, &["too small: 1 bytes"]);
        assert!(document.mark(entry(Action::Marked, "a")));
        assert!(document.mark(entry(Action::Marked, "b")));
        assert!(document.clear(entry(Action::Cleared, "c")));
        assert!(!document.is_valid());
        assert_eq!(document.reasons(), ["too small: 1 bytes"]);
    }

    #[test]
    fn what_is_no_manifest_is_refused_without_its_text() {
        for text in [
            "canary",
            "[]",
            r#"{"dump_key":"canary"}"#,
            r#"{"valid_for_etl":true}"#,
        ] {
            let reason = Document::parse(text.as_bytes()).unwrap_err();
            assert!(!reason.contains("canary"), "{reason}");
        }
    }
}
