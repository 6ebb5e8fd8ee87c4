//! One row of an INSERT: where it ends, its canonical text, its fields and their values.
//!
//! The canonical text of a row is the same whichever client printed it, under whichever
//! options about literals. It is the text as the clients print most rows, so that those need no
//! work at all; the others differ from it thus:
//!
//! | printed | canonical |
//! | --- | --- |
//! | `_binary '…'` | `'…'` |
//! | `0x4127` (`--hex-blob`) | `'A\''` |
//! | a backslash before a byte from `80` up (MySQL, stray UTF-8 lead bytes) | the byte |
//! | `''` inside a string | `\'` |

use std::ops::Range;

use memchr::{memchr, memchr2};
use sha2::{Digest, Sha256};

/// What a look at a row's text found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Scanned {
    Row(Shape),
    /// The text ends before the row does.
    Incomplete,
}

/// A whole row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shape {
    /// Bytes up to and including the closing parenthesis.
    pub(super) length: usize,
    /// Whether the canonical text is another.
    pub(super) odd: bool,
    /// The field that was asked for; empty if there is none.
    pub(super) wanted: Range<usize>,
}

/// Looks at the row that begins the text with its opening parenthesis. `wanted` is the index of
/// a field whose place is asked for.
pub(super) fn scan(text: &[u8], wanted: Option<usize>) -> Scanned {
    let mut shape = Shape::default();
    let wanted = wanted.unwrap_or(usize::MAX);
    let (mut at, mut depth, mut field, mut start) = (1, 1_usize, 0, 1);
    while let Some(&byte) = text.get(at) {
        match byte {
            b'\'' => {
                at += 1;
                loop {
                    let Some(rest) = text.get(at..) else {
                        return Scanned::Incomplete;
                    };
                    let Some(found) = memchr2(b'\'', b'\\', rest) else {
                        return Scanned::Incomplete;
                    };
                    at += found + 1;
                    let Some(&next) = text.get(at) else {
                        return Scanned::Incomplete;
                    };
                    if rest[found] == b'\\' {
                        shape.odd |= next >= 0x80;
                        at += 1;
                    } else if next == b'\'' {
                        shape.odd = true;
                        at += 1;
                    } else {
                        break;
                    }
                }
                continue;
            }
            b',' if depth == 1 => {
                if field == wanted {
                    shape.wanted = start..at;
                }
                field += 1;
                start = at + 1;
            }
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    if field == wanted {
                        shape.wanted = start..at;
                    }
                    shape.length = at + 1;
                    return Scanned::Row(shape);
                }
            }
            b'_' => shape.odd = true,
            b'x' if at == start + 1 && text[start] == b'0' => shape.odd = true,
            _ => {}
        }
        at += 1;
    }
    Scanned::Incomplete
}

/// What made rows odd, of all that a [`Canonical`] has seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Oddities {
    pub(super) introducer: bool,
    pub(super) hex: bool,
    pub(super) escape: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the opening parenthesis.
    Before,
    Plain,
    /// So many bytes of [`INTRODUCER`] were seen.
    Introducer(usize),
    /// A zero began a field.
    Zero,
    /// Inside `0x`, with the first digit of a pair.
    Hex(Option<u8>),
    Text,
    Escape,
    /// A quote that ends the string, unless another follows.
    Quote,
    Done,
}

const INTRODUCER: &[u8] = b"_binary ";

/// Makes canonical text of a row that comes in pieces.
#[derive(Debug)]
pub(super) struct Canonical {
    state: State,
    depth: usize,
    /// Whether a field begins here.
    field_start: bool,
    pub(super) seen: Oddities,
}

impl Canonical {
    pub(super) fn new() -> Self {
        Self {
            state: State::Before,
            depth: 0,
            field_start: false,
            seen: Oddities::default(),
        }
    }

    /// The canonical text of a whole row.
    pub(super) fn whole(row: &[u8], out: &mut Vec<u8>) -> Oddities {
        let mut canonical = Self::new();
        canonical.push(row, out);
        canonical.seen
    }

    /// Takes a piece; returns how much of it belongs to the row, and whether the row ended.
    pub(super) fn push(&mut self, piece: &[u8], out: &mut Vec<u8>) -> (usize, bool) {
        let mut at = 0;
        while at < piece.len() && self.state != State::Done {
            at += self.step(&piece[at..], out);
        }
        (at, self.state == State::Done)
    }

