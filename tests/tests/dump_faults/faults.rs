//! A fault amid the rows of a table.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use datatransit_dump::{ErrorKind, Sink, SinkError};
use datatransit_s3upload::{Guard, ObjectSpec, S3Store, Upload, UploadConfig, Uploader};
use e2e::database::Flavour;
use e2e::s3::{S3Options, S3Server};
use e2e::scripted::{Column, Fault, Table, World};

use crate::bench::{Bench, COMPLETED, FLAVOURS};

/// The places: before the first row, amid, and before the end, of the first and the last table.
const PLACES: [(&str, usize); 5] = [
    ("a_people", 0),
    ("a_people", 4),
    ("a_people", 6),
    ("z_numbers", 0),
    ("z_numbers", 3),
];

/// What can go wrong at a packet, and what is made of it.
fn faults() -> Vec<(Fault, ErrorKind)> {
    vec![
        (
            Fault::error(1317, "Query execution was interrupted"),
            ErrorKind::Read,
        ),
        (
            Fault::error(2013, "Lost connection to server during query"),
            ErrorKind::Read,
        ),
        (
            Fault::error(
                1412,
                "Table definition has changed, please retry transaction",
            ),
            ErrorKind::SchemaChanged,
        ),
        (
            Fault::error(
                1205,
                "Lock wait timeout exceeded; try restarting transaction",
            ),
            ErrorKind::Read,
        ),
        (
            Fault::error(1053, "Server shutdown in progress"),
            ErrorKind::Read,
        ),
        (Fault::Reset, ErrorKind::Read),
        (Fault::Close, ErrorKind::Read),
        (Fault::WrongSequence, ErrorKind::Read),
        (Fault::TruncatedPacket, ErrorKind::Read),
    ]
}

#[tokio::test]
async fn without_a_fault_the_double_is_dumped_whole() {
    for flavour in FLAVOURS {
        for dribble in [false, true] {
            let context = format!("{flavour}, dribbling: {dribble}");
            let bench = Bench::new(World::small(flavour)).await;
            if dribble {
                bench.server.dribble();
            }
            let text = bench.run().await.whole(&context);
            assert_eq!(inserts(&text), expected(flavour), "{context}");
            bench.assert_clean(&context).await;
            assert_eq!(bench.server.kills(), [0; 0]);
        }
    }
}

#[tokio::test]
async fn a_fault_amid_the_rows_ends_the_dump_and_names_the_table() {
    for flavour in FLAVOURS {
        for (fault, kind) in faults() {
            for (table, row) in PLACES {
                let context = format!("{flavour}: {fault:?} at row {row} of {table}");
                let bench = Bench::new(World::small(flavour)).await;
                bench.server.fault_at_row(table, row, fault.clone());
                let ran = bench.run().await;
                ran.assert_failed(kind, &format!("world.{table}"), &context);
                bench.assert_clean(&context).await;
            }
        }
    }
}

#[tokio::test]
async fn a_row_that_is_not_whole_ends_the_dump() {
    for flavour in FLAVOURS {
        for (table, row) in [("a_people", 0), ("a_people", 4), ("z_numbers", 2)] {
            let context = format!("{flavour}: row {row} of {table}");
            let bench = Bench::new(World::small(flavour)).await;
            bench.server.fault_at_row(table, row, Fault::ShortPayload);
            let ran = bench.run().await;
            ran.assert_failed(ErrorKind::Read, &format!("world.{table}"), &context);
            bench.assert_clean(&context).await;
        }
    }
}

/// Three columns, and a second row of `cells` cells.
fn lopsided(flavour: Flavour, cells: usize) -> World {
    let columns = ["a", "b", "c"].map(Column::text).to_vec();
    let row = |cells: usize| vec![Some(b"x".to_vec()); cells];
    let table = Table::new("lopsided", columns).with_rows(vec![row(3), row(cells), row(3)]);
    World::new(flavour, "world").with_table(table)
}

#[tokio::test]
async fn a_row_of_too_few_cells_ends_the_dump() {
    for flavour in FLAVOURS {
        for cells in [1, 2] {
            let context = format!("{flavour}: {cells} cells instead of 3");
            let bench = Bench::new(lopsided(flavour, cells)).await;
            let ran = bench.run().await;
            ran.assert_failed(ErrorKind::Read, "world.lopsided", &context);
            bench.assert_clean(&context).await;
        }
    }
}

/// The driver reads as many cells as there are columns and never shows what follows: nothing
/// can be made of it here, but the statements must stay in shape.
#[tokio::test]
async fn surplus_cells_do_not_reach_the_text() {
    let bench = Bench::new(lopsided(Flavour::MySql, 4)).await;
    let text = bench.run().await.whole("4 cells instead of 3");
    let row = "('x','x','x')";
    let expected = format!("INSERT INTO `lopsided` VALUES {row},{row},{row};\n");
    assert_eq!(inserts(&text), expected.as_bytes());
    bench.assert_clean("4 cells instead of 3").await;
}

