//! Which secret, and which of its versions.

use std::fmt;

use crate::error::Error;

/// Longest ARN that Secrets Manager accepts, in bytes.
const MAX_ID_BYTES: usize = 2048;

/// Name, ARN or partial ARN of a secret.
///
/// Identifiers are not secret: they are shown in errors and logs. For
/// [`EnvSource`](crate::EnvSource) and [`FileSource`](crate::FileSource), which
/// know their own place, the identifier is only a label.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretId(Box<str>);

impl SecretId {
    /// Accepts an identifier of 1 to 2,048 bytes without white space or
    /// control characters at its ends or control characters within.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Config`](crate::ErrorKind::Config) for anything else, and for
    /// text that begins with a brace: that is a secret's content, not its name.
    /// The refused text is not repeated in the error.
    pub fn new(id: impl Into<String>) -> Result<Self, Error> {
        let id: String = id.into();
        let reason = if id.is_empty() {
            "is empty"
        } else if id.len() > MAX_ID_BYTES {
            "is longer than 2048 bytes"
        } else if id.trim() != id || id.chars().any(char::is_control) {
            "has white space at an end or a control character"
        } else if id.starts_with('{') {
            "looks like the content of a secret, not like its name"
        } else {
            return Ok(Self(id.into_boxed_str()));
        };
        Err(Error::Config {
            setting: "secret id",
            reason,
        })
    }

    /// The identifier as it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for SecretId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Staging label of a secret's version, as Secrets Manager names them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// `AWSCURRENT`: the version in force. The default.
    #[default]
    Current,
    /// `AWSPENDING`: the version a rotation is about to promote. In the middle
    /// of a single-user rotation the database already wants this one.
    Pending,
    /// `AWSPREVIOUS`: the version that was current before.
    Previous,
    /// A label of your own.
    Custom(String),
}

impl Stage {
    /// The label as Secrets Manager spells it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Current => "AWSCURRENT",
            Self::Pending => "AWSPENDING",
            Self::Previous => "AWSPREVIOUS",
            Self::Custom(label) => label,
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_arns_and_paths_are_identifiers() {
        for id in [
            "prod/db",
            "rds!cluster-0c6f",
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:prod/db-a1B2c3",
            "/etc/job/my secret.json",
        ] {
            assert_eq!(SecretId::new(id).unwrap().to_string(), id);
        }
    }

    #[test]
    fn other_text_is_refused_and_not_repeated() {
        let content = r#"{"password":"hunter2"}"#;
        let long = "x".repeat(MAX_ID_BYTES + 1);
        for id in ["", " a", "a\n", "a\0b", content, &long] {
            let error = SecretId::new(id).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Config);
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}
