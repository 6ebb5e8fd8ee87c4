//! A fault in the place of the answer to each query in turn.

use datatransit_dump::ErrorKind;
use e2e::database::Flavour;
use e2e::scripted::{Fault, World};

use crate::bench::{Bench, COMPLETED, FLAVOURS, options};

/// Two ways to one instant, and so two sequences of queries.
const OPTION_SETS: [&[&str]; 2] = [
    &["single-transaction", "routines", "events", "skip-dump-date"],
    &["skip-dump-date", "order-by-primary"],
];

/// A dump is whole and its bytes are right, or it failed and looks like no dump. The server
/// may refuse some queries without harm (a look at the grants), but no connection may break
/// unnoticed.
#[tokio::test]
async fn a_fault_at_any_query_leaves_a_whole_dump_or_an_error() {
    for (flavour, names) in FLAVOURS
        .into_iter()
        .zip(OPTION_SETS)
        .chain(FLAVOURS.into_iter().rev().zip(OPTION_SETS))
    {
        check(flavour, names).await;
    }
}

async fn check(flavour: Flavour, names: &[&str]) {
    let new = || async {
        let mut bench = Bench::new(World::small(flavour)).await;
        bench.options = options(names);
        bench
    };
    let (whole, queries) = {
        let bench = new().await;
        let whole = bench.run().await.whole("without a fault");
        bench.assert_clean("without a fault").await;
        (whole, bench.server.queries())
    };
    assert!(queries.len() > 20, "{queries:#?}");
    let faults = [
        Fault::error(1317, "Query execution was interrupted"),
        Fault::Reset,
        Fault::Close,
        Fault::WrongSequence,
        Fault::TruncatedPacket,
    ];
    for (index, query) in queries.iter().enumerate() {
        for fault in &faults {
            let context = format!("{flavour}: {fault:?} at {query}");
            let bench = new().await;
            bench.server.fault_at_query(index, fault.clone());
            let ran = bench.run().await;
            match &ran.outcome {
                Ok(_) => {
                    assert!(matches!(fault, Fault::Error { .. }), "{context}");
                    assert_eq!(ran.text, whole, "{context}");
                }
                Err(error) => {
                    assert!(!ran.text().contains(COMPLETED), "{context}: {error}");
                    assert_ne!(error.kind(), ErrorKind::Internal, "{context}: {error}");
                }
            }
            bench.assert_clean(&context).await;
        }
    }
}
