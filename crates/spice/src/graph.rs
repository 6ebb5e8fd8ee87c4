//! The order of data sets that are built on each other.

use std::collections::{BTreeMap, BTreeSet};

use datatransit_quicksight::{Arn, AssetId, AssetKind, Json};

/// Data sets that are built on each other in a circle: no order is right.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("these data sets are built on each other in a circle: {}; take one out of the selection", .0.join(" → "))]
#[non_exhaustive]
pub struct Cycle(pub Vec<String>);

/// The data sets that a data set is built on, of its description.
pub fn sources(described: &Json) -> BTreeSet<AssetId> {
    let mut found = BTreeSet::new();
    // `LogicalTableMap.*.Source.DataSetArn` and `DataPrepConfiguration.SourceTableMap.*.
    // DataSet.DataSetArn`; whoever adds a third way will call the member the same.
    for place in ["LogicalTableMap", "DataPrepConfiguration"] {
        let Some(place) = described.get(place) else {
            continue;
        };
        place.walk(&mut |path, value| {
            if path.last_name() != Some("DataSetArn") {
                return;
            }
            let asset = value
                .as_str()
                .and_then(Arn::parse)
                .and_then(|arn| arn.asset());
            if let Some(asset) = asset.filter(|asset| asset.kind == AssetKind::DataSet) {
                found.insert(asset.id);
            }
        });
    }
    found
}

/// Finds for each data set those of the others that must be done before it, as places in
/// the list.
///
/// Only data sets of the list count: what is not refreshed has nothing new to hand on.
///
/// # Errors
///
/// [`Cycle`], with the data sets in it in their order.
pub fn order(data_sets: &[(AssetId, BTreeSet<AssetId>)]) -> Result<Vec<Vec<usize>>, Cycle> {
    let places: BTreeMap<&AssetId, usize> = data_sets
        .iter()
        .enumerate()
        .map(|(place, (id, _))| (id, place))
        .collect();
    let before: Vec<Vec<usize>> = data_sets
        .iter()
        .map(|(_, sources)| {
            sources
                .iter()
                .filter_map(|id| places.get(id).copied())
                .collect()
        })
        .collect();
    // What can be done is taken out until nothing is left, or a circle.
    let mut done = vec![false; data_sets.len()];
    loop {
        let ready: Vec<usize> = (0..data_sets.len())
            .filter(|&place| !done[place] && before[place].iter().all(|&other| done[other]))
            .collect();
        if ready.is_empty() {
            break;
        }
        for place in ready {
            done[place] = true;
        }
    }
    match done.iter().position(|done| !done) {
        None => Ok(before),
        Some(start) => Err(circle(start, &before, &done, data_sets)),
    }
}

/// Walks back from a data set that is never ready until one comes twice.
fn circle(
    start: usize,
    before: &[Vec<usize>],
    done: &[bool],
    data_sets: &[(AssetId, BTreeSet<AssetId>)],
) -> Cycle {
    let mut path = vec![start];
    loop {
        let last = path.last().copied().unwrap_or(start);
        // One of those before it is not done either, or it would have been ready.
        let next = before[last].iter().copied().find(|&other| !done[other]);
        let next = next.unwrap_or(start);
        if let Some(from) = path.iter().position(|&seen| seen == next) {
            path.push(next);
            let names = path[from..]
                .iter()
                .map(|&place| data_sets[place].0.to_string());
            return Cycle(names.collect());
        }
        path.push(next);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: impl ToString) -> AssetId {
        AssetId::new(text.to_string()).unwrap()
    }

    fn of(edges: &[(u8, &[u8])]) -> Vec<(AssetId, BTreeSet<AssetId>)> {
        edges
            .iter()
            .map(|(data_set, on)| (id(data_set), on.iter().map(id).collect()))
            .collect()
    }

    #[test]
    fn both_ways_to_be_built_on_a_data_set_are_seen() {
        let described = Json::parse(
            r#"{"LogicalTableMap":{"t":{"Source":{"DataSetArn":"arn:aws:quicksight:r:1:dataset/base"}},
                                   "u":{"Source":{"PhysicalTableId":"p"}}},
                "DataPrepConfiguration":{"SourceTableMap":{"s":{"DataSet":{"DataSetArn":"arn:aws:quicksight:r:1:dataset/other"}}}},
                "RowLevelPermissionDataSet":{"Arn":"arn:aws:quicksight:r:1:dataset/rules"}}"#,
        )
        .unwrap();
        assert_eq!(
            sources(&described),
            BTreeSet::from([id("base"), id("other")])
        );
    }

    #[test]
    fn what_is_not_in_the_list_is_not_waited_for() {
        let before = order(&of(&[(1, &[2, 9]), (2, &[]), (3, &[1, 2])])).unwrap();
        assert_eq!(before, [vec![1], vec![], vec![0, 1]]);
    }

    #[test]
    fn a_circle_is_named_in_its_order() {
        let cycle = order(&of(&[(1, &[]), (2, &[3, 1]), (3, &[4]), (4, &[2])])).unwrap_err();
        assert_eq!(cycle.0, ["2", "3", "4", "2"]);
        assert!(order(&of(&[(1, &[1])])).is_err());
    }

    proptest! {
        #[test]
        fn edges_to_earlier_ones_always_have_an_order(
            edges in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..4), 1..12),
        ) {
            let list: Vec<(AssetId, BTreeSet<AssetId>)> = edges
                .iter()
                .enumerate()
                .map(|(place, on)| {
                    let on = on.iter().filter(|_| place > 0).map(|on| id(on.index(place.max(1))));
                    (id(place), on.collect())
                })
                .collect();
            let before = order(&list).unwrap();
            for (place, others) in before.iter().enumerate() {
                prop_assert!(others.iter().all(|&other| other < place));
            }
        }

        #[test]
        fn a_named_circle_is_one(
            edges in prop::collection::vec(prop::collection::btree_set(0u8..8, 0..3), 8),
        ) {
            let list: Vec<(AssetId, BTreeSet<AssetId>)> = edges
                .iter()
                .enumerate()
                .map(|(place, on)| (id(place), on.iter().map(id).collect()))
                .collect();
            if let Err(Cycle(names)) = order(&list) {
                prop_assert_eq!(names.first(), names.last());
                for pair in names.windows(2) {
                    let place: usize = pair[0].parse().unwrap();
                    prop_assert!(edges[place].contains(&pair[1].parse().unwrap()));
                }
            }
        }
    }
}
