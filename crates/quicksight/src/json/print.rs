//! Writing.

use super::Json;

pub(super) fn pretty(json: &Json) -> String {
    let mut out = String::new();
    write(json, Some(0), &mut out);
    out.push('\n');
    out
}

pub(super) fn compact(json: &Json) -> String {
    let mut out = String::new();
    write(json, None, &mut out);
    out
}

/// With a level of indentation, one item a line; without, no white space at all.
fn write(json: &Json, level: Option<usize>, out: &mut String) {
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        Json::Number(number) => out.push_str(number.as_str()),
        Json::String(text) => string(text, out),
        Json::Array(items) => {
            list(out, level, ['[', ']'], items.iter(), |item, level, out| {
                write(item, level, out);
            });
        }
        Json::Object(object) => {
            let colon = if level.is_some() { ": " } else { ":" };
            list(
                out,
                level,
                ['{', '}'],
                object.iter(),
                |(name, value), level, out| {
                    string(name, out);
                    out.push_str(colon);
                    write(value, level, out);
                },
            );
        }
    }
}

fn list<T>(
    out: &mut String,
    level: Option<usize>,
    [open, close]: [char; 2],
    items: impl ExactSizeIterator<Item = T>,
    mut each: impl FnMut(T, Option<usize>, &mut String),
) {
    out.push(open);
    let inner = level.map(|level| level + 1);
    let empty = items.len() == 0;
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        new_line(inner, out);
        each(item, inner, out);
    }
    if !empty {
        new_line(level, out);
    }
    out.push(close);
}

fn new_line(level: Option<usize>, out: &mut String) {
    if let Some(level) = level {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", level));
    }
}

/// Escapes what JSON requires and nothing else.
fn string(text: &str, out: &mut String) {
    use std::fmt::Write as _;

    out.push('"');
    let mut plain = 0;
    for (index, byte) in text.bytes().enumerate() {
        if byte >= b' ' && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.push_str(&text[plain..index]);
        plain = index + 1;
        match byte {
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            0x08 => out.push_str("\\b"),
            0x0C => out.push_str("\\f"),
            // Writing to a String cannot fail.
            _ => drop(write!(out, "\\u{byte:04x}")),
        }
    }
    out.push_str(&text[plain..]);
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pretty_is_two_spaces_line_feeds_and_a_final_newline() {
        let json = Json::parse(r#"{"a":[],"b":{},"c":[1,{"d":"é\u0001\""}]}"#).unwrap();
        let expected = "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"d\": \"é\\u0001\\\"\"\n    }\n  ]\n}\n";
        assert_eq!(json.to_pretty(), expected);
        assert_eq!(Json::parse(expected).unwrap(), json);
    }
}
