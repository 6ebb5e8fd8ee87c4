//! The second pass of one side: the rows of the tables that differ, in batches.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::mpsc::SyncSender;

use super::decode::StoredEnd;
use super::error::Error;
use super::hash::Seed;
use super::row::{self, Canonical};
use super::scan::{Insert, Item, LongRow, Row, Visit};

/// Rows are handed on in batches of about so many bytes.
const BATCH_BYTES: usize = 128 << 10;
const BATCH_ROWS: usize = 1024;
/// Batches that may wait.
pub(super) const BATCHES: usize = 4;

/// What is to be done with the rows of one table on one side.
#[derive(Debug, Clone, Default)]
pub(super) struct Spec {
    /// The fields to compare, by their place on this side; `None` is all of them.
    pub(super) projection: Option<Vec<usize>>,
    /// The fields of the primary key, by their place on this side; empty without one.
    pub(super) key: Vec<usize>,
    /// The freshness field.
    pub(super) updated_at: Option<usize>,
    /// Rows whose freshness is beyond this literal are marked.
    pub(super) since: Option<Vec<u8>>,
    /// Fields in latin1 to be read as such: true for those that are text.
    pub(super) latin1: Option<Vec<bool>>,
}

/// The tables to walk through, by their names on this side.
#[derive(Debug, Clone, Default)]
pub(super) struct Route {
    pub(super) by_name: HashMap<(String, String), usize>,
    pub(super) specs: Vec<Spec>,
}

/// Rows of one table, in order.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) table: usize,
    pub(super) text: Vec<u8>,
    pub(super) rows: Vec<Meta>,
}

/// One row of a batch.
#[derive(Debug, Clone)]
pub(super) struct Meta {
    /// Its canonical text in the batch; empty for a long row.
    pub(super) range: Range<usize>,
    /// Its number in the table, from 1.
    pub(super) number: u64,
    /// Of what is compared.
    pub(super) hash: u128,
    /// Of the primary key; without one the same as `hash`.
    pub(super) key: u128,
    /// The key itself where it is one whole number.
    pub(super) place: Option<i128>,
    /// Whether its freshness is beyond the mark.
    pub(super) later: bool,
    pub(super) long: Option<Box<LongRow>>,
}

/// What comes out of a walk.
pub(super) enum Step {
    Rows(Batch),
    End(Box<StoredEnd>),
}

/// Takes the rows of a scan and sends those that are on the route.
pub(super) struct Walker {
    route: Route,
    seed: Seed,
    out: SyncSender<Result<Step, Error>>,
    current: Option<usize>,
    numbers: Vec<u64>,
    batch: Batch,
    scratch: Vec<u8>,
}

impl Walker {
    pub(super) fn new(route: Route, seed: Seed, out: SyncSender<Result<Step, Error>>) -> Self {
        Self {
            numbers: vec![0; route.specs.len()],
            route,
            seed,
            out,
            current: None,
            batch: Batch::default(),
            scratch: Vec::new(),
        }
    }

    /// Sends what is left, and the end.
    pub(super) fn finish(mut self, stored: StoredEnd) -> Result<(), Error> {
        self.flush()?;
        self.send(Step::End(Box::new(stored)))
    }

    fn flush(&mut self) -> Result<(), Error> {
        if self.batch.rows.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.send(Step::Rows(batch))
    }

    fn send(&self, step: Step) -> Result<(), Error> {
        // The receiver is gone when the other side failed.
        self.out.send(Ok(step)).map_err(|_| Error::Cancelled)
    }

    fn long(&self, spec: &Spec, long: &LongRow) -> (u128, u128, Option<i128>, bool) {
        let text = |index: usize| {
            long.fields
                .get(index)
                .and_then(|field| field.text.as_deref())
        };
        let hash = match &spec.projection {
            None => long.hash,
            Some(places) => {
                let mut joined = Vec::new();
                for &place in places {
                    let field = long.fields.get(place);
                    // Long fields count by their digest, on both sides alike.
                    match field {
                        Some(row::LongField {
                            text: Some(text), ..
                        }) => joined.extend_from_slice(text),
                        Some(row::LongField {
                            sha256: Some(digest),
                            ..
                        }) => {
                            joined.extend_from_slice(digest);
                        }
                        _ => {}
                    }
                    joined.push(0xFF);
                }
                self.seed.hash(&joined)
            }
        };
        let key: Vec<&[u8]> = spec.key.iter().filter_map(|&index| text(index)).collect();
        let (key, place) = self.key(&key, hash);
        let value = spec.updated_at.and_then(text);
        (hash, key, place, is_later(spec, value))
    }

