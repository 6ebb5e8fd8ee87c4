//! One value as the real clients print it.

use crate::flavour::Flavour;

/// Which bytes get a backslash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Escapes {
    /// NUL, LF, CR, backslash, both quotes and 0x1A.
    Bytes,
    /// These, and a byte that announces a UTF-8 character of at most so many bytes and does
    /// not begin a whole one.
    Characters {
        /// 3 in utf8mb3, 4 in utf8mb4.
        longest: usize,
    },
}

impl Escapes {
    /// The rule of a client whose connection has a character set with characters of up to so
    /// many bytes.
    ///
    /// Only MySQL's client looks at characters (measured on mysqldump 9.7.4; in blobs its
    /// extra backslashes come up all the time).
    pub(crate) fn new(flavour: Flavour, longest: usize) -> Self {
        if flavour.is_mariadb() || longest == 1 {
            Self::Bytes
        } else {
            Self::Characters { longest }
        }
    }
}

/// Appends `value` escaped, without the quotes around it.
pub(crate) fn escape(out: &mut Vec<u8>, value: &[u8], escapes: Escapes) {
    match escapes {
        Escapes::Bytes => escape_bytes(out, value),
        Escapes::Characters { longest } => escape_characters(out, value, longest),
    }
}

/// What a byte asks for: 0 nothing, [`LEAD`] a look at what follows, else the letter that
/// stands after the backslash.
const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    class[0] = b'0';
    class[b'\n' as usize] = b'n';
    class[b'\r' as usize] = b'r';
    class[b'\\' as usize] = b'\\';
    class[b'\'' as usize] = b'\'';
    class[b'"' as usize] = b'"';
    class[0x1A] = b'Z';
    let mut lead = 0xC2;
    while lead <= 0xF7 {
        class[lead] = LEAD;
        lead += 1;
    }
    class
};

/// A byte that may begin a UTF-8 character of several bytes.
const LEAD: u8 = 1;

fn escape_bytes(out: &mut Vec<u8>, value: &[u8]) {
    let mut clean = 0;
    for (at, &byte) in value.iter().enumerate() {
        let class = CLASS[usize::from(byte)];
        if class > LEAD {
            out.extend_from_slice(&value[clean..at]);
            out.extend_from_slice(&[b'\\', class]);
            clean = at + 1;
        }
    }
    out.extend_from_slice(&value[clean..]);
}

fn escape_characters(out: &mut Vec<u8>, value: &[u8], longest: usize) {
    let mut clean = 0;
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        match CLASS[usize::from(byte)] {
            0 => at += 1,
            // utf8mb3 has no characters of four bytes, so nothing announces one.
            LEAD if longest < 4 && byte >= 0xF0 => at += 1,
            LEAD => match character_length(&value[at..]) {
                0 => {
                    out.extend_from_slice(&value[clean..at]);
                    out.push(b'\\');
                    clean = at;
                    at += 1;
                }
                length => at += length,
            },
            letter => {
                out.extend_from_slice(&value[clean..at]);
                out.extend_from_slice(&[b'\\', letter]);
                at += 1;
                clean = at;
            }
        }
    }
    out.extend_from_slice(&value[clean..]);
}

/// The length of the well-formed character of 2 to 4 bytes at the start, or 0.
fn character_length(bytes: &[u8]) -> usize {
    let follows = |index: usize, low: u8, high: u8| {
        bytes
            .get(index)
            .is_some_and(|byte| (low..=high).contains(byte))
    };
    let (second, length) = match bytes[0] {
        0xC2..=0xDF => (follows(1, 0x80, 0xBF), 2),
        0xE0 => (follows(1, 0xA0, 0xBF), 3),
        0xED => (follows(1, 0x80, 0x9F), 3),
        0xE1..=0xEF => (follows(1, 0x80, 0xBF), 3),
        0xF0 => (follows(1, 0x90, 0xBF), 4),
        0xF1..=0xF3 => (follows(1, 0x80, 0xBF), 4),
        0xF4 => (follows(1, 0x80, 0x8F), 4),
        _ => return 0,
    };
    let whole = second && (2..length).all(|index| follows(index, 0x80, 0xBF));
    if whole { length } else { 0 }
}

