//! Names and strings inside the queries and statements that this crate writes.
//!
//! The session has no SQL mode, so that a backslash escapes and backticks quote.

/// A name in backticks: a backtick is doubled, nothing else changes.
pub(crate) fn name(text: &str) -> String {
    format!("`{}`", text.replace('`', "``"))
}

/// A string literal.
pub(crate) fn string(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// A literal pattern that matches exactly `text` with LIKE.
pub(crate) fn like(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        if matches!(character, '\\' | '_' | '%') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    string(&pattern)
}

/// `database.table` with both names quoted.
pub(crate) fn qualified(database: &str, table: &str) -> String {
    format!("{}.{}", name(database), name(table))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoting_leaves_no_way_out() {
        assert_eq!(name("a`b\\c"), "`a``b\\c`");
        assert_eq!(string("it's \\"), "'it\\'s \\\\'");
        assert_eq!(like("100%_\\"), r"'100\\%\\_\\\\'");
        assert_eq!(qualified("a", "b"), "`a`.`b`");
    }
}
