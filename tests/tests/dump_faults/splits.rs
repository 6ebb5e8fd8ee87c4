//! Rows around the length at which a packet is split, 2^24 - 1 bytes.

use e2e::database::Flavour;
use e2e::scripted::{Column, Row, Table, World};

use crate::bench::{Bench, FLAVOURS};

/// A packet that holds so many bytes is followed by another, be it empty.
const FULL: usize = (1 << 24) - 1;

/// Where things change: a payload, or a cell, of so many bytes.
const LENGTHS: [usize; 6] = [FULL - 1, FULL, FULL + 1, FULL + 2, 2 * FULL, 2 * FULL + 1];

/// Text with something to escape at both ends of each packet.
fn text(length: usize) -> Vec<u8> {
    // Of a length that divides no packet's: what is lost or doubled shows.
    let mut text = b"abcdefghijklmnopqrstuvw".repeat(length / 23 + 1);
    text.truncate(length);
    for near in [0, FULL, 2 * FULL] {
        let around = near.saturating_sub(12)..(near + 4).min(length);
        for at in around.filter(|at| at % 3 == 0) {
            text[at] = b'\'';
        }
    }
    text
}

/// How many bytes tell the length of a cell.
fn prefix(length: usize) -> usize {
    match length {
        0..=250 => 1,
        251..=0xFFFF => 3,
        0x1_0000..=0xFF_FFFF => 4,
        _ => 9,
    }
}

/// Rows whose second column makes the payload this long.
fn by_payload(payload: usize) -> Row {
    // "1", with its length.
    let rest = payload - 2;
    let length = [4, 9]
        .map(|width| rest - width)
        .into_iter()
        .find(|length| prefix(*length) + length == rest);
    // 0xFFFFFF + 4 < rest < 0x1000000 + 9 cannot be had: shorten the first column.
    match length {
        Some(length) => vec![Some(b"1".to_vec()), Some(text(length))],
        None => {
            let filler = rest + 2 - (prefix(FULL) + FULL) - 1;
            vec![Some(vec![b'7'; filler]), Some(text(FULL))]
        }
    }
}

fn printed(row: &Row, flavour: Flavour) -> Vec<u8> {
    let mut out = match flavour {
        Flavour::MariaDb => b"INSERT INTO `wide` VALUES\n(".to_vec(),
        Flavour::MySql => b"INSERT INTO `wide` VALUES (".to_vec(),
    };
    for (index, cell) in row.iter().flatten().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.push(b'\'');
        for (index, part) in cell.split(|byte| *byte == b'\'').enumerate() {
            if index > 0 {
                out.extend_from_slice(b"\\'");
            }
            out.extend_from_slice(part);
        }
        out.push(b'\'');
    }
    out.extend_from_slice(b");\n");
    out
}

/// Dumps one row between two short ones, and compares all of it.
async fn check(flavour: Flavour, eof_packets: bool, row: Row, context: &str) {
    let small = |text: &[u8]| vec![Some(text.to_vec()), Some(text.to_vec())];
    // An empty first cell makes a packet that begins like an OK packet.
    let rows = vec![small(b"before"), row, small(b"")];
    // Rows of more than net_buffer_length have statements of their own, and so does the next.
    let mut expected = Vec::new();
    for row in &rows {
        expected.extend_from_slice(&printed(row, flavour));
    }
    let columns = vec![Column::text("first"), Column::text("second")];
    let mut world =
        World::new(flavour, "world").with_table(Table::new("wide", columns).with_rows(rows));
    if eof_packets {
        world = world.with_eof_packets();
    }
    let bench = Bench::new(world).await;
    let text = bench.run().await.whole(context);
    let start = text
        .windows(11)
        .position(|bytes| bytes == b"INSERT INTO")
        .expect("an INSERT");
    let found = &text[start..start + expected.len()];
    if found != expected {
        let at = found.iter().zip(&expected).position(|(a, b)| a != b);
        panic!("{context}: differs at byte {at:?}");
    }
    assert!(
        text[start + expected.len()..].starts_with(b"/*!40000"),
        "{context}"
    );
    bench.assert_clean(context).await;
}

#[tokio::test]
async fn payloads_around_the_split_come_out_whole() {
    for flavour in FLAVOURS {
        for payload in LENGTHS {
            let row = by_payload(payload);
            let cells = row.iter().flatten();
            let sum: usize = cells.map(|cell| prefix(cell.len()) + cell.len()).sum();
            assert_eq!(sum, payload);
            check(
                flavour,
                false,
                row,
                &format!("{flavour}: a payload of {payload}"),
            )
            .await;
        }
    }
}

/// From 2^24 bytes on, the row begins with 0xFE, as the end of a result does.
#[tokio::test]
async fn first_columns_around_the_split_come_out_whole() {
    for eof_packets in [false, true] {
        for length in LENGTHS {
            let row = vec![Some(text(length)), Some(b"tail".to_vec())];
            let flavour = FLAVOURS[usize::from(eof_packets)];
            let context = format!("{flavour}: a first column of {length}, EOF: {eof_packets}");
            check(flavour, eof_packets, row, &context).await;
        }
    }
}
