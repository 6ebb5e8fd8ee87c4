//! Whole comparisons over made-up text, and the scanner against an obvious parser.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use bytes::Bytes;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use tokio_util::sync::CancellationToken;

use super::decode::{Piece, StoredEnd};
use super::hash::Seed;
use super::row::{self, Canonical};
use super::scan::{self, Insert, Item, Row, Visit};
use super::window::Window;
use super::*;
use crate::Flavour;
use crate::testing::{MemoryInput, literal};

fn compare_with(
    name: &str,
    old: impl Into<Bytes>,
    new: impl Into<Bytes>,
    set: impl FnOnce(ComparisonBuilder) -> ComparisonBuilder,
) -> Result<ComparisonReport, Error> {
    let old = Arc::new(MemoryInput::new(format!("old/{name}"), old));
    let new = Arc::new(MemoryInput::new(format!("new/{name}"), new));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let comparison = set(Comparison::builder(old, new)).build()?;
    runtime.block_on(comparison.run())
}

fn compare(name: &str, old: impl Into<Bytes>, new: impl Into<Bytes>) -> ComparisonReport {
    compare_with(name, old, new, |builder| builder).unwrap()
}

fn sql(old: &str, new: &str) -> ComparisonReport {
    compare("a.sql", old.to_owned(), new.to_owned())
}

fn kinds(report: &ComparisonReport) -> Vec<ReasonKind> {
    report.reasons.iter().map(|reason| reason.kind).collect()
}

fn gzip(members: &[&[u8]]) -> Vec<u8> {
    let mut stored = Vec::new();
    for member in members {
        let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(member).unwrap();
        stored.extend(encoder.finish().unwrap());
    }
    stored
}

const TABLE: &str = "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `v` varchar(9) DEFAULT NULL,\n  \
    `updated_at` datetime DEFAULT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB;\n";

#[test]
fn equal_dumps_are_the_same_in_any_codec() {
    let text = format!("{TABLE}INSERT INTO `t` VALUES (1,'a',NULL),(2,'b',NULL);\n");
    let (head, tail) = text.as_bytes().split_at(20);
    let zipped = gzip(&[b"", head, b"", tail, b""]);
    let mut frames = zstd::bulk::compress(head, 1).unwrap();
    frames.extend(zstd::bulk::compress(tail, 1).unwrap());
    for stored in [text.clone().into_bytes(), zipped, frames] {
        let report = compare("a.sql", text.clone(), stored);
        assert!(report.is_same(), "{:?}", report.reasons);
        assert_eq!((report.new.rows, report.new.tables), (2, 1));
        assert_eq!(report.new.uncompressed_bytes, text.len() as u64);
    }
}

#[test]
fn what_changed_is_told_by_key_and_column_without_values() {
    let old = format!(
        "{TABLE}INSERT INTO `t` VALUES (1,'secret-a','2026-11-01 00:00:00'),\
         (2,'b','2026-11-02 00:00:00'),(3,'c',NULL);\n"
    );
    let new = format!(
        "{TABLE}INSERT INTO `t` VALUES (1,'secret-z','2026-11-03 00:00:00'),\
         (3,'c',NULL),(4,'d','2026-11-01 00:00:00');\n"
    );
    let report = sql(&old, &new);
    let table = &report.tables[0];
    assert_eq!(table.state, TableState::Different);
    assert_eq!(
        (table.rows_changed, table.rows_only_old, table.rows_only_new),
        (Some(1), Some(1), Some(1))
    );
    assert_eq!(table.rows_changed_since, Some(1));
    let changed = &table.differences[0];
    assert_eq!((changed.old_row, changed.new_row), (Some(1), Some(1)));
    assert_eq!(changed.key[0].name, "id");
    assert_eq!(changed.key[0].sha256, Some(hash::sha256_hex(b"1")));
    let names: Vec<_> = changed
        .columns
        .iter()
        .map(|column| column.name.as_str())
        .collect();
    assert_eq!(names, ["v", "updated_at"]);
    assert_eq!(
        changed.columns[0].old_sha256,
        Some(hash::sha256_hex(b"secret-a"))
    );
    assert_eq!(kinds(&report), [ReasonKind::Rows, ReasonKind::RowsChanged]);
    let shown = format!("{report:?}{}", report.to_json());
    assert!(!shown.contains("secret"), "{shown}");
    let report = compare_with("a.sql", old, new, |builder| builder.show_values(true)).unwrap();
    let column = &report.tables[0].differences[0].columns[0];
    assert_eq!(column.old.as_deref(), Some("'secret-a'"));
}

