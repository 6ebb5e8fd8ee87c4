//! A server that sends nothing more.

use std::time::Duration;

use datatransit_dump::ErrorKind;
use e2e::database::Flavour;
use e2e::scripted::{Fault, World};

use crate::bench::{Bench, FLAVOURS, Ran};

/// Short for the tests' sake; where it is too short for the machine, it is doubled.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Dumps a server of which the rows of `table` come to an end, until one has come so far.
async fn stalled_amid(flavour: Flavour, table: &str, row: usize, fault: Fault) -> (Bench, Ran) {
    let mut timeout = TIMEOUT;
    loop {
        let mut bench = Bench::new(World::small(flavour)).await;
        bench.timeout = timeout;
        bench.server.fault_at_row(table, row, fault.clone());
        let ran = bench.run().await;
        let select = format!("FROM `{table}`");
        let queries = bench.server.queries();
        let begun = |query: &String| query.contains(&select) && query.contains("SQL_NO_CACHE");
        if queries.iter().any(begun) {
            return (bench, ran);
        }
        timeout *= 2;
        assert!(
            timeout < TIMEOUT * 100,
            "never came to {table}: {queries:#?}"
        );
    }
}

#[tokio::test]
async fn a_stall_amid_the_rows_is_an_error_that_names_the_table() {
    for flavour in FLAVOURS {
        for (table, row) in [("a_people", 4), ("z_numbers", 3)] {
            let context = format!("{flavour}: row {row} of {table}");
            let (bench, ran) = stalled_amid(flavour, table, row, Fault::Stall).await;
            ran.assert_failed(ErrorKind::Stalled, &format!("world.{table}"), &context);
            assert_eq!(bench.server.kills(), [1], "{context}");
            bench.assert_clean(&context).await;
        }
    }
}

/// A look at the grants may be done without; for the rest, silence is the end.
#[tokio::test]
async fn a_stall_at_any_query_is_an_error() {
    let queries = {
        let bench = Bench::new(World::small(FLAVOURS[1])).await;
        bench.run().await.whole("without a fault");
        bench.server.queries()
    };
    for (index, query) in queries.iter().enumerate() {
        let mut bench = Bench::new(World::small(FLAVOURS[1])).await;
        // Should it be too short for a busy machine, the end is the same.
        bench.timeout = TIMEOUT / 2;
        bench.server.fault_at_query(index, Fault::Stall);
        let error = bench.run().await.outcome.expect_err(query);
        let kinds = [ErrorKind::Stalled, ErrorKind::Connect];
        assert!(kinds.contains(&error.kind()), "{query}: {error}");
        bench.assert_clean(query).await;
    }
}

/// Not even the `KILL` is answered: the machine is gone, the network swallows everything.
#[tokio::test]
async fn a_server_that_vanishes_is_an_error_and_leaves_nothing_behind() {
    for flavour in FLAVOURS {
        let (bench, ran) = stalled_amid(flavour, "a_people", 4, Fault::Silence).await;
        ran.assert_failed(ErrorKind::Stalled, "world.a_people", "vanished");
        assert_eq!(bench.server.kills(), [0; 0]);
        bench.assert_clean("vanished").await;
    }
}

#[tokio::test]
async fn a_server_that_never_greets_is_an_error() {
    let mut bench = Bench::new(World::small(FLAVOURS[0])).await;
    bench.timeout = TIMEOUT;
    bench.server.fault_at_byte(0, Fault::Silence);
    let ran = bench.run().await;
    ran.assert_failed(ErrorKind::Connect, "connect to 127.0.0.1:", "no greeting");
    bench.assert_clean("no greeting").await;
}
