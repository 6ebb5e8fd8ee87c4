//! The scanners of exports: each record becomes a row in the canonical form of an INSERT's, so
//! that everything behind them is shared with dumps.

use std::ops::Range;

use csv_core::{ReadRecordResult, ReaderBuilder};

use super::content::Content;
use super::error::Error;
use super::row;
use super::scan::{Ended, Insert, Row, Visit};
use super::statement::{InsertHead, Verb};
use super::window::Window;

/// What an export's only table is called.
pub(super) const TABLE: &str = "rows";

/// Scans an export to its end.
pub(super) fn export(
    window: &mut Window,
    content: Content,
    limit: usize,
    visit: &mut impl Visit,
) -> Result<Ended, Error> {
    match content {
        Content::Csv { delimiter, header } => csv(window, delimiter, header, limit, visit),
        Content::Tsv { header } => lines(window, Lines::Tabs { crlf: true }, header, limit, visit),
        Content::MysqlBatch { header } => {
            lines(window, Lines::Tabs { crlf: false }, header, limit, visit)
        }
        Content::JsonLines => lines(window, Lines::Json, false, limit, visit),
        Content::Auto | Content::Sql => Err(Error::Internal("a dump is no export".into())),
    }
}

fn begin(columns: Option<Vec<String>>, visit: &mut impl Visit) -> Option<usize> {
    let insert = Insert {
        database: String::new(),
        head: InsertHead {
            database: None,
            table: TABLE.into(),
            columns,
            verb: Verb::Insert,
            length: 0,
        },
    };
    visit.insert(&insert, b"");
    visit.wanted()
}

/// A record in canonical form.
#[derive(Default)]
struct Record {
    text: Vec<u8>,
    field: usize,
    wanted: Range<usize>,
}

impl Record {
    fn clear(&mut self) {
        self.text.clear();
        self.field = 0;
        self.wanted = 0..0;
    }

    fn push(&mut self, value: &[u8], wanted: Option<usize>) {
        self.text.push(if self.field == 0 { b'(' } else { b',' });
        let start = self.text.len();
        row::quote(value, &mut self.text);
        if wanted == Some(self.field) {
            self.wanted = start..self.text.len();
        }
        self.field += 1;
    }

