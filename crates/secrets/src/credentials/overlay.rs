//! What configuration knows that a secret may lack.

use super::Engine;

/// Values from configuration that complete a secret.
///
/// Secrets that RDS manages hold a user name and a password and nothing else:
/// the rest comes from here. Where both state a value they must agree (host
/// names in any case of letters), or parsing fails; a [forced](Self::forced)
/// overlay wins instead.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Overlay {
    /// The server's name or address. Default: the secret's.
    pub host: Option<String>,
    /// The server's port. Default: the secret's, else by engine.
    pub port: Option<u16>,
    /// The database. Default: the secret's, else none.
    pub database: Option<String>,
    /// The user. Default: the secret's. Leave it out where rotation alternates
    /// between two users.
    pub username: Option<String>,
    /// The kind of server. Default: the secret's, else MySQL.
    pub engine: Option<Engine>,
    /// Whether values given here replace those of the secret. Default: no.
    pub forced: bool,
}

impl Overlay {
    /// Sets the server's name or address.
    #[must_use]
    pub fn with_host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Sets the server's port.
    #[must_use]
    pub fn with_port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Sets the database.
    #[must_use]
    pub fn with_database(mut self, database: impl Into<String>) -> Self {
        self.database = Some(database.into());
        self
    }

    /// Sets the user.
    #[must_use]
    pub fn with_username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// Sets the kind of server.
    #[must_use]
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.engine = Some(engine);
        self
    }

    /// Lets the values given here replace those of the secret.
    #[must_use]
    pub fn forced(mut self) -> Self {
        self.forced = true;
        self
    }
}