#[test]
fn order_and_packing_are_no_other_rows() {
    let rows = ["(1,'a',NULL)", "(2,'b',NULL)", "(3,'c',NULL)"];
    let one = format!("{TABLE}INSERT INTO `t` VALUES {};\n", rows.join(","));
    let turned = format!(
        "{TABLE}INSERT INTO `t` VALUES {},{},{};\n",
        rows[2], rows[0], rows[1]
    );
    let report = sql(&one, &turned);
    assert_eq!(report.tables[0].state, TableState::RowOrder);
    assert_eq!(kinds(&report), [ReasonKind::RowOrder]);
    let packed = format!(
        "{TABLE}INSERT INTO `t` VALUES {},{};\nINSERT INTO `t` VALUES {};\n",
        rows[0], rows[1], rows[2]
    );
    let report = sql(&one, &packed);
    assert_eq!(report.tables[0].state, TableState::Same);
    assert_eq!(kinds(&report), [ReasonKind::Packing]);
    assert_eq!(report.verdict, Verdict::Different);
    let report = compare_with("a.sql", one, packed, |builder| builder.ignore_form(true)).unwrap();
    assert!(report.is_same());
}

#[test]
fn masks_hide_only_what_they_say() {
    let dump = |version: &str, host: &str, rest: &str| {
        format!(
            "-- MySQL dump 10.13  Distrib {version}, for Linux (x86_64)\n--\n-- Host: {host}    \
             Database: d\n-- ------\n-- Server version\t{version}\n\nINSERT INTO `t` VALUES \
             ('-- Host: {host}    Database: d');\n{rest}\n-- Dump completed on 2026-11-23 22:29:47\n"
        )
    };
    // The row holds the host too, and there it counts.
    let report = sql(&dump("9.7.4", "a", ""), &dump("8.0.1", "b", ""));
    let rules: Vec<_> = report
        .masked
        .iter()
        .map(|masked| masked.rule.as_str())
        .collect();
    assert_eq!(
        rules,
        ["host", "server-version", "client-version", "dump-date"]
    );
    assert_eq!(
        (report.masked[0].old_lines, report.masked[0].new_lines),
        (1, 1)
    );
    assert_eq!(kinds(&report), [ReasonKind::Rows]);
    let report = sql(&dump("9.7.4", "a", ""), &dump("8.0.1", "a", ""));
    assert!(report.is_same(), "{:?}", report.reasons);
    let report = sql(
        &dump("9.7.4", "a", "-- Host: x    Database: d"),
        &dump("9.7.4", "a", "-- Host: y    Database: d"),
    );
    assert_eq!(kinds(&report), [ReasonKind::Form], "{:?}", report.reasons);
}

#[test]
fn definitions_and_the_next_number() {
    let table = |next: &str, kind: &str| {
        format!(
            "CREATE TABLE `t` (\n  `id` {kind} NOT NULL\n) ENGINE=InnoDB{next} DEFAULT CHARSET=x;\n"
        )
    };
    let report = sql(
        &table(" AUTO_INCREMENT=4", "int"),
        &table(" AUTO_INCREMENT=9", "int"),
    );
    assert_eq!(kinds(&report), [ReasonKind::AutoIncrement]);
    assert_eq!(report.statements[0].state, StatementState::AutoIncrement);
    let ignore = |old: String, new: String| {
        compare_with("a.sql", old, new, |builder| {
            builder.ignore_auto_increment(true)
        })
        .unwrap()
    };
    let report = ignore(
        table(" AUTO_INCREMENT=4", "int"),
        table(" AUTO_INCREMENT=9", "int"),
    );
    assert!(report.is_same(), "{:?}", report.reasons);
    assert_eq!(report.masked[0].rule, "auto-increment");
    let report = ignore(table(" AUTO_INCREMENT=4", "int"), table("", "bigint"));
    assert_eq!(kinds(&report), [ReasonKind::Definitions]);
    assert_eq!(report.statements[0].object, "TABLE `t`");
    assert_eq!(report.statements[0].first_different_line, Some(2));
}

