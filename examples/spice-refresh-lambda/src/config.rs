//! The function's environment, and what an event may change of it.

use std::time::Duration;

use datatransit_spice::RefreshConfig;
use serde_json::{Map, Value, json};

use crate::failure::Failure;

const ACCOUNT: &str = "QUICKSIGHT_AWS_ACCOUNT_ID";
const DATA_SETS: &str = "QUICKSIGHT_DATASET_IDS";
const DOCUMENT: &str = "SPICE_REFRESH_CONFIG";

/// What the environment says.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    /// The account of the data sets; `None`: the function's own.
    pub(crate) account: Option<String>,
    /// The refresh configuration's JSON, which an event's members may still complete.
    document: Map<String, Value>,
}

impl Settings {
    /// Reads the environment.
    ///
    /// # Errors
    ///
    /// [`Failure::Configuration`], which names the variable.
    pub(crate) fn read(environment: impl Fn(&str) -> Option<String>) -> Result<Self, Failure> {
        let given = |name: &str| environment(name).filter(|text| !text.trim().is_empty());
        let mut document = match given(DOCUMENT) {
            Some(text) => document(&text)?,
            None => Map::new(),
        };
        if let Some(text) = given(DATA_SETS) {
            let all = document.entry("data_sets").or_insert_with(|| json!([]));
            let Value::Array(all) = all else {
                return Err(wrong(DOCUMENT, "its member data_sets is not a list"));
            };
            for id in ids(&text)? {
                let known = all.iter().any(|selection| selection["id"] == id.as_str());
                if !known {
                    all.push(json!({"id": id}));
                }
            }
        }
        let settings = Self {
            account: given(ACCOUNT).map(|text| account(&text)).transpose()?,
            document,
        };
        // What is wrong now is wrong for every event; without data sets it may become right.
        if settings.document.contains_key("data_sets") {
            settings
                .refresh(&Map::new())
                .map_err(|error| wrong(DOCUMENT, &error.to_string()))?;
        }
        Ok(settings)
    }

    /// The configuration of a refresh: the environment's, its members replaced by those
    /// of the event.
    ///
    /// # Errors
    ///
    /// [`Failure::Event`], or [`Failure::Configuration`] when nothing names a data set.
    pub(crate) fn refresh(&self, changes: &Map<String, Value>) -> Result<RefreshConfig, Failure> {
        let mut document = self.document.clone();
        document.extend(changes.clone());
        if !document.contains_key("data_sets") {
            let text = format!(
                "no data set is named: set {DATA_SETS} or {DOCUMENT}, or send data_sets in the event"
            );
            return Err(Failure::Configuration(text));
        }
        let config: RefreshConfig =
            serde_json::from_value(Value::Object(document)).map_err(|error| {
                Failure::event(format!("the configuration cannot be used: {error}"))
            })?;
        config
            .check()
            .map_err(|error| Failure::event(error.to_string()))?;
        Ok(config)
    }

    /// The account: the environment's, or that of the function's ARN.
    ///
    /// # Errors
    ///
    /// [`Failure::Configuration`] when neither names one.
    pub(crate) fn account(&self, function_arn: &str) -> Result<String, Failure> {
        // arn:aws:lambda:REGION:ACCOUNT:function:NAME
        let own = function_arn.split(':').nth(4).filter(|own| is_account(own));
        let account = self.account.clone().or_else(|| own.map(str::to_owned));
        account.ok_or_else(|| {
            wrong(
                ACCOUNT,
                "it is not set, and the function's ARN names no account",
            )
        })
    }
}

/// Of the time that an invocation has left, what is kept for its answer: a tenth, one
/// second at least, thirty at most.
pub(crate) fn margin(left: Duration) -> Duration {
    (left / 10).clamp(Duration::from_secs(1), Duration::from_secs(30))
}

fn document(text: &str) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_str(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err(wrong(DOCUMENT, "it is JSON, but not an object")),
        Err(error) => Err(wrong(DOCUMENT, &format!("it is not JSON: {error}"))),
    }
}

