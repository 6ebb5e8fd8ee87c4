//! What the service looks at in a definition. The text itself is kept to the byte.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::progress::AssetError;
use super::protocol::check::matches_pattern;
use super::protocol::{Input, ServiceError};
use super::state::{Kind, State};
use super::theme;

/// The part of a dashboard's version or of an analysis which an update replaces.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) definition: String,
    pub(super) theme: Option<String>,
    pub(super) data_set_arns: Vec<String>,
    /// Ids and names.
    pub(super) sheets: Vec<(String, Option<String>)>,
}

impl Content {
    /// A definition which nobody looks at.
    pub(super) fn unseen(definition: &str) -> Self {
        Self {
            definition: definition.to_owned(),
            ..Self::default()
        }
    }
}

/// Most items of a definition's lists.
const LIMITS: &[(&str, usize)] = &[
    ("DataSetIdentifierDeclarations", 50),
    ("Sheets", 20),
    ("TooltipSheets", 50),
    ("CalculatedFields", 2000),
    ("ParameterDeclarations", 400),
    ("FilterGroups", 2000),
    ("ColumnConfigurations", 2000),
    ("StaticFiles", 200),
];
/// Most items of a sheet's lists.
const SHEET_LIMITS: &[(&str, usize)] = &[("Visuals", 75), ("TextBoxes", 100), ("Images", 10)];

/// Reads what a creation or update sends, and what will become of it.
///
/// What is malformed is refused at once; what is wrong in itself is an error of the asset later.
pub(super) fn content(
    state: &State,
    input: &Input,
) -> Result<(Content, Vec<AssetError>), ServiceError> {
    let theme = input.text("ThemeArn").map(str::to_owned);
    if let Some(arn) = &theme {
        theme::must_exist(state, arn)?;
    }
    let raw = match (input.raw("Definition"), input.value("SourceEntity")) {
        (Some(raw), None) => raw,
        (None, Some(_)) => {
            return Err(ServiceError::not_found(
                "TEMPLATE",
                "of SourceEntity; the double has no templates",
            ));
        }
        (Some(_), Some(_)) | (None, None) => {
            return Err(ServiceError::invalid(
                "exactly one of Definition and SourceEntity is needed",
            ));
        }
    };
    let document: Value = serde_json::from_str(raw)
        .map_err(|_| ServiceError::serialization("Definition: nested too deep"))?;
    if state.options.refuses_query_execution_options
        && document.get("QueryExecutionOptions").is_some()
    {
        return Err(ServiceError::invalid(
            "Definition.QueryExecutionOptions: is not supported",
        ));
    }
    let declared = declarations(&document)?;
    let sheets = sheets(&document)?;
    let lenient = input
        .value("ValidationStrategy")
        .and_then(|strategy| strategy.get("Mode"))
        .and_then(Value::as_str)
        == Some("LENIENT");

    let mut errors = Vec::new();
    let mut columns: BTreeMap<&str, Option<BTreeSet<String>>> = BTreeMap::new();
    for (index, (identifier, arn)) in declared.iter().enumerate() {
        let known = match state.parse_arn(arn) {
            Some((Kind::DataSet, id)) => state.data_sets.get(&id),
            _ => None,
        };
        if known.is_none() {
            errors.push(
                AssetError::new(
                    "DATA_SET_NOT_FOUND",
                    format!("the data set {arn} is not found"),
                )
                .at(format!(
                    "$.DataSetIdentifierDeclarations[{index}].DataSetArn"
                )),
            );
        }
        columns.insert(
            identifier,
            known.map(|data_set| {
                data_set
                    .columns
                    .iter()
                    .map(|(name, _)| name.clone())
                    .collect()
            }),
        );
    }
    for field in document
        .get("CalculatedFields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let text = |name: &str| field.get(name).and_then(Value::as_str).unwrap_or_default();
        if let Some(Some(columns)) = columns.get_mut(text("DataSetIdentifier")) {
            columns.insert(text("Name").to_owned());
        }
    }
    let mut used = BTreeSet::new();
    walk(&document, "$", &mut |path, object| {
        let Some(identifier) = object.get("DataSetIdentifier").and_then(Value::as_str) else {
            return;
        };
        used.insert(identifier.to_owned());
        match columns.get(identifier) {
            None => errors.push(
                AssetError::new(
                    "DATA_SET_NOT_FOUND",
                    format!("the data set identifier {identifier} is not declared"),
                )
                .at(format!("{path}.DataSetIdentifier")),
            ),
            Some(Some(columns)) => {
                if let Some(column) = object
                    .get("ColumnName")
                    .and_then(Value::as_str)
                    .filter(|column| !columns.contains(*column))
                {
                    errors.push(
                        AssetError::new(
                            "COLUMN_REPLACEMENT_MISSING",
                            format!("the data set {identifier} has no column {column}"),
                        )
                        .at(format!("{path}.ColumnName")),
                    );
                }
            }
            Some(None) => {}
        }
    });
    if state.options.refuses_unused_identifiers && !lenient {
        for (index, (identifier, _)) in declared.iter().enumerate() {
            if !used.contains(identifier) {
                errors.push(
                    AssetError::new(
                        "PARAMETER_VALUE_INCOMPATIBLE",
                        format!("the data set identifier {identifier} is declared and not used"),
                    )
                    .at(format!(
                        "$.DataSetIdentifierDeclarations[{index}].Identifier"
                    )),
                );
            }
        }
    }
    let content = Content {
        definition: raw.to_owned(),
        theme,
        data_set_arns: declared.into_iter().map(|(_, arn)| arn).collect(),
        sheets,
    };
    Ok((content, errors))
}

