//! What a server and its client can do, asked at run time: a newer one brings more.

use std::collections::{BTreeMap, BTreeSet};

use e2e::database::{DatabaseServer, Flavour};
use mysql_async::Row;
use mysql_async::prelude::Queryable as _;

/// A server with its character sets, and its client with its options.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) server: &'static DatabaseServer,
    pub(crate) charsets: Vec<Charset>,
    /// The storage engines that can be used.
    pub(crate) engines: BTreeSet<String>,
    /// The long names that the real client's `--help` lists.
    pub(crate) client_options: BTreeSet<String>,
}

/// A character set and its collations, the simple sets first.
#[derive(Debug)]
pub(crate) struct Charset {
    pub(crate) name: String,
    pub(crate) max_bytes: u8,
    pub(crate) collations: Vec<String>,
}

impl World {
    pub(crate) async fn of(server: &'static DatabaseServer) -> Self {
        let mut conn = server.connect().await.expect("a connection");
        let rows: Vec<Row> = conn.query("SHOW COLLATION").await.expect("collations");
        let mut collations: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for row in rows {
            // MariaDB lists collations of several sets without a set; they are usable by
            // their full name only, which belongs to no list of its own.
            let charset: Option<String> = row.get(1).expect("a character set");
            if let Some(charset) = charset {
                collations
                    .entry(charset)
                    .or_default()
                    .push(row.get(0).expect("a name"));
            }
        }
        let rows: Vec<Row> = conn.query("SHOW CHARACTER SET").await.expect("sets");
        let mut charsets: Vec<Charset> = rows
            .iter()
            .map(|row| {
                let name: String = row.get(0).expect("a name");
                let preferred: String = row.get(2).expect("a collation");
                let mut collations = collations.remove(&name).unwrap_or_default();
                collations.sort_by_key(|collation| *collation != preferred);
                Charset {
                    max_bytes: row.get(3).expect("a width"),
                    name,
                    collations,
                }
            })
            .collect();
        charsets.sort_by_key(|charset| (charset.name != "utf8mb4", charset.name.clone()));
        // MariaDB brings some engines as plugins; where they are missing, so are their tables.
        for plugin in ["ha_archive", "ha_blackhole"] {
            let _ = conn.query_drop(format!("INSTALL SONAME '{plugin}'")).await;
        }
        let rows: Vec<Row> = conn.query("SHOW ENGINES").await.expect("engines");
        let engines = rows
            .iter()
            .filter(|row| {
                let support: String = row.get(1).expect("support");
                support != "NO"
            })
            .map(|row| row.get::<String, _>(0).expect("a name").to_lowercase())
            .collect();
        for statement in [
            "CREATE USER IF NOT EXISTS `we``ird TRIGGER EVENT`@`%`",
            "GRANT ALL PRIVILEGES ON *.* TO `we``ird TRIGGER EVENT`@`%`",
        ] {
            conn.query_drop(statement).await.expect("a user");
        }
        conn.disconnect().await.expect("an orderly end");
        Self {
            server,
            charsets,
            engines,
            client_options: client_options(server).await,
        }
    }

    pub(crate) fn flavour(&self) -> Flavour {
        self.server.flavour()
    }

    pub(crate) fn is_mariadb(&self) -> bool {
        self.flavour() == Flavour::MariaDb
    }
}

/// The options in the table at the end of `--help`.
async fn client_options(server: &DatabaseServer) -> BTreeSet<String> {
    let help = server.dump(&["--help"]).await.expect("the client runs");
    let text = String::from_utf8_lossy(&help.stdout).into_owned();
    let (_, table) = text
        .rsplit_once("\n---------")
        .expect("a table of variables");
    let mut names: BTreeSet<String> = table
        .lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    // What takes no value of its own is described above the table only.
    for name in ["opt", "skip-opt", "ignore-table", "set-gtid-purged"] {
        if text.contains(&format!("--{name}")) {
            names.insert(name.to_owned());
        }
    }
    assert!(names.contains("hex-blob"), "{text}");
    names
}
