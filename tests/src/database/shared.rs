//! One server of each flavour per test binary.

use tokio::sync::OnceCell;

use super::DatabaseServer;

static MARIADB: OnceCell<Option<DatabaseServer>> = OnceCell::const_new();
static MYSQL: OnceCell<Option<DatabaseServer>> = OnceCell::const_new();

/// The MariaDB server that all tests of this process share; started by the first
/// to ask, ended with the process. Use [`DatabaseServer::create_database`] in it.
///
/// # Panics
///
/// When the server does not start, and as [`DatabaseServer::mariadb`].
pub async fn shared_mariadb() -> Option<&'static DatabaseServer> {
    MARIADB
        .get_or_init(async || {
            DatabaseServer::mariadb()
                .await
                .expect("the shared MariaDB server starts")
        })
        .await
        .as_ref()
}

/// The MySQL server that all tests of this process share, see [`shared_mariadb`].
///
/// # Panics
///
/// When the server does not start, and as [`DatabaseServer::mysql`].
pub async fn shared_mysql() -> Option<&'static DatabaseServer> {
    MYSQL
        .get_or_init(async || {
            DatabaseServer::mysql()
                .await
                .expect("the shared MySQL server starts")
        })
        .await
        .as_ref()
}
