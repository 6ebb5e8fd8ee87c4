//! Which table of one side is which of the other, and which of them are walked through.

use std::collections::{BTreeSet, HashMap};

use super::hash::Ordered;
use super::summary::{Summary, Table};
use super::walk::{Route, Spec};

/// The two summaries, and how their names go together.
pub(super) struct Sides<'a> {
    pub(super) old: &'a Summary,
    pub(super) new: &'a Summary,
    /// One side names its only database and the other, dumped without `--databases`, does not.
    pub(super) one_database: bool,
}

impl<'a> Sides<'a> {
    pub(super) fn new(old: &'a Summary, new: &'a Summary) -> Self {
        let names = |side: &'a Summary| -> BTreeSet<&'a str> {
            let tables = side.tables.iter().map(|table| table.database.as_str());
            let objects = side.objects.iter();
            let objects = objects.filter_map(|entry| entry.object.database.as_deref());
            tables.chain(objects).collect()
        };
        let (olds, news) = (names(old), names(new));
        let lone = |names: &BTreeSet<&str>| names.len() == 1;
        let one_database = lone(&olds) && lone(&news) && (olds.contains("") != news.contains(""));
        Self {
            old,
            new,
            one_database,
        }
    }

    /// A database's name as both sides have it.
    pub(super) fn database<'n>(&self, name: &'n str) -> &'n str {
        if self.one_database { "" } else { name }
    }

    /// The tables of both, in the old side's order, then those only in the new.
    pub(super) fn pairs(&self) -> Vec<Pair<'a>> {
        let key = |table: &'a Table| (self.database(&table.database), table.name.as_str());
        let mut news: HashMap<_, _> = self.new.tables.iter().map(|new| (key(new), new)).collect();
        let mut pairs: Vec<Pair<'a>> = Vec::new();
        for old in &self.old.tables {
            let new = news.remove(&key(old));
            pairs.push(Pair::new(Some(old), new));
        }
        for new in &self.new.tables {
            if news.contains_key(&key(new)) {
                pairs.push(Pair::new(None, Some(new)));
            }
        }
        pairs
    }
}

/// A table on both sides, or on one.
pub(super) struct Pair<'a> {
    pub(super) old: Option<&'a Table>,
    pub(super) new: Option<&'a Table>,
    /// Where the columns differ: those in common, with their place on each side.
    pub(super) common: Option<Vec<(String, usize, usize)>>,
}

impl<'a> Pair<'a> {
    fn new(old: Option<&'a Table>, new: Option<&'a Table>) -> Self {
        let common = old.zip(new).and_then(|(old, new)| {
            if old.mixed || new.mixed || old.rows == 0 || new.rows == 0 {
                return None;
            }
            let (olds, news) = (old.columns()?, new.columns()?);
            if olds == news {
                return None;
            }
            let places: HashMap<&str, usize> = news.iter().map(String::as_str).zip(0..).collect();
            let common = olds.iter().enumerate().filter_map(|(place, name)| {
                Some((name.clone(), place, *places.get(name.as_str())?))
            });
            Some(common.collect())
        });
        Self { old, new, common }
    }

    /// Any of the two.
    pub(super) fn either(&self) -> Option<&'a Table> {
        self.old.or(self.new)
    }

    /// Whether both sides' CREATE TABLE name the same columns, so that a difference in the
    /// INSERTs' columns is one of form.
    pub(super) fn defined_alike(&self) -> bool {
        let definition = |table: Option<&'a Table>| {
            table.and_then(|table| table.definition.as_ref().map(|found| found.names()))
        };
        match (definition(self.old), definition(self.new)) {
            (Some(old), Some(new)) => old == new,
            _ => false,
        }
    }

    /// Whether nothing but a walk tells how the rows compare.
    fn needs_walk(&self) -> bool {
        let Some((old, new)) = self.old.zip(self.new) else {
            return false;
        };
        let both = old.rows > 0 && new.rows > 0 && !old.scattered && !new.scattered;
        both && (self.common.is_some() || old.multiset != new.multiset)
    }

    /// Whether the rows are equal by their digests.
    pub(super) fn rows_equal(&self) -> bool {
        self.common.is_none() && self.old.map(digest) == self.new.map(digest)
    }
}

fn digest(table: &Table) -> (u64, Ordered) {
    (table.rows, table.ordered)
}

/// The side that was made earlier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Earlier {
    Old,
    New,
}

impl Earlier {
    /// By the dump dates, else by the newest rows; the old side where nothing tells.
    pub(super) fn of(old: &Summary, new: &Summary) -> Self {
        let newer = match (&old.dump_completed, &new.dump_completed) {
            (Some(old), Some(new)) if old != new => new < old,
            _ => new.newest() < old.newest() && new.newest().is_some(),
        };
        if newer { Self::New } else { Self::Old }
    }
}

