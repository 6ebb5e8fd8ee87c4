//! One server of each release per test binary.

use tokio::sync::OnceCell;

use super::{DatabaseServer, Release};

type Shared = OnceCell<Option<DatabaseServer>>;

static MARIADB: Shared = OnceCell::const_new();
static MARIADB11: Shared = OnceCell::const_new();
static MYSQL: Shared = OnceCell::const_new();
static MYSQL80: Shared = OnceCell::const_new();
static MYSQL84: Shared = OnceCell::const_new();

/// The server of this release that all tests of this process share; started by
/// the first to ask, ended with the process. Use
/// [`DatabaseServer::create_database`] in it. `None`, with a line on stderr, where
/// it was not brought.
///
/// # Panics
///
/// When the server does not start, and as [`ServerBuilder::start`].
///
/// [`ServerBuilder::start`]: super::ServerBuilder::start
pub async fn shared(release: Release) -> Option<&'static DatabaseServer> {
    let server = match release {
        Release::MariaDb => &MARIADB,
        Release::MariaDb11 => &MARIADB11,
        Release::MySql => &MYSQL,
        Release::MySql80 => &MYSQL80,
        Release::MySql84 => &MYSQL84,
    };
    server
        .get_or_init(async || {
            DatabaseServer::builder(release)
                .start()
                .await
                .unwrap_or_else(|error| panic!("the shared {release} server: {error:#}"))
        })
        .await
        .as_ref()
}

/// The installed MariaDB, see [`shared()`].
///
/// # Panics
///
/// As [`shared()`].
pub async fn shared_mariadb() -> Option<&'static DatabaseServer> {
    shared(Release::MariaDb).await
}

/// MariaDB 11.8, see [`shared()`].
///
/// # Panics
///
/// As [`shared()`].
pub async fn shared_mariadb11() -> Option<&'static DatabaseServer> {
    shared(Release::MariaDb11).await
}

/// MySQL 9.7, see [`shared()`].
///
/// # Panics
///
/// As [`shared()`].
pub async fn shared_mysql() -> Option<&'static DatabaseServer> {
    shared(Release::MySql).await
}

/// MySQL 8.0, see [`shared()`]. Not in continuous integration.
///
/// # Panics
///
/// As [`shared()`].
pub async fn shared_mysql80() -> Option<&'static DatabaseServer> {
    shared(Release::MySql80).await
}

/// MySQL 8.4, see [`shared()`]. Not in continuous integration.
///
/// # Panics
///
/// As [`shared()`].
pub async fn shared_mysql84() -> Option<&'static DatabaseServer> {
    shared(Release::MySql84).await
}
