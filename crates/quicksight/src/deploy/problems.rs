//! What the service finds wrong in a definition, by the place in the file.

use crate::api::DefinitionError;
use crate::json::{Json, Path};
use crate::plan::thing_at;

use super::context::Stop;
use super::report::Problem;

/// The member of the file that holds the definition.
const DEFINITION: &str = "definition";

/// Names the places of errors in the file, and what is there.
pub(crate) fn placed(errors: &[DefinitionError], definition: Option<&Json>) -> Vec<Problem> {
    errors
        .iter()
        .map(|error| {
            let paths: Vec<Path> = error.paths.iter().filter_map(|path| parse(path)).collect();
            let mut subjects: Vec<String> = paths
                .iter()
                .filter_map(|path| thing_at(definition?, path))
                .collect();
            subjects.dedup();
            let root = Path::root().name(DEFINITION);
            let mut shown: Vec<String> = paths
                .iter()
                .map(|path| root.join(path).to_string())
                .collect();
            // What cannot be read as a path is shown as it came.
            shown.extend(
                error
                    .paths
                    .iter()
                    .filter(|path| parse(path).is_none())
                    .cloned(),
            );
            Problem {
                kind: error.kind.clone(),
                message: error.message.clone(),
                paths: shown,
                subjects,
            }
        })
        .collect()
}

/// One line per problem.
pub(crate) fn line(problem: &Problem) -> String {
    let mut line = problem.kind.clone();
    if !problem.message.is_empty() {
        line.push_str(": ");
        line.push_str(&problem.message);
    }
    if !problem.paths.is_empty() {
        line.push_str(" at ");
        line.push_str(&problem.paths.join(", "));
    }
    if !problem.subjects.is_empty() {
        line.push_str(&format!(" ({})", problem.subjects.join("; ")));
    }
    line
}

/// A stop that says where in the file each problem is.
pub(crate) fn refused(what: &str, errors: &[DefinitionError], definition: Option<&Json>) -> Stop {
    let problems = placed(errors, definition);
    let lines: Vec<String> = problems.iter().map(line).collect();
    let reason = if lines.is_empty() {
        format!("{what}, and the service does not say why")
    } else {
        format!("{what}: {}", lines.join("; "))
    };
    Stop::Refused { reason, problems }
}

/// Whether the service blames nothing but itself, which passes.
pub(crate) fn is_internal(errors: &[DefinitionError]) -> bool {
    !errors.is_empty() && errors.iter().all(|error| error.kind == "INTERNAL_FAILURE")
}

/// Reads a place as the service writes it: `$.Sheets[0].Visuals[1]`, `/Sheets/0`,
/// `Sheets/0`, with or without `Definition` in front.
fn parse(text: &str) -> Option<Path> {
    let text = text.trim().strip_prefix('$').unwrap_or(text.trim());
    let mut path = Path::root();
    let mut rest = text;
    let mut first = true;
    while !rest.is_empty() {
        rest = rest.strip_prefix(['.', '/']).unwrap_or(rest);
        if let Some(inside) = rest.strip_prefix('[') {
            let end = inside.find(']')?;
            let token = inside[..end].trim_matches(['"', '\'']);
            path = step(&path, token);
            rest = &inside[end + 1..];
        } else {
            let end = rest.find(['.', '/', '[']).unwrap_or(rest.len());
            let token = &rest[..end];
            if token.is_empty() {
                return None;
            }
            if !(first && token.eq_ignore_ascii_case(DEFINITION)) {
                path = step(&path, token);
            }
            rest = &rest[end..];
        }
        first = false;
    }
    (!path.steps().is_empty()).then_some(path)
}

fn step(path: &Path, token: &str) -> Path {
    match token.parse() {
        Ok(index) => path.index(index),
        Err(_) => path.name(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_a_place_is_read() {
        for text in [
            "$.Sheets[0].Visuals[1]",
            "/Sheets/0/Visuals/1",
            "Sheets/0/Visuals/1",
            "Sheets[0].Visuals[1]",
            "$['Sheets'][0]['Visuals'][1]",
            "Definition.Sheets[0].Visuals[1]",
        ] {
            assert_eq!(
                parse(text).unwrap().to_string(),
                "Sheets[0].Visuals[1]",
                "{text}"
            );
        }
        for text in ["", "$", "a[0"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_problem_names_the_place_in_the_file_and_what_is_there() {
        let definition = Json::parse(
            r#"{"Sheets":[{"SheetId":"s","Name":"Overview","Visuals":[{"TableVisual":{"VisualId":"v"}}]}]}"#,
        )
        .unwrap();
        let answer = Json::parse(
            r#"[{"Type":"COLUMN_TYPE_MISMATCH","Message":"no","ViolatedEntities":[{"Path":"$.Sheets[0].Visuals[0].TableVisual"}]}]"#,
        )
        .unwrap();
        let errors = DefinitionError::list_from_json(answer.as_array().unwrap());
        let problems = placed(&errors, Some(&definition));
        assert_eq!(
            line(&problems[0]),
            "COLUMN_TYPE_MISMATCH: no at definition.Sheets[0].Visuals[0].TableVisual (sheet \"Overview\" › visual \"v\" (table))"
        );
        assert!(!is_internal(&errors));
    }
}
