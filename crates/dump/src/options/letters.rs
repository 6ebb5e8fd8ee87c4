//! Names in the character set of the dump.

use std::borrow::Cow;
use std::collections::HashMap;

/// The letters that the character set of the dump has.
///
/// The server keeps names in UTF-8; the real clients are sent, and print, them in the set of
/// the dump, with a question mark for what it lacks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Letters {
    /// All of them, as UTF-8.
    #[default]
    All,
    /// ASCII, and those of a single-byte set.
    Single(HashMap<char, u8>),
}

impl Letters {
    /// From the characters of the bytes `80` to `FF`, in order; a byte that is no character is a
    /// question mark.
    pub(crate) fn of_upper_half(characters: &str) -> Self {
        let mut letters = HashMap::new();
        for (byte, character) in (0x80..=0xFF).zip(characters.chars()) {
            if !character.is_ascii() {
                letters.entry(character).or_insert(byte);
            }
        }
        Self::Single(letters)
    }

    /// Whether a name can be printed without a question mark.
    pub(crate) fn hold(&self, name: &str) -> bool {
        match self {
            Self::All => true,
            Self::Single(letters) => name
                .chars()
                .all(|character| character.is_ascii() || letters.contains_key(&character)),
        }
    }

    /// A text in the character set of the dump.
    pub(crate) fn encode<'t>(&self, text: &'t str) -> Cow<'t, [u8]> {
        match self {
            Self::Single(letters) if !text.is_ascii() => text
                .chars()
                .map(|character| match u8::try_from(character) {
                    Ok(byte) if byte.is_ascii() => byte,
                    _ => letters.get(&character).copied().unwrap_or(b'?'),
                })
                .collect(),
            _ => Cow::Borrowed(text.as_bytes()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_printed_in_the_set_or_with_question_marks() {
        let letters = Letters::of_upper_half("€?é");
        assert!(letters.hold("a€é") && !letters.hold("あ"));
        assert_eq!(*letters.encode("`aé€あ?`"), *b"`a\x82\x80??`");
        assert_eq!(*Letters::All.encode("あ"), *"あ".as_bytes());
    }
}
