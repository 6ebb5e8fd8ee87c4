//! Places of a definition in the words of those who edit dashboards: sheets,
//! visuals by title, fields, filters, parameters, calculated fields.

use crate::json::{Json, Path, Step as PathStep};

use super::change::{Area, Change, Operation};
use super::structure::{self, Place, Step};

/// Lists the semantic changes between two definitions, configurations or table
/// maps. `root` is the place of both in the file.
pub(super) fn changes(root: &Path, before: &Json, after: &Json) -> Vec<Change> {
    let mut found: Vec<Change> = structure::places(before, after)
        .into_iter()
        .map(|place| named(root, &place))
        .collect();
    found.sort_by(|one, two| (one.area, &one.path).cmp(&(two.area, &two.path)));
    found
}

/// What the steps so far have led into.
struct Reached {
    area: Area,
    /// Names from the outside in.
    subject: Vec<String>,
    /// How many steps lead to the innermost named thing.
    depth: usize,
}

fn named(root: &Path, place: &Place<'_>) -> Change {
    let mut reached = Reached {
        area: Area::Definition,
        subject: Vec::new(),
        depth: 0,
    };
    let mut list: Option<&str> = None;
    let mut in_well = false;
    for (index, step) in place.steps.iter().enumerate() {
        match step {
            Step::Member(name) => {
                list = Some(name);
                if *name == "FieldWells" {
                    in_well = true;
                }
                if let Some(area) = member_area(name) {
                    reached.area = area;
                    reached.subject.push(area.word().to_owned());
                    reached.depth = index + 1;
                }
            }
            Step::Item(_, item) => {
                if let Some((area, name)) = item_name(list.unwrap_or_default(), item, in_well) {
                    reached.area = area;
                    reached.subject.push(name);
                    reached.depth = index + 1;
                }
            }
        }
    }
    let member = member_text(&place.steps[reached.depth..]);
    let subject = if reached.subject.is_empty() {
        "definition".to_owned()
    } else {
        reached.subject.join(" › ")
    };
    let path = full_path(root, &place.steps).to_string();
    // Of items in another order nothing else is new: both lists stay out.
    let kept = |value: Option<&Json>| value.filter(|_| !place.moved).cloned();
    let change = Change::new(
        reached.area,
        subject,
        path,
        kept(place.before),
        kept(place.after),
    );
    let whole = member.is_empty();
    let change = change.with_member(member);
    match (place.moved, whole) {
        (true, _) => change.with_operation(Operation::Moved),
        // A member that comes or goes changes the thing that it belongs to.
        (false, false) => change.with_operation(Operation::Changed),
        (false, true) => change,
    }
}

/// Members that are a matter of their own.
fn member_area(name: &str) -> Option<Area> {
    match name {
        "Layouts" | "SheetControlLayouts" => Some(Area::Layout),
        _ => None,
    }
}

/// What an item of this list is, and its name.
fn item_name(list: &str, item: &Json, in_well: bool) -> Option<(Area, String)> {
    let quoted = |area: Area, name: &str| (area, format!("{} \"{name}\"", area.word()));
    let found = match list {
        "Sheets" | "TooltipSheets" => {
            let name = item.text("Name").or_else(|| item.text("SheetId"))?;
            quoted(Area::Sheet, name)
        }
        "Visuals" => (Area::Visual, visual_name(item)?),
        "CalculatedFields" => quoted(Area::CalculatedField, item.text("Name")?),
        "ParameterDeclarations" => {
            let (_, inner) = only_member(item)?;
            quoted(Area::Parameter, inner.text("Name")?)
        }
        "FilterGroups" => quoted(Area::FilterGroup, item.text("FilterGroupId")?),
        "Filters" => {
            let (kind, inner) = only_member(item)?;
            let column = inner
                .get("Column")
                .and_then(|column| column.text("ColumnName"));
            let name = column.or_else(|| inner.text("FilterId"))?;
            (Area::Filter, format!("{} on \"{name}\"", words(kind)))
        }
        "DataSetIdentifierDeclarations" => quoted(Area::DataSet, item.text("Identifier")?),
        "ColumnConfigurations" => quoted(Area::Column, item.get("Column")?.text("ColumnName")?),
        "ParameterControls" | "FilterControls" => {
            let (kind, inner) = only_member(item)?;
            let name = inner
                .text("Title")
                .or_else(|| inner.text("ParameterControlId"))
                .or_else(|| inner.text("FilterControlId"))?;
            (Area::Control, format!("{} \"{name}\"", words(kind)))
        }
        "TextBoxes" => quoted(Area::TextBox, item.text("SheetTextBoxId")?),
        "Images" => (
            Area::TextBox,
            format!("image \"{}\"", item.text("SheetImageId")?),
        ),
        well if in_well => (Area::Field, field_name(well, item)?),
        _ => return None,
    };
    Some(found)
}

