//! Dumps that end before their end.

use datatransit_dump::compare::{ReasonKind, Verdict};

use crate::world::{compare, gzip, servers, theirs, with_houses, zstd};

/// Wherever a dump with its comments is cut, in any codec, the report says so.
#[tokio::test]
async fn a_cut_is_seen_at_any_byte() {
    for server in servers().await {
        let database = with_houses(server).await;
        let whole = theirs(server, &["--routines", &database]).await;
        let members: Vec<&[u8]> = whole.chunks(50_000).collect();
        for stored in [
            whole.clone(),
            gzip([whole.as_slice()]),
            gzip(members),
            zstd(&whole).await,
        ] {
            for _ in 0..25 {
                let end = fastrand::usize(1..stored.len());
                // Without the first comment no last one is expected: it is in the first lines.
                if stored == whole && end < 100 {
                    continue;
                }
                let report = compare(&whole, &stored[..end]).await;
                assert_eq!(report.verdict, Verdict::Different, "at {end}");
                assert!(
                    !report.new.complete && report.old.complete,
                    "at {end}: {:?}",
                    report.reasons
                );
                assert_eq!(report.reasons[0].kind, ReasonKind::Truncated, "at {end}");
                // The other way round as well.
                let report = compare(&stored[..end], &whole).await;
                assert!(report.new.complete && !report.old.complete, "at {end}");
            }
        }
    }
}
