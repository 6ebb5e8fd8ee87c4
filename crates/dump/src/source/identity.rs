//! Who the server says it is, and what it lets this user do.

use std::collections::BTreeMap;

use super::connect::ConnectOptions;
use super::ending::Held;
use super::session::Session;
use crate::error::Error;
use crate::flavour::Flavour;
use crate::report::ServerIdentity;

/// What a look at a server tells: for a doctor's report before the first dump.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Inspection {
    /// The server.
    pub identity: ServerIdentity,
    /// `CURRENT_USER()`: the account that the server matched.
    pub current_user: String,
    /// `SHOW GRANTS`, a line each, without passwords or their hashes.
    pub grants: Vec<String>,
    /// The databases that this user sees.
    pub databases: Vec<String>,
    /// The TLS cipher in use; `None` for a plain connection.
    pub tls_cipher: Option<String>,
    /// The server's clock when it was looked at, in whole seconds since 1970 in UTC.
    pub epoch_seconds: Option<i64>,
}

/// Connects, looks, and leaves; changes nothing.
///
/// # Errors
///
/// [`Error::Connect`], [`Error::AccessDenied`], [`Error::Read`].
///
/// # Cancel safety
///
/// Safe: a dropped future leaves a connection that the server sees closed.
pub async fn inspect(options: &ConnectOptions) -> Result<Inspection, Error> {
    let mut held = Held::new(Session::open(options).await?);
    let session = held.session()?;
    let heartbeat = session.heartbeat();
    let looked = heartbeat
        .watch(options.read_timeout(), look(session))
        .await?;
    held.close().await;
    Ok(looked)
}

async fn look(session: &mut Session) -> Result<Inspection, Error> {
    let identity = read_identity(session).await?;
    let current_user = session
        .one("read the user", "SELECT CURRENT_USER()")
        .await?
        .text(0);
    let grants = session
        .rows("read the grants", "SHOW GRANTS")
        .await?
        .iter()
        .map(|row| without_password(&row.text(0)))
        .collect();
    let databases = session
        .rows("list the databases", "SHOW DATABASES")
        .await?
        .iter()
        .map(|row| row.text(0))
        .collect();
    let tls_cipher = session
        .rows(
            "read the connection's cipher",
            "SHOW SESSION STATUS LIKE 'Ssl_cipher'",
        )
        .await?
        .first()
        .map(|row| row.text(1))
        .filter(|cipher| !cipher.is_empty());
    let epoch_seconds = session
        .one("read the clock", "SELECT UNIX_TIMESTAMP()")
        .await?
        .text(0)
        .parse()
        .ok();
    Ok(Inspection {
        identity,
        current_user,
        grants,
        databases,
        tls_cipher,
        epoch_seconds,
    })
}

/// MariaDB's SHOW GRANTS ends in `IDENTIFIED BY PASSWORD '*hash'`.
fn without_password(grant: &str) -> String {
    match grant.find(" IDENTIFIED ") {
        Some(end) => grant[..end].to_owned(),
        None => grant.to_owned(),
    }
}

/// Reads the server's variables in one query; those that it lacks are simply not answered.
pub(crate) async fn read_identity(session: &mut Session) -> Result<ServerIdentity, Error> {
    let rows = session
        .rows(
            "read the server's identity",
            "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('version', 'version_comment', \
             'hostname', 'port', 'server_id', 'server_uuid', 'read_only', 'aurora_version', \
             'aurora_server_id', 'system_time_zone', 'time_zone')",
        )
        .await?;
    let mut variables: BTreeMap<String, String> = rows
        .iter()
        .map(|row| (row.text(0).to_ascii_lowercase(), row.text(1)))
        .collect();
    let mut take = |name: &str| variables.remove(name).filter(|value| !value.is_empty());
    let version = take("version").unwrap_or_default();
    let version_comment = take("version_comment").unwrap_or_default();
    Ok(ServerIdentity {
        flavour: Flavour::of_server(&version, &version_comment),
        version,
        version_comment,
        hostname: take("hostname").unwrap_or_default(),
        port: take("port").and_then(|port| port.parse().ok()),
        server_id: take("server_id").and_then(|id| id.parse().ok()),
        server_uuid: take("server_uuid"),
        read_only: take("read_only").map(|value| value != "OFF" && value != "0"),
        aurora_version: take("aurora_version"),
        aurora_server_id: take("aurora_server_id"),
        system_time_zone: take("system_time_zone").unwrap_or_default(),
        time_zone: take("time_zone").unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_never_shows_a_password_hash() {
        assert_eq!(
            without_password("GRANT USAGE ON *.* TO `r`@`%` IDENTIFIED BY PASSWORD '*6BB4'"),
            "GRANT USAGE ON *.* TO `r`@`%`"
        );
    }
}