    fn send(&mut self, visit: &mut impl Visit) -> Result<(), Error> {
        self.text.push(b')');
        visit.row(Row::Text {
            raw: &self.text,
            odd: false,
            wanted: self.wanted.clone(),
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lines {
    Tabs { crlf: bool },
    Json,
}

fn lines(
    window: &mut Window,
    form: Lines,
    header: bool,
    limit: usize,
    visit: &mut impl Visit,
) -> Result<Ended, Error> {
    skip_mark(window)?;
    let mut wanted = None;
    let mut begun = false;
    let mut record = Record::default();
    let mut rows = 0;
    if !header {
        let columns = (form == Lines::Json).then(|| vec!["line".to_owned()]);
        wanted = begin(columns, visit);
        begun = true;
    }
    let mut open_end = false;
    while !open_end {
        let (length, ended) = find_line_end(window, limit)?;
        open_end = !ended;
        let line = &window.text()[..length];
        let line = match form {
            Lines::Tabs { crlf: false } => line,
            _ => line.strip_suffix(b"\r").unwrap_or(line),
        };
        if open_end && length == 0 {
            // The text ended with its last line.
            open_end = false;
            break;
        }
        if !begun {
            let names = line
                .split(|byte| *byte == b'\t')
                .map(String::from_utf8_lossy);
            wanted = begin(Some(names.map(String::from).collect()), visit);
            begun = true;
        } else if form == Lines::Json && line.trim_ascii().is_empty() {
            // Such lines are no records.
        } else {
            if form == Lines::Json && !matches!(line.trim_ascii_start(), [b'{' | b'[', ..]) {
                return Err(Error::Damaged {
                    input: window.input.clone(),
                    text_bytes: window.passed(),
                    reason: format!("line {} is no JSON object", window.line()),
                });
            }
            record.clear();
            if form == Lines::Json {
                record.push(line, wanted);
            } else {
                for value in line.split(|byte| *byte == b'\t') {
                    record.push(value, wanted);
                }
            }
            record.send(visit)?;
            rows += 1;
        }
        window.advance(length + usize::from(ended));
    }
    if !begun {
        begin(None, visit);
    }
    visit.insert_end(rows, 0);
    Ok(Ended {
        truncated: false,
        open_end,
        statements: 0,
    })
}

fn csv(
    window: &mut Window,
    delimiter: u8,
    header: bool,
    limit: usize,
    visit: &mut impl Visit,
) -> Result<Ended, Error> {
    skip_mark(window)?;
    let mut reader = ReaderBuilder::new().delimiter(delimiter).build();
    let mut values = vec![0; 64 << 10];
    let mut ends = vec![0; 256];
    let (mut values_length, mut ends_length) = (0, 0);
    let mut wanted = None;
    let mut begun = false;
    if !header {
        wanted = begin(None, visit);
        begun = true;
    }
    let mut record = Record::default();
    let mut rows = 0;
    // Of the record that is being read: quotes, and whether its line end was seen.
    let (mut quotes, mut last_byte) = (0_usize, b'\n');
    let mut truncated = false;
    loop {
        if window.text().is_empty() {
            window.fill()?;
        }
        let line = window.line();
        let text = window.text();
        let (result, read, written, fields) =
            reader.read_record(text, &mut values[values_length..], &mut ends[ends_length..]);
        quotes += memchr::memchr_iter(b'"', &text[..read]).count();
        if let Some(&byte) = text[..read].last() {
            last_byte = byte;
        }
        values_length += written;
        ends_length += fields;
        window.advance(read);
        match result {
            ReadRecordResult::InputEmpty => {}
            ReadRecordResult::OutputFull => {
                if values.len() > limit {
                    return Err(Error::TooLong {
                        input: window.input.clone(),
                        line,
                        limit,
                    });
                }
                values.resize(values.len() * 2, 0);
            }
            ReadRecordResult::OutputEndsFull => ends.resize(ends.len() * 2, 0),
            ReadRecordResult::Record => {
                let mut start = 0;
                let fields = ends[..ends_length].iter().map(|end| {
                    let value = &values[start..*end];
                    start = *end;
                    value
                });
                if begun {
                    record.clear();
                    fields.for_each(|value| record.push(value, wanted));
                    record.send(visit)?;
                    rows += 1;
                } else {
                    let names = fields.map(|name| String::from_utf8_lossy(name).into_owned());
                    wanted = begin(Some(names.collect()), visit);
                    begun = true;
                }
                truncated = quotes % 2 == 1;
                quotes = 0;
                values_length = 0;
                ends_length = 0;
            }
            ReadRecordResult::End => break,
        }
    }
    if !begun {
        begin(None, visit);
    }
    visit.insert_end(rows, 0);
    let open_end = !matches!(last_byte, b'\n' | b'\r');
    Ok(Ended {
        // Quotes that do not match are a fault only where the text ends.
        truncated: truncated && open_end,
        open_end,
        statements: 0,
    })
}

/// Passes over a byte order mark: Excel's, not data.
fn skip_mark(window: &mut Window) -> Result<(), Error> {
    while window.text().len() < 3 && window.fill()? {}
    if window.text().starts_with(b"\xEF\xBB\xBF") {
        window.advance(3);
    }
    Ok(())
}

fn find_line_end(window: &mut Window, limit: usize) -> Result<(usize, bool), Error> {
    let mut from = 0;
    loop {
        let text = window.text();
        if let Some(at) = memchr::memchr(b'\n', &text[from..]) {
            return Ok((from + at, true));
        }
        from = text.len();
        if from > limit {
            return Err(Error::TooLong {
                input: window.input.clone(),
                line: window.line(),
                limit,
            });
        }
        if !window.fill()? {
            return Ok((from, false));
        }
    }
}
