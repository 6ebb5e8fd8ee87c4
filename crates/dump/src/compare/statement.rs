//! Statements other than rows: where they end, and what they are about.

/// Looks for the end of a statement, going on where it stopped when more text has come.
///
/// Understands what the real clients do: quotes, comments, and a delimiter that counts only
/// outside of both. The inside of `/*! … */` is code.
#[derive(Debug, Default)]
pub(super) struct EndScan {
    at: usize,
    inside: Inside,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Code,
    Quotes(u8),
    LineComment,
    BlockComment,
}

impl EndScan {
    /// The place of the delimiter; `None` if it is not in the text yet. `last` says that no
    /// more text will come; `backslashes`, that they escape.
    pub(super) fn find(
        &mut self,
        text: &[u8],
        delimiter: &[u8],
        backslashes: bool,
        last: bool,
    ) -> Option<usize> {
        // Longest of what has to be seen at once.
        let look = if last { 1 } else { delimiter.len().max(4) };
        while self.at + look <= text.len() {
            let rest = &text[self.at..];
            let byte = rest[0];
            match self.inside {
                Inside::Code => {
                    if rest.starts_with(delimiter) {
                        return Some(self.at);
                    }
                    match byte {
                        b'\'' | b'"' | b'`' => self.inside = Inside::Quotes(byte),
                        b'#' => self.inside = Inside::LineComment,
                        b'-' if starts_comment(rest) => self.inside = Inside::LineComment,
                        b'/' if rest.starts_with(b"/*") => {
                            if is_code_comment(rest) {
                                self.at += 2;
                            } else {
                                self.inside = Inside::BlockComment;
                                self.at += 1;
                            }
                        }
                        _ => {}
                    }
                    self.at += 1;
                }
                Inside::Quotes(quote) => {
                    if byte == quote {
                        self.inside = Inside::Code;
                    } else if byte == b'\\' && quote != b'`' && backslashes {
                        if text.len() < self.at + 2 {
                            return None;
                        }
                        self.at += 1;
                    }
                    self.at += 1;
                }
                Inside::LineComment => {
                    if byte == b'\n' {
                        self.inside = Inside::Code;
                    }
                    self.at += 1;
                }
                Inside::BlockComment => {
                    if rest.starts_with(b"*/") {
                        self.inside = Inside::Code;
                        self.at += 1;
                    }
                    self.at += 1;
                }
            }
        }
        None
    }
}

/// Whether a line comment begins here: two dashes and white space, or nothing.
pub(super) fn starts_comment(text: &[u8]) -> bool {
    text.starts_with(b"--") && text.get(2).is_none_or(u8::is_ascii_whitespace)
}

/// Whether the `/*` that begins the text begins code for some versions.
pub(super) fn is_code_comment(text: &[u8]) -> bool {
    text.starts_with(b"/*!") || text.starts_with(b"/*M!")
}

/// The words and names of a statement, versioned comments seen through.
#[derive(Debug, Clone)]
pub(super) struct Tokens<'a>(&'a [u8]);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A run of letters, digits, `_`, `$`, and bytes from `80` up.
    Word(&'a [u8]),
    /// A name in backticks, or something in other quotes, unquoted.
    Quoted(String),
    /// Any other byte.
    Sign(u8),
}

impl<'a> Tokens<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self(text)
    }

    /// What was not taken yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    fn skip_blank(&mut self) {
        loop {
            let text = self.0.trim_ascii_start();
            self.0 = if is_code_comment(text) {
                let opener = if text[2] == b'M' { 4 } else { 3 };
                let digits = text[opener..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit());
                &text[opener + digits.count()..]
            } else if let Some(rest) = text.strip_prefix(b"*/") {
                rest
            } else {
                self.0 = text;
                return;
            };
        }
    }

    /// Takes the word if it comes next.
    pub(super) fn accept(&mut self, word: &str) -> bool {
        let mut ahead = self.clone();
        if ahead.next().is_some_and(|token| token.is(word)) {
            *self = ahead;
            return true;
        }
        false
    }

    /// Takes the sign if it comes next.
    pub(super) fn take_sign(&mut self, sign: u8) -> bool {
        let mut ahead = self.clone();
        if ahead.next() == Some(Token::Sign(sign)) {
            *self = ahead;
            return true;
        }
        false
    }

    /// Takes a name, quoted or bare, with its database if it has one.
    pub(super) fn take_name(&mut self) -> Option<(Option<String>, String)> {
        let first = self.next()?.name()?;
        if self.0.first() == Some(&b'.') {
            self.0 = &self.0[1..];
            return Some((Some(first), self.next()?.name()?));
        }
        Some((None, first))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.skip_blank();
        let text = self.0;
        let &byte = text.first()?;
        if is_word(byte) {
            let length = text.iter().take_while(|byte| is_word(**byte)).count();
            self.0 = &text[length..];
            return Some(Token::Word(&text[..length]));
        }
        if matches!(byte, b'`' | b'"' | b'\'') {
            let (name, length) = unquote(text)?;
            self.0 = &text[length..];
            return Some(Token::Quoted(name));
        }
        self.0 = &text[1..];
        Some(Token::Sign(byte))
    }
}

