//! What a dump does when the world moves under it: writes, DDL, cancellation, a silent server.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use datatransit_dump::testing::MemorySink;
use datatransit_dump::{
    Compression, ConnectOptions, Dump, DumpBuilder, DumpOptions, ErrorKind, Selection, Sink,
    SinkError, SnapshotKind,
};
use e2e::database::{DatabaseServer, Flavour, shared_mariadb, shared_mysql};
use mysql_async::prelude::Queryable;
use secrecy::SecretString;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A table of about 40 MB: more than the pipeline holds at [`SMALL_MEMORY`].
const BIG_TABLE: &str = "
    CREATE TABLE a_big (id INT PRIMARY KEY AUTO_INCREMENT, v VARCHAR(1000));
    INSERT INTO a_big (v) WITH RECURSIVE n AS
      (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT REPEAT(CHAR(97 + i % 26), 1000) FROM n;
    INSERT INTO a_big (v) SELECT v FROM a_big; INSERT INTO a_big (v) SELECT v FROM a_big;
    INSERT INTO a_big (v) SELECT v FROM a_big; INSERT INTO a_big (v) SELECT v FROM a_big;
    INSERT INTO a_big (v) SELECT v FROM a_big;
    CREATE TABLE z_later (id INT PRIMARY KEY, v INT);
    INSERT INTO z_later VALUES (1, 1), (2, 2);";

const SMALL_MEMORY: u64 = 8 << 20;

async fn both_servers() -> Vec<&'static DatabaseServer> {
    [shared_mariadb().await, shared_mysql().await]
        .into_iter()
        .flatten()
        .collect()
}

async fn database(server: &DatabaseServer, prefix: &str, script: &str) -> String {
    let name = server.create_database(prefix).await.expect("a database");
    server
        .run_sql(&format!("USE `{name}`;\n{script}"))
        .await
        .expect("the script runs");
    name
}

fn as_user(server: &DatabaseServer, user: &str, password: &str) -> ConnectOptions {
    ConnectOptions::new(
        server.host(),
        server.port(),
        user,
        SecretString::from(password),
    )
}

fn options(names: &[&str]) -> DumpOptions {
    let mut options = DumpOptions::default();
    for name in names {
        options.apply(name, None).expect("an option");
    }
    options
}

fn snapshot_of(server: &DatabaseServer, database: &str) -> DumpBuilder {
    Dump::builder(as_user(server, "root", ""), Selection::database(database))
        .options(options(&["single-transaction"]))
}

/// Stops at the first block until it is told to go on.
struct PausingSink {
    reached: Arc<Notify>,
    resume: Arc<Notify>,
    paused: bool,
}

impl Sink for PausingSink {
    async fn write(&mut self, _block: Bytes) -> Result<(), SinkError> {
        if !self.paused {
            self.paused = true;
            self.reached.notify_one();
            self.resume.notified().await;
        }
        Ok(())
    }
}

/// Does both; a dump that ends early does not wait for what was to happen during it.
async fn alongside<T>(dump: impl Future<Output = T>, event: impl Future<Output = ()>) -> T {
    tokio::pin!(dump, event);
    tokio::select! {
        result = &mut dump => result,
        () = &mut event => dump.await,
    }
}

/// Dumps `database`; runs `statement` once the first block has come and reading stands still.
async fn dump_while(server: &DatabaseServer, database: &str, statement: &str) -> ErrorKind {
    let (reached, resume) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut sink = PausingSink {
        reached: Arc::clone(&reached),
        resume: Arc::clone(&resume),
        paused: false,
    };
    let dump = snapshot_of(server, database)
        .threads(1)
        .memory_bytes(SMALL_MEMORY)
        .build()
        .expect("fit options");
    let change = async {
        reached.notified().await;
        server
            .run_sql(&format!("USE `{database}`; {statement}"))
            .await
            .expect("the DDL runs");
        resume.notify_one();
    };
    let result = alongside(dump.run(&mut sink), change).await;
    result
        .expect_err("a dump that the DDL made inconsistent")
        .kind()
}

#[tokio::test]
async fn a_table_that_changes_before_its_turn_ends_the_dump() {
    for server in both_servers().await {
        for statement in [
            "ALTER TABLE z_later ADD COLUMN w INT NOT NULL DEFAULT 3 FIRST",
            "TRUNCATE TABLE z_later",
            "RENAME TABLE z_later TO z_gone",
            "DROP TABLE z_later; CREATE TABLE z_later (id INT PRIMARY KEY, v INT)",
        ] {
            let database = database(server, "ddl", BIG_TABLE).await;
            let kind = dump_while(server, &database, statement).await;
            assert_eq!(
                kind,
                ErrorKind::SchemaChanged,
                "{statement} on {:?}",
                server.flavour()
            );
        }
    }
}

