//! What the first pass keeps of a side: counts, digests, definitions.

use std::collections::{BTreeMap, HashMap};

use super::decode::StoredEnd;
use super::definition::Definition;
use super::error::Error;
use super::frame::{self, Frame, FrameItem, MOST_ITEMS};
use super::hash::{Multiset, Ordered, Seed, sha256_hex};
use super::mask::{self, Rule};
use super::row::{Canonical, Oddities};
use super::scan::{Ended, Insert, Item, Row, Visit};
use super::statement::{Kind, Object, Verb, plain_definition};

/// One side after the first pass.
#[derive(Debug)]
pub(super) struct Summary {
    seed: Seed,
    ignore_auto_increment: bool,
    updated_at: String,
    /// Bytes of definitions that may still be kept.
    text_budget: usize,

    pub(super) tables: Vec<Table>,
    by_name: HashMap<(String, String), usize>,
    current: Option<usize>,
    scratch: Vec<u8>,
    pub(super) objects: Vec<Definitions>,
    by_object: HashMap<(Object, u32), usize>,
    pub(super) items: Vec<FrameItem>,
    /// Of all items, kept or not.
    pub(super) items_digest: Ordered,
    pub(super) item_count: u64,
    pub(super) counts: BTreeMap<Frame, u64>,
    pub(super) masked: BTreeMap<Rule, u64>,
    pub(super) client: Option<String>,
    pub(super) server: Option<String>,
    pub(super) dump_completed: Option<String>,
    pub(super) charset: Option<String>,
    pub(super) charset_code: Option<&'static str>,
    header: bool,
    /// What the decoder said.
    pub(super) stored: StoredEnd,
    pub(super) text_digest: u128,
    pub(super) ended: Ended,
}

/// One table.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) database: String,
    pub(super) name: String,
    pub(super) rows: u64,
    pub(super) bytes: u64,
    pub(super) ordered: Ordered,
    pub(super) multiset: Multiset,
    /// Of the statements' heads, how rows are packed, and the raw text of odd rows.
    pub(super) form: Ordered,
    pub(super) statements: u64,
    /// The most rows that one statement has.
    pub(super) most_rows: u64,
    pub(super) breaks: u64,
    pub(super) introducers: u64,
    pub(super) hexes: u64,
    pub(super) verb: Verb,
    /// The first INSERT's column list.
    pub(super) listed: Option<Vec<String>>,
    /// Whether another INSERT had another.
    pub(super) mixed: bool,
    pub(super) definition: Option<Definition>,
    /// Whether other rows came between this table's.
    pub(super) scattered: bool,
    /// The freshness column's place.
    pub(super) wanted: Option<usize>,
    /// Where its first INSERT came, among all items.
    pub(super) begun: u64,
    /// The newest freshness value, as a literal.
    pub(super) newest: Option<Vec<u8>>,
}

impl Table {
    /// The names of a row's fields, as far as they are known.
    pub(super) fn columns(&self) -> Option<Vec<String>> {
        self.listed
            .clone()
            .or_else(|| self.definition.as_ref().map(Definition::names))
            .filter(|names| !names.is_empty())
    }
}

/// One definition.
#[derive(Debug)]
pub(super) struct Definitions {
    pub(super) object: Object,
    /// Of several with the same name, which.
    pub(super) occurrence: u32,
    pub(super) sha256: String,
    /// Of the text as it is, and without the next AUTO_INCREMENT value.
    pub(super) exact: [u128; 2],
    /// The same without what only the clients' forms add.
    pub(super) plain: [u128; 2],
    /// While the budget lasts.
    pub(super) text: Option<Vec<u8>>,
}

impl Summary {
    pub(super) fn new(
        seed: Seed,
        ignore_auto_increment: bool,
        updated_at: &str,
        text_budget: usize,
    ) -> Self {
        Self {
            seed,
            ignore_auto_increment,
            updated_at: updated_at.into(),
            text_budget,
            tables: Vec::new(),
            by_name: HashMap::new(),
            current: None,
            scratch: Vec::new(),
            objects: Vec::new(),
            by_object: HashMap::new(),
            items: Vec::new(),
            items_digest: Ordered::default(),
            item_count: 0,
            counts: BTreeMap::new(),
            masked: BTreeMap::new(),
            client: None,
            server: None,
            dump_completed: None,
            charset: None,
            charset_code: None,
            header: true,
            stored: StoredEnd::default(),
            text_digest: 0,
            ended: Ended {
                truncated: false,
                open_end: false,
                statements: 0,
            },
        }
    }

