//! A URL that may be a secret: given itself, or where it is kept.

use std::convert::Infallible;
use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context as _, anyhow, bail};
use datatransit_secrets::{AwsSource, FileSource, SecretId, SecretSource as _, Stage};
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};

use crate::Failure;
use crate::aws::Aws;

/// An `http://` or `https://` URL, `file:PATH`, `env:NAME` or `secretsmanager:ID`.
///
/// Taken as it is and looked at by [`check`](Self::check): what parses a command line
/// would repeat a wrong value, and this one may be a secret in the wrong place. `Debug`
/// is redacted.
#[derive(Clone, Debug)]
pub struct SecretUrl(SecretString);

impl FromStr for SecretUrl {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.into()))
    }
}

enum Kept<'a> {
    Here(Url),
    File(&'a str),
    Environment(&'a str),
    SecretsManager(&'a str),
}

impl SecretUrl {
    fn kept(&self) -> anyhow::Result<Kept<'_>> {
        let text = self.0.expose_secret();
        Ok(match text.split_once(':') {
            Some(("http" | "https", _)) => Kept::Here(url(text)?),
            Some(("file", path)) if !path.is_empty() => Kept::File(path),
            Some(("env", name)) if !name.is_empty() => Kept::Environment(name),
            Some(("secretsmanager", id)) if !id.is_empty() => Kept::SecretsManager(id),
            _ => bail!("must be an http(s) URL, file:PATH, env:NAME or secretsmanager:ID"),
        })
    }

    /// Looks at the form. Opens nothing.
    ///
    /// # Errors
    /// A usage failure that names the option and does not repeat the text.
    pub fn check(&self, option: &str) -> Result<(), Failure> {
        match self.kept() {
            Ok(_) => Ok(()),
            Err(error) => Err(Failure::usage(error.context(option.to_owned()))),
        }
    }

    /// Says where it is kept, or, of a URL given itself, its host: the rest is secret.
    #[must_use]
    pub fn described(&self) -> String {
        match self.kept() {
            Ok(Kept::Here(url)) => format!("a URL on {}", url.host_str().unwrap_or("no host")),
            Ok(_) => self.0.expose_secret().to_owned(),
            Err(_) => "not a URL".to_owned(),
        }
    }

    /// Fetches the URL from where it is kept. A secret in Secrets Manager or in a file
    /// may also be a JSON object with a member `url`.
    ///
    /// # Errors
    /// When it is not there, or is no URL. No error repeats any of it.
    pub async fn fetch(&self, aws: &Aws) -> anyhow::Result<Url> {
        let raw = match self.kept()? {
            Kept::Here(url) => return Ok(url),
            Kept::Environment(name) => {
                let text = std::env::var(name)
                    .map(SecretString::from)
                    .map_err(|_| anyhow!("the variable {name} is not set, or is no text"))?;
                return url(text.expose_secret().trim())
                    .with_context(|| format!("the variable {name}"));
            }
            Kept::File(path) => {
                FileSource::new(PathBuf::from(path))
                    .fetch(&SecretId::new(path)?, &Stage::Current)
                    .await?
            }
            Kept::SecretsManager(id) => {
                AwsSource::from_sdk_config(aws.config().await)
                    .fetch(&SecretId::new(id)?, &Stage::Current)
                    .await?
            }
        };
        let text = raw
            .expose_text()
            .ok_or_else(|| anyhow!("{}: the secret is no text", self.described()))?;
        let member = serde_json::from_str::<serde_json::Value>(text)
            .ok()
            .and_then(|value| value.get("url")?.as_str().map(SecretString::from));
        let text = member.as_ref().map_or(text, |url| url.expose_secret());
        url(text.trim()).with_context(|| self.described())
    }
}

fn url(text: &str) -> anyhow::Result<Url> {
    // The parser's own error does not repeat the text.
    let url: Url = text.parse().context("not a URL")?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        bail!("not an http(s) URL");
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::PathStyle;

    fn given(text: &str) -> SecretUrl {
        match text.parse() {
            Ok(url) => url,
            Err(never) => match never {},
        }
    }

    #[test]
    fn a_wrong_one_is_refused_and_not_repeated() {
        for text in ["hunter2", "file:", "env:", "ftp://hunter2/", "https://", ""] {
            let failure = given(text).check("--ping").unwrap_err();
            let reason = failure.reason();
            assert!(reason.starts_with("--ping: "), "{reason}");
            assert!(!reason.contains("hunter2"), "{reason}");
        }
        let url = given("https://hooks.example/T/hunter2");
        url.check("--ping").unwrap();
        assert_eq!(url.described(), "a URL on hooks.example");
        assert!(!format!("{url:?}").contains("hunter2"));
        assert_eq!(given("file:/etc/x").described(), "file:/etc/x");
    }

    #[tokio::test]
    async fn a_file_holds_the_url_or_a_json_object_with_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("url");
        let aws = Aws::new(PathStyle::Auto);
        for content in ["https://h/s\n", r#"{"url": "https://h/s"}"#] {
            std::fs::write(&path, content).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
            let url = given(&format!("file:{}", path.display()));
            assert_eq!(url.fetch(&aws).await.unwrap().as_str(), "https://h/s");
        }
        std::fs::write(&path, "hunter2").unwrap();
        let url = given(&format!("file:{}", path.display()));
        let error = format!("{:#}", url.fetch(&aws).await.unwrap_err());
        assert!(!error.contains("hunter2"), "{error}");
        let missing = given("env:DATATRANSIT_NO_SUCH_VARIABLE");
        assert!(missing.fetch(&aws).await.is_err());
    }
}