#[tokio::test]
async fn a_snapshot_is_one_instant_under_writes() {
    for server in both_servers().await {
        let script = "CREATE TABLE left_side (id INT PRIMARY KEY, amount INT); \
                      CREATE TABLE right_side (id INT PRIMARY KEY, amount INT); \
                      INSERT INTO left_side VALUES (1, 5000); INSERT INTO right_side VALUES (1, 5000);";
        let database = database(server, "invariant", script).await;
        let stop = CancellationToken::new();
        let writing = tokio::spawn({
            let (stop, database) = (stop.clone(), database.clone());
            let mut connection = server.connect().await.unwrap();
            async move {
                connection
                    .query_drop(format!("USE `{database}`"))
                    .await
                    .unwrap();
                let mut transfers = 0_u32;
                while !stop.is_cancelled() {
                    let amount = 1 + transfers % 7;
                    for statement in [
                        "BEGIN".to_owned(),
                        format!("UPDATE left_side SET amount = amount - {amount}"),
                        format!("UPDATE right_side SET amount = amount + {amount}"),
                        "COMMIT".to_owned(),
                    ] {
                        connection.query_drop(statement).await.unwrap();
                    }
                    transfers += 1;
                }
                transfers
            }
        });
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..30 {
            let mut sink = MemorySink::new();
            let report = snapshot_of(server, &database)
                .build()
                .unwrap()
                .run(&mut sink)
                .await
                .unwrap();
            assert_eq!(report.snapshot.kind, SnapshotKind::ConsistentSnapshot);
            let text = String::from_utf8(sink.bytes().to_vec()).unwrap();
            let amounts: Vec<i64> = text
                .split("(1,")
                .skip(1)
                .map(|rest| rest[..rest.find(')').unwrap()].parse().unwrap())
                .collect();
            assert_eq!(amounts.len(), 2, "{text}");
            assert_eq!(amounts.iter().sum::<i64>(), 10_000);
            seen.insert(amounts[0]);
        }
        stop.cancel();
        assert!(writing.await.unwrap() > 0);
        assert!(seen.len() > 1, "the writer wrote between the dumps");
    }
}

/// Connections that are reading a table.
async fn readers(server: &DatabaseServer, database: &str) -> usize {
    let mut connection = server.connect().await.expect("a connection");
    let rows: Vec<String> = connection
        .query(format!(
            "SELECT COALESCE(INFO, '') FROM INFORMATION_SCHEMA.PROCESSLIST \
             WHERE DB = '{database}' AND ID <> CONNECTION_ID()"
        ))
        .await
        .expect("the process list");
    connection.disconnect().await.expect("a good-bye");
    rows.len()
}

async fn until_no_reader(server: &DatabaseServer, database: &str) {
    let gone = async {
        while readers(server, database).await > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone)
        .await
        .expect("the server frees the reader");
}

#[tokio::test]
async fn cancelling_kills_the_reading_connection() {
    for server in both_servers().await {
        let database = database(server, "cancel", BIG_TABLE).await;
        let token = CancellationToken::new();
        let reached = Arc::new(Notify::new());
        let mut sink = PausingSink {
            reached: Arc::clone(&reached),
            resume: Arc::new(Notify::new()),
            paused: false,
        };
        let dump = snapshot_of(server, &database)
            .threads(1)
            .memory_bytes(SMALL_MEMORY)
            .cancellation(token.clone())
            .build()
            .unwrap();
        let cancel = async {
            reached.notified().await;
            assert!(readers(server, &database).await > 0, "the dump reads");
            token.cancel();
        };
        let result = alongside(dump.run(&mut sink), cancel).await;
        assert_eq!(result.unwrap_err().kind(), ErrorKind::Cancelled);
        until_no_reader(server, &database).await;
    }
}

#[tokio::test]
async fn dropping_the_future_kills_the_reading_connection_too() {
    for server in both_servers().await {
        let database = database(server, "drop", BIG_TABLE).await;
        let reached = Arc::new(Notify::new());
        let mut sink = PausingSink {
            reached: Arc::clone(&reached),
            resume: Arc::new(Notify::new()),
            paused: false,
        };
        let dump = snapshot_of(server, &database)
            .threads(1)
            .memory_bytes(SMALL_MEMORY)
            .build()
            .unwrap();
        tokio::select! {
            result = dump.run(&mut sink) => panic!("it should still run: {result:?}"),
            () = reached.notified() => {}
        }
        until_no_reader(server, &database).await;
    }
}

