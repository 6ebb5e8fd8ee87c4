//! Just enough of SQL's letters to see what a query asks for.

/// A query for looking at: version comments opened, other comments gone, white space outside
/// of quotes single.
pub(super) fn plain(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query.trim();
    while let Some(first) = rest.chars().next() {
        if let Some(quoted) = quoted(rest) {
            out.push_str(quoted);
            rest = &rest[quoted.len()..];
        } else if rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!") {
            rest = rest.find("*/").map_or("", |end| &rest[end + 2..]);
        } else if rest.starts_with("/*") {
            rest =
                rest[2..].trim_start_matches(|c: char| c == 'M' || c == '!' || c.is_ascii_digit());
        } else if let Some(behind) = rest.strip_prefix("*/") {
            rest = behind;
        } else if first.is_whitespace() {
            if !out.ends_with(' ') && !out.is_empty() {
                out.push(' ');
            }
            rest = rest.trim_start();
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    out.trim_end_matches([' ', ';']).to_owned()
}

/// The quoted text at the start, quotes included.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|c| "'\"`".contains(*c))?;
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if escaped {
            escaped = false;
        } else if character == '\\' && quote != '`' {
            escaped = true;
        } else if character == quote {
            return Some(&text[..=at]);
        }
    }
    Some(text)
}

/// Splits at commas outside of quotes and parentheses.
pub(super) fn items(list: &str) -> Vec<&str> {
    let mut items = Vec::new();
    let (mut start, mut at, mut depth) = (0, 0, 0_u32);
    while let Some(first) = list[at..].chars().next() {
        if let Some(quoted) = quoted(&list[at..]) {
            at += quoted.len();
            continue;
        }
        match first {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                items.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
        at += first.len_utf8();
    }
    items.push(list[start..].trim());
    items
}

/// The text before and behind a word that stands outside of quotes and parentheses.
pub(super) fn around<'a>(text: &'a str, word: &str) -> Option<(&'a str, &'a str)> {
    let (mut at, mut depth) = (0, 0_u32);
    let mut boundary = true;
    while let Some(first) = text[at..].chars().next() {
        if let Some(quoted) = quoted(&text[at..]) {
            at += quoted.len();
            boundary = true;
            continue;
        }
        let here = text.get(at..at + word.len());
        let follows = text[at..].chars().nth(word.len());
        if depth == 0
            && boundary
            && here.is_some_and(|here| here.eq_ignore_ascii_case(word))
            && !follows.is_some_and(is_word)
        {
            return Some((text[..at].trim(), text[at + word.len()..].trim()));
        }
        match first {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        boundary = !is_word(first);
        at += first.len_utf8();
    }
    None
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || "_@$.".contains(character)
}

/// Whether the query begins with these words.
pub(super) fn begins(query: &str, words: &str) -> bool {
    behind(query, words).is_some()
}

/// What follows these words at the query's beginning.
pub(super) fn behind<'a>(query: &'a str, words: &str) -> Option<&'a str> {
    let head = query.get(..words.len())?;
    let tail = &query[words.len()..];
    let whole = !tail.chars().next().is_some_and(is_word);
    (head.eq_ignore_ascii_case(words) && whole).then(|| tail.trim_start())
}

/// The dotted name at the start: `` `db`.`t` `` or `db.t`, without quotes, in its parts.
pub(super) fn name(text: &str) -> Vec<String> {
    let mut parts = Vec::new();
    let mut rest = text.trim_start();
    loop {
        if rest.starts_with('`') {
            let quoted = quoted_name(rest);
            parts.push(quoted[1..quoted.len() - 1].replace("``", "`"));
            rest = &rest[quoted.len()..];
        } else {
            let end = rest
                .find(|c: char| !(c.is_alphanumeric() || "_$@".contains(c)))
                .unwrap_or(rest.len());
            parts.push(rest[..end].to_owned());
            rest = &rest[end..];
        }
        match rest.strip_prefix('.') {
            Some(next) => rest = next,
            None => return parts,
        }
    }
}

/// A name in backticks, among which two stand for one.
fn quoted_name(text: &str) -> &str {
    let mut end = 0;
    while let Some(part) = quoted(&text[end..]).filter(|part| part.starts_with('`')) {
        end += part.len();
    }
    &text[..end.max(2)]
}

/// All string literals, without quotes and escapes.
pub(super) fn strings(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let Some(part) = quoted(&text[at..]) else {
            at += first.len_utf8();
            continue;
        };
        if first != '`' && part.len() >= 2 {
            found.push(unescaped(&part[1..part.len() - 1]));
        }
        at += part.len();
    }
    found
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        // LIKE's own escapes, `\_` and `\%`, stay, as in the server.
        match (character, character == '\\') {
            (_, false) => out.push(character),
            (_, true) => match characters.next() {
                Some(wild @ ('_' | '%')) => out.extend(['\\', wild]),
                Some(other) => out.push(other),
                None => {}
            },
        }
    }
    out
}

/// SQL's LIKE, letter case aside.
pub(super) fn like(text: &str, pattern: &str) -> bool {
    let mut wanted = pattern.chars();
    match wanted.next() {
        None => text.is_empty(),
        Some('%') => (0..=text.len())
            .filter(|at| text.is_char_boundary(*at))
            .any(|at| like(&text[at..], wanted.as_str())),
        Some(mut letter) => {
            let any = letter == '_';
            if letter == '\\' {
                letter = wanted.next().unwrap_or('\\');
            }
            let mut given = text.chars();
            given.next().is_some_and(|first| {
                (any || first.eq_ignore_ascii_case(&letter))
                    && like(given.as_str(), wanted.as_str())
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_comments_are_opened_and_quotes_left_alone() {
        assert_eq!(plain("/*!40100 SET @@SQL_MODE='' */"), "SET @@SQL_MODE=''");
        assert_eq!(
            plain("SELECT /*!40001 SQL_NO_CACHE */ *\n FROM `a  /*b*/`; "),
            "SELECT SQL_NO_CACHE * FROM `a  /*b*/`"
        );
    }

    #[test]
    fn lists_are_split_and_words_found_outside_of_quotes_and_parentheses() {
        assert_eq!(
            items("a, f(b, c), 'd,\\', e', `f,`"),
            ["a", "f(b, c)", "'d,\\', e'", "`f,`"]
        );
        assert_eq!(
            around("`from` , (x from y) FROM z", "from"),
            Some(("`from` , (x from y)", "z"))
        );
        assert_eq!(around("fromage", "from"), None);
        assert_eq!(behind("SHOW FULL TABLES", "show full"), Some("TABLES"));
        assert!(!begins("SETTLE", "SET"));
    }

    #[test]
    fn names_and_strings_lose_their_quotes() {
        assert_eq!(name("`a``b`.`c.d` WHERE"), ["a`b", "c.d"]);
        assert_eq!(
            name("information_schema.tables t"),
            ["information_schema", "tables"]
        );
        assert_eq!(
            strings("x = 'it\\'s' AND y LIKE 'a\\_b'"),
            ["it's", "a\\_b"]
        );
        assert!(like("gtid_mode", "gtid\\_m%") && !like("gtidXmode", "gtid\\_mode"));
    }
}
