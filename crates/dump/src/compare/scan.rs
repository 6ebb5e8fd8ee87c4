//! The scanner of a dump: text in, rows and other items out, in their order.
//!
//! It knows the lexical forms of both clients' dumps and nothing of what is compared. Memory is
//! bounded: a row that is longer than its share of the budget is digested as it passes, any
//! other statement that is as long is an error.

use std::ops::Range;

use super::error::Error;
use super::hash::Seed;
use super::mask;
use super::row::{self, Canonical, LongField, LongFields, Oddities, Scanned};
use super::statement::{EndScan, InsertHead, NoHead, Token, Tokens, starts_comment};
use super::window::Window;

/// Takes what a scanner finds.
pub(super) trait Visit {
    /// An INSERT begins; `raw` is the text of its head.
    fn insert(&mut self, insert: &Insert, raw: &[u8]);
    /// The index of a field whose place is asked for in this INSERT's rows.
    fn wanted(&self) -> Option<usize>;
    /// A row of it.
    fn row(&mut self, row: Row<'_>) -> Result<(), Error>;
    /// The INSERT ended after so many rows, so many of which began on a line of their own.
    fn insert_end(&mut self, rows: u64, breaks: u64);
    /// Anything else.
    fn item(&mut self, item: Item<'_>, line: u64);
}

/// The INSERT that rows belong to.
#[derive(Debug, Clone)]
pub(super) struct Insert {
    pub(super) database: String,
    pub(super) head: InsertHead,
}

/// A row.
pub(super) enum Row<'a> {
    Text {
        raw: &'a [u8],
        /// Whether the canonical text is another.
        odd: bool,
        wanted: Range<usize>,
    },
    /// Too long to be kept.
    Long(LongRow),
}

/// What is kept of a row that is too long to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LongRow {
    /// Of the canonical text.
    pub(super) hash: u128,
    /// Of the raw text.
    pub(super) bytes: u64,
    pub(super) fields: Vec<LongField>,
    pub(super) seen: Oddities,
}

/// What is no row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item<'a> {
    /// An empty line.
    Blank,
    /// A blank outside of any statement, or a line end that is missing.
    Space,
    /// A line that begins a comment, without its end.
    Comment(&'a [u8]),
    /// `/* … */` by itself.
    BlockComment(&'a [u8]),
    /// The line that MariaDB's clients print first.
    Sandbox,
    /// A DELIMITER line.
    Delimiter(&'a [u8]),
    /// A statement without its delimiter.
    Statement {
        text: &'a [u8],
        /// The database in use.
        database: &'a str,
    },
}

/// How a scan ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    /// Whether the text ends inside a statement or record.
    pub(super) truncated: bool,
    /// Whether the last record has no line end, which is no fault by itself.
    pub(super) open_end: bool,
    pub(super) statements: u64,
}

/// Scans a dump to its end.
pub(super) fn dump(
    window: &mut Window,
    limit: usize,
    seed: Seed,
    visit: &mut impl Visit,
) -> Result<Ended, Error> {
    let mut scanner = Scanner {
        window,
        limit,
        seed,
        delimiter: b";".to_vec(),
        database: String::new(),
        backslashes: true,
        statements: 0,
        insert: None,
    };
    let truncated = !scanner.run(visit)?;
    Ok(Ended {
        truncated,
        open_end: false,
        statements: scanner.statements,
    })
}

struct Scanner<'a> {
    window: &'a mut Window,
    limit: usize,
    seed: Seed,
    delimiter: Vec<u8>,
    database: String,
    /// Whether they escape in strings: not in a routine made under `NO_BACKSLASH_ESCAPES`.
    backslashes: bool,
    statements: u64,
    /// The last INSERT and its head's text: most begin as the one before.
    insert: Option<(Insert, Vec<u8>)>,
}

