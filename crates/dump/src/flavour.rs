//! The two dialects of the format.

use serde::{Deserialize, Serialize};

/// Whose client the output equals, byte for byte.
///
/// The two clients differ in about twenty places (line breaks after `VALUES`, the
/// `_binary` introducer, version comments, the order of routines); the flavour follows the
/// server unless it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Flavour {
    /// Oracle's `mysqldump` (measured: 9.7.4).
    Mysql,
    /// MariaDB's `mariadb-dump` (measured: 10.11.19).
    Mariadb,
}

impl Flavour {
    /// The flavour of a server by its `@@version` (`10.11.19-MariaDB-…`) and `@@version_comment`.
    #[must_use]
    pub fn of_server(version: &str, version_comment: &str) -> Self {
        let names_mariadb = |text: &str| text.to_ascii_lowercase().contains("mariadb");
        if names_mariadb(version) || names_mariadb(version_comment) {
            Self::Mariadb
        } else {
            Self::Mysql
        }
    }

    pub(crate) fn is_mariadb(self) -> bool {
        self == Self::Mariadb
    }
}

impl std::str::FromStr for Flavour {
    type Err = crate::options::OptionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "mysql" => Ok(Self::Mysql),
            "mariadb" => Ok(Self::Mariadb),
            _ => Err(crate::options::OptionError::value(
                "flavour",
                text,
                "mysql or mariadb",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_tells_its_flavour() {
        assert_eq!(
            Flavour::of_server("10.11.19-MariaDB-0+deb12u1", "Debian 12"),
            Flavour::Mariadb
        );
        assert_eq!(
            Flavour::of_server("8.0.mysql_aurora.3.08.0", ""),
            Flavour::Mysql
        );
        assert_eq!(Flavour::of_server("9.7.4-2", "(Debian)"), Flavour::Mysql);
    }
}
