//! Bytes without a character set, in a format that holds only text; bits as numbers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// How bytes without a character set are written in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BinaryForm {
    /// Two upper-case digits a byte, as `HEX()` has it.
    #[default]
    Hex,
    /// The alphabet of RFC 4648 with padding, as `TO_BASE64()` has it but without line ends.
    Base64,
}

impl BinaryForm {
    pub(super) fn print(self, value: &[u8]) -> String {
        match self {
            Self::Hex => {
                let mut text = Vec::new();
                crate::encode::hex(&mut text, value);
                String::from_utf8(text).unwrap_or_default()
            }
            Self::Base64 => STANDARD.encode(value),
        }
    }

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Hex => "hex",
            Self::Base64 => "base64",
        }
    }
}

/// The number that a BIT value's bytes are.
pub(super) fn bits(value: &[u8]) -> u64 {
    value
        .iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_become_text() {
        assert_eq!(BinaryForm::Hex.print(b"\x00\xff"), "00FF");
        assert_eq!(BinaryForm::Base64.print(b"\x00\xff"), "AP8=");
        assert_eq!(bits(b"\x01\x02"), 258);
        assert_eq!(bits(&[0xff; 8]), u64::MAX);
    }
}