#[test]
fn a_cut_is_a_difference_and_damage_is_trouble() {
    let text = format!("{TABLE}INSERT INTO `t` VALUES (1,'a',NULL),(2,'b',NULL);\n");
    for end in [3, 30, text.len() - 20, text.len() - 3] {
        let report = sql(&text, &text[..end]);
        assert!(!report.new.complete && report.old.complete, "{end}");
        assert_eq!(report.reasons[0].kind, ReasonKind::Truncated, "{end}");
    }
    for stored in [
        gzip(&[text.as_bytes()]),
        zstd::bulk::compress(text.as_bytes(), 1).unwrap(),
    ] {
        for end in 1..stored.len() {
            let report = compare("a.sql", text.clone(), stored[..end].to_vec());
            assert!(!report.new.complete, "{end}");
            assert!(report.has_reason(ReasonKind::Truncated));
        }
    }
    // A wrong checksum, and bytes behind the end.
    let stored = gzip(&[text.as_bytes()]);
    let mut wrong = stored.clone();
    let at = wrong.len() - 8;
    wrong[at] ^= 1;
    let mut garbage = stored;
    garbage.extend_from_slice(b"no member at all");
    for damaged in [wrong, garbage] {
        let error = compare_with("a.sql", text.clone(), damaged, |builder| builder).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Damaged, "{error}");
        assert!(
            error.to_string().starts_with("new/a.sql is damaged after"),
            "{error}"
        );
    }
}

#[test]
fn what_is_no_dump_is_trouble() {
    let error = |bytes: &[u8]| {
        compare_with("a.sql", "SET a=1;\n", bytes.to_vec(), |builder| builder).unwrap_err()
    };
    assert_eq!(error(b"id,name\n1,x\n").kind(), ErrorKind::Damaged);
    assert_eq!(error(b"(1,'secret')").kind(), ErrorKind::Damaged);
    assert!(!error(b"(1,'secret')").to_string().contains("secret"));
    assert_eq!(error(b"BZh91AY").kind(), ErrorKind::UnknownFormat);
    assert_eq!(error(b"PAR1....").kind(), ErrorKind::UnknownFormat);
    let spliced = b"INSERT INTO `t` VALUES (1),(2) oops (3);\n";
    assert_eq!(error(spliced).kind(), ErrorKind::Damaged);
    let error = compare_with("a.parquet", "", "", |builder| builder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownFormat);
}

#[tokio::test]
async fn an_input_that_fails_and_a_cancelled_run_are_errors() {
    let text = "SET a=1;\n".repeat(100);
    let old = Arc::new(MemoryInput::new("a.sql", text.clone()));
    let new = Arc::new(MemoryInput::new("b.sql", text).failing_at(50));
    let error = Comparison::builder(Arc::<MemoryInput>::clone(&old), new)
        .build()
        .unwrap()
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Input);
    assert_eq!(error.to_string(), "read b.sql");
    let token = CancellationToken::new();
    token.cancel();
    let comparison = Comparison::builder(Arc::<MemoryInput>::clone(&old), old)
        .cancellation(token)
        .build()
        .unwrap();
    assert_eq!(
        comparison.run().await.unwrap_err().kind(),
        ErrorKind::Cancelled
    );
}