    pub(super) fn count(&self, frame: Frame) -> u64 {
        self.counts.get(&frame).copied().unwrap_or_default()
    }

    pub(super) fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    pub(super) fn has(&self, kind: Kind) -> bool {
        self.objects.iter().any(|object| object.object.kind == kind)
    }

    /// The newest freshness value of all tables, as a literal.
    pub(super) fn newest(&self) -> Option<&[u8]> {
        self.tables
            .iter()
            .filter_map(|table| table.newest.as_deref())
            .max()
    }

    /// `mysql` or `mariadb`, by the first comment, or else by forms that only one client has.
    pub(super) fn flavour(&self) -> Option<&'static str> {
        let any = |test: fn(&Table) -> bool| self.tables.iter().any(test);
        if let Some(client) = &self.client {
            return Some(if client.starts_with("MariaDB") {
                "mariadb"
            } else {
                "mysql"
            });
        }
        if self.masked.contains_key(&Rule::Sandbox) || any(|table| table.breaks > 0) {
            return Some("mariadb");
        }
        match self.charset_code {
            Some("50503") => Some("mysql"),
            Some("40101") => Some("mariadb"),
            _ if any(|table| table.introducers > 0) => Some("mysql"),
            _ => None,
        }
    }

    fn mask(&mut self, rule: Rule) {
        *self.masked.entry(rule).or_default() += 1;
    }

    fn table(&mut self, database: &str, name: &str) -> usize {
        let key = (database.to_owned(), name.to_owned());
        if let Some(&index) = self.by_name.get(&key) {
            return index;
        }
        let index = self.tables.len();
        self.tables.push(Table {
            database: key.0.clone(),
            name: key.1.clone(),
            ..Table::default()
        });
        self.by_name.insert(key, index);
        index
    }

    fn push_item(&mut self, frame: Frame, text: &[u8], line: u64) {
        let hash = self.seed.hash(text);
        self.items_digest.add(hash.wrapping_add(frame as u128));
        self.item_count += 1;
        *self.counts.entry(frame).or_default() += 1;
        if self.items.len() < MOST_ITEMS {
            // The low half is a hash by itself.
            let hash = u64::try_from(hash & u128::from(u64::MAX)).unwrap_or_default();
            self.items.push(FrameItem { frame, hash, line });
        }
    }

    fn comment(&mut self, line: &[u8], number: u64) {
        let frame = Frame::of_comment(line);
        let Some((rule, left)) = mask::comment(line, self.header) else {
            self.push_item(frame, line, number);
            return;
        };
        let text = String::from_utf8_lossy(line);
        let behind = |prefix: &str| text.strip_prefix(prefix).map(str::to_owned);
        match rule {
            Rule::ClientVersion => self.client = behind("-- "),
            Rule::ServerVersion => self.server = behind("-- Server version\t"),
            Rule::DumpDate => self.dump_completed = behind("-- Dump completed on "),
            _ => {}
        }
        self.mask(rule);
        self.push_item(frame, &left, number);
    }

    fn statement(&mut self, text: &[u8], database: &str, line: u64) {
        self.header = false;
        if let Some((rule, left)) = mask::statement(text) {
            self.mask(rule);
            self.push_item(Frame::of_statement(text), &left, line);
            return;
        }
        if let Some(mut object) = Object::of(text) {
            if object.kind != Kind::Database {
                object.database.get_or_insert_with(|| database.to_owned());
            }
            self.define(object, text, line);
            return;
        }
        let frame = Frame::of_statement(text);
        if frame == Frame::SetCharset && self.charset.is_none() {
            self.charset = frame::names(text);
        }
        if frame == Frame::DefinitionCharset && self.charset_code.is_none() {
            let codes = [
                ("/*!50503 SET char", "50503"),
                ("/*!40101 SET char", "40101"),
            ];
            self.charset_code = codes
                .into_iter()
                .find_map(|(start, code)| text.starts_with(start.as_bytes()).then_some(code));
        }
        self.push_item(frame, text, line);
    }

    fn define(&mut self, object: Object, text: &[u8], line: u64) {
        self.push_item(Frame::Object, object.title().as_bytes(), line);
        let place = (object.kind == Kind::Table)
            .then(|| mask::auto_increment(text))
            .flatten();
        if place.is_some() && self.ignore_auto_increment {
            self.mask(Rule::AutoIncrement);
        }
        let without = match place {
            Some(range) => [&text[..range.start], &text[range.end..]].concat(),
            None => text.to_vec(),
        };
        let seed = self.seed;
        let digest = |text: &[u8]| seed.hash(text);
        if object.kind == Kind::Table {
            let index = self.table(object.database.as_deref().unwrap_or_default(), &object.name);
            self.tables[index].definition = Some(Definition::parse(text));
        }
        let mut occurrence = 0;
        while self.by_object.contains_key(&(object.clone(), occurrence)) {
            occurrence += 1;
        }
        self.by_object
            .insert((object.clone(), occurrence), self.objects.len());
        let kept = text.len() <= self.text_budget;
        if kept {
            self.text_budget -= text.len();
        }
        self.objects.push(Definitions {
            object,
            occurrence,
            sha256: sha256_hex(text),
            exact: [digest(text), digest(&without)],
            plain: [
                digest(&plain_definition(text)),
                digest(&plain_definition(&without)),
            ],
            text: kept.then(|| text.to_vec()),
        });
    }
}

