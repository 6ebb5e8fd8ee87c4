//! One statement, its named parameters, and what of it is refused before a server sees it.

use std::collections::BTreeMap;
use std::fmt;

use super::lexer::{Piece, pieces};
use crate::error::Error;
use crate::sql;

/// One statement that returns rows, with named parameters.
///
/// `:name` outside of strings, quoted names and comments is a parameter. Its value is bound by
/// the server and is never part of the SQL. The text is read as in a session without
/// `ANSI_QUOTES` and `NO_BACKSLASH_ESCAPES`: where one of these is on by default, a string that
/// the server closes at a backslash and a quote is read on here, and may be refused as not closed.
///
/// `Debug` shows the names of the parameters, not their values.
///
/// ```
/// use datatransit_dump::export::{Parameter, Query};
///
/// # fn main() -> Result<(), datatransit_dump::Error> {
/// let query = Query::parse("SELECT id, kind FROM contracts WHERE starts_on >= :since LIMIT :most;")?
///     .bind("since", Parameter::Text("2026-10-24".into()))?
///     .bind("most", Parameter::Integer(1_000))?;
/// assert!(query.unbound().is_empty());
/// assert!(Query::parse("SELECT 1; DROP TABLE contracts").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Query {
    /// With `?` in the place of each parameter.
    sql: String,
    /// The name of each `?`, in order.
    places: Vec<String>,
    values: BTreeMap<String, Parameter>,
}

/// A value to be bound.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Parameter {
    /// A string. Compared with a number or a date the server converts it.
    Text(String),
    /// A whole number, as `LIMIT` wants it.
    Integer(i64),
    /// A decimal number, exact: digits, with a sign and a point where there are such.
    Decimal(String),
    /// NULL.
    Null,
}

impl fmt::Debug for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text(_) => "Text(..)",
            Self::Integer(_) => "Integer(..)",
            Self::Decimal(_) => "Decimal(..)",
            Self::Null => "Null",
        })
    }
}

impl fmt::Debug for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query")
            .field("sql", &self.sql)
            .field("parameters", &self.places)
            .field("values", &self.values)
            .finish()
    }
}

/// What a statement may begin with: these return one set of rows and change nothing.
const READING: &[&str] = &[
    "SELECT", "WITH", "TABLE", "VALUES", "SHOW", "DESCRIBE", "DESC", "EXPLAIN",
];

impl Query {
    /// Reads one statement; a `;` at its end is dropped.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for an empty text, several statements, one that does not begin as a
    /// reading one does, `INTO`, a `?`, and a string or comment that is not closed.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut sql = String::with_capacity(text.len());
        let mut places = Vec::new();
        let mut first = None;
        let mut ended_at = None;
        let mut line = 1;
        for piece in pieces(text) {
            if ended_at.is_some() && !matches!(piece, Piece::Blank(_) | Piece::End) {
                return Err(refused(&format!(
                    "there are several statements: the second begins in line {line}; an export \
                     runs one"
                )));
            }
            match piece {
                Piece::Open(_) => {
                    return Err(refused(&format!(
                        "line {line}: a string, a quoted name or a comment begins and does not end"
                    )));
                }
                Piece::QuestionMark => {
                    return Err(refused(&format!(
                        "line {line}: `?` names no parameter: write :name, and give it a value"
                    )));
                }
                Piece::Word(word) if word.eq_ignore_ascii_case("INTO") => {
                    return Err(refused(&format!(
                        "line {line}: INTO keeps the rows on the server; leave it out"
                    )));
                }
                Piece::Word(word) if first.is_none() => {
                    first = Some(word.to_ascii_uppercase());
                }
                Piece::End => ended_at = ended_at.or(Some(sql.len())),
                _ => {}
            }
            if let Piece::Parameter(name) = piece {
                places.push(name.to_owned());
                sql.push('?');
            } else {
                let (sign, rest) = piece.text();
                line += rest.matches('\n').count();
                sql.push_str(sign);
                sql.push_str(rest);
            }
        }
        sql.truncate(ended_at.unwrap_or(sql.len()));
        match first {
            None => Err(refused("it is empty")),
            Some(word) if READING.contains(&word.as_str()) => Ok(Self {
                sql: sql.trim().to_owned(),
                places,
                values: BTreeMap::new(),
            }),
            Some(word) => Err(refused(&format!(
                "it begins with {}, and an export only reads: {}",
                shown(&word),
                READING.join(", ")
            ))),
        }
    }

    /// All rows and columns of a table.
    #[must_use]
    pub fn table(database: Option<&str>, table: &str) -> Self {
        let name = match database {
            Some(database) => sql::qualified(database, table),
            None => sql::name(table),
        };
        Self {
            sql: format!("SELECT * FROM {name}"),
            places: Vec::new(),
            values: BTreeMap::new(),
        }
    }

    /// Gives a parameter its value, in all its places; a later value replaces an earlier one.
    ///
    /// # Errors
    ///
    /// [`Error::Query`] for a name that does not occur, and for a decimal number that is none.
    pub fn bind(mut self, name: &str, value: Parameter) -> Result<Self, Error> {
        if !self.places.iter().any(|place| place == name) {
            let known = self.names();
            let known = if known.is_empty() {
                "it has none".to_owned()
            } else {
                format!("it has :{}", known.join(", :"))
            };
            return Err(refused(&format!("no parameter is called :{name}: {known}")));
        }
        if matches!(&value, Parameter::Decimal(text) if !is_decimal(text)) {
            return Err(refused(&format!(
                "the value of :{name} is no decimal number of at most 65 digits"
            )));
        }
        self.values.insert(name.to_owned(), value);
        Ok(self)
    }

    /// The parameters, each once, in the order in which they first occur.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for place in &self.places {
            if !names.contains(&place.as_str()) {
                names.push(place);
            }
        }
        names
    }

    /// The parameters that have no value yet.
    #[must_use]
    pub fn unbound(&self) -> Vec<&str> {
        let mut names = self.names();
        names.retain(|name| !self.values.contains_key(*name));
        names
    }

    /// The statement as the server gets it: a `?` for each parameter.
    #[must_use]
    pub fn sql(&self) -> &str {
        &self.sql
    }

    /// The values of all places, in order.
    pub(super) fn bound(&self) -> Result<Vec<&Parameter>, Error> {
        let unbound = self.unbound();
        if !unbound.is_empty() {
            return Err(refused(&format!(
                "no value is given for :{}",
                unbound.join(", :")
            )));
        }
        Ok(self
            .places
            .iter()
            .filter_map(|name| self.values.get(name))
            .collect())
    }
}