/// The tables to walk through, as indexes of pairs, and the route of each side.
pub(super) struct Walk {
    pub(super) pairs: Vec<usize>,
    pub(super) old: Route,
    pub(super) new: Route,
}

/// Plans the second pass: the tables that need it and come in the same order on both sides.
pub(super) fn plan(sides: &Sides<'_>, pairs: &[Pair<'_>], earlier: Earlier) -> Walk {
    let mut needed: Vec<(usize, &Table, &Table)> = pairs
        .iter()
        .enumerate()
        .filter(|(_, pair)| pair.needs_walk())
        .filter_map(|(index, pair)| Some((index, pair.old?, pair.new?)))
        .collect();
    needed.sort_by_key(|(_, old, _)| old.begun);
    let order: Vec<u64> = needed.iter().map(|(_, _, new)| new.begun).collect();
    let mut walk = Walk {
        pairs: Vec::new(),
        old: Route::default(),
        new: Route::default(),
    };
    for place in longest_rise(&order) {
        let (index, old, new) = needed[place];
        let pair = &pairs[index];
        let since = match earlier {
            Earlier::Old => old.newest.as_deref().or_else(|| sides.old.newest()),
            Earlier::New => new.newest.as_deref().or_else(|| sides.new.newest()),
        };
        let route =
            |route: &mut Route, table: &Table, side: &Summary, other: &Summary, is_old: bool| {
                let names = table.columns().unwrap_or_default();
                let key = key_places(pair, &names);
                let projection = pair.common.as_ref().map(|common| {
                    let places = common.iter();
                    places
                        .map(|(_, old, new)| if is_old { *old } else { *new })
                        .collect()
                });
                let marks = is_old == (earlier == Earlier::New);
                let name = (table.database.clone(), table.name.clone());
                route.by_name.insert(name, walk.pairs.len());
                route.specs.push(Spec {
                    projection,
                    key,
                    updated_at: table.wanted.filter(|_| marks && since.is_some()),
                    since: since.filter(|_| marks).map(<[u8]>::to_vec),
                    latin1: reads_latin1(side, other).then(|| text_fields(table, &names)),
                });
            };
        route(&mut walk.old, old, sides.old, sides.new, true);
        route(&mut walk.new, new, sides.new, sides.old, false);
        walk.pairs.push(index);
    }
    walk
}

/// The primary key's fields, where both sides have the same key and hold all of it.
pub(super) fn key_names(pair: &Pair<'_>) -> Vec<String> {
    let key = |table: Option<&Table>| {
        let table = table?;
        let names = table.columns()?;
        let key = table.definition.as_ref()?.key.clone();
        key.iter().all(|name| names.contains(name)).then_some(key)
    };
    match (key(pair.old), key(pair.new)) {
        (Some(old), Some(new)) if old == new => old,
        _ => Vec::new(),
    }
}

fn key_places(pair: &Pair<'_>, names: &[String]) -> Vec<usize> {
    let place = |name: String| names.iter().position(|other| *other == name);
    key_names(pair).into_iter().filter_map(place).collect()
}

/// Whether this side is in latin1 and the other in UTF-8.
pub(super) fn reads_latin1(side: &Summary, other: &Summary) -> bool {
    side.charset.as_deref() == Some("latin1")
        && other
            .charset
            .as_deref()
            .is_some_and(|name| name.starts_with("utf8"))
}

fn text_fields(table: &Table, names: &[String]) -> Vec<bool> {
    let columns = table
        .definition
        .iter()
        .flat_map(|definition| &definition.columns);
    let binary: BTreeSet<&str> = columns
        .filter(|column| column.binary)
        .map(|column| column.name.as_str())
        .collect();
    names
        .iter()
        .map(|name| !binary.contains(name.as_str()))
        .collect()
}

/// The places of a longest rising subsequence.
fn longest_rise(values: &[u64]) -> Vec<usize> {
    // ends[n]: the place where the best rise of n + 1 values ends.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(values.len());
    for (place, value) in values.iter().enumerate() {
        let length = ends.partition_point(|&end| values[end] < *value);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        if length == ends.len() {
            ends.push(place);
        } else {
            ends[length] = place;
        }
    }
    let mut rise = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(place) = next {
        rise.push(place);
        next = before[place];
    }
    rise.reverse();
    rise
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_rise_is_walked() {
        assert_eq!(longest_rise(&[]), Vec::<usize>::new());
        assert_eq!(longest_rise(&[1, 2, 3]), [0, 1, 2]);
        assert_eq!(longest_rise(&[9, 1, 2, 0, 3]), [1, 2, 4]);
    }
}