fn list<'a>(
    object: &'a Value,
    path: &str,
    name: &str,
    most: usize,
) -> Result<&'a [Value], ServiceError> {
    match object.get(name).filter(|value| !value.is_null()) {
        None => Ok(&[]),
        Some(Value::Array(items)) if items.len() <= most => Ok(items),
        Some(Value::Array(items)) => Err(ServiceError::invalid(format!(
            "{path}.{name}: {} items are more than {most}",
            items.len()
        ))),
        Some(_) => Err(ServiceError::serialization(format!(
            "{path}.{name}: is not an array"
        ))),
    }
}

fn declarations(document: &Value) -> Result<Vec<(String, String)>, ServiceError> {
    for (name, most) in LIMITS {
        list(document, "Definition", name, *most)?;
    }
    let mut seen = BTreeSet::new();
    let declared = list(document, "Definition", "DataSetIdentifierDeclarations", 50)?;
    if declared.is_empty() {
        return Err(ServiceError::invalid(
            "Definition.DataSetIdentifierDeclarations: at least one is needed",
        ));
    }
    declared
        .iter()
        .map(|declaration| {
            let text = |name: &str| {
                let text = declaration
                    .get(name)
                    .and_then(Value::as_str)
                    .filter(|text| !text.is_empty());
                text.map(str::to_owned).ok_or_else(|| {
                    ServiceError::invalid(format!(
                        "Definition.DataSetIdentifierDeclarations: {name} is missing"
                    ))
                })
            };
            let identifier = text("Identifier")?;
            if identifier.chars().count() > 2048 {
                return Err(ServiceError::invalid(
                    "Definition.DataSetIdentifierDeclarations: Identifier is longer than 2048",
                ));
            }
            if !seen.insert(identifier.clone()) {
                return Err(ServiceError::invalid(format!(
                    "Definition.DataSetIdentifierDeclarations: {identifier} is declared twice"
                )));
            }
            Ok((identifier, text("DataSetArn")?))
        })
        .collect()
}

fn sheets(document: &Value) -> Result<Vec<(String, Option<String>)>, ServiceError> {
    let mut ids = BTreeSet::new();
    let mut sheets = Vec::new();
    for (index, sheet) in list(document, "Definition", "Sheets", 20)?
        .iter()
        .enumerate()
    {
        let path = format!("Definition.Sheets[{index}]");
        for (name, most) in SHEET_LIMITS {
            list(sheet, &path, name, *most)?;
        }
        let id = well_formed(sheet.get("SheetId"), &format!("{path}.SheetId"), &mut ids)?;
        for (index, visual) in list(sheet, &path, "Visuals", 75)?.iter().enumerate() {
            // `{"BarChartVisual": {"VisualId": …}}`
            for (kind, inside) in visual.as_object().into_iter().flatten() {
                if let Some(inside) = inside.as_object() {
                    well_formed(
                        inside.get("VisualId"),
                        &format!("{path}.Visuals[{index}].{kind}.VisualId"),
                        &mut ids,
                    )?;
                }
            }
        }
        sheets.push((
            id,
            sheet.get("Name").and_then(Value::as_str).map(str::to_owned),
        ));
    }
    Ok(sheets)
}

fn well_formed(
    id: Option<&Value>,
    path: &str,
    seen: &mut BTreeSet<String>,
) -> Result<String, ServiceError> {
    let id = id.and_then(Value::as_str).unwrap_or_default();
    if id.len() > 512 || !matches_pattern("word", id) {
        return Err(ServiceError::invalid(format!(
            "{path}: an id has 1 to 512 letters, digits, `_` and `-`"
        )));
    }
    if !seen.insert(id.to_owned()) {
        return Err(ServiceError::invalid(format!(
            "{path}: the id {id} is used twice"
        )));
    }
    Ok(id.to_owned())
}

fn walk(value: &Value, path: &str, visit: &mut impl FnMut(&str, &Map<String, Value>)) {
    match value {
        Value::Object(object) => {
            visit(path, object);
            for (name, value) in object {
                if value.is_object() || value.is_array() {
                    walk(value, &format!("{path}.{name}"), visit);
                }
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                walk(item, &format!("{path}[{index}]"), visit);
            }
        }
        _ => {}
    }
}
