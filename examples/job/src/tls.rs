//! `--ssl-mode` and `--ssl-ca`, by mysqldump's names.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::{Args, ValueEnum};
use datatransit_dump::Tls;

use crate::Failure;

/// How the connection to the database is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "SCREAMING_SNAKE_CASE")]
#[non_exhaustive]
pub enum SslMode {
    /// Plain text.
    Disabled,
    /// mysqldump's default: encrypted if the server can, plain text without a
    /// word if it cannot. Refused.
    Preferred,
    /// Encrypted, the server's certificate not verified.
    Required,
    /// Encrypted, the certificate signed by --ssl-ca.
    VerifyCa,
    /// Encrypted, the certificate signed by --ssl-ca and made out to the host.
    VerifyIdentity,
}

/// The options that protect the connection.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
#[non_exhaustive]
pub struct TlsArgs {
    /// DISABLED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY
    /// [DISABLED for a loopback host, else REQUIRED]
    #[arg(
        long,
        value_enum,
        ignore_case = true,
        value_name = "MODE",
        hide_possible_values = true
    )]
    pub ssl_mode: Option<SslMode>,

    /// Authorities in PEM form; for RDS and Aurora, AWS's bundle of their CAs
    #[arg(long, value_name = "FILE")]
    pub ssl_ca: Option<PathBuf>,
}

impl TlsArgs {
    /// Reads the authorities and joins them with the mode.
    ///
    /// # Errors
    /// A usage failure for PREFERRED, for a mode that lacks its `--ssl-ca` or has
    /// one that it would ignore, and for a file that holds no certificate.
    pub fn resolve(&self) -> Result<Tls, Failure> {
        let mode = match (self.ssl_mode, &self.ssl_ca) {
            (None, None) => return Ok(Tls::ByHost),
            // mysqldump takes an authority given without a mode for VERIFY_CA.
            (None, Some(_)) => SslMode::VerifyCa,
            (Some(mode), _) => mode,
        };
        match (mode, &self.ssl_ca) {
            (SslMode::Preferred, _) => Err(refused(
                "PREFERRED falls back to plain text without saying so: \
                 choose REQUIRED or a mode that verifies",
            )),
            (SslMode::Disabled, None) => Ok(Tls::Disabled),
            (SslMode::Required, None) => Ok(Tls::Required),
            (SslMode::Disabled | SslMode::Required, Some(_)) => Err(refused(
                "--ssl-ca is not looked at in this mode: choose VERIFY_CA or VERIFY_IDENTITY",
            )),
            (SslMode::VerifyCa, Some(path)) => Ok(Tls::VerifyCa {
                ca_pem: read(path)?,
            }),
            (SslMode::VerifyCa, None) => Err(refused("VERIFY_CA needs --ssl-ca")),
            (SslMode::VerifyIdentity, Some(path)) => Ok(Tls::VerifyIdentity {
                ca_pem: read(path)?,
            }),
            // The public authorities: right for a server with a certificate of theirs.
            (SslMode::VerifyIdentity, None) => Ok(Tls::VerifyIdentity { ca_pem: Vec::new() }),
        }
    }
}

fn read(path: &PathBuf) -> Result<Vec<u8>, Failure> {
    let pem = std::fs::read(path)
        .with_context(|| format!("--ssl-ca: read {}", path.display()))
        .map_err(Failure::usage)?;
    let begin = b"-----BEGIN CERTIFICATE-----";
    if pem.windows(begin.len()).any(|window| window == begin) {
        Ok(pem)
    } else {
        Err(Failure::usage(anyhow!(
            "--ssl-ca: {} holds no PEM certificate",
            path.display()
        )))
    }
}

fn refused(reason: &'static str) -> Failure {
    Failure::usage(anyhow!("--ssl-mode: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(mode: Option<SslMode>, ca: Option<&str>) -> Result<Tls, Failure> {
        TlsArgs {
            ssl_mode: mode,
            ssl_ca: ca.map(PathBuf::from),
        }
        .resolve()
    }

    #[test]
    fn modes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("ca.pem");
        std::fs::write(&path, "-----BEGIN CERTIFICATE-----\n").unwrap();
        let ca = path.to_str();
        assert_eq!(resolve(None, None).unwrap(), Tls::ByHost);
        assert!(matches!(resolve(None, ca).unwrap(), Tls::VerifyCa { .. }));
        assert_eq!(
            resolve(Some(SslMode::Required), None).unwrap(),
            Tls::Required
        );
        assert!(resolve(Some(SslMode::Required), ca).is_err());
        assert!(resolve(Some(SslMode::VerifyCa), None).is_err());
        assert!(resolve(Some(SslMode::VerifyIdentity), None).is_ok());
        assert!(
            resolve(Some(SslMode::Preferred), None)
                .unwrap_err()
                .reason()
                .contains("plain text")
        );
    }

    #[test]
    fn an_authority_must_be_a_certificate() {
        assert!(resolve(Some(SslMode::VerifyCa), Some("/nonexistent.pem")).is_err());
        let file = tempfile::NamedTempFile::new().unwrap();
        let failure = resolve(Some(SslMode::VerifyCa), file.path().to_str()).unwrap_err();
        assert!(failure.reason().contains("no PEM certificate"));
    }

    #[test]
    fn names_are_those_of_mysqldump() {
        for (name, mode) in [
            ("VERIFY_CA", SslMode::VerifyCa),
            ("DISABLED", SslMode::Disabled),
        ] {
            assert_eq!(SslMode::from_str(name, true), Ok(mode));
            assert_eq!(SslMode::from_str(&name.to_lowercase(), true), Ok(mode));
        }
    }
}