/// Appends upper-case hex digits.
pub(crate) fn hex(out: &mut Vec<u8>, value: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.reserve(value.len() * 2);
    for byte in value {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mysql(value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        escape(&mut out, value, Escapes::Characters { longest: 4 });
        out
    }

    fn mariadb(value: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        escape(&mut out, value, Escapes::Bytes);
        out
    }

    #[test]
    fn seven_bytes_are_escaped_by_both() {
        let raw = b"\0\n\r\\'\"\x1a\t\x08\x7f%_";
        let expected = b"\\0\\n\\r\\\\\\'\\\"\\Z\t\x08\x7f%_";
        assert_eq!(mysql(raw), expected);
        assert_eq!(mariadb(raw), expected);
    }

    /// The table of measured cases: the value, and what mysqldump prints.
    #[test]
    fn mysql_marks_lead_bytes_that_begin_nothing() {
        let cases: &[(&[u8], &[u8])] = &[
            (b"\xE3\x81\x82", b"\xE3\x81\x82"),
            (b"\xED\xA0\x80", b"\\\xED\xA0\x80"),
            (b"\xE3\x5C\x27", b"\\\xE3\\\\\\'"),
            (b"\xF0\x9F\x27\x0A", b"\\\xF0\x9F\\'\\n"),
            (b"\xE3\xE3\x81\x82", b"\\\xE3\xE3\x81\x82"),
            (b"\xC0\x80", b"\xC0\x80"),
            (b"\x80", b"\x80"),
            (b"\xF8", b"\xF8"),
            (b"\xF5\x80\x80\x80", b"\\\xF5\x80\x80\x80"),
        ];
        for (value, printed) in cases {
            assert_eq!(mysql(value), *printed, "{value:02X?}");
        }
    }

    #[test]
    fn characters_of_four_bytes_are_no_characters_in_utf8mb3() {
        let mut out = Vec::new();
        let value = b"\xF0\x9F\x8F\xA0\xE3\x81";
        escape(&mut out, value, Escapes::Characters { longest: 3 });
        assert_eq!(out, b"\xF0\x9F\x8F\xA0\\\xE3\x81");
        assert_eq!(Escapes::new(Flavour::Mysql, 1), Escapes::Bytes);
    }

    /// What a server makes of the text between the quotes (no NO_BACKSLASH_ESCAPES).
    fn unescape(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut bytes = text.iter();
        while let Some(&byte) = bytes.next() {
            if byte != b'\\' {
                out.push(byte);
                continue;
            }
            out.push(match bytes.next() {
                Some(b'0') => 0,
                Some(b'n') => b'\n',
                Some(b'r') => b'\r',
                Some(b'Z') => 0x1A,
                Some(&other) => other,
                None => panic!("a backslash at the end"),
            });
        }
        out
    }

    proptest! {
        #[test]
        fn escaping_is_undone_by_the_server(value: Vec<u8>) {
            prop_assert_eq!(&unescape(&mysql(&value)), &value);
            prop_assert_eq!(&unescape(&mariadb(&value)), &value);
        }

        #[test]
        fn no_raw_line_end_or_quote_is_left(value: Vec<u8>) {
            for text in [mysql(&value), mariadb(&value)] {
                prop_assert!(!text.contains(&b'\n') && !text.contains(&0));
                let bare_quote = text.iter().enumerate().any(|(at, &byte)| {
                    byte == b'\'' && text[..at].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0
                });
                prop_assert!(!bare_quote);
            }
        }

        #[test]
        fn whole_characters_are_left_alone(value: String) {
            let plain: String = value.chars().filter(|c| !"\0\n\r\\'\"\u{1a}".contains(*c)).collect();
            prop_assert_eq!(mysql(plain.as_bytes()), plain.as_bytes());
        }
    }
}
