//! Rows of one table on both sides, matched by their key: which changed, which are only on one.
//!
//! Rows that stand side by side are matched at once. A row without a counterpart waits, by the
//! hash of its key, until the other side brings it or the table ends; so rows may have moved
//! any distance, as long as all that wait fit into the budget. Beyond it nothing more is
//! claimed of the table than that it differs.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use super::error::Error;
use super::row::{LongField, LongFields, Oddities};
use super::scan::LongRow;
use super::walk::{Batch, Meta};

/// What a waiting row costs besides its text: the map's slot and the record.
const WAITING_BYTES: usize = 144;

/// Of rows that are longer than this, digests are kept in the place of their text: a few rows
/// with large objects may not fill the budget.
const LONGEST_TEXT: usize = 64 << 10;

/// The rows of a table on one side, one by one.
pub(super) trait Rows {
    /// The next batch of this table; `None` after its last.
    fn batch(&mut self) -> Result<Option<Batch>, Error>;
}

/// A row that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    pub(super) number: u64,
    /// `None` where there was no room for it.
    pub(super) content: Option<KeptContent>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeptContent {
    Text(Box<[u8]>),
    Long(Box<LongRow>),
}

/// A difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    Changed(Kept, Kept),
    OnlyOld(Kept),
    OnlyNew(Kept),
}

impl Found {
    /// Where it stands, for their order.
    fn place(&self) -> (u64, u8) {
        match self {
            Self::Changed(old, _) => (old.number, 1),
            Self::OnlyOld(old) => (old.number, 0),
            Self::OnlyNew(new) => (new.number, 2),
        }
    }
}

/// All that was found of one table.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Matched {
    pub(super) changed: u64,
    pub(super) only_old: u64,
    pub(super) only_new: u64,
    /// Of the changed and the one-sided: how many are marked as later.
    pub(super) later: u64,
    /// Whether a matched row has another number on the other side.
    pub(super) moved: bool,
    /// More rows were waiting than there is room for: nothing else here is true then.
    pub(super) overflow: bool,
    /// The first differences.
    pub(super) found: Vec<Found>,
}

/// Limits of a matching.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For rows that wait, in bytes.
    pub(super) memory: usize,
    /// How many differences are kept.
    pub(super) differences: usize,
    /// Whether rows have a key of their own, by which they can be found again when they changed.
    pub(super) keyed: bool,
}

/// Matches the rows of one table.
pub(super) fn match_rows(
    old: &mut dyn Rows,
    new: &mut dyn Rows,
    limits: Limits,
) -> Result<Matched, Error> {
    let mut matching = Matching {
        old: Stream::new(old),
        new: Stream::new(new),
        waiting: [HashMap::new(), HashMap::new()],
        count: 0,
        text_bytes: 0,
        limits,
        turn: OLD,
        matched: Matched::default(),
    };
    matching.run()?;
    Ok(matching.finish())
}

const OLD: usize = 0;
const NEW: usize = 1;

struct Stream<'a> {
    rows: &'a mut dyn Rows,
    batch: Batch,
    at: usize,
}

impl<'a> Stream<'a> {
    fn new(rows: &'a mut dyn Rows) -> Self {
        Self {
            rows,
            batch: Batch::default(),
            at: 0,
        }
    }

    /// Makes sure of a head, if there is one left.
    fn fill(&mut self) -> Result<(), Error> {
        while self.at >= self.batch.rows.len() {
            match self.rows.batch()? {
                Some(batch) => {
                    self.batch = batch;
                    self.at = 0;
                }
                None => return Ok(()),
            }
        }
        Ok(())
    }

    fn head(&self) -> Option<&Meta> {
        self.batch.rows.get(self.at)
    }

    fn content(&self, meta: &Meta) -> KeptContent {
        let text = &self.batch.text[meta.range.clone()];
        match &meta.long {
            Some(long) => KeptContent::Long(long.clone()),
            None if text.len() > LONGEST_TEXT => {
                let mut fields = LongFields::default();
                fields.push(text);
                KeptContent::Long(Box::new(LongRow {
                    hash: meta.hash,
                    bytes: text.len() as u64,
                    fields: fields.finish(),
                    seen: Oddities::default(),
                }))
            }
            None => KeptContent::Text(text.into()),
        }
    }
}

