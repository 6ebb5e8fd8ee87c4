//! Guards on the source: refused before any socket opens.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::net::TcpListener;

use crate::bench::Bench;

/// A server that only counts who comes.
async fn counter() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    (port, count)
}

#[tokio::test]
async fn a_forbidden_source_is_never_dialled() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let (port, count) = counter().await;
    let mut secret = bench.secret();
    secret["port"] = json!(port);
    bench.put_secret(&secret);
    let forbidden = format!("{}*", &bench.database[..4]);
    for arguments in [
        ["--deny-host", "127.*"],
        ["--deny-host", "*-primary*,127.0.0.?"],
        ["--allow-host", "*.cluster-ro-*"],
        ["--deny-database", forbidden.as_str()],
        ["--allow-database", "other"],
    ] {
        let summary = bench.run(&arguments).await.assert_failure(4);
        assert_eq!(summary["stage"], "target rules", "{arguments:?}");
        let reason = summary["reason"].as_str().unwrap();
        assert!(reason.contains("pattern"), "{reason}");
    }
    assert_eq!(count.load(Ordering::SeqCst), 0);
    assert_eq!(bench.aws.s3().calls().len(), 0);
    // The counter counts: an allowed source is dialled.
    bench
        .run(&["--allow-host", "127.*", "--connect-timeout", "1s"])
        .await
        .assert_failure(4);
    assert!(count.load(Ordering::SeqCst) > 0);
}

#[tokio::test]
async fn deny_wins_over_allow() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let arguments = ["--allow-host", "127.0.0.1", "--deny-host", "127.0.0.1"];
    let summary = bench.run(&arguments).await.assert_failure(4);
    assert!(
        summary["reason"].as_str().unwrap().contains("denied"),
        "{summary}"
    );
}
