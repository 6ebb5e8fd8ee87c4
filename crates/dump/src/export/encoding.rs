//! The character encoding of a text format: UTF-8 as it comes, or what Excel in Japan opens.

use encoding_rs::{EncoderResult, SHIFT_JIS};

/// How the characters of a file are encoded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-8 after a byte order mark, by which Excel knows it.
    Utf8Bom,
    /// Shift_JIS with Microsoft's additions (Windows-31J, Python's `cp932`).
    ShiftJis,
}

/// What becomes of a character that the encoding lacks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unmappable {
    /// The export ends with an error that names column and row.
    #[default]
    Fail,
    /// `〓` (geta) stands for it, as in Japanese print.
    Geta,
}

/// A character that the encoding lacks.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lacking;

impl Encoding {
    /// Appends a text.
    pub(super) fn encode(
        self,
        text: &str,
        unmappable: Unmappable,
        out: &mut Vec<u8>,
    ) -> Result<(), Lacking> {
        if self != Self::ShiftJis || text.is_ascii() {
            out.extend_from_slice(text.as_bytes());
            return Ok(());
        }
        let mut rest = text;
        while let Some(at) = rest.find(TAKEN_FOR_OTHERS) {
            Self::shift_jis(&rest[..at], unmappable, out)?;
            if unmappable == Unmappable::Fail {
                return Err(Lacking);
            }
            out.extend_from_slice(GETA);
            rest = &rest[at + rest[at..].chars().next().map_or(0, char::len_utf8)..];
        }
        Self::shift_jis(rest, unmappable, out)
    }

    fn shift_jis(text: &str, unmappable: Unmappable, out: &mut Vec<u8>) -> Result<(), Lacking> {
        let mut encoder = SHIFT_JIS.new_encoder();
        let mut rest = text;
        let mut buffer = [0; 1024];
        loop {
            let (result, read, written) =
                encoder.encode_from_utf8_without_replacement(rest, &mut buffer, true);
            out.extend_from_slice(&buffer[..written]);
            rest = &rest[read..];
            match result {
                EncoderResult::InputEmpty => return Ok(()),
                EncoderResult::OutputFull => {}
                EncoderResult::Unmappable(_) if unmappable == Unmappable::Geta => {
                    out.extend_from_slice(GETA);
                }
                EncoderResult::Unmappable(_) => return Err(Lacking),
            }
        }
    }

    pub(super) const fn mark(self) -> &'static [u8] {
        match self {
            Self::Utf8Bom => b"\xEF\xBB\xBF",
            _ => b"",
        }
    }
}

/// The yen sign, the overline and the minus sign: the encoder of the web writes a backslash, a
/// tilde and a full-width hyphen for them, which come back as just these.
const TAKEN_FOR_OTHERS: [char; 3] = ['\u{A5}', '\u{203E}', '\u{2212}'];

/// U+3013 in Shift_JIS.
const GETA: &[u8] = b"\x81\xAC";

#[cfg(test)]
mod tests {
    use super::*;

    fn shift_jis(text: &str, unmappable: Unmappable) -> Result<Vec<u8>, Lacking> {
        let mut out = Vec::new();
        Encoding::ShiftJis.encode(text, unmappable, &mut out)?;
        Ok(out)
    }

    #[test]
    fn japanese_is_two_bytes_a_character() {
        let bytes = shift_jis("表a①", Unmappable::Fail).unwrap();
        assert_eq!(bytes, b"\x95\x5Ca\x87\x40");
        let long = "住".repeat(10_000);
        assert_eq!(shift_jis(&long, Unmappable::Fail).unwrap().len(), 20_000);
    }

    #[test]
    fn what_is_written_is_read_back_or_refused() {
        for character in '\u{80}'..='\u{FFFF}' {
            let text = character.to_string();
            if let Ok(bytes) = shift_jis(&text, Unmappable::Fail) {
                let mut back = [0; 16];
                let mut decoder = SHIFT_JIS.new_decoder_without_bom_handling();
                let (_, _, written, _) = decoder.decode_to_utf8(&bytes, &mut back, true);
                assert_eq!(&back[..written], text.as_bytes(), "{character:?}");
            }
        }
        assert_eq!(shift_jis("a¥b", Unmappable::Fail), Err(Lacking));
        assert_eq!(
            shift_jis("表¥−b", Unmappable::Geta).unwrap(),
            b"\x95\x5C\x81\xAC\x81\xACb"
        );
    }

    #[test]
    fn what_is_lacking_is_told_or_replaced() {
        assert_eq!(shift_jis("a😀b", Unmappable::Fail), Err(Lacking));
        assert_eq!(
            shift_jis("a😀b한", Unmappable::Geta).unwrap(),
            b"a\x81\xACb\x81\xAC"
        );
    }
}