/// A row that waits for its counterpart.
#[derive(Debug)]
struct Waiting {
    kept: Kept,
    hash: u128,
    later: bool,
    /// Others with the same key: equal rows without a key.
    more: VecDeque<Self>,
}

struct Matching<'a> {
    old: Stream<'a>,
    new: Stream<'a>,
    waiting: [HashMap<u128, Waiting>; 2],
    count: usize,
    text_bytes: usize,
    limits: Limits,
    turn: usize,
    matched: Matched,
}

impl Matching<'_> {
    fn run(&mut self) -> Result<(), Error> {
        loop {
            self.old.fill()?;
            self.new.fill()?;
            let side = match (self.old.head(), self.new.head()) {
                (None, None) => return Ok(()),
                (Some(_), None) => OLD,
                (None, Some(_)) => NEW,
                (Some(old), Some(new)) => {
                    if old.key == new.key {
                        self.meet();
                        continue;
                    }
                    if self.waiting[NEW].contains_key(&old.key) {
                        OLD
                    } else if self.waiting[OLD].contains_key(&new.key) {
                        NEW
                    } else {
                        self.choose(old.place, new.place)
                    }
                }
            };
            self.take(side);
            if self.matched.overflow {
                return self.drain();
            }
        }
    }

    /// Which side to take a row from, when the heads belong to different rows: the one that is
    /// behind, where keys tell; else by turns.
    fn choose(&mut self, old: Option<i128>, new: Option<i128>) -> usize {
        if let (Some(old), Some(new)) = (old, new) {
            return if old < new { OLD } else { NEW };
        }
        self.turn = 1 - self.turn;
        self.turn
    }

    /// The heads have the same key.
    fn meet(&mut self) {
        let (Some(old), Some(new)) = (self.old.head(), self.new.head()) else {
            return;
        };
        self.matched.moved |= old.number != new.number;
        if old.hash != new.hash {
            self.matched.changed += 1;
            self.matched.later += u64::from(old.later || new.later);
            if self.matched.found.len() < self.limits.differences {
                let keep = |stream: &Stream<'_>, meta: &Meta| Kept {
                    number: meta.number,
                    content: Some(stream.content(meta)),
                };
                let found = Found::Changed(keep(&self.old, old), keep(&self.new, new));
                self.matched.found.push(found);
            }
        }
        self.old.at += 1;
        self.new.at += 1;
    }

    /// Takes the head of one side: to its counterpart that waits, or to wait itself.
    fn take(&mut self, side: usize) {
        let stream = if side == OLD {
            &mut self.old
        } else {
            &mut self.new
        };
        let Some(meta) = stream.head().cloned() else {
            return;
        };
        let counterpart = take_waiting(&mut self.waiting[1 - side], meta.key);
        let room = self
            .limits
            .memory
            .saturating_sub(self.count * WAITING_BYTES + self.text_bytes);
        let length = meta.range.len();
        // Half of the room is for those that come without their text.
        let keeps = counterpart.is_some() || length < room / 2;
        let kept = Kept {
            number: meta.number,
            content: keeps.then(|| stream.content(&meta)),
        };
        stream.at += 1;
        if let Some(other) = counterpart {
            self.count -= 1;
            self.text_bytes -= text_length(&other.kept);
            self.matched.moved |= other.kept.number != kept.number;
            if other.hash != meta.hash {
                self.matched.changed += 1;
                self.matched.later += u64::from(other.later || meta.later);
                if self.matched.found.len() < self.limits.differences {
                    let pair = if side == OLD {
                        Found::Changed(kept, other.kept)
                    } else {
                        Found::Changed(other.kept, kept)
                    };
                    self.matched.found.push(pair);
                }
            }
            return;
        }
        self.count += 1;
        self.text_bytes += text_length(&kept);
        let waiting = Waiting {
            kept,
            hash: meta.hash,
            later: meta.later,
            more: VecDeque::new(),
        };
        match self.waiting[side].entry(meta.key) {
            Entry::Occupied(mut first) => first.get_mut().more.push_back(waiting),
            Entry::Vacant(place) => {
                place.insert(waiting);
            }
        }
        if self.count * WAITING_BYTES + self.text_bytes > self.limits.memory {
            self.matched.overflow = true;
        }
    }

    /// Reads the rest without a look.
    fn drain(&mut self) -> Result<(), Error> {
        self.waiting = [HashMap::new(), HashMap::new()];
        self.matched.found.clear();
        for stream in [&mut self.old, &mut self.new] {
            while stream.rows.batch()?.is_some() {}
        }
        Ok(())
    }

    /// Those that still wait have no counterpart.
    fn finish(self) -> Matched {
        let mut matched = self.matched;
        if matched.overflow {
            return matched;
        }
        let [mut old, mut new] = self.waiting.map(in_order);
        if !self.limits.keyed {
            matched.changed +=
                pair_by_gap(&mut old, &mut new, &mut matched.found, &mut matched.later);
        }
        matched.only_old = old.len() as u64;
        matched.only_new = new.len() as u64;
        let later = old.iter().chain(&new).filter(|row| row.later).count();
        matched.later += later as u64;
        let most = self.limits.differences;
        let found = &mut matched.found;
        found.extend(
            old.into_iter()
                .take(most)
                .map(|row| Found::OnlyOld(row.kept)),
        );
        found.extend(
            new.into_iter()
                .take(most)
                .map(|row| Found::OnlyNew(row.kept)),
        );
        found.sort_by_key(Found::place);
        found.truncate(most);
        matched
    }
}

