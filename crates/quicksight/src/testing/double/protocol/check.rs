//! Checks a value against what the tables say of it: types, bounds, patterns, enumerations.

use serde_json::Value;

use super::ServiceError;
use super::catalogue::{Bounds, Catalogue, Kind};

/// Checks one member. Unknown members of nested shapes pass, as in the service.
pub(crate) fn check(
    catalogue: &Catalogue,
    path: &str,
    kind: &Kind,
    value: &Value,
) -> Result<(), ServiceError> {
    match kind {
        Kind::Text(bounds, pattern) => {
            let text = value.as_str().ok_or_else(|| wrong_type(path, "a string"))?;
            within(path, "length", *bounds, text.chars().count())?;
            match pattern {
                Some(pattern) if !matches_pattern(pattern, text) => Err(ServiceError::invalid(
                    format!("{path}: does not match the pattern `{pattern}`"),
                )),
                _ => Ok(()),
            }
        }
        Kind::One(names) => {
            let text = value.as_str().ok_or_else(|| wrong_type(path, "a string"))?;
            if names.contains(&text) {
                Ok(())
            } else {
                Err(ServiceError::invalid(format!(
                    "{path}: is not one of {}",
                    names.join(", ")
                )))
            }
        }
        Kind::Integer(bounds) => {
            let number = value
                .as_u64()
                .ok_or_else(|| wrong_type(path, "an integer of zero or more"))?;
            if bounds.hold(number) {
                Ok(())
            } else {
                Err(ServiceError::invalid(format!(
                    "{path}: {number} is not within {}",
                    bounds.text()
                )))
            }
        }
        Kind::Number if value.is_number() => Ok(()),
        Kind::Number => Err(wrong_type(path, "a number")),
        Kind::Flag if value.is_boolean() => Ok(()),
        Kind::Flag => Err(wrong_type(path, "a boolean")),
        Kind::Document if value.is_object() => Ok(()),
        Kind::Document => Err(wrong_type(path, "an object")),
        Kind::Structure(name) => structure(catalogue, path, name, value),
        Kind::List(bounds, of) => {
            let items = value
                .as_array()
                .ok_or_else(|| wrong_type(path, "an array"))?;
            within(path, "number of items", *bounds, items.len())?;
            items.iter().enumerate().try_for_each(|(index, item)| {
                check(catalogue, &format!("{path}[{index}]"), of, item)
            })
        }
        Kind::Map(bounds, of) => {
            let entries = value
                .as_object()
                .ok_or_else(|| wrong_type(path, "an object"))?;
            within(path, "number of entries", *bounds, entries.len())?;
            entries
                .iter()
                .try_for_each(|(key, item)| check(catalogue, &format!("{path}.{key}"), of, item))
        }
    }
}

fn structure(
    catalogue: &Catalogue,
    path: &str,
    name: &str,
    value: &Value,
) -> Result<(), ServiceError> {
    let object = value
        .as_object()
        .ok_or_else(|| wrong_type(path, "an object"))?;
    for member in catalogue.shapes.get(name).into_iter().flatten() {
        let path = format!("{path}.{}", member.name);
        match object.get(member.name).filter(|value| !value.is_null()) {
            Some(value) => check(catalogue, &path, &member.kind, value)?,
            None if member.required => {
                return Err(ServiceError::invalid(format!(
                    "{path}: a required member is missing"
                )));
            }
            None => {}
        }
    }
    Ok(())
}

fn wrong_type(path: &str, expected: &str) -> ServiceError {
    ServiceError::serialization(format!("{path}: is not {expected}"))
}

fn within(path: &str, what: &str, bounds: Bounds, size: usize) -> Result<(), ServiceError> {
    if bounds.hold(size as u64) {
        return Ok(());
    }
    Err(ServiceError::invalid(format!(
        "{path}: {what} {size} is not within {}",
        bounds.text()
    )))
}

/// Whether a text has the form to which the tables give a name.
pub(crate) fn matches_pattern(pattern: &str, text: &str) -> bool {
    let all = |allowed: fn(char) -> bool| text.chars().all(allowed);
    let some = |allowed: fn(char) -> bool| !text.is_empty() && all(allowed);
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    match pattern {
        "word" => some(word),
        "alias" => text == "$LATEST" || text == "$PUBLISHED" || some(word),
        "alnum" => some(|c| c.is_ascii_alphanumeric()),
        // Both forms of the model; lengths are bounds of their own.
        "alnum-dash" => all(|c| c.is_ascii_alphanumeric() || c == '-'),
        "namespace" => all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')),
        "latin" => some(|c| ('\u{20}'..='\u{ff}').contains(&c)),
        "nonblank" => text.chars().any(|c| !c.is_whitespace()),
        "month-day" => {
            text == "LAST_DAY_OF_MONTH"
                || (!text.starts_with('0')
                    && text.parse().is_ok_and(|day: u8| (1..=28).contains(&day)))
        }
        "analysis-arn" => arn_resource(text, "quicksight")
            .and_then(|resource| resource.strip_prefix("analysis/"))
            .is_some_and(|id| !id.is_empty() && id.chars().all(word)),
        "datasource-arn" => arn_resource(text, "quicksight")
            .and_then(|resource| resource.strip_prefix("datasource/"))
            .is_some_and(|id| !id.is_empty()),
        "secret-arn" => arn_resource(text, "secretsmanager")
            .and_then(|resource| resource.strip_prefix("secret:"))
            .is_some_and(|name| !name.is_empty()),
        _ => panic!("the tables name a pattern that nobody wrote: {pattern}"),
    }
}

/// What follows the account of an ARN of a service, if it is one.
fn arn_resource<'a>(text: &'a str, service: &str) -> Option<&'a str> {
    let mut parts = text.splitn(6, ':');
    let arn =
        parts.next()? == "arn" && parts.next()?.starts_with("aws") && parts.next()? == service;
    let _region = parts.next()?;
    let account = parts.next()?;
    let digits = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
    parts.next().filter(|_| arn && digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_take_what_the_service_takes() {
        for (pattern, good, bad) in [
            ("word", "a-b_C1", "a b"),
            ("alias", "$PUBLISHED", "$OTHER"),
            ("alnum-dash", "t-1", "t_1"),
            ("month-day", "28", "29"),
            ("month-day", "LAST_DAY_OF_MONTH", "05"),
            ("nonblank", " a ", "  "),
            (
                "analysis-arn",
                "arn:aws:quicksight:eu-west-1:123456789012:analysis/a",
                "arn:aws:quicksight:eu-west-1:123456789012:dashboard/a",
            ),
            (
                "secret-arn",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a",
                "arn:aws:secretsmanager:eu-west-1:123456789012:a",
            ),
        ] {
            assert!(matches_pattern(pattern, good), "{pattern} {good}");
            assert!(!matches_pattern(pattern, bad), "{pattern} {bad}");
        }
    }
}