impl Token<'_> {
    pub(super) fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(text) if text.eq_ignore_ascii_case(word.as_bytes()))
    }

    fn name(self) -> Option<String> {
        match self {
            Self::Word(text) => Some(String::from_utf8_lossy(text).into_owned()),
            Self::Quoted(name) => Some(name),
            Self::Sign(_) => None,
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)
}

/// The quoted text that begins here, and the length with its quotes; doubled quotes are one.
fn unquote(text: &[u8]) -> Option<(String, usize)> {
    let quote = text[0];
    let mut name = Vec::new();
    let mut at = 1;
    loop {
        let byte = *text.get(at)?;
        if byte == quote {
            if text.get(at + 1) != Some(&quote) {
                return Some((String::from_utf8_lossy(&name).into_owned(), at + 1));
            }
            at += 1;
        }
        name.push(byte);
        at += 1;
    }
}

/// What stands before an INSERT's rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct InsertHead {
    pub(super) database: Option<String>,
    pub(super) table: String,
    /// The column list, if there is one.
    pub(super) columns: Option<Vec<String>>,
    pub(super) verb: Verb,
    /// Up to and including `VALUES` and the blank behind it.
    pub(super) length: usize,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub(super) enum Verb {
    #[default]
    Insert,
    InsertIgnore,
    Replace,
}

/// A head that is not one, or not yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoHead {
    Incomplete,
    Other,
}

/// Heads are looked for in so much text: room for 4,096 columns of 64 characters each.
const LONGEST_HEAD: usize = 2 << 20;

impl InsertHead {
    /// Reads the head that the text begins with. Incomplete as long as the first row's
    /// parenthesis is not there.
    pub(super) fn parse(text: &[u8], last: bool) -> Result<Self, NoHead> {
        let incomplete = if last || text.len() > LONGEST_HEAD {
            NoHead::Other
        } else {
            NoHead::Incomplete
        };
        let mut tokens = Tokens::new(text);
        let verb = if tokens.accept("REPLACE") {
            Verb::Replace
        } else if tokens.accept("INSERT") {
            if tokens.accept("IGNORE") {
                Verb::InsertIgnore
            } else {
                Verb::Insert
            }
        } else {
            return Err(NoHead::Other);
        };
        if !tokens.accept("INTO") {
            return Err(incomplete);
        }
        let (database, table) = tokens.take_name().ok_or(incomplete)?;
        let mut columns = None;
        if tokens.take_sign(b'(') {
            let mut list = Vec::new();
            loop {
                match tokens.next().ok_or(incomplete)? {
                    Token::Sign(b')') => break,
                    Token::Sign(b',') => {}
                    token => list.push(token.name().ok_or(NoHead::Other)?),
                }
            }
            columns = Some(list);
        }
        match tokens.next() {
            Some(token) if token.is("VALUES") => {}
            // A word may be cut off at the end of what is there.
            _ if tokens.rest().is_empty() => return Err(incomplete),
            _ => return Err(NoHead::Other),
        }
        let rest = tokens.rest().trim_ascii_start();
        match rest.first() {
            Some(b'(') => Ok(Self {
                database,
                table,
                columns,
                verb,
                length: text.len() - rest.len(),
            }),
            Some(_) => Err(NoHead::Other),
            None => Err(incomplete),
        }
    }
}

/// The object that a statement defines.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Object {
    pub(super) database: Option<String>,
    pub(super) kind: Kind,
    pub(super) name: String,
}

/// The kinds of objects that dumps define.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Database,
    Sequence,
    SequenceValue,
    Table,
    View,
    Trigger,
    Event,
    Function,
    Procedure,
    Package,
    PackageBody,
    Library,
}