#[test]
fn exports_are_compared_by_their_values() {
    let old = "id,name,updated_at\n1,\"a\",2026-01-01\n2,\"x,\n\"\"y\",2026-01-01\n";
    let report = compare(
        "a.csv",
        old,
        "\u{FEFF}id,name,updated_at\r\n1,a,2026-01-01\r\n2,\"x,\n\"\"y\",2026-01-01\r\n",
    );
    assert_eq!(report.tables[0].state, TableState::Same);
    assert_eq!(kinds(&report), [ReasonKind::Form]);
    assert_eq!(report.old.rows, 2);
    let report = compare(
        "a.csv",
        old,
        "id,name,updated_at\n1,b,2026-02-02\n2,\"x,\n\"\"y\",2026-01-01\n",
    );
    let difference = &report.tables[0].differences[0];
    assert_eq!(difference.kind, RowDifferenceKind::Changed);
    assert_eq!(difference.columns[0].name, "name");
    assert_eq!(
        difference.columns[0].new_sha256,
        Some(hash::sha256_hex(b"b"))
    );
    assert_eq!(report.tables[0].rows_changed_since, Some(1));
    let report = compare(
        "a.csv",
        old,
        "id,updated_at,name\n1,2026-01-01,a\n2,2026-01-01,\"x,\n\"\"y\"\n",
    );
    assert_eq!(kinds(&report), [ReasonKind::Columns]);
    let report = compare("a.csv", old, &old[..old.len() - 1]);
    assert!(!report.new.complete);

    let report = compare("a.tsv", "a\tb\n1\t2\n", "a\tb\n1\t3\n");
    assert_eq!(report.tables[0].differences[0].columns[0].name, "b");
    let batch = |builder: ComparisonBuilder| builder.content(Content::mysql_batch(false));
    let report = compare_with("a.txt", "1\tx\n2\ty\n", "1\tx\n3\ty\n", batch).unwrap();
    assert_eq!(report.tables[0].differences[0].columns[0].name, "#1");
    let report = compare(
        "a.jsonl.gz",
        "{\"a\":1,\"b\":\"x\"}\n",
        gzip(&[b"{\"a\":1,\"b\":\"y\"}\n"]),
    );
    assert_eq!(report.tables[0].differences[0].columns[0].name, "b");
    let error = compare_with("a.jsonl", "{}\n", "secret\n", |builder| builder).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Damaged);
}

#[test]
fn tables_in_another_order_are_counted_and_not_walked() {
    let table = |name: &str, rows: &str| {
        format!(
            "CREATE TABLE `{name}` (\n  `id` int\n) ENGINE=InnoDB;\nINSERT INTO `{name}` VALUES {rows};\n"
        )
    };
    let old = table("a", "(1),(2)") + &table("b", "(1),(2)");
    let report = sql(&old, &(table("b", "(1),(3)") + &table("a", "(2),(3)")));
    let details: Vec<_> = report.tables.iter().map(|table| table.detail).collect();
    assert!(details.contains(&Detail::CountsOnly) && details.contains(&Detail::Full));
    assert!(report.has_reason(ReasonKind::ObjectOrder));
    let report = sql(&old, &(table("b", "(1),(2)") + &table("a", "(1),(2)")));
    assert_eq!(kinds(&report), [ReasonKind::ObjectOrder]);
    assert!(report.rows_are_same());
}

/// Says how often it was told, and the last of each pass and side.
#[derive(Default)]
struct Heard(std::sync::Mutex<Vec<CompareEvent>>);

impl CompareProgress for Heard {
    fn event(&self, event: &CompareEvent) {
        self.0.lock().unwrap().push(event.clone());
    }
}

#[test]
fn progress_ends_at_the_stored_size_in_each_pass() {
    let old = format!("{TABLE}INSERT INTO `t` VALUES (1,'a',NULL);\n");
    let new = format!("{TABLE}INSERT INTO `t` VALUES (1,'bc',NULL);\n");
    let heard = Arc::new(Heard::default());
    let progress: Arc<dyn CompareProgress> = Arc::<Heard>::clone(&heard);
    let sizes = [old.len() as u64, new.len() as u64];
    compare_with("a.sql", old, new, |builder| builder.progress(progress)).unwrap();
    let events = heard.0.lock().unwrap();
    for pass in [1, 2] {
        assert!(events.contains(&CompareEvent::PassStarted { pass }));
        for (side, size) in [Side::Old, Side::New].into_iter().zip(sizes) {
            let total = Some(size);
            assert!(events.contains(&CompareEvent::Read {
                pass,
                side,
                bytes: size,
                total
            }));
        }
    }
}

