//! The columns a data set comes to: its tables', after their transformations.

use serde_json::Value;

use super::super::protocol::ServiceError;
use super::super::state::{Kind, State};

type Columns = Vec<(String, String)>;

/// Where columns come from.
pub(super) struct Tables<'a> {
    pub(super) physical: &'a Value,
    pub(super) logical: &'a Value,
    /// The newer way; its steps are followed only as far as they name columns.
    pub(super) preparation: &'a Value,
}

/// The output columns, and a refusal where what the tables stand on does not exist.
pub(super) fn of(state: &State, tables: &Tables<'_>) -> Result<Columns, ServiceError> {
    let mut physical = Vec::new();
    for (name, table) in entries(tables.physical) {
        physical.push((name.to_owned(), of_physical(state, name, table)?));
    }
    let mut columns = if entries(tables.logical).next().is_none() {
        union(physical.iter().map(|(_, columns)| columns.clone()))
    } else {
        let operands: Vec<&str> = entries(tables.logical)
            .filter_map(|(_, table)| table.pointer("/Source/JoinInstruction"))
            .flat_map(|join| [text(join, "LeftOperand"), text(join, "RightOperand")])
            .collect();
        let roots = entries(tables.logical).filter(|(name, _)| !operands.contains(name));
        let mut all = Vec::new();
        for (name, _) in roots {
            all.push(of_logical(state, tables, &physical, name, 0)?);
        }
        union(all)
    };
    for (_, table) in tables
        .preparation
        .get("SourceTableMap")
        .into_iter()
        .flat_map(entries)
    {
        if let Some(arn) = table.pointer("/DataSet/DataSetArn").and_then(Value::as_str) {
            columns.extend(of_data_set(state, arn)?);
        }
    }
    for (_, step) in tables
        .preparation
        .get("TransformStepMap")
        .into_iter()
        .flat_map(entries)
    {
        let made = step
            .pointer("/CreateColumnsStep/Columns")
            .and_then(Value::as_array);
        columns.extend(
            made.into_iter()
                .flatten()
                .map(|column| (text(column, "ColumnName").to_owned(), "STRING".to_owned())),
        );
        let renamed = step
            .pointer("/RenameColumnsStep/RenameColumnOperations")
            .and_then(Value::as_array);
        for rename in renamed.into_iter().flatten() {
            columns.push((
                text(rename, "NewColumnName").to_owned(),
                "STRING".to_owned(),
            ));
        }
    }
    Ok(union([columns]))
}

fn entries(map: &Value) -> impl Iterator<Item = (&str, &Value)> {
    map.as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| (name.as_str(), value))
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// All columns, each name once.
fn union(sets: impl IntoIterator<Item = Columns>) -> Columns {
    let mut all = Columns::new();
    for (name, kind) in sets.into_iter().flatten() {
        if !all.iter().any(|(known, _)| *known == name) {
            all.push((name, kind));
        }
    }
    all
}

fn of_physical(state: &State, name: &str, table: &Value) -> Result<Columns, ServiceError> {
    let mut kinds = entries(table);
    let (Some((kind, inside)), None) = (kinds.next(), kinds.next()) else {
        return Err(ServiceError::invalid(format!(
            "PhysicalTableMap.{name}: exactly one kind of table is needed"
        )));
    };
    let arn = text(inside, "DataSourceArn");
    match state.parse_arn(arn) {
        Some((Kind::DataSource, id)) if state.data_sources.contains_key(&id) => {}
        _ => {
            return Err(ServiceError::invalid(format!(
                "PhysicalTableMap.{name}: the data source {arn} is not found"
            )));
        }
    }
    let list = if kind == "CustomSql" {
        "Columns"
    } else {
        "InputColumns"
    };
    let columns = inside
        .get(list)
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    Ok(columns
        .map(|column| {
            (
                text(column, "Name").to_owned(),
                output_type(text(column, "Type")).to_owned(),
            )
        })
        .collect())
}

/// Types of output columns are fewer than those of input columns.
fn output_type(input: &str) -> &str {
    match input {
        "INTEGER" | "DECIMAL" | "DATETIME" => input,
        "BIT" => "INTEGER",
        _ => "STRING",
    }
}

fn of_data_set(state: &State, arn: &str) -> Result<Columns, ServiceError> {
    match state.parse_arn(arn) {
        Some((Kind::DataSet, id)) if state.data_sets.contains_key(&id) => {
            Ok(state.data_sets[&id].columns.clone())
        }
        _ => Err(ServiceError::invalid(format!(
            "the data set {arn} on which this one stands is not found"
        ))),
    }
}

fn of_logical(
    state: &State,
    tables: &Tables<'_>,
    physical: &[(String, Columns)],
    name: &str,
    depth: usize,
) -> Result<Columns, ServiceError> {
    let absent = |what: &str| ServiceError::invalid(format!("LogicalTableMap.{name}: {what}"));
    let table = tables
        .logical
        .get(name)
        .ok_or_else(|| absent("is not defined"))?;
    if depth > 64 {
        return Err(absent("joins itself"));
    }
    let source = table.get("Source").unwrap_or(&Value::Null);
    let mut columns = if let Some(arn) = source.get("DataSetArn").and_then(Value::as_str) {
        of_data_set(state, arn)?
    } else if let Some(id) = source.get("PhysicalTableId").and_then(Value::as_str) {
        let table = physical.iter().find(|(known, _)| known == id);
        table
            .ok_or_else(|| absent("its physical table is not defined"))?
            .1
            .clone()
    } else if let Some(join) = source.get("JoinInstruction") {
        let left = of_logical(
            state,
            tables,
            physical,
            text(join, "LeftOperand"),
            depth + 1,
        )?;
        let right = of_logical(
            state,
            tables,
            physical,
            text(join, "RightOperand"),
            depth + 1,
        )?;
        union([left, right])
    } else {
        return Err(absent("has no source"));
    };
    for transform in table
        .get("DataTransforms")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        for (operation, inside) in entries(transform) {
            apply(&mut columns, operation, inside).map_err(|column| {
                absent(&format!("{operation} names the absent column {column}"))
            })?;
        }
    }
    Ok(columns)
}

/// One transformation; the name of a column it misses is its error.
fn apply(columns: &mut Columns, operation: &str, inside: &Value) -> Result<(), String> {
    let place = |columns: &Columns, name: &str| {
        columns
            .iter()
            .position(|(known, _)| known == name)
            .ok_or_else(|| name.to_owned())
    };
    match operation {
        "CreateColumnsOperation" => {
            for column in inside
                .get("Columns")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                columns.push((text(column, "ColumnName").to_owned(), "STRING".to_owned()));
            }
        }
        "RenameColumnOperation" => {
            let at = place(columns, text(inside, "ColumnName"))?;
            text(inside, "NewColumnName").clone_into(&mut columns[at].0);
        }
        "CastColumnTypeOperation" => {
            let at = place(columns, text(inside, "ColumnName"))?;
            text(inside, "NewColumnType").clone_into(&mut columns[at].1);
        }
        "ProjectOperation" => {
            let mut kept = Columns::new();
            for name in inside
                .get("ProjectedColumns")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                kept.push(columns[place(columns, name.as_str().unwrap_or_default())?].clone());
            }
            *columns = kept;
        }
        "TagColumnOperation" | "UntagColumnOperation" => {
            place(columns, text(inside, "ColumnName"))?;
        }
        _ => {}
    }
    Ok(())
}