    /// Takes at least one byte, or none after a change of state that looks at it again.
    fn step(&mut self, rest: &[u8], out: &mut Vec<u8>) -> usize {
        let byte = rest[0];
        match self.state {
            State::Before => {
                self.state = State::Plain;
                self.depth = 1;
                self.field_start = true;
                out.push(b'(');
                1
            }
            State::Plain => {
                self.plain(byte, out);
                1
            }
            State::Introducer(seen) => {
                if byte == INTRODUCER[seen] {
                    self.state = if seen + 1 == INTRODUCER.len() {
                        self.seen.introducer = true;
                        State::Plain
                    } else {
                        State::Introducer(seen + 1)
                    };
                    1
                } else {
                    out.extend_from_slice(&INTRODUCER[..seen]);
                    self.state = State::Plain;
                    0
                }
            }
            State::Zero => {
                if byte == b'x' {
                    self.seen.hex = true;
                    out.push(b'\'');
                    self.state = State::Hex(None);
                    1
                } else {
                    out.push(b'0');
                    self.state = State::Plain;
                    0
                }
            }
            State::Hex(first) => self.hex(first, byte, out),
            State::Text => {
                let run = memchr2(b'\'', b'\\', rest).unwrap_or(rest.len());
                out.extend_from_slice(&rest[..run]);
                match rest.get(run) {
                    None => run,
                    Some(b'\'') => {
                        self.state = State::Quote;
                        run + 1
                    }
                    Some(_) => {
                        self.state = State::Escape;
                        run + 1
                    }
                }
            }
            State::Escape => {
                if byte < 0x80 {
                    out.push(b'\\');
                } else {
                    self.seen.escape = true;
                }
                out.push(byte);
                self.state = State::Text;
                1
            }
            State::Quote => {
                if byte == b'\'' {
                    out.extend_from_slice(b"\\'");
                    self.state = State::Text;
                    1
                } else {
                    out.push(b'\'');
                    self.state = State::Plain;
                    0
                }
            }
            State::Done => 0,
        }
    }

    fn plain(&mut self, byte: u8, out: &mut Vec<u8>) {
        let field_start = std::mem::take(&mut self.field_start);
        match byte {
            b'_' if field_start => {
                self.state = State::Introducer(1);
                return;
            }
            b'0' if field_start => {
                self.state = State::Zero;
                return;
            }
            b'\'' => self.state = State::Text,
            b'(' => self.depth += 1,
            b')' => {
                self.depth -= 1;
                if self.depth == 0 {
                    self.state = State::Done;
                }
            }
            b',' => self.field_start = self.depth == 1,
            _ => {}
        }
        out.push(byte);
    }

    fn hex(&mut self, first: Option<u8>, byte: u8, out: &mut Vec<u8>) -> usize {
        let digit = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'F' => byte - b'A' + 10,
            b'a'..=b'f' => byte - b'a' + 10,
            _ => {
                if let Some(lone) = first {
                    escape(lone, out);
                }
                out.push(b'\'');
                self.state = State::Plain;
                return 0;
            }
        };
        self.state = match first {
            None => State::Hex(Some(digit)),
            Some(high) => {
                escape(high << 4 | digit, out);
                State::Hex(None)
            }
        };
        1
    }
}