impl Kind {
    /// What reports call it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Database => "DATABASE",
            Self::Sequence => "SEQUENCE",
            Self::SequenceValue => "SETVAL OF SEQUENCE",
            Self::Table => "TABLE",
            Self::View => "VIEW",
            Self::Trigger => "TRIGGER",
            Self::Event => "EVENT",
            Self::Function => "FUNCTION",
            Self::Procedure => "PROCEDURE",
            Self::Package => "PACKAGE",
            Self::PackageBody => "PACKAGE BODY",
            Self::Library => "LIBRARY",
        }
    }

    const KEYWORDS: &[(&str, Self)] = &[
        ("DATABASE", Self::Database),
        ("SEQUENCE", Self::Sequence),
        ("TABLE", Self::Table),
        ("VIEW", Self::View),
        ("TRIGGER", Self::Trigger),
        ("EVENT", Self::Event),
        ("FUNCTION", Self::Function),
        ("PROCEDURE", Self::Procedure),
        ("PACKAGE", Self::Package),
        ("LIBRARY", Self::Library),
    ];
}

impl Object {
    /// The object that the statement defines, if it does. A view's placeholder defines none.
    pub(super) fn of(statement: &[u8]) -> Option<Self> {
        let mut tokens = Tokens::new(statement);
        if tokens.accept("DO") {
            let setval = tokens.accept("SETVAL") && tokens.take_sign(b'(');
            let (database, name) = setval.then(|| tokens.take_name())??;
            return Some(Self {
                database,
                kind: Kind::SequenceValue,
                name,
            });
        }
        if !tokens.accept("CREATE") {
            return None;
        }
        // OR REPLACE, DEFINER=…, ALGORITHM=…, SQL SECURITY … stand before the kind.
        let mut plain_view = true;
        let mut kind = loop {
            let token = tokens.next()?;
            let Token::Word(word) = token else { continue };
            let keyword = Kind::KEYWORDS
                .iter()
                .find(|(keyword, _)| word.eq_ignore_ascii_case(keyword.as_bytes()));
            if let Some(&(_, kind)) = keyword {
                break kind;
            }
            if word.eq_ignore_ascii_case(b"USER") || word.eq_ignore_ascii_case(b"ROLE") {
                return None;
            }
            plain_view = false;
        };
        if kind == Kind::Package && tokens.accept("BODY") {
            kind = Kind::PackageBody;
        }
        if tokens.accept("IF") {
            tokens.accept("NOT");
            tokens.accept("EXISTS");
        }
        let (database, name) = tokens.take_name()?;
        if kind == Kind::View && plain_view && is_placeholder(tokens) {
            return None;
        }
        Some(Self {
            database,
            kind,
            name,
        })
    }

    /// `` TABLE `t` ``
    pub(super) fn title(&self) -> String {
        format!("{} `{}`", self.kind.word(), self.name)
    }
}

/// Whether behind a view's name comes `AS SELECT 1 AS` or `AS SELECT NULL AS`.
fn is_placeholder(mut tokens: Tokens<'_>) -> bool {
    tokens.accept("AS")
        && tokens.accept("SELECT")
        && (tokens.accept("1") || tokens.accept("NULL"))
        && tokens.accept("AS")
}

