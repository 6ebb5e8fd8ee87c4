//! What a CREATE TABLE says of the columns: their names, the key, and which are binary.

use super::statement::{Token, Tokens};

/// A table's columns, as SHOW CREATE TABLE prints them: a line each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) columns: Vec<Column>,
    /// The columns of the primary key.
    pub(super) key: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: String,
    /// Whether its bytes are in no character set.
    pub(super) binary: bool,
}

const BINARY: &[&str] = &[
    "binary",
    "varbinary",
    "tinyblob",
    "blob",
    "mediumblob",
    "longblob",
    "bit",
    "geometry",
    "point",
    "linestring",
    "polygon",
    "multipoint",
    "multilinestring",
    "multipolygon",
    "geometrycollection",
    "geomcollection",
    "vector",
];

impl Definition {
    pub(super) fn parse(create: &[u8]) -> Self {
        let mut definition = Self::default();
        for line in create.split(|byte| *byte == b'\n').skip(1) {
            // The clients indent by two blanks; the line that closes the list does not.
            let Some(line) = line.strip_prefix(b"  ") else {
                break;
            };
            let mut tokens = Tokens::new(line);
            if line.first() == Some(&b'`') {
                let Some((_, name)) = tokens.take_name() else {
                    continue;
                };
                let kind = tokens.next();
                let binary = BINARY
                    .iter()
                    .any(|word| kind.as_ref().is_some_and(|kind| kind.is(word)));
                definition.columns.push(Column { name, binary });
            } else if tokens.accept("PRIMARY") && tokens.accept("KEY") && tokens.take_sign(b'(') {
                definition.key = key_columns(&mut tokens);
            }
        }
        definition
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.columns
            .iter()
            .map(|column| column.name.clone())
            .collect()
    }
}

/// The names of `` `a`,`b`(10) DESC) ``.
fn key_columns(tokens: &mut Tokens<'_>) -> Vec<String> {
    let mut columns = Vec::new();
    let mut depth = 1;
    for token in tokens {
        match token {
            Token::Sign(b'(') => depth += 1,
            Token::Sign(b')') => depth -= 1,
            Token::Quoted(name) if depth == 1 => columns.push(name),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_the_key() {
        let create = b"CREATE TABLE `t` (\n  `a``b` int NOT NULL COMMENT 'x\\n  `no`',\n  \
            `c` varbinary(9) DEFAULT NULL,\n  `PRIMARY KEY` text,\n  PRIMARY KEY (`a``b`,`c`(3) DESC),\n  \
            KEY `k` (`c`)\n) ENGINE=InnoDB";
        let definition = Definition::parse(create);
        assert_eq!(definition.names(), ["a`b", "c", "PRIMARY KEY"]);
        assert_eq!(definition.key, ["a`b", "c"]);
        let binary: Vec<_> = definition
            .columns
            .iter()
            .map(|column| column.binary)
            .collect();
        assert_eq!(binary, [false, true, false]);
        assert_eq!(Definition::parse(b""), Definition::default());
    }
}
