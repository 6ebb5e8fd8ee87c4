//! The difference of two documents as places, with the items of arrays matched by
//! what identifies them.
//!
//! Complete by construction: two values that do not mean the same always yield at
//! least one place, whether anybody can name it or not.

use std::collections::HashMap;

use crate::json::{Json, Object};

/// One step from the root to a place that differs.
#[derive(Clone, Debug)]
pub(super) enum Step<'a> {
    /// Into a member.
    Member(&'a str),
    /// Into an item of an array: its index in the file (or in what is, when the
    /// file has it no more) and the item, for its name.
    Item(usize, &'a Json),
}

/// A place that differs.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub(super) steps: Vec<Step<'a>>,
    pub(super) before: Option<&'a Json>,
    pub(super) after: Option<&'a Json>,
    /// The items of this array are the same ones in another order.
    pub(super) moved: bool,
}

/// Lists the places where two values differ in meaning. Numbers are compared by
/// value, objects without regard to order, and a member that is `null` is the same
/// as none, as everywhere in this protocol.
pub(super) fn places<'a>(before: &'a Json, after: &'a Json) -> Vec<Place<'a>> {
    let mut walk = Walk {
        steps: Vec::new(),
        found: Vec::new(),
    };
    walk.value(before, after);
    walk.found
}

/// Whether two values mean the same, by the same rules as [`places`].
pub(crate) fn same(before: &Json, after: &Json) -> bool {
    match (before, after) {
        (Json::Object(one), Json::Object(two)) => {
            let count =
                |object: &Object| object.iter().filter(|(_, value)| !value.is_null()).count();
            count(one) == count(two)
                && one
                    .iter()
                    .filter(|(_, value)| !value.is_null())
                    .all(|(name, value)| two.get(name).is_some_and(|other| same(value, other)))
        }
        (Json::Array(one), Json::Array(two)) => {
            one.len() == two.len() && one.iter().zip(two).all(|(one, two)| same(one, two))
        }
        _ => before.same_meaning(after),
    }
}

struct Walk<'a> {
    steps: Vec<Step<'a>>,
    found: Vec<Place<'a>>,
}

impl<'a> Walk<'a> {
    fn report(&mut self, before: Option<&'a Json>, after: Option<&'a Json>, moved: bool) {
        self.found.push(Place {
            steps: self.steps.clone(),
            before,
            after,
            moved,
        });
    }

    fn value(&mut self, before: &'a Json, after: &'a Json) {
        match (before, after) {
            (Json::Object(one), Json::Object(two)) => self.object(one, two),
            (Json::Array(one), Json::Array(two)) => self.array(before, after, one, two),
            _ if before.same_meaning(after) => {}
            _ => self.report(Some(before), Some(after), false),
        }
    }

    fn object(&mut self, before: &'a Object, after: &'a Object) {
        let there =
            |object: &'a Object, name: &str| object.get(name).filter(|value| !value.is_null());
        for (name, old) in before.iter().filter(|(_, value)| !value.is_null()) {
            self.steps.push(Step::Member(name));
            match there(after, name) {
                Some(new) => self.value(old, new),
                None => self.report(Some(old), None, false),
            }
            self.steps.pop();
        }
        for (name, new) in after.iter().filter(|(_, value)| !value.is_null()) {
            if there(before, name).is_none() {
                self.steps.push(Step::Member(name));
                self.report(None, Some(new), false);
                self.steps.pop();
            }
        }
    }

    fn array(
        &mut self,
        whole: &'a Json,
        new_whole: &'a Json,
        before: &'a [Json],
        after: &'a [Json],
    ) {
        match (keys(before), keys(after)) {
            (Some(old), Some(new)) if !(old.is_empty() && new.is_empty()) => {
                self.keyed(whole, new_whole, (before, &old), (after, &new));
            }
            _ => self.positional(before, after),
        }
    }

