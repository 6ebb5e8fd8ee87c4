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
    /// Encrypted, the certificate signed by --ssl-ca, whatever its name. Refused.
    VerifyCa,
    /// Encrypted, the certificate signed by --ssl-ca and made out to the host.
    VerifyIdentity,
}

/// The options that protect the connection.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Connection")]
#[non_exhaustive]
pub struct TlsArgs {
    /// DISABLED, REQUIRED or VERIFY_IDENTITY [VERIFY_IDENTITY with --ssl-ca; else
    /// DISABLED for a loopback host, REQUIRED for any other]
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
    /// A usage failure for PREFERRED and VERIFY_CA, for a mode that would ignore its
    /// `--ssl-ca`, and for a file that holds no certificate.
    pub fn resolve(&self) -> Result<Tls, Failure> {
        let mode = match (self.ssl_mode, &self.ssl_ca) {
            (None, None) => return Ok(Tls::ByHost),
            (None, Some(_)) => SslMode::VerifyIdentity,
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
                "--ssl-ca is not looked at in this mode: choose VERIFY_IDENTITY",
            )),
            // The driver cannot check the authority without the name.
            (SslMode::VerifyCa, _) => Err(refused(
                "VERIFY_CA is not supported: choose VERIFY_IDENTITY, and dial the host by a name \
                 that its certificate holds",
            )),
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
        assert!(matches!(
            resolve(None, ca).unwrap(),
            Tls::VerifyIdentity { .. }
        ));
        assert_eq!(
            resolve(Some(SslMode::Required), None).unwrap(),
            Tls::Required
        );
        assert!(resolve(Some(SslMode::Required), ca).is_err());
        let failure = resolve(Some(SslMode::VerifyCa), ca).unwrap_err();
        assert!(failure.reason().contains("VERIFY_IDENTITY"));
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
        assert!(resolve(None, Some("/nonexistent.pem")).is_err());
        let file = tempfile::NamedTempFile::new().unwrap();
        let failure = resolve(None, file.path().to_str()).unwrap_err();
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
