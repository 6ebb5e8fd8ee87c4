//! The columns that data sets come to, as far as their files tell, and the uses of them.
//!
//! What cannot be known offline is not guessed: a data set without a file, one that stands
//! on such a one, joins of tables that share a name, steps of data preparation. Columns of
//! those are not checked.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::{Report, at};
use crate::{
    environment::Environment,
    file::AssetFile,
    id::AssetKind,
    json::{Json, Object},
    symbols::Symbols,
};

/// How deep tables may stand on each other.
const MAX_DEPTH: usize = 64;

type Columns = BTreeSet<String>;

/// The output columns of data sets, by what a declaration calls those.
#[derive(Debug, Default)]
pub(super) struct KnownColumns {
    by_name: BTreeMap<String, Columns>,
}

impl KnownColumns {
    /// Of the data sets that have a file.
    pub(super) fn of(files: &[(PathBuf, AssetFile)], environment: Option<&Environment>) -> Self {
        let sets: BTreeMap<String, &AssetFile> = files
            .iter()
            .filter(|(_, file)| file.kind == AssetKind::DataSet)
            .flat_map(|(_, file)| {
                let names = names(file, environment);
                names.into_iter().map(move |name| (name, file))
            })
            .collect();
        let by_name = sets
            .iter()
            .filter_map(|(name, file)| {
                let columns = output(&file.definition, &sets, environment, 0)?;
                Some((name.clone(), columns))
            })
            .collect();
        Self { by_name }
    }

    /// The columns of what a text names: a symbol or an ARN.
    fn named(&self, text: &str, environment: Option<&Environment>) -> Option<&Columns> {
        self.by_name.get(&resolved(text, environment))
    }
}

/// What a declaration may call the data set: its symbol, its ARN.
fn names(file: &AssetFile, environment: Option<&Environment>) -> Vec<String> {
    let mut names = vec![format!("${{dataset:{}}}", file.id)];
    if let Some(environment) = environment
        && let Ok(id) = environment.physical_id(&file.id)
    {
        names.push(environment.arn_of(AssetKind::DataSet, &id).to_string());
    }
    names
}

fn resolved(text: &str, environment: Option<&Environment>) -> String {
    environment
        .and_then(|environment| Symbols::new(environment).resolve_text(text).ok())
        .unwrap_or_else(|| text.to_owned())
}

/// The columns of a data set; `None` where its file does not tell.
fn output(
    definition: &Json,
    sets: &BTreeMap<String, &AssetFile>,
    environment: Option<&Environment>,
    depth: usize,
) -> Option<Columns> {
    if depth > MAX_DEPTH || definition.get("DataPrepConfiguration").is_some() {
        return None;
    }
    let tables = Tables {
        physical: members(definition, "PhysicalTableMap"),
        logical: members(definition, "LogicalTableMap"),
        sets,
        environment,
    };
    let physical = || tables.physical.iter().flat_map(|map| map.iter());
    let Some(logical) = tables.logical.filter(|map| !map.is_empty()) else {
        return physical()
            .map(|(_, table)| of_physical(table))
            .collect::<Option<Vec<_>>>()
            .map(union);
    };
    let operands: BTreeSet<&str> = logical
        .iter()
        .filter_map(|(_, table)| table.pointer("/Source/JoinInstruction"))
        .flat_map(|join| [join.text("LeftOperand"), join.text("RightOperand")])
        .flatten()
        .collect();
    let roots = logical.names().filter(|name| !operands.contains(name));
    let columns: Option<Vec<_>> = roots.map(|name| tables.of_logical(name, depth)).collect();
    columns.map(union)
}

fn members<'a>(json: &'a Json, name: &str) -> Option<&'a Object> {
    json.get(name).and_then(Json::as_object)
}

fn union(sets: Vec<Columns>) -> Columns {
    sets.into_iter().flatten().collect()
}

/// `{"RelationalTable": {"InputColumns": …}}`, or `Columns` of a statement.
fn of_physical(table: &Json) -> Option<Columns> {
    let (_, inside) = table.as_object()?.iter().next()?;
    let columns = inside
        .get("InputColumns")
        .or_else(|| inside.get("Columns"))?;
    let names = columns.as_array()?.iter().map(|column| column.text("Name"));
    names.map(|name| name.map(str::to_owned)).collect()
}

struct Tables<'a> {
    physical: Option<&'a Object>,
    logical: Option<&'a Object>,
    sets: &'a BTreeMap<String, &'a AssetFile>,
    environment: Option<&'a Environment>,
}

impl Tables<'_> {
    fn of_logical(&self, name: &str, depth: usize) -> Option<Columns> {
        if depth > MAX_DEPTH {
            return None;
        }
        let table = self.logical?.get(name)?;
        let source = table.get("Source")?;
        let mut columns = if let Some(id) = source.text("PhysicalTableId") {
            of_physical(self.physical?.get(id)?)?
        } else if let Some(arn) = source.text("DataSetArn") {
            let file = self.sets.get(&resolved(arn, self.environment))?;
            output(&file.definition, self.sets, self.environment, depth + 1)?
        } else {
            let join = source.get("JoinInstruction")?;
            let side = |name| self.of_logical(join.text(name)?, depth + 1);
            let (left, right) = (side("LeftOperand")?, side("RightOperand")?);
            // The service gives one of two like names another, by rules of its own.
            if !left.is_disjoint(&right) {
                return None;
            }
            union(vec![left, right])
        };
        for transform in table.items("DataTransforms") {
            for (operation, inside) in transform.as_object()?.iter() {
                transformed(&mut columns, operation, inside)?;
            }
        }
        Some(columns)
    }
}