impl Visit for Summary {
    fn insert(&mut self, insert: &Insert, raw: &[u8]) {
        self.header = false;
        let head = &insert.head;
        let same = self.current.filter(|&index| {
            let table = &self.tables[index];
            table.name == head.table && table.database == insert.database
        });
        let index = same.unwrap_or_else(|| self.table(&insert.database, &head.table));
        if same.is_none() {
            self.push_item(Frame::Rows, head.table.as_bytes(), 0);
            self.current = Some(index);
        }
        let head_hash = self.seed.hash(raw);
        let begun = self.item_count;
        let table = &mut self.tables[index];
        if table.statements == 0 {
            table.listed.clone_from(&head.columns);
            table.verb = head.verb;
            table.begun = begun;
            let columns = table.columns().unwrap_or_default();
            table.wanted = columns.iter().position(|name| *name == self.updated_at);
        } else {
            table.scattered |= same.is_none();
            table.mixed |= table.listed != head.columns;
        }
        table.statements += 1;
        table.form.add(head_hash);
    }

    fn wanted(&self) -> Option<usize> {
        self.tables[self.current?].wanted
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), Error> {
        let Some(index) = self.current else {
            return Ok(());
        };
        let table = &mut self.tables[index];
        table.rows += 1;
        let (hash, seen) = match row {
            Row::Text { raw, odd, wanted } => {
                table.bytes += raw.len() as u64;
                let value = &raw[wanted];
                if value.len() > 4
                    && value[1].is_ascii_digit()
                    && table.newest.as_deref().is_none_or(|newest| newest < value)
                {
                    table.newest = Some(value.to_vec());
                }
                if odd {
                    self.scratch.clear();
                    let seen = Canonical::whole(raw, &mut self.scratch);
                    table.form.add(self.seed.hash(raw));
                    (self.seed.hash(&self.scratch), seen)
                } else {
                    (self.seed.hash(raw), Oddities::default())
                }
            }
            Row::Long(long) => {
                table.bytes += long.bytes;
                (long.hash, long.seen)
            }
        };
        table.introducers += u64::from(seen.introducer);
        table.hexes += u64::from(seen.hex);
        table.ordered.add(hash);
        table.multiset.add(hash);
        Ok(())
    }

    fn insert_end(&mut self, rows: u64, breaks: u64) {
        let Some(index) = self.current else { return };
        let table = &mut self.tables[index];
        table.most_rows = table.most_rows.max(rows);
        table.breaks += breaks;
        table.form.add(u128::from(rows) << 64 | u128::from(breaks));
    }

    fn item(&mut self, item: Item<'_>, line: u64) {
        match item {
            Item::Blank => self.push_item(Frame::Blank, b"", line),
            Item::Space => self.push_item(Frame::Blank, b" ", line),
            Item::Comment(text) => self.comment(text, line),
            Item::Sandbox => self.mask(Rule::Sandbox),
            Item::Delimiter(text) => self.push_item(Frame::Delimiter, text, line),
            Item::BlockComment(text) => match mask::block_comment(text) {
                Some((rule, left)) => {
                    self.mask(rule);
                    self.push_item(Frame::Gtid, &left, line);
                }
                None => self.push_item(Frame::Comment, text, line),
            },
            Item::Statement { text, database } => self.statement(text, database, line),
        }
    }
}