/// A definition without its versioned comments and blanks at line ends: what is the same in
/// both clients' forms.
pub(super) fn plain_definition(statement: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(statement.len());
    let mut at = 0;
    let mut quote = None;
    while let Some(&byte) = statement.get(at) {
        let rest = &statement[at..];
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'\'' | b'"' | b'`') => quote = Some(byte),
            None if is_code_comment(rest) => {
                let opener = if rest[2] == b'M' { 4 } else { 3 };
                let digits = rest[opener..]
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit());
                at += opener + digits.count();
                continue;
            }
            None if rest.starts_with(b"*/") => {
                at += 2;
                continue;
            }
            None if byte.is_ascii_whitespace() => {
                if plain.last().is_some_and(|last| *last != b' ') {
                    plain.push(b' ');
                }
                at += 1;
                continue;
            }
            None => {}
        }
        plain.push(byte);
        at += 1;
    }
    while plain.last() == Some(&b' ') {
        plain.pop();
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(text: &str, delimiter: &str) -> Option<usize> {
        // A byte more each time: the answer may not depend on where blocks end.
        let mut scan = EndScan::default();
        for length in 0..text.len() {
            if let Some(at) = scan.find(
                &text.as_bytes()[..length],
                delimiter.as_bytes(),
                true,
                false,
            ) {
                return Some(at);
            }
        }
        scan.find(text.as_bytes(), delimiter.as_bytes(), true, true)
    }

    #[test]
    fn a_delimiter_counts_outside_of_quotes_and_comments() {
        for (text, delimiter, expected) in [
            ("SET a=1;\n", ";", Some(7)),
            ("SET a=';' ;", ";", Some(10)),
            ("SET a='\\';' ;", ";", Some(12)),
            ("CREATE TABLE `;` (a int);", ";", Some(24)),
            ("a -- don't;\n;", ";", Some(12)),
            ("a--1;", ";", Some(4)),
            ("a # it's ;\n;", ";", Some(11)),
            ("/* ; ' */;", ";", Some(9)),
            ("/*!50003 SET a=1; */;;", ";;", Some(20)),
            ("/*M!100 x */;", ";", Some(12)),
            ("BEGIN a; END ;;\n", ";;", Some(13)),
            ("SET a=1", ";", None),
            ("SET a=';", ";", None),
        ] {
            assert_eq!(end(text, delimiter), expected, "{text}");
        }
    }

    #[test]
    fn heads_of_inserts() {
        let head = InsertHead::parse(b"INSERT INTO `a``b` (`x`, `y`) VALUES (1,2)", false).unwrap();
        assert_eq!(head.table, "a`b");
        assert_eq!(head.columns, Some(vec!["x".into(), "y".into()]));
        assert_eq!(head.length, 37);
        let head = InsertHead::parse(b"REPLACE INTO `t` VALUES\n(1),\n", false).unwrap();
        assert_eq!((head.verb, head.length), (Verb::Replace, 24));
        let head = InsertHead::parse(b"INSERT  IGNORE INTO d.t VALUES (", false).unwrap();
        assert_eq!(head.database.as_deref(), Some("d"));
        assert_eq!(head.verb, Verb::InsertIgnore);
        let whole = b"INSERT INTO `t` (`x`) VALUES (";
        for cut in 6..whole.len() {
            let cut_off = InsertHead::parse(&whole[..cut], false);
            assert_eq!(cut_off, Err(NoHead::Incomplete), "{cut}");
            assert_eq!(InsertHead::parse(&whole[..cut], true), Err(NoHead::Other));
        }
        assert_eq!(
            InsertHead::parse(b"INSERT INTO `t` SELECT 1;", false),
            Err(NoHead::Other)
        );
    }

    #[test]
    fn objects_have_kinds_and_names() {
        let of = |text: &str| Object::of(text.as_bytes()).map(|object| object.title());
        for (text, title) in [
            ("CREATE TABLE `a b` (\n  `c` int)", Some("TABLE `a b`")),
            ("CREATE TABLE IF NOT EXISTS `t` (", Some("TABLE `t`")),
            (
                "CREATE DATABASE /*!32312 IF NOT EXISTS*/ `d` /*!40100 X */",
                Some("DATABASE `d`"),
            ),
            ("/*!50001 CREATE VIEW `v` AS SELECT \n 1 AS `id`*/", None),
            ("/*!50001 CREATE VIEW `v` AS SELECT\n NULL AS `id` */", None),
            (
                "/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`r`@`h` SQL SECURITY DEFINER */\n/*!50001 VIEW `v` AS select 1 AS `x` */",
                Some("VIEW `v`"),
            ),
            (
                "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`table`*/ /*!50003 TRIGGER `tt` BEFORE INSERT ON `b` FOR EACH ROW x */",
                Some("TRIGGER `tt`"),
            ),
            (
                "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`h`*/ /*!50003 trigger tt before insert on b */",
                Some("TRIGGER `tt`"),
            ),
            (
                "CREATE DEFINER=`r`@`h` PROCEDURE `p`()\nBEGIN END",
                Some("PROCEDURE `p`"),
            ),
            (
                "/*!50106 CREATE*/ /*!50117 DEFINER=`r`@`h`*/ /*!50106 EVENT `e` ON SCHEDULE EVERY 1 DAY DO x */",
                Some("EVENT `e`"),
            ),
            ("CREATE SEQUENCE `s` start with 1", Some("SEQUENCE `s`")),
            ("DO SETVAL(`s`, 1001, 0)", Some("SETVAL OF SEQUENCE `s`")),
            (
                "CREATE DEFINER=`r`@`h` PACKAGE BODY `p` AS",
                Some("PACKAGE BODY `p`"),
            ),
            ("CREATE USER `a`@`b`", None),
            ("SET NAMES utf8mb4", None),
        ] {
            assert_eq!(of(text).as_deref(), title, "{text}");
        }
    }

    #[test]
    fn the_clients_forms_of_a_definition_are_one() {
        let mysql = plain_definition(b"/*!50003 CREATE*/ /*!50003 TRIGGER `t` x = '/*!1 '  y */");
        let mariadb =
            plain_definition(b"/*!50003 CREATE*/ /*!50003 TRIGGER `t` x = '/*!1 ' y \n*/");
        assert_eq!(mysql, mariadb);
        assert!(String::from_utf8(mysql).unwrap().contains("'/*!1 '"));
    }
}
