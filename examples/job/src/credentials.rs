//! `--credentials`: where the login comes from, and what completes it.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::anyhow;
use clap::Args;
use datatransit_secrets::{
    AwsSource, DatabaseCredentials, EnvSource, FileSource, Overlay, SecretId, SecretSource, Stage,
};

use crate::aws::Aws;
use crate::{ExitCode, Failure};

/// The source of the login, as `--credentials` names it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialSource {
    /// `secretsmanager:ID`, a name or an ARN.
    SecretsManager(SecretId),
    /// `file:PATH`, JSON that only its owner may read.
    File(PathBuf),
    /// `env[:PREFIX]`, the variables `PREFIX_HOST`, `PREFIX_USERNAME`, …
    Environment(String),
}

impl FromStr for CredentialSource {
    type Err = anyhow::Error;

    /// Never repeats the text it refuses: it may be a secret in the wrong place.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            "secretsmanager" => Ok(Self::SecretsManager(SecretId::new(rest)?)),
            "file" if !rest.is_empty() => Ok(Self::File(PathBuf::from(rest))),
            "env" if rest.is_empty() => Ok(Self::Environment(EnvSource::DEFAULT_PREFIX.to_owned())),
            "env" => Ok(Self::Environment(rest.trim_end_matches('_').to_owned())),
            _ => Err(anyhow!(
                "--credentials must be secretsmanager:ID, file:PATH or env[:PREFIX]"
            )),
        }
    }
}

/// The options that say how to log in.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Credentials")]
#[non_exhaustive]
pub struct CredentialArgs {
    /// Where the login comes from: secretsmanager:ID (name or ARN), file:PATH
    /// (JSON, mode 0600), env or env:PREFIX (PREFIX_HOST, PREFIX_PORT,
    /// PREFIX_USERNAME, PREFIX_PASSWORD, PREFIX_DATABASE; else DATABASE_HOST, …)
    // A text here and a `CredentialSource` later: clap would repeat a wrong value.
    #[arg(long, value_name = "SOURCE")]
    pub credentials: Option<String>,

    /// Server, when the secret lacks it, as those that RDS manages do
    #[arg(long, short = 'h', value_name = "HOST")]
    pub host: Option<String>,

    /// Port, when the secret lacks it
    #[arg(long, short = 'P', value_name = "PORT", value_parser = clap::value_parser!(u16).range(1..))]
    pub port: Option<u16>,

    /// User, when the secret lacks it
    #[arg(long, short = 'u', value_name = "USER")]
    pub user: Option<String>,

    /// Database, when neither the secret nor the arguments name one
    #[arg(long, value_name = "DB")]
    pub database: Option<String>,

    /// Lets --host, --port, --user and --database replace what the secret says;
    /// without it a contradiction is refused
    #[arg(long)]
    pub override_secret: bool,
}

impl CredentialArgs {
    /// Parses `--credentials`.
    ///
    /// # Errors
    /// A usage failure when it is missing or of no known form.
    pub fn source(&self) -> Result<CredentialSource, Failure> {
        self.credentials
            .as_deref()
            .ok_or_else(|| anyhow!("--credentials is missing"))
            .and_then(str::parse)
            .map_err(|error| {
                Failure::usage(error)
                    .with_remedy("name the source, as --credentials secretsmanager:prod/db")
            })
    }

    /// Fetches the secret once and reads the login from it.
    ///
    /// Opens no connection to the database.
    ///
    /// # Errors
    /// [`ExitCode::Credentials`], or a usage failure when AWS is not configured.
    pub async fn fetch(&self, aws: &Aws) -> Result<DatabaseCredentials, Failure> {
        let (source, id): (Arc<dyn SecretSource>, SecretId) = match self.source()? {
            CredentialSource::SecretsManager(id) => {
                (Arc::new(AwsSource::from_sdk_config(aws.config().await)), id)
            }
            CredentialSource::File(path) => {
                let id = label(&path.display().to_string())?;
                (Arc::new(FileSource::new(path)), id)
            }
            CredentialSource::Environment(prefix) => {
                let id = label(&prefix)?;
                (Arc::new(EnvSource::from_env(prefix)), id)
            }
        };
        let raw = source.fetch(&id, &Stage::Current).await.map_err(refused)?;
        DatabaseCredentials::parse(&raw, &self.overlay()).map_err(refused)
    }

    fn overlay(&self) -> Overlay {
        let mut overlay = Overlay::default();
        overlay.host.clone_from(&self.host);
        overlay.port = self.port;
        overlay.username.clone_from(&self.user);
        overlay.database.clone_from(&self.database);
        overlay.forced = self.override_secret;
        overlay
    }
}