#[tokio::test]
async fn a_server_that_falls_silent_is_noticed() {
    let Some(server) = DatabaseServer::builder(Flavour::MariaDb)
        .start()
        .await
        .unwrap()
    else {
        return;
    };
    let database = database(&server, "stall", BIG_TABLE).await;
    let (reached, resume) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut sink = PausingSink {
        reached: Arc::clone(&reached),
        resume: Arc::clone(&resume),
        paused: false,
    };
    let connect = as_user(&server, "root", "").with_read_timeout(Duration::from_secs(2));
    let dump = Dump::builder(connect, Selection::database(database.as_str()))
        .options(options(&["single-transaction"]))
        .threads(1)
        .memory_bytes(SMALL_MEMORY)
        .build()
        .unwrap();
    let signal = |name: &str| {
        let status = std::process::Command::new("kill")
            .args([name, &server.pid().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    };
    let freeze = async {
        reached.notified().await;
        signal("-STOP");
        resume.notify_one();
    };
    let result = alongside(dump.run(&mut sink), freeze).await;
    signal("-CONT");
    assert_eq!(result.unwrap_err().kind(), ErrorKind::Stalled);
}

#[tokio::test]
async fn a_slow_sink_is_not_taken_for_a_silent_server() {
    for server in both_servers().await {
        let database = database(server, "slow", BIG_TABLE).await;
        let (reached, resume) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let mut sink = PausingSink {
            reached: Arc::clone(&reached),
            resume: Arc::clone(&resume),
            paused: false,
        };
        let connect = as_user(server, "root", "").with_read_timeout(Duration::from_secs(2));
        let dump = Dump::builder(connect, Selection::database(database.as_str()))
            .threads(1)
            .memory_bytes(SMALL_MEMORY)
            .build()
            .unwrap();
        let pause = async {
            reached.notified().await;
            tokio::time::sleep(Duration::from_secs(5)).await;
            resume.notify_one();
        };
        let result = alongside(dump.run(&mut sink), pause).await;
        assert_eq!(result.unwrap().rows, 32_002);
    }
}

#[tokio::test]
async fn the_sinks_own_error_ends_the_dump() {
    for server in both_servers().await {
        let database = database(server, "sink", BIG_TABLE).await;
        let mut sink = MemorySink::failing_at(3 << 20);
        let error = snapshot_of(server, &database)
            .build()
            .unwrap()
            .run(&mut sink)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Sink);
        until_no_reader(server, &database).await;
    }
}

#[tokio::test]
async fn required_tables_are_checked_before_the_first_byte() {
    for server in both_servers().await {
        let script = "CREATE TABLE full_one (id INT PRIMARY KEY); INSERT INTO full_one VALUES (1); \
                      CREATE TABLE empty_one (id INT PRIMARY KEY);";
        let database = database(server, "required", script).await;
        let mut sink = MemorySink::new();
        let error = snapshot_of(server, &database)
            .required_tables(["full_one", "empty_one", "absent"])
            .build()
            .unwrap()
            .run(&mut sink)
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "required tables: missing absent; without a row empty_one"
        );
        assert_eq!(sink.bytes(), b"");
        let qualified = format!("{database}.full_one");
        let dump = snapshot_of(server, &database)
            .required_tables([qualified])
            .build()
            .unwrap();
        dump.run(&mut sink).await.unwrap();
    }
}

#[tokio::test]
async fn the_newest_row_is_found_on_the_way() {
    for server in both_servers().await {
        let script = "SET time_zone = '+09:00'; \
            CREATE TABLE instants (id INT PRIMARY KEY, updated_at TIMESTAMP NULL); \
            INSERT INTO instants VALUES (1, '2026-11-23 05:00:00'), (2, NULL), (3, '2026-11-22 05:00:00'); \
            CREATE TABLE locals (id INT PRIMARY KEY, updated_at DATETIME); \
            INSERT INTO locals VALUES (1, '2026-11-23 04:00:00'); \
            CREATE TABLE words (id INT PRIMARY KEY, updated_at VARCHAR(30)); \
            INSERT INTO words VALUES (1, 'yesterday'); \
            CREATE TABLE bare (id INT PRIMARY KEY);";
        let database = database(server, "fresh", script).await;
        let dump = snapshot_of(server, &database)
            .freshness_column("updated_at")
            .build()
            .unwrap();
        let report = dump.run(&mut MemorySink::new()).await.unwrap();
        let newest: Vec<_> = report
            .tables
            .iter()
            .map(|table| {
                let max = table.max_updated_at.as_ref()?;
                Some((
                    table.name.as_str(),
                    max.zoned("Asia/Tokyo", "Asia/Tokyo")?.text,
                ))
            })
            .collect();
        assert_eq!(
            newest,
            [
                None,
                Some(("instants", "2026-11-23T05:00:00+09:00".to_owned())),
                Some(("locals", "2026-11-23T04:00:00+09:00".to_owned())),
                None,
            ]
        );
    }
}