impl Scanner<'_> {
    /// False when the text ends inside something.
    fn run(&mut self, visit: &mut impl Visit) -> Result<bool, Error> {
        loop {
            // Enough to tell what begins, or all there is.
            while self.window.text().len() < 64 && self.window.fill()? {}
            let text = self.window.text();
            let line = self.window.line();
            let Some(&byte) = text.first() else {
                return Ok(true);
            };
            if byte == b'\n' {
                visit.item(Item::Blank, line);
                self.window.advance(1);
            } else if byte.is_ascii_whitespace() {
                visit.item(Item::Space, line);
                self.window.advance(1);
            } else if starts_comment(text) || byte == b'#' {
                if !self.comment_line(visit)? {
                    // A last comment without a line end is whole, unless it was cut off.
                    return Ok(false);
                }
            } else if text.starts_with(b"/*M!999999\\-") || text.starts_with(b"/*!999999\\-") {
                if !self.sandbox(visit)? {
                    return Ok(false);
                }
            } else if text.starts_with(b"/*") && !super::statement::is_code_comment(text) {
                if !self.block_comment(visit)? {
                    return Ok(false);
                }
            } else if is_delimiter(text) {
                if !self.delimiter_line(visit)? {
                    return Ok(false);
                }
            } else if (byte | 0x20 == b'i' || byte | 0x20 == b'r') && self.insert_begins()? {
                self.statements += 1;
                if !self.rows(visit)? {
                    return Ok(false);
                }
            } else if !self.statement(visit)? {
                return Ok(false);
            }
        }
    }

    /// A comment of one line.
    fn comment_line(&mut self, visit: &mut impl Visit) -> Result<bool, Error> {
        let number = self.window.line();
        let (length, ended) = self.find_line_end()?;
        visit.item(Item::Comment(&self.window.text()[..length]), number);
        self.window.advance(length + usize::from(ended));
        Ok(ended)
    }

    fn delimiter_line(&mut self, visit: &mut impl Visit) -> Result<bool, Error> {
        let number = self.window.line();
        let (length, ended) = self.find_line_end()?;
        let line = &self.window.text()[..length];
        visit.item(Item::Delimiter(line), number);
        let word = line["delimiter".len()..].trim_ascii();
        // Of nothing there is no end.
        if !word.is_empty() {
            self.delimiter = word.to_vec();
        }
        self.window.advance(length + usize::from(ended));
        Ok(ended)
    }

    fn find_line_end(&mut self) -> Result<(usize, bool), Error> {
        let mut from = 0;
        loop {
            let text = self.window.text();
            if let Some(at) = memchr::memchr(b'\n', &text[from..]) {
                return Ok((from + at, true));
            }
            from = text.len();
            self.check_length(from)?;
            if !self.window.fill()? {
                return Ok((from, false));
            }
        }
    }

    fn sandbox(&mut self, visit: &mut impl Visit) -> Result<bool, Error> {
        let number = self.window.line();
        let (length, ended) = self.find_line_end()?;
        let line = &self.window.text()[..length];
        if mask::is_sandbox(line) {
            visit.item(Item::Sandbox, number);
        } else {
            visit.item(Item::Comment(line), number);
        }
        self.window.advance(length + usize::from(ended));
        Ok(ended)
    }

    fn block_comment(&mut self, visit: &mut impl Visit) -> Result<bool, Error> {
        let number = self.window.line();
        loop {
            let text = self.window.text();
            if let Some(at) = memchr::memmem::find(text, b"*/") {
                let length = at + 2;
                visit.item(Item::BlockComment(&text[..length]), number);
                let line_end = text.get(length) == Some(&b'\n');
                self.window.advance(length + usize::from(line_end));
                return Ok(true);
            }
            self.check_length(text.len())?;
            if !self.window.double()? {
                return Ok(false);
            }
        }
    }

    /// Any statement that is no INSERT.
    fn statement(&mut self, visit: &mut impl Visit) -> Result<bool, Error> {
        let number = self.window.line();
        if !self.begins_statement() {
            if self.window.is_last() && could_be_cut(self.window.text()) {
                return Ok(false);
            }
            return Err(Error::NotADump {
                input: self.window.input.clone(),
                line: number,
            });
        }
        let mut scan = EndScan::default();
        let end = loop {
            let last = self.window.is_last();
            let text = self.window.text();
            if let Some(end) = scan.find(text, &self.delimiter, self.backslashes, last) {
                break end;
            }
            self.check_length(text.len())?;
            if last {
                return Ok(false);
            }
            self.window.fill()?;
        };
        self.statements += 1;
        let text = &self.window.text()[..end];
        visit.item(
            Item::Statement {
                text,
                database: &self.database,
            },
            number,
        );
        let mut tokens = Tokens::new(text);
        let mut database = None;
        if tokens.accept("USE") {
            database = tokens.take_name().map(|(_, name)| name);
        } else if tokens.accept("SET") && tokens.accept("sql_mode") {
            self.backslashes = memchr::memmem::find(text, b"NO_BACKSLASH_ESCAPES").is_none();
        }
        if let Some(database) = database {
            self.database = database;
            self.insert = None;
        }
        self.window.advance(end + self.delimiter.len());
        self.skip_line_end(visit)?;
        Ok(true)
    }

    fn begins_statement(&self) -> bool {
        let text = self.window.text();
        match Tokens::new(&text[..text.len().min(256)]).next() {
            Some(Token::Word(word)) => self.statements > 0 || is_keyword(word),
            _ => false,
        }
    }

    fn check_length(&self, length: usize) -> Result<(), Error> {
        if length <= self.limit {
            return Ok(());
        }
        Err(Error::TooLong {
            input: self.window.input.clone(),
            line: self.window.line(),
            limit: self.limit,
        })
    }

    /// The rest of a statement's line, if nothing else is on it.
    fn skip_line_end(&mut self, visit: &mut impl Visit) -> Result<(), Error> {
        if self.window.text().is_empty() {
            self.window.fill()?;
        }
        if self.window.text().first() == Some(&b'\n') {
            self.window.advance(1);
        } else {
            visit.item(Item::Space, self.window.line());
        }
        Ok(())
    }

    /// Whether an INSERT with rows begins here; its head is in `self.insert` then.
    fn insert_begins(&mut self) -> Result<bool, Error> {
        loop {
            let text = self.window.text();
            if let Some((_, raw)) = &self.insert
                && text.starts_with(raw)
                && text.get(raw.len()) == Some(&b'(')
            {
                return Ok(true);
            }
            match InsertHead::parse(text, self.window.is_last()) {
                Ok(head) => {
                    let raw = text[..head.length].to_vec();
                    let database = head.database.clone();
                    let database = database.unwrap_or_else(|| self.database.clone());
                    self.insert = Some((Insert { database, head }, raw));
                    return Ok(true);
                }
                Err(NoHead::Other) => return Ok(false),
                Err(NoHead::Incomplete) => {
                    self.window.fill()?;
                }
            }
        }
    }

    /// An INSERT's rows, from its head to its end.
    fn rows(&mut self, visit: &mut impl Visit) -> Result<bool, Error> {
        if let Some((insert, raw)) = &self.insert {
            visit.insert(insert, raw);
            let length = raw.len();
            self.window.advance(length);
        }
        let wanted = visit.wanted();
        let (mut rows, mut breaks) = (0, 0);
        loop {
            let text = self.window.text();
            let length = match row::scan(text, wanted) {
                Scanned::Row(shape) => {
                    visit.row(Row::Text {
                        raw: &text[..shape.length],
                        odd: shape.odd,
                        wanted: shape.wanted,
                    })?;
                    shape.length
                }
                Scanned::Incomplete if text.len() > self.limit => {
                    let Some(long) = self.long_row()? else {
                        return Ok(false);
                    };
                    visit.row(Row::Long(long))?;
                    0
                }
                Scanned::Incomplete => {
                    if self.window.double()? {
                        continue;
                    }
                    visit.insert_end(rows, breaks);
                    return Ok(false);
                }
            };
            rows += 1;
            self.window.advance(length);
            // What is between two rows, and what ends the statement.
            let ended = loop {
                let text = self.window.text();
                match text {
                    [b',', b'(', ..] => {
                        self.window.advance(1);
                        break Some(false);
                    }
                    [b',', b'\n', b'(', ..] => {
                        self.window.advance(2);
                        breaks += 1;
                        break Some(false);
                    }
                    [b';', ..] => {
                        self.window.advance(1);
                        break Some(true);
                    }
                    [] | [b','] | [b',', b'\n'] => {
                        if !self.window.fill()? {
                            visit.insert_end(rows, breaks);
                            return Ok(false);
                        }
                    }
                    _ => break None,
                }
            };
            match ended {
                Some(false) => {}
                Some(true) => {
                    visit.insert_end(rows, breaks);
                    self.skip_line_end(visit)?;
                    return Ok(true);
                }
                None => {
                    return Err(Error::NotADump {
                        input: self.window.input.clone(),
                        line: self.window.line(),
                    });
                }
            }
        }
    }

    /// Digests a row as it passes; `None` when the text ends inside it.
    fn long_row(&mut self) -> Result<Option<LongRow>, Error> {
        let mut canonical = Canonical::new();
        let mut fields = LongFields::default();
        let mut hash = self.seed.stream();
        let mut bytes = 0;
        let mut out = Vec::new();
        loop {
            // A part at a time, so that the canonical text of a part is all that is kept.
            let text = self.window.text();
            let part = &text[..text.len().min(1 << 20)];
            if part.is_empty() {
                if !self.window.fill()? {
                    return Ok(None);
                }
                continue;
            }
            out.clear();
            let (length, ended) = canonical.push(part, &mut out);
            hash.update(&out);
            fields.push(&out);
            bytes += length as u64;
            self.window.advance(length);
            if ended {
                return Ok(Some(LongRow {
                    hash: hash.digest128(),
                    bytes,
                    fields: fields.finish(),
                    seen: canonical.seen,
                }));
            }
        }
    }
}