fn refused(reason: &str) -> Error {
    Error::Query {
        reason: reason.to_owned(),
    }
}

/// A word of the query in an error: a keyword, not a text of any length.
fn shown(word: &str) -> String {
    word.chars().take(20).collect()
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !digits.is_empty()
        && digits != "."
        && all_digits(whole)
        && all_digits(fraction)
        && whole.len() + fraction.len() <= 65
        && fraction.len() <= 30
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(text: &str) -> String {
        Query::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn parameters_become_places() {
        let query = Query::parse("SELECT :b, ':b', :a, :b; ").unwrap();
        assert_eq!(query.sql(), "SELECT ?, ':b', ?, ?");
        assert_eq!(query.names(), ["b", "a"]);
        let query = query.bind("b", Parameter::Integer(1)).unwrap();
        assert_eq!(query.unbound(), ["a"]);
        assert!(query.bound().unwrap_err().to_string().contains(":a"));
        let query = query.bind("a", Parameter::Null).unwrap();
        assert_eq!(query.bound().unwrap().len(), 3);
    }

    #[test]
    fn unknown_names_and_bad_numbers_are_refused() {
        let query = || Query::parse("SELECT :a").unwrap();
        let error = query().bind("b", Parameter::Null).unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("no parameter is called :b: it has :a")
        );
        for text in ["", ".", "1e3", "1.2.3", "0x1", &"9".repeat(66)] {
            assert!(
                query().bind("a", Parameter::Decimal(text.into())).is_err(),
                "{text}"
            );
        }
        assert!(
            query()
                .bind("a", Parameter::Decimal("-12.50".into()))
                .is_ok()
        );
    }

    #[test]
    fn one_reading_statement_and_no_more() {
        assert!(reason("SELECT 1;\n\nSELECT 2").contains("line 3"));
        assert!(reason("SELECT 1;\n -- c\n;DROP TABLE t").contains("line 3"));
        assert!(Query::parse("SELECT 1; -- done\n ;").is_ok());
        assert!(Query::parse("(SELECT 1) UNION (SELECT 2)").is_ok());
        assert!(Query::parse("/* why */ with a as (select 1) select * from a").is_ok());
        for text in ["", " ;; ", "-- only a comment\n"] {
            assert!(reason(text).contains("empty"), "{text}");
        }
        for text in ["DELETE FROM t", "CALL p()", "DELIMITER //", "SET @a = 1"] {
            assert!(reason(text).contains("only reads"), "{text}");
        }
        assert!(reason("SELECT 1 INTO OUTFILE '/tmp/x'").contains("INTO"));
        assert!(reason("SELECT 1 /*!50000 INTO OUTFILE '/tmp/x' */").contains("INTO"));
        assert!(reason("SELECT ?").contains(":name"));
        assert!(reason("SELECT 'a").contains("does not end"));
    }

    #[test]
    fn no_value_shows() {
        let query = Query::parse("SELECT :a")
            .unwrap()
            .bind("a", Parameter::Text("canary-5".into()))
            .unwrap();
        assert!(!format!("{query:?}").contains("canary-5"));
    }

    #[test]
    fn a_table_is_quoted() {
        assert_eq!(
            Query::table(Some("a`b"), "t").sql(),
            "SELECT * FROM `a``b`.`t`"
        );
    }
}