#[tokio::test]
async fn few_privileges_are_enough_and_a_missing_one_is_named() {
    for server in both_servers().await {
        let script = "CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1); \
                      CREATE VIEW v AS SELECT id FROM t; \
                      CREATE TRIGGER tt BEFORE INSERT ON t FOR EACH ROW SET @x = 1; \
                      CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1; \
                      CREATE PROCEDURE p() SELECT 1;";
        let database = database(server, "rights", script).await;
        let user = format!("reader_{database}");
        let grant = format!("SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON `{database}`.*");
        server
            .create_user(&user, "pass word", &[&grant])
            .await
            .unwrap();
        let dump = |options: DumpOptions, password: &str| {
            Dump::builder(
                as_user(server, &user, password),
                Selection::database(database.as_str()),
            )
            .options(options)
            .build()
            .unwrap()
        };

        // The shape that works everywhere, RDS and Aurora included.
        let mut production =
            options(&["single-transaction", "triggers", "events", "no-tablespaces"]);
        production.apply("set-gtid-purged", Some("OFF")).unwrap();
        let report = dump(production.clone(), "pass word")
            .run(&mut MemorySink::new())
            .await
            .unwrap();
        assert_eq!(report.rows, 1);

        // A routine that is listed, but whose body is hidden, is no reason to go on without it.
        let mut root = server.connect().await.unwrap();
        root.query_drop(format!("GRANT EXECUTE ON `{database}`.* TO `{user}`@`%`"))
            .await
            .unwrap();
        root.disconnect().await.unwrap();
        production.apply("routines", None).unwrap();
        let error = dump(production, "pass word")
            .run(&mut MemorySink::new())
            .await;
        let error = error.expect_err("EXECUTE is not enough");
        assert_eq!(error.kind(), ErrorKind::AccessDenied, "{error}");
        assert!(error.to_string().contains("SHOW_ROUTINE"), "{error}");

        let error = dump(DumpOptions::default(), "canary-wrong")
            .run(&mut MemorySink::new())
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AccessDenied);
        assert!(!format!("{error} {error:?}").contains("canary-wrong"));
    }
}

#[tokio::test]
async fn what_does_not_exist_is_named() {
    for server in both_servers().await {
        let error = snapshot_of(server, "no_such")
            .build()
            .unwrap()
            .run(&mut MemorySink::new())
            .await;
        let error = error.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
        assert!(error.to_string().contains("no_such"), "{error}");
    }
}

#[tokio::test]
async fn every_codec_stores_the_same_text() {
    use tokio::io::AsyncReadExt as _;

    let Some(server) = shared_mariadb().await else {
        return;
    };
    let database = database(server, "codecs", BIG_TABLE).await;
    let mut digests = std::collections::BTreeSet::new();
    for compression in [
        Compression::None,
        Compression::GZIP,
        Compression::GZIP_SINGLE,
        Compression::ZSTD,
    ] {
        let mut sink = MemorySink::new();
        let dump = snapshot_of(server, &database)
            .options(options(&["single-transaction", "skip-dump-date"]))
            .compression(compression)
            .build()
            .unwrap();
        let report = dump.run(&mut sink).await.unwrap();
        assert_eq!(report.stored_bytes, sink.bytes().len() as u64);
        let mut text = Vec::new();
        datatransit_dump::decompressed(sink.bytes())
            .await
            .unwrap()
            .read_to_end(&mut text)
            .await
            .unwrap();
        assert_eq!(report.uncompressed_bytes, text.len() as u64);
        assert_eq!(report.uncompressed_sha256, sha256(&text));
        assert_eq!(report.stored_sha256, sha256(sink.bytes()));
        digests.insert(report.uncompressed_sha256);

        let inserts: Vec<u8> = text
            .split_inclusive(|&byte| byte == b'\n')
            .skip_while(|line| !line.starts_with(b"INSERT INTO `a_big`"))
            .take_while(|line| !line.starts_with(b"/*!40000"))
            .flatten()
            .copied()
            .collect();
        assert_eq!(report.tables[0].bytes, inserts.len() as u64);
        assert_eq!(report.tables[0].sha256, sha256(&inserts));
    }
    assert_eq!(digests.len(), 1);
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::Digest as _;

    sha2::Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
