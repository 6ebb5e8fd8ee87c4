//! A secret as its source handed it out, and where that was.

use std::{borrow::Cow, fmt, path::PathBuf};

use secrecy::{ExposeSecret, SecretSlice, SecretString};
use zeroize::Zeroize;

use crate::id::{SecretId, Stage};

/// A secret as its source handed it out: text or bytes, and an [`Origin`].
///
/// Neither `Clone` nor serializable; `Debug` shows the origin only; the content
/// is overwritten when dropped.
#[derive(Debug)]
pub struct RawSecret {
    pub(crate) payload: Payload,
    origin: Origin,
}

/// The content. Its `Debug` is that of `secrecy`, which redacts.
#[derive(Debug)]
pub(crate) enum Payload {
    Text(SecretString),
    Bytes(SecretSlice<u8>),
    /// Key and value pairs that never were JSON, such as environment variables;
    /// `None` stands for a value that is not Unicode.
    Pairs(Vec<(&'static str, Option<SecretString>)>),
}

impl RawSecret {
    /// A textual secret. The given string's buffer is overwritten.
    pub fn from_text(mut text: String, origin: Origin) -> Self {
        Self {
            payload: Payload::Text(wrap(&mut text)),
            origin,
        }
    }

    /// A binary secret. The given buffer is overwritten.
    pub fn from_bytes(mut bytes: Vec<u8>, origin: Origin) -> Self {
        let exact: Box<[u8]> = bytes.as_slice().into();
        bytes.zeroize();
        Self {
            payload: Payload::Bytes(exact.into()),
            origin,
        }
    }

    pub(crate) fn from_pairs(
        pairs: Vec<(&'static str, Option<SecretString>)>,
        origin: Origin,
    ) -> Self {
        Self {
            payload: Payload::Pairs(pairs),
            origin,
        }
    }

    /// Exposes the content as text, for a secret that is no login: a URL, a token.
    ///
    /// `None` when it is binary and not UTF-8, or when its source keeps pairs of names
    /// and values, as [`EnvSource`](crate::EnvSource) does.
    pub fn expose_text(&self) -> Option<&str> {
        match &self.payload {
            Payload::Text(text) => Some(text.expose_secret()),
            Payload::Bytes(bytes) => std::str::from_utf8(bytes.expose_secret()).ok(),
            Payload::Pairs(_) => None,
        }
    }

    /// Where the secret came from.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }
}

/// Moves a text into a wrapper that zeroes itself, and zeroes the original.
///
/// `SecretString::from(String)` would shrink a buffer with spare capacity by
/// reallocating, and leave the old copy behind.
pub(crate) fn wrap(text: &mut String) -> SecretString {
    let exact: Box<str> = text.as_str().into();
    text.zeroize();
    exact.into()
}

/// A copy that zeroes itself as the original does.
pub(crate) fn duplicate(secret: &SecretString) -> SecretString {
    Box::<str>::from(secret.expose_secret()).into()
}

/// The kind of place that secrets come from.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Location {
    /// AWS Secrets Manager.
    SecretsManager,
    /// Environment variables.
    #[non_exhaustive]
    Environment {
        /// What their names begin with, without the underscore.
        prefix: String,
    },
    /// A file.
    #[non_exhaustive]
    File {
        /// Its path.
        path: PathBuf,
    },
    /// Several sources, tried in turn.
    #[non_exhaustive]
    Chain {
        /// How many.
        sources: usize,
    },
    /// A source of another kind, by its description.
    Other(Cow<'static, str>),
}

impl Location {
    pub(crate) fn file(path: impl Into<PathBuf>) -> Self {
        Self::File { path: path.into() }
    }

    /// Whether it is a place on this machine (environment or file), fit for
    /// development but perhaps not for production.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Environment { .. } | Self::File { .. })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecretsManager => f.write_str("AWS Secrets Manager"),
            Self::Environment { prefix } => write!(f, "the environment ({prefix}_*)"),
            Self::File { path } => write!(f, "the file {}", path.display()),
            Self::Chain { sources } => write!(f, "a chain of {sources} sources"),
            Self::Other(description) => f.write_str(description),
        }
    }
}

/// Where a secret came from: enough to find that very version again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    id: SecretId,
    location: Location,
    stage: Stage,
    arn: Option<String>,
    version: Option<String>,
}

impl Origin {
    /// The origin of a secret that was found under `id` with `stage`.
    pub fn new(id: SecretId, location: Location, stage: Stage) -> Self {
        Self {
            id,
            location,
            stage,
            arn: None,
            version: None,
        }
    }

    /// Adds the full ARN. Default: none.
    #[must_use]
    pub fn with_arn(mut self, arn: Option<String>) -> Self {
        self.arn = arn;
        self
    }

    /// Adds the version id. Default: none.
    #[must_use]
    pub fn with_version(mut self, version: Option<String>) -> Self {
        self.version = version;
        self
    }

    /// The identifier that was asked for.
    pub fn id(&self) -> &SecretId {
        &self.id
    }

    /// The place.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// The stage that was asked for.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// The full ARN, if the place has such.
    pub fn arn(&self) -> Option<&str> {
        self.arn.as_deref()
    }

    /// The version id, if the place has such.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` from {} ({}", self.id, self.location, self.stage)?;
        if let Some(version) = &self.version {
            write!(f, ", version {version}")?;
        }
        f.write_str(")")
    }
}
