//! The demo database: alike on both servers, the same from the same seed, and a
//! hard nut for a dump.

use anyhow::Result;
use e2e::database::{DatabaseServer, Flavour, shared_mariadb, shared_mysql};
use e2e::sharehouse::{LoadOptions, dump_grants, load};
use jiff::Timestamp;
use mysql_async::prelude::Queryable as _;

const NOW: i64 = 1_764_000_000;

fn options(database: &str, rows: u64, seed: u64) -> Result<LoadOptions> {
    let mut options = LoadOptions::default();
    options.database = database.to_owned();
    options.rows = rows;
    options.seed = seed;
    options.now = Timestamp::from_second(NOW)?;
    Ok(options)
}

async fn servers() -> Vec<&'static DatabaseServer> {
    [shared_mariadb().await, shared_mysql().await]
        .into_iter()
        .flatten()
        .collect()
}

#[tokio::test]
async fn it_has_the_rows_and_objects_it_promises() {
    for server in servers().await {
        let summary = load(server, &options("promised", 5_000, 1).unwrap())
            .await
            .unwrap();
        assert!((5_000..6_000).contains(&summary.rows), "{summary:?}");
        let mut conn = server.connect().await.unwrap();
        for (kind, count) in [
            (
                "tables WHERE table_schema = 'promised' AND table_type = 'BASE TABLE'",
                21_u64,
            ),
            ("views WHERE table_schema = 'promised'", 3),
            ("triggers WHERE trigger_schema = 'promised'", 2),
            ("routines WHERE routine_schema = 'promised'", 2),
            ("events WHERE event_schema = 'promised'", 1),
        ] {
            let query = format!("SELECT COUNT(*) FROM information_schema.{kind}");
            assert_eq!(
                conn.query_first(query).await.unwrap(),
                Some(count),
                "{kind}"
            );
        }
        for (table, rows) in &summary.tables {
            let found: Option<u64> = conn
                .query_first(format!("SELECT COUNT(*) FROM promised.{table}"))
                .await
                .unwrap();
            assert_eq!(found, Some(*rows), "{table}");
        }
        // 2025-11-25T01:00:00+09:00, less five minutes.
        for table in ["tenants", "movings", "rooms", "contracts", "inquiries"] {
            let newest = format!("SELECT CAST(MAX(updated_at) AS CHAR) FROM promised.{table}");
            let newest: Option<String> = conn.query_first(newest).await.unwrap();
            assert_eq!(newest.as_deref(), Some("2025-11-25 00:55:00"), "{table}");
        }
        let percentage = conn
            .query_first("SELECT MAX(percentage) FROM promised.`area_稼働率`")
            .await;
        assert!(percentage.unwrap().is_some_and(|most: f64| most > 10.0));
        conn.disconnect().await.unwrap();
    }
}

#[tokio::test]
async fn the_same_seed_gives_the_same_rows() {
    let Some(server) = shared_mariadb().await else {
        return;
    };
    let mut checksums = Vec::new();
    for (database, seed) in [("seed_a", 7), ("seed_b", 7), ("seed_c", 8)] {
        load(server, &options(database, 2_000, seed).unwrap())
            .await
            .unwrap();
        checksums.push(server.checksum_tables(database).await.unwrap());
    }
    assert_eq!(checksums[0], checksums[1]);
    assert_ne!(checksums[0]["tenants"], checksums[2]["tenants"]);
}

#[tokio::test]
async fn the_real_tool_dumps_and_restores_it_with_the_documented_grants() {
    for server in servers().await {
        load(server, &options("original", 3_000, 1).unwrap())
            .await
            .unwrap();
        let grants = dump_grants(server, "original");
        let grants: Vec<&str> = grants.iter().map(String::as_str).collect();
        server.create_user("backup", "pw", &grants).await.unwrap();
        let mut arguments = vec![
            "--single-transaction",
            "--routines",
            "--events",
            "-ubackup",
            "-ppw",
            "original",
        ];
        if server.flavour() == Flavour::MySql {
            // GTIDs are on by default there, and their position takes a global lock.
            arguments.insert(0, "--set-gtid-purged=OFF");
        }
        let dump = server.dump(&arguments).await.unwrap();
        assert!(dump.success(), "{}", dump.stderr);
        let complaints: Vec<&str> = dump
            .stderr
            .lines()
            .filter(|line| !line.contains("Using a password"))
            .collect();
        assert_eq!(complaints, Vec::<&str>::new());
        let text = String::from_utf8_lossy(&dump.stdout);
        for part in [
            "FUNCTION `fiscal_year`",
            "PROCEDURE `monthly_sales`",
            "EVENT `purge_lost_inquiries`",
        ] {
            assert!(text.contains(part), "{part}");
        }

        let copy = server.create_database("copy").await.unwrap();
        server
            .restore(Some(&copy), &mut dump.stdout.as_slice())
            .await
            .unwrap();
        let checksums = server.checksum_tables("original").await.unwrap();
        assert_eq!(checksums.len(), 21);
        assert!(checksums.values().all(Option::is_some));
        assert_eq!(checksums, server.checksum_tables(&copy).await.unwrap());
    }
}
