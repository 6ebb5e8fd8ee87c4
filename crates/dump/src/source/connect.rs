//! How a server is reached: options, TLS, and the driver's own settings.

use std::time::Duration;

use mysql_async::{Conn, Opts, OptsBuilder, SslOpts};
use secrecy::{ExposeSecret, SecretString};

use crate::error::Error;

/// The largest packet that either server can send: one row may be this long.
const MAX_PACKET_BYTES: usize = 1 << 30;

/// How the connection is protected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Tls {
    /// Plain text. Only for loopback and tests.
    Disabled,
    /// Encrypted, the server's certificate unchecked (`--ssl-mode=REQUIRED`).
    ///
    /// Keeps a listener out, not somebody in the middle: prefer a mode that verifies.
    Required,
    /// Encrypted, the certificate made out to the host and signed by one of these authorities
    /// (`--ssl-mode=VERIFY_IDENTITY`).
    ///
    /// There is no weaker `VERIFY_CA`: the driver (`mysql_async` 0.37) cannot check the
    /// authority without the name.
    VerifyIdentity {
        /// PEM text of the authorities: for RDS and Aurora, AWS's bundle of their CAs. Empty for
        /// the public ones, which do not sign RDS.
        ca_pem: Vec<u8>,
    },
    /// The default: not yet decided. Plain text to a loopback host, `Required` to any other.
    #[default]
    ByHost,
}

/// Where the server is and who asks.
///
/// `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    host: String,
    port: u16,
    username: String,
    password: SecretString,
    tls: Tls,
    connect_timeout: Duration,
    read_timeout: Duration,
}

impl ConnectOptions {
    /// TCP to `host:port`. The driver's detour over a local socket is always off: it may end
    /// on another server.
    pub fn new(
        host: impl Into<String>,
        port: u16,
        username: impl Into<String>,
        password: SecretString,
    ) -> Self {
        Self {
            host: host.into(),
            port,
            username: username.into(),
            password,
            tls: Tls::default(),
            connect_timeout: Duration::from_secs(10),
            read_timeout: Duration::from_secs(600),
        }
    }

    /// Sets the protection. Default: [`Tls::ByHost`].
    #[must_use]
    pub fn with_tls(mut self, tls: Tls) -> Self {
        self.tls = tls;
        self
    }

    /// Sets how long connecting, TLS and login may take together. Default: 10 s.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets for how long the server may send nothing while it is waited for. Default: 10 min.
    ///
    /// Time in which the dump waits for its own sink does not count.
    #[must_use]
    pub fn with_read_timeout(mut self, timeout: Duration) -> Self {
        self.read_timeout = timeout;
        self
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The user.
    #[must_use]
    pub fn username(&self) -> &str {
        &self.username
    }

    pub(crate) fn read_timeout(&self) -> Duration {
        self.read_timeout
    }

    pub(crate) fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    /// Opens a connection.
    pub(crate) async fn open(&self) -> Result<Conn, Error> {
        let unreachable = |reason: String| Error::Connect {
            address: self.address(),
            reason,
        };
        match tokio::time::timeout(self.connect_timeout, Conn::new(self.driver_options())).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => match Error::from_driver("log in", &error) {
                denied @ Error::AccessDenied { .. } => Err(denied),
                _ => Err(unreachable(error.to_string())),
            },
            Err(_) => Err(unreachable(format!(
                "no connection within {} s",
                self.connect_timeout.as_secs_f32()
            ))),
        }
    }

    /// The driver's options, always by its builder: a URL would show the password.
    fn driver_options(&self) -> Opts {
        OptsBuilder::default()
            .ip_or_hostname(self.host.clone())
            .tcp_port(self.port)
            .user(Some(self.username.clone()))
            .pass(Some(self.password.expose_secret().to_owned()))
            .prefer_socket(false)
            .tcp_nodelay(true)
            .tcp_keepalive(Some(Duration::from_secs(30)))
            .stmt_cache_size(0)
            // Both are asked of the server at connect unless they are set.
            .max_allowed_packet(Some(MAX_PACKET_BYTES))
            .wait_timeout(Some(86_400))
            .ssl_opts(self.tls_options())
            .into()
    }

    fn tls_options(&self) -> Option<SslOpts> {
        match &self.tls {
            Tls::Disabled => None,
            Tls::ByHost if is_loopback(&self.host) => None,
            Tls::ByHost | Tls::Required => Some(
                SslOpts::default()
                    .with_danger_accept_invalid_certs(true)
                    .with_danger_skip_domain_validation(true),
            ),
            Tls::VerifyIdentity { ca_pem } if ca_pem.is_empty() => Some(SslOpts::default()),
            Tls::VerifyIdentity { ca_pem } => Some(
                SslOpts::default()
                    .with_root_certs(vec![ca_pem.clone().into()])
                    .with_disable_built_in_roots(true),
            ),
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(host: &str) -> ConnectOptions {
        ConnectOptions::new(host, 3306, "reader", SecretString::from("canary-7431"))
    }

    #[test]
    fn debug_shows_no_password() {
        let shown = format!("{:?} {:#?}", options("db"), options("db"));
        assert!(!shown.contains("canary-7431"), "{shown}");
    }

    #[test]
    fn tls_is_off_only_where_nobody_listens() {
        assert!(options("127.0.0.1").tls_options().is_none());
        assert!(options("db.example.com").tls_options().is_some());
        let verified = options("db").with_tls(Tls::VerifyIdentity { ca_pem: Vec::new() });
        let tls = verified.tls_options().unwrap();
        assert!(!tls.accept_invalid_certs() && !tls.skip_domain_validation());
    }

    #[test]
    fn the_driver_never_takes_a_local_socket() {
        let driver = options("db").driver_options();
        assert!(!driver.prefer_socket());
        assert_eq!(driver.max_allowed_packet(), Some(MAX_PACKET_BYTES));
    }

    #[tokio::test]
    async fn an_unreachable_server_is_named() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let error = ConnectOptions::new("127.0.0.1", port, "u", SecretString::from("p"))
            .open()
            .await
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with(&format!("connect to 127.0.0.1:{port}: ")),
            "{error}"
        );
        assert_eq!(error.kind(), crate::ErrorKind::Connect);
    }
}