/// Other bytes each time.
#[derive(Debug)]
struct Restless(std::sync::atomic::AtomicU32);

impl Input for Restless {
    fn name(&self) -> String {
        "restless.sql".into()
    }

    fn open(&self) -> BoxFuture<'_, Result<InputReader, InputError>> {
        let number = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let text = format!("INSERT INTO `t` VALUES ({number});\n").into_bytes();
        Box::pin(async { Ok(Box::new(std::io::Cursor::new(text)) as InputReader) })
    }
}

#[tokio::test]
async fn an_input_that_changes_under_way_is_trouble() {
    let old = Arc::new(MemoryInput::new("a.sql", "INSERT INTO `t` VALUES (77);\n"));
    let new = Arc::new(Restless(0.into()));
    let error = Comparison::builder(old, new)
        .build()
        .unwrap()
        .run()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Changed);
    assert_eq!(
        error.to_string(),
        "restless.sql changed while it was compared"
    );
}

#[test]
fn a_lost_line_end_is_form_even_beside_masked_lines() {
    let text = "/*M!999999\\- enable the sandbox mode */ \nSET a=1;\nSET b=1;\n";
    for other in [
        &text[..text.len() - 1],
        &text.replace("1;\nSET", "1; \nSET"),
        &text.replace("1;\nSET", "1;SET"),
    ] {
        let report = sql(text, other);
        assert_eq!(kinds(&report), [ReasonKind::Form], "{other}");
    }
}

/// What a scan found, for the reference.
#[derive(Default)]
struct Collected {
    rows: Vec<(String, Vec<Option<Vec<u8>>>)>,
    digests: Vec<Vec<Option<[u8; 32]>>>,
    table: String,
}

impl Visit for Collected {
    fn insert(&mut self, insert: &Insert, _raw: &[u8]) {
        self.table.clone_from(&insert.head.table);
    }

    fn wanted(&self) -> Option<usize> {
        None
    }

    fn row(&mut self, row: Row<'_>) -> Result<(), Error> {
        let (values, digests) = match row {
            Row::Text { raw, odd, .. } => {
                let mut text = Vec::new();
                Canonical::whole(raw, &mut text);
                assert!(odd || text == raw);
                let fields = row::fields(&text);
                (
                    fields
                        .iter()
                        .map(|range| row::value(&text[range.clone()]))
                        .collect(),
                    fields
                        .iter()
                        .map(|range| row::value_sha256(&text[range.clone()]))
                        .collect(),
                )
            }
            Row::Long(long) => (
                Vec::new(),
                long.fields.iter().map(|field| field.sha256).collect(),
            ),
        };
        self.rows.push((self.table.clone(), values));
        self.digests.push(digests);
        Ok(())
    }

    fn insert_end(&mut self, _rows: u64, _breaks: u64) {}

