//! Environment variables, for development and containers.

use std::ffi::{OsStr, OsString};

use async_trait::async_trait;
use secrecy::SecretString;
use zeroize::Zeroize;

use super::SecretSource;
use crate::{
    error::{Error, ErrorKind},
    id::{SecretId, Stage},
    raw::{Location, Origin, RawSecret, duplicate, wrap},
};

/// Endings of the variables' names, and the keys they stand for.
const VARIABLES: [(&str, &str); 6] = [
    ("HOST", "host"),
    ("PORT", "port"),
    ("USERNAME", "username"),
    ("PASSWORD", "password"),
    ("DATABASE", "database"),
    ("ENGINE", "engine"),
];

/// Reads `PREFIX_HOST`, `PREFIX_PORT`, `PREFIX_USERNAME`, `PREFIX_PASSWORD`,
/// `PREFIX_DATABASE` and `PREFIX_ENGINE`.
///
/// The source *has* a secret once the user name or the password is set;
/// otherwise it answers [`ErrorKind::NotFound`]. A variable that is set but
/// empty counts as unset, except for those two. Only [`Stage::Current`] exists.
///
/// The variables are copied when the source is made; later changes are not
/// seen. The process's own environment block keeps its copy, which nothing here
/// can overwrite: prefer Secrets Manager, or a file, in production.
#[derive(Debug)]
pub struct EnvSource {
    prefix: String,
    values: Vec<(&'static str, Option<SecretString>)>,
}

impl EnvSource {
    /// The prefix that [`EnvSource::default`] uses.
    pub const DEFAULT_PREFIX: &'static str = "DATABASE";

    /// Copies the variables with this prefix (without its underscore) from the
    /// environment of the process.
    pub fn from_env(prefix: impl Into<String>) -> Self {
        Self::from_lookup(prefix.into(), |name| std::env::var_os(name))
    }

    /// Copies the variables with this prefix from a list of names and values,
    /// in place of the process's environment. Of a repeated name the last counts.
    pub fn from_vars<N, V>(
        prefix: impl Into<String>,
        vars: impl IntoIterator<Item = (N, V)>,
    ) -> Self
    where
        N: AsRef<str>,
        V: Into<OsString>,
    {
        let vars: Vec<(N, OsString)> = vars.into_iter().map(|(n, v)| (n, v.into())).collect();
        Self::from_lookup(prefix.into(), |name| {
            let found = vars.iter().rev().find(|(n, _)| n.as_ref() == name);
            found.map(|(_, value)| value.clone())
        })
    }

    fn from_lookup(prefix: String, lookup: impl Fn(&str) -> Option<OsString>) -> Self {
        let mut values = Vec::new();
        for (ending, key) in VARIABLES {
            let Some(value) = lookup(&format!("{prefix}_{ending}")) else {
                continue;
            };
            if value.as_os_str() == OsStr::new("") && !matches!(key, "username" | "password") {
                continue;
            }
            let value = value.into_string().map_err(|other| {
                other.into_encoded_bytes().zeroize();
            });
            values.push((key, value.ok().map(|mut text| wrap(&mut text))));
        }
        Self { prefix, values }
    }
}

impl Default for EnvSource {
    /// Copies the variables whose names begin with `DATABASE_`.
    fn default() -> Self {
        Self::from_env(Self::DEFAULT_PREFIX)
    }
}

#[async_trait]
impl SecretSource for EnvSource {
    async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error> {
        let location = Location::Environment {
            prefix: self.prefix.clone(),
        };
        let has_login = self
            .values
            .iter()
            .any(|(key, _)| matches!(*key, "username" | "password"));
        if *stage != Stage::Current || !has_login {
            return Err(Error::fetch(ErrorKind::NotFound, location, id, stage));
        }
        let pairs = self
            .values
            .iter()
            .map(|(key, value)| (*key, value.as_ref().map(duplicate)))
            .collect();
        let origin = Origin::new(id.clone(), location, stage.clone());
        Ok(RawSecret::from_pairs(pairs, origin))
    }
}
