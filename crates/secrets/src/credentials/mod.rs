//! A database login, typed.

mod decode;
mod engine;
mod overlay;
mod resolve;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

pub use engine::Engine;
pub use overlay::Overlay;

use crate::{
    error::Error,
    raw::{Origin, RawSecret},
};

/// All that is needed to log in to a database, from one version of one secret.
///
/// The password shows nowhere: `Debug` redacts it, `Display` is
/// `user@host:port/database`, and the type is neither `Clone` nor serializable
/// (share it by [`Arc`](std::sync::Arc)). Its buffer is zeroed when the value is
/// dropped.
///
/// ```compile_fail,E0599
/// fn copy(login: datatransit_secrets::DatabaseCredentials) {
///     let _copy = login.clone();
/// }
/// ```
///
/// ```compile_fail,E0277
/// fn to_json<T: serde::Serialize>(_: T) {}
/// fn leak(login: datatransit_secrets::DatabaseCredentials) {
///     to_json(login);
/// }
/// ```
#[derive(Debug)]
pub struct DatabaseCredentials {
    host: String,
    port: u16,
    username: String,
    password: SecretString,
    database: Option<String>,
    engine: Engine,
    ssl: Option<bool>,
    origin: Origin,
}

impl DatabaseCredentials {
    /// Reads a login from a secret, completed by the overlay.
    ///
    /// The secret is a JSON object. These keys are read, any other is ignored,
    /// and null counts as absent:
    ///
    /// | value | keys | rule |
    /// |---|---|---|
    /// | host | `host` | name or address, without port, scheme or path |
    /// | port | `port` | number or numeric text, 1 to 65535; default by engine (3306) |
    /// | user name | `username`, `user`, `db_username`, `dbUser` | required |
    /// | password | `password`, `pass`, `db_password`, `dbPassword` | required; nothing is trimmed |
    /// | database | `database`, `dbname`, `dbName` | optional |
    /// | engine | `engine` | see [`Engine`]; default MySQL |
    /// | TLS wish | `ssl` | `true`, `false`, or either as text; optional |
    ///
    /// Several keys of a row may be present if they say the same.
    ///
    /// # Errors
    ///
    /// [`Error::Malformed`] with *all* problems, in the order of the table; it
    /// names keys and expectations and holds no value.
    pub fn parse(raw: &RawSecret, overlay: &Overlay) -> Result<Self, Error> {
        resolve::resolve(raw, overlay).map_err(|problems| Error::Malformed {
            origin: Box::new(raw.origin().clone()),
            problems,
        })
    }

    /// The server's name or address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The server's port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The user. Rotation with alternating users changes it together with the
    /// password: never keep one without the other.
    pub fn username(&self) -> &str {
        &self.username
    }

    /// The password, still wrapped.
    pub fn password(&self) -> &SecretString {
        &self.password
    }

    /// The database, if the secret or the overlay names one.
    pub fn database(&self) -> Option<&str> {
        self.database.as_deref()
    }

    /// The kind of server.
    pub fn engine(&self) -> Engine {
        self.engine
    }

    /// Whether the secret asks for TLS (`ssl`); none if it does not say.
    pub fn ssl(&self) -> Option<bool> {
        self.ssl
    }

    /// Where the login came from: identifier, place, stage and version.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether a server would treat both alike: another version may hold the
    /// same login, and one version may be read twice.
    pub(crate) fn is_same_login(&self, other: &Self) -> bool {
        self.host == other.host
            && self.port == other.port
            && self.username == other.username
            && self.password.expose_secret() == other.password.expose_secret()
    }
}

impl fmt::Display for DatabaseCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}:{}", self.username, self.host, self.port)?;
        match &self.database {
            Some(database) => write!(f, "/{database}"),
            None => Ok(()),
        }
    }
}