    fn keyed(
        &mut self,
        whole: &'a Json,
        new_whole: &'a Json,
        (before, old): (&'a [Json], &[String]),
        (after, new): (&'a [Json], &[String]),
    ) {
        let index =
            |keys: &[String]| -> HashMap<String, usize> { keys.iter().cloned().zip(0..).collect() };
        let (old_index, new_index) = (index(old), index(new));
        for (position, key) in new.iter().enumerate() {
            self.steps.push(Step::Item(position, &after[position]));
            match old_index.get(key) {
                Some(at) => self.value(&before[*at], &after[position]),
                None => self.report(None, Some(&after[position]), false),
            }
            self.steps.pop();
        }
        for (position, key) in old.iter().enumerate() {
            if !new_index.contains_key(key) {
                self.steps.push(Step::Item(position, &before[position]));
                self.report(Some(&before[position]), None, false);
                self.steps.pop();
            }
        }
        let kept_old = old.iter().filter(|key| new_index.contains_key(*key));
        let kept_new = new.iter().filter(|key| old_index.contains_key(*key));
        if !kept_old.eq(kept_new) {
            self.report(Some(whole), Some(new_whole), true);
        }
    }

    /// Items without a name of their own: what is the same at both ends is left
    /// out, the rest is compared in order.
    fn positional(&mut self, before: &'a [Json], after: &'a [Json]) {
        let head = before
            .iter()
            .zip(after)
            .take_while(|(one, two)| same(one, two))
            .count();
        let tail = before[head..]
            .iter()
            .rev()
            .zip(after[head..].iter().rev())
            .take_while(|(one, two)| same(one, two))
            .count();
        let (old, new) = (
            &before[head..before.len() - tail],
            &after[head..after.len() - tail],
        );
        for position in 0..old.len().max(new.len()) {
            let (one, two) = (old.get(position), new.get(position));
            let Some(named) = two.or(one) else { continue };
            self.steps.push(Step::Item(head + position, named));
            match (one, two) {
                (Some(one), Some(two)) => self.value(one, two),
                (one, two) => self.report(one, two, false),
            }
            self.steps.pop();
        }
    }
}

/// The members that identify an item among its like, the most telling first.
const IDENTITIES: [&str; 21] = [
    "VisualId",
    "SheetId",
    "FilterGroupId",
    "FilterId",
    "ParameterControlId",
    "FilterControlId",
    "SheetTextBoxId",
    "SheetImageId",
    "StaticFileId",
    "CustomActionId",
    "FieldId",
    "ElementId",
    "Identifier",
    "HierarchyId",
    "ScheduleId",
    "DatasetParameterId",
    "Principal",
    "Key",
    "Name",
    "ColumnId",
    "ColumnName",
];

/// The items' keys, when every item has one and no two have the same.
fn keys(items: &[Json]) -> Option<Vec<String>> {
    let keys: Vec<String> = items.iter().map(key).collect::<Option<_>>()?;
    let mut sorted: Vec<&String> = keys.iter().collect();
    sorted.sort_unstable();
    let distinct = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    distinct.then_some(keys)
}

/// What identifies an item: one of its members, or one of the only object inside
/// it (`{"BarChartVisual": {"VisualId": …}}`).
pub(super) fn key(item: &Json) -> Option<String> {
    let object = item.as_object()?;
    let own = |object: &Object| {
        let name = IDENTITIES.iter().find(|name| {
            object
                .get(name)
                .is_some_and(|value| value.as_str().is_some())
        })?;
        let value = object.get(name)?.as_str()?;
        // Calculated fields and columns are named within a data set.
        let scope = object
            .get("DataSetIdentifier")
            .and_then(Json::as_str)
            .unwrap_or_default();
        Some(format!("{name}\u{0}{scope}\u{0}{value}"))
    };
    if let Some(key) = own(object) {
        return Some(key);
    }
    // `{"Column": {"DataSetIdentifier": …, "ColumnName": …}, "Role": …}`
    if let Some(column) = object.get("Column").and_then(Json::as_object) {
        return own(column);
    }
    let mut members = object.iter();
    match (members.next(), members.next()) {
        (Some((_, Json::Object(inner))), None) => own(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text).unwrap()
    }

    fn count(before: &str, after: &str) -> usize {
        places(&json(before), &json(after)).len()
    }

    #[test]
    fn order_of_members_spelling_of_numbers_and_null_are_no_difference() {
        assert_eq!(count(r#"{"a":1.0,"b":null}"#, r#"{"c":null,"a":1}"#), 0);
        assert_eq!(count(r#"{"t":1.6565093E9}"#, r#"{"t":1656509300}"#), 0);
    }

    #[test]
    fn an_item_is_found_by_its_name_wherever_it_stands() {
        let before =
            r#"[{"BarChartVisual":{"VisualId":"a","x":1}},{"TableVisual":{"VisualId":"b"}}]"#;
        let after =
            r#"[{"TableVisual":{"VisualId":"b"}},{"BarChartVisual":{"VisualId":"a","x":2}}]"#;
        let (before, after) = (json(before), json(after));
        let found = places(&before, &after);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[1].moved);
        assert!(matches!(found[0].steps[0], Step::Item(1, _)));
    }

    #[test]
    fn two_items_of_one_name_are_compared_by_position() {
        assert_eq!(
            count(
                r#"[{"FieldId":"a","v":1},{"FieldId":"a","v":2}]"#,
                r#"[{"FieldId":"a","v":1},{"FieldId":"a","v":3}]"#
            ),
            1
        );
    }

    #[test]
    fn an_insertion_among_nameless_items_is_one_place() {
        assert_eq!(count("[1,2,3]", "[1,9,2,3]"), 1);
        assert_eq!(count("[1,2,3]", "[2,3]"), 1);
    }

    fn any_json() -> impl Strategy<Value = Json> {
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            (0_u64..4).prop_map(Json::from),
            "[a-c]{0,2}".prop_map(Json::from),
        ];
        let name = prop_oneof![
            Just("VisualId"),
            Just("Name"),
            Just("FieldId"),
            Just("x"),
            Just("Column")
        ];
        leaf.prop_recursive(4, 40, 4, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec((name.clone(), inner), 0..4).prop_map(Json::object),
            ]
        })
    }

    proptest! {
        #[test]
        fn nothing_that_differs_is_ever_unchanged(before in any_json(), after in any_json()) {
            prop_assert_eq!(places(&before, &after).is_empty(), same(&before, &after));
        }

        #[test]
        fn a_value_is_the_same_as_itself(value in any_json()) {
            prop_assert!(places(&value, &value).is_empty());
            prop_assert!(same(&value, &value));
        }

        #[test]
        fn same_is_symmetric(before in any_json(), after in any_json()) {
            prop_assert_eq!(same(&before, &after), same(&after, &before));
        }
    }
}
