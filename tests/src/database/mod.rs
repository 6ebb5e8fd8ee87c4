//! Private database servers for the tests, the demo and the bench.
//!
//! A [`DatabaseServer`] is a real MariaDB or MySQL, of one of the versions that
//! [`Release`] lists, on a temporary data directory and a free port of 127.0.0.1. It
//! never outlives the process that started it, not even after SIGKILL: see `guard`.
//!
//! ```no_run
//! # async fn example() -> anyhow::Result<()> {
//! use e2e::database::DatabaseServer;
//!
//! let Some(server) = DatabaseServer::mysql().await? else { return Ok(()) };
//! server.run_sql("CREATE DATABASE d; CREATE TABLE d.t (a INT); INSERT INTO d.t VALUES (1)").await?;
//! let dump = server.dump(&["--compact", "d"]).await?;
//! assert!(dump.success());
//! # Ok(())
//! # }
//! ```

mod client;
mod guard;
mod programs;
mod shared;
mod start;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::Result;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, OptsBuilder};

pub use self::client::DumpOutput;
pub use self::programs::{Flavour, Release};
pub use self::shared::{
    shared, shared_mariadb, shared_mariadb11, shared_mysql, shared_mysql80, shared_mysql84,
};
pub use self::start::ServerBuilder;

use self::guard::Guard;
use self::programs::Programs;

/// A running private server. Dropping it kills the server, removes its data
/// directory and blocks for that moment (tens of milliseconds).
///
/// Tied to no async runtime: it may be made in one test and used in another.
#[derive(Debug)]
pub struct DatabaseServer {
    release: Release,
    programs: Programs,
    port: u16,
    socket: PathBuf,
    guard: Guard,
    databases: AtomicU32,
}

impl DatabaseServer {
    /// Starts a MariaDB server with the defaults of [`ServerBuilder`].
    ///
    /// `None`, with a line on stderr, where MariaDB is not installed.
    ///
    /// # Errors
    ///
    /// As [`ServerBuilder::start`].
    ///
    /// # Panics
    ///
    /// Where MariaDB is not installed and the environment has `CI=true`: there a
    /// skipped test would pass for a tested one.
    pub async fn mariadb() -> Result<Option<Self>> {
        Self::builder(Flavour::MariaDb).start().await
    }

    /// Starts a MySQL server with the defaults of [`ServerBuilder`].
    ///
    /// `None`, with a line on stderr, where `tests/setup/mysql.sh` has not
    /// brought MySQL.
    ///
    /// # Errors
    ///
    /// As [`ServerBuilder::start`].
    ///
    /// # Panics
    ///
    /// As [`DatabaseServer::mariadb`].
    pub async fn mysql() -> Result<Option<Self>> {
        Self::builder(Flavour::MySql).start().await
    }

    /// A server of any [`Release`] with options of its own. A [`Flavour`] stands
    /// for the release that [`DatabaseServer::mariadb`] or
    /// [`DatabaseServer::mysql`] start.
    #[must_use]
    pub fn builder(release: impl Into<Release>) -> ServerBuilder {
        ServerBuilder::new(release.into())
    }

    /// Which of the two families this server belongs to.
    #[must_use]
    pub const fn flavour(&self) -> Flavour {
        self.release.flavour()
    }

    /// Which of the servers that tests can have this is.
    #[must_use]
    pub const fn release(&self) -> Release {
        self.release
    }

    /// The address, always `127.0.0.1`.
    #[must_use]
    pub const fn host(&self) -> &'static str {
        "127.0.0.1"
    }

    /// The TCP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The unix socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// The process id of the server, for tests that take it away.
    #[must_use]
    pub const fn pid(&self) -> u32 {
        self.guard.process_id()
    }

    /// What the server wrote to its error log so far.
    #[must_use]
    pub fn log(&self) -> String {
        self.guard.log()
    }

    /// Connection options of root, who has every privilege and no password.
    #[must_use]
    pub fn root_options(&self) -> OptsBuilder {
        OptsBuilder::default()
            .ip_or_hostname(self.host())
            .tcp_port(self.port)
            .prefer_socket(false)
            .user(Some("root"))
    }

    /// A new connection as root.
    ///
    /// # Errors
    ///
    /// When the server refuses it or has gone.
    pub async fn connect(&self) -> Result<Conn> {
        Ok(Conn::new(self.root_options()).await?)
    }

    /// Creates an empty utf8mb4 database whose name starts with `prefix` and is
    /// used by no one else on this server.
    ///
    /// # Errors
    ///
    /// When the server refuses it.
    pub async fn create_database(&self, prefix: &str) -> Result<String> {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("{prefix}_{number}");
        let mut conn = self.connect().await?;
        conn.query_drop(format!(
            "CREATE DATABASE `{}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
            name.replace('`', "``")
        ))
        .await?;
        conn.disconnect().await?;
        Ok(name)
    }

    /// Creates the user `name`@`%` with a password, and grants. Each grant is
    /// the middle of a GRANT statement: ``SELECT, TRIGGER ON `db`.*``.
    ///
    /// # Errors
    ///
    /// When the server refuses one of the statements.
    pub async fn create_user(&self, name: &str, password: &str, grants: &[&str]) -> Result<()> {
        let password = password.replace('\\', "\\\\").replace('\'', "\\'");
        let mut conn = self.connect().await?;
        conn.query_drop(format!(
            "CREATE USER `{name}`@`%` IDENTIFIED BY '{password}'"
        ))
        .await?;
        for grant in grants {
            conn.query_drop(format!("GRANT {grant} TO `{name}`@`%`"))
                .await?;
        }
        conn.disconnect().await?;
        Ok(())
    }
}