/// `a, b` or `["a", "b"]`.
fn ids(text: &str) -> Result<Vec<String>, Failure> {
    let ids: Vec<String> = if text.trim_start().starts_with('[') {
        serde_json::from_str(text).map_err(|error| {
            wrong(
                DATA_SETS,
                &format!("it is not a JSON list of texts: {error}"),
            )
        })?
    } else {
        text.split(',').map(str::to_owned).collect()
    };
    let ids = ids.iter().map(|id| id.trim().to_owned());
    Ok(ids.filter(|id| !id.is_empty()).collect())
}

fn account(text: &str) -> Result<String, Failure> {
    let text = text.trim();
    if is_account(text) {
        Ok(text.to_owned())
    } else {
        Err(wrong(ACCOUNT, "it is not a number of 12 digits"))
    }
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn wrong(name: &str, problem: &str) -> Failure {
    Failure::Configuration(format!(
        "the environment variable {name} cannot be used: {problem}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Result<Settings, Failure> {
        let variables: Vec<_> = variables.to_vec();
        Settings::read(move |name| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn selected(settings: &Settings, changes: Value) -> Vec<String> {
        let Value::Object(changes) = changes else {
            panic!("an object")
        };
        let config = settings.refresh(&changes).unwrap();
        let shown = |it: &datatransit_spice::Selection| it.selector.to_string();
        config.data_sets.iter().map(shown).collect()
    }

    #[test]
    fn ids_are_read_as_a_list_of_commas_or_of_json() {
        for text in ["a,b", " a , b ,", r#"["a", " b "]"#, "\n a,\n b"] {
            let settings = settings(&[(DATA_SETS, text)]).unwrap();
            assert_eq!(selected(&settings, json!({})), ["a", "b"], "{text:?}");
        }
    }

    #[test]
    fn ids_come_beside_what_the_document_selects() {
        let document = r#"{"data_sets": [{"id": "a", "mode": "incremental"}, {"all": true}]}"#;
        let settings = settings(&[(DOCUMENT, document), (DATA_SETS, "b,a")]).unwrap();
        assert_eq!(selected(&settings, json!({})), ["a", "all", "b"]);
    }

    #[test]
    fn an_event_replaces_members_and_no_others() {
        let document = r#"{"data_sets": [{"all": true}], "deadline_seconds": 60}"#;
        let settings = settings(&[(DOCUMENT, document)]).unwrap();
        let changes = json!({"data_sets": [{"id": "a"}]});
        let config = settings.refresh(changes.as_object().unwrap()).unwrap();
        assert_eq!(config.deadline_seconds, 60);
        assert_eq!(config.data_sets.len(), 1);
        let strange = json!({"dataset": "a"});
        let error = settings.refresh(strange.as_object().unwrap()).unwrap_err();
        assert_eq!(error.kind(), "BadEvent");
        assert!(error.to_string().contains("dataset"), "{error}");
    }

    #[test]
    fn a_wrong_environment_names_its_variable() {
        for (name, value) in [
            (ACCOUNT, "12345"),
            (ACCOUNT, "prod"),
            (DATA_SETS, "[1]"),
            (DOCUMENT, "{"),
            (DOCUMENT, "[]"),
            (DOCUMENT, r#"{"data_sets": [{"id": "a"}], "deadline": 1}"#),
            (
                DOCUMENT,
                r#"{"data_sets": [{"id": "a"}], "concurrency": 0}"#,
            ),
        ] {
            let error = settings(&[(name, value)]).unwrap_err();
            assert_eq!(error.kind(), "ConfigurationError", "{value}");
            assert!(error.to_string().contains(name), "{error}");
        }
        let nothing = settings(&[]).unwrap().refresh(&Map::new()).unwrap_err();
        assert_eq!(nothing.kind(), "ConfigurationError");
    }

    #[test]
    fn the_account_is_the_environments_or_the_functions() {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:spice-refresh";
        let own = settings(&[]).unwrap();
        assert_eq!(own.account(arn).unwrap(), "123456789012");
        assert!(own.account("spice-refresh").is_err());
        let other = settings(&[(ACCOUNT, " 210987654321 ")]).unwrap();
        assert_eq!(other.account(arn).unwrap(), "210987654321");
    }

    #[test]
    fn the_margin_is_a_tenth_within_bounds() {
        let seconds = |left| margin(Duration::from_secs(left)).as_secs();
        assert_eq!([seconds(3), seconds(60), seconds(900)], [1, 6, 30]);
    }
}
