//! Rows of a dump in latin1 as rows in UTF-8: what `SET NAMES latin1` means to MySQL is
//! Windows-1252, with the five codes that it lacks as control characters.

/// Reads the text fields of a canonical row as latin1.
pub(super) fn decode_row(row: &[u8], is_text: &[bool], out: &mut Vec<u8>) {
    let mut end = 0;
    for (index, range) in super::row::fields(row).into_iter().enumerate() {
        out.extend_from_slice(&row[end..range.start]);
        end = range.end;
        if is_text.get(index).copied().unwrap_or(true) {
            decode(&row[range], out);
        } else {
            out.extend_from_slice(&row[range]);
        }
    }
    out.extend_from_slice(&row[end..]);
}

fn decode(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        let character = match byte {
            0x80..=0x9F => HIGH_CONTROLS[usize::from(byte - 0x80)],
            _ => char::from(byte),
        };
        let mut buffer = [0; 4];
        out.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
    }
}

const HIGH_CONTROLS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}',
    '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_and_binary_is_not() {
        let mut out = Vec::new();
        decode_row(b"(1,'caf\xE9 \x80','\xE9')", &[true, true, false], &mut out);
        assert_eq!(
            out,
            "(1,'café €','"
                .bytes()
                .chain(*b"\xE9')")
                .collect::<Vec<_>>()
        );
    }
}
