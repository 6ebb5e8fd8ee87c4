//! The protocol's packets, as bytes.

use super::world::Column;

/// A payload of this length or more is split; one that fills a packet is followed by another.
pub(super) const MAX_PAYLOAD: usize = (1 << 24) - 1;

/// `SERVER_STATUS_AUTOCOMMIT`.
pub(super) const STATUS: u16 = 2;

/// Appends a payload with its header or headers.
pub(super) fn frame(out: &mut Vec<u8>, sequence: &mut u8, payload: &[u8]) {
    let mut rest = payload;
    loop {
        let (head, tail) = rest.split_at(rest.len().min(MAX_PAYLOAD));
        out.extend_from_slice(&head.len().to_le_bytes()[..3]);
        out.push(*sequence);
        out.extend_from_slice(head);
        *sequence = sequence.wrapping_add(1);
        if head.len() < MAX_PAYLOAD {
            return;
        }
        rest = tail;
    }
}

pub(super) fn ok() -> Vec<u8> {
    let [low, high] = STATUS.to_le_bytes();
    vec![0, 0, 0, low, high, 0, 0]
}

/// The end of a result, or of its columns: an EOF packet, or an OK packet in its place.
pub(super) fn end(deprecate_eof: bool) -> Vec<u8> {
    let [low, high] = STATUS.to_le_bytes();
    if deprecate_eof {
        vec![0xFE, 0, 0, low, high, 0, 0]
    } else {
        vec![0xFE, 0, 0, low, high]
    }
}

pub(super) fn error(code: u16, message: &str) -> Vec<u8> {
    let mut payload = vec![0xFF];
    payload.extend_from_slice(&code.to_le_bytes());
    payload.extend_from_slice(b"#HY000");
    payload.extend_from_slice(message.as_bytes());
    payload
}

pub(super) fn column_definition(column: &Column, database: &str, table: &str) -> Vec<u8> {
    let mut payload = Vec::new();
    for text in ["def", database, table, table, &column.name, &column.name] {
        length_encoded(&mut payload, text.as_bytes());
    }
    payload.push(12);
    payload.extend_from_slice(&column.character_set.to_le_bytes());
    payload.extend_from_slice(&u32::MAX.to_le_bytes());
    payload.push(column.kind);
    payload.extend_from_slice(&column.flags.to_le_bytes());
    payload.extend_from_slice(&[0, 0, 0]);
    payload
}

pub(super) fn row(cells: &[Option<Vec<u8>>]) -> Vec<u8> {
    let length: usize = cells.iter().flatten().map(|cell| cell.len() + 9).sum();
    let mut payload = Vec::with_capacity(length + cells.len());
    for cell in cells {
        match cell {
            Some(bytes) => length_encoded(&mut payload, bytes),
            None => payload.push(0xFB),
        }
    }
    payload
}

/// A length-encoded integer.
pub(super) fn integer(out: &mut Vec<u8>, value: usize) {
    let bytes = (value as u64).to_le_bytes();
    match value {
        0..=250 => out.push(bytes[0]),
        251..=0xFFFF => {
            out.push(0xFC);
            out.extend_from_slice(&bytes[..2]);
        }
        0x1_0000..=0xFF_FFFF => {
            out.push(0xFD);
            out.extend_from_slice(&bytes[..3]);
        }
        _ => {
            out.push(0xFE);
            out.extend_from_slice(&bytes);
        }
    }
}

/// A length-encoded string.
pub(super) fn length_encoded(out: &mut Vec<u8>, bytes: &[u8]) {
    integer(out, bytes.len());
    out.extend_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_packet_is_followed_by_another() {
        for (length, headers) in [
            (MAX_PAYLOAD - 1, 1),
            (MAX_PAYLOAD, 2),
            (MAX_PAYLOAD + 1, 2),
            (2 * MAX_PAYLOAD, 3),
        ] {
            let (mut out, mut sequence) = (Vec::new(), 254);
            frame(&mut out, &mut sequence, &vec![7; length]);
            assert_eq!(out.len(), length + 4 * headers, "{length}");
            assert_eq!(usize::from(sequence), (254 + headers) % 256);
            assert_eq!(out.iter().filter(|byte| **byte == 7).count(), length);
        }
    }

    #[test]
    fn lengths_take_1_3_4_or_9_bytes() {
        let encoded = |value| {
            let mut out = Vec::new();
            integer(&mut out, value);
            out
        };
        assert_eq!(encoded(250), [250]);
        assert_eq!(encoded(251), [0xFC, 251, 0]);
        assert_eq!(encoded(0xFF_FFFF), [0xFD, 0xFF, 0xFF, 0xFF]);
        assert_eq!(encoded(0x100_0000), [0xFE, 0, 0, 0, 1, 0, 0, 0, 0]);
    }
}
