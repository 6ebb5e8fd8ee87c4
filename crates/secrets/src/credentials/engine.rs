//! Kinds of servers.

use std::{fmt, str::FromStr};

use crate::error::Error;

/// The kind of server, as RDS names them in a secret's `engine`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Engine {
    /// `mysql`. The default.
    #[default]
    MySql,
    /// `aurora-mysql`, and `aurora` as its first version was named.
    AuroraMySql,
    /// `mariadb`.
    MariaDb,
}

impl Engine {
    /// The port such servers listen on: 3306 for all of them.
    pub fn default_port(self) -> u16 {
        match self {
            Self::MySql | Self::AuroraMySql | Self::MariaDb => 3306,
        }
    }

    /// The name RDS uses.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MySql => "mysql",
            Self::AuroraMySql => "aurora-mysql",
            Self::MariaDb => "mariadb",
        }
    }
}

impl fmt::Display for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Engine {
    type Err = Error;

    /// Reads one of RDS's names, in any case of letters.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for other text, which is not repeated.
    fn from_str(text: &str) -> Result<Self, Error> {
        match text.to_ascii_lowercase().as_str() {
            "mysql" => Ok(Self::MySql),
            "aurora-mysql" | "aurora" => Ok(Self::AuroraMySql),
            "mariadb" => Ok(Self::MariaDb),
            _ => Err(Error::Config {
                setting: "engine",
                reason: "is none of mysql, aurora-mysql, aurora and mariadb",
            }),
        }
    }
}