/// One byte of a string as both clients print it.
fn escape(byte: u8, out: &mut Vec<u8>) {
    let letter = match byte {
        0 => b'0',
        b'\n' => b'n',
        b'\r' => b'r',
        0x1A => b'Z',
        b'\\' | b'\'' | b'"' => byte,
        _ => {
            out.push(byte);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}

/// A string as a canonical field, for texts that are not SQL.
pub(super) fn quote(value: &[u8], out: &mut Vec<u8>) {
    out.push(b'\'');
    let mut rest = value;
    while let Some(at) = memchr2(b'\'', b'\\', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(&[b'\\', rest[at]]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'\'');
}

/// The fields of a canonical row.
pub(super) fn fields(row: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    if row.is_empty() {
        return found;
    }
    let (mut at, mut depth, mut start) = (1, 1_usize, 1);
    while let Some(&byte) = row.get(at) {
        match byte {
            b'\'' => at = string_end(row, at),
            b',' if depth == 1 => {
                found.push(start..at);
                start = at + 1;
            }
            b'(' => depth += 1,
            b')' => {
                depth -= 1;
                if depth == 0 {
                    break;
                }
            }
            _ => {}
        }
        at += 1;
    }
    found.push(start..at.min(row.len()).max(start));
    found
}

/// The place of the quote that ends the canonical string whose quote is at `at`.
fn string_end(row: &[u8], mut at: usize) -> usize {
    at += 1;
    while let Some(found) = row.get(at..).and_then(|rest| memchr2(b'\'', b'\\', rest)) {
        at += found;
        if row[at] == b'\'' {
            return at;
        }
        at += 2;
    }
    row.len()
}

/// The value of a canonical field, as the server would read it; `None` is NULL.
pub(super) fn value(field: &[u8]) -> Option<Vec<u8>> {
    if field == b"NULL" {
        return None;
    }
    let Some(inner) = field.strip_prefix(b"'") else {
        return Some(field.to_vec());
    };
    let mut rest = inner.strip_suffix(b"'").unwrap_or(inner);
    let mut value = Vec::with_capacity(rest.len());
    while let Some(at) = memchr(b'\\', rest) {
        value.extend_from_slice(&rest[..at]);
        if let Some(&letter) = rest.get(at + 1) {
            value.push(unescape(letter));
        }
        rest = rest.get(at + 2..).unwrap_or_default();
    }
    value.extend_from_slice(rest);
    Some(value)
}

fn unescape(letter: u8) -> u8 {
    match letter {
        b'0' => 0,
        b'n' => b'\n',
        b'r' => b'\r',
        b't' => b'\t',
        b'b' => 8,
        b'Z' => 0x1A,
        other => other,
    }
}

/// SHA-256 of a field's value; `None` is NULL.
pub(super) fn value_sha256(field: &[u8]) -> Option<[u8; 32]> {
    value(field).map(|value| Sha256::digest(value).into())
}

/// Fields up to this length are kept of rows that are too long to be kept whole: a key's always
/// are, for no index entry is longer.
const SHORT_FIELD: usize = 4 << 10;

/// One field of a row that is too long to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LongField {
    pub(super) sha256: Option<[u8; 32]>,
    /// The canonical text, if it is short.
    pub(super) text: Option<Vec<u8>>,
}

/// Takes the fields of a canonical row that comes in pieces, and keeps their digests.
#[derive(Debug, Default)]
pub(super) struct LongFields {
    fields: Vec<LongField>,
    text: Vec<u8>,
    length: usize,
    digest: Sha256,
    begun: bool,
    quoted: bool,
    escaped: bool,
    depth: usize,
}

impl LongFields {
    pub(super) fn push(&mut self, canonical: &[u8]) {
        let mut rest = canonical;
        while let Some(&byte) = rest.first() {
            if self.quoted && !self.escaped {
                let run = memchr2(b'\'', b'\\', rest).unwrap_or(rest.len());
                if run > 0 {
                    self.keep(&rest[..run]);
                    self.digest.update(&rest[..run]);
                    rest = &rest[run..];
                    continue;
                }
            }
            self.byte(byte);
            rest = &rest[1..];
        }
    }

    fn byte(&mut self, byte: u8) {
        if !self.begun {
            self.begun = true;
            self.depth = 1;
            return;
        }
        if self.escaped {
            self.escaped = false;
            self.keep(&[byte]);
            self.digest.update([unescape(byte)]);
            return;
        }
        match byte {
            b'\\' if self.quoted => self.escaped = true,
            b'\'' => self.quoted = !self.quoted,
            b',' if self.depth == 1 => {
                self.end_field();
                return;
            }
            b'(' => self.depth += 1,
            b')' => {
                self.depth = self.depth.saturating_sub(1);
                if self.depth == 0 {
                    self.end_field();
                    return;
                }
            }
            _ => {}
        }
        if !matches!(byte, b'\\' | b'\'') {
            self.digest.update([byte]);
        }
        self.keep(&[byte]);
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.length += bytes.len();
        if self.length <= SHORT_FIELD {
            self.text.extend_from_slice(bytes);
        }
    }

    fn end_field(&mut self) {
        let digest = std::mem::take(&mut self.digest);
        let text = std::mem::take(&mut self.text);
        let short = std::mem::take(&mut self.length) <= SHORT_FIELD;
        let null = short && text == b"NULL";
        self.fields.push(LongField {
            sha256: (!null).then(|| digest.finalize().into()),
            text: short.then_some(text),
        });
    }

    pub(super) fn finish(self) -> Vec<LongField> {
        self.fields
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn canonical(row: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        Canonical::whole(row, &mut out);
        out
    }

    #[test]
    fn both_clients_forms_are_one() {
        for (printed, expected) in [
            (&b"(1,_binary 'a',NULL)"[..], &b"(1,'a',NULL)"[..]),
            (b"(0x4127,0,0.5,-0)", b"('A\\'',0,0.5,-0)"),
            (b"('\\\xE3(',2)", b"('\xE3(',2)"),
            (b"('it''s','')", b"('it\\'s','')"),
            (b"('_binary ''',0)", b"('_binary \\'',0)"),
            (b"(_utf8 'a')", b"(_utf8 'a')"),
            (b"()", b"()"),
            (b"(0x00)", b"('\\0')"),
        ] {
            assert_eq!(canonical(printed), expected, "{}", printed.escape_ascii());
            assert_eq!(canonical(expected), expected);
        }
    }

    #[test]
    fn fields_and_values() {
        let row = b"(1,NULL,'a\\'),(\\n','NULL','')";
        let values: Vec<_> = fields(row)
            .into_iter()
            .map(|range| value(&row[range]))
            .collect();
        assert_eq!(
            values,
            [
                Some(b"1".to_vec()),
                None,
                Some(b"a'),(\n".to_vec()),
                Some(b"NULL".to_vec()),
                Some(Vec::new())
            ]
        );
    }

    /// One value as a client might print it, and as the server reads it.
    fn field() -> impl Strategy<Value = (Vec<u8>, Option<Vec<u8>>)> {
        let bytes = || {
            prop::collection::vec(
                prop_oneof![
                    any::<u8>(),
                    prop::sample::select(&b"'\\\",()x0\n\0\x1A_ab\xC3\xE3\x81"[..])
                ],
                0..30,
            )
        };
        prop_oneof![
            Just((b"NULL".to_vec(), None)),
            any::<i64>().prop_map(|number| {
                let text = number.to_string().into_bytes();
                (text.clone(), Some(text))
            }),
            (bytes(), any::<bool>(), any::<bool>()).prop_map(|(value, introducer, mysql)| {
                let mut text = if introducer {
                    b"_binary '".to_vec()
                } else {
                    b"'".to_vec()
                };
                for &byte in &value {
                    // More of them than MySQL would print: any may be read back.
                    if mysql && byte >= 0xC2 {
                        text.push(b'\\');
                    }
                    escape(byte, &mut text);
                }
                text.push(b'\'');
                (text, Some(value))
            }),
            bytes()
                .prop_filter("an empty value has no hex form", |value| !value.is_empty())
                .prop_map(|value| {
                    let mut text = b"0x".to_vec();
                    for byte in &value {
                        text.extend_from_slice(format!("{byte:02X}").as_bytes());
                    }
                    (text, Some(value))
                }),
        ]
    }

    proptest! {
        #[test]
        fn every_form_of_a_value_is_read_back(
            list in prop::collection::vec(field(), 1..8),
            tail in prop::sample::select(vec![b",(1)".to_vec(), b";\n".to_vec(), Vec::new()]),
            piece in 1_usize..9,
        ) {
            let texts: Vec<_> = list.iter().map(|(text, _)| text.clone()).collect();
            let mut row = b"(".to_vec();
            row.extend(texts.join(&b','));
            row.push(b')');
            let length = row.len();
            let mut text = row.clone();
            text.extend_from_slice(&tail);
            for (index, printed) in texts.iter().enumerate() {
                let Scanned::Row(shape) = scan(&text, Some(index)) else {
                    return Err(TestCaseError::fail("incomplete"));
                };
                prop_assert_eq!(shape.length, length);
                prop_assert_eq!(&text[shape.wanted], printed.as_slice());
                if !shape.odd {
                    prop_assert_eq!(&canonical(&row), &row);
                }
            }
            for cut in 1..length {
                prop_assert_eq!(scan(&row[..cut], None), Scanned::Incomplete);
            }
            let whole = canonical(&row);
            let values: Vec<_> = fields(&whole).into_iter().map(|range| value(&whole[range])).collect();
            let expected: Vec<_> = list.iter().map(|(_, value)| value.clone()).collect();
            prop_assert_eq!(&values, &expected);
            // In pieces: the same text, the same digests.
            let (mut pieces, mut long, mut out) = (Canonical::new(), LongFields::default(), Vec::new());
            for part in text.chunks(piece) {
                let from = out.len();
                let (_, ended) = pieces.push(part, &mut out);
                long.push(&out[from..]);
                if ended {
                    break;
                }
            }
            prop_assert_eq!(&out, &whole);
            let digests: Vec<_> = long.finish().into_iter().map(|field| field.sha256).collect();
            let expected: Vec<Option<[u8; 32]>> = expected.into_iter().map(|value| value.map(|value| Sha256::digest(value).into())).collect();
            prop_assert_eq!(digests, expected);
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"'\\(),0x_ "[..])], 0..60)) {
            let _ = scan(&bytes, Some(1));
            let text = canonical(&bytes);
            for range in fields(&text) {
                let _ = value(&text[range]);
            }
            let mut long = LongFields::default();
            long.push(&text);
            let _ = long.finish();
        }
    }
}