/// One transformation; `None` for those that nobody knows here.
fn transformed(columns: &mut Columns, operation: &str, inside: &Json) -> Option<()> {
    match operation {
        "CreateColumnsOperation" => {
            for column in inside.items("Columns") {
                columns.insert(column.text("ColumnName")?.to_owned());
            }
        }
        "RenameColumnOperation" => {
            columns.remove(inside.text("ColumnName")?);
            columns.insert(inside.text("NewColumnName")?.to_owned());
        }
        "ProjectOperation" => {
            let kept = inside.items("ProjectedColumns").iter();
            *columns = kept
                .filter_map(|name| name.as_str().map(str::to_owned))
                .collect();
        }
        "CastColumnTypeOperation"
        | "FilterOperation"
        | "TagColumnOperation"
        | "UntagColumnOperation"
        | "OverrideDatasetParameterOperation" => {}
        _ => return None,
    }
    Some(())
}

/// Every column that a definition names is one of its data set's, or a calculated field.
pub(super) fn check(
    file: &AssetFile,
    known: &KnownColumns,
    environment: Option<&Environment>,
    report: &mut Report<'_>,
) {
    if !matches!(file.kind, AssetKind::Dashboard | AssetKind::Analysis) {
        return;
    }
    let definition = &file.definition;
    let mut columns: BTreeMap<&str, Columns> = definition
        .items("DataSetIdentifierDeclarations")
        .iter()
        .filter_map(|declaration| {
            let columns = known.named(declaration.text("DataSetArn")?, environment)?;
            Some((declaration.text("Identifier")?, columns.clone()))
        })
        .collect();
    for field in definition.items("CalculatedFields") {
        let identifier = field.text("DataSetIdentifier").unwrap_or_default();
        if let (Some(columns), Some(name)) = (columns.get_mut(identifier), field.text("Name")) {
            columns.insert(name.to_owned());
        }
    }
    let root = at("definition");
    definition.walk(&mut |path, value| {
        let (Some(identifier), Some(column)) =
            (value.text("DataSetIdentifier"), value.text("ColumnName"))
        else {
            return;
        };
        if let Some(all) = columns.get(identifier)
            && !all.contains(column)
        {
            report.error(
                root.join(path).name("ColumnName"),
                missing(identifier, column, all),
            );
        }
    });
    for (index, field) in definition.items("CalculatedFields").iter().enumerate() {
        let identifier = field.text("DataSetIdentifier").unwrap_or_default();
        let Some(all) = columns.get(identifier) else {
            continue;
        };
        let place = root
            .name("CalculatedFields")
            .index(index)
            .name("Expression");
        for column in named_in(field.text("Expression").unwrap_or_default()) {
            if !all.contains(column) {
                report.error(place.clone(), missing(identifier, column, all));
            }
        }
    }
}

fn missing(identifier: &str, column: &str, all: &Columns) -> String {
    const MOST_SHOWN: usize = 12;
    let mut shown: Vec<&str> = all.iter().map(String::as_str).take(MOST_SHOWN).collect();
    if all.len() > MOST_SHOWN {
        shown.push("…");
    }
    format!(
        "the data set `{identifier}` has no column `{column}`; there are: {}",
        shown.join(", ")
    )
}

/// The columns in an expression: `{name}`, but not `${parameter}`, and not in a text.
fn named_in(expression: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(['{', '\'', '"']) {
        let (before, open) = rest.split_at(start);
        let close = match &open[..1] {
            "{" => "}",
            quote => quote,
        };
        let inside = &open[1..];
        let Some(end) = inside.find(close) else {
            break;
        };
        if close == "}" && !before.ends_with('$') {
            found.push(&inside[..end]);
        }
        rest = &inside[end + 1..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_in_an_expression_are_neither_parameters_nor_in_texts() {
        assert_eq!(
            named_in("ifelse({a b} > ${p}, \"{no}\", '{no}', sum({c}, [{d}]))"),
            ["a b", "c", "d"]
        );
        assert_eq!(named_in("{open"), Vec::<&str>::new());
    }

    #[test]
    fn tables_over_tables_come_to_their_columns() {
        let definition = Json::parse(
            r#"{"PhysicalTableMap":{
                "p":{"RelationalTable":{"InputColumns":[{"Name":"a"},{"Name":"b"}]}},
                "q":{"CustomSql":{"Columns":[{"Name":"c"}]}}},
            "LogicalTableMap":{
                "l":{"Source":{"PhysicalTableId":"p"},"DataTransforms":[
                    {"RenameColumnOperation":{"ColumnName":"b","NewColumnName":"B"}},
                    {"CreateColumnsOperation":{"Columns":[{"ColumnName":"n"}]}}]},
                "r":{"Source":{"PhysicalTableId":"q"}},
                "j":{"Source":{"JoinInstruction":{"LeftOperand":"l","RightOperand":"r"}},"DataTransforms":[
                    {"ProjectOperation":{"ProjectedColumns":["B","n","c"]}}]}}}"#,
        )
        .unwrap();
        let none = BTreeMap::new();
        let all: Columns = ["B", "c", "n"].map(str::to_owned).into();
        assert_eq!(output(&definition, &none, None, 0), Some(all));
        // What nobody knows here is not guessed.
        let text = definition.to_compact();
        for (from, to) in [
            (r#""Name":"c""#, r#""Name":"a""#),
            ("ProjectOperation", "UnheardOfOperation"),
            (r#"{"PhysicalTableId":"q"}"#, r#"{"DataSetArn":"arn:x"}"#),
        ] {
            let other = Json::parse(&text.replace(from, to)).unwrap();
            assert_eq!(output(&other, &none, None, 0), None, "{to}");
        }
    }
}