    fn item(&mut self, _item: Item<'_>, _line: u64) {}
}

fn scanned(text: &[u8], block: usize, limit: usize) -> (Collected, Result<scan::Ended, Error>) {
    let (sender, pieces) = sync_channel(text.len() / block + 2);
    for part in text.chunks(block) {
        sender.send(Ok(Piece::Text(part.to_vec()))).unwrap();
    }
    sender.send(Ok(Piece::End(StoredEnd::default()))).unwrap();
    let seed = Seed::random();
    let mut window = Window::new("x".into(), pieces, seed);
    let mut found = Collected::default();
    let ended = scan::dump(&mut window, limit, seed, &mut found);
    (found, ended)
}

/// The rows of INSERT statements, byte by byte and without any cleverness.
fn reference(text: &[u8]) -> Vec<(String, Vec<Option<Vec<u8>>>)> {
    let mut rows = Vec::new();
    let mut at = 0;
    while at < text.len() {
        if !text[at..].starts_with(b"INSERT INTO `") {
            at += 1;
            continue;
        }
        at += b"INSERT INTO `".len();
        let mut table = Vec::new();
        while text[at] != b'`' {
            table.push(text[at]);
            at += 1;
        }
        while text[at] != b'('
            || !text[..at].ends_with(b"VALUES ") && !text[..at].ends_with(b"VALUES\n")
        {
            at += 1;
        }
        loop {
            // At the parenthesis of a row.
            at += 1;
            let mut values = Vec::new();
            loop {
                let (value, length) = reference_value(&text[at..]);
                values.push(value);
                at += length + 1;
                if text[at - 1] == b')' {
                    break;
                }
            }
            rows.push((String::from_utf8(table.clone()).unwrap(), values));
            at += 1;
            if text[at - 1] == b';' {
                break;
            }
            if text[at] == b'\n' {
                at += 1;
            }
        }
    }
    rows
}

fn reference_value(text: &[u8]) -> (Option<Vec<u8>>, usize) {
    if let Some(rest) = text.strip_prefix(b"_binary ") {
        let (value, length) = reference_value(rest);
        return (value, length + 8);
    }
    if text.starts_with(b"0x") {
        let digits: Vec<u8> = text[2..]
            .iter()
            .copied()
            .take_while(u8::is_ascii_hexdigit)
            .collect();
        let pairs = digits.chunks(2);
        let value =
            pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
        return (Some(value.collect()), digits.len() + 2);
    }
    if text[0] != b'\'' {
        let bare: Vec<u8> = text
            .iter()
            .copied()
            .take_while(|byte| !matches!(byte, b',' | b')'))
            .collect();
        let length = bare.len();
        return ((bare != b"NULL").then_some(bare), length);
    }
    let mut value = Vec::new();
    let mut at = 1;
    loop {
        match text[at] {
            b'\'' => return (Some(value), at + 1),
            b'\\' => {
                at += 1;
                value.push(match text[at] {
                    b'0' => 0,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b'Z' => 0x1A,
                    other => other,
                });
            }
            byte => value.push(byte),
        }
        at += 1;
    }
}

/// A value as either client prints it.
fn printed() -> impl Strategy<Value = Vec<u8>> {
    let bytes = prop::collection::vec(
        prop_oneof![
            any::<u8>(),
            prop::sample::select(&b"'\\\"(),;`-\n\0VALUES"[..])
        ],
        0..40,
    );
    prop_oneof![
        Just(b"NULL".to_vec()),
        any::<i32>().prop_map(|number| number.to_string().into_bytes()),
        (bytes, 0..4_u8).prop_map(|(value, form)| match form {
            0 => literal(&value, Flavour::Mysql),
            1 => literal(&value, Flavour::Mariadb),
            2 => [b"_binary ", literal(&value, Flavour::Mysql).as_slice()].concat(),
            _ if value.is_empty() => b"''".to_vec(),
            _ => {
                let digits: String = value.iter().map(|byte| format!("{byte:02X}")).collect();
                format!("0x{digits}").into_bytes()
            }
        }),
    ]
}

fn row_text() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(printed(), 1..5)
        .prop_map(|values| [b"(", values.join(&b',').as_slice(), b")"].concat())
}