/// The id of a local source is only a label.
fn label(text: &str) -> Result<SecretId, Failure> {
    SecretId::new(text).map_err(refused)
}

fn refused(error: datatransit_secrets::Error) -> Failure {
    Failure::from(error)
}

impl From<datatransit_secrets::Error> for Failure {
    fn from(error: datatransit_secrets::Error) -> Self {
        use datatransit_secrets::ErrorKind;
        let (exit, stage) = match error.kind() {
            ErrorKind::Refused => (ExitCode::Source, "target rules"),
            // A file that is no regular file, an id that is none: also found while
            // fetching, but a matter of configuration.
            ErrorKind::Config => (ExitCode::Usage, "credentials"),
            _ => (ExitCode::Credentials, "credentials"),
        };
        let remedy = error.remedy().map(str::to_owned);
        let failure = Self::new(exit, stage, error);
        match remedy {
            Some(remedy) => failure.with_remedy(remedy),
            None => failure,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::PathStyle;

    fn args(credentials: &str) -> CredentialArgs {
        CredentialArgs {
            credentials: Some(credentials.to_owned()),
            host: None,
            port: None,
            user: None,
            database: None,
            override_secret: false,
        }
    }

    fn write(content: &str, mode: u32) -> (tempfile::TempDir, CredentialArgs) {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("login.json");
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let args = args(&format!("file:{}", path.display()));
        (directory, args)
    }

    #[test]
    fn sources_by_name() {
        assert_eq!(
            "file:/etc/x.json".parse::<CredentialSource>().unwrap(),
            CredentialSource::File("/etc/x.json".into())
        );
        assert_eq!(
            "env".parse::<CredentialSource>().unwrap(),
            CredentialSource::Environment("DATABASE".to_owned())
        );
        assert_eq!(
            "env:CRON_DB_".parse::<CredentialSource>().unwrap(),
            CredentialSource::Environment("CRON_DB".to_owned())
        );
        let arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/db-a1B2c3";
        assert_eq!(
            format!("secretsmanager:{arn}")
                .parse::<CredentialSource>()
                .unwrap(),
            CredentialSource::SecretsManager(SecretId::new(arn).unwrap())
        );
    }

    #[test]
    fn a_secret_in_the_place_of_its_name_is_not_repeated() {
        for text in [
            r#"{"password":"canary-1"}"#,
            r#"secretsmanager:{"password":"canary-1"}"#,
            "canary-1",
            "file:",
        ] {
            let failure = args(text).source().unwrap_err();
            assert_eq!(failure.exit(), ExitCode::Usage);
            assert!(!format!("{failure:?} {}", failure.reason()).contains("canary"));
        }
    }

    #[tokio::test]
    async fn an_overlay_completes_a_secret_of_rds() {
        let aws = Aws::new(PathStyle::Auto);
        let (_directory, mut args) = write(r#"{"username":"reader","password":"p"}"#, 0o600);
        let failure = args.fetch(&aws).await.unwrap_err();
        assert_eq!(failure.exit(), ExitCode::Credentials);
        assert!(failure.reason().contains("host"), "{}", failure.reason());
        args.host = Some("db.example".to_owned());
        args.database = Some("gghouse".to_owned());
        let login = args.fetch(&aws).await.unwrap();
        assert_eq!(login.to_string(), "reader@db.example:3306/gghouse");
    }

    #[tokio::test]
    async fn a_contradiction_is_refused_unless_it_is_meant() {
        let aws = Aws::new(PathStyle::Auto);
        let secret = r#"{"host":"a.example","username":"reader","password":"p"}"#;
        let (_directory, mut args) = write(secret, 0o600);
        args.host = Some("b.example".to_owned());
        assert_eq!(
            args.fetch(&aws).await.unwrap_err().exit(),
            ExitCode::Credentials
        );
        args.override_secret = true;
        assert_eq!(args.fetch(&aws).await.unwrap().host(), "b.example");
    }

    #[tokio::test]
    async fn a_file_that_others_may_read_is_refused_with_a_remedy() {
        let aws = Aws::new(PathStyle::Auto);
        let (_directory, args) = write("{}", 0o644);
        let failure = args.fetch(&aws).await.unwrap_err();
        assert_eq!(failure.exit(), ExitCode::Credentials);
        assert!(failure.remedy().unwrap().contains("chmod 600"));
    }
}
