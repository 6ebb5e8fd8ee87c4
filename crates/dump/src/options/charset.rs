//! `--default-character-set`: in which character set values are printed.

use super::OptionError;

/// The character set of the dump.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Charset {
    name: String,
}

impl Default for Charset {
    fn default() -> Self {
        Self {
            name: "utf8mb4".into(),
        }
    }
}

/// Sets in which a byte of a character may be a backslash or a quote, or whose letters depend
/// on the byte before: the real client escapes them by rules of their own.
const MULTIBYTE: &[&str] = &[
    "big5", "cp932", "eucjpms", "euckr", "gb18030", "gb2312", "gbk", "sjis", "ujis",
];

/// Sets that no client may speak.
const WIDE: &[&str] = &["ucs2", "utf16", "utf16le", "utf32"];

impl Charset {
    pub(crate) fn parse(name: &str) -> Result<Self, OptionError> {
        let lower = name.to_ascii_lowercase();
        let plain = !lower.is_empty()
            && lower
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let refused = MULTIBYTE.contains(&lower.as_str()) || WIDE.contains(&lower.as_str());
        if plain && !refused {
            return Ok(Self { name: name.into() });
        }
        Err(OptionError::value(
            "default-character-set",
            name,
            "utf8mb4, utf8mb3, binary or a single-byte set: utf8mb4 holds all that the others hold",
        ))
    }

    pub(crate) fn latin1() -> Self {
        Self {
            name: "latin1".into(),
        }
    }

    /// As it was given; the header repeats it.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The longest character that begins with a byte of its own kind, in bytes: 1 where
    /// every byte is a character.
    pub(crate) fn longest_character(&self) -> usize {
        match self.name.to_ascii_lowercase().as_str() {
            "utf8mb4" => 4,
            "utf8mb3" | "utf8" => 3,
            _ => 1,
        }
    }

    /// Whether names are printed in UTF-8, as the server keeps them.
    pub(crate) fn shows_names_as_utf8(&self) -> bool {
        self.longest_character() > 1 || self.is_binary()
    }

    /// Whether values come unconverted.
    pub(crate) fn is_binary(&self) -> bool {
        self.name.eq_ignore_ascii_case("binary")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_with_escaping_rules_of_their_own_are_refused() {
        for name in ["utf8mb4", "utf8", "latin1", "binary", "koi8r"] {
            assert!(Charset::parse(name).is_ok(), "{name}");
        }
        for name in ["sjis", "GBK", "utf16", "", "a'b"] {
            assert!(Charset::parse(name).is_err(), "{name}");
        }
    }
}
