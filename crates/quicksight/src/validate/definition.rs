//! Rules for definitions of dashboards and analyses.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, at};
use crate::{
    file::AssetFile,
    id::AssetKind,
    json::{Json, Path},
};

/// Lists of a definition and the most they hold.
const LIMITS: [(&str, usize); 8] = [
    ("DataSetIdentifierDeclarations", 50),
    ("Sheets", 20),
    ("TooltipSheets", 50),
    ("CalculatedFields", 2000),
    ("ParameterDeclarations", 400),
    ("FilterGroups", 2000),
    ("ColumnConfigurations", 2000),
    ("StaticFiles", 200),
];

/// Lists of a sheet and the most they hold.
const SHEET_LIMITS: [(&str, usize); 3] = [("Visuals", 75), ("TextBoxes", 100), ("Images", 10)];

/// Longest expression of a calculated field, in characters.
const MAX_EXPRESSION: usize = 32_000;

pub(super) fn check(file: &AssetFile, report: &mut Report<'_>) {
    if !matches!(file.kind, AssetKind::Dashboard | AssetKind::Analysis) {
        return;
    }
    let root = at("definition");
    let definition = &file.definition;
    for (name, most) in LIMITS {
        limit(definition, &root, name, most, report);
    }
    identifiers(definition, &root, report);
    sheets(definition, &root, report);
    for (index, group) in definition.items("FilterGroups").iter().enumerate() {
        let path = root.name("FilterGroups").index(index);
        limit(group, &path, "Filters", 20, report);
    }
    for (index, field) in definition.items("CalculatedFields").iter().enumerate() {
        let length = field
            .text("Expression")
            .map_or(0, |text| text.chars().count());
        if length > MAX_EXPRESSION {
            let path = root
                .name("CalculatedFields")
                .index(index)
                .name("Expression");
            let problem = format!("{length} characters, at most {MAX_EXPRESSION} are taken");
            report.error(path, problem);
        }
    }
    unique(
        definition.items("CalculatedFields"),
        &root.name("CalculatedFields"),
        &["DataSetIdentifier", "Name"],
        report,
    );
    unique(
        definition.items("FilterGroups"),
        &root.name("FilterGroups"),
        &["FilterGroupId"],
        report,
    );
}

fn limit(json: &Json, path: &Path, name: &str, most: usize, report: &mut Report<'_>) {
    let count = json.items(name).len();
    if count > most {
        let problem = format!("holds {count} items, at most {most} are taken");
        report.error(path.name(name), problem);
    }
}

/// Data sets are declared once and used by the name of their declaration.
fn identifiers(definition: &Json, root: &Path, report: &mut Report<'_>) {
    let place = root.name("DataSetIdentifierDeclarations");
    let declarations = definition.items("DataSetIdentifierDeclarations");
    if declarations.is_empty() {
        report.error(place, "at least one data set must be declared");
        return;
    }
    let mut declared = BTreeMap::new();
    for (index, declaration) in declarations.iter().enumerate() {
        let path = place.index(index);
        let Some(identifier) = declaration
            .text("Identifier")
            .filter(|text| !text.is_empty())
        else {
            report.error(path.name("Identifier"), "is missing");
            continue;
        };
        if declared.insert(identifier, path.clone()).is_some() {
            report.error(
                path.name("Identifier"),
                format!("`{identifier}` is declared twice"),
            );
        }
        let arn = declaration.text("DataSetArn").unwrap_or_default();
        let names_one = arn.starts_with("${dataset:") || arn.contains(":dataset/");
        if !names_one {
            report.error(
                path.name("DataSetArn"),
                "must be the symbol or the ARN of a data set",
            );
        }
    }
    let mut used = BTreeSet::new();
    definition.walk(&mut |path, value| {
        if path.last_name() != Some("DataSetIdentifier") {
            return;
        }
        let Some(identifier) = value.as_str() else {
            return;
        };
        if !declared.contains_key(identifier) {
            let problem =
                format!("`{identifier}` is not declared in `DataSetIdentifierDeclarations`");
            report.error(root.join(path), problem);
        }
        used.insert(identifier);
    });
    for (identifier, path) in declared {
        if !used.contains(identifier) {
            report.warn(path, format!("`{identifier}` is declared and not used"));
        }
    }
}

fn sheets(definition: &Json, root: &Path, report: &mut Report<'_>) {
    let place = root.name("Sheets");
    unique(definition.items("Sheets"), &place, &["SheetId"], report);
    let mut visuals = BTreeSet::new();
    for (index, sheet) in definition.items("Sheets").iter().enumerate() {
        let path = place.index(index);
        for (name, most) in SHEET_LIMITS {
            limit(sheet, &path, name, most, report);
        }
        for (index, visual) in sheet.items("Visuals").iter().enumerate() {
            // One member, named after the kind of visual.
            let inner = visual.as_object().and_then(|visual| visual.iter().next());
            let Some((kind, id)) =
                inner.and_then(|(kind, inner)| Some((kind, inner.text("VisualId")?)))
            else {
                continue;
            };
            if !visuals.insert(id) {
                let path = path
                    .name("Visuals")
                    .index(index)
                    .name(kind)
                    .name("VisualId");
                report.error(path, format!("`{id}` stands there twice"));
            }
        }
    }
}

/// No two items have the same values of these members.
fn unique(items: &[Json], place: &Path, members: &[&str], report: &mut Report<'_>) {
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let values: Vec<_> = members.iter().filter_map(|name| item.text(name)).collect();
        if values.len() == members.len() && !seen.insert(values.clone()) {
            let path = place
                .index(index)
                .name(members.last().copied().unwrap_or_default());
            report.error(
                path,
                format!("`{}` stands there twice", values.join("`, `")),
            );
        }
    }
}