/// What a row takes besides its record, in bytes.
fn text_length(kept: &Kept) -> usize {
    match &kept.content {
        Some(KeptContent::Text(text)) => text.len(),
        Some(KeptContent::Long(long)) => {
            let texts = long.fields.iter().filter_map(|field| field.text.as_ref());
            long.fields.len() * size_of::<LongField>() + texts.map(Vec::len).sum::<usize>()
        }
        None => 0,
    }
}

fn take_waiting(waiting: &mut HashMap<u128, Waiting>, key: u128) -> Option<Waiting> {
    let Entry::Occupied(mut first) = waiting.entry(key) else {
        return None;
    };
    // The one that has waited longest is the first: the others move up.
    let Some(mut next) = first.get_mut().more.pop_front() else {
        return Some(first.remove());
    };
    next.more = std::mem::take(&mut first.get_mut().more);
    Some(first.insert(next))
}

fn in_order(waiting: HashMap<u128, Waiting>) -> Vec<Waiting> {
    let mut rows = Vec::with_capacity(waiting.len());
    for mut first in waiting.into_values() {
        rows.extend(first.more.drain(..));
        rows.push(first);
    }
    rows.sort_unstable_by_key(|row| row.kept.number);
    rows
}

/// Without keys: rows that are left over between the same two matched rows are taken for the
/// same row, changed. Returns how many, and takes them out.
fn pair_by_gap(
    old: &mut Vec<Waiting>,
    new: &mut Vec<Waiting>,
    found: &mut Vec<Found>,
    later: &mut u64,
) -> u64 {
    // How many matched rows are before each: its number less those left over before it.
    let gaps = |rows: &[Waiting]| -> Vec<u64> {
        let numbers = rows.iter().enumerate();
        numbers
            .map(|(index, row)| row.kept.number - index as u64)
            .collect()
    };
    let (old_gaps, new_gaps) = (gaps(old), gaps(new));
    let mut news = std::mem::take(new).into_iter().zip(new_gaps).peekable();
    let mut changed = 0;
    let olds = std::mem::take(old);
    for (row, gap) in olds.into_iter().zip(old_gaps) {
        while let Some((other, _)) = news.next_if(|(_, other)| *other < gap) {
            new.push(other);
        }
        match news.next_if(|(_, other)| *other == gap) {
            Some((other, _)) => {
                changed += 1;
                *later += u64::from(row.later || other.later);
                found.push(Found::Changed(row.kept, other.kept));
            }
            None => old.push(row),
        }
    }
    new.extend(news.map(|(row, _)| row));
    changed
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    /// Batches of a few rows each.
    struct Made(Vec<Batch>);

    impl Rows for Made {
        fn batch(&mut self) -> Result<Option<Batch>, Error> {
            Ok((!self.0.is_empty()).then(|| self.0.remove(0)))
        }
    }

    /// Rows of a key and a value.
    fn made(rows: &[(u32, u32)], keyed: bool, numbers: bool, size: usize) -> Made {
        let mut batches = Vec::new();
        let mut number = 0;
        for part in rows.chunks(size) {
            let mut batch = Batch::default();
            for (key, value) in part {
                number += 1;
                let start = batch.text.len();
                batch
                    .text
                    .extend_from_slice(format!("({key},{value})").as_bytes());
                let hash = (u128::from(*key) << 64) | (u128::from(*value) + 1);
                batch.rows.push(Meta {
                    range: start..batch.text.len(),
                    number,
                    hash,
                    key: if keyed { u128::from(*key) } else { hash },
                    place: (keyed && numbers).then(|| i128::from(*key)),
                    later: value % 2 == 1,
                    long: None,
                });
            }
            batches.push(batch);
        }
        Made(batches)
    }

    fn run(
        old: &[(u32, u32)],
        new: &[(u32, u32)],
        keyed: bool,
        numbers: bool,
        size: usize,
        memory: usize,
    ) -> Matched {
        let limits = Limits {
            memory,
            differences: 1000,
            keyed,
        };
        let (mut old, mut new) = (
            made(old, keyed, numbers, size),
            made(new, keyed, numbers, size),
        );
        match_rows(&mut old, &mut new, limits).unwrap()
    }

    #[derive(Debug, Clone)]
    enum Edit {
        Keep,
        Delete,
        Change,
        InsertBefore(u8),
    }

    fn edits() -> impl Strategy<Value = Vec<Edit>> {
        let edit = prop_oneof![
            8 => Just(Edit::Keep),
            1 => Just(Edit::Delete),
            1 => Just(Edit::Change),
            1 => (1_u8..4).prop_map(Edit::InsertBefore),
        ];
        prop::collection::vec(edit, 0..120)
    }

    proptest! {
        #[test]
        fn exactly_the_planted_edits_are_found(
            edits in edits(),
            numbers in any::<bool>(),
            size in 1_usize..9,
            shuffle in prop::option::of(any::<u64>()),
        ) {
            let mut old = Vec::new();
            let mut new = Vec::new();
            let (mut changed, mut only_old, mut only_new) = (Vec::new(), Vec::new(), Vec::new());
            let mut key = 0;
            for edit in &edits {
                if let Edit::InsertBefore(count) = edit {
                    for _ in 0..*count {
                        key += 1;
                        new.push((key, 1));
                        only_new.push(key);
                    }
                }
                key += 1;
                old.push((key, 0));
                match edit {
                    Edit::Delete => only_old.push(key),
                    Edit::Change => {
                        new.push((key, 3));
                        changed.push(key);
                    }
                    _ => new.push((key, 0)),
                }
            }
            // In any order: by their keys rows are found wherever they are.
            if let Some(turn) = shuffle {
                let length = new.len().max(1);
                new.rotate_left(usize::try_from(turn % length as u64).unwrap());
            }
            let matched = run(&old, &new, true, numbers, size, 1 << 20);
            prop_assert!(!matched.overflow);
            prop_assert_eq!(matched.changed, changed.len() as u64);
            prop_assert_eq!(matched.only_old, only_old.len() as u64);
            prop_assert_eq!(matched.only_new, only_new.len() as u64);
            prop_assert_eq!(matched.later, (changed.len() + only_new.len()) as u64);
            // And each by its row number, with both texts.
            let number = |rows: &[(u32, u32)], key: u32| {
                rows.iter().position(|(other, _)| *other == key).unwrap() as u64 + 1
            };
            let mut expected: BTreeMap<(u8, u64), Option<u64>> = BTreeMap::new();
            for &key in &changed {
                expected.insert((0, number(&old, key)), Some(number(&new, key)));
            }
            for &key in &only_old {
                expected.insert((1, number(&old, key)), None);
            }
            for &key in &only_new {
                expected.insert((2, number(&new, key)), None);
            }
            let mut found = BTreeMap::new();
            for difference in &matched.found {
                let (place, other) = match difference {
                    Found::Changed(old, new) => {
                        prop_assert!(old.content.is_some() && new.content.is_some());
                        ((0, old.number), Some(new.number))
                    }
                    Found::OnlyOld(old) => ((1, old.number), None),
                    Found::OnlyNew(new) => ((2, new.number), None),
                };
                found.insert(place, other);
            }
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn a_small_window_suffices_for_rows_that_stay_in_place(
            edits in edits(),
            keyed in any::<bool>(),
            numbers in any::<bool>(),
            size in 1_usize..9,
        ) {
            // At most so many wait at once: all that were inserted or deleted, and a gap's.
            let planted = edits.iter().map(|edit| match edit {
                Edit::Keep => 0,
                Edit::Delete => 1,
                // Without a key the old and the new form both wait.
                Edit::Change => 2,
                Edit::InsertBefore(count) => usize::from(*count),
            });
            let planted: usize = planted.sum();
            let mut old = Vec::new();
            let mut new = Vec::new();
            let (mut deleted, mut inserted, mut changed) = (0, 0, 0);
            for (key, edit) in (0_u32..).map(|key| key * 10 + 10).zip(&edits) {
                if let Edit::InsertBefore(count) = edit {
                    new.extend((0..u32::from(*count)).map(|more| (key - 9 + more, 1)));
                    inserted += u64::from(*count);
                }
                old.push((key, 0));
                match edit {
                    Edit::Delete => deleted += 1,
                    Edit::Change => {
                        new.push((key, 3));
                        changed += 1;
                    }
                    _ => new.push((key, 0)),
                }
            }
            let room = (planted * 2 + 16) * (WAITING_BYTES + 16);
            let matched = run(&old, &new, keyed, numbers, size, room);
            prop_assert!(!matched.overflow);
            if keyed {
                prop_assert_eq!((matched.changed, matched.only_old, matched.only_new), (changed, deleted, inserted));
            } else {
                // Rows in one gap are taken in pairs; what is missing and what is more stays.
                prop_assert!(matched.changed >= changed);
                prop_assert_eq!(matched.changed + matched.only_old, changed + deleted);
                prop_assert_eq!(matched.changed + matched.only_new, changed + inserted);
            }
        }

        #[test]
        fn equal_rows_count(copies in prop::collection::vec((0_u32..4, 0_usize..4, 0_usize..4), 0..8), size in 1_usize..5) {
            let rows = |pick: fn(&(u32, usize, usize)) -> usize| -> Vec<(u32, u32)> {
                copies.iter().flat_map(|entry| vec![(entry.0, 0); pick(entry)]).collect()
            };
            let (old, new) = (rows(|entry| entry.1), rows(|entry| entry.2));
            let mut counts: BTreeMap<u32, i64> = BTreeMap::new();
            for (key, _) in &old {
                *counts.entry(*key).or_default() -= 1;
            }
            for (key, _) in &new {
                *counts.entry(*key).or_default() += 1;
            }
            let matched = run(&old, &new, false, false, size, 1 << 20);
            let more: i64 = counts.values().filter(|count| **count > 0).sum();
            let fewer: i64 = counts.values().filter(|count| **count < 0).map(|count| -count).sum();
            prop_assert_eq!(matched.changed + matched.only_new, more.cast_unsigned());
            prop_assert_eq!(matched.changed + matched.only_old, fewer.cast_unsigned());
        }
    }

    #[test]
    fn too_many_that_wait_are_said_and_not_guessed_at() {
        let old: Vec<_> = (0..1000).map(|key| (key, 0)).collect();
        let new: Vec<_> = (0..1000).rev().map(|key| (key, 0)).collect();
        let matched = run(&old, &new, true, false, 7, 20 * WAITING_BYTES);
        assert!(matched.overflow);
        assert!(matched.found.is_empty());
        let matched = run(&old, &new, true, false, 7, 4000 * WAITING_BYTES);
        assert!(matched.moved && !matched.overflow);
        assert_eq!(matched.changed + matched.only_old + matched.only_new, 0);
    }

    #[test]
    fn a_changed_row_without_a_key_is_found_in_its_place() {
        let old: Vec<_> = (0..10).map(|key| (key, 0)).collect();
        let mut new = old.clone();
        new[4] = (4, 9);
        new.remove(7);
        let matched = run(&old, &new, false, false, 3, 1 << 20);
        assert_eq!(
            (matched.changed, matched.only_old, matched.only_new),
            (1, 1, 0)
        );
        let Found::Changed(old, new) = &matched.found[0] else {
            panic!("{:?}", matched.found);
        };
        assert_eq!((old.number, new.number), (5, 5));
    }
}