fn dump_text() -> impl Strategy<Value = Vec<u8>> {
    let statement = (
        prop::sample::select(&["t", "x y"][..]),
        prop::collection::vec(row_text(), 1..6),
        0..3_u8,
    );
    prop::collection::vec(statement, 1..6).prop_map(|statements| {
        let mut text = b"-- it's a dump\nSET a='INSERT; ';\n\n".to_vec();
        for (table, rows, form) in statements {
            let (head, separator) = match form {
                0 => (format!("INSERT INTO `{table}` VALUES "), &b","[..]),
                1 => (format!("INSERT INTO `{table}` VALUES\n"), &b",\n"[..]),
                _ => (
                    format!("INSERT INTO `{table}` (`a`, `(b`) VALUES "),
                    &b","[..],
                ),
            };
            text.extend_from_slice(head.as_bytes());
            text.extend(rows.join(separator));
            text.extend_from_slice(b";\n/*!40000 ALTER TABLE `x` ENABLE KEYS */;\n");
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_scanner_reads_what_an_obvious_parser_reads(
        text in dump_text(),
        block in prop_oneof![1_usize..40, Just(1 << 20)],
        limit in prop_oneof![Just(300_usize), Just(1 << 20)],
    ) {
        let expected = reference(&text);
        let (found, ended) = scanned(&text, block, limit);
        let ended = ended.unwrap();
        prop_assert!(!ended.truncated);
        prop_assert_eq!(found.rows.len(), expected.len());
        for (index, (table, values)) in expected.iter().enumerate() {
            prop_assert_eq!(&found.rows[index].0, table);
            if !found.rows[index].1.is_empty() {
                prop_assert_eq!(&found.rows[index].1, values);
            }
            // Also those that were too long to be kept.
            use sha2::Digest as _;
            let digests: Vec<Option<[u8; 32]>> = values.iter().map(|value| value.as_ref().map(|value| sha2::Sha256::digest(value).into())).collect();
            prop_assert_eq!(&found.digests[index], &digests);
        }
    }

    #[test]
    fn a_dump_cut_anywhere_is_read_to_its_end(text in dump_text(), at in any::<prop::sample::Index>(), block in 1_usize..60) {
        let cut = &text[..at.index(text.len())];
        let (found, ended) = scanned(cut, block, 1 << 20);
        prop_assert!(ended.is_ok(), "{:?}", ended);
        let all = reference(&text);
        prop_assert_eq!(&found.rows[..], &all[..found.rows.len()]);
    }

    #[test]
    fn no_bytes_panic(
        old in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"INSERT INTO `t` VALUES (1,'a');\n-/*!\\"[..])], 0..200),
        new in prop::collection::vec(any::<u8>(), 0..100),
        prefix in prop::sample::select(vec![b"".to_vec(), b"INSERT INTO `t` VALUES (".to_vec(), b"SET ".to_vec(), b"\x1F\x8B\x08\0".to_vec(), b"\x28\xB5\x2F\xFD".to_vec()]),
    ) {
        let old = [prefix, old].concat();
        for content in [Content::Sql, Content::CSV, Content::TSV, Content::mysql_batch(true), Content::JsonLines] {
            let _ = compare_with("a", old.clone(), new.clone(), |builder| builder.content(content));
            let same = compare_with("a", old.clone(), old.clone(), |builder| builder.content(content));
            if let Ok(report) = same {
                // The same bytes differ in nothing, unless both are cut off.
                prop_assert!(report.is_same() || report.has_reason(ReasonKind::Truncated), "{:?}", report.reasons);
            }
        }
    }

    #[test]
    fn quoting_in_csv_is_no_data(
        records in prop::collection::vec(prop::collection::vec("[a\",;\r\n é']{0,6}", 3), 1..12),
        at in any::<prop::sample::Index>(),
        block in 1_usize..30,
    ) {
        let quoted = |value: &String| format!("\"{}\"", value.replace('"', "\"\""));
        let minimal = |value: &String| {
            if value.contains(['"', ',', '\r', '\n']) { quoted(value) } else { value.clone() }
        };
        let print = |records: &[Vec<String>], form: &dyn Fn(&String) -> String, end: &str| {
            let lines = records.iter().map(|record| record.iter().map(form).collect::<Vec<_>>().join(","));
            lines.map(|line| line + end).collect::<String>()
        };
        let (all, few) = (print(&records, &quoted, "\r\n"), print(&records, &minimal, "\n"));
        // Members of gzip make small blocks.
        let parts: Vec<&[u8]> = few.as_bytes().chunks(block).collect();
        let csv = |builder: ComparisonBuilder| builder.content(Content::csv(b',', false));
        let report = compare_with("a", all.clone(), gzip(&parts), csv).unwrap();
        prop_assert!(report.rows_are_same(), "{:?}", report.tables);
        prop_assert_eq!(report.old.rows, records.len() as u64);
        let mut changed = records.clone();
        let row = at.index(records.len());
        changed[row][1].push('!');
        let report = compare_with("a", all, print(&changed, &minimal, "\n"), csv).unwrap();
        let table = &report.tables[0];
        prop_assert_eq!((table.rows_changed, table.rows_only_old, table.rows_only_new), (Some(1), Some(0), Some(0)));
        prop_assert_eq!(table.differences[0].columns[0].name.as_str(), "#2");
    }
}