/// `visual "Revenue by city" (bar chart)`.
fn visual_name(item: &Json) -> Option<String> {
    let (kind, inner) = only_member(item)?;
    let kind = words(kind.strip_suffix("Visual").unwrap_or(kind));
    let title = inner
        .pointer("/Title/FormatText/PlainText")
        .or_else(|| inner.pointer("/Title/FormatText/RichText"))
        .and_then(Json::as_str)
        .map(plain)
        .filter(|title| !title.is_empty());
    let name = title.or_else(|| inner.text("VisualId").map(str::to_owned))?;
    Some(format!("visual \"{name}\" ({kind})"))
}

/// `field "city" in category`.
fn field_name(well: &str, item: &Json) -> Option<String> {
    let (_, inner) = only_member(item)?;
    let name = inner
        .pointer("/Column/ColumnName")
        .and_then(Json::as_str)
        .or_else(|| inner.text("FieldId"))?;
    Some(format!("field \"{name}\" in {}", words(well)))
}

fn only_member(item: &Json) -> Option<(&str, &Json)> {
    let mut members = item.as_object()?.iter();
    match (members.next(), members.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// `CategoryFilter` → `category filter`; `SmallMultiples` → `small multiples`.
fn words(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 4);
    let mut before_lower = false;
    for c in name.chars() {
        if c.is_uppercase() && before_lower {
            text.push(' ');
        }
        before_lower = c.is_lowercase();
        text.extend(c.to_lowercase());
    }
    text
}

/// Rich text without its tags.
fn plain(text: &str) -> String {
    let mut inside = false;
    let kept: String = text
        .chars()
        .filter(|c| match c {
            '<' => {
                inside = true;
                false
            }
            '>' => {
                inside = false;
                false
            }
            _ => !inside,
        })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The steps below the named thing; the wrapper around it (`BarChartVisual`) says
/// nothing that its name does not.
fn member_text(steps: &[Step<'_>]) -> String {
    let skipped = match steps {
        [Step::Member(name), _, ..] if is_wrapper(name) => &steps[1..],
        _ => steps,
    };
    if skipped.is_empty() {
        return String::new();
    }
    as_path(Path::root(), skipped).to_string()
}

fn is_wrapper(name: &str) -> bool {
    const WRAPPERS: [&str; 6] = [
        "Visual",
        "Filter",
        "ParameterDeclaration",
        "Control",
        "Field",
        "Dimension",
    ];
    WRAPPERS
        .iter()
        .any(|wrapper| name.ends_with(wrapper) && name.len() > wrapper.len())
}

fn full_path(root: &Path, steps: &[Step<'_>]) -> Path {
    as_path(root.clone(), steps)
}

fn as_path(root: Path, steps: &[Step<'_>]) -> Path {
    steps.iter().fold(root, |path, step| match step {
        Step::Member(name) => path.name(name),
        Step::Item(index, _) => path.index(*index),
    })
}

/// Names the thing at a path such as the service's `ViolatedEntities[].Path`, as
/// far as the document has it.
pub(crate) fn thing_at(document: &Json, path: &Path) -> Option<String> {
    let mut value = document;
    let mut steps = Vec::new();
    for step in path.steps() {
        match step {
            PathStep::Name(name) => {
                let Some(next) = value.get(name) else { break };
                steps.push(Step::Member(name));
                value = next;
            }
            PathStep::Index(index) => {
                let Some(next) = value.as_array().and_then(|items| items.get(*index)) else {
                    break;
                };
                steps.push(Step::Item(*index, next));
                value = next;
            }
        }
    }
    let place = Place {
        steps,
        before: None,
        after: None,
        moved: false,
    };
    let change = named(&Path::root(), &place);
    (change.subject != "definition").then_some(change.subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(before: &str, after: &str) -> Vec<String> {
        let (before, after) = (Json::parse(before).unwrap(), Json::parse(after).unwrap());
        changes(&Path::root().name("definition"), &before, &after)
            .iter()
            .map(|change| format!("{} {change} @ {}", change.operation.sign(), change.path))
            .collect()
    }

    const BEFORE: &str = r#"{
      "DataSetIdentifierDeclarations":[{"Identifier":"sales","DataSetArn":"${dataset:sales}"}],
      "Sheets":[{"SheetId":"s1","Name":"Overview","Visuals":[
        {"BarChartVisual":{"VisualId":"v1","Title":{"FormatText":{"RichText":"<visual-title>Revenue <b>by city</b></visual-title>"}},
          "ChartConfiguration":{"FieldWells":{"BarChartAggregatedFieldWells":{
            "Category":[{"CategoricalDimensionField":{"FieldId":"f1","Column":{"DataSetIdentifier":"sales","ColumnName":"city"}}}],
            "Values":[]}}}}}]}],
      "CalculatedFields":[{"DataSetIdentifier":"sales","Name":"net","Expression":"{a}"}],
      "ParameterDeclarations":[{"StringParameterDeclaration":{"Name":"city","ParameterValueType":"SINGLE_VALUED"}}],
      "FilterGroups":[{"FilterGroupId":"g1","Filters":[{"CategoryFilter":{"FilterId":"x","Column":{"DataSetIdentifier":"sales","ColumnName":"city"},"Limit":1}}]}]
    }"#;

    #[test]
    fn each_kind_of_change_is_named() {
        let cases = [
            (
                "\"Name\":\"Overview\"",
                "\"Name\":\"Summary\"",
                "~ sheet \"Summary\" › Name: \"Overview\" → \"Summary\" @ definition.Sheets[0].Name",
            ),
            (
                "\"Values\":[]",
                "\"Values\":[],\"X\":1",
                "~ sheet \"Overview\" › visual \"Revenue by city\" (bar chart) › ChartConfiguration.FieldWells.BarChartAggregatedFieldWells.X: 1 @ definition.Sheets[0].Visuals[0].BarChartVisual.ChartConfiguration.FieldWells.BarChartAggregatedFieldWells.X",
            ),
            (
                "\"Values\":[]",
                "\"Values\":[{\"NumericalMeasureField\":{\"FieldId\":\"f2\",\"Column\":{\"ColumnName\":\"amount\"}}}]",
                "+ sheet \"Overview\" › visual \"Revenue by city\" (bar chart) › field \"amount\" in values @ definition.Sheets[0].Visuals[0].BarChartVisual.ChartConfiguration.FieldWells.BarChartAggregatedFieldWells.Values[0]",
            ),
            (
                "\"Expression\":\"{a}\"",
                "\"Expression\":\"{b}\"",
                "~ calculated field \"net\" › Expression: \"{a}\" → \"{b}\" @ definition.CalculatedFields[0].Expression",
            ),
            (
                "SINGLE_VALUED",
                "MULTI_VALUED",
                "~ parameter \"city\" › ParameterValueType: \"SINGLE_VALUED\" → \"MULTI_VALUED\" @ definition.ParameterDeclarations[0].StringParameterDeclaration.ParameterValueType",
            ),
            (
                "\"Limit\":1",
                "\"Limit\":2",
                "~ filter group \"g1\" › category filter on \"city\" › Limit: 1 → 2 @ definition.FilterGroups[0].Filters[0].CategoryFilter.Limit",
            ),
            (
                "${dataset:sales}",
                "${dataset:other}",
                "~ data set \"sales\" › DataSetArn: \"${dataset:sales}\" → \"${dataset:other}\" @ definition.DataSetIdentifierDeclarations[0].DataSetArn",
            ),
        ];
        for (from, to, expected) in cases {
            assert!(BEFORE.contains(from));
            assert_eq!(found(BEFORE, &BEFORE.replacen(from, to, 1)), [expected]);
        }
    }

    #[test]
    fn what_nobody_models_is_named_by_its_path() {
        let changed = BEFORE.replacen('{', "{\"Novelty\":{\"Deep\":[1]},", 1);
        assert_eq!(
            found(BEFORE, &changed),
            ["~ definition › Novelty: {\"Deep\":[1]} @ definition.Novelty"]
        );
    }

    #[test]
    fn a_whole_sheet_is_one_line() {
        let changed = BEFORE.replacen(
            "\"Sheets\":[",
            "\"Sheets\":[{\"SheetId\":\"s0\",\"Name\":\"New\",\"Visuals\":[]},",
            1,
        );
        assert_eq!(
            found(BEFORE, &changed),
            ["+ sheet \"New\" @ definition.Sheets[0]"]
        );
        assert_eq!(
            found(&changed, BEFORE),
            ["- sheet \"New\" @ definition.Sheets[0]"]
        );
    }

    #[test]
    fn a_path_of_the_service_is_named() {
        let document = Json::parse(BEFORE).unwrap();
        let path = Path::root()
            .name("Sheets")
            .index(0)
            .name("Visuals")
            .index(0)
            .name("BarChartVisual")
            .name("Nothing");
        assert_eq!(
            thing_at(&document, &path).unwrap(),
            "sheet \"Overview\" › visual \"Revenue by city\" (bar chart)"
        );
    }
}