fn is_delimiter(text: &[u8]) -> bool {
    let word = b"delimiter";
    text.len() > word.len()
        && text[..word.len()].eq_ignore_ascii_case(word)
        && matches!(text[word.len()], b' ' | b'\t')
}

/// What the first statement of a dump may begin with.
const KEYWORDS: &[&str] = &[
    "ALTER",
    "ANALYZE",
    "BEGIN",
    "CALL",
    "CHANGE",
    "COMMIT",
    "CREATE",
    "DELETE",
    "DELIMITER",
    "DO",
    "DROP",
    "FLUSH",
    "GRANT",
    "INSERT",
    "INSTALL",
    "LOCK",
    "REPLACE",
    "RESET",
    "SELECT",
    "SET",
    "START",
    "STOP",
    "TRUNCATE",
    "UNLOCK",
    "UPDATE",
    "USE",
];

fn is_keyword(word: &[u8]) -> bool {
    KEYWORDS
        .iter()
        .any(|keyword| word.eq_ignore_ascii_case(keyword.as_bytes()))
}

/// Whether the last text, which begins no statement, could have begun one.
fn could_be_cut(text: &[u8]) -> bool {
    matches!(
        text,
        b"-" | b"--" | b"/" | b"/*" | b"/*M" | b"/*!" | b"/*M!"
    ) || (text.starts_with(b"/*") && text.len() < 12)
        || KEYWORDS.iter().any(|keyword| {
            keyword
                .as_bytes()
                .get(..text.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(text))
        })
}
