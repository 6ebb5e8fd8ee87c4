//! SQL cut into the few pieces that a query is checked by: words, named parameters, the ends of
//! statements, and everything else, which is carried along.
//!
//! The rules are those of the server's own lexer, in a session without `NO_BACKSLASH_ESCAPES`
//! and without `ANSI_QUOTES`; [`Query`](super::Query) says what that means for others.

/// A piece of SQL; the pieces, one after the other, are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// A keyword or a bare name.
    Word(&'a str),
    /// `:name`, without the colon.
    Parameter(&'a str),
    /// A question mark outside of strings and comments.
    QuestionMark,
    /// `;`
    End,
    /// Blanks and comments.
    Blank(&'a str),
    /// A string, a quoted name, a number, an operator.
    Other(&'a str),
    /// A string, a quoted name or a comment that is not closed.
    Open(&'a str),
}

impl<'a> Piece<'a> {
    /// The piece as it stands in the text.
    pub(super) fn text(self) -> (&'static str, &'a str) {
        match self {
            Self::Parameter(name) => (":", name),
            Self::QuestionMark => ("?", ""),
            Self::End => (";", ""),
            Self::Word(text) | Self::Blank(text) | Self::Other(text) | Self::Open(text) => {
                ("", text)
            }
        }
    }
}

/// Cuts the text.
pub(super) fn pieces(sql: &str) -> Pieces<'_> {
    Pieces {
        rest: sql,
        in_executed_comment: false,
        after_name: false,
    }
}

/// The pieces of a text.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    rest: &'a str,
    /// Within `/*! … */`, whose text the server executes.
    in_executed_comment: bool,
    /// Right behind a word or a colon, where a colon is no parameter's.
    after_name: bool,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let first = self.rest.chars().next()?;
        let (piece, length) = self.cut(first);
        self.rest = &self.rest[length..];
        self.after_name = matches!(piece, Piece::Word(_) | Piece::Other(":"));
        Some(piece)
    }
}

impl<'a> Pieces<'a> {
    fn cut(&mut self, first: char) -> (Piece<'a>, usize) {
        let rest = self.rest;
        let bytes = rest.as_bytes();
        let second = bytes.get(1).copied();
        match first {
            '\'' | '"' | '`' => quoted(rest),
            ';' => (Piece::End, 1),
            '?' => (Piece::QuestionMark, 1),
            '#' => line(rest),
            // Only before a blank: 1--1 is a difference.
            '-' if second == Some(b'-')
                && bytes
                    .get(2)
                    .is_none_or(|byte| *byte <= b' ' || *byte == 0x7F) =>
            {
                line(rest)
            }
            '/' if second == Some(b'*') => self.comment(),
            '*' if second == Some(b'/') && self.in_executed_comment => {
                self.in_executed_comment = false;
                (Piece::Blank(&rest[..2]), 2)
            }
            ':' if !self.after_name && second.is_some_and(begins_name) => {
                let name = name_length(&rest[1..]);
                (Piece::Parameter(&rest[1..=name]), 1 + name)
            }
            _ if first.is_whitespace() => {
                let end = rest.find(|letter: char| !letter.is_whitespace());
                let end = end.unwrap_or(rest.len());
                (Piece::Blank(&rest[..end]), end)
            }
            _ if first == '_' || first == '$' || first.is_alphanumeric() => {
                let length = name_length(rest);
                let text = &rest[..length];
                if first.is_ascii_digit() {
                    (Piece::Other(text), length)
                } else {
                    (Piece::Word(text), length)
                }
            }
            // A variable: no word, whatever it is called.
            '@' => {
                let length = 1 + name_length(&rest[1..]);
                (Piece::Other(&rest[..length]), length)
            }
            _ => (Piece::Other(&rest[..first.len_utf8()]), first.len_utf8()),
        }
    }

    fn comment(&mut self) -> (Piece<'a>, usize) {
        let rest = self.rest;
        let mark = ["/*!", "/*M!"]
            .into_iter()
            .find(|mark| rest.starts_with(mark));
        if let Some(mark) = mark {
            let digits = rest[mark.len()..]
                .bytes()
                .take_while(u8::is_ascii_digit)
                .count();
            let length = mark.len() + digits;
            self.in_executed_comment = true;
            return (Piece::Blank(&rest[..length]), length);
        }
        match rest[2..].find("*/") {
            Some(end) => (Piece::Blank(&rest[..end + 4]), end + 4),
            None => (Piece::Open(rest), rest.len()),
        }
    }
}

fn begins_name(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_alphabetic()
}

fn name_length(text: &str) -> usize {
    text.find(|letter: char| !(letter == '_' || letter == '$' || letter.is_alphanumeric()))
        .unwrap_or(text.len())
}

fn line(rest: &str) -> (Piece<'_>, usize) {
    let end = rest.find('\n').map_or(rest.len(), |end| end + 1);
    (Piece::Blank(&rest[..end]), end)
}

/// A string or a quoted name: a doubled quote is part of it, and in strings so is what follows a
/// backslash.
fn quoted(rest: &str) -> (Piece<'_>, usize) {
    let bytes = rest.as_bytes();
    let quote = bytes[0];
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'\\' && quote != b'`' {
            at += 2;
        } else if *byte != quote {
            at += 1;
        } else if bytes.get(at + 1) == Some(&quote) {
            at += 2;
        } else {
            return (Piece::Other(&rest[..=at]), at + 1);
        }
    }
    (Piece::Open(rest), rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parameters(sql: &str) -> Vec<&str> {
        let named = pieces(sql).filter_map(|piece| match piece {
            Piece::Parameter(name) => Some(name),
            _ => None,
        });
        named.collect()
    }

    #[test]
    fn parameters_are_found_where_the_server_would_see_a_value() {
        assert_eq!(parameters("SELECT :a, b=:b_2 AND c>:c"), ["a", "b_2", "c"]);
        assert_eq!(
            parameters("SELECT ':a', \":b\", `:c`, 'it''s :d \\' :e'"),
            [""; 0]
        );
        assert_eq!(
            parameters("SELECT 1 -- :a\n, 2 # :b\n, /* :c */ 3"),
            [""; 0]
        );
        assert_eq!(parameters("SELECT @x := 1, a::b"), [""; 0]);
        assert_eq!(parameters("SELECT 1--:a"), ["a"]);
        assert_eq!(parameters("SELECT /*! :a, */ 1"), ["a"]);
    }

    #[test]
    fn ends_and_words_count_only_outside_of_strings_and_comments() {
        let words = |sql| {
            pieces(sql)
                .filter(|piece| matches!(piece, Piece::Word(_) | Piece::End))
                .count()
        };
        assert_eq!(words("SELECT 'a;b' /* ; */ -- ;\n"), 1);
        assert_eq!(words("SELECT x;"), 3);
        assert_eq!(words("SELECT @into, `into`"), 1);
    }

    #[test]
    fn what_is_not_closed_is_told() {
        for sql in ["SELECT 'a", "SELECT `a", "SELECT /* a", "SELECT 'a\\'"] {
            assert!(
                pieces(sql).any(|piece| matches!(piece, Piece::Open(_))),
                "{sql}"
            );
        }
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(sql in "[ -~\n\té']{0,60}") {
            let mut text = String::new();
            for piece in pieces(&sql) {
                let (sign, rest) = piece.text();
                text.push_str(sign);
                text.push_str(rest);
            }
            prop_assert_eq!(text, sql);
        }
    }
}