    fn key(&self, fields: &[&[u8]], hash: u128) -> (u128, Option<i128>) {
        match fields {
            [] => (hash, None),
            [field] => (self.seed.hash(field), whole_number(field)),
            _ => (self.seed.hash(&fields.join(&0xFF)), None),
        }
    }
}

fn is_later(spec: &Spec, value: Option<&[u8]>) -> bool {
    match (value, &spec.since) {
        (Some(value), Some(since)) => value.starts_with(b"'") && value > since.as_slice(),
        _ => false,
    }
}

fn whole_number(field: &[u8]) -> Option<i128> {
    if field.len() > 20 {
        return None;
    }
    std::str::from_utf8(field).ok()?.parse().ok()
}

impl Visit for Walker {
    fn insert(&mut self, insert: &Insert, _raw: &[u8]) {
        let name = (insert.database.clone(), insert.head.table.clone());
        self.current = self.route.by_name.get(&name).copied();
    }

    fn wanted(&self) -> Option<usize> {
        self.route.specs[self.current?].updated_at
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), Error> {
        let Some(table) = self.current else {
            return Ok(());
        };
        let full = self.batch.text.len() >= BATCH_BYTES || self.batch.rows.len() >= BATCH_ROWS;
        if full || self.batch.table != table {
            self.flush()?;
        }
        self.batch.table = table;
        self.numbers[table] += 1;
        let number = self.numbers[table];
        let spec = &self.route.specs[table];
        let raw = match row {
            Row::Long(long) => {
                let (hash, key, place, later) = self.long(spec, &long);
                self.batch.rows.push(Meta {
                    range: 0..0,
                    number,
                    hash,
                    key,
                    place,
                    later,
                    long: Some(Box::new(long)),
                });
                return Ok(());
            }
            Row::Text { raw, odd, wanted } => {
                let value = spec.updated_at.map(|_| &raw[wanted]);
                (raw, odd, is_later(spec, value))
            }
        };
        let (raw, odd, later) = raw;
        let start = self.batch.text.len();
        if odd {
            Canonical::whole(raw, &mut self.batch.text);
        } else {
            self.batch.text.extend_from_slice(raw);
        }
        if let Some(is_text) = &spec.latin1
            && !self.batch.text[start..].is_ascii()
        {
            self.scratch.clear();
            self.scratch.extend_from_slice(&self.batch.text[start..]);
            self.batch.text.truncate(start);
            super::latin1::decode_row(&self.scratch, is_text, &mut self.batch.text);
        }
        let text = &self.batch.text[start..];
        let (mut hash, mut key, mut place) = (0, 0, None);
        if spec.projection.is_none() {
            hash = self.seed.hash(text);
            key = hash;
        }
        if spec.projection.is_some() || !spec.key.is_empty() {
            let fields = row::fields(text);
            let field = |index: &usize| fields.get(*index).map(|range| &text[range.clone()]);
            if let Some(places) = &spec.projection {
                let mut joined = std::mem::take(&mut self.scratch);
                joined.clear();
                for value in places.iter().map(field) {
                    joined.extend_from_slice(value.unwrap_or_default());
                    joined.push(0xFF);
                }
                hash = self.seed.hash(&joined);
                self.scratch = joined;
            }
            let values: Vec<&[u8]> = spec.key.iter().filter_map(field).collect();
            (key, place) = self.key(&values, hash);
        }
        self.batch.rows.push(Meta {
            range: start..self.batch.text.len(),
            number,
            hash,
            key,
            place,
            later,
            long: None,
        });
        Ok(())
    }

    fn insert_end(&mut self, _rows: u64, _breaks: u64) {}

    fn item(&mut self, _item: Item<'_>, _line: u64) {}
}