/// The driver (0.37.1) panics at one amid a result; an error would do as well.
#[tokio::test]
async fn a_packet_without_content_never_looks_like_a_dump() {
    let bench = Bench::new(World::small(Flavour::MySql)).await;
    bench.server.fault_at_row("a_people", 4, Fault::EmptyPacket);
    let (dump, sink) = (bench.dump(), Shared::default());
    let mut writer = sink.clone();
    let joined = tokio::spawn(async move { dump.run(&mut writer).await }).await;
    match joined {
        Ok(outcome) => assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Read),
        Err(end) => assert!(end.is_panic()),
    }
    let written = sink.take();
    assert!(!String::from_utf8_lossy(&written).contains(COMPLETED));
    bench.assert_clean("an empty packet").await;
}

/// Memory that outlives a dump's panic.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut self.0.lock().expect("nobody panics with it"))
    }
}

impl Sink for Shared {
    async fn write(&mut self, block: Bytes) -> Result<(), SinkError> {
        let mut bytes = self.0.lock().expect("nobody panics with it");
        bytes.extend_from_slice(&block);
        Ok(())
    }
}

/// Gives the blocks to an upload.
struct ToS3(Upload);

impl Sink for ToS3 {
    async fn write(&mut self, block: Bytes) -> Result<(), SinkError> {
        Ok(self.0.push(block).await?)
    }
}

#[tokio::test]
async fn a_fault_publishes_nothing() {
    let s3 = S3Server::start(S3Options::with_buckets(&["dumps"])).unwrap();
    let store = Arc::new(S3Store::new(s3.endpoint().s3_client()));
    let uploader = Uploader::new(store, UploadConfig::default()).unwrap();
    let faults = faults().into_iter().map(|(fault, _)| Some(fault));
    for (index, fault) in faults.chain([None]).enumerate() {
        let bench = Bench::new(World::small(Flavour::MySql)).await;
        let healthy = fault.is_none();
        if let Some(fault) = fault.clone() {
            bench.server.fault_at_row("z_numbers", 2, fault);
        }
        let key = format!("{index}.sql");
        let mut sink = ToS3(uploader.begin(ObjectSpec::new("dumps", &key), Guard::Overwrite));
        // As a caller does it: commit after Ok, and after nothing else.
        match bench.dump().run(&mut sink).await {
            Ok(_) => drop(sink.0.commit().await.unwrap()),
            Err(_) => drop(sink.0.abort().await),
        }
        assert_eq!(s3.object("dumps", &key).is_some(), healthy, "{fault:?}");
        assert_eq!(s3.open_uploads(), [], "{fault:?}");
    }
}

/// The INSERT statements' lines.
fn inserts(text: &[u8]) -> Vec<u8> {
    let mut inside = false;
    let lines = text.split_inclusive(|byte| *byte == b'\n').filter(|line| {
        inside |= line.starts_with(b"INSERT");
        let keep = inside;
        inside &= !line.ends_with(b";\n");
        keep
    });
    lines.flatten().copied().collect()
}

/// The small world's INSERT statements, written out by hand.
fn expected(flavour: Flavour) -> Vec<u8> {
    let (x, y) = ("x".repeat(300), "y".repeat(70_000));
    let mut text = Vec::new();
    match flavour {
        Flavour::MariaDb => {
            text.extend_from_slice("INSERT INTO `a_people` VALUES\n(1,'山田 太郎','".as_bytes());
            text.extend_from_slice(b"\\0\xFF\\n\\'\\\\'),\n(2,'O\\'Brien',NULL),\n(3,NULL,''),\n");
            text.extend_from_slice(b"(4,'','\xFB\xFE'),\n");
            text.extend_from_slice(format!("(5,'{x}','{y}'),\n").as_bytes());
            text.extend_from_slice(b"(6,'last; of all',NULL);\n");
            text.extend_from_slice(b"INSERT INTO `z_numbers` VALUES\n(0),\n(1),\n(2);\n");
        }
        Flavour::MySql => {
            text.extend_from_slice(
                "INSERT INTO `a_people` VALUES (1,'山田 太郎',_binary '".as_bytes(),
            );
            text.extend_from_slice(b"\\0\xFF\\n\\'\\\\'),(2,'O\\'Brien',NULL),(3,NULL,''),");
            text.extend_from_slice(b"(4,'',_binary '\xFB\xFE'),");
            text.extend_from_slice(format!("(5,'{x}',_binary '{y}'),").as_bytes());
            text.extend_from_slice(b"(6,'last; of all',NULL);\n");
            text.extend_from_slice(b"INSERT INTO `z_numbers` VALUES (0),(1),(2);\n");
        }
    }
    text
}
